//! `k6/http`.

mod address;
mod batch;
mod body;
mod expected;
mod jar;
mod json;
mod record;
mod request;
mod response;
mod template;

use std::rc::Rc;

use rquickjs::function::{Func, Opt};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::{Class, Ctx, Function, IntoJs, Object, Persistent, Promise, Result, Value};

pub use expected::Expected;

use super::bytes::throw;
use super::{declare_all, export_all};
use crate::http::{Hop, HttpError, Outcome, Request};
use crate::vu::{Callback, ScriptError, Vu, user};
use request::{Prepared, prepare};
use response::{Response, Sent};

const NAMES: [&str; 16] = [
    "CookieJar",
    "asyncRequest",
    "batch",
    "cookieJar",
    "del",
    "expectedStatuses",
    "file",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
    "setResponseCallback",
    "url",
];

/// Those whose arguments are `(url, body, params)`, and their methods. `get` and `head` have no body.
const METHODS: [(&str, &str); 7] = [
    ("get", "GET"),
    ("head", "HEAD"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("del", "DELETE"),
    ("options", "OPTIONS"),
];

const CONSTANTS: [(&str, &str); 18] = [
    ("TLS_1_0", "tls1.0"),
    ("TLS_1_1", "tls1.1"),
    ("TLS_1_2", "tls1.2"),
    ("TLS_1_3", "tls1.3"),
    ("OCSP_STATUS_GOOD", "good"),
    ("OCSP_STATUS_REVOKED", "revoked"),
    ("OCSP_STATUS_SERVER_FAILED", "server_failed"),
    ("OCSP_STATUS_UNKNOWN", "unknown"),
    ("OCSP_REASON_UNSPECIFIED", "unspecified"),
    ("OCSP_REASON_KEY_COMPROMISE", "key_compromise"),
    ("OCSP_REASON_CA_COMPROMISE", "ca_compromise"),
    ("OCSP_REASON_AFFILIATION_CHANGED", "affiliation_changed"),
    ("OCSP_REASON_SUPERSEDED", "superseded"),
    ("OCSP_REASON_CESSATION_OF_OPERATION", "cessation_of_operation"),
    ("OCSP_REASON_CERTIFICATE_HOLD", "certificate_hold"),
    ("OCSP_REASON_REMOVE_FROM_CRL", "remove_from_crl"),
    ("OCSP_REASON_PRIVILEGE_WITHDRAWN", "privilege_withdrawn"),
    ("OCSP_REASON_AA_COMPROMISE", "aa_compromise"),
];

/// The module `k6/http`.
pub struct Http;

impl ModuleDef for Http {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        CONSTANTS
            .iter()
            .try_for_each(|(name, _)| module.declare(*name).map(drop))?;
        declare_all(module, &NAMES)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let members = Object::new(ctx.clone())?;
        for (name, method) in METHODS {
            members.set(name, verb(ctx, method)?.with_name(name)?)?;
        }
        members.set("request", Func::from(any))?;
        members.set("asyncRequest", Func::from(asynchronous))?;
        members.set("batch", Func::from(batch::batch))?;
        members.set("cookieJar", Func::from(jar::active))?;
        members.set("CookieJar", Class::<jar::CookieJar>::create_constructor(ctx)?)?;
        members.set("expectedStatuses", Func::from(expected::expected_statuses))?;
        members.set("setResponseCallback", Func::from(expected::set_response_callback))?;
        members.set("file", Func::from(body::file))?;
        members.set("url", Func::from(template::url))?;
        for (name, value) in CONSTANTS {
            members.set(name, value)?;
            exports.export(name, value)?;
        }
        response::make_assignable(ctx)?;
        export_all(exports, &members, &NAMES)
    }
}

fn verb<'js>(ctx: &Ctx<'js>, method: &'static str) -> Result<Function<'js>> {
    if matches!(method, "GET" | "HEAD") {
        return Function::new(
            ctx.clone(),
            move |ctx, url: Opt<Value<'js>>, params: Opt<Value<'js>>| call(&ctx, method, url, None, params.0),
        );
    }
    Function::new(
        ctx.clone(),
        move |ctx, url: Opt<Value<'js>>, body: Opt<Value<'js>>, params: Opt<Value<'js>>| {
            call(&ctx, method, url, body.0, params.0)
        },
    )
}

/// `http.request(method, url, body, params)`.
fn any<'js>(
    ctx: Ctx<'js>,
    method: String,
    url: Opt<Value<'js>>,
    body: Opt<Value<'js>>,
    params: Opt<Value<'js>>,
) -> Result<Value<'js>> {
    call(&ctx, &method, url, body.0, params.0)
}

fn call<'js>(
    ctx: &Ctx<'js>,
    method: &str,
    url: Opt<Value<'js>>,
    body: Option<Value<'js>>,
    params: Option<Value<'js>>,
) -> Result<Value<'js>> {
    let vu = user(ctx)?;
    let request = match prepare(ctx, method, &given(ctx, url), body, params) {
        Ok(request) => Rc::new(request),
        Err(error) => return unusable(ctx, &vu, error),
    };
    let outcome = vu.wait_in(ctx, send(Rc::clone(&vu), Rc::clone(&request)))?;
    finish(ctx, &vu, &request, outcome)
}

fn given<'js>(ctx: &Ctx<'js>, argument: Opt<Value<'js>>) -> Value<'js> {
    argument.0.unwrap_or_else(|| Value::new_undefined(ctx.clone()))
}

/// Arguments that make no request: in the init code and with `throw` an error, else a response that tells.
fn unusable<'js>(ctx: &Ctx<'js>, vu: &Vu, error: rquickjs::Error) -> Result<Value<'js>> {
    if vu.stage.get() == crate::vu::Stage::Init || vu.test.options().throw.unwrap_or(false) {
        return Err(error);
    }
    let reason = reason_of(ctx, error);
    vu.test
        .trouble(crate::run::Level::Warning, format!("request failed: {reason}"));
    finished(ctx, not_sent(reason), Sent::nothing())
}

/// What a thrown error says.
fn reason_of(ctx: &Ctx<'_>, error: rquickjs::Error) -> String {
    let reason = ScriptError::caught(ctx, error).message;
    reason.strip_prefix("GoError: ").unwrap_or(&reason).to_owned()
}

/// The outcome of a request that was not made.
fn not_sent(reason: String) -> Outcome {
    let code = if reason.starts_with("invalid URL") {
        1020
    } else {
        0
    };
    Outcome {
        error: (!reason.is_empty()).then(|| HttpError {
            code,
            detail: reason.clone(),
            message: reason,
        }),
        ..Outcome::default()
    }
}

async fn send(vu: Rc<Vu>, prepared: Rc<Prepared>) -> Outcome {
    if let Some(error) = &prepared.refused {
        return refused(&prepared.request, error);
    }
    match vu.client() {
        // Boxed, because it is several KiB: those would be copied each time that this future is handed on, and over the user's own
        // stack, which is seldom in the processor's cache.
        Some(client) => Box::pin(client.send(prepared.request.clone(), &prepared.jar)).await,
        None => not_sent("requests are not possible in the init context".to_owned()),
    }
}

fn refused(request: &Request, error: &HttpError) -> Outcome {
    let hop = Hop {
        url: request.shown_url(),
        method: request.method.clone(),
        error: Some(error.clone()),
        ..Hop::default()
    };
    Outcome {
        hops: vec![hop],
        error: Some(error.clone()),
        ..Outcome::default()
    }
}

/// Records the outcome, and makes it a response, or an error where the request is to throw.
fn finish<'js>(ctx: &Ctx<'js>, vu: &Vu, prepared: &Prepared, outcome: Outcome) -> Result<Value<'js>> {
    record::record(vu, prepared, &outcome);
    if let (true, Some(error)) = (prepared.throw, &outcome.error) {
        return Err(throw(ctx, &error.detail));
    }
    finished(ctx, outcome, sent(&prepared.request))
}

/// What the console shows of a response: its members are not its own properties.
///
/// # Errors
/// What reading a member threw.
pub fn response_members<'js>(object: &Object<'js>) -> Result<Option<Vec<(String, Value<'js>)>>> {
    match Class::<Response>::from_object(object) {
        Some(response) => response::members(&response).map(Some),
        None => Ok(None),
    }
}

fn sent(request: &Request) -> Sent {
    Sent {
        method: request.method.clone(),
        url: request.full_url(),
        body: request.body.clone(),
        response: request.response,
    }
}

fn finished<'js>(ctx: &Ctx<'js>, outcome: Outcome, request: Sent) -> Result<Value<'js>> {
    Class::instance(ctx.clone(), Response::new(outcome, request))?.into_js(ctx)
}

/// `http.asyncRequest(method, url, body, params)`: a promise of a response.
fn asynchronous<'js>(
    ctx: Ctx<'js>,
    method: String,
    url: Opt<Value<'js>>,
    body: Opt<Value<'js>>,
    params: Opt<Value<'js>>,
) -> Result<Promise<'js>> {
    let vu = user(&ctx)?;
    let (promise, resolve, reject) = ctx.promise()?;
    let request = match prepare(&ctx, &method, &given(&ctx, url), body.0, params.0) {
        Ok(request) => Rc::new(request),
        Err(error) => {
            match unusable(&ctx, &vu, error) {
                Ok(response) => resolve.call::<_, ()>((response,))?,
                Err(_) => reject.call::<_, ()>((ctx.catch(),))?,
            }
            return Ok(promise);
        }
    };
    let resolve = Persistent::save(&ctx, resolve);
    let reject = Persistent::save(&ctx, reject);
    let caller = Rc::clone(&vu);
    vu.event_loop.add(async move {
        let outcome = send(Rc::clone(&caller), Rc::clone(&request)).await;
        let callback: Callback = Box::new(move |ctx| {
            let (resolve, reject) = (resolve.restore(ctx)?, reject.restore(ctx)?);
            match finish(ctx, &caller, &request, outcome) {
                Ok(response) => resolve.call((response,)),
                Err(_) => reject.call((ctx.catch(),)),
            }
        });
        Some(callback)
    });
    Ok(promise)
}

//! From the arguments of `http.request` and its like to a request.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use rquickjs::{Class, Ctx, Object, Result, Value};

use super::address::{self, Unusable};
use super::expected::{Expected, callback};
use super::jar::CookieJar;
use super::{body, template};
use crate::http::{Auth, Compression, HttpError, Jar, Request, ResponseType};
use crate::js::bytes::throw;
use crate::js::{convert, outside_init};
use crate::options::duration;
use crate::vu::{Vu, user};

/// How long a request may take where the script does not say, as in k6.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How many redirects are followed where the script does not say, as in k6.
const REDIRECTS: u32 = 10;

/// A request, and what its samples need.
pub struct Prepared {
    /// What is sent.
    pub request: Request,
    /// The cookies in use.
    pub jar: Rc<Jar>,
    /// The user's tags, and the name of the address if it has one.
    pub tags: Vec<(String, String)>,
    /// Which statuses are expected; none if the question is off.
    pub expected: Option<Rc<Expected>>,
    /// Whether a failure throws.
    pub throw: bool,
    /// Why it cannot be sent; it counts as a request all the same, as in k6.
    pub refused: Option<HttpError>,
}

/// Reads the arguments.
///
/// # Errors
/// Throws what is wrong with them.
pub fn prepare<'js>(
    ctx: &Ctx<'js>,
    method: &str,
    url: &Value<'js>,
    content: Option<Value<'js>>,
    params: Option<Value<'js>>,
) -> Result<Prepared> {
    let vu = user(ctx)?;
    outside_init(ctx, &vu, "making requests")?;
    let mut prepared = plain(ctx, &vu, method, url)?;
    if let Some(content) = content.filter(|content| !content.is_null() && !content.is_undefined()) {
        let (bytes, kind) = body::encode(ctx, &vu, content)?;
        prepared.request.body = bytes;
        if let Some(kind) = kind {
            prepared.request.headers.push(("Content-Type".to_owned(), kind));
        }
    }
    if let Some(params) = params.and_then(Value::into_object) {
        apply(ctx, &mut prepared, &params)?;
    }
    Ok(prepared)
}

fn plain<'js>(ctx: &Ctx<'js>, vu: &Vu, method: &str, url: &Value<'js>) -> Result<Prepared> {
    let (text, name) = template::address(ctx, url)?;
    let (parsed, refused) = match address::read(&text) {
        Ok(url) => (url, None),
        Err(Unusable::Refused { stand_in, error }) => (*stand_in, Some(error.about(method, &text))),
        Err(Unusable::Invalid(reason)) => {
            return Err(throw(ctx, &format!("invalid URL: parse \"{text}\": {reason}")));
        }
    };
    let options = vu.test.options();
    let discard = options.discard_response_bodies.unwrap_or(false);
    let mut tags = Vec::new();
    if let Some(name) = name {
        tags.push(("name".to_owned(), name));
    }
    Ok(Prepared {
        request: Request {
            method: method.to_owned(),
            written: address::written(&text, &parsed, refused.is_some()),
            url: parsed,
            headers: Vec::new(),
            body: Bytes::new(),
            timeout: TIMEOUT,
            redirects: options
                .max_redirects
                .map_or(REDIRECTS, |most| most.try_into().unwrap_or(u32::MAX)),
            auth: None,
            compression: Vec::new(),
            response: if discard {
                ResponseType::None
            } else {
                ResponseType::Text
            },
            host: None,
            cookies: Vec::new(),
        },
        jar: Rc::clone(&vu.jar.borrow()),
        tags,
        expected: vu.expected.borrow().clone(),
        throw: options.throw.unwrap_or(false),
        refused,
    })
}

fn apply<'js>(ctx: &Ctx<'js>, prepared: &mut Prepared, params: &Object<'js>) -> Result<()> {
    for entry in params.props::<String, Value<'js>>() {
        let (name, value) = entry?;
        if value.is_undefined() || (value.is_null() && name != "responseCallback") {
            continue;
        }
        set(ctx, prepared, &name, value)?;
    }
    Ok(())
}

fn set<'js>(ctx: &Ctx<'js>, prepared: &mut Prepared, name: &str, value: Value<'js>) -> Result<()> {
    let request = &mut prepared.request;
    match name {
        "auth" => request.auth = auth(&convert::text(ctx, value)?),
        "compression" => request.compression = compression(ctx, &convert::text(ctx, value)?)?,
        "cookies" => request.cookies = cookies(ctx, &value)?,
        "headers" => headers(ctx, request, &value)?,
        "jar" => {
            if let Ok(jar) = Class::<CookieJar>::from_value(&value) {
                prepared.jar = Rc::clone(&jar.borrow().jar);
            }
        }
        "redirects" => request.redirects = value.as_number().unwrap_or(0.0).max(0.0) as u32,
        "responseCallback" => prepared.expected = callback(ctx, &value)?,
        "responseType" => request.response = response_type(ctx, &convert::text(ctx, value)?)?,
        "tags" => {
            let given = convert::tags(ctx, &value)?;
            prepared
                .tags
                .retain(|(known, _)| given.iter().all(|(name, _)| name != known));
            prepared.tags.extend(given);
        }
        "throw" => prepared.throw = value.as_bool().unwrap_or(false),
        "timeout" => request.timeout = timeout(ctx, &value)?,
        _ => {}
    }
    Ok(())
}

fn headers<'js>(ctx: &Ctx<'js>, request: &mut Request, value: &Value<'js>) -> Result<()> {
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    for entry in object.props::<String, Value<'js>>() {
        let (name, value) = entry?;
        let text = convert::text(ctx, value)?;
        request
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        request.headers.push((name, text));
    }
    Ok(())
}

fn cookies<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Vec<(String, String, bool)>> {
    let Some(object) = value.as_object() else {
        return Ok(Vec::new());
    };
    let mut cookies = Vec::new();
    for entry in object.props::<String, Value<'js>>() {
        let (name, value) = entry?;
        if value.is_null() || value.is_undefined() {
            continue;
        }
        match value.as_object() {
            Some(cookie) => {
                let text: Value<'js> = cookie.get("value")?;
                let replace: Option<bool> = cookie.get("replace")?;
                let text = if text.is_undefined() {
                    String::new()
                } else {
                    convert::text(ctx, text)?
                };
                cookies.push((name, text, replace.unwrap_or(false)));
            }
            None => cookies.push((name, convert::text(ctx, value)?, false)),
        }
    }
    Ok(cookies)
}

/// A name that k6 does not know is no authentication.
fn auth(kind: &str) -> Option<Auth> {
    match kind {
        "basic" => Some(Auth::Basic),
        "digest" => Some(Auth::Digest),
        "ntlm" => Some(Auth::Ntlm),
        _ => None,
    }
}

fn compression(ctx: &Ctx<'_>, names: &str) -> Result<Vec<Compression>> {
    names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            Compression::by_name(name).ok_or_else(|| {
                throw(
                    ctx,
                    &format!("unknown compression algorithm {name}; there are gzip, deflate, br and zstd"),
                )
            })
        })
        .collect()
}

fn response_type(ctx: &Ctx<'_>, name: &str) -> Result<ResponseType> {
    match name {
        "text" => Ok(ResponseType::Text),
        "binary" => Ok(ResponseType::Binary),
        "none" => Ok(ResponseType::None),
        other => Err(throw(
            ctx,
            &format!("the response type {other} does not exist; there are text, binary and none"),
        )),
    }
}

fn timeout<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Duration> {
    let parsed = match value.as_number() {
        // It has run out before it began, as in k6.
        Some(millis) if millis < 0.0 => Ok(Duration::ZERO),
        Some(millis) => duration::from_millis(millis),
        None => duration::parse(&convert::text(ctx, value.clone())?),
    };
    parsed.map_err(|error| throw(ctx, &format!("invalid timeout value: {error}")))
}

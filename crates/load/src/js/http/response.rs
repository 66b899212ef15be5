//! The response that a script sees. Its members are made when they are asked for: most scripts look at one or two.

use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::function::Opt;
use rquickjs::{Array, ArrayBuffer, Class, Ctx, Function, IntoJs, JsLifetime, Object, Result, Value};

use super::jar;
use super::record::millis;
use crate::http::{Outcome, ResponseType};
use crate::js::bytes::throw;
use crate::js::convert;

/// Members that `JSON.stringify` shows, in k6's order.
const SHOWN: [&str; 16] = [
    "remote_ip",
    "remote_port",
    "url",
    "status",
    "status_text",
    "proto",
    "headers",
    "cookies",
    "body",
    "timings",
    "tls_version",
    "tls_cipher_suite",
    "ocsp",
    "error",
    "error_code",
    "request",
];

/// See the module.
#[derive(Trace, JsLifetime)]
#[rquickjs::class(rename = "Response")]
pub struct Response {
    #[qjs(skip_trace)]
    outcome: Rc<Outcome>,
    #[qjs(skip_trace)]
    request: Rc<Sent>,
}

/// What is kept of the request.
#[derive(Debug)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub body: bytes::Bytes,
    pub response: ResponseType,
}

impl Sent {
    /// Where there was no request.
    pub fn nothing() -> Self {
        Self {
            method: String::new(),
            url: String::new(),
            body: bytes::Bytes::new(),
            response: ResponseType::Text,
        }
    }
}

impl Response {
    /// The response to a request, or the description of its failure.
    pub fn new(outcome: Outcome, request: Sent) -> Self {
        Self {
            outcome: Rc::new(outcome),
            request: Rc::new(request),
        }
    }

    fn bytes(&self) -> &[u8] {
        self.outcome
            .response
            .as_ref()
            .map_or(&[], |response| &response.body)
    }

    fn last(&self) -> Option<&crate::http::Hop> {
        self.outcome.hops.last()
    }
}

#[rquickjs::methods]
impl Response {
    #[qjs(get, enumerable, configurable)]
    fn status(&self) -> u16 {
        self.outcome
            .response
            .as_ref()
            .map_or(0, |response| response.status)
    }

    #[qjs(get, enumerable, configurable, rename = "status_text")]
    fn status_text(&self) -> String {
        self.outcome
            .response
            .as_ref()
            .map(|response| response.status_text.clone())
            .unwrap_or_default()
    }

    #[qjs(get, enumerable, configurable)]
    fn url(&self) -> String {
        self.outcome
            .response
            .as_ref()
            .map_or_else(|| self.request.url.clone(), |response| response.url.clone())
    }

    #[qjs(get, enumerable, configurable)]
    fn proto(&self) -> &'static str {
        self.outcome
            .response
            .as_ref()
            .map_or("", |response| response.protocol)
    }

    #[qjs(get, enumerable, configurable, rename = "remote_ip")]
    fn remote_ip(&self) -> String {
        self.last()
            .and_then(|hop| hop.remote)
            .map(|remote| remote.ip().to_string())
            .unwrap_or_default()
    }

    #[qjs(get, enumerable, configurable, rename = "remote_port")]
    fn remote_port(&self) -> u16 {
        self.last()
            .and_then(|hop| hop.remote)
            .map(|remote| remote.port())
            .unwrap_or(0)
    }

    #[qjs(get, enumerable, configurable)]
    fn error(&self) -> String {
        self.outcome
            .error
            .as_ref()
            .map(|error| error.message.clone())
            .unwrap_or_default()
    }

    #[qjs(get, enumerable, configurable, rename = "error_code")]
    fn error_code(&self) -> u32 {
        self.outcome.error_code()
    }

    #[qjs(get, enumerable, configurable, rename = "tls_version")]
    fn tls_version(&self) -> &'static str {
        self.last().and_then(|hop| hop.tls_version).unwrap_or("")
    }

    #[qjs(get, enumerable, configurable, rename = "tls_cipher_suite")]
    fn tls_cipher_suite(&self) -> &'static str {
        let tls = self
            .outcome
            .response
            .as_ref()
            .and_then(|response| response.tls.as_ref());
        tls.map_or("", |tls| tls.cipher_suite)
    }

    #[qjs(get, enumerable, configurable)]
    fn ocsp<'js>(&self, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx)?;
        for time in ["produced_at", "this_update", "next_update", "revoked_at"] {
            object.set(time, 0)?;
        }
        object.set("revocation_reason", "")?;
        object.set("status", "")?;
        Ok(object)
    }

    #[qjs(get, enumerable, configurable)]
    fn headers<'js>(&self, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let headers = Object::new(ctx)?;
        for (name, value) in self
            .outcome
            .response
            .iter()
            .flat_map(|response| &response.headers)
        {
            headers.set(name.as_str(), value.as_str())?;
        }
        Ok(headers)
    }

    #[qjs(get, enumerable, configurable)]
    fn cookies<'js>(&self, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let cookies = Object::new(ctx.clone())?;
        for cookie in self
            .outcome
            .response
            .iter()
            .flat_map(|response| &response.cookies)
        {
            jar::append(&cookies, &cookie.name, jar::described(&ctx, cookie)?)?;
        }
        Ok(cookies)
    }

    #[qjs(get, enumerable, configurable)]
    fn timings<'js>(&self, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx)?;
        let timings = self.last().map(|hop| hop.timings).unwrap_or_default();
        object.set("duration", millis(timings.duration()))?;
        object.set("blocked", millis(timings.blocked))?;
        object.set("looking_up", 0)?;
        object.set("connecting", millis(timings.connecting))?;
        object.set("tls_handshaking", millis(timings.tls_handshaking))?;
        object.set("sending", millis(timings.sending))?;
        object.set("waiting", millis(timings.waiting))?;
        object.set("receiving", millis(timings.receiving))?;
        Ok(object)
    }

    #[qjs(get, enumerable, configurable)]
    fn body<'js>(&self, ctx: Ctx<'js>) -> Result<Value<'js>> {
        let without = matches!(self.status(), 204 | 304) || self.request.response == ResponseType::None;
        if self.outcome.response.is_none() || without {
            return Ok(Value::new_null(ctx));
        }
        if self.request.response == ResponseType::Binary {
            return ArrayBuffer::new(ctx.clone(), self.bytes().to_vec())?.into_js(&ctx);
        }
        String::from_utf8_lossy(self.bytes()).into_js(&ctx)
    }

    #[qjs(get, enumerable, configurable)]
    fn request<'js>(&self, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        object.set("method", self.request.method.as_str())?;
        object.set("url", self.request.url.as_str())?;
        object.set("body", String::from_utf8_lossy(&self.request.body).into_owned())?;
        let headers = Object::new(ctx.clone())?;
        for (name, value) in self
            .outcome
            .response
            .iter()
            .flat_map(|response| &response.request_headers)
        {
            let list = Array::new(ctx.clone())?;
            list.set(0, value.as_str())?;
            headers.set(name.as_str(), list)?;
        }
        object.set("headers", headers)?;
        object.set("cookies", self.request_cookies(&ctx)?)?;
        Ok(object)
    }

    /// The body as JSON; with a selector in gjson's syntax, a part of it.
    fn json<'js>(&self, ctx: Ctx<'js>, selector: Opt<Value<'js>>) -> Result<Value<'js>> {
        if self.outcome.response.is_none() || self.request.response == ResponseType::None {
            return Err(throw(
                &ctx,
                "the body is null so we can't transform it to JSON - this likely was because of a request error getting the response",
            ));
        }
        let text = String::from_utf8_lossy(self.bytes());
        if let Some(selector) = selector
            .0
            .filter(|selector| !selector.is_undefined() && !selector.is_null())
        {
            return super::json::part(&ctx, &text, &convert::text(&ctx, selector)?);
        }
        super::json::whole(&ctx, &text)
    }

    fn html(&self, ctx: Ctx<'_>) -> Result<()> {
        Err(throw(
            &ctx,
            "response.html() is not supported; use the body as a text",
        ))
    }

    #[qjs(rename = "submitForm")]
    fn submit_form(&self, ctx: Ctx<'_>) -> Result<()> {
        Err(throw(
            &ctx,
            "response.submitForm() is not supported; send the form with http.post()",
        ))
    }

    #[qjs(rename = "clickLink")]
    fn click_link(&self, ctx: Ctx<'_>) -> Result<()> {
        Err(throw(
            &ctx,
            "response.clickLink() is not supported; request the link's address with http.get()",
        ))
    }

    #[qjs(rename = "toJSON")]
    fn to_json<'js>(this: rquickjs::prelude::This<Class<'js, Self>>, ctx: Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx)?;
        for (name, value) in members(&this.0)? {
            object.set(name, value)?;
        }
        Ok(object)
    }
}

/// Lets scripts put something else in a member's place, as k6 does: `response.body = JSON.parse(response.body)`.
///
/// # Errors
/// There is not enough memory.
pub fn make_assignable(ctx: &Ctx<'_>) -> Result<()> {
    let shadow: Function<'_> = ctx.eval(
        "(prototype, names) => names.forEach((name) => {
            const { get } = Object.getOwnPropertyDescriptor(prototype, name);
            const set = function (value) {
                Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
            };
            Object.defineProperty(prototype, name, { get, set, enumerable: true, configurable: true });
        })",
    )?;
    match Class::<Response>::prototype(ctx)? {
        Some(prototype) => shadow.call((prototype, SHOWN.to_vec())),
        None => Ok(()),
    }
}

/// The members, read.
///
/// # Errors
/// What reading one threw.
pub fn members<'js>(response: &Class<'js, Response>) -> Result<Vec<(String, Value<'js>)>> {
    SHOWN
        .iter()
        .map(|name| Ok(((*name).to_owned(), response.get(*name)?)))
        .collect()
}

impl Response {
    fn request_cookies<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let cookies = Object::new(ctx.clone())?;
        for (name, value) in self
            .outcome
            .response
            .iter()
            .flat_map(|response| &response.request_cookies)
        {
            let cookie = Object::new(ctx.clone())?;
            cookie.set("name", name.as_str())?;
            cookie.set("value", value.as_str())?;
            cookie.set("replace", false)?;
            jar::append(&cookies, name, cookie)?;
        }
        Ok(cookies)
    }
}

//! `http.cookieJar` and `new http.CookieJar()`.

use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::function::Opt;
use rquickjs::{Array, Class, Ctx, IntoJs, JsLifetime, Object, Result, Value};
use url::Url;

use crate::http::{Cookie, CookieAttributes, Jar};
use crate::js::bytes::throw;
use crate::js::{convert, outside_init};
use crate::vu::user;

/// The cookies that a script can look at and set.
#[derive(Trace, JsLifetime)]
#[rquickjs::class(rename = "CookieJar")]
pub struct CookieJar {
    #[qjs(skip_trace)]
    pub jar: Rc<Jar>,
}

/// `http.cookieJar()`: the jar of this user and iteration.
pub fn active(ctx: Ctx<'_>) -> Result<Class<'_, CookieJar>> {
    let vu = user(&ctx)?;
    outside_init(&ctx, &vu, "making cookie jars")?;
    let jar = Rc::clone(&vu.jar.borrow());
    Class::instance(ctx, CookieJar { jar })
}

#[rquickjs::methods]
impl CookieJar {
    /// An empty jar.
    #[qjs(constructor)]
    pub fn new(ctx: Ctx<'_>) -> Result<Self> {
        outside_init(&ctx, &*user(&ctx)?, "making cookie jars")?;
        Ok(Self {
            jar: Rc::new(Jar::new()),
        })
    }

    #[qjs(rename = "cookiesForURL")]
    fn cookies_for<'js>(&self, ctx: Ctx<'js>, url: Value<'js>) -> Result<Object<'js>> {
        let url = address(&ctx, url)?;
        let cookies = Object::new(ctx.clone())?;
        for (name, value) in self.jar.cookies_for(&url) {
            append(&cookies, &name, value)?;
        }
        Ok(cookies)
    }

    fn set<'js>(
        &self,
        ctx: Ctx<'js>,
        url: Value<'js>,
        name: Value<'js>,
        value: Value<'js>,
        options: Opt<Value<'js>>,
    ) -> Result<bool> {
        let url = address(&ctx, url)?;
        let (name, value) = (convert::text(&ctx, name)?, convert::text(&ctx, value)?);
        let attributes = attributes(&ctx, options.0)?;
        self.jar
            .set(&url, &name, &value, &attributes)
            .map_err(|error| throw(&ctx, &error.to_string()))?;
        Ok(true)
    }

    fn clear<'js>(&self, ctx: Ctx<'js>, url: Value<'js>) -> Result<()> {
        self.jar.clear(&address(&ctx, url)?);
        Ok(())
    }

    fn delete<'js>(&self, ctx: Ctx<'js>, url: Value<'js>, name: Value<'js>) -> Result<()> {
        let name = convert::text(&ctx, name)?;
        let url = address(&ctx, url)?;
        self.jar
            .delete(&url, &name)
            .map_err(|error| throw(&ctx, &error.to_string()))
    }
}

fn address<'js>(ctx: &Ctx<'js>, url: Value<'js>) -> Result<Url> {
    let text = convert::text(ctx, url)?;
    Url::parse(&text).map_err(|error| throw(ctx, &format!("invalid URL \"{text}\": {error}")))
}

fn attributes<'js>(ctx: &Ctx<'js>, options: Option<Value<'js>>) -> Result<CookieAttributes> {
    let mut attributes = CookieAttributes::default();
    let Some(options) = options.and_then(Value::into_object) else {
        return Ok(attributes);
    };
    for entry in options.props::<String, Value<'js>>() {
        let (name, value) = entry?;
        match name.to_ascii_lowercase().as_str() {
            "path" => attributes.path = convert::text(ctx, value)?,
            "domain" => attributes.domain = convert::text(ctx, value)?,
            "expires" => attributes.expires = convert::text(ctx, value)?,
            "max_age" => attributes.max_age = value.as_number().unwrap_or(0.0) as i64,
            "secure" => attributes.secure = value.as_bool().unwrap_or(false),
            "http_only" => attributes.http_only = value.as_bool().unwrap_or(false),
            _ => {}
        }
    }
    Ok(attributes)
}

/// Adds a value to the list that an object has under a name: of one name there may be several cookies.
///
/// # Errors
/// There is not enough memory.
pub fn append<'js>(object: &Object<'js>, name: &str, value: impl IntoJs<'js>) -> Result<()> {
    let list = match object.get::<_, Option<Array<'js>>>(name)? {
        Some(list) => list,
        None => {
            let list = Array::new(object.ctx().clone())?;
            object.set(name, list.clone())?;
            list
        }
    };
    list.set(list.len(), value)
}

/// A cookie of a response.
pub fn described<'js>(ctx: &Ctx<'js>, cookie: &Cookie) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("name", cookie.name.as_str())?;
    object.set("value", cookie.value.as_str())?;
    object.set("domain", cookie.domain.as_str())?;
    object.set("path", cookie.path.as_str())?;
    object.set("http_only", cookie.http_only)?;
    object.set("secure", cookie.secure)?;
    object.set("max_age", cookie.max_age)?;
    object.set("expires", cookie.expires)?;
    Ok(object)
}

//! ``http.url`…${id}…` ``: an address whose requests share one name in the metrics.

use rquickjs::function::Rest;
use rquickjs::{Array, Ctx, Object, Result, Value};

use crate::js::bytes::throw;
use crate::js::convert;

/// The tag function: an object with the `url`, and as its `name` the same with `${}` where values were put in.
pub fn url<'js>(ctx: Ctx<'js>, parts: Value<'js>, values: Rest<Value<'js>>) -> Result<Object<'js>> {
    let parts: Vec<String> = match parts.as_array() {
        Some(parts) => Array::iter::<String>(parts).collect::<Result<_>>()?,
        // called as a function
        None => vec![convert::text(&ctx, parts)?],
    };
    let name = parts.join("${}");
    let mut url = parts.first().cloned().unwrap_or_default();
    for (value, part) in values.0.into_iter().zip(parts.iter().skip(1)) {
        url.push_str(&convert::text(&ctx, value)?);
        url.push_str(part);
    }
    let template = Object::new(ctx)?;
    template.set("name", name)?;
    template.set("url", url.as_str())?;
    template.set("clean_url", url)?;
    Ok(template)
}

/// Whether a value is what [`url`] returned.
pub fn is_template(value: &Value<'_>) -> bool {
    named(value).is_some()
}

fn named(value: &Value<'_>) -> Option<(String, String)> {
    let object = value.as_object()?;
    object.contains_key("clean_url").ok().filter(|has| *has)?;
    Some((object.get("url").ok()?, object.get("name").ok()?))
}

/// The text of an address, and its name if it has one.
///
/// # Errors
/// Throws for what is no address.
pub fn address<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(String, Option<String>)> {
    if let Some(text) = value.as_string() {
        return Ok((text.to_string()?, None));
    }
    if let Some((url, name)) = named(value) {
        return Ok((url, Some(name)));
    }
    Err(throw(
        ctx,
        &format!(
            "invalid URL: it has to be a text or what http.url`…` returns, not {}",
            value.type_name()
        ),
    ))
}

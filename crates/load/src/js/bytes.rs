//! Bytes, texts and errors, between JavaScript and Rust.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rquickjs::prelude::{Coerced, This};
use rquickjs::{
    ArrayBuffer, Ctx, Error, Exception, FromJs, Function, Object, Result, String as JsString, TypedArray,
    Value,
};

/// Throws an Error with this message. Its `name` is `GoError`, as that of the errors of k6's own modules, which
/// scripts and log lines show.
pub fn throw(ctx: &Ctx<'_>, message: &str) -> Error {
    let named = Exception::from_message(ctx.clone(), message)
        .and_then(|error| error.as_object().set("name", "GoError").map(|()| error));
    match named {
        Ok(error) => error.throw(),
        Err(error) => error,
    }
}

/// The text of an argument, coerced as `String(value)` does; a missing argument, `undefined` and `null` are empty,
/// and a lone surrogate becomes U+FFFD, as in k6.
pub fn text_of<'js>(ctx: &Ctx<'js>, value: Option<Value<'js>>) -> Result<String> {
    let Some(value) = value.filter(|value| !value.is_undefined() && !value.is_null()) else {
        return Ok(String::new());
    };
    well_formed(ctx, Coerced::<JsString>::from_js(ctx, value)?.0)
}

fn well_formed<'js>(ctx: &Ctx<'js>, text: JsString<'js>) -> Result<String> {
    match text.to_string() {
        Err(Error::Utf8(_)) => {
            let prototype: Object = ctx.globals().get::<_, Object>("String")?.get("prototype")?;
            let repair: Function = prototype.get("toWellFormed")?;
            repair.call((This(text),))
        }
        other => other,
    }
}

/// The bytes of a string (as UTF-8), an ArrayBuffer, a Uint8Array or a Uint8ClampedArray.
///
/// # Errors
///
/// Throws for every other value: k6 takes no numbers, arrays, objects or wider typed arrays here.
pub fn bytes_of<'js>(ctx: &Ctx<'js>, value: Option<&Value<'js>>) -> Result<Vec<u8>> {
    let Some(value) = value else {
        return Err(throw(ctx, &wrong_type("undefined")));
    };
    if let Some(text) = value.as_string() {
        return well_formed(ctx, text.clone()).map(String::into_bytes);
    }
    match value.as_object() {
        Some(object) => match view_of(ctx, object)? {
            Some(view) => read(ctx, view),
            None => Err(throw(ctx, &wrong_type(value.type_name()))),
        },
        None => Err(throw(ctx, &wrong_type(value.type_name()))),
    }
}

fn wrong_type(found: &str) -> String {
    format!("invalid type {found}: pass a string, an ArrayBuffer or a Uint8Array")
}

/// The bytes of a binary object, or nothing when the object is none.
///
/// # Errors
///
/// Throws when the buffer was detached.
pub fn binary_of<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<Option<Vec<u8>>> {
    match view_of(ctx, object)? {
        Some(view) => read(ctx, view).map(Some),
        None => Ok(None),
    }
}

fn view_of<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<Option<TypedArray<'js, u8>>> {
    if let Some(view) = object.as_typed_array::<u8>() {
        return Ok(Some(view.clone()));
    }
    // `as_array_buffer` of another object would leave an exception behind
    if object.is_instance_of(ctx.globals().get::<_, Value>("ArrayBuffer")?) {
        return TypedArray::from_arraybuffer(ArrayBuffer::from_js(ctx, object.clone().into_value())?)
            .map(Some);
    }
    if !object.is_instance_of(ctx.globals().get::<_, Value>("Uint8ClampedArray")?) {
        return Ok(None);
    }
    let parts: (Value, Value, Value) = (
        object.get("buffer")?,
        object.get("byteOffset")?,
        object.get("length")?,
    );
    let class: rquickjs::function::Constructor = ctx.globals().get("Uint8Array")?;
    class.construct(parts).map(Some)
}

/// The engine gives no safe view of a buffer's memory, and its own base64 costs less than a call per byte.
fn read<'js>(ctx: &Ctx<'js>, view: TypedArray<'js, u8>) -> Result<Vec<u8>> {
    let encode: Function = view.as_object().get("toBase64")?;
    let text: String = encode.call((This(view),))?;
    STANDARD
        .decode(text)
        .map_err(|error| throw(ctx, &format!("cannot read the bytes of a typed array: {error}")))
}

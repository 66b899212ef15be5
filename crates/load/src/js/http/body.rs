//! What is sent: texts, bytes, forms, files.

use bytes::Bytes;
use rquickjs::class::Trace;
use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Class, Ctx, JsLifetime, Result, Value};

use crate::js::bytes::{binary_of, bytes_of, text_of, throw};
use crate::js::convert;
use crate::run::Level;
use crate::vu::Vu;

/// What `http.file` returns.
#[derive(Trace, JsLifetime)]
#[rquickjs::class(rename = "FileData")]
pub struct FileData {
    #[qjs(skip_trace)]
    data: Bytes,
    /// The name that it is sent with.
    #[qjs(get, set, enumerable, rename = "filename")]
    filename: String,
    /// The content type that it is sent with.
    #[qjs(get, set, enumerable, rename = "content_type")]
    content_type: String,
}

#[rquickjs::methods]
impl FileData {
    #[qjs(get, enumerable)]
    fn data<'js>(&self, ctx: Ctx<'js>) -> Result<ArrayBuffer<'js>> {
        ArrayBuffer::new(ctx, self.data.to_vec())
    }
}

/// `http.file(data, filename, contentType)`.
pub fn file<'js>(
    ctx: Ctx<'js>,
    data: Value<'js>,
    filename: Opt<Value<'js>>,
    content_type: Opt<Value<'js>>,
) -> Result<Class<'js, FileData>> {
    let data = bytes_of(&ctx, Some(&data))?.into();
    let mut filename = text_of(&ctx, filename.0)?;
    if filename.is_empty() {
        filename = chrono::Utc::now()
            .timestamp_nanos_opt()
            .unwrap_or_default()
            .to_string();
    }
    let mut content_type = text_of(&ctx, content_type.0)?;
    if content_type.is_empty() {
        content_type.push_str("application/octet-stream");
    }
    Class::instance(
        ctx,
        FileData {
            data,
            filename,
            content_type,
        },
    )
}

/// The bytes of a body, and its content type where it has one of its own.
///
/// # Errors
/// Throws for what cannot be sent.
pub fn encode<'js>(ctx: &Ctx<'js>, vu: &Vu, value: Value<'js>) -> Result<(Bytes, Option<String>)> {
    if let Some(text) = value.as_string() {
        return match text.to_string() {
            Ok(text) => Ok((text.into(), None)),
            Err(_) => Ok((bytes_of(ctx, Some(&value))?.into(), None)),
        };
    }
    let Some(object) = value
        .as_object()
        .filter(|_| !value.is_function() && !value.is_array())
    else {
        return Err(throw(
            ctx,
            &format!(
                "a body cannot be of type {}; send a text (JSON.stringify), an object for a form, or bytes",
                value.type_name()
            ),
        ));
    };
    if let Some(bytes) = binary_of(ctx, object)? {
        return Ok((bytes.into(), None));
    }
    let fields: Vec<(String, Value<'js>)> = object.props().collect::<Result<_>>()?;
    if fields
        .iter()
        .any(|(_, value)| Class::<FileData>::from_value(value).is_ok())
    {
        return multipart(ctx, vu, &fields);
    }
    form(ctx, vu, fields)
}

fn form<'js>(ctx: &Ctx<'js>, vu: &Vu, fields: Vec<(String, Value<'js>)>) -> Result<(Bytes, Option<String>)> {
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match value.as_array() {
            Some(items) => {
                for item in items.iter::<Value<'js>>() {
                    pairs.push((name.clone(), field(ctx, vu, item?)?));
                }
            }
            None => pairs.push((name, field(ctx, vu, value)?)),
        }
    }
    // In k6 a form's fields are in the order of their names.
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let text = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Ok((text.into(), Some("application/x-www-form-urlencoded".to_owned())))
}

fn field<'js>(ctx: &Ctx<'js>, vu: &Vu, value: Value<'js>) -> Result<String> {
    if value.is_null() || value.is_undefined() {
        return Ok(String::new());
    }
    if value.is_object() {
        vu.test.trouble(
            Level::Warning,
            "a nested value cannot be a field of a form and is sent empty; send structured data with JSON.stringify()".to_owned(),
        );
        return Ok(String::new());
    }
    convert::text(ctx, value)
}

fn multipart<'js>(
    ctx: &Ctx<'js>,
    vu: &Vu,
    fields: &[(String, Value<'js>)],
) -> Result<(Bytes, Option<String>)> {
    let boundary: String = std::iter::repeat_with(fastrand::alphanumeric).take(40).collect();
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        let name = quoted(name);
        if let Ok(file) = Class::<FileData>::from_value(value) {
            let file = file.borrow();
            let (filename, kind) = (
                quoted(&file.filename),
                file.content_type.replace(['\r', '\n'], " "),
            );
            body.extend_from_slice(
                format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\nContent-Type: {kind}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(&file.data);
        } else {
            body.extend_from_slice(
                format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(field(ctx, vu, value.clone())?.as_bytes());
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((
        body.into(),
        Some(format!("multipart/form-data; boundary={boundary}")),
    ))
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(['\r', '\n'], " ")
}

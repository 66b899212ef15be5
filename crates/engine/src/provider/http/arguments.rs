//! The `arguments` of a call: query parameters for GET; JSON, a form or plain text for the others.

use bytes::Bytes;

use super::fatal;
use crate::activity::ActivityError;
use crate::net::Request;
use crate::value::{Map, Value, json, python};

/// Puts the provider's `arguments` into the request.
///
/// # Errors
/// When they cannot be written in the form that the method and the content type ask for.
pub(super) fn apply(request: &mut Request, provider: &Map) -> Result<(), ActivityError> {
    let arguments = provider.get("arguments").unwrap_or(&Value::Null);
    let is_json = provider
        .get("headers")
        .and_then(|headers| headers.get("Content-Type"))
        .and_then(Value::as_str)
        == Some("application/json");
    match arguments {
        _ if request.method == "GET" => add_query(request, arguments),
        Value::Null => Ok(()),
        _ if is_json => {
            check_json(arguments)?;
            request.body = Some(json::compact(arguments).into());
            Ok(())
        }
        _ => set_body(request, arguments),
    }
}

fn add_query(request: &mut Request, arguments: &Value) -> Result<(), ActivityError> {
    let added = match arguments {
        empty if !python::truthy(empty) => return Ok(()),
        Value::Text(text) => text.clone(),
        other => form(other)?,
    };
    if added.is_empty() {
        return Ok(());
    }
    let query = match request.url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{added}"),
        _ => added,
    };
    request.url.set_query(Some(&query));
    Ok(())
}

fn set_body(request: &mut Request, arguments: &Value) -> Result<(), ActivityError> {
    match arguments {
        empty if !python::truthy(empty) => {}
        Value::Text(text) => request.body = Some(Bytes::from(text.clone())),
        Value::Bytes(bytes) => request.body = Some(Bytes::from(bytes.clone())),
        fields => {
            request.body = Some(form(fields)?.into());
            if request.header("Content-Type").is_none() {
                let name = "Content-Type".to_owned();
                request
                    .headers
                    .push((name, "application/x-www-form-urlencoded".to_owned()));
            }
        }
    }
    Ok(())
}

/// A mapping, or a list of pairs, as form fields.
fn form(arguments: &Value) -> Result<String, ActivityError> {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &Value| {
        for text in texts(value) {
            fields.append_pair(name, &text);
        }
    };
    match arguments {
        Value::Map(map) => map.iter().for_each(|(name, value)| add(name, value)),
        Value::List(items) => {
            for item in items {
                let (name, value) = pair(item).ok_or_else(|| not_fields(arguments))?;
                add(&name, &value);
            }
        }
        _ => return Err(not_fields(arguments)),
    }
    Ok(fields.finish())
}

/// A list of two, or a text of two characters, as Python unpacks them.
fn pair(item: &Value) -> Option<(String, Value)> {
    match item {
        Value::List(pair) => match pair.as_slice() {
            [name, value] => Some((python::text(name), value.clone())),
            _ => None,
        },
        Value::Text(text) => {
            let mut letters = text.chars().map(String::from);
            match (letters.next(), letters.next(), letters.next()) {
                (Some(name), Some(value), None) => Some((name, value.into())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The values of one field: a list repeats it, a mapping stands for its keys, null leaves it out.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::List(items) => items.iter().flat_map(inner_texts).collect(),
        Value::Map(map) => map.keys().cloned().collect(),
        one => vec![text(one)],
    }
}

/// A list within a list repeats the field once more, in which null is the text `None`.
fn inner_texts(item: &Value) -> Vec<String> {
    match item {
        Value::List(items) => items.iter().map(text).collect(),
        other => texts(other),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => python::text(other),
    }
}

fn not_fields(arguments: &Value) -> ActivityError {
    fatal(format!(
        "the `arguments` of a http provider must be a mapping or text, not of type {}; \
         for a JSON body set the header `Content-Type: application/json`",
        python::type_name(arguments)
    ))
}

/// JSON has no dates, bytes, NaN nor infinity.
fn check_json(value: &Value) -> Result<(), ActivityError> {
    let problem = match value {
        Value::List(items) => return items.iter().try_for_each(check_json),
        Value::Map(map) => return map.values().try_for_each(check_json),
        Value::Time(_) => format!("the date {}", python::text(value)),
        Value::Bytes(_) => "bytes".to_owned(),
        Value::Float(number) if !number.is_finite() => python::float(*number),
        _ => return Ok(()),
    };
    Err(fatal(format!(
        "the `arguments` of a http provider hold {problem}, which JSON cannot: put it in quotes"
    )))
}

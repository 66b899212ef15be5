//! Answers of the query protocols.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use serde_json::Value;

use super::response::time_of;

/// How lists are spelled in a service's XML.
#[derive(Clone, Copy)]
pub struct Spelling {
    /// The element of a list's items where nothing else is said.
    pub item: &'static str,
    /// Lists whose items have names of their own: (list, item).
    pub items: &'static [(&'static str, &'static str)],
}

/// Writes the members of `value` (an object) as elements.
pub fn members(value: &Value, spelling: Spelling) -> String {
    let mut out = String::new();
    write_members(&mut out, value, spelling);
    out
}

fn write_members(out: &mut String, value: &Value, spelling: Spelling) {
    for (name, value) in value.as_object().into_iter().flatten() {
        element(out, name, value, spelling);
    }
}

fn element(out: &mut String, name: &str, value: &Value, spelling: Spelling) {
    if value.is_null() {
        return;
    }
    let _ = write!(out, "<{name}>");
    content(out, name, value, spelling);
    let _ = write!(out, "</{name}>");
}

fn content(out: &mut String, name: &str, value: &Value, spelling: Spelling) {
    match value {
        Value::Null => {}
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => out.push_str(&value.to_string()),
        Value::String(value) => out.push_str(&escape(value.as_str())),
        Value::Array(items) => {
            let own = spelling
                .items
                .iter()
                .find(|(list, _)| *list == name)
                .map(|(_, item)| *item);
            for item in items {
                element(out, own.unwrap_or(spelling.item), item, spelling);
            }
        }
        Value::Object(_) => match time_of(value) {
            Some(time) => out.push_str(&iso(time)),
            None => write_members(out, value, spelling),
        },
    }
}

/// A time as XML answers carry it.
fn iso(seconds: f64) -> String {
    chrono::DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
        .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}

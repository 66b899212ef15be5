//! Answers that tell the request back as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value, json};

/// What arrived, with its body read.
pub struct Arrived<'a> {
    pub method: &'a str,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub body: Bytes,
    pub origin: String,
    pub secure: bool,
}

/// The members of httpbin's /anything.
pub fn anything(arrived: &Arrived) -> Value {
    let mut told = plain(arrived);
    let (form, files, data) = body(arrived);
    let json = serde_json::from_slice(&arrived.body).unwrap_or(Value::Null);
    told["method"] = json!(arrived.method);
    told["data"] = json!(data);
    told["form"] = form;
    told["files"] = files;
    told["json"] = json;
    told
}

/// The members of httpbin's /get.
pub fn plain(arrived: &Arrived) -> Value {
    json!({
        "args": pairs(arrived.uri.query().unwrap_or("").as_bytes()),
        "headers": headers(arrived.headers, arrived.uri),
        "origin": arrived.origin,
        "url": url(arrived),
    })
}

/// The headers with names as httpbin writes them.
pub fn headers(headers: &HeaderMap, uri: &Uri) -> Value {
    let mut told = Map::new();
    if let (Some(authority), false) = (uri.authority(), headers.contains_key("host")) {
        told.insert("Host".into(), json!(authority.as_str()));
    }
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        told.insert(canonical(name.as_str()), json!(values.join(", ")));
    }
    Value::Object(told)
}

fn url(arrived: &Arrived) -> String {
    let scheme = if arrived.secure { "https" } else { "http" };
    let host = arrived.headers.get("host").and_then(|host| host.to_str().ok());
    let host = host
        .or(arrived.uri.authority().map(|authority| authority.as_str()))
        .unwrap_or("");
    let path = arrived.uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{host}{path}")
}

fn canonical(name: &str) -> String {
    let title = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.split('-')
        .map(|part| {
            if part.is_empty() {
                String::new()
            } else {
                title(part)
            }
        })
        .collect::<Vec<_>>()
        .join("-")
}

/// Pairs of a query or a form; a name that occurs more than once gets a list.
pub fn pairs(text: &[u8]) -> Value {
    let mut told = Map::new();
    for (name, value) in url::form_urlencoded::parse(text) {
        add(&mut told, &name, json!(value));
    }
    Value::Object(told)
}

fn add(told: &mut Map<String, Value>, name: &str, value: Value) {
    match told.get_mut(name) {
        None => drop(told.insert(name.to_string(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = json!([one.take(), value]),
    }
}

fn body(arrived: &Arrived) -> (Value, Value, String) {
    let kind = arrived
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("");
    if kind.starts_with("application/x-www-form-urlencoded") {
        return (pairs(&arrived.body), json!({}), String::new());
    }
    if let Some((_, boundary)) = kind.split_once("boundary=") {
        let (form, files) = multipart(&arrived.body, boundary.trim_matches('"'));
        return (form, files, String::new());
    }
    (json!({}), json!({}), text(&arrived.body))
}

/// As text where it is text, else as httpbin's data URL.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(_) => format!("data:application/octet-stream;base64,{}", STANDARD.encode(bytes)),
    }
}

fn multipart(body: &[u8], boundary: &str) -> (Value, Value) {
    let (mut form, mut files) = (Map::new(), Map::new());
    for part in split(body, format!("--{boundary}").as_bytes()) {
        let Some(end) = find(part, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..end]).into_owned();
        let content = part[end + 4..].strip_suffix(b"\r\n").unwrap_or(&part[end + 4..]);
        let Some(name) = attribute(&head, "name") else {
            continue;
        };
        let target = if attribute(&head, "filename").is_some() {
            &mut files
        } else {
            &mut form
        };
        add(target, &name, json!(text(content)));
    }
    (Value::Object(form), Value::Object(files))
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let (_, rest) = head.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.to_string())
}

fn split<'a>(mut rest: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(rest, mark) {
        parts.push(&rest[..at]);
        rest = &rest[at + mark.len()..];
    }
    parts
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

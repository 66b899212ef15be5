//! Routes under /cookies.

use http::{HeaderMap, Response};
use serde_json::{Map, Value, json};

use super::connection::{Body, whole};
use super::routes::json_answer;

/// The cookies that came, as `{"cookies": {name: value}}`.
pub fn tell(headers: &HeaderMap) -> Response<Body> {
    let mut told = Map::new();
    for line in headers.get_all("cookie") {
        for pair in line.to_str().unwrap_or("").split("; ") {
            if let Some((name, value)) = pair.split_once('=') {
                told.insert(name.into(), Value::from(value));
            }
        }
    }
    json_answer(json!({"cookies": told}))
}

/// Sets each pair of the query and redirects to /cookies.
pub fn set(query: &str) -> Response<Body> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    redirect(
        pairs
            .map(|(name, value)| format!("{name}={value}; Path=/"))
            .collect(),
    )
}

/// Sets one pair and redirects to /cookies.
pub fn set_one(name: &str, value: &str) -> Response<Body> {
    redirect(vec![format!("{name}={value}; Path=/")])
}

/// Deletes each name of the query and redirects to /cookies.
pub fn delete(query: &str) -> Response<Body> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let gone = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/";
    redirect(pairs.map(|(name, _)| format!("{name}=; {gone}")).collect())
}

fn redirect(cookies: Vec<String>) -> Response<Body> {
    let mut builder = Response::builder().status(302).header("location", "/cookies");
    for cookie in cookies {
        builder = builder.header("set-cookie", cookie);
    }
    builder.body(whole("")).unwrap()
}

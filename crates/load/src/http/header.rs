//! Headers: from what a script gives, and into what a script sees.

use http::header::{CONTENT_LENGTH, HOST, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::error::{HttpError, code};

/// A method, or Go's error.
pub(super) fn method(text: &str) -> Result<Method, HttpError> {
    let text = if text.is_empty() { "GET" } else { text };
    Method::from_bytes(text.as_bytes())
        .map_err(|_| HttpError::new(code::DEFAULT, format!("net/http: invalid method \"{text}\"")))
}

/// One header, or Go's error. None: the transport writes this one itself, as Go's does.
pub(super) fn field(name: &str, value: &str) -> Result<Option<(HeaderName, HeaderValue)>, HttpError> {
    let bad_name = |_| {
        HttpError::new(
            code::DEFAULT,
            format!("net/http: invalid header field name \"{name}\""),
        )
    };
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(bad_name)?;
    if [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER].contains(&parsed) {
        return Ok(None);
    }
    let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes()).map_err(|_| {
        let name = canonical(&parsed);
        HttpError::new(
            code::DEFAULT,
            format!("net/http: invalid header field value for \"{name}\""),
        )
    })?;
    Ok(Some((parsed, value)))
}

/// `content-type` as `Content-Type`.
pub(super) fn canonical(name: &HeaderName) -> String {
    // It is a legal name in small letters already.
    let mut text = name.as_str().to_owned();
    capitalise(&mut text);
    text
}

/// Go's form of a name that a script gives; one that is no legal name stays as it is.
pub(super) fn canonical_text(name: &str) -> String {
    let mut text = name.to_string();
    if !name.bytes().all(super::cookie::is_token) {
        return text;
    }
    text.make_ascii_lowercase();
    capitalise(&mut text);
    text
}

fn capitalise(text: &mut str) {
    let mut start = 0;
    while let Some(first) = text.get_mut(start..start + 1) {
        first.make_ascii_uppercase();
        match text.as_bytes()[start..].iter().position(|byte| *byte == b'-') {
            Some(dash) => start += dash + 1,
            None => break,
        }
    }
}

/// Names in Go's form, values of one name joined.
pub(super) fn list(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut list: Vec<(String, String)> = Vec::with_capacity(headers.keys_len());
    let mut last = None;
    // All values of one name come in a row.
    for (name, value) in headers {
        match list.last_mut().filter(|_| last == Some(name)) {
            Some((_, joined)) => {
                joined.push_str(", ");
                joined.push_str(&text(value));
            }
            None => list.push((canonical(name), text(value))),
        }
        last = Some(name);
    }
    list
}

/// A value as text; bytes that are no UTF-8 become replacement characters.
pub(super) fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_form_go_gives_them() {
        let table = [
            ("etag", "Etag"),
            ("WWW-authenticate", "Www-Authenticate"),
            ("a--b-", "A--B-"),
            ("x a", "x a"),
        ];
        for (given, wanted) in table {
            assert_eq!(canonical_text(given), wanted);
        }
    }

    #[test]
    fn illegal_headers_are_named() {
        assert_eq!(
            field("X A", "").unwrap_err().message,
            "net/http: invalid header field name \"X A\""
        );
        assert_eq!(
            field("XA", "b\nc").unwrap_err().message,
            "net/http: invalid header field value for \"Xa\""
        );
        assert_eq!(
            method("GE T").unwrap_err().message,
            "net/http: invalid method \"GE T\""
        );
        assert!(field("content-Length", "7").unwrap().is_none());
        assert_eq!(field("a", " b\t").unwrap().unwrap().1, "b");
        assert_eq!(field("a", "ü").unwrap().unwrap().1.as_bytes(), "ü".as_bytes());
    }
}

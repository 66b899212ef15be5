//! The addresses of requests: which of them can be used, and what k6 says of the others.

use std::cell::RefCell;
use std::collections::HashMap;

use url::{ParseError, Url};

use crate::http::{HttpError, code};

/// Why there is no request to an address.
#[derive(Debug, PartialEq)]
pub enum Unusable {
    /// It is no URL. k6 does not count this as a request.
    Invalid(String),
    /// It is a URL that nothing can be sent to. k6 counts a request that failed.
    Refused {
        /// A URL in its place, for what is derived from one.
        stand_in: Box<Url>,
        /// What is wrong.
        error: Box<HttpError>,
    },
}

thread_local! {
    /// Addresses that were read already: most scripts call few, and reading one costs more than the rest of the arguments.
    static KNOWN: RefCell<HashMap<String, Url>> = RefCell::default();
}

/// How many addresses a thread knows; scripts that call more gain nothing by it.
const MOST_KNOWN: usize = 64;

/// Reads an address.
///
/// # Errors
/// [`Unusable`].
pub fn read(text: &str) -> Result<Url, Unusable> {
    if let Some(url) = KNOWN.with_borrow(|known| known.get(text).cloned()) {
        return Ok(url);
    }
    let url = parse(text)?;
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(text.to_owned(), url.clone());
    });
    Ok(url)
}

fn parse(text: &str) -> Result<Url, Unusable> {
    if text.contains(char::is_control) {
        return Err(Unusable::Invalid("invalid control character in URL".to_owned()));
    }
    let scheme = scheme(text)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        let reason = format!("unsupported protocol scheme \"{}\"", scheme.to_ascii_lowercase());
        return Err(refused(code::DEFAULT, reason));
    }
    let authority = text[scheme.len() + 1..].strip_prefix("//").unwrap_or_default();
    if authority.is_empty() || authority.starts_with(['/', '?', '#', ':']) {
        return Err(refused(code::DEFAULT, "http: no Host in request URL".to_owned()));
    }
    Url::parse(text).map_err(|error| match (error, port(authority)) {
        (ParseError::InvalidPort, Some(port)) => {
            refused(code::DIAL, format!("dial tcp: address {port}: invalid port"))
        }
        (error, _) => Unusable::Invalid(error.to_string()),
    })
}

/// The scheme; empty if there is none.
fn scheme(text: &str) -> Result<&str, Unusable> {
    let before_path = text.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((scheme, _)) = before_path.split_once(':') else {
        return Ok("");
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if scheme.is_empty() {
        return Err(Unusable::Invalid("missing protocol scheme".to_owned()));
    }
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(is_name) {
        let reason =
            "first path segment in URL cannot contain colon; write http:// or https:// before the host";
        return Err(Unusable::Invalid(reason.to_owned()));
    }
    Ok(scheme)
}

/// The number after the host that is too big for a port.
fn port(authority: &str) -> Option<&str> {
    let host = authority.split(['/', '?', '#']).next()?;
    let (_, port) = host.rsplit_once(':')?;
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)
}

fn refused(code: u32, reason: String) -> Unusable {
    match Url::parse("http://refused.invalid/") {
        Ok(stand_in) => Unusable::Refused {
            stand_in: Box::new(stand_in),
            error: Box::new(HttpError::new(code, reason)),
        },
        Err(error) => Unusable::Invalid(error.to_string()),
    }
}

/// The address as the script wrote it, which k6 shows and gives to tags (`https://shop.example` has no slash at its end
/// there); none where what is sent has to be written in another way.
pub fn written(text: &str, url: &Url, refused: bool) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let kept = refused || (text.bytes().all(plain) && text != url.as_str());
    kept.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(text) {
            Ok(url) => url.into(),
            Err(Unusable::Invalid(reason)) => format!("invalid: {reason}"),
            Err(Unusable::Refused { error, .. }) => format!("{}: {}", error.code, error.message),
        }
    }

    #[test]
    fn bad_addresses_are_told_as_k6_does() {
        let table = [
            ("HTTP://A.test", "http://a.test/"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("", "1000: unsupported protocol scheme \"\""),
            ("/x:y", "1000: unsupported protocol scheme \"\""),
            (
                "localhost:8080/x",
                "1000: unsupported protocol scheme \"localhost\"",
            ),
            ("FTP://a.test", "1000: unsupported protocol scheme \"ftp\""),
            ("http://", "1000: http: no Host in request URL"),
            ("http:///x", "1000: http: no Host in request URL"),
            ("http:a.test", "1000: http: no Host in request URL"),
            ("http://:80/", "1000: http: no Host in request URL"),
            (
                "http://a.test:99999/",
                "1210: dial tcp: address 99999: invalid port",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(told(text), expected, "{text}");
        }
        for text in [
            "http://a b/",
            "http://[::1",
            "::bad",
            "127.0.0.1:80/",
            "http://a.test:x/",
            "http://a.test/\n",
        ] {
            assert!(told(text).starts_with("invalid: "), "{text}: {}", told(text));
        }
    }

    #[test]
    fn addresses_are_shown_as_they_were_written() {
        let shown = |text: &str| {
            let url = read(text).unwrap();
            written(text, &url, false).unwrap_or_else(|| url.into())
        };
        for text in [
            "http://a.test",
            "http://A.test:80/x/../y?a=%20#b",
            "http://u:p@a.test/",
        ] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("http://a.test/a b?ü"), "http://a.test/a%20b?%C3%BC");
    }
}

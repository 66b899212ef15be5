//! Where a redirect leads and what goes along, by the rules of Go's client.

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, LOCATION,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::error::{HttpError, code};

const COOKIE2: HeaderName = HeaderName::from_static("cookie2");

/// A redirect to follow.
#[derive(Debug, PartialEq)]
pub(super) struct Redirect {
    pub(super) url: Url,
    /// `GET` instead of the method before.
    pub(super) becomes_get: bool,
    /// The body goes along.
    pub(super) keeps_body: bool,
    /// The location is no absolute URL, so that a `Host` header of the script's own still holds.
    pub(super) same_host: bool,
}

/// The redirect that an answer asks for, if it does.
pub(super) fn of(
    status: u16,
    headers: &HeaderMap,
    method: &str,
    url: &Url,
) -> Result<Option<Redirect>, HttpError> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers
        .get(LOCATION)
        .map(super::header::text)
        .filter(|location| !location.is_empty())
    else {
        return Ok(None);
    };
    let target = url.join(&location).map_err(|error| {
        let message =
            format!("failed to parse Location header \"{location}\": parse \"{location}\": {error}");
        HttpError::new(code::DEFAULT, message)
    })?;
    let keeps = matches!(status, 307 | 308);
    Ok(Some(Redirect {
        url: target,
        becomes_get: !keeps && !matches!(method, "GET" | "HEAD"),
        keeps_body: keeps,
        same_host: Url::parse(&location).is_err(),
    }))
}

/// Takes away what must not go to another host, and what describes a body that does not go along.
pub(super) fn strip(headers: &mut HeaderMap, first: &Url, next: &Url, body: bool) {
    if !is_at_or_below(next, first) {
        for name in [
            AUTHORIZATION,
            WWW_AUTHENTICATE,
            COOKIE,
            COOKIE2,
            PROXY_AUTHORIZATION,
            PROXY_AUTHENTICATE,
        ] {
            headers.remove(name);
        }
    }
    if !body {
        for name in [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE] {
            headers.remove(name);
        }
    }
}

/// Tells where the user comes from, unless that would tell of https over http.
pub(super) fn refer(headers: &mut HeaderMap, last: &Url, next: &Url) {
    headers.remove(REFERER);
    if last.scheme() == "https" && next.scheme() == "http" {
        return;
    }
    let mut from = last.clone();
    let _ = from.set_username("");
    let _ = from.set_password(None);
    if let Ok(value) = HeaderValue::from_str(from.as_str()) {
        headers.insert(REFERER, value);
    }
}

fn is_at_or_below(next: &Url, first: &Url) -> bool {
    let (Some(next), Some(first)) = (next.host_str(), first.host_str()) else {
        return false;
    };
    if next.contains(':') {
        return next == first;
    }
    next == first || next.strip_suffix(first).is_some_and(|front| front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(status: u16, location: &str, method: &str) -> Option<Redirect> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(location).unwrap());
        of(
            status,
            &headers,
            method,
            &Url::parse("http://u:p@a.test/x/y?z").unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn statuses_decide_over_method_and_body() {
        for (status, method, becomes_get, keeps_body) in [
            (301, "POST", true, false),
            (302, "PUT", true, false),
            (303, "DELETE", true, false),
            (302, "HEAD", false, false),
            (307, "POST", false, true),
            (308, "PUT", false, true),
        ] {
            let redirect = ask(status, "../q", method).unwrap();
            assert_eq!(
                (redirect.becomes_get, redirect.keeps_body),
                (becomes_get, keeps_body),
                "{status}"
            );
            assert_eq!(redirect.url.as_str(), "http://u:p@a.test/q");
            assert!(redirect.same_host);
        }
        assert_eq!(ask(304, "/q", "GET"), None);
        assert_eq!(ask(302, "", "GET"), None);
        assert!(!ask(302, "http://a.test/", "GET").unwrap().same_host);
    }

    #[test]
    fn secrets_stay_with_their_host() {
        let first = Url::parse("http://a.test/").unwrap();
        for (next, kept) in [
            ("http://a.test:81/", true),
            ("https://sub.a.test/", true),
            ("http://ba.test/", false),
            ("http://test/", false),
            ("http://[::1]/", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static("secret"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            strip(&mut headers, &first, &Url::parse(next).unwrap(), true);
            assert_eq!(headers.contains_key(AUTHORIZATION), kept, "{next}");
            assert!(headers.contains_key(CONTENT_TYPE));
            strip(&mut headers, &first, &first, false);
            assert!(!headers.contains_key(CONTENT_TYPE));
        }
    }

    #[test]
    fn a_referer_has_no_password_and_no_https_url_over_http() {
        let (http, https) = (
            Url::parse("http://u:p@a.test/x").unwrap(),
            Url::parse("https://a.test/").unwrap(),
        );
        let mut headers = HeaderMap::new();
        refer(&mut headers, &http, &https);
        assert_eq!(headers[REFERER], "http://a.test/x");
        refer(&mut headers, &https, &http);
        assert!(!headers.contains_key(REFERER));
    }
}

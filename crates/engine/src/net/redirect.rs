//! Where a redirect leads, as `requests` follows it.

use url::Url;

use super::cookies::Jar;
use super::exchange::Answer;
use super::{NetError, Request, address, find, shown};

/// The next request, if the answer is a redirect that is to be followed. Its cookies go into the jar.
///
/// # Errors
/// When the new address is none, or none of http or https.
pub(super) fn next(request: &Request, answer: &Answer, jar: &mut Jar) -> Result<Option<Request>, NetError> {
    let location = find(&answer.head.headers, "Location").filter(|location| !location.is_empty());
    let status = answer.head.status;
    let (Some(location), true) = (location, request.follow_redirects && is_redirect(status)) else {
        return Ok(None);
    };
    let mut next = request.clone();
    next.url = join(&request.url, location)?;
    jar.store(&request.url, &answer.head.headers);
    next.method = method(status, &request.method).to_owned();
    next.remove_header("Cookie");
    if !matches!(status, 307 | 308) {
        next.body = None;
        next.remove_header("Content-Type");
        next.remove_header("Content-Length");
        next.remove_header("Transfer-Encoding");
    }
    if !may_keep_credentials(&request.url, &next.url) {
        next.remove_header("Authorization");
    }
    Ok(Some(next))
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn method(status: u16, method: &str) -> &str {
    match (status, method) {
        (302 | 303, "HEAD") => "HEAD",
        (302 | 303, _) | (301, "POST") => "GET",
        _ => method,
    }
}

fn join(base: &Url, location: &str) -> Result<Url, NetError> {
    // the head was read as ISO-8859-1, but servers put UTF-8 there
    let bytes: Vec<u8> = location.chars().map(|c| c as u8).collect();
    let location = String::from_utf8_lossy(&bytes);
    let url = base.join(&location).map_err(|error| NetError::InvalidUrl {
        url: shown(base),
        reason: format!("it redirects to a place that is no URL: {error}"),
    })?;
    match address::is_http(&url) {
        true => Ok(url),
        false => Err(address::unsupported(&url)),
    }
}

/// Credentials stay with their server; going from http to https on it is allowed.
fn may_keep_credentials(from: &Url, to: &Url) -> bool {
    let parts = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    let upgrade =
        parts(from) == ("http".to_owned(), Some(80)) && parts(to) == ("https".to_owned(), Some(443));
    from.host() == to.host() && (upgrade || parts(from) == parts(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_change_as_in_requests() {
        let cases = [
            (301, "POST", "GET"),
            (301, "PUT", "PUT"),
            (302, "PUT", "GET"),
            (302, "HEAD", "HEAD"),
            (303, "DELETE", "GET"),
            (307, "POST", "POST"),
            (308, "POST", "POST"),
        ];
        for (status, before, after) in cases {
            assert_eq!(method(status, before), after, "{status} {before}");
        }
    }

    #[test]
    fn credentials_stay_with_their_server() {
        let keeps =
            |from: &str, to: &str| may_keep_credentials(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        assert!(keeps("http://h/a", "http://h:80/b"));
        assert!(keeps("http://h/a", "https://h/b"));
        assert!(!keeps("https://h/a", "http://h/b"));
        assert!(!keeps("http://h:81/a", "https://h/b"));
        assert!(!keeps("http://h/a", "http://h:81/b"));
        assert!(!keeps("http://h/a", "http://other/b"));
    }

    #[test]
    fn places_may_be_relative_and_in_utf_8() {
        let base = Url::parse("http://h/a/b?x").unwrap();
        assert_eq!(join(&base, "c?d").unwrap().as_str(), "http://h/a/c?d");
        assert_eq!(join(&base, "//o/c").unwrap().as_str(), "http://o/c");
        assert_eq!(
            join(&base, "/caf\u{c3}\u{a9}").unwrap().as_str(),
            "http://h/caf%C3%A9"
        );
        assert!(join(&base, "ftp://x/").is_err());
    }
}

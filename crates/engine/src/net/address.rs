//! Reading addresses, and showing them without what may be secret.

use url::Url;

use super::NetError;

/// Reads an absolute http or https address.
///
/// # Errors
/// When there is no scheme or no host, when the scheme is another one, or when the text is no URL.
pub fn parse_url(text: &str) -> Result<Url, NetError> {
    let text = text.trim();
    let invalid = |reason: &str| NetError::InvalidUrl {
        url: shown_text(text),
        reason: reason.to_owned(),
    };
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            invalid("it has no scheme, start it with http:// or https://")
        }
        error => invalid(&error.to_string()),
    })?;
    if !is_http(&url) {
        return Err(unsupported(&url));
    }
    // the parser takes `http:///x` and `http:x` to mean host x
    let rest = text
        .get(url.scheme().len() + 1..)
        .and_then(|rest| rest.strip_prefix("//"));
    match rest {
        Some(rest) if !rest.starts_with(['/', '\\']) => {}
        _ => return Err(invalid("it has no host")),
    }
    match url.host_str() {
        Some(host) if !host.starts_with(['*', '.']) => Ok(url),
        _ => Err(invalid("its host is no host name")),
    }
}

/// The error for an address whose scheme is not http or https.
pub(super) fn unsupported(url: &Url) -> NetError {
    NetError::UnsupportedScheme {
        url: shown_text(url.as_str()),
        scheme: url.scheme().to_owned(),
    }
}

pub(super) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// The address for people: without credentials, query and fragment.
pub fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    // these fail for addresses that cannot have them, which is what is wanted
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain.set_query(None);
    plain.set_fragment(None);
    match url.query() {
        Some(_) => format!("{plain}?…"),
        None => plain.into(),
    }
}

/// The same for text that is no URL.
fn shown_text(text: &str) -> String {
    let (text, cut) = match text.split_once(['?', '#']) {
        Some((before, _)) => (before, "?…"),
        None => (text, ""),
    };
    match (text.split_once("//"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, after))) => format!("{scheme}//{after}{cut}"),
        (None, Some((_, after))) => format!("{after}{cut}"),
        _ => format!("{text}{cut}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_that_cannot_be_called_are_refused() {
        for bad in [
            "",
            "/path",
            "no-scheme",
            "127.0.0.1:80/x",
            "http://",
            "http:///x",
            "http:x",
            "http://[::1",
            "http://127.0.0.1:99999/",
            "http://a b/",
            "http://*.x/",
            "http://.x/",
        ] {
            assert!(
                matches!(parse_url(bad), Err(NetError::InvalidUrl { .. })),
                "{bad}: {:?}",
                parse_url(bad)
            );
        }
        for other in [
            "gopher://127.0.0.1:1/",
            "localhost:80/x",
            "mailto:a@b",
            "httpx://a",
        ] {
            let error = parse_url(other).unwrap_err();
            assert!(matches!(error, NetError::UnsupportedScheme { .. }), "{other}");
        }
    }

    #[test]
    fn schemes_have_no_case_and_spaces_around_do_not_matter() {
        assert_eq!(parse_url(" HTTP://Host/A ").unwrap().as_str(), "http://host/A");
        assert_eq!(parse_url("http://h?x=1").unwrap().as_str(), "http://h/?x=1");
    }

    #[test]
    fn neither_password_nor_query_is_shown() {
        let url = parse_url("http://jane:s3cret@h:81/p?token=t0p#f").unwrap();
        assert_eq!(shown(&url), "http://h:81/p?…");
        let error = parse_url("ftp://jane:s3cret@h/?token=t0p")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("s3cret") && !error.contains("t0p"), "{error}");
        let error = parse_url("http://jane:s3@cret@h:99999/?token=t0p")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("s3") && !error.contains("t0p"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(http|HTTPS|ftp)?:?/{0,3}.{0,20}") {
            if let Ok(url) = parse_url(&text) {
                prop_assert!(url.host_str().is_some());
            }
        }
    }
}

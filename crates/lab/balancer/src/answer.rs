//! Answers that the balancer makes itself.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderValue, Response, StatusCode, Uri};
use http_body_util::Full;

use crate::body::Reply;
use crate::rules::without_port;

/// An answer with a page that names its status, as of an error.
pub(crate) fn page(status: u16) -> Response<Reply> {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = format!(
        "{} {}",
        code.as_u16(),
        code.canonical_reason().unwrap_or_default()
    );
    let html = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n\
         <body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    own(code, Some(HeaderValue::from_static("text/html")), html)
}

/// A rule's fixed response.
pub(crate) fn fixed(status: u16, content_type: &str, body: &str) -> Response<Reply> {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = (!content_type.is_empty())
        .then(|| HeaderValue::from_str(content_type).ok())
        .flatten();
    own(code, kind, body.to_owned())
}

/// A rule's redirect; a location that is no header value makes it a 500, as AWS answers where it can make no URL.
pub(crate) fn redirect(status: u16, location: &str, from: &Uri, host: &str, port: u16) -> Response<Reply> {
    let Ok(location) = HeaderValue::try_from(fill_in(location, from, host, port)) else {
        return page(500);
    };
    let mut answer = page(status);
    answer.headers_mut().insert(LOCATION, location);
    answer
}

fn own(status: StatusCode, kind: Option<HeaderValue>, body: String) -> Response<Reply> {
    let mut answer = Response::new(Reply::Own(Full::new(Bytes::from(body))));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("awselb/2.0"));
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, kind);
    }
    answer
}

/// Puts the request's parts in place of AWS's keywords.
fn fill_in(location: &str, from: &Uri, host: &str, port: u16) -> String {
    let path = from.path().trim_start_matches('/');
    let filled = location
        .replace("#{protocol}", "http")
        .replace("#{host}", without_port(host))
        .replace("#{port}", &port.to_string())
        .replace("#{path}", path)
        .replace("#{query}", from.query().unwrap_or_default());
    filled.strip_suffix('?').map_or(filled.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_of_a_redirect_are_filled_in() {
        let whole = "#{protocol}://#{host}:#{port}/new/#{path}?#{query}";
        let from = Uri::from_static("/a/b?c=d");
        assert_eq!(
            fill_in(whole, &from, "x.org:80", 80),
            "http://x.org:80/new/a/b?c=d"
        );
        assert_eq!(
            fill_in(whole, &Uri::from_static("/a"), "x.org", 80),
            "http://x.org:80/new/a"
        );
        assert_eq!(fill_in("/plain", &from, "x.org", 80), "/plain");
    }
}

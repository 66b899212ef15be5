//! The request as it goes over the wire.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::Full;
use url::{Position, Url};

use super::proxy::Proxy;
use super::{NetError, Request, shown};

/// Sent unless the request says otherwise. `keep-alive` is what `requests` sends, and servers repeat it in the
/// headers of their answer, which end in the journal; the connection is closed all the same.
const DEFAULTS: [(&str, &str); 4] = [
    ("user-agent", concat!("chaos/", env!("CARGO_PKG_VERSION"))),
    ("accept-encoding", "gzip, deflate"),
    ("accept", "*/*"),
    ("connection", "keep-alive"),
];

/// Turns a user and a password in the address into basic authorization, which replaces any other.
pub(super) fn authorize(request: &mut Request) {
    if let Some(password) = request.url.password() {
        let mut credentials = decoded(request.url.username());
        credentials.push(b':');
        credentials.extend(decoded(password));
        let value = format!("Basic {}", BASE64_STANDARD.encode(latin(credentials)));
        request.remove_header("Authorization");
        request.headers.push(("Authorization".to_owned(), value));
    }
}

/// In ISO-8859-1 if that can hold the text, as Python sends it; unchanged otherwise.
fn latin(bytes: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&bytes).ok();
    let narrow = text.and_then(|text| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect());
    narrow.unwrap_or(bytes)
}

/// The message for hyper. Through a plain proxy it names the whole address.
pub(super) fn build(
    request: &Request,
    cookies: Option<String>,
    proxy: Option<&Proxy>,
) -> Result<http::Request<Full<Bytes>>, NetError> {
    let url = &request.url;
    let forwarded = proxy.filter(|_| url.scheme() == "http");
    let mut message = http::Request::new(Full::new(request.body.clone().unwrap_or_default()));
    *message.method_mut() = method(request)?;
    *message.uri_mut() = target(url, forwarded.is_some())?;
    *message.headers_mut() = headers(request)?;
    let headers = message.headers_mut();
    if let Some(cookies) = cookies {
        headers.insert(COOKIE, value(request, "Cookie", &cookies)?);
    }
    if let Some(authorization) = forwarded.and_then(|proxy| proxy.authorization.clone()) {
        headers.insert(PROXY_AUTHORIZATION, authorization);
    }
    Ok(message)
}

fn method(request: &Request) -> Result<Method, NetError> {
    Method::from_bytes(request.method.as_bytes())
        .map_err(|_| invalid(request, format!("`{}` is no HTTP method", request.method)))
}

fn target(url: &Url, whole: bool) -> Result<Uri, NetError> {
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let text = match whole {
        true => format!("{}://{}{path}", url.scheme(), authority(url)),
        false => path.to_owned(),
    };
    text.parse()
        .map_err(|error: http::uri::InvalidUri| NetError::InvalidUrl {
            url: shown(url),
            reason: error.to_string(),
        })
}

fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

fn headers(request: &Request) -> Result<HeaderMap, NetError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 8);
    headers.insert(HOST, value(request, "Host", authority(&request.url))?);
    for (name, text) in DEFAULTS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(text));
    }
    for (name, text) in &request.headers {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid(request, format!("`{name}` is no header name")))?;
        headers.insert(key, value(request, name, text)?);
    }
    // its own length only: another one would leave the server waiting, or cut the body
    headers.remove(CONTENT_LENGTH);
    let length = request.body.as_ref().map_or(0, Bytes::len);
    if length > 0 || !matches!(request.method.as_str(), "GET" | "HEAD") {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if let Some(credentials) = headers.get_mut(AUTHORIZATION) {
        credentials.set_sensitive(true);
    }
    Ok(headers)
}

/// Header values are sent in ISO-8859-1, as Python does. The value may be secret, so no error shows it.
fn value(request: &Request, name: &str, text: &str) -> Result<HeaderValue, NetError> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes
        .filter(|bytes| !bytes.first().is_some_and(u8::is_ascii_whitespace))
        .and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
        .ok_or_else(|| {
            invalid(
                request,
                format!(
                    "the value of the header `{name}` starts with a space, has several lines, \
                     or has characters that are not in ISO-8859-1"
                ),
            )
        })
}

fn invalid(request: &Request, reason: String) -> NetError {
    NetError::InvalidRequest {
        url: shown(&request.url),
        reason,
    }
}

/// The bytes behind `%xx` escapes.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = bytes[at..].get(1..3).filter(|_| bytes[at] == b'%');
        let byte = escaped
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_unescaped_and_sent_as_python_does() {
        let authorization = |url: &str| {
            let mut request = Request::new("GET", super::super::parse_url(url).unwrap());
            request.headers = vec![("authorization".to_owned(), "Bearer q".to_owned())];
            authorize(&mut request);
            request.header("Authorization").unwrap().to_owned()
        };
        assert_eq!(authorization("http://%C3%A9:p%40@h/"), "Basic 6TpwQA==");
        assert_eq!(authorization("http://:p@h/"), "Basic OnA=");
        assert_eq!(authorization("http://only-a-user@h/"), "Bearer q");
        assert_eq!(decoded("%zz%4"), b"%zz%4");
        assert_eq!(decoded("%+1a"), b"%+1a");
    }
}

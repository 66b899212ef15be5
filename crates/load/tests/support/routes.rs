//! Which path answers what.

use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Request, Response};
use serde_json::{Value, json};

use super::auth::{self, DigestRoute};
use super::connection::{Body, Control, whole};
use super::counts::Counts;
use super::echo::{self, Arrived};
use super::{cookies, payloads};

const HTML: &str = "<!DOCTYPE html>\n<html>\n<head><title>Test server</title></head>\n<body>\n\
    <h1>Herman Melville - Moby-Dick</h1>\n<p>Availing himself of the mild, summer-cool weather.</p>\n\
    <a href=\"/links/1\">a link</a>\n</body>\n</html>\n";

/// What a route knows of its connection.
#[derive(Clone)]
pub struct Site {
    pub counts: Arc<Counts>,
    pub control: Rc<Control>,
    pub peer: IpAddr,
    pub secure: bool,
}

/// An error breaks the connection without an answer.
pub async fn answer(request: Request<Incoming>, site: &Site) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    // A GET without a body needs no reading: this route is also what benchmarks use.
    let body = match hyper::body::Body::is_end_stream(&body) {
        true => Bytes::new(),
        false => body.collect().await.map_err(io::Error::other)?.to_bytes(),
    };
    let arrived = Arrived {
        method: head.method.as_str(),
        uri: &head.uri,
        headers: &head.headers,
        body,
        origin: site.peer.to_string(),
        secure: site.secure,
    };
    let path: Vec<&str> = head.uri.path()[1..].split('/').collect();
    if let Some(response) = breaking(&path, site).await? {
        return Ok(response);
    }
    Ok(slow(&path, &arrived)
        .await
        .or_else(|| route(&path, &arrived))
        .unwrap_or_else(|| empty(404)))
}

async fn breaking(path: &[&str], site: &Site) -> io::Result<Option<Response<Body>>> {
    let control = &site.control;
    match path {
        ["reset"] => {
            control.reset.set(true);
            Err(io::Error::other("reset"))
        }
        ["drop"] => Err(io::Error::other("closed without an answer")),
        ["drop-reused"] if control.requests.get() > 1 => Err(io::Error::other("closed when reused")),
        ["close"] => {
            control.close.set(true);
            Ok(Some(text("closing")))
        }
        ["hang"] => std::future::pending().await,
        ["cut-short"] => Ok(Some(payloads::cut_short())),
        _ => Ok(None),
    }
}

async fn slow(path: &[&str], arrived: &Arrived<'_>) -> Option<Response<Body>> {
    match path {
        ["delay", seconds] => {
            let seconds: f64 = seconds.parse().ok()?;
            tokio::time::sleep(Duration::try_from_secs_f64(seconds.min(10.0)).ok()?).await;
            Some(json_answer(echo::anything(arrived)))
        }
        ["trickle"] => {
            let chunks = query(arrived, "chunks")
                .and_then(|n| n.parse().ok())
                .unwrap_or(10);
            let pause = query(arrived, "pause_ms")
                .and_then(|n| n.parse().ok())
                .unwrap_or(100);
            Some(payloads::trickle(chunks, Duration::from_millis(pause)))
        }
        _ => None,
    }
}

fn route(path: &[&str], arrived: &Arrived) -> Option<Response<Body>> {
    let method = arrived.method;
    match path {
        [""] => Some(text("ok")),
        ["get"] if matches!(method, "GET" | "HEAD" | "OPTIONS") => Some(json_answer(echo::plain(arrived))),
        ["post" | "put" | "patch" | "delete"] if method.eq_ignore_ascii_case(path[0]) => {
            Some(json_answer(echo::anything(arrived)))
        }
        ["get" | "post" | "put" | "patch" | "delete"] => Some(empty(405)),
        ["anything", ..] => Some(json_answer(echo::anything(arrived))),
        ["headers"] => Some(json_answer(
            json!({"headers": echo::headers(arrived.headers, arrived.uri)}),
        )),
        ["ip"] => Some(json_answer(json!({"origin": arrived.origin}))),
        ["user-agent"] => Some(json_answer(json!({"user-agent": header(arrived, "user-agent")}))),
        ["html"] => Some(typed("text/html; charset=utf-8", HTML)),
        ["json"] => Some(json_answer(
            json!({"slideshow": {"author": "Yours Truly", "title": "Sample Slide Show",
            "slides": [{"title": "Wake up to WonderWidgets!", "type": "all"}, {"title": "Overview", "type": "all"}]}}),
        )),
        ["status", codes] => status(codes),
        ["response-headers"] => Some(response_headers(arrived)),
        _ => redirects(path, arrived)
            .or_else(|| members(path, arrived))
            .or_else(|| bodies(path, arrived)),
    }
}

fn members(path: &[&str], arrived: &Arrived) -> Option<Response<Body>> {
    let asked = arrived.uri.query().unwrap_or("");
    match path {
        ["cookies"] => Some(cookies::tell(arrived.headers)),
        ["cookies", "set"] => Some(cookies::set(asked)),
        ["cookies", "set", name, value] => Some(cookies::set_one(name, value)),
        ["cookies", "delete"] => Some(cookies::delete(asked)),
        ["basic-auth", user, password] => Some(auth::basic(arrived.headers, user, password, false)),
        ["hidden-basic-auth", user, password] => Some(auth::basic(arrived.headers, user, password, true)),
        ["bearer"] => Some(auth::bearer(arrived.headers)),
        ["digest-auth", qop, user, password] => Some(digest(arrived, [qop, user, password, "MD5"])),
        ["digest-auth", qop, user, password, algorithm] => {
            Some(digest(arrived, [qop, user, password, algorithm]))
        }
        _ => None,
    }
}

fn digest(arrived: &Arrived, [qop, user, password, algorithm]: [&str; 4]) -> Response<Body> {
    let uri = arrived.uri.path_and_query().map_or("/", |path| path.as_str());
    let (method, body) = (arrived.method, &arrived.body[..]);
    DigestRoute {
        qop,
        user,
        password,
        algorithm,
        method,
        uri,
        body,
    }
    .answer(arrived.headers)
}

fn bodies(path: &[&str], arrived: &Arrived) -> Option<Response<Body>> {
    let told = |flag: &str| {
        let mut told = echo::plain(arrived);
        told[flag] = json!(true);
        told["method"] = json!(arrived.method);
        told.to_string().into_bytes()
    };
    match path {
        ["gzip"] => Some(payloads::packed("gzip", payloads::gzip(&told("gzipped")))),
        ["deflate"] => Some(payloads::packed("deflate", payloads::deflate(&told("deflated")))),
        ["brotli"] => Some(payloads::packed("br", payloads::brotli(&told("brotli")))),
        ["zstd"] => Some(payloads::packed("zstd", payloads::zstd(&told("zstd")))),
        ["gzip-br"] => Some(payloads::packed(
            "gzip, br",
            payloads::brotli(&payloads::gzip(&told("gzipped"))),
        )),
        ["bad-gzip"] => Some(payloads::packed("gzip", b"this is not gzip".to_vec())),
        ["bomb", mebibytes] => Some(payloads::bomb(mebibytes.parse().ok()?)),
        ["bytes", count] => {
            let count: usize = count.parse().ok()?;
            Some(typed(
                "application/octet-stream",
                payloads::bytes(count.min(64 * 1024 * 1024)),
            ))
        }
        ["stream", count] => Some(payloads::lines(
            count.parse::<usize>().ok()?.min(100),
            arrived.uri.to_string(),
        )),
        _ => None,
    }
}

fn redirects(path: &[&str], arrived: &Arrived) -> Option<Response<Body>> {
    match path {
        ["redirect" | "relative-redirect", count] => Some(redirect(302, &next(path[0], count)?)),
        ["absolute-redirect", count] => {
            let scheme = if arrived.secure { "https" } else { "http" };
            let host = header(arrived, "host");
            Some(redirect(
                302,
                &format!("{scheme}://{host}{}", next(path[0], count)?),
            ))
        }
        ["redirect-to"] => {
            let status = query(arrived, "status_code")
                .and_then(|code| code.parse().ok())
                .unwrap_or(302);
            Some(redirect(status, &query(arrived, "url")?))
        }
        _ => None,
    }
}

fn next(name: &str, count: &str) -> Option<String> {
    match count.parse::<u32>().ok()? {
        0 | 1 => Some("/get".into()),
        more => Some(format!("/{name}/{}", more - 1)),
    }
}

fn redirect(status: u16, to: &str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("location", to)
        .body(whole("redirected"))
        .unwrap_or_else(|_| empty(400))
}

fn status(codes: &str) -> Option<Response<Body>> {
    let code: u16 = codes.split(',').next()?.parse().ok()?;
    let response = empty(if (200..600).contains(&code) { code } else { 400 });
    if !matches!(code, 301 | 302 | 303 | 307 | 308) {
        return Some(response);
    }
    Some(redirect(code, "/redirect/1"))
}

fn response_headers(arrived: &Arrived) -> Response<Body> {
    let asked = arrived.uri.query().unwrap_or("");
    let mut builder = Response::builder().header("content-type", "application/json");
    for (name, value) in url::form_urlencoded::parse(asked.as_bytes()) {
        builder = builder.header(&*name, &*value);
    }
    builder
        .body(whole(echo::pairs(asked.as_bytes()).to_string()))
        .unwrap_or_else(|_| empty(400))
}

fn query(arrived: &Arrived, name: &str) -> Option<String> {
    let asked = arrived.uri.query()?;
    url::form_urlencoded::parse(asked.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn header<'a>(arrived: &'a Arrived, name: &str) -> &'a str {
    arrived
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

pub fn json_answer(value: Value) -> Response<Body> {
    typed("application/json", format!("{value:#}"))
}

pub fn empty(status: u16) -> Response<Body> {
    Response::builder().status(status).body(whole("")).unwrap()
}

fn text(text: &'static str) -> Response<Body> {
    typed("text/plain; charset=utf-8", text)
}

fn typed(kind: &str, body: impl Into<Bytes>) -> Response<Body> {
    Response::builder()
        .header("content-type", kind)
        .body(whole(body))
        .unwrap()
}

//! The one port on which all services answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::Region;
use crate::region::Later;
use crate::wire::{ApiError, Call, RawRequest, RawResponse};

/// Answers what the region's own services do not.
pub trait Fallback: Send + Sync {
    /// Whether the caller may do this at all; asked first, for every named operation.
    fn permits<'a>(&'a self, call: &'a Call) -> Later<'a, Result<(), ApiError>>;

    /// Answers a request to a service (by its signing name, empty where unknown) that only keeps state; nothing where it is unknown
    /// here, too.
    fn answer<'a>(&'a self, service: &'a str, request: RawRequest) -> Later<'a, Option<RawResponse>>;
}

/// Takes connections until the future is dropped.
pub async fn serve(listener: TcpListener, region: Arc<Region>, fallback: Arc<dyn Fallback>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(converse(stream, peer, region.clone(), fallback.clone()));
            }
            // out of file descriptors, most likely: those of others close soon
            Err(error) => {
                tracing::warn!(%error, "the gateway could not take a connection");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, peer: SocketAddr, region: Arc<Region>, fallback: Arc<dyn Fallback>) {
    // small answers must not wait for the client's acknowledgements
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (region, fallback) = (region.clone(), fallback.clone());
        async move { Ok::<_, Infallible>(respond(request, &region, fallback.as_ref()).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%peer, %error, "a client of the gateway left");
    }
}

async fn respond(
    request: Request<Incoming>,
    region: &Arc<Region>,
    fallback: &dyn Fallback,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return plain(StatusCode::BAD_REQUEST, "The body ended early.");
    };
    let request = RawRequest {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body: body.to_bytes(),
    };
    match answer(request, region, fallback).await {
        Some(answer) => rendered(answer),
        None => plain(
            StatusCode::NOT_IMPLEMENTED,
            "chaos-lab does not offer this service. See docs/lab.md for those it does.",
        ),
    }
}

async fn answer(request: RawRequest, region: &Arc<Region>, fallback: &dyn Fallback) -> Option<RawResponse> {
    let call = match Call::read(&request) {
        Ok(Some(call)) => call,
        Ok(None) => {
            return fallback
                .answer(&crate::wire::service_of(&request).unwrap_or_default(), request)
                .await;
        }
        Err(error) => return Some(RawResponse::refusal(&request, &error)),
    };
    if let Err(error) = fallback.permits(&call).await {
        return Some(RawResponse::of(&call, Err(error)));
    }
    match region.call(&call.service, &call.operation, &call.input).await {
        Err(error) if error.is_not_here() => match fallback.answer(&call.service, request).await {
            Some(answer) => Some(answer),
            None => Some(RawResponse::of(&call, Err(error.unknown_operation()))),
        },
        answer => Some(RawResponse::of(&call, answer)),
    }
}

fn rendered(answer: RawResponse) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::new(answer.body))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "The answer has bad headers."))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}

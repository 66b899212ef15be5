//! One request and its answer over one connection.

use std::error::Error;
use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::cookies::Jar;
use super::error::{Phase, io_reason};
use super::head::Head;
use super::proxy::Proxy;
use super::recorder::Recorder;
use super::{NetError, Request, connect, message, shown};
use crate::host::Host;

/// An answer as it came: header lines apart, body not yet decompressed.
pub(super) struct Answer {
    pub head: Head,
    pub body: Bytes,
}

type Message = http::Request<Full<Bytes>>;
type Wire = Connection<TokioIo<Recorder>, Full<Bytes>>;

/// Sends the request and reads the whole answer.
pub(super) async fn exchange(request: &Request, jar: &Jar, host: &Host) -> Result<Answer, NetError> {
    let proxy = Proxy::of(&request.url, host)?;
    let message = message::build(request, jar.header(&request.url), proxy.as_ref())?;
    let stream = connect::open(request, proxy.as_ref(), host).await?;
    let recorder = TokioIo::new(Recorder::new(stream, request.read_timeout));
    let (sender, mut wire) = Builder::new()
        .title_case_headers(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .handshake(recorder)
        .await
        .map_err(|error| no_answer(request, &error))?;
    let body = drive(request, sender, &mut wire, message).await?;
    let head = wire.into_parts().io.into_inner().head.parse();
    Ok(Answer { head, body })
}

/// Runs the connection and the request together until the body is there.
async fn drive(
    request: &Request,
    mut sender: SendRequest<Full<Bytes>>,
    wire: &mut Wire,
    message: Message,
) -> Result<Bytes, NetError> {
    let talk = pin!(async move {
        let answer = sender.send_request(message).await;
        let answer = answer.map_err(|error| no_answer(request, &error))?;
        let body = answer.into_body().collect().await;
        Ok(body.map_err(|error| cut(request, &error))?.to_bytes())
    });
    match select(talk, wire).await {
        Either::Left((outcome, _)) => outcome,
        // the connection has ended, and has left the answer or the error for the request to find
        Either::Right((_, talk)) => talk.await,
    }
}

fn no_answer(request: &Request, error: &hyper::Error) -> NetError {
    timed_out(request, error, Phase::Answer).unwrap_or_else(|| NetError::NoAnswer {
        url: shown(&request.url),
        reason: match io_cause(error) {
            Some(cause) => io_reason(cause),
            None if error.is_parse() => format!("what came is not HTTP/1 ({error})"),
            None => "the connection was closed before one came".to_owned(),
        },
    })
}

fn cut(request: &Request, error: &hyper::Error) -> NetError {
    timed_out(request, error, Phase::Body).unwrap_or_else(|| NetError::Cut {
        url: shown(&request.url),
        reason: match io_cause(error) {
            Some(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => io_reason(cause),
            _ => "the connection was closed before the end of the body".to_owned(),
        },
    })
}

fn timed_out(request: &Request, error: &hyper::Error, phase: Phase) -> Option<NetError> {
    let after = request.read_timeout?;
    let timed_out = io_cause(error)?.kind() == io::ErrorKind::TimedOut;
    timed_out.then(|| NetError::Timeout {
        url: shown(&request.url),
        phase,
        after,
    })
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    std::iter::successors(error.source(), |cause| (*cause).source()).find_map(|cause| cause.downcast_ref())
}

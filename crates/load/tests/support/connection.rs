//! One accepted connection: TLS or not, HTTP/1.1 or HTTP/2, and the ways in which the server breaks it.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::counts::Counts;
use super::routes;

pub type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;

/// What a route may do to its connection besides answering.
#[derive(Default)]
pub struct Control {
    /// Requests seen on this connection.
    pub requests: Cell<u64>,
    /// Close with RST instead of FIN.
    pub reset: Cell<bool>,
    /// Close without a word once something more was written.
    pub close: Cell<bool>,
    written_since: Cell<bool>,
}

pub async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, counts: Arc<Counts>) {
    while let Ok((stream, peer)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        counts.accept();
        let control = Rc::new(Control::default());
        let io = Io {
            stream,
            control: control.clone(),
            counts: counts.clone(),
        };
        let (tls, counts) = (tls.clone(), counts.clone());
        tokio::task::spawn_local(async move {
            let site = routes::Site {
                counts,
                control,
                peer: peer.ip(),
                secure: tls.is_some(),
            };
            match tls {
                None => http1(io, site).await,
                Some(acceptor) => secure(io, acceptor, site).await,
            }
        });
    }
}

async fn secure(io: Io, acceptor: TlsAcceptor, site: routes::Site) {
    let Ok(stream) = acceptor.accept(io).await else {
        return;
    };
    site.counts.handshake();
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    if !http2 {
        return http1(stream, site).await;
    }
    let service = service_fn(move |request| answer(request, site.clone()));
    let builder = hyper::server::conn::http2::Builder::new(Local);
    let _ = builder.serve_connection(Adapter(stream), service).await;
}

async fn http1<S: AsyncRead + AsyncWrite + Unpin>(stream: S, site: routes::Site) {
    let service = service_fn(move |request| answer(request, site.clone()));
    let builder = hyper::server::conn::http1::Builder::new();
    let _ = builder.serve_connection(Adapter(stream), service).await;
}

async fn answer(request: Request<Incoming>, site: routes::Site) -> Result<Response<Body>, io::Error> {
    let path = request.uri().path().to_string();
    site.counts.request(&path);
    site.control.requests.set(site.control.requests.get() + 1);
    let response = routes::answer(request, &site).await?;
    site.counts.answer(&path, response.status().as_u16());
    Ok(response)
}

/// A whole body in one piece.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    http_body_util::Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

#[derive(Clone)]
struct Local;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

struct Io {
    stream: TcpStream,
    control: Rc<Control>,
    counts: Arc<Counts>,
}

impl Drop for Io {
    fn drop(&mut self) {
        if self.control.reset.get() {
            let _ = self.stream.set_zero_linger();
        }
        self.counts.close();
    }
}

impl AsyncRead for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        if self.control.close.get() && self.control.written_since.get() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.control.close.get() {
            self.control.written_since.set(true);
            cx.waker().wake_by_ref();
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Tokio's streams with hyper's traits.
struct Adapter<S>(S);

impl<S: AsyncRead + Unpin> hyper::rt::Read for Adapter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        mut cursor: hyper::rt::ReadBufCursor,
    ) -> Poll<io::Result<()>> {
        let mut space = [0; 16 * 1024];
        let room = cursor.remaining().min(space.len());
        let mut buf = ReadBuf::new(&mut space[..room]);
        std::task::ready!(Pin::new(&mut self.0).poll_read(cx, &mut buf))?;
        cursor.put_slice(buf.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for Adapter<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

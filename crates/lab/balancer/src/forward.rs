//! Sends one request to one target.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::TargetGroup;
use crate::account::Account;
use crate::answer;
use crate::body::{Download, Lease, Progress, Reply, Upload};
use crate::headers::{Forwarded, drop_hop_by_hop};
use crate::pool::Connection;
use crate::target::Target;

/// How long AWS waits for a connection to a target.
const CONNECT: Duration = Duration::from_secs(10);

/// What hyper makes of a request.
type Sent = Result<Response<Incoming>, TrySendError<Request<Upload>>>;

/// Why a target gave no answer.
enum Failure {
    /// No connection: refused or unreachable.
    Unreachable,
    /// No connection within [`CONNECT`].
    ConnectTimeout,
    /// Closed before an answer, or what came was no HTTP.
    Broken,
    /// No answer within the idle timeout.
    Idle,
    /// The client sent no more of its request within the idle timeout.
    ClientIdle,
}

impl Failure {
    /// The status that AWS answers with ("Troubleshoot your Application Load Balancers").
    fn status(&self) -> u16 {
        match self {
            Failure::Unreachable | Failure::Broken => 502,
            Failure::ConnectTimeout | Failure::Idle => 504,
            Failure::ClientIdle => 408,
        }
    }

    fn is_connection_error(&self) -> bool {
        matches!(self, Failure::Unreachable | Failure::ConnectTimeout)
    }
}

/// Forwards to the group's next target. A failed target is not replaced by another: AWS documents 502 for a refused
/// or reset connection, and no retry.
pub(crate) async fn forward(
    group: &TargetGroup,
    request: Request<Incoming>,
    forwarded: &Forwarded,
    idle: Duration,
    account: &mut Account,
) -> Response<Reply> {
    account.group(group.name());
    let Some(target) = group.next() else {
        account.answered_by_balancer(503);
        return answer::page(503);
    };
    account.target(target.address);
    let begun = Instant::now();
    let (request, upload) = prepare(request, forwarded);
    match exchange(&target, request, upload.as_deref(), idle).await {
        Ok((answer, connection)) => {
            account.answered_by_target(answer.status().as_u16(), begun.elapsed());
            pass_on(
                answer,
                Lease {
                    target,
                    connection,
                    upload,
                },
                idle,
            )
        }
        Err(failure) => {
            if failure.is_connection_error() {
                account.connection_error();
            }
            account.answered_by_balancer(failure.status());
            answer::page(failure.status())
        }
    }
}

/// The request as the target gets it.
fn prepare(request: Request<Incoming>, forwarded: &Forwarded) -> (Request<Upload>, Option<Arc<Progress>>) {
    let (mut parts, body) = request.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    forwarded.write(&mut parts.headers);
    parts.version = Version::HTTP_11;
    if parts.uri.authority().is_some() {
        parts.uri = path_of(&parts.uri);
    }
    let (upload, progress) = Upload::new(body);
    (Request::from_parts(parts, upload), progress)
}

/// A request line may hold a whole URL; targets get its path.
fn path_of(uri: &Uri) -> Uri {
    uri.path_and_query()
        .cloned()
        .map_or(Uri::from_static("/"), Uri::from)
}

/// The answer as the client gets it.
fn pass_on(answer: Response<Incoming>, lease: Lease, idle: Duration) -> Response<Reply> {
    let (mut parts, body) = answer.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    parts.version = Version::HTTP_11;
    Response::from_parts(parts, Reply::Target(Download::new(body, lease, idle)))
}

/// Sends on an idle connection or a new one. A connection that turns out closed hands the request back unsent, and
/// only then another one is tried: what may have reached the target is never sent twice.
async fn exchange(
    target: &Arc<Target>,
    mut request: Request<Upload>,
    upload: Option<&Progress>,
    idle: Duration,
) -> Result<(Response<Incoming>, Option<Connection>), Failure> {
    loop {
        let (connection, fresh) = match target.pool.take().await {
            Some(connection) => (connection, false),
            None => (connect(target).await?, true),
        };
        let (sent, connection) = within_idle(ask(connection, request), upload, idle).await?;
        match sent {
            // Nobody asked to switch protocols: Upgrade is not passed on.
            Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => return Err(Failure::Broken),
            Ok(answer) => return Ok((answer, connection)),
            Err(mut error) => match error.take_message() {
                Some(unsent) if !fresh => request = unsent,
                _ => return Err(Failure::Broken),
            },
        }
    }
}

/// Sends on one connection. A request that is queued in the moment in which its connection ends can stay in hyper's
/// queue for as long as a handle of the connection lives, so the handle goes first: then it comes back as unsent.
async fn ask(mut connection: Connection, request: Request<Upload>) -> (Sent, Option<Connection>) {
    let sending = connection.sender.try_send_request(request);
    tokio::pin!(sending);
    tokio::select! {
        biased;
        sent = sending.as_mut() => return (sent, Some(connection)),
        () = connection.ended.cancelled() => {}
    }
    drop(connection);
    (sending.await, None)
}

/// Waits for an answer, as long as something moves within each idle timeout.
async fn within_idle<T>(
    sending: impl Future<Output = T>,
    upload: Option<&Progress>,
    idle: Duration,
) -> Result<T, Failure> {
    tokio::pin!(sending);
    let frames = || upload.map_or(0, Progress::frames);
    let mut seen = 0;
    loop {
        if let Ok(done) = timeout(idle, sending.as_mut()).await {
            return Ok(done);
        }
        let now = frames();
        if now == seen {
            let client = upload.is_some_and(Progress::waits_for_client);
            return Err(if client {
                Failure::ClientIdle
            } else {
                Failure::Idle
            });
        }
        seen = now;
    }
}

async fn connect(target: &Arc<Target>) -> Result<Connection, Failure> {
    let stream = open(target.address).await?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Broken)?;
    let (cut, ended) = (target.cut_token().clone(), CancellationToken::new());
    let made = Connection {
        sender,
        ended: ended.clone(),
    };
    tokio::spawn(async move {
        // How a connection ended is told to whoever waits for its answer.
        tokio::select! {
            _ = connection => {}
            () = cut.cancelled() => {}
        }
        ended.cancel();
    });
    Ok(made)
}

async fn open(address: SocketAddr) -> Result<TcpStream, Failure> {
    let opened = timeout(CONNECT, TcpStream::connect(address))
        .await
        .map_err(|_| Failure::ConnectTimeout)?;
    let stream = opened.map_err(|_| Failure::Unreachable)?;
    // Without it small requests wait for the target's ACK.
    stream.set_nodelay(true).map_err(|_| Failure::Unreachable)?;
    Ok(stream)
}

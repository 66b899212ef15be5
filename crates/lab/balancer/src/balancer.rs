//! One listener: accepts clients, finds the action of each request.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use http::header::HOST;
use http::{HeaderMap, Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::account::Account;
use crate::body::Reply;
use crate::forward::forward;
use crate::headers::Forwarded;
use crate::rules::Table;
use crate::{Action, Observer, Rule, answer, lock};

/// AWS's default of `idle_timeout.timeout_seconds`.
const IDLE: Duration = Duration::from_secs(60);

/// The longest that AWS allows.
const LONGEST_IDLE: Duration = Duration::from_secs(4000);

/// How long [`LoadBalancer::close`] lets running requests finish.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait when the machine has no descriptor for another client.
const NO_DESCRIPTOR: Duration = Duration::from_millis(50);

/// One HTTP listener of an Application Load Balancer. It accepts until it is closed or dropped; dropping cuts what is
/// under way.
pub struct LoadBalancer {
    shared: Arc<Shared>,
    connections: TaskTracker,
    closing: CancellationToken,
    cut: DropGuard,
}

/// What each request needs.
struct Shared {
    name: Arc<str>,
    address: SocketAddr,
    observer: Arc<dyn Observer>,
    table: RwLock<Arc<Table>>,
    idle: Mutex<Duration>,
}

impl LoadBalancer {
    /// Listens on an address (port 0 takes a free one). Until rules are set, every request gets a 503.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        name: &str,
        observer: Arc<dyn Observer>,
    ) -> io::Result<LoadBalancer> {
        let listener = TcpListener::bind(address).await?;
        let nothing = Action::FixedResponse {
            status: 503,
            content_type: String::new(),
            body: String::new(),
        };
        let shared = Arc::new(Shared {
            name: name.into(),
            address: listener.local_addr()?,
            observer,
            table: RwLock::new(Arc::new(Table::new(Vec::new(), nothing))),
            idle: Mutex::new(IDLE),
        });
        let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
        let cut = CancellationToken::new();
        let ends = Ends {
            closing: closing.clone(),
            cut: cut.clone(),
        };
        connections.spawn(accept(listener, Arc::clone(&shared), connections.clone(), ends));
        Ok(LoadBalancer {
            shared,
            connections,
            closing,
            cut: cut.drop_guard(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Sets the rules and the default action, for all requests from the next one on.
    pub fn set_rules(&self, rules: Vec<Rule>, default: Action) {
        let table = Arc::new(Table::new(rules, default));
        *self.shared.table.write().unwrap_or_else(PoisonError::into_inner) = table;
    }

    /// Sets `idle_timeout.timeout_seconds` (60 s at first, 4000 s at most; real time): how long a target may take to answer (504), how
    /// long an answer may stall, and how long new client connections may be idle.
    pub fn set_idle_timeout(&self, idle: Duration) {
        *lock(&self.shared.idle) = idle.min(LONGEST_IDLE);
    }

    /// Stops accepting, lets running requests finish for up to two seconds, then cuts them.
    pub async fn close(&self) {
        self.closing.cancel();
        self.connections.close();
        if timeout(GRACE, self.connections.wait()).await.is_err() {
            self.cut.token().cancel();
            self.connections.wait().await;
        }
    }
}

/// How the tasks of a listener end: softly, or at once.
#[derive(Clone)]
struct Ends {
    closing: CancellationToken,
    cut: CancellationToken,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, connections: TaskTracker, ends: Ends) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = ends.closing.cancelled() => return,
            () = ends.cut.cancelled() => return,
        };
        match accepted {
            Ok((stream, client)) => {
                connections.spawn(serve(stream, client, Arc::clone(&shared), ends.clone()));
            }
            Err(error) => {
                tracing::debug!(%error, "a client could not be accepted");
                tokio::time::sleep(NO_DESCRIPTOR).await;
            }
        }
    }
}

/// Serves one client connection until either side ends it.
async fn serve(stream: TcpStream, client: SocketAddr, shared: Arc<Shared>, ends: Ends) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let idle = shared.idle();
    let forwarded = Forwarded::new(client, shared.address);
    let service = service_fn(|request| shared.handle(request, &forwarded));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // A broken client connection is the client's affair; its request was accounted for.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = ends.cut.cancelled() => return,
        () = ends.closing.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = connection => {}
        () = ends.cut.cancelled() => {}
    }
}

impl Shared {
    fn idle(&self) -> Duration {
        *lock(&self.idle)
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
        forwarded: &Forwarded,
    ) -> Result<Response<Reply>, Infallible> {
        let mut account = Account::open(Arc::clone(&self.observer), Arc::clone(&self.name));
        if let Some(status) = refused(request.method()) {
            account.answered_by_balancer(status);
            return Ok(answer::page(status));
        }
        let table = Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner));
        let host = host(request.uri(), request.headers());
        let answer = match table.action(request.uri().path(), host) {
            Action::Forward(group) => {
                return Ok(forward(group, request, forwarded, self.idle(), &mut account).await);
            }
            Action::FixedResponse {
                status,
                content_type,
                body,
            } => answer::fixed(*status, content_type, body),
            Action::Redirect { status, location } => {
                answer::redirect(*status, location, request.uri(), host, self.address.port())
            }
        };
        account.answered_by_balancer(answer.status().as_u16());
        Ok(answer)
    }
}

/// The status for methods that a load balancer does not pass on: AWS answers TRACE with 405.
fn refused(method: &Method) -> Option<u16> {
    match *method {
        Method::TRACE => Some(405),
        Method::CONNECT => Some(400),
        _ => None,
    }
}

/// The host that a request is for, with its port if it names one.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let authority = uri.authority().map(|authority| authority.as_str());
    authority
        .or_else(|| headers.get(HOST)?.to_str().ok())
        .unwrap_or_default()
}

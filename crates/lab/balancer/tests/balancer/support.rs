//! Targets, clients and an observer for the tests.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chaos_lab_balancer::*;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

pub type Body = BoxBody<Bytes, hyper::Error>;
type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// An address of 127.0.0.0/8 for one listener only. On a shared address the port of a dead target may become that of
/// another test's server, which then gets what was meant for the dead one.
fn own_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let at = NEXT
        .fetch_add(1, Ordering::SeqCst)
        .wrapping_add(std::process::id().wrapping_mul(2048));
    let [_, second, third, fourth] = at.to_be_bytes();
    SocketAddr::from(([127, 128 + second % 64, third, fourth], 0))
}

pub fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

pub fn status(code: u16, text: impl Into<Bytes>) -> Response<Body> {
    Response::builder().status(code).body(full(text)).unwrap()
}

/// Polls until something holds; fails loudly when it never does.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}");
}

/// Writes down what the balancer observes.
#[derive(Default)]
pub struct Recorder {
    pub seen: Mutex<Vec<Observation>>,
    pub changes: Mutex<Vec<(String, SocketAddr, bool)>>,
}

impl Observer for Recorder {
    fn request(&self, seen: &Observation) {
        self.seen.lock().unwrap().push(seen.clone());
    }

    fn health_changed(&self, group: &str, target: SocketAddr, healthy: bool) {
        self.changes.lock().unwrap().push((group.into(), target, healthy));
    }
}

impl Recorder {
    pub fn all(&self) -> Vec<Observation> {
        self.seen.lock().unwrap().clone()
    }

    /// The only observation.
    pub fn only(&self) -> Observation {
        let all = self.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }
}

/// A target: a real HTTP server on a port of its own. Dropping it is a SIGKILL to its clients.
pub struct Server {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    pub requests: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    pub async fn start<A>(answer: impl Fn(Request<Incoming>) -> A + Send + Sync + Clone + 'static) -> Server
    where
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let mut server = Server::raw(move |stream| {
            let (answer, counted) = (answer.clone(), Arc::clone(&counted));
            async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    if !is_check(request.headers()) {
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                    let answering: Answering = Box::pin(answer(request));
                    async move { Ok::<_, Infallible>(answering.await) }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
        })
        .await;
        server.requests = requests;
        server
    }

    /// A server that does with each connection what it is told.
    pub async fn raw<A>(serve: impl Fn(TcpStream) -> A + Send + Sync + 'static) -> Server
    where
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(own_address()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            let mut running = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                        counted.fetch_add(1, Ordering::SeqCst);
                        running.spawn(serve(stream));
                    },
                    Some(_) = running.join_next() => {}
                }
            }
        });
        Server {
            address,
            connections,
            requests: Arc::default(),
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Answers everything with a text.
    pub async fn saying(text: &'static str) -> Server {
        Server::start(move |_| async move { status(200, text) }).await
    }

    pub fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

pub fn is_check(headers: &HeaderMap) -> bool {
    headers
        .get("user-agent")
        .is_some_and(|agent| agent == "ELB-HealthChecker/2.0")
}

/// An address on loopback that refuses connections.
pub async fn refusing() -> SocketAddr {
    TcpListener::bind(own_address())
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Quick checks with long timeouts.
pub fn quick() -> HealthCheck {
    HealthCheck {
        interval: Duration::from_millis(50),
        timeout: Duration::from_secs(20),
        ..HealthCheck::default()
    }
}

/// Checks that come so seldom that only the first one counts.
pub fn seldom() -> HealthCheck {
    HealthCheck {
        interval: Duration::from_secs(3600),
        ..quick()
    }
}

/// A balancer, one group behind it, and the observer of both.
pub struct Bench {
    pub balancer: LoadBalancer,
    pub group: Arc<TargetGroup>,
    pub recorder: Arc<Recorder>,
}

impl Bench {
    pub async fn new(check: HealthCheck) -> Bench {
        let recorder = Arc::new(Recorder::default());
        let group = TargetGroup::new("web", check, Pace(1.0), recorder.clone());
        let balancer = LoadBalancer::bind(own_address(), "public", recorder.clone())
            .await
            .unwrap();
        balancer.set_rules(vec![], Action::Forward(Arc::clone(&group)));
        Bench {
            balancer,
            group,
            recorder,
        }
    }

    /// With healthy targets.
    pub async fn with(servers: &[&Server]) -> Bench {
        let bench = Bench::new(seldom()).await;
        for server in servers {
            bench.group.register(server.address, "a");
        }
        bench.all_are(TargetState::Healthy).await;
        bench
    }

    pub async fn all_are(&self, state: TargetState) {
        until(state.as_str(), || {
            self.group.targets().iter().all(|target| target.state == state)
        })
        .await;
    }

    /// One request on a connection of its own.
    pub async fn get(&self, path: &str) -> (u16, String) {
        self.client().await.get(path).await
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.balancer.address()).await.unwrap()
    }

    /// Writes text on a connection of its own and reads until the balancer closes it.
    pub async fn raw(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.balancer.address()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    pub fn view(&self, address: SocketAddr) -> Option<TargetView> {
        self.group
            .targets()
            .into_iter()
            .find(|target| target.address == address)
    }
}

/// A client with one connection that is kept alive.
pub struct Client {
    sender: SendRequest<Body>,
    pub connection: tokio::task::JoinHandle<()>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> io::Result<Client> {
        let stream = TokioIo::new(TcpStream::connect(address).await?);
        let (sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        let connection = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Client { sender, connection })
    }

    pub async fn send(&mut self, request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }

    pub async fn get(&mut self, path: &str) -> (u16, String) {
        let answer = self.send(get(path)).await.unwrap();
        (answer.status().as_u16(), text(answer).await)
    }
}

pub fn get(path: &str) -> Request<Body> {
    let nothing = Empty::new().map_err(|never| match never {}).boxed();
    Request::get(path)
        .header("host", "lab.example")
        .body(nothing)
        .unwrap()
}

pub async fn text(answer: Response<Incoming>) -> String {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

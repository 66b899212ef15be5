//! A small comments application in memory: the API that `library/load-generation` talks to, and counters of what was
//! asked, by route and status, to hold a load generator's numbers against.

mod store;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

#[allow(unused_imports, reason = "the example does not ask")]
pub use store::is_spam;
use store::{Page, Store};

/// A running server, on a thread of its own; ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    store: Store,
    counts: BTreeMap<String, u64>,
}

/// Requests by route and status, as `POST /comments 403`.
pub type Counts = BTreeMap<String, u64>;

#[allow(dead_code, reason = "each test and the example use a part")]
impl Server {
    /// Starts on this port of the loopback interface; port 0 is a free one.
    pub fn start(port: u16) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", port)))?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address, as `http://127.0.0.1:1234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        lock(&self.state).counts.clone()
    }

    /// How often these routes were asked, whatever the answer; all of them when the list is empty.
    pub fn requests(&self, routes: &[&str]) -> u64 {
        let counts = self.counts();
        let asked = |key: &str| {
            let route = key.rsplit_once(' ').map_or(key, |(route, _)| route);
            routes.is_empty() || routes.contains(&route)
        };
        counts
            .iter()
            .filter(|(key, _)| asked(key))
            .map(|(_, count)| count)
            .sum()
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| serve(request, Arc::clone(&state)));
            let connection = hyper::server::conn::http1::Builder::new();
            // a client that goes away is no error of ours
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn serve(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let path = head.uri.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let mut state = lock(&state);
    if parts == ["_counts"] {
        return Ok(response(StatusCode::OK, &json!(state.counts)));
    }
    let (route, (status, answer)) = answer(&mut state.store, &head.method, &parts, head.uri.query(), &body);
    *state
        .counts
        .entry(format!("{} {route} {}", head.method, status.as_u16()))
        .or_default() += 1;
    Ok(response(status, &answer))
}

fn response(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}

type Answer = (StatusCode, Value);

/// The route that a path is, and the answer.
fn answer(
    store: &mut Store,
    method: &Method,
    parts: &[&str],
    query: Option<&str>,
    body: &[u8],
) -> (String, Answer) {
    match parts {
        ["health"] => ("/health".into(), (StatusCode::OK, json!({ "status": "ok" }))),
        ["posts", post, "comments"] => (
            "/posts/{id}/comments".into(),
            comments_of(store, method, post, Page::from_query(query), body),
        ),
        [kind @ ("users" | "posts" | "comments")] => {
            (format!("/{kind}"), collection(store, method, kind, body))
        }
        [kind @ ("users" | "posts" | "comments"), id] => {
            (format!("/{kind}/{{id}}"), one(store, method, kind, id, body))
        }
        _ => ("/other".into(), error(StatusCode::NOT_FOUND, "no such path")),
    }
}

fn error(status: StatusCode, message: &str) -> Answer {
    (status, json!({ "error": message }))
}

fn collection(store: &mut Store, method: &Method, kind: &str, body: &[u8]) -> Answer {
    match *method {
        Method::GET => (StatusCode::OK, store.all(kind)),
        Method::POST => object(body).map_or_else(|refusal| refusal, |thing| store.create(kind, thing)),
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "GET or POST"),
    }
}

fn one(store: &mut Store, method: &Method, kind: &str, id: &str, body: &[u8]) -> Answer {
    let Ok(id) = id.parse() else {
        return error(StatusCode::NOT_FOUND, "ids are numbers");
    };
    match *method {
        Method::GET => store.read(kind, id),
        Method::PUT => object(body).map_or_else(|refusal| refusal, |change| store.change(kind, id, change)),
        Method::DELETE => store.delete(kind, id),
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "GET, PUT or DELETE"),
    }
}

fn comments_of(store: &mut Store, method: &Method, post: &str, page: Option<Page>, body: &[u8]) -> Answer {
    let (Ok(post), Some(page)) = (post.parse(), page) else {
        return error(StatusCode::BAD_REQUEST, "post, count and more are numbers");
    };
    match *method {
        Method::GET => store.comments_of(post, page),
        Method::POST => object(body).map_or_else(
            |refusal| refusal,
            |mut comment| {
                comment.insert("post".into(), json!(post));
                store.create("comments", comment)
            },
        ),
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "GET or POST"),
    }
}

fn object(body: &[u8]) -> Result<serde_json::Map<String, Value>, Answer> {
    serde_json::from_slice(body).map_err(|_| error(StatusCode::BAD_REQUEST, "the body must be a JSON object"))
}

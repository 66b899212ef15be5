//! What tests of activities share: a scripted HTTP server on this machine, and a run through the catalogue.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

use chaos_engine::activity::{ActivityError, Catalogue, Context};
use chaos_engine::host::Host;
use chaos_engine::value::{Map, Value};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server got it: method and target, head, body.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub head: String,
    pub body: String,
}

/// An HTTP server that records requests and gives its answers in turn, the last one for ever.
pub struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Each answer is a status and a body; a body that starts with `Location:` is a header instead.
    pub async fn start(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answers: Vec<String> = answers
            .iter()
            .map(|(status, body)| answer(*status, body))
            .collect();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else {
                    continue;
                };
                log.lock().unwrap().push(request);
                let answer = &answers[turn.min(answers.len() - 1)];
                turn += 1;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// `METHOD target` of each request.
    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|seen| seen.line).collect()
    }

    /// The only request and its body.
    pub fn only(&self) -> (String, Json) {
        let requests = self.requests();
        let [seen] = requests.as_slice() else {
            panic!("not one request: {requests:?}");
        };
        let body = serde_json::from_str(&seen.body).unwrap_or(Json::Null);
        (seen.line.clone(), body)
    }
}

fn answer(status: u16, body: &str) -> String {
    let (header, body) = match body.starts_with("Location:") {
        true => (body, ""),
        false => ("Content-Type: application/json\r\n", body),
    };
    let length = match status {
        204 => String::new(),
        _ => format!("Content-Length: {}\r\n", body.len()),
    };
    format!("HTTP/1.1 {status} Of-Test\r\n{header}{length}\r\n{body}")
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
            return Some(Seen {
                line: line.to_owned(),
                head: head.to_owned(),
                body: body.to_owned(),
            });
        }
    }
}

/// A port on which nothing listens.
pub fn vacant_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A context with that configuration, and with the variable `DB_PORT` in its environment.
pub fn context(configuration: Json) -> Context {
    let mut host = Host::default();
    host.set_var("DB_PORT", "5432");
    Context::new(Rc::new(map(configuration)), Rc::default(), Rc::new(host), 0)
}

/// Checks the arguments and runs the activity `module.function` of this crate's catalogue.
pub async fn run(name: &str, arguments: Json, configuration: Json) -> Result<Value, ActivityError> {
    run_in(name, arguments, context(configuration)).await
}

/// The same in a context of one's own.
pub async fn run_in(name: &str, arguments: Json, context: Context) -> Result<Value, ActivityError> {
    let catalogue = crate::register(Catalogue::new());
    let (module, function) = name.rsplit_once('.').unwrap();
    let entry = catalogue.get(module, function).expect(name);
    let arguments = map(arguments);
    entry.check(&arguments).unwrap();
    entry.run(arguments, context).await
}

/// The message of a failure; anything else that an activity can end with is no failure.
pub fn message(error: ActivityError) -> String {
    match error {
        ActivityError::Failed(failure) | ActivityError::FailedWith(failure, _) => failure.message,
        other => panic!("not a failure: {other:?}"),
    }
}

fn map(json: Json) -> Map {
    Value::from(json).as_map().unwrap().clone()
}

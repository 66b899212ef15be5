//! An HTTP proxy that does to each request what the test's script says. One request per connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happens to a request.
pub enum Act {
    Pass,
    /// Answered by the proxy with these head lines and this body.
    Answer(&'static str, &'static str),
    /// The connection is closed without an answer, the server having seen nothing.
    Close,
    /// Nothing is answered and the connection stays, for as long as the client keeps it.
    Hang,
    /// The server has done it; the answer is lost.
    LoseAnswer,
}

/// A request as it came.
#[derive(Clone)]
pub struct Request {
    /// Method and path: `PUT /bucket/key?x`.
    pub line: String,
    /// The lines of the head in lower case, without the first.
    pub head: Vec<String>,
    pub body: Vec<u8>,
}

/// A running proxy. Its threads end with the process.
pub struct Proxy {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    under_way: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens on a free port of loopback, before the server at `upstream`.
    pub fn start(upstream: SocketAddr, script: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (seen.clone(), Arc::new(Mutex::new(script)));
        let under_way = Arc::new(AtomicUsize::new(0));
        let count = under_way.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, script, count) = (log.clone(), script.clone(), count.clone());
                count.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // A connection that breaks is the client's business.
                    let _ = serve(stream, upstream, &log, &script);
                    count.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            address,
            seen,
            under_way,
        }
    }

    /// Whether the server may still be at work on a request.
    pub fn busy(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) > 0
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

/// A script that fails about 30 % of the requests in four ways and counts them; the same seed fails the same ones.
pub fn flaky(seed: u64, failed: Arc<AtomicUsize>) -> impl FnMut(&Request) -> Act + Send {
    let mut state = seed;
    let mut percent = move || {
        // Knuth's linear congruential generator; the high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 100
    };
    move |_| {
        let act = match percent() {
            0..8 => Act::Answer("HTTP/1.1 500 Internal Server Error", INTERNAL_ERROR),
            8..16 => Act::Answer("HTTP/1.1 503 Slow Down", SLOW_DOWN),
            16..23 => Act::Close,
            23..30 => Act::LoseAnswer,
            _ => return Act::Pass,
        };
        failed.fetch_add(1, Ordering::Relaxed);
        act
    }
}

const INTERNAL_ERROR: &str = "<Error><Code>InternalError</Code><Message>We failed.</Message></Error>";
const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code><Message>Please slow down.</Message></Error>";

fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    log: &Mutex<Vec<Request>>,
    script: &Mutex<impl FnMut(&Request) -> Act>,
) -> std::io::Result<()> {
    let (request, raw) = read(&mut client)?;
    log.lock().unwrap().push(request.clone());
    let act = (script.lock().unwrap())(&request);
    match act {
        Act::Close => Ok(()),
        Act::Hang => client.read_to_end(&mut Vec::new()).map(drop),
        Act::Answer(head, body) => {
            let body = if request.line.starts_with("HEAD") {
                ""
            } else {
                body
            };
            write!(
                client,
                "{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
        }
        Act::Pass => client.write_all(&forward(upstream, &raw)?),
        Act::LoseAnswer => forward(upstream, &raw).map(|_| ()),
    }
}

fn forward(upstream: SocketAddr, raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(raw)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The request, and its bytes for the server, which is told to close the connection afterwards.
fn read(client: &mut TcpStream) -> std::io::Result<(Request, Vec<u8>)> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut raw = first.clone().into_bytes();
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let lower = line.trim_end().to_lowercase();
        if lower.is_empty() {
            break;
        }
        if !lower.starts_with("connection:") && !lower.starts_with("expect:") {
            raw.extend(line.as_bytes());
        }
        head.push(lower);
    }
    raw.extend(b"Connection: close\r\n\r\n");
    if head.iter().any(|line| line.starts_with("expect: 100")) {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = read_body(&mut reader, &head)?;
    raw.extend(&body);
    let line = first.split(" HTTP/").next().unwrap_or_default().to_owned();
    Ok((Request { line, head, body }, raw))
}

/// The body's bytes as sent.
fn read_body(reader: &mut impl BufRead, head: &[String]) -> std::io::Result<Vec<u8>> {
    let header = |name: &str| {
        head.iter()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let mut body = Vec::new();
    if let Some(length) = header("content-length:").and_then(|length| length.parse().ok()) {
        reader.take(length).read_to_end(&mut body)?;
    } else if header("transfer-encoding:") == Some("chunked") {
        loop {
            let start = body.len();
            reader.read_until(b'\n', &mut body)?;
            let size = String::from_utf8_lossy(&body[start..]).trim().to_owned();
            let size = u64::from_str_radix(&size, 16).map_err(std::io::Error::other)?;
            reader.take(size + 2).read_to_end(&mut body)?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(body)
}

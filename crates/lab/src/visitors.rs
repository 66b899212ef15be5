//! Users of the application, few but steady, so that a person sees what a fault does to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::MissedTickBehavior;

/// How long a visitor waits for a page.
const PATIENCE: Duration = Duration::from_secs(5);
/// What visitors look at, in turn.
const PAGES: [&str; 3] = ["/users", "/posts", "/"];

/// One who asks for pages.
#[derive(Clone)]
pub struct Visitor {
    client: Client<HttpConnector, Empty<Bytes>>,
    base: String,
}

impl Visitor {
    /// A visitor of the application at an address such as `http://127.77.0.10:8080`.
    pub fn new(base: &str) -> Visitor {
        Visitor {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.to_owned(),
        }
    }

    /// Asks for a page and reads it to its end; nothing where no answer came.
    pub async fn visit(&self, path: &str) -> Option<u16> {
        self.ask(path).await.map(|(status, _)| status)
    }

    /// The body of a page; nothing where no good answer came.
    pub async fn read(&self, path: &str) -> Option<Bytes> {
        self.ask(path)
            .await
            .filter(|(status, _)| *status == 200)
            .map(|(_, body)| body)
    }

    async fn ask(&self, path: &str) -> Option<(u16, Bytes)> {
        let address = format!("{}{path}", self.base).parse().ok()?;
        let asked = async {
            let answer = self.client.get(address).await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, asked).await.ok()?
    }
}

/// What visitors met so far.
#[derive(Default)]
pub struct Met {
    pub served: AtomicU64,
    pub failed: AtomicU64,
}

/// Visits `rate` times a second, however slowly the application answers, until the future is dropped.
pub async fn visit(base: String, rate: u32, met: Arc<Met>) {
    if rate == 0 {
        return std::future::pending().await;
    }
    let visitor = Visitor::new(&base);
    let mut beat = tokio::time::interval(Duration::from_secs(1) / rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for page in PAGES.into_iter().cycle() {
        beat.tick().await;
        let (visitor, met) = (visitor.clone(), met.clone());
        tokio::spawn(async move {
            let counter = match visitor.visit(page).await {
                Some(status) if status < 500 => &met.served,
                _ => &met.failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        });
    }
}

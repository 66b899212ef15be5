//! The HTTP client against a server of its own.
#![allow(clippy::unwrap_used, clippy::new_without_default)] // helpers of tests

mod http {
    pub mod bench;
    pub mod bodies;
    pub mod cookies;
    pub mod failures;
    pub mod redirects;
    pub mod reuse;
    pub mod secure;
}
mod support;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chaos_load::http::{Client, Jar, Outcome, Request, Response, Settings, Shared};
use chaos_load::options::{Hosts, Options};
use serde_json::Value;
use url::Url;

use support::TestServer;

/// The option `hosts`.
pub fn hosts(leads: &[(&str, &str)]) -> Hosts {
    let leads: serde_json::Map<_, _> = leads
        .iter()
        .map(|(name, to)| ((*name).to_owned(), (*to).into()))
        .collect();
    let options = Options::from_json(&serde_json::json!({ "hosts": leads }));
    options.unwrap().hosts.unwrap()
}

/// A user with a jar.
pub struct User {
    pub client: Rc<Client>,
    pub jar: Rc<Jar>,
}

impl User {
    pub fn with(settings: Settings) -> Self {
        let shared = Arc::new(Shared::new(settings).expect("good settings"));
        Self {
            client: Rc::new(Client::new(shared)),
            jar: Rc::new(Jar::new()),
        }
    }

    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    /// Trusts the server's root.
    pub fn trusting(server: &TestServer) -> Self {
        Self::with(trusting(server))
    }

    pub async fn send(&self, request: Request) -> Outcome {
        self.client.send(request, &self.jar).await
    }

    pub async fn get(&self, url: &str) -> Outcome {
        self.send(get(url)).await
    }

    /// Must be answered with 200.
    pub async fn ok(&self, request: Request) -> Response {
        let outcome = self.send(request).await;
        assert_eq!(outcome.error, None);
        let response = outcome.response.expect("an answer");
        assert_eq!(response.status, 200, "{response:?}");
        response
    }
}

pub fn trusting(server: &TestServer) -> Settings {
    Settings {
        extra_roots: vec![server.root()],
        ..Settings::default()
    }
}

pub fn get(url: &str) -> Request {
    request("GET", url, "")
}

pub fn post(url: &str, body: &str) -> Request {
    request("POST", url, body)
}

pub fn request(method: &str, url: &str, body: &str) -> Request {
    Request {
        body: Bytes::from(body.to_string()),
        timeout: Duration::from_secs(20),
        ..Request::new(method, Url::parse(url).unwrap())
    }
}

pub fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

pub fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

/// Runs a user's life on one thread.
pub fn on_this_thread(life: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, life);
}

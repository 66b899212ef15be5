//! Asks spamcheck, and decides what happens when it does not answer.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use prometheus::IntCounterVec;
use serde::Deserialize;
use serde_json::json;
use tracing::warn;

use crate::metrics::Metrics;
use crate::problem::{Answer, Problem};
use crate::upstream::{Upstream, UpstreamError};

/// What to do with a comment that nobody could judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Take it, unchecked: spam may pass, people can go on.
    Accept,
    /// Refuse it with 503.
    Refuse,
}

impl FromStr for Fallback {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "accept" => Ok(Self::Accept),
            "refuse" => Ok(Self::Refuse),
            _ => Err(()),
        }
    }
}

/// The way to spamcheck, if there is one.
#[derive(Clone)]
pub struct SpamCheck {
    upstream: Option<Upstream>,
    fallback: Fallback,
    verdicts: IntCounterVec,
}

#[derive(Deserialize)]
struct Verdict {
    spam: bool,
}

impl SpamCheck {
    /// Without an upstream, all is taken unchecked.
    pub fn new(
        upstream: Option<Upstream>,
        fallback: Fallback,
        metrics: &Metrics,
    ) -> Result<Self, prometheus::Error> {
        let help = "What became of texts: ham, spam, or why there was no verdict";
        Ok(Self {
            upstream,
            fallback,
            verdicts: metrics.counter("spamcheck_verdicts_total", help, "verdict")?,
        })
    }

    /// Lets a text pass, or refuses it. Tells whether it was judged.
    pub async fn passes(&self, content: &str) -> Answer<bool> {
        let Some(upstream) = &self.upstream else {
            self.count("off");
            return Ok(false);
        };
        match ask(upstream, content).await {
            Ok(Verdict { spam: true }) => {
                self.count("spam");
                Err(Problem::new(StatusCode::FORBIDDEN, "this is spam"))
            }
            Ok(Verdict { spam: false }) => {
                self.count("ham");
                Ok(true)
            }
            Err(cause) => self.unjudged(&cause),
        }
    }

    fn unjudged(&self, cause: &UpstreamError) -> Answer<bool> {
        warn!(%cause, fallback = ?self.fallback, "no verdict from spamcheck");
        self.count(match cause {
            UpstreamError::Slow(_) => "slow",
            UpstreamError::Away(_) => "away",
        });
        match self.fallback {
            Fallback::Accept => Ok(false),
            Fallback::Refuse => Err(Problem::unavailable(
                "comments cannot be checked for spam for the moment",
            )),
        }
    }

    fn count(&self, verdict: &str) {
        self.verdicts.with_label_values(&[verdict]).inc();
    }
}

async fn ask(upstream: &Upstream, content: &str) -> Result<Verdict, UpstreamError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = json!({ "content": content }).to_string().into();
    let answer = upstream.ask(Method::POST, "/check", headers, body).await?;
    if answer.status() != StatusCode::OK {
        return Err(UpstreamError::Away(format!("status {}", answer.status())));
    }
    serde_json::from_slice(answer.body()).map_err(|_| UpstreamError::Away("no verdict in the answer".into()))
}

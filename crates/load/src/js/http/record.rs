//! The samples of a request.

use std::borrow::Cow;
use std::time::Duration;

use super::expected::Expected;
use super::request::Prepared;
use crate::http::{Auth, Hop, Outcome};
use crate::metrics::{Tags, builtin};
use crate::run::Level;
use crate::vu::Vu;

/// Records every hop: each redirect is a request of its own, as in k6.
pub fn record(vu: &Vu, prepared: &Prepared, outcome: &Outcome) {
    // The wait for a busy generator belongs to the first request of the iteration that had to wait.
    let late = std::mem::take(&mut vu.activity.borrow_mut().late);
    for (index, hop) in outcome.hops.iter().enumerate() {
        let late = if index == 0 { late } else { Duration::ZERO };
        record_hop(vu, prepared, hop, late, index + 1 == outcome.hops.len());
    }
    if let Some(error) = &outcome.error
        && !prepared.throw
    {
        vu.test
            .trouble(Level::Warning, format!("request failed: {}", error.detail));
    }
}

/// The first answer to a digest authentication asks for the credentials: that is no failure, as in k6.
fn is_challenge(prepared: &Prepared, hop: &Hop, last: bool) -> bool {
    prepared.request.auth == Some(Auth::Digest) && hop.status == 401 && !last
}

fn record_hop(vu: &Vu, prepared: &Prepared, hop: &Hop, late: Duration, last: bool) {
    let expected = prepared
        .expected
        .as_deref()
        .map(|expected: &Expected| expected.matches(hop.status) || is_challenge(prepared, hop, last));
    let tags = HopTags {
        hop,
        expected,
        rest: vu.sample_tags(&prepared.tags),
    };
    let timings = &hop.timings;
    vu.record(|shard| {
        let mut time = |metric, duration: Duration| shard.add(metric, millis(duration), &tags);
        time(builtin::HTTP_REQ_DURATION, timings.duration() + late);
        time(builtin::HTTP_REQ_BLOCKED, timings.blocked);
        time(builtin::HTTP_REQ_CONNECTING, timings.connecting);
        time(builtin::HTTP_REQ_TLS_HANDSHAKING, timings.tls_handshaking);
        time(builtin::HTTP_REQ_SENDING, timings.sending);
        time(builtin::HTTP_REQ_WAITING, timings.waiting);
        time(builtin::HTTP_REQ_RECEIVING, timings.receiving);
        shard.add(builtin::HTTP_REQS, 1.0, &tags);
        if let Some(expected) = expected {
            shard.add(builtin::HTTP_REQ_FAILED, f64::from(u8::from(!expected)), &tags);
        }
        // Bytes are the connection's: they have no tags of the request, as in k6.
        let plain = vu.sample_tags(&[]);
        shard.add(builtin::DATA_SENT, hop.bytes_sent as f64, &plain);
        shard.add(builtin::DATA_RECEIVED, hop.bytes_received as f64, &plain);
    });
}

pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// k6 gives codes to failures, and to statuses from 400 on.
fn code(hop: &Hop) -> Option<u32> {
    match &hop.error {
        Some(error) => Some(error.code),
        None => (hop.status >= 400).then(|| 1000 + u32::from(hop.status)),
    }
}

/// The tags that k6 itself gives to the samples of requests.
const OF_REQUESTS: [&str; 10] = [
    "method",
    "status",
    "url",
    "name",
    "proto",
    "ip",
    "tls_version",
    "error",
    "error_code",
    "expected_response",
];

struct HopTags<'a> {
    hop: &'a Hop,
    expected: Option<bool>,
    rest: crate::vu::SampleTags<'a>,
}

impl Tags for HopTags<'_> {
    fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        let given = self.rest.own(name);
        if given.is_some() {
            return given;
        }
        let hop = self.hop;
        if OF_REQUESTS.contains(&name) && !self.rest.wants(name) {
            return None;
        }
        match name {
            "method" => Some(hop.method.as_str().into()),
            "status" => Some(hop.status.to_string().into()),
            "url" | "name" => Some(self.rest.own("name").unwrap_or_else(|| hop.url.as_str().into())),
            "proto" => (!hop.protocol.is_empty()).then(|| hop.protocol.into()),
            "ip" => hop.remote.map(|remote| remote.ip().to_string().into()),
            "tls_version" => hop.tls_version.map(Into::into),
            "error" => hop.error.as_ref().map(|error| error.message.as_str().into()),
            "error_code" => code(hop).map(|code| code.to_string().into()),
            "expected_response" => self
                .expected
                .map(|expected| if expected { "true" } else { "false" }.into()),
            other => self.rest.tag(other),
        }
    }
}

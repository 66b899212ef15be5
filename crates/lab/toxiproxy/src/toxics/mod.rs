//! What a proxy does to the data that passes.

mod attributes;
mod bandwidth;
mod closing;
mod latency;
mod slicer;

use std::convert::Infallible;
use std::time::Duration;

use serde::{Serialize, Serializer};

pub use attributes::Attributes;

use crate::link::Ends;
use crate::stub::{Stop, Stub};

/// Which way data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the client.
    Upstream,
    /// To the client.
    Downstream,
}

impl Direction {
    pub fn of(stream: &str) -> Option<Self> {
        match stream.to_ascii_lowercase().as_str() {
            "upstream" => Some(Self::Upstream),
            "downstream" => Some(Self::Downstream),
            _ => None,
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Upstream => "upstream",
            Self::Downstream => "downstream",
        })
    }
}

/// A toxic of a proxy, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Toxic {
    pub attributes: Attributes,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// As it was given, in any case.
    pub stream: String,
    #[serde(serialize_with = "as_go_writes")]
    pub toxicity: f32,
    #[serde(skip)]
    pub direction: Direction,
}

impl Toxic {
    /// Decides whether a connection is affected.
    pub fn draw(&self) -> bool {
        fastrand::f32() < self.toxicity
    }
}

/// 1 and not 1.0: some clients read the one as an integer, and compare.
fn as_go_writes<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    match *number as i64 {
        whole if whole as f32 == *number => serializer.serialize_i64(whole),
        _ => serializer.serialize_f32(*number),
    }
}

/// Runs a toxic in its place, or what runs where there is none.
pub async fn run(attributes: Attributes, stub: &mut Stub, ends: &Ends) -> Stop {
    let ran = match attributes {
        Attributes::Noop {} => pass(stub).await,
        Attributes::Latency { latency, jitter } => latency::delay(stub, latency, jitter).await,
        Attributes::Bandwidth { rate } => bandwidth::limit(stub, rate).await,
        Attributes::Slicer {
            average_size,
            size_variation,
            delay,
        } => slicer::slice(stub, average_size, size_variation, delay).await,
        Attributes::Timeout { timeout } => closing::swallow(stub, timeout).await,
        Attributes::SlowClose { delay } => closing::linger(stub, delay).await,
        Attributes::ResetPeer { timeout } => closing::reset(stub, timeout, ends).await,
        Attributes::LimitData { bytes } => closing::limit(stub, bytes).await,
    };
    let Err(stop) = ran;
    stop
}

async fn pass(stub: &mut Stub) -> Result<Infallible, Stop> {
    loop {
        let chunk = stub.next_chunk().await?;
        stub.send(chunk).await?;
    }
}

/// So many milliseconds; none below 0.
fn millis(number: i64) -> Duration {
    Duration::from_millis(number.max(0).unsigned_abs())
}

//! The types of toxics that have an action of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::toxic::ToxicKind;

/// Delays all data that comes back through a proxy.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct Latency {
    /// The delay, in milliseconds.
    latency: i64,
    /// By how much the delay varies, in milliseconds.
    #[serde(default)]
    jitter: i64,
}

impl ToxicKind for Latency {
    const FUNCTION: &'static str = "create_latency_toxic";
    const TYPE: &'static str = "latency";
}

/// Limits how much data a second comes back through a proxy.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct Bandwidth {
    /// The limit, in KB a second.
    rate: i64,
}

impl ToxicKind for Bandwidth {
    // spelled as in the Python package
    const FUNCTION: &'static str = "create_bandwith_degradation_toxic";
    const TYPE: &'static str = "bandwidth";
}

/// Keeps connections through a proxy from closing until a delay has passed.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct SlowClose {
    /// The delay, in milliseconds.
    delay: i64,
}

impl ToxicKind for SlowClose {
    const FUNCTION: &'static str = "create_slow_connection_close_toxic";
    const TYPE: &'static str = "slow_close";
}

/// Stops all data that would come back through a proxy, and closes the connection after a time.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct Timeout {
    /// The time, in milliseconds; with 0 the connection stays open, without data, until the toxic is removed.
    timeout: i64,
}

impl ToxicKind for Timeout {
    const FUNCTION: &'static str = "create_timeout_toxic";
    const TYPE: &'static str = "timeout";
}

/// Cuts the data that comes back through a proxy into small pieces, with a delay between them.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct Slicer {
    /// The average size of a piece, in bytes.
    average_size: i64,
    /// By how much the size varies, in bytes; less than `average_size`.
    size_variation: i64,
    /// The delay between two pieces, in microseconds.
    delay: i64,
}

impl ToxicKind for Slicer {
    const FUNCTION: &'static str = "create_slicer_toxic";
    const TYPE: &'static str = "slicer";
}

/// Closes a connection through a proxy once so much data has come back over it.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct LimitData {
    /// The limit, in bytes.
    #[serde(rename(serialize = "bytes"))]
    bytes_limit: i64,
}

impl ToxicKind for LimitData {
    const FUNCTION: &'static str = "create_limiter_toxic";
    const TYPE: &'static str = "limit_data";
}

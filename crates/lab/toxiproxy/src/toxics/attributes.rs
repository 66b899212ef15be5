use serde::Serialize;

use crate::api::body::{Fields, Unusable};

/// The settings of a toxic, by its type. The fields are in the order in which Toxiproxy shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Attributes {
    /// Nothing.
    Noop {},
    /// Delays, in milliseconds.
    Latency { latency: i64, jitter: i64 },
    /// Limits to so many KB a second.
    Bandwidth { rate: i64 },
    /// Cuts into pieces, sizes in bytes, with a delay between them in microseconds.
    Slicer {
        average_size: i64,
        size_variation: i64,
        delay: i64,
    },
    /// Swallows all data and closes after a time in milliseconds, with 0 never.
    Timeout { timeout: i64 },
    /// Closes later, in milliseconds.
    SlowClose { delay: i64 },
    /// Resets the connection after a time in milliseconds.
    ResetPeer { timeout: i64 },
    /// Closes after so many bytes.
    LimitData { bytes: i64 },
}

impl Attributes {
    /// Those of a type, all 0.
    pub fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "noop" => Self::Noop {},
            "latency" => Self::Latency {
                latency: 0,
                jitter: 0,
            },
            "bandwidth" => Self::Bandwidth { rate: 0 },
            "slicer" => Self::Slicer {
                average_size: 0,
                size_variation: 0,
                delay: 0,
            },
            "timeout" => Self::Timeout { timeout: 0 },
            "slow_close" => Self::SlowClose { delay: 0 },
            "reset_peer" => Self::ResetPeer { timeout: 0 },
            "limit_data" => Self::LimitData { bytes: 0 },
            _ => return None,
        })
    }

    /// With what is given; the rest stays.
    pub fn with(mut self, given: &Fields) -> Result<Self, Unusable> {
        for (name, value) in self.numbers() {
            *value = given.integer(name)?.unwrap_or(*value);
        }
        Ok(self)
    }

    fn numbers(&mut self) -> Vec<(&'static str, &mut i64)> {
        match self {
            Self::Noop {} => Vec::new(),
            Self::Latency { latency, jitter } => vec![("latency", latency), ("jitter", jitter)],
            Self::Bandwidth { rate } => vec![("rate", rate)],
            Self::Slicer {
                average_size,
                size_variation,
                delay,
            } => vec![
                ("average_size", average_size),
                ("size_variation", size_variation),
                ("delay", delay),
            ],
            Self::Timeout { timeout } | Self::ResetPeer { timeout } => vec![("timeout", timeout)],
            Self::SlowClose { delay } => vec![("delay", delay)],
            Self::LimitData { bytes } => vec![("bytes", bytes)],
        }
    }
}

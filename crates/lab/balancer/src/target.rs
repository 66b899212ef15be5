//! One registered target.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::pool::Pool;

/// The state of a target (AWS's `TargetHealthStateEnum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetState {
    /// Registered, health not known yet.
    Initial,
    /// Passes its checks.
    Healthy,
    /// Fails its checks.
    Unhealthy,
    /// Gets nothing and is not checked: the group is not used, or the zone not enabled.
    Unused,
    /// Deregistered; what was under way may finish until the deregistration delay has passed.
    Draining,
}

impl TargetState {
    /// AWS's word, such as `healthy`.
    pub fn as_str(self) -> &'static str {
        match self {
            TargetState::Initial => "initial",
            TargetState::Healthy => "healthy",
            TargetState::Unhealthy => "unhealthy",
            TargetState::Unused => "unused",
            TargetState::Draining => "draining",
        }
    }
}

impl std::fmt::Display for TargetState {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What `DescribeTargetHealth` tells of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetView {
    /// Where the target listens.
    pub address: SocketAddr,
    /// The availability zone it was registered with.
    pub zone: String,
    /// Its state.
    pub state: TargetState,
    /// AWS's reason code, such as `Target.Timeout`; none while healthy.
    pub reason: Option<&'static str>,
    /// The reason in AWS's words; none while healthy.
    pub description: Option<String>,
}

/// What requests need of a target. A target that is registered again after draining is another one.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) pool: Pool,
    draining: AtomicBool,
    cut: CancellationToken,
}

impl Target {
    pub(crate) fn new(address: SocketAddr) -> Target {
        Target {
            address,
            pool: Pool::default(),
            draining: AtomicBool::new(false),
            cut: CancellationToken::new(),
        }
    }

    /// Closes idle connections now, and each other one once its request is done.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.pool.clear();
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Ends every connection, whatever is under way on it.
    pub(crate) fn cut(&self) {
        self.drain();
        self.cut.cancel();
    }

    /// Done when the target's connections have to end.
    pub(crate) fn cut_token(&self) -> &CancellationToken {
        &self.cut
    }
}

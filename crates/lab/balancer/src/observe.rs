//! What the balancer tells of each request, for CloudWatch's metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Hears of each request and of each change of a target's health. Called on the path of requests: be quick.
pub trait Observer: Send + Sync {
    /// Called exactly once for each request that a listener received, before its answer goes to the client.
    fn request(&self, seen: &Observation);

    /// Called when a target turns healthy or unhealthy; not for registration and draining.
    fn health_changed(&self, group: &str, target: SocketAddr, healthy: bool) {
        let _ = (group, target, healthy);
    }
}

/// One request as the load balancer saw it. Exactly one of `target_status` and `balancer_status` is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The name given to [`crate::LoadBalancer::bind`].
    pub load_balancer: Arc<str>,
    /// The group that the rule forwards to; none for fixed responses and redirects.
    pub target_group: Option<Arc<str>>,
    /// The chosen target, also when it then failed. RequestCount counts requests that have one.
    pub target: Option<SocketAddr>,
    /// The status of the target's answer (HTTPCode_Target_*).
    pub target_status: Option<u16>,
    /// The status of an answer made by the load balancer (HTTPCode_ELB_*): 400, 405, 408, 502, 503, 504, a fixed response's or
    /// a redirect's own, and 460 where the client left before an answer.
    pub balancer_status: Option<u16>,
    /// From the request leaving the balancer until the target's answer begins (TargetResponseTime).
    pub target_response_time: Option<Duration>,
    /// No connection to the target could be made (TargetConnectionErrorCount).
    pub target_connection_error: bool,
}

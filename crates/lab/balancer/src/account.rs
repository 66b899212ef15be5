//! The account of one request: told to the observer exactly once, when it is dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::{Observation, Observer};

/// What AWS logs when the client closed its connection before an answer.
const CLIENT_LEFT: u16 = 460;

/// Collects an [`Observation`]. Hyper drops a handler whose client is gone, so an account without a status says 460.
pub(crate) struct Account {
    observer: Arc<dyn Observer>,
    seen: Observation,
}

impl Account {
    pub(crate) fn open(observer: Arc<dyn Observer>, load_balancer: Arc<str>) -> Account {
        let seen = Observation {
            load_balancer,
            target_group: None,
            target: None,
            target_status: None,
            balancer_status: Some(CLIENT_LEFT),
            target_response_time: None,
            target_connection_error: false,
        };
        Account { observer, seen }
    }

    pub(crate) fn group(&mut self, name: &Arc<str>) {
        self.seen.target_group = Some(Arc::clone(name));
    }

    pub(crate) fn target(&mut self, address: SocketAddr) {
        self.seen.target = Some(address);
    }

    pub(crate) fn connection_error(&mut self) {
        self.seen.target_connection_error = true;
    }

    pub(crate) fn answered_by_target(&mut self, status: u16, after: Duration) {
        self.seen.balancer_status = None;
        self.seen.target_status = Some(status);
        self.seen.target_response_time = Some(after);
    }

    pub(crate) fn answered_by_balancer(&mut self, status: u16) {
        self.seen.balancer_status = Some(status);
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.observer.request(&self.seen);
    }
}

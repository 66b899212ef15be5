//! The metrics that k6 measures by itself.

use super::{Contains, Kind, MetricId};

macro_rules! builtin {
    ($($(#[$doc:meta])* $id:ident = $index:literal $name:literal $kind:ident $contains:ident;)*) => {
        $($(#[$doc])* pub const $id: MetricId = MetricId::new($index);)*

        pub(super) const ALL: &[(MetricId, &str, Kind, Contains)] =
            &[$(($id, $name, Kind::$kind, Contains::$contains)),*];
    };
}

builtin! {
    /// Active virtual users.
    VUS = 0 "vus" Gauge Default;
    /// Virtual users that are allocated.
    VUS_MAX = 1 "vus_max" Gauge Default;
    /// Iterations that were completed.
    ITERATIONS = 2 "iterations" Counter Default;
    /// Milliseconds of a whole iteration.
    ITERATION_DURATION = 3 "iteration_duration" Trend Time;
    /// Iterations that could not be started.
    DROPPED_ITERATIONS = 4 "dropped_iterations" Counter Default;
    /// 1 for each check that passed, 0 for each that failed.
    CHECKS = 5 "checks" Rate Default;
    /// Milliseconds of a `group()`.
    GROUP_DURATION = 6 "group_duration" Trend Time;
    /// Requests.
    HTTP_REQS = 7 "http_reqs" Counter Default;
    /// 1 for each request that failed, 0 for the others.
    HTTP_REQ_FAILED = 8 "http_req_failed" Rate Default;
    /// Milliseconds of sending, waiting and receiving.
    HTTP_REQ_DURATION = 9 "http_req_duration" Trend Time;
    /// Milliseconds until a connection was free.
    HTTP_REQ_BLOCKED = 10 "http_req_blocked" Trend Time;
    /// Milliseconds of the TCP handshake.
    HTTP_REQ_CONNECTING = 11 "http_req_connecting" Trend Time;
    /// Milliseconds of the TLS handshake.
    HTTP_REQ_TLS_HANDSHAKING = 12 "http_req_tls_handshaking" Trend Time;
    /// Milliseconds of sending.
    HTTP_REQ_SENDING = 13 "http_req_sending" Trend Time;
    /// Milliseconds until the first byte of the response.
    HTTP_REQ_WAITING = 14 "http_req_waiting" Trend Time;
    /// Milliseconds of receiving.
    HTTP_REQ_RECEIVING = 15 "http_req_receiving" Trend Time;
    /// Bytes sent.
    DATA_SENT = 16 "data_sent" Counter Data;
    /// Bytes received.
    DATA_RECEIVED = 17 "data_received" Counter Data;
}

/// Metrics of k6's other protocols: never measured here, but their names are taken, and thresholds may name them.
pub(super) const OTHERS: &[(&str, Kind, Contains)] = &[
    ("ws_sessions", Kind::Counter, Contains::Default),
    ("ws_msgs_sent", Kind::Counter, Contains::Default),
    ("ws_msgs_received", Kind::Counter, Contains::Default),
    ("ws_ping", Kind::Trend, Contains::Time),
    ("ws_session_duration", Kind::Trend, Contains::Time),
    ("ws_connecting", Kind::Trend, Contains::Time),
    ("grpc_req_duration", Kind::Trend, Contains::Time),
];

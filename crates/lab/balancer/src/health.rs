//! Health checks: their settings, one check, and what a series of results makes of a target.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::target::TargetState;

/// No check comes, and none is given up, faster than this however great the pace.
const FLOOR: Duration = Duration::from_millis(50);

/// Longer than any of AWS's durations at any sensible pace, and short enough to be added to a clock.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The health check of a target group, with AWS's own durations (see [`Pace`]).
#[derive(Clone, Debug, PartialEq)]
pub struct HealthCheck {
    /// What is asked for with GET, on the port of the target.
    pub path: String,
    /// The statuses of a healthy target: `200`, `200,301` or `200-299`.
    pub matcher: String,
    /// From one check to the next.
    pub interval: Duration,
    /// How long a check may take.
    pub timeout: Duration,
    /// Good checks in a row that turn an unhealthy target healthy.
    pub healthy_threshold: u32,
    /// Failed checks in a row that turn a target unhealthy.
    pub unhealthy_threshold: u32,
}

impl Default for HealthCheck {
    /// AWS's defaults for HTTP target groups with instance and IP targets.
    fn default() -> Self {
        HealthCheck {
            path: "/".into(),
            matcher: "200".into(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
        }
    }
}

impl HealthCheck {
    /// Whether a status is one of the matcher's. A part of the matcher that is no status or range matches nothing.
    pub fn matches(&self, status: u16) -> bool {
        self.matcher.split(',').any(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(from), Ok(to)) => (from..=to).contains(&status),
                _ => false,
            }
        })
    }
}

/// How much faster than AWS the lab goes: divides AWS's durations. Values below 1 slow down; what is no positive
/// number counts as 1. Nothing gets longer than ten years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(pub f64);

impl Pace {
    /// AWS's duration as this pace makes it.
    pub fn of(self, duration: Duration) -> Duration {
        let divisor = if self.0.is_finite() && self.0 > 0.0 {
            self.0
        } else {
            1.0
        };
        Duration::try_from_secs_f64(duration.as_secs_f64() / divisor)
            .unwrap_or(LONGEST)
            .min(LONGEST)
    }

    /// The same for a part of a health check.
    pub(crate) fn of_check(self, duration: Duration) -> Duration {
        self.of(duration).max(FLOOR)
    }
}

/// Why a check failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Failure {
    /// Another status than the matcher's.
    Status(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or no HTTP.
    Connection,
}

/// What a target is told to be, with AWS's reason code and words (`DescribeTargetHealth`).
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) state: TargetState,
    pub(crate) reason: Option<&'static str>,
    pub(crate) description: Option<String>,
    good: u32,
    bad: u32,
}

impl Health {
    fn new(state: TargetState, reason: &'static str, description: &str) -> Health {
        Health {
            state,
            reason: Some(reason),
            description: Some(description.into()),
            good: 0,
            bad: 0,
        }
    }

    pub(crate) fn registering() -> Health {
        Health::new(
            TargetState::Initial,
            "Elb.RegistrationInProgress",
            "Target registration is in progress",
        )
    }

    pub(crate) fn draining() -> Health {
        Health::new(
            TargetState::Draining,
            "Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        )
    }

    pub(crate) fn group_not_used() -> Health {
        let words = "Target group is not configured to receive traffic from the load balancer";
        Health::new(TargetState::Unused, "Target.NotInUse", words)
    }

    pub(crate) fn zone_not_enabled() -> Health {
        let words = "Target is in an Availability Zone that is not enabled for the load balancer";
        Health::new(TargetState::Unused, "Target.NotInUse", words)
    }

    /// The first check is under way.
    pub(crate) fn checking(&mut self) {
        if self.reason == Some("Elb.RegistrationInProgress") {
            self.reason = Some("Elb.InitialHealthChecking");
            self.description = Some("Initial health checks in progress".into());
        }
    }

    /// Takes the result of a check; tells whether the state changed. One good check is enough for an initial target
    /// ("it must pass one health check to be considered healthy"), the thresholds hold otherwise.
    pub(crate) fn take(&mut self, result: Result<(), Failure>, check: &HealthCheck) -> bool {
        let before = self.state;
        match result {
            Ok(()) => self.passed(check),
            Err(failure) => self.failed(failure, check),
        }
        self.state != before
    }

    fn passed(&mut self, check: &HealthCheck) {
        self.bad = 0;
        self.good = self.good.saturating_add(1);
        if self.state == TargetState::Initial || self.good >= check.healthy_threshold {
            self.state = TargetState::Healthy;
            self.reason = None;
            self.description = None;
        }
    }

    fn failed(&mut self, failure: Failure, check: &HealthCheck) {
        self.good = 0;
        self.bad = self.bad.saturating_add(1);
        if self.state != TargetState::Unhealthy && self.bad < check.unhealthy_threshold {
            return;
        }
        self.state = TargetState::Unhealthy;
        let (reason, words) = match failure {
            Failure::Status(status) => (
                "Target.ResponseCodeMismatch",
                format!("Health checks failed with these codes: [{status}]"),
            ),
            Failure::Timeout => ("Target.Timeout", "Request timed out".into()),
            Failure::Connection => ("Target.FailedHealthChecks", "Health checks failed".into()),
        };
        self.reason = Some(reason);
        self.description = Some(words);
    }
}

/// Makes one check, on a connection of its own that is closed afterwards.
pub(crate) async fn check(address: SocketAddr, check: &HealthCheck, pace: Pace) -> Result<(), Failure> {
    match tokio::time::timeout(pace.of_check(check.timeout), ask(address, &check.path)).await {
        Ok(Some(status)) if check.matches(status) => Ok(()),
        Ok(Some(status)) => Err(Failure::Status(status)),
        Ok(None) => Err(Failure::Connection),
        Err(_) => Err(Failure::Timeout),
    }
}

/// The status of the answer; nothing where there is none.
async fn ask(address: SocketAddr, path: &str) -> Option<u16> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get(path)
        .header(HOST, address.to_string())
        .header(USER_AGENT, "ELB-HealthChecker/2.0")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .ok()?;
    let answering = sender.send_request(request);
    tokio::pin!(answering);
    // Both are polled here, so that the connection ends with the check; it may end before its answer is looked at.
    let answer = tokio::select! {
        answer = answering.as_mut() => answer,
        _ = connection => answering.await,
    };
    Some(answer.ok()?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_lists_and_ranges() {
        let with = |matcher: &str| HealthCheck {
            matcher: matcher.into(),
            ..HealthCheck::default()
        };
        assert!(with("200").matches(200));
        assert!(!with("200").matches(201));
        assert!(with("200,301").matches(301));
        assert!(with("200-299, 404").matches(250));
        assert!(with("200-299, 404").matches(404));
        assert!(!with("ok").matches(200));
        assert!(!with("").matches(200));
    }

    #[test]
    fn a_pace_divides_down_to_the_floor_and_bad_ones_do_nothing() {
        assert_eq!(Pace(10.0).of(Duration::from_secs(30)), Duration::from_secs(3));
        assert_eq!(Pace(10_000.0).of_check(Duration::from_secs(30)), FLOOR);
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace(bad).of(Duration::from_secs(30)), Duration::from_secs(30));
        }
        assert_eq!(Pace(1e-300).of(Duration::from_secs(30)), LONGEST);
    }

    #[test]
    fn thresholds_hold_except_for_the_first_good_check() {
        let check = HealthCheck {
            healthy_threshold: 3,
            unhealthy_threshold: 2,
            ..HealthCheck::default()
        };
        let mut health = Health::registering();
        assert!(!health.take(Err(Failure::Connection), &check));
        assert_eq!(health.state, TargetState::Initial);
        assert!(health.take(Ok(()), &check));
        assert_eq!((health.state, health.reason), (TargetState::Healthy, None));
        assert!(!health.take(Err(Failure::Timeout), &check));
        assert!(!health.take(Ok(()), &check));
        assert!(!health.take(Err(Failure::Timeout), &check));
        assert!(health.take(Err(Failure::Status(500)), &check));
        assert_eq!(health.reason, Some("Target.ResponseCodeMismatch"));
        assert_eq!(
            health.description.as_deref(),
            Some("Health checks failed with these codes: [500]")
        );
        assert!(!health.take(Err(Failure::Timeout), &check));
        assert_eq!(health.reason, Some("Target.Timeout"));
        assert!(!health.take(Ok(()), &check));
        assert!(!health.take(Ok(()), &check));
        assert!(health.take(Ok(()), &check));
        assert_eq!(health.state, TargetState::Healthy);
    }
}

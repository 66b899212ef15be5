//! The health check settings of a target group.

use std::time::Duration;

use chaos_lab_balancer::HealthCheck;
use serde_json::{Map, Value, json};

use crate::input;
use crate::wire::ApiError;

/// Settings in AWS's units.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Check {
    path: String,
    matcher: String,
    interval: i64,
    timeout: i64,
    healthy: i64,
    unhealthy: i64,
    /// `traffic-port` or a number, which must be the group's.
    port: String,
}

impl Default for Check {
    fn default() -> Self {
        let plane = HealthCheck::default();
        Check {
            path: plane.path,
            matcher: plane.matcher,
            interval: plane.interval.as_secs() as i64,
            timeout: plane.timeout.as_secs() as i64,
            healthy: plane.healthy_threshold.into(),
            unhealthy: plane.unhealthy_threshold.into(),
            port: "traffic-port".to_owned(),
        }
    }
}

impl Check {
    /// These settings with those that a request names.
    ///
    /// # Errors
    /// `ValidationError` for values that AWS does not take, or the lab does not offer.
    pub(super) fn changed(&self, input: &Value, group_port: u16) -> Result<Check, ApiError> {
        let text = |member, old: &String| input::text(input, member).unwrap_or(old).to_owned();
        let changed = Check {
            path: text("HealthCheckPath", &self.path),
            matcher: input
                .get("Matcher")
                .map_or_else(|| self.matcher.clone(), |given| text_of(given, &self.matcher)),
            interval: ranged(input, "HealthCheckIntervalSeconds", self.interval, 5, 300)?,
            timeout: ranged(input, "HealthCheckTimeoutSeconds", self.timeout, 2, 120)?,
            healthy: ranged(input, "HealthyThresholdCount", self.healthy, 2, 10)?,
            unhealthy: ranged(input, "UnhealthyThresholdCount", self.unhealthy, 2, 10)?,
            port: text("HealthCheckPort", &self.port),
        };
        changed.verify(input, group_port)?;
        Ok(changed)
    }

    fn verify(&self, input: &Value, group_port: u16) -> Result<(), ApiError> {
        let refuse = |why: String| Err(ApiError::validation(why));
        if self.timeout >= self.interval {
            return refuse("Health check interval must be greater than the timeout.".to_owned());
        }
        if !self.path.starts_with('/') {
            return refuse(format!("Health check path '{}' must start with '/'", self.path));
        }
        let probe = HealthCheck {
            matcher: self.matcher.clone(),
            ..HealthCheck::default()
        };
        if !(200..=499).any(|status| probe.matches(status)) {
            return refuse(format!(
                "Health check matcher HTTP code '{}' must be in the range 200-499",
                self.matcher
            ));
        }
        if self.port != "traffic-port" && self.port != group_port.to_string() {
            return refuse(
                "chaos-lab checks targets on their own port: HealthCheckPort must be traffic-port."
                    .to_owned(),
            );
        }
        match input::text(input, "HealthCheckProtocol") {
            None | Some("HTTP") => {}
            Some(other) => return refuse(format!("chaos-lab checks by HTTP, not by {other}.")),
        }
        match input::flag(input, "HealthCheckEnabled") {
            Some(false) => {
                refuse("Health checks cannot be disabled for target type 'instance' or 'ip'".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// As the data plane has it.
    pub(super) fn plane(&self) -> HealthCheck {
        let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        HealthCheck {
            path: self.path.clone(),
            matcher: self.matcher.clone(),
            interval: seconds(self.interval),
            timeout: seconds(self.timeout),
            healthy_threshold: self.healthy as u32,
            unhealthy_threshold: self.unhealthy as u32,
        }
    }

    /// Adds its members to a target group's.
    pub(super) fn describe(&self, into: &mut Map<String, Value>) {
        let members = [
            ("HealthCheckProtocol", json!("HTTP")),
            ("HealthCheckPort", json!(self.port)),
            ("HealthCheckEnabled", json!(true)),
            ("HealthCheckIntervalSeconds", json!(self.interval)),
            ("HealthCheckTimeoutSeconds", json!(self.timeout)),
            ("HealthyThresholdCount", json!(self.healthy)),
            ("UnhealthyThresholdCount", json!(self.unhealthy)),
            ("HealthCheckPath", json!(self.path)),
            ("Matcher", json!({ "HttpCode": self.matcher })),
        ];
        into.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
}

fn text_of(matcher: &Value, old: &str) -> String {
    input::text(matcher, "HttpCode").unwrap_or(old).to_owned()
}

fn ranged(input: &Value, member: &str, old: i64, least: i64, most: i64) -> Result<i64, ApiError> {
    match input::integer(input, member)? {
        None => Ok(old),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(value) => Err(ApiError::validation(format!(
            "{member} '{value}' must be in the range {least} to {most}."
        ))),
    }
}

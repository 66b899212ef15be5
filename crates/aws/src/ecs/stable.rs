//! Waiting until a service has settled, by the rules of AWS's waiter `ServicesStable`.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/ecs/wait/services-stable.html>

use std::cell::Cell;
use std::time::Duration;

use aws_sdk_ecs::Client;
use chaos_engine::activity::poll;
use chaos_engine::value::{Value, python};

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::answer;

/// How long to wait for a service: so many looks, so far apart. The first look is at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub interval: Duration,
    /// At least one look is taken.
    pub looks: u64,
}

/// Waits until a service has one deployment and as many tasks running as it should.
///
/// # Errors
/// When there is no such service or it goes away (status DRAINING or INACTIVE), when it is unstable at the last
/// look, or when AWS refuses.
pub(crate) async fn wait_until_stable(
    ecs: &Client,
    cluster: &str,
    service: &str,
    patience: Patience,
) -> Result<(), AwsError> {
    let looks = Cell::new(0);
    let settled = poll(patience.interval, Duration::MAX, async || {
        looks.set(looks.get() + 1);
        let request = ecs.describe_services().cluster(cluster).services(service);
        let answer = answer(request.send()).await?;
        let problem = match Steadiness::of(&answer) {
            Steadiness::Stable => return Ok(Some(())),
            Steadiness::Never(reason) => format!("will not become stable: {reason}"),
            Steadiness::NotYet(_) if looks.get() < patience.looks => return Ok(None),
            Steadiness::NotYet(state) => format!(
                "is still not stable, max attempts reached ({}): {state}. Wait longer, or look at the service's events",
                looks.get()
            ),
        };
        Err(AwsError::because(format!(
            "ECS service {service} of cluster {cluster} {problem}"
        )))
    });
    settled.await.map(|_| ())
}

/// What an answer of `DescribeServices` says.
#[derive(Debug, PartialEq)]
enum Steadiness {
    Stable,
    /// With what is still going on.
    NotYet(String),
    /// With the reason.
    Never(String),
}

impl Steadiness {
    fn of(answer: &Value) -> Self {
        let missing = |failure: &Value| text(failure, &["reason"]) == Some("MISSING");
        if list(answer, "failures").iter().any(missing) {
            return Self::Never("AWS does not find it (MISSING)".to_owned());
        }
        let services = list(answer, "services");
        let mut statuses = services.iter().filter_map(|service| text(service, &["status"]));
        if let Some(status) = statuses.find(|status| matches!(*status, "DRAINING" | "INACTIVE")) {
            return Self::Never(format!("its status is {status}"));
        }
        match services.iter().find_map(unsettled) {
            Some(state) => Self::NotYet(state),
            None => Self::Stable,
        }
    }
}

/// What keeps a service from being stable.
fn unsettled(service: &Value) -> Option<String> {
    let deployments = list(service, "deployments").len();
    let count = |name| service.get(name).cloned().unwrap_or_default();
    let (running, desired) = (count("runningCount"), count("desiredCount"));
    let settled = deployments == 1 && python::equal(&running, &desired);
    (!settled).then(|| {
        let (running, desired) = (python::text(&running), python::text(&desired));
        format!("{running} of {desired} tasks running, {deployments} deployments")
    })
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    fn of(answer: &str) -> Steadiness {
        Steadiness::of(&json::parse(answer).unwrap())
    }

    #[test]
    fn one_deployment_and_every_task_running_is_stable() {
        let service = r#"{"status": "ACTIVE", "deployments": [{}], "runningCount": 2, "desiredCount": 2}"#;
        assert_eq!(of(&format!(r#"{{"services": [{service}]}}"#)), Steadiness::Stable);
    }

    #[test]
    fn deployments_or_tasks_under_way_are_not_yet() {
        let state = |service: &str| of(&format!(r#"{{"services": [{service}], "failures": []}}"#));
        assert_eq!(
            state(r#"{"deployments": [{}, {}], "runningCount": 2, "desiredCount": 2}"#),
            Steadiness::NotYet("2 of 2 tasks running, 2 deployments".to_owned())
        );
        assert_eq!(
            state(r#"{"deployments": [{}], "runningCount": 1, "desiredCount": 2}"#),
            Steadiness::NotYet("1 of 2 tasks running, 1 deployments".to_owned())
        );
    }

    #[test]
    fn a_service_that_is_missing_or_goes_away_never_is() {
        assert!(matches!(
            of(r#"{"services": [], "failures": [{"reason": "MISSING"}]}"#),
            Steadiness::Never(reason) if reason.contains("MISSING")
        ));
        for status in ["DRAINING", "INACTIVE"] {
            let answer = format!(
                r#"{{"services": [{{"status": "{status}", "deployments": [{{}}], "runningCount": 0, "desiredCount": 0}}]}}"#
            );
            assert!(matches!(of(&answer), Steadiness::Never(reason) if reason.contains(status)));
        }
    }
}

//! Load balancers by their names.

use aws_sdk_elasticloadbalancingv2::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::text;
use crate::client::answer;
use crate::pages::items;

/// Balancers of HTTP requests.
pub(super) const APPLICATION: &str = "application";
/// Balancers of TCP and UDP connections.
pub(super) const NETWORK: &str = "network";

/// A load balancer that is active.
pub(super) struct Balancer {
    pub arn: String,
    /// `application`, `network` or `gateway`.
    pub kind: String,
}

/// The load balancers of those names, in AWS's order.
///
/// # Errors
/// When there are no names, which AWS reads as all balancers of the account, when one is not there, or not active.
pub(super) async fn named(client: &Client, names: &[String]) -> Result<Vec<Balancer>, AwsError> {
    if names.is_empty() {
        return Err(AwsError::because(
            "`load_balancer_names` is empty: name the load balancers",
        ));
    }
    let listing = client.describe_load_balancers().set_names(Some(names.to_vec()));
    let described = items("LoadBalancers", "NextMarker", |marker| {
        answer(listing.clone().set_marker(marker).send())
    })
    .await?;
    let found: Vec<Balancer> = described.iter().map(active).collect::<Result<_, _>>()?;
    let there = |name: &String| {
        let mut names = described
            .iter()
            .filter_map(|one| text(one, &["LoadBalancerName"]));
        names.any(|known| known == name)
    };
    refuse_missing("load balancer(s)", names.iter().filter(|name| !there(name)))?;
    Ok(found)
}

fn active(described: &Value) -> Result<Balancer, AwsError> {
    let part = |member: &str| text(described, &[member]).unwrap_or_default().to_owned();
    let state = text(described, &["State", "Code"]);
    match state {
        Some("active") => Ok(Balancer {
            arn: part("LoadBalancerArn"),
            kind: part("Type"),
        }),
        state => Err(AwsError::because(format!(
            "load balancer {} is not active: its state is {}",
            part("LoadBalancerName"),
            state.unwrap_or("unknown"),
        ))),
    }
}

/// The application load balancers of those names; `what` is about to be changed.
///
/// # Errors
/// As [`named`], when one is a network load balancer, or when none is an application load balancer.
pub(super) async fn applications(
    client: &Client,
    names: &[String],
    what: &str,
) -> Result<Vec<Balancer>, AwsError> {
    let mut found = named(client, names).await?;
    if found.iter().any(|balancer| balancer.kind == NETWORK) {
        return Err(AwsError::because(format!(
            "only application load balancers can get other {what}: a network load balancer is among those named"
        )));
    }
    found.retain(|balancer| balancer.kind == APPLICATION);
    match found.is_empty() {
        true => Err(AwsError::because(format!(
            "cannot change {what}: none of {} is an application load balancer",
            names.join(", ")
        ))),
        false => Ok(found),
    }
}

/// Refuses what was named and not found.
pub(super) fn refuse_missing<'a>(
    what: &str,
    missing: impl Iterator<Item = &'a String>,
) -> Result<(), AwsError> {
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    match missing[..] {
        [] => Ok(()),
        _ => Err(AwsError::because(format!(
            "there is no such {what}: {}",
            missing.join(", ")
        ))),
    }
}

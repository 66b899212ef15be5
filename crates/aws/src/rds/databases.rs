//! What RDS and DocumentDB have in common: one control plane, described and changed by the same operations.

use aws_sdk_rds::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::text;
use crate::arguments::Filter;
use crate::client::answer;
use crate::during::during;
use crate::given::filled;
use crate::pages::items;

impl From<&Filter> for aws_sdk_rds::types::Filter {
    fn from(filter: &Filter) -> Self {
        Self::builder()
            .name(&filter.name)
            .set_values(Some(filter.values.clone()))
            .build()
    }
}

/// Which instances or clusters a probe looks at.
#[derive(Debug)]
pub(crate) enum Selector {
    Identifier(String),
    Filters(Vec<aws_sdk_rds::types::Filter>),
}

impl Selector {
    /// By identifier or by filters; `argument` is the identifier's name, for the error.
    ///
    /// # Errors
    /// When neither is given, or both.
    pub(crate) fn new(
        argument: &str,
        identifier: Option<String>,
        filters: Option<Vec<Filter>>,
    ) -> Result<Self, AwsError> {
        let filters = filters.filter(|filters| !filters.is_empty());
        match (filled(identifier), filters) {
            (Some(identifier), None) => Ok(Self::Identifier(identifier)),
            (None, Some(filters)) => Ok(Self::Filters(filters.iter().map(Into::into).collect())),
            (None, None) => Err(AwsError::because(format!(
                "nothing says what to look at: give {argument} or filters"
            ))),
            (Some(_), Some(_)) => Err(AwsError::because(format!(
                "{argument} and filters are both given: give one of them"
            ))),
        }
    }

    /// The two parameters of a listing; one of them is set.
    fn split(self) -> (Option<String>, Option<Vec<aws_sdk_rds::types::Filter>>) {
        match self {
            Self::Identifier(identifier) => (Some(identifier), None),
            Self::Filters(filters) => (None, Some(filters)),
        }
    }
}

/// The instances that match.
pub(crate) async fn instances(rds: &Client, selector: Selector) -> Result<Vec<Value>, AwsError> {
    let (identifier, filters) = selector.split();
    let listing = rds
        .describe_db_instances()
        .set_db_instance_identifier(identifier)
        .set_filters(filters);
    items("DBInstances", "Marker", |marker| {
        answer(listing.clone().set_marker(marker).send())
    })
    .await
}

/// The clusters that match.
pub(crate) async fn clusters(rds: &Client, selector: Selector) -> Result<Vec<Value>, AwsError> {
    let (identifier, filters) = selector.split();
    let listing = rds
        .describe_db_clusters()
        .set_db_cluster_identifier(identifier)
        .set_filters(filters);
    items("DBClusters", "Marker", |marker| {
        answer(listing.clone().set_marker(marker).send())
    })
    .await
}

/// The cluster of that identifier.
///
/// # Errors
/// When there is none, in AWS's words or ours.
pub(crate) async fn cluster(rds: &Client, identifier: &str) -> Result<Value, AwsError> {
    let found = clusters(rds, Selector::Identifier(identifier.to_owned())).await?;
    let unknown = || AwsError::because(format!("there is no DB cluster {identifier}"));
    found.into_iter().next().ok_or_else(unknown)
}

/// The different texts of a member, in order of appearance: one by itself, otherwise a list of them.
pub(crate) fn distinct(described: &[Value], member: &str) -> Value {
    let mut different: Vec<&str> = Vec::new();
    for status in described.iter().filter_map(|one| text(one, &[member])) {
        if !different.contains(&status) {
            different.push(status);
        }
    }
    match different[..] {
        [only] => only.into(),
        _ => different.into(),
    }
}

/// Makes another instance of the cluster its writer: the target, or AWS's choice.
pub(crate) async fn fail_over(
    rds: &Client,
    cluster: &str,
    target: Option<String>,
) -> Result<Value, AwsError> {
    let request = rds
        .failover_db_cluster()
        .db_cluster_identifier(cluster)
        .set_target_db_instance_identifier(filled(target));
    answer(request.send())
        .await
        .map_err(during(format!("failover of DB cluster {cluster}")))
}

/// Restarts an instance, by failing over to its standby if that is wanted.
pub(crate) async fn reboot(rds: &Client, instance: &str, force_failover: bool) -> Result<Value, AwsError> {
    let request = rds
        .reboot_db_instance()
        .db_instance_identifier(instance)
        .force_failover(force_failover);
    answer(request.send())
        .await
        .map_err(during(format!("reboot of DB instance {instance}")))
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::map;

    use super::*;

    fn with_status(status: &str) -> Value {
        map([("Status", status.into())]).into()
    }

    #[test]
    fn one_status_stands_alone_and_several_are_told_once_each() {
        let [up, down] = [with_status("available"), with_status("stopped")];
        assert_eq!(distinct(&[up.clone(), up.clone()], "Status"), "available".into());
        assert_eq!(
            distinct(&[up.clone(), down, up], "Status"),
            vec!["available", "stopped"].into()
        );
        assert_eq!(distinct(&[], "Status"), Value::List(Vec::new()));
    }

    #[test]
    fn a_selector_is_an_identifier_or_filters_and_never_both() {
        let filters = || {
            let values = vec!["mysql".to_owned()];
            Some(vec![Filter {
                name: "engine".to_owned(),
                values,
            }])
        };
        let select = |identifier: &str, filters| Selector::new("id", Some(identifier.to_owned()), filters);
        assert!(matches!(select("shop", None), Ok(Selector::Identifier(id)) if id == "shop"));
        assert!(matches!(
            select("shop", Some(Vec::new())),
            Ok(Selector::Identifier(_))
        ));
        assert!(matches!(select("", filters()), Ok(Selector::Filters(f)) if f.len() == 1));
        for refused in [
            select("", None),
            select("", Some(Vec::new())),
            select("shop", filters()),
        ] {
            assert!(refused.unwrap_err().to_string().contains("filters"));
        }
    }
}

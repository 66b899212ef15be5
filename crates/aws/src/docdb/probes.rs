//! What DocumentDB can be asked (`chaosaws.docdb.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::arguments::Filter;
use crate::client::Aws;
use crate::rds::databases::{Selector, clusters, distinct};

const MODULE: &str = "chaosaws.docdb.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<ClusterStatus>()
}

/// The status of one DocumentDB cluster, or of all that filters match. A hypothesis usually wants `available`.
#[derive(Deserialize, JsonSchema)]
pub struct ClusterStatus {
    /// Identifier or ARN of the cluster; either this or `filters`.
    #[serde(default)]
    docdb_cluster_identifier: Option<String>,
    /// Filters of rds:DescribeDBClusters, as `{Name, Values}`; either these or `docdb_cluster_identifier`. The listing
    /// is shared with RDS: add `engine` = `docdb` to see DocumentDB alone.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl NativeActivity for ClusterStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "cluster_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The status that all of them have, as text; a list of the different ones where they \
                                   differ; an empty list where filters match nothing.";
    const IAM: &'static [&'static str] = &["rds:DescribeDBClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let selector = Selector::new(
            "docdb_cluster_identifier",
            self.docdb_cluster_identifier,
            self.filters,
        )?;
        let rds = Aws::of(&context).await?.rds();
        let found = clusters(&rds, selector).await?;
        Ok(distinct(&found, "Status"))
    }
}

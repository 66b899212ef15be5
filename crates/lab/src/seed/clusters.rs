//! Database clusters, for experiments on their failover. The application does not use them.

use std::path::Path;
use std::time::Duration;

use chaos_lab_region::name;
use serde_json::json;

use super::aws::Aws;
use super::{names, ready};
use crate::error::Error;

/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The writer and one reader.
const MEMBERS: u32 = 2;

/// Begins to make them.
pub async fn make(aws: &Aws) -> Result<(), Error> {
    for (cluster, engine) in names::CLUSTERS {
        let wanted = json!({
            "DBClusterIdentifier": cluster, "Engine": engine, "MasterUsername": "chaos", "MasterUserPassword": name::hex(24),
        });
        aws.call("rds", "CreateDBCluster", &wanted).await?;
        for number in 1..=MEMBERS {
            let wanted = json!({
                "DBInstanceIdentifier": format!("{cluster}-{number}"), "DBClusterIdentifier": cluster, "Engine": engine,
                "DBInstanceClass": "db.r5.large",
            });
            aws.call("rds", "CreateDBInstance", &wanted).await?;
        }
    }
    Ok(())
}

/// Waits until they are available.
pub async fn wait(aws: &Aws, logs: &Path) -> Result<(), Error> {
    ready::until(aws, PATIENCE, logs, async || {
        for (name, _) in names::CLUSTERS {
            let named = json!({ "DBClusterIdentifier": name });
            let found = aws.call("rds", "DescribeDBClusters", &named).await?;
            let cluster = &found["DBClusters"][0];
            let members = cluster["DBClusterMembers"].as_array().map_or(0, Vec::len);
            if cluster["Status"] != "available" || members != MEMBERS as usize {
                return Ok(Some(format!("the database cluster {name} is not available")));
            }
        }
        Ok(None)
    })
    .await
}

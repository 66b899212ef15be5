//! The database instance.

use std::path::Path;
use std::time::Duration;

use chaos_lab_region::name;
use serde_json::json;

use super::aws::{Aws, text};
use super::names;
use super::network::Network;
use crate::error::Error;

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
const USER: &str = "comments";

/// The database that the application uses.
pub struct Database {
    pub host: String,
    pub port: u64,
    pub user: &'static str,
    pub password: String,
}

impl Database {
    /// `host:port`
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// As the live deployment's parameter has it.
    pub fn connection_string(&self) -> String {
        format!("jdbc:mysql://{}/{}", self.address(), names::APPLICATION)
    }
}

/// Begins to make the instance, and gives its password.
pub async fn begin(aws: &Aws, _network: &Network) -> Result<String, Error> {
    let password = name::hex(24);
    let instance = json!({
        "DBInstanceIdentifier": names::DATABASE,
        "DBInstanceClass": "db.t3.micro",
        "Engine": "mysql",
        "DBName": names::APPLICATION,
        "MasterUsername": USER,
        "MasterUserPassword": password,
        "AllocatedStorage": 20,
        "MultiAZ": true,
    });
    aws.call("rds", "CreateDBInstance", &instance).await?;
    Ok(password)
}

/// Waits until the instance is available.
pub async fn finish(aws: &Aws, password: String, logs: &Path) -> Result<Database, Error> {
    let waiting = async {
        loop {
            let found = aws
                .call(
                    "rds",
                    "DescribeDBInstances",
                    &json!({ "DBInstanceIdentifier": names::DATABASE }),
                )
                .await?;
            let instance = found["DBInstances"][0].clone();
            if instance["DBInstanceStatus"] == "available" {
                return Ok::<_, Error>(instance);
            }
            aws.region.tick().await;
        }
    };
    let missing = || {
        format!(
            "the database {} was not available after {} s",
            names::DATABASE,
            PATIENCE.as_secs()
        )
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    let instance = waited.map_err(|_| Error::NotReady {
        missing: missing(),
        logs: logs.to_owned(),
    })??;
    let host = text(&instance, "/Endpoint/Address")?;
    let port = instance
        .pointer("/Endpoint/Port")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(3306);
    Ok(Database {
        host,
        port,
        user: USER,
        password,
    })
}

//! The database instance.

use std::path::Path;
use std::time::Duration;

use chaos_lab_region::name;
use serde_json::json;

use super::aws::{Aws, text};
use super::{names, ready};
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
pub async fn begin(aws: &Aws) -> Result<String, Error> {
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
    let named = json!({ "DBInstanceIdentifier": names::DATABASE });
    let find = || aws.call("rds", "DescribeDBInstances", &named);
    ready::until(aws, PATIENCE, logs, async || {
        let found = find().await?;
        let available = found["DBInstances"][0]["DBInstanceStatus"] == "available";
        Ok((!available).then(|| format!("the database {} is not available", names::DATABASE)))
    })
    .await?;
    let instance = find().await?["DBInstances"][0].take();
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

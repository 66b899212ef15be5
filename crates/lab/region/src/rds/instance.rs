//! DB instances.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use super::listing::{self, Filters};
use super::server::Server;
use super::status::Condition;
use super::tags::{self, Tags};
use super::{State, errors, names};
use crate::Region;
use crate::input;
use crate::wire::{Answer, ApiError, time};

/// A DB instance.
pub struct Instance {
    pub id: String,
    pub arn: String,
    /// `db-…`
    pub resource: String,
    pub class: String,
    pub engine: String,
    pub version: String,
    pub condition: Condition,
    pub user: String,
    pub schema: Option<String>,
    pub address: SocketAddr,
    /// Whether it was available once: its endpoint is told from then on.
    pub known: bool,
    pub zone: String,
    /// The zone of the standby, with MultiAZ.
    pub standby: Option<String>,
    /// The cluster that it is a member of.
    pub cluster: Option<String>,
    pub tier: i64,
    /// Its own server; members of clusters have none.
    pub server: Option<Server>,
    /// GiB
    pub storage: i64,
    /// Days that backups would be kept.
    pub backups: i64,
    pub protected: bool,
    pub security_groups: Vec<String>,
    pub subnet_group: Option<String>,
    pub tags: Tags,
    pub created: f64,
}

impl State {
    /// The instance of that identifier.
    pub(super) fn instance(&mut self, id: &str) -> Result<&mut Instance, ApiError> {
        self.instances.get_mut(id).ok_or_else(|| errors::no_instance(id))
    }

    /// The server whose loss is the instance's: its own or, for the writer of a cluster, the cluster's.
    pub(super) fn felt_server(&self, id: &str) -> Option<Server> {
        let instance = self.instances.get(id)?;
        match &instance.cluster {
            None => instance.server.clone(),
            Some(cluster) => {
                let cluster = self.clusters.get(cluster)?;
                if cluster.writer()? == id {
                    cluster.server.clone()
                } else {
                    None
                }
            }
        }
    }
}

impl Instance {
    /// As the API describes it.
    pub fn described(&self) -> Value {
        let mut all = Map::new();
        for part in [self.identity(), self.place(), self.storage(), self.fixed()] {
            if let Value::Object(members) = part {
                all.extend(members);
            }
        }
        Value::Object(all)
    }

    fn identity(&self) -> Value {
        json!({
            "DBInstanceIdentifier": self.id,
            "DBInstanceArn": self.arn,
            "DbiResourceId": self.resource,
            "DBInstanceClass": self.class,
            "DBInstanceStatus": self.condition.status().name(),
            "Engine": self.engine,
            "EngineVersion": self.version,
            "MasterUsername": self.user,
            "DBName": self.schema,
            "InstanceCreateTime": time(self.created),
            "DeletionProtection": self.protected,
            "TagList": tags::described(&self.tags),
        })
    }

    fn place(&self) -> Value {
        let endpoint = json!({ "Address": self.address.ip(), "Port": self.address.port(), "HostedZoneId": "Z2R2ITUGPM61AM" });
        let groups = self.security_groups.iter();
        json!({
            "Endpoint": self.known.then_some(endpoint),
            "DbInstancePort": 0,
            "MultiAZ": self.standby.is_some(),
            "AvailabilityZone": self.zone,
            "SecondaryAvailabilityZone": self.standby,
            "DBClusterIdentifier": self.cluster,
            "PromotionTier": self.cluster.as_ref().map(|_| self.tier),
            "VpcSecurityGroups": groups.map(|id| json!({ "VpcSecurityGroupId": id, "Status": "active" })).collect::<Value>(),
            "DBSubnetGroup": self.subnet_group.as_ref().map(|name| json!({ "DBSubnetGroupName": name, "SubnetGroupStatus": "Complete" })),
            "PubliclyAccessible": false,
            "NetworkType": "IPV4",
        })
    }

    fn storage(&self) -> Value {
        json!({
            "AllocatedStorage": self.storage,
            "StorageType": if self.cluster.is_some() { "aurora" } else { "gp3" },
            "StorageEncrypted": false,
            "BackupRetentionPeriod": self.backups,
            "PreferredBackupWindow": "03:00-03:30",
            "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
            "CopyTagsToSnapshot": false,
            "PendingModifiedValues": {},
        })
    }

    fn fixed(&self) -> Value {
        json!({
            "AutoMinorVersionUpgrade": true,
            "LicenseModel": "general-public-license",
            "DBSecurityGroups": [],
            "DBParameterGroups": [{ "DBParameterGroupName": format!("default.{}", self.engine), "ParameterApplyStatus": "in-sync" }],
            "OptionGroupMemberships": [],
            "ReadReplicaDBInstanceIdentifiers": [],
            "DomainMemberships": [],
            "AssociatedRoles": [],
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "MonitoringInterval": 0,
            "IAMDatabaseAuthenticationEnabled": false,
            "PerformanceInsightsEnabled": false,
            "CustomerOwnedIpEnabled": false,
            "ActivityStreamStatus": "stopped",
            "BackupTarget": "region",
        })
    }

    fn compared(&self, filter: &str) -> Vec<String> {
        match filter {
            "db-instance-id" => vec![self.id.clone(), self.arn.clone()],
            "db-cluster-id" => self
                .cluster
                .iter()
                .flat_map(|id| [id.clone(), self.arn_of_cluster(id)])
                .collect(),
            "dbi-resource-id" => vec![self.resource.clone()],
            "engine" => vec![self.engine.clone()],
            _ => Vec::new(),
        }
    }

    fn arn_of_cluster(&self, id: &str) -> String {
        let front = self
            .arn
            .strip_suffix(&format!("db:{}", self.id))
            .unwrap_or_default();
        format!("{front}cluster:{id}")
    }
}

/// DescribeDBInstances
pub fn describe(region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(
        input,
        &[
            "db-instance-id",
            "db-cluster-id",
            "dbi-resource-id",
            "domain",
            "engine",
        ],
    )?;
    let only = input::text(input, "DBInstanceIdentifier").map(names::bare);
    let state = region.state();
    if let Some(id) = only.as_ref().filter(|id| !state.rds.instances.contains_key(*id)) {
        return Err(errors::no_instance(id));
    }
    let instances = state.rds.instances.values();
    let wanted = instances.filter(|one| {
        only.as_ref().is_none_or(|id| *id == one.id) && filters.admit(|filter| one.compared(filter))
    });
    listing::page(
        input,
        "DBInstances",
        wanted.map(|one| (one.id.clone(), one.described())),
    )
}

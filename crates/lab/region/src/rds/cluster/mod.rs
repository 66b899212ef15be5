//! DB clusters: Aurora MySQL on one real server, DocumentDB as statuses only.

pub mod endpoints;
mod members;
pub mod operate;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::create::{port, zones};
use super::listing::{self, Filters};
use super::server::Server;
use super::status::{Change, Condition, Status};
use super::tags::{self, Tags};
use super::timetable::{self, Course, First, Subject};
use super::{State, errors, names};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, input, name, now};

/// Engines of clusters: their versions where none is asked for, and their ports.
const ENGINES: [(&str, &str, u16); 2] = [
    ("aurora-mysql", "8.0.mysql_aurora.3.08.0", 3306),
    (DOCUMENTS, "5.0.0", 27017),
];
/// The engine that has no server here.
const DOCUMENTS: &str = "docdb";

/// A DB cluster.
pub struct Cluster {
    pub id: String,
    pub arn: String,
    /// `cluster-…`
    pub resource: String,
    pub engine: String,
    pub version: String,
    pub condition: Condition,
    pub user: String,
    pub schema: Option<String>,
    pub address: SocketAddr,
    /// Its instances, in the order of their creation.
    pub members: Vec<String>,
    /// The member that writes.
    pub writer: Option<String>,
    /// Nothing for DocumentDB.
    pub server: Option<Server>,
    pub custom: BTreeMap<String, endpoints::Custom>,
    pub zones: Vec<String>,
    pub protected: bool,
    pub security_groups: Vec<String>,
    pub subnet_group: Option<String>,
    pub tags: Tags,
    pub created: f64,
}

impl State {
    /// The cluster of that identifier.
    pub(super) fn cluster(&mut self, id: &str) -> Result<&mut Cluster, ApiError> {
        self.clusters.get_mut(id).ok_or_else(|| errors::no_cluster(id))
    }
}

/// CreateDBCluster
pub fn create(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::new_identifier(input, "DBClusterIdentifier")?;
    let mut state = region.state();
    if state.rds.clusters.contains_key(&id) {
        return Err(ApiError::new(
            "DBClusterAlreadyExistsFault",
            format!("DB Cluster {id} already exists."),
        ));
    }
    let (cluster, change) = new(region, &mut state.rds, &id, input)?;
    let described = cluster.described(&state.rds);
    state.rds.clusters.insert(id.clone(), cluster);
    drop(state);
    // the server comes with the first instance
    let course = Course {
        subject: Subject::Cluster(id),
        change,
        server: None,
        first: First::Nothing,
        seconds: 0.0,
        last: Status::Available,
        event: ("creation", "DB cluster created".to_owned()),
    };
    region.keep(timetable::run(region.clone(), course, |_, _| ()));
    Ok(json!({ "DBCluster": described }))
}

fn new(region: &Region, state: &mut State, id: &str, input: &Value) -> Result<(Cluster, Change), ApiError> {
    let engine = input::required(input, "Engine")?;
    let known = ENGINES.iter().find(|(known, ..)| *known == engine);
    let (_, version, usual) = known.ok_or_else(|| {
        errors::value(format!(
            "Invalid DB engine: {engine}. chaos-lab has clusters of aurora-mysql and docdb."
        ))
    })?;
    let login = names::login(input, "DatabaseName")?;
    let address = state.allocate(region, super::CLUSTER_HOSTS, port(input, *usual)?)?;
    let server =
        (engine != DOCUMENTS).then(|| Server::new(region, &format!("cluster-{id}"), address, &login));
    let asked = input::texts(input, "AvailabilityZones");
    let (condition, change) = Condition::creating();
    let cluster = Cluster {
        id: id.to_owned(),
        arn: region.arn("rds", &format!("cluster:{id}")),
        resource: format!("cluster-{}", name::hex(26).to_ascii_uppercase()),
        engine: engine.to_owned(),
        version: input::text(input, "EngineVersion").unwrap_or(version).to_owned(),
        condition,
        user: login.user,
        schema: login.schema,
        address,
        members: Vec::new(),
        writer: None,
        server,
        custom: BTreeMap::new(),
        zones: if asked.is_empty() {
            zones(region).to_vec()
        } else {
            asked
        },
        protected: input::flag(input, "DeletionProtection").unwrap_or(false),
        security_groups: input::texts(input, "VpcSecurityGroupIds"),
        subnet_group: input::text(input, "DBSubnetGroupName").map(str::to_owned),
        tags: tags::read(input),
        created: now(),
    };
    Ok((cluster, change))
}

impl Cluster {
    /// The member that writes.
    pub fn writer(&self) -> Option<&str> {
        self.writer.as_deref()
    }

    /// As the API describes it.
    pub fn described(&self, state: &State) -> Value {
        let mut all = Map::new();
        for part in [self.identity(), self.place(), self.parts(state), self.fixed()] {
            if let Value::Object(members) = part {
                all.extend(members);
            }
        }
        Value::Object(all)
    }

    fn identity(&self) -> Value {
        json!({
            "DBClusterIdentifier": self.id,
            "DBClusterArn": self.arn,
            "DbClusterResourceId": self.resource,
            "Status": self.condition.status().name(),
            "Engine": self.engine,
            "EngineVersion": self.version,
            "EngineMode": "provisioned",
            "MasterUsername": self.user,
            "DatabaseName": self.schema,
            "ClusterCreateTime": time(self.created),
            "DeletionProtection": self.protected,
            "TagList": tags::described(&self.tags),
        })
    }

    fn place(&self) -> Value {
        let groups = self.security_groups.iter();
        let custom: Vec<_> = self.custom.values().map(|_| self.address.ip()).collect();
        json!({
            "Endpoint": self.address.ip(),
            "ReaderEndpoint": self.address.ip(),
            "CustomEndpoints": if custom.is_empty() { Value::Null } else { json!(custom) },
            "Port": self.address.port(),
            "HostedZoneId": "Z2R2ITUGPM61AM",
            "AvailabilityZones": self.zones,
            "VpcSecurityGroups": groups.map(|id| json!({ "VpcSecurityGroupId": id, "Status": "active" })).collect::<Value>(),
            "DBSubnetGroup": self.subnet_group,
            "NetworkType": "IPV4",
        })
    }

    fn parts(&self, state: &State) -> Value {
        let member = |id: &String| {
            let instance = state.instances.get(id);
            json!({
                "DBInstanceIdentifier": id,
                "IsClusterWriter": self.writer.as_ref() == Some(id),
                "DBClusterParameterGroupStatus": "in-sync",
                "PromotionTier": instance.map(|instance| instance.tier),
            })
        };
        let mut in_zones: Vec<_> = self
            .members
            .iter()
            .filter_map(|id| state.instances.get(id))
            .map(|one| &one.zone)
            .collect();
        in_zones.sort_unstable();
        in_zones.dedup();
        json!({ "DBClusterMembers": self.members.iter().map(member).collect::<Value>(), "MultiAZ": in_zones.len() > 1 })
    }

    fn fixed(&self) -> Value {
        json!({
            "AllocatedStorage": 1,
            "BackupRetentionPeriod": 1,
            "DBClusterParameterGroup": format!("default.{}", self.engine),
            "PreferredBackupWindow": "03:00-03:30",
            "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
            "ReadReplicaIdentifiers": [],
            "StorageEncrypted": false,
            "AssociatedRoles": [],
            "IAMDatabaseAuthenticationEnabled": false,
            "HttpEndpointEnabled": false,
            "ActivityStreamStatus": "stopped",
            "CopyTagsToSnapshot": false,
            "CrossAccountClone": false,
            "DomainMemberships": [],
            "AutoMinorVersionUpgrade": true,
        })
    }

    fn compared(&self, filter: &str) -> Vec<String> {
        match filter {
            "db-cluster-id" => vec![self.id.clone(), self.arn.clone()],
            "db-cluster-resource-id" => vec![self.resource.clone()],
            "engine" => vec![self.engine.clone()],
            _ => Vec::new(),
        }
    }
}

/// DescribeDBClusters
pub fn describe(region: &Region, input: &Value) -> Answer {
    let known = [
        "clone-group-id",
        "db-cluster-id",
        "db-cluster-resource-id",
        "domain",
        "engine",
    ];
    let filters = Filters::read(input, &known)?;
    let only = input::text(input, "DBClusterIdentifier").map(names::bare);
    let state = region.state();
    if let Some(id) = only.as_ref().filter(|id| !state.rds.clusters.contains_key(*id)) {
        return Err(errors::no_cluster(id));
    }
    let wanted = state.rds.clusters.values().filter(|one| {
        only.as_ref().is_none_or(|id| *id == one.id) && filters.admit(|filter| one.compared(filter))
    });
    listing::page(
        input,
        "DBClusters",
        wanted.map(|one| (one.id.clone(), one.described(&state.rds))),
    )
}

//! CreateDBInstance

use std::sync::Arc;

use serde_json::{Value, json};

use super::instance::Instance;
use super::names::{self, Login};
use super::server::Server;
use super::status::{Change, Condition, Status};
use super::timetable::{self, Course, First, Subject};
use super::{State, errors, tags};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name, now};

/// Engines of instances by themselves, with the versions that are told where none is asked for.
const ENGINES: [(&str, &str); 2] = [("mysql", "8.0.40"), ("mariadb", "11.4.4")];

/// CreateDBInstance
pub fn create(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::new_identifier(input, "DBInstanceIdentifier")?;
    let mut state = region.state();
    if state.rds.instances.contains_key(&id) {
        return Err(ApiError::new(
            "DBInstanceAlreadyExists",
            format!("DB instance {id} already exists."),
        ));
    }
    let (instance, change) = match input::text(input, "DBClusterIdentifier").map(names::bare) {
        Some(cluster) => member(region, &mut state.rds, &id, &cluster, input)?,
        None => single(region, &mut state.rds, &id, input)?,
    };
    let described = instance.described();
    state.rds.instances.insert(id.clone(), instance);
    let server = state.rds.felt_server(&id);
    drop(state);
    region.keep(timetable::run(
        region.clone(),
        course(id, change, server),
        |_, _| (),
    ));
    Ok(json!({ "DBInstance": described }))
}

/// It is available as soon as its server answers.
fn course(id: String, change: Change, server: Option<Server>) -> Course {
    Course {
        subject: Subject::Instance(id),
        change,
        server,
        first: First::Nothing,
        seconds: 0.0,
        last: Status::Available,
        event: ("creation", "DB instance created".to_owned()),
    }
}

/// An instance with a server of its own.
fn single(
    region: &Region,
    state: &mut State,
    id: &str,
    input: &Value,
) -> Result<(Instance, Change), ApiError> {
    let engine = input::required(input, "Engine")?;
    let known = ENGINES.iter().find(|(known, _)| *known == engine);
    let (_, version) = known.ok_or_else(|| no_engine(engine))?;
    let login = names::login(input, "DBName")?;
    let zones = Zones::read(region, input)?;
    let class = class(input)?;
    let (storage, backups) = numbers(input)?;
    let address = state.allocate(region, super::INSTANCE_HOSTS, port(input, 3306)?)?;
    let server = Server::new(region, id, address, &login);
    let (condition, change) = Condition::creating();
    let Login { user, schema, .. } = login;
    let instance = Instance {
        engine: engine.to_owned(),
        version: input::text(input, "EngineVersion").unwrap_or(version).to_owned(),
        condition,
        user,
        schema,
        address,
        zone: zones.first,
        standby: zones.standby,
        server: Some(server),
        class,
        storage,
        backups,
        ..blank(region, id, input, condition, address)
    };
    Ok((instance, change))
}

fn no_engine(engine: &str) -> ApiError {
    errors::value(format!(
        "Invalid DB engine: {engine}. chaos-lab runs mysql and mariadb, and aurora-mysql and docdb as members of clusters (DBClusterIdentifier)."
    ))
}

/// An instance of a cluster; one that has none gets its writer.
fn member(
    region: &Region,
    state: &mut State,
    id: &str,
    cluster: &str,
    input: &Value,
) -> Result<(Instance, Change), ApiError> {
    let engine = input::required(input, "Engine")?;
    let class = class(input)?;
    let tier = input::integer(input, "PromotionTier")?.unwrap_or(1);
    if input::flag(input, "MultiAZ") == Some(true) {
        return Err(errors::combination(
            "MultiAZ cannot be set for an instance of a cluster: its readers are its standbys.",
        ));
    }
    let names = zones(region);
    let cluster = state.cluster(cluster)?;
    if cluster.engine != engine {
        return Err(errors::combination(format!(
            "The engine {engine} is not that of the cluster, {}.",
            cluster.engine
        )));
    }
    if !matches!(cluster.condition.status(), Status::Available | Status::Creating) {
        let status = cluster.condition.status().name();
        return Err(errors::cluster_state(format!(
            "DB cluster {} is not available but {status}.",
            cluster.id
        )));
    }
    let next = names[cluster.members.len() % names.len()].clone();
    let (condition, change) = Condition::creating();
    let instance = Instance {
        engine: engine.to_owned(),
        version: cluster.version.clone(),
        user: cluster.user.clone(),
        schema: cluster.schema.clone(),
        zone: input::text(input, "AvailabilityZone").map_or(next, str::to_owned),
        cluster: Some(cluster.id.clone()),
        class,
        tier,
        ..blank(region, id, input, condition, cluster.address)
    };
    cluster.members.push(id.to_owned());
    cluster.writer.get_or_insert_with(|| id.to_owned());
    Ok((instance, change))
}

/// What all instances have in common.
fn blank(
    region: &Region,
    id: &str,
    input: &Value,
    condition: Condition,
    address: std::net::SocketAddr,
) -> Instance {
    Instance {
        id: id.to_owned(),
        arn: region.arn("rds", &format!("db:{id}")),
        resource: format!("db-{}", name::hex(26).to_ascii_uppercase()),
        class: String::new(),
        engine: String::new(),
        version: String::new(),
        condition,
        user: String::new(),
        schema: None,
        address,
        known: false,
        zone: String::new(),
        standby: None,
        cluster: None,
        tier: 1,
        server: None,
        storage: 1,
        backups: 1,
        protected: input::flag(input, "DeletionProtection").unwrap_or(false),
        security_groups: input::texts(input, "VpcSecurityGroupIds"),
        subnet_group: input::text(input, "DBSubnetGroupName").map(str::to_owned),
        tags: tags::read(input),
        created: now(),
    }
}

fn class(input: &Value) -> Result<String, ApiError> {
    let class = input::required(input, "DBInstanceClass")?;
    match class.starts_with("db.") && class.matches('.').count() == 2 {
        true => Ok(class.to_owned()),
        false => Err(errors::value(format!("Invalid DB Instance class: {class}"))),
    }
}

/// GiB of storage and days of backups.
fn numbers(input: &Value) -> Result<(i64, i64), ApiError> {
    let storage = input::integer(input, "AllocatedStorage")?.unwrap_or(20);
    let backups = input::integer(input, "BackupRetentionPeriod")?.unwrap_or(1);
    match (20..=65_536).contains(&storage) {
        true => Ok((storage, backups)),
        false => Err(errors::value(format!(
            "Invalid storage size for engine: {storage}. It is 20 to 65536 GiB."
        ))),
    }
}

/// The port in the member `Port`, which RDS wants to be 1150 to 65535.
///
/// # Errors
/// `InvalidParameterValue`
pub fn port(input: &Value, default: u16) -> Result<u16, ApiError> {
    let port = input::integer(input, "Port")?.unwrap_or(i64::from(default));
    let port = u16::try_from(port).ok().filter(|port| *port >= 1150);
    port.ok_or_else(|| errors::value("The parameter Port is not valid: it is 1150 to 65535."))
}

/// The region's zones.
pub fn zones(region: &Region) -> [String; 3] {
    ["a", "b", "c"].map(|letter| format!("{}{letter}", region.settings().name))
}

struct Zones {
    first: String,
    standby: Option<String>,
}

impl Zones {
    fn read(region: &Region, input: &Value) -> Result<Zones, ApiError> {
        let [first, second, third] = zones(region);
        let asked = input::text(input, "AvailabilityZone");
        match (asked, input::flag(input, "MultiAZ").unwrap_or(false)) {
            (Some(_), true) => Err(errors::combination(
                "Requesting a specific availability zone is not valid for Multi-AZ instances.",
            )),
            (Some(asked), false) if ![&first, &second, &third].contains(&&asked.to_owned()) => {
                Err(errors::value(format!("Invalid availability zone: {asked}")))
            }
            (Some(asked), false) => Ok(Zones {
                first: asked.to_owned(),
                standby: None,
            }),
            (None, multiple) => Ok(Zones {
                first,
                standby: multiple.then_some(second),
            }),
        }
    }
}

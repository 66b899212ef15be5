//! Amazon RDS (and what signs as RDS: Aurora, DocumentDB): instances and clusters that are real database servers.
//!
//! What is real: the server of a MySQL or MariaDB instance, its connections and its data, and that a reboot, a failover, a stop
//! and a deletion cut them. What is emulated:
//! - a standby is no second server: a failover takes longer than a reboot and changes the zone, on the same data;
//! - an Aurora cluster is one server at the address of its endpoint. Its instances are names for it: all have that address, readers
//!   can write, and only what happens to the writer is felt;
//! - a DocumentDB cluster has no server at all: statuses, members and times only, and nothing listens at its endpoint;
//! - snapshots are names without data; modifications apply at once.
//!
//! Endpoints are addresses of the lab's network in place of host names.

mod cluster;
mod create;
mod errors;
mod events;
mod instance;
mod listing;
mod metrics;
mod names;
mod operate;
mod server;
mod snapshots;
mod status;
mod tags;
mod timetable;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
use cluster::Cluster;
use instance::Instance;
use server::Server;

/// What the service knows.
#[derive(Default)]
pub struct State {
    instances: BTreeMap<String, Instance>,
    clusters: BTreeMap<String, Cluster>,
    snapshots: BTreeMap<String, snapshots::Snapshot>,
    events: events::Events,
    /// The hosts of the lab's network that databases have.
    hosts: BTreeSet<u8>,
}

/// Hosts of the lab's network, a range for each kind, so that the first instance is at
/// [`crate::network::Network::database`] whatever clusters there are.
const INSTANCE_HOSTS: std::ops::RangeInclusive<u8> = 30..=59;
const CLUSTER_HOSTS: std::ops::RangeInclusive<u8> = 60..=99;

impl State {
    /// The lowest free host of a range, with the given port.
    fn allocate(
        &mut self,
        region: &Region,
        mut hosts: std::ops::RangeInclusive<u8>,
        port: u16,
    ) -> Result<SocketAddr, ApiError> {
        let full = || {
            ApiError::new(
                "InsufficientDBInstanceCapacity",
                "The lab has no more addresses for databases.",
            )
        };
        let host = hosts.find(|host| !self.hosts.contains(host)).ok_or_else(full)?;
        self.hosts.insert(host);
        Ok((region.settings().network.host(0, host), port).into())
    }

    fn release(&mut self, address: SocketAddr) {
        if let SocketAddr::V4(address) = address {
            self.hosts.remove(&address.ip().octets()[3]);
        }
    }

    fn servers(&self) -> Vec<Server> {
        let instances = self
            .instances
            .values()
            .filter_map(|instance| instance.server.clone());
        instances
            .chain(
                self.clusters
                    .values()
                    .filter_map(|cluster| cluster.server.clone()),
            )
            .collect()
    }
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(metrics::measure(region.clone()));
}

/// Ends what the service runs.
pub async fn stop(region: &Arc<Region>) {
    let servers = region.state().rds.servers();
    for server in servers {
        server.down().await;
    }
}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    match operation {
        "AddTagsToResource" => tags::add(region, input),
        "CreateDBCluster" => cluster::create(region, input),
        "CreateDBClusterEndpoint" => cluster::endpoints::create(region, input),
        "CreateDBInstance" => create::create(region, input),
        "DeleteDBCluster" => cluster::operate::delete(region, input),
        "DeleteDBClusterEndpoint" => cluster::endpoints::delete(region, input),
        "DeleteDBInstance" => operate::delete(region, input),
        "DescribeDBClusterEndpoints" => cluster::endpoints::describe(region, input),
        "DescribeDBClusters" => cluster::describe(region, input),
        "DescribeDBInstances" => instance::describe(region, input),
        "DescribeDBSnapshots" => snapshots::describe(region, input),
        "DescribeEvents" => events::describe(region, input),
        "FailoverDBCluster" => cluster::operate::fail_over(region, input),
        "ListTagsForResource" => tags::list(region, input),
        "ModifyDBInstance" => operate::modify(region, input),
        "RebootDBInstance" => operate::reboot(region, input),
        "RemoveTagsFromResource" => tags::remove(region, input),
        "StartDBCluster" => cluster::operate::start(region, input),
        "StartDBInstance" => operate::start(region, input),
        "StopDBCluster" => cluster::operate::stop(region, input),
        "StopDBInstance" => operate::stop(region, input),
        _ => Err(ApiError::not_here("rds", operation)),
    }
}

//! Endpoints of clusters. The custom ones, too, are the address of the cluster's one server.

use serde_json::{Value, json};

use super::super::listing::{self, Filters};
use super::super::{errors, names};
use super::Cluster;
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

/// A custom endpoint.
pub struct Custom {
    id: String,
    arn: String,
    resource: String,
    /// `READER` or `ANY`
    kind: String,
    members: Vec<String>,
    excluded: Vec<String>,
}

fn unknown(id: &str) -> ApiError {
    ApiError::new(
        "DBClusterEndpointNotFoundFault",
        format!("DBClusterEndpoint {id} not found. Only custom endpoints can be deleted."),
    )
}

/// CreateDBClusterEndpoint
pub fn create(region: &Region, input: &Value) -> Answer {
    let id = names::new_identifier(input, "DBClusterEndpointIdentifier")?;
    let cluster = names::identifier(input, "DBClusterIdentifier")?;
    let kind = input::required(input, "EndpointType")?.to_ascii_uppercase();
    if !["READER", "ANY"].contains(&kind.as_str()) {
        return Err(errors::value(format!(
            "The parameter EndpointType is not valid: {kind} is neither READER nor ANY."
        )));
    }
    let mut state = region.state();
    if state
        .rds
        .clusters
        .values()
        .any(|cluster| cluster.custom.contains_key(&id))
    {
        return Err(ApiError::new(
            "DBClusterEndpointAlreadyExistsFault",
            format!("DBClusterEndpoint {id} already exists."),
        ));
    }
    let [members, excluded] = ["StaticMembers", "ExcludedMembers"].map(|list| input::texts(input, list));
    let cluster = state.rds.cluster(&cluster)?;
    if let Some(stranger) = members
        .iter()
        .chain(&excluded)
        .find(|id| !cluster.members.contains(id))
    {
        return Err(errors::no_instance(stranger));
    }
    let arn = region.arn("rds", &format!("cluster-endpoint:{id}"));
    let resource = format!("cluster-endpoint-{}", name::hex(26).to_ascii_uppercase());
    let custom = Custom {
        id: id.clone(),
        arn,
        resource,
        kind,
        members,
        excluded,
    };
    let described = of_custom(cluster, &custom, "available");
    cluster.custom.insert(id, custom);
    Ok(described)
}

/// DeleteDBClusterEndpoint
pub fn delete(region: &Region, input: &Value) -> Answer {
    let id = names::identifier(input, "DBClusterEndpointIdentifier")?;
    let mut state = region.state();
    let cluster = state
        .rds
        .clusters
        .values_mut()
        .find(|cluster| cluster.custom.contains_key(&id));
    let cluster = cluster.ok_or_else(|| unknown(&id))?;
    let custom = cluster.custom.remove(&id).ok_or_else(|| unknown(&id))?;
    Ok(of_custom(cluster, &custom, "deleting"))
}

/// DescribeDBClusterEndpoints
pub fn describe(region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(
        input,
        &[
            "db-cluster-endpoint-type",
            "db-cluster-endpoint-id",
            "db-cluster-endpoint-status",
        ],
    )?;
    let only = input::text(input, "DBClusterEndpointIdentifier").map(names::bare);
    let of = input::text(input, "DBClusterIdentifier").map(names::bare);
    let state = region.state();
    if let Some(id) = of.as_ref().filter(|id| !state.rds.clusters.contains_key(*id)) {
        return Err(errors::no_cluster(id));
    }
    let clusters = state
        .rds
        .clusters
        .values()
        .filter(|cluster| of.as_ref().is_none_or(|id| *id == cluster.id));
    let endpoints = clusters.flat_map(all);
    let compared = |endpoint: &Value, filter: &str| {
        let member = match filter {
            "db-cluster-endpoint-type" => "EndpointType",
            "db-cluster-endpoint-id" => "DBClusterEndpointIdentifier",
            _ => "Status",
        };
        vec![
            input::text(endpoint, member)
                .unwrap_or_default()
                .to_ascii_lowercase(),
        ]
    };
    let wanted = endpoints.filter(|(_, endpoint)| {
        only.as_ref()
            .is_none_or(|id| input::text(endpoint, "DBClusterEndpointIdentifier") == Some(id))
            && filters.admit(|filter| compared(endpoint, filter))
    });
    listing::page(input, "DBClusterEndpoints", wanted)
}

/// All endpoints of a cluster, with what orders them.
fn all(cluster: &Cluster) -> Vec<(String, Value)> {
    let builtin = ["READER", "WRITER"].map(|kind| {
        let endpoint = json!({
            "DBClusterIdentifier": cluster.id, "Endpoint": cluster.address.ip(), "Status": "available", "EndpointType": kind,
        });
        (format!("{}/{kind}", cluster.id), endpoint)
    });
    let custom = cluster.custom.values().map(|custom| {
        (
            format!("{}/custom/{}", cluster.id, custom.id),
            of_custom(cluster, custom, "available"),
        )
    });
    builtin.into_iter().chain(custom).collect()
}

fn of_custom(cluster: &Cluster, custom: &Custom, status: &str) -> Value {
    json!({
        "DBClusterEndpointIdentifier": custom.id,
        "DBClusterIdentifier": cluster.id,
        "DBClusterEndpointResourceIdentifier": custom.resource,
        "DBClusterEndpointArn": custom.arn,
        "Endpoint": cluster.address.ip(),
        "Status": status,
        "EndpointType": "CUSTOM",
        "CustomEndpointType": custom.kind,
        "StaticMembers": custom.members,
        "ExcludedMembers": custom.excluded,
    })
}

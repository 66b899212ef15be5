//! One instance fleet or group out of a cluster's listing.

use aws_sdk_emr::Client;
use chaos_engine::value::{Value, map};

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::answer;

/// The fleet as `{InstanceFleets: …}`, null in it when the cluster has no such fleet.
pub(super) async fn fleet(emr: &Client, cluster: &str, fleet: &str) -> Result<Value, AwsError> {
    let listing = async |marker| {
        let request = emr.list_instance_fleets().cluster_id(cluster);
        answer(request.set_marker(marker).send()).await
    };
    find("InstanceFleets", fleet, listing).await
}

/// The group as `{InstanceGroups: …}`, null in it when the cluster has no such group.
pub(super) async fn group(emr: &Client, cluster: &str, group: &str) -> Result<Value, AwsError> {
    let listing = async |marker| {
        let request = emr.list_instance_groups().cluster_id(cluster);
        answer(request.set_marker(marker).send()).await
    };
    find("InstanceGroups", group, listing).await
}

/// Reads pages until the item with that `Id` is on one; later ones are not asked for.
async fn find(
    items: &str,
    id: &str,
    page: impl AsyncFn(Option<String>) -> Result<Value, AwsError>,
) -> Result<Value, AwsError> {
    let mut marker = None;
    let found = loop {
        let answer = page(marker.take()).await?;
        let mut listed = list(&answer, items).iter();
        if let Some(found) = listed.find(|item| text(item, &["Id"]) == Some(id)) {
            break found.clone();
        }
        match text(&answer, &["Marker"]).filter(|marker| !marker.is_empty()) {
            Some(next) => marker = Some(next.to_owned()),
            None => break Value::Null,
        }
    };
    Ok(map([(items, found)]).into())
}

//! Snapshots: names and statuses without data.

use serde_json::{Value, json};

use super::listing::{self, Filters};
use super::{State, errors, names};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, input, now};

/// A snapshot of an instance or a cluster.
pub struct Snapshot {
    source: String,
    arn: String,
    taken: f64,
}

/// Takes a snapshot.
///
/// # Errors
/// `DBSnapshotAlreadyExists`
pub fn take(region: &Region, state: &mut State, name: &str, source: &str) -> Result<(), ApiError> {
    let name = name.to_ascii_lowercase();
    if state.snapshots.contains_key(&name) {
        return Err(ApiError::new(
            "DBSnapshotAlreadyExists",
            format!(
                "Cannot create the snapshot because a snapshot with the identifier {name} already exists."
            ),
        ));
    }
    let arn = region.arn("rds", &format!("snapshot:{name}"));
    state.snapshots.insert(
        name,
        Snapshot {
            source: source.to_owned(),
            arn,
            taken: now(),
        },
    );
    Ok(())
}

/// The name of the last snapshot that a deletion asks for.
///
/// # Errors
/// `InvalidParameterCombination` unless exactly one of a name and `SkipFinalSnapshot` is given.
pub fn last(input: &Value) -> Result<Option<&str>, ApiError> {
    let skip = input::flag(input, "SkipFinalSnapshot").unwrap_or(false);
    match (skip, input::text(input, "FinalDBSnapshotIdentifier")) {
        (true, None) => Ok(None),
        (false, Some(name)) => Ok(Some(name)),
        (false, None) => Err(errors::combination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )),
        (true, Some(_)) => Err(errors::combination(
            "FinalDBSnapshotIdentifier cannot be specified together with SkipFinalSnapshot.",
        )),
    }
}

/// DescribeDBSnapshots
pub fn describe(region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, &["db-instance-id", "db-snapshot-id"])?;
    let only = input::text(input, "DBSnapshotIdentifier").map(names::bare);
    let source = input::text(input, "DBInstanceIdentifier").map(names::bare);
    let state = region.state();
    let wanted = state.rds.snapshots.iter().filter(|(name, snapshot)| {
        only.as_ref().is_none_or(|only| only == *name)
            && source.as_ref().is_none_or(|source| *source == snapshot.source)
            && filters.admit(|filter| {
                vec![if filter == "db-snapshot-id" {
                    (*name).clone()
                } else {
                    snapshot.source.clone()
                }]
            })
    });
    listing::page(
        input,
        "DBSnapshots",
        wanted.map(|(name, snapshot)| (name.clone(), described(name, snapshot))),
    )
}

fn described(name: &str, snapshot: &Snapshot) -> Value {
    json!({
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": snapshot.arn,
        "DBInstanceIdentifier": snapshot.source,
        "SnapshotCreateTime": time(snapshot.taken),
        "SnapshotType": "manual",
        "Status": "available",
    })
}

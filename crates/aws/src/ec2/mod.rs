//! Amazon EC2: instances, their volumes, security groups (`chaosaws.ec2`).

mod actions;
mod instances;
mod lifecycle;
mod probes;
mod selection;
pub(crate) mod volumes;

pub(crate) use instances::{MANY, describe_by_ids, instances_of};

use chaos_engine::activity::Catalogue;

/// Adds the activities of EC2.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}

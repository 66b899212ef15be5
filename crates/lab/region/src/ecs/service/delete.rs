//! DeleteService.

use serde_json::{Value, json};

use super::super::names::{invalid, last, needed};
use super::super::{State, World, cluster};
use super::describe::shown;
use super::{ServiceStatus, find, key};
use crate::input::flag;
use crate::wire::Answer;

/// The service drains: its scheduler stops its tasks, and it is INACTIVE when none is left.
pub fn delete(state: &mut State, world: &World<'_>, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let name = last(needed(input, "service")?).to_owned();
    let service = find(state, &cluster, &name)?;
    if service.is_inactive() {
        return Err(crate::wire::ApiError::new(
            "ServiceNotFoundException",
            "Service not found.",
        ));
    }
    if service.desired > 0 && flag(input, "force") != Some(true) {
        return Err(invalid(
            "The service cannot be stopped while it is scaled above 0.",
        ));
    }
    let key = key(&cluster, &name);
    if let Some(service) = state.services.get_mut(&key) {
        service.status = ServiceStatus::Draining;
        service.desired = 0;
    }
    Ok(
        json!({ "service": state.services.get(&key).map(|service| shown(state, world.region, service, true)) }),
    )
}

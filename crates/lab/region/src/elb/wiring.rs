//! Tells the data plane what the control plane decided.

use std::collections::BTreeSet;
use std::sync::Arc;

use chaos_lab_balancer as plane;

use super::model::State;
use super::places::EVERYWHERE;

/// Brings rules, zones and use of the data plane up to date. Called after each change of listeners, rules or subnets.
pub(super) fn apply(state: &mut State) {
    state
        .listeners
        .keys()
        .for_each(|listener| set_rules(state, listener));
    let wanted: Vec<(String, (bool, BTreeSet<String>))> = state
        .groups
        .keys()
        .map(|arn| (arn.clone(), use_of(state, arn)))
        .collect();
    for (arn, wired) in wanted {
        let Some(group) = state
            .groups
            .get_mut(&arn)
            .filter(|group| group.wired.as_ref() != Some(&wired))
        else {
            continue;
        };
        group.plane.set_zones(wired.0.then(|| wired.1.clone()));
        group.plane.in_use(wired.0);
        group.wired = Some(wired);
    }
}

fn set_rules(state: &State, listener: &str) {
    let find = |arn: &str| Some(Arc::clone(&state.groups.get(arn)?.plane));
    let mut default = None;
    let mut others = Vec::new();
    for rule in state.rules_of(listener) {
        match (rule.priority, rule.action.plane(find)) {
            (Some(priority), Some(action)) => others.push(plane::Rule {
                priority,
                path_patterns: rule.conditions.paths.clone(),
                host_patterns: rule.conditions.hosts.clone(),
                action,
            }),
            (None, action) => default = action,
            (Some(_), None) => {}
        }
    }
    if let (Some(listener), Some(default)) = (state.listeners.get(listener), default) {
        listener.plane.set_rules(others, default);
    }
}

/// Whether a load balancer forwards to a group, and from which zones.
fn use_of(state: &State, group: &str) -> (bool, BTreeSet<String>) {
    let balancers = state.balancers_of(group);
    let zones = balancers
        .iter()
        .flat_map(|balancer| &balancer.subnets)
        .map(|place| place.zone.clone());
    let mut zones: BTreeSet<String> = zones.collect();
    zones.insert(EVERYWHERE.to_owned());
    (!balancers.is_empty(), zones)
}

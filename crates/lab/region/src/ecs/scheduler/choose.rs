//! Which of many tasks a service can do without.

use std::collections::HashMap;

use super::super::State;

/// `count` of these tasks: first what does not run yet, then from the zone (and there from the host) with the most tasks; of
/// those the oldest. "How Amazon ECS places tasks on container instances" in the developer guide: scaling in keeps zones even.
pub fn surplus(state: &State, ids: &[String], count: usize) -> Vec<String> {
    let mut left: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !left.is_empty() {
        let Some(index) = next(state, &left) else {
            break;
        };
        chosen.push(left.remove(index).to_owned());
    }
    chosen
}

fn next(state: &State, left: &[&str]) -> Option<usize> {
    let tasks: Vec<_> = left.iter().filter_map(|id| state.tasks.get(*id)).collect();
    let (mut zones, mut hosts) = (HashMap::new(), HashMap::new());
    for task in &tasks {
        *zones.entry(task.zone.as_str()).or_insert(0_usize) += 1;
        *hosts.entry(task.host.as_deref()).or_insert(0_usize) += 1;
    }
    let pending = tasks.iter().position(|task| !task.is_running());
    let crowded = || {
        let crowd = |task: &&super::super::task::Task| {
            (
                zones.get(task.zone.as_str()).copied(),
                hosts.get(&task.host.as_deref()).copied(),
            )
        };
        let most = tasks.iter().map(crowd).max()?;
        // tasks are in the order of their creation
        tasks.iter().position(|task| crowd(task) == most)
    };
    pending.or_else(crowded)
}

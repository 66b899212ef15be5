//! RunTask.

use serde_json::{Value, json};

use super::super::capacity::Capacity;
use super::super::names::{count, invalid, needed};
use super::super::scheduler::{Obstacle, Wanted, place};
use super::super::{World, cluster, network, tags};
use super::{Order, Task, shown};
use crate::ecs::State;
use crate::input::text;
use crate::name;
use crate::wire::Answer;

/// The most tasks that one call starts.
const MOST: u32 = 10;

pub fn run(state: &mut State, world: &mut World<'_>, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let spec = state.definitions.active(needed(input, "taskDefinition")?)?;
    let capacity = Capacity::or_default(state, &cluster, input)?;
    let subnets = network::subnets(world, &spec, &capacity, input)?;
    let wanted_count = count(input, "count")?.unwrap_or(1);
    if !(1..=MOST).contains(&wanted_count) {
        return Err(invalid(format!("count must be from 1 to {MOST}.")));
    }
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for _ in 0..wanted_count {
        let group = text(input, "group").map_or_else(|| format!("family:{}", spec.family), str::to_owned);
        let wanted = Wanted {
            cluster: &cluster,
            group: &group,
            spec: &spec,
            capacity: &capacity,
            subnets: &subnets,
            strategy: input.get("placementStrategy").unwrap_or(&Value::Null),
            constraints: input.get("placementConstraints").unwrap_or(&Value::Null),
        };
        let place = match place(state, world, &wanted) {
            Ok(place) => place,
            Err(Obstacle::Hosts) if !state.hosts.values().any(|host| host.cluster == cluster) => {
                return Err(invalid("No Container Instances were found in your cluster."));
            }
            Err(obstacle) => {
                failures.push(json!({ "reason": obstacle.failure() }));
                continue;
            }
        };
        let id = name::hex(32);
        let order = Order {
            arn: world.region.arn("ecs", &format!("task/{cluster}/{id}")),
            id: id.clone(),
            cluster: cluster.clone(),
            service: None,
            group,
            started_by: text(input, "startedBy").map(str::to_owned),
            spec: spec.clone(),
            overrides: input.get("overrides").cloned().unwrap_or_default(),
        };
        let task = Task::new(order, place, world.now);
        tags::keep(state, &task.arn, input);
        tasks.push(shown(state, world.region, &task, true));
        state.tasks.insert(id, task);
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}

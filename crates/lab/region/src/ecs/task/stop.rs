//! StopTask.

use serde_json::{Value, json};

use super::super::names::{invalid, last, needed};
use super::super::{State, cluster};
use super::{Task, shown};
use crate::input::text;
use crate::wire::Answer;
use crate::{Region, now};

/// Asks a task to stop. Its targets drain while its processes get SIGTERM.
pub fn stop(state: &mut State, region: &Region, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let id = last(needed(input, "task")?);
    let reason = text(input, "reason").unwrap_or("Task stopped by user").to_owned();
    if reason.chars().count() > 255 {
        return Err(invalid("reason must not be longer than 255 characters."));
    }
    let found = state.tasks.get_mut(id).filter(|task| task.cluster == cluster);
    let task = found.ok_or_else(|| invalid("The referenced task was not found."))?;
    request(task, "UserInitiated", &reason);
    let task = state.tasks.get(id);
    Ok(json!({ "task": task.map(|task| shown(state, region, task, false)) }))
}

fn request(task: &mut Task, code: &'static str, reason: &str) {
    task.request_stop(code, reason, false, now());
}

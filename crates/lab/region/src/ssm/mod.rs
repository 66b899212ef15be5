//! Systems Manager: managed instances, and commands as effects on them.
//!
//! No text of a command ever reaches a shell. The lab reads it by a small table (`script.rs`) and does to its instance what the
//! command would have done. A script with anything else in it fails as a whole, with a message that names what is understood.
//!
//! What follows the death of dockerd: the tasks of the instance are killed, and the ECS agent, itself a container, is
//! disconnected. After a kill systemd starts dockerd again (2 s, `Restart=always` in docker.service), and the agent connects
//! some 10 s later; after `systemctl stop docker` both stay away until `systemctl start docker` or a reboot. These times are the
//! clockwork's and go at its speed. The SSM agent is no container and goes on.
//!
//! An instance's processors are half a core of the host: AWSFIS-Run-CPU-Stress at full load burns that much in a process of its own,
//! for as long as was asked in real time. Tasks compete with it by the host's scheduler only.

mod burn;
mod commands;
mod content;
mod documents;
mod invocation;
mod listing;
mod managed;
mod script;
mod targets;
mod worker;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use burn::utilization;

/// What the service knows.
#[derive(Default)]
pub struct State {
    documents: IndexMap<String, documents::Document>,
    /// The newest last.
    commands: IndexMap<String, commands::Command>,
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(worker::keep(Arc::clone(region)));
}

/// Ends what the service runs.
pub async fn stop(region: &Arc<Region>) {
    let burning = burn::end_all(&mut region.state().ssm);
    for child in burning {
        child.exited().await;
    }
}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here, such as those on parameters.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    let mut state = region.state();
    let answer = match operation {
        "DescribeInstanceInformation" => managed::describe(&state, input),
        "SendCommand" => commands::send(&mut state, region, input),
        "CancelCommand" => commands::cancel(&mut state.ssm, input),
        "GetCommandInvocation" => listing::invocation(&state.ssm, input),
        "ListCommandInvocations" => listing::invocations(&state.ssm, input),
        "ListCommands" => listing::commands(&state.ssm, input),
        "CreateDocument" => documents::create(&mut state.ssm, region, input),
        "DescribeDocument" => documents::describe(&state.ssm, region, input),
        "GetDocument" => documents::get(&state.ssm, input),
        "ListDocuments" => documents::list_all(&state.ssm, region, input),
        "DeleteDocument" => documents::delete(&mut state.ssm, input),
        _ => return Err(ApiError::not_here("ssm", operation)),
    };
    if answer.is_ok() {
        region.changed();
    }
    answer
}

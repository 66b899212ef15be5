//! Commands: sending and cancelling.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::invocation::{Invocation, Status};
use super::{State, content, documents, targets};
use crate::input::{integer, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, name, now};

/// More are forgotten, the oldest first.
const KEPT: usize = 500;
/// Seconds in which an agent has to take a command, in real time as clients ask for it.
const TIMEOUT: i64 = 3600;

/// A document run on instances.
#[derive(Debug)]
pub struct Command {
    /// Its id.
    pub id: String,
    /// The document's name.
    pub document: String,
    /// The caller's remark.
    pub comment: String,
    /// When it was sent, in seconds since 1970.
    pub requested: f64,
    /// What happens on each instance.
    pub invocations: Vec<Invocation>,
    pub(super) script: String,
    pub(super) expires: Instant,
    parameters: Map<String, Value>,
    ids: Vec<String>,
    targets: Value,
    timeout: i64,
    concurrency: String,
    max_errors: String,
}

impl Command {
    /// `Status` and `StatusDetails` of all invocations together.
    pub fn status(&self) -> (&'static str, &'static str) {
        let all = || self.invocations.iter().map(|one| one.status);
        let any = |status: Status| all().any(|one| one == status);
        match () {
            // as AWS ends a command whose tags nobody has
            () if self.invocations.is_empty() => ("Success", "NoInstancesInTag"),
            () if all().all(|one| one == Status::Pending) => Status::Pending.names(),
            () if !all().all(Status::is_final) => Status::InProgress.names(),
            () if any(Status::Failed) => Status::Failed.names(),
            () if any(Status::TimedOut) => Status::TimedOut.names(),
            () if any(Status::Undelivered) => Status::Undelivered.names(),
            () if any(Status::Cancelled) || any(Status::Terminated) => Status::Cancelled.names(),
            () => Status::Success.names(),
        }
    }

    /// Whether it may begin on one more instance (`MaxConcurrency`).
    pub fn has_room(&self) -> bool {
        let running = self
            .invocations
            .iter()
            .filter(|one| one.status == Status::InProgress)
            .count();
        running
            < limit(&self.concurrency, self.invocations.len())
                .unwrap_or(usize::MAX)
                .max(1)
    }

    /// Whether it has failed on more instances than it may (`MaxErrors`), and therefore goes to no more.
    pub fn has_failed(&self) -> bool {
        let is_error = |one: &&Invocation| matches!(one.status, Status::Failed | Status::TimedOut);
        let errors = self.invocations.iter().filter(is_error).count();
        errors > limit(&self.max_errors, self.invocations.len()).unwrap_or(usize::MAX)
    }

    /// As answers list it.
    pub fn view(&self) -> Value {
        let count = |fits: fn(Status) -> bool| self.invocations.iter().filter(|one| fits(one.status)).count();
        let (status, details) = self.status();
        json!({
            "CommandId": self.id,
            "DocumentName": self.document,
            "DocumentVersion": "$DEFAULT",
            "Comment": self.comment,
            "ExpiresAfter": time(self.requested + self.timeout as f64),
            "Parameters": self.parameters,
            "InstanceIds": self.ids,
            "Targets": self.targets,
            "RequestedDateTime": time(self.requested),
            "Status": status,
            "StatusDetails": details,
            "OutputS3BucketName": "",
            "OutputS3KeyPrefix": "",
            "MaxConcurrency": self.concurrency,
            "MaxErrors": self.max_errors,
            "TargetCount": self.invocations.len(),
            "CompletedCount": count(Status::is_final),
            "ErrorCount": count(|status| matches!(status, Status::Failed | Status::TimedOut)),
            "DeliveryTimedOutCount": count(|status| status == Status::Undelivered),
            "TimeoutSeconds": self.timeout,
        })
    }
}

/// `SendCommand`
pub fn send(state: &mut crate::State, _region: &Region, input: &Value) -> Answer {
    let asked = text(input, "DocumentName");
    let asked = asked.ok_or_else(|| {
        ApiError::new(
            "ValidationException",
            "The request must contain the parameter DocumentName.",
        )
    })?;
    let (document, written) = documents::content(&state.ssm, asked)?;
    let parameters = content::parameters(&written, input.get("Parameters"))?;
    let chosen = targets::chosen(state, input)?;
    let timeout = integer(input, "TimeoutSeconds")?.unwrap_or(TIMEOUT);
    if !(30..=2_592_000).contains(&timeout) {
        return Err(ApiError::new(
            "ValidationException",
            format!("TimeoutSeconds must be from 30 to 2592000, not {timeout}."),
        ));
    }
    let command = Command {
        id: name::uuid(),
        document,
        comment: text(input, "Comment").unwrap_or_default().to_owned(),
        requested: now(),
        invocations: chosen.iter().map(|id| Invocation::new(id)).collect(),
        script: content::script(&written, &parameters),
        expires: Instant::now() + Duration::from_secs(timeout.unsigned_abs()),
        parameters: input
            .get("Parameters")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
        ids: texts(input, "InstanceIds"),
        targets: input.get("Targets").cloned().unwrap_or_else(|| json!([])),
        timeout,
        concurrency: limited(input, "MaxConcurrency", "50", 1)?,
        max_errors: limited(input, "MaxErrors", "0", 0)?,
    };
    let mut view = command.view();
    view["Status"] = json!("Pending");
    view["StatusDetails"] = json!("Pending");
    forget(&mut state.ssm);
    state.ssm.commands.insert(command.id.clone(), command);
    Ok(json!({ "Command": view }))
}

/// A number of instances, or a percentage of `total`.
fn limit(written: &str, total: usize) -> Option<usize> {
    match written.strip_suffix('%') {
        Some(per_cent) => Some(total * per_cent.parse::<usize>().ok().filter(|part| *part <= 100)? / 100),
        None => written.parse().ok(),
    }
}

/// A member that [`limit`] understands.
fn limited(input: &Value, member: &str, usual: &str, least: usize) -> Result<String, ApiError> {
    let written = text(input, member).unwrap_or(usual);
    let is_good = limit(written, 100).is_some_and(|number| number >= least);
    let refused = || {
        ApiError::new(
            "ValidationException",
            format!("{member} must be a number from {least} up or a percentage, not {written}."),
        )
    };
    is_good.then(|| written.to_owned()).ok_or_else(refused)
}

fn forget(state: &mut State) {
    let ended = |command: &Command| command.invocations.iter().all(|one| one.status.is_final());
    if state.commands.len() >= KEPT
        && let Some(oldest) = state.commands.values().position(ended)
    {
        state.commands.shift_remove_index(oldest);
    }
}

/// The command that a request names.
///
/// # Errors
/// `InvalidCommandId`
pub fn named<'a>(state: &'a State, input: &Value) -> Result<&'a Command, ApiError> {
    let id = text(input, "CommandId").unwrap_or_default();
    state.commands.get(id).ok_or_else(|| {
        ApiError::new(
            "InvalidCommandId",
            format!("There is no command with the id '{id}'."),
        )
    })
}

/// `CancelCommand`: also ends what is being burned.
pub fn cancel(state: &mut State, input: &Value) -> Answer {
    let id = named(state, input)?.id.clone();
    let only = texts(input, "InstanceIds");
    let invocations = state
        .commands
        .get_mut(&id)
        .map(|command| &mut command.invocations);
    for one in invocations.into_iter().flatten() {
        if !one.status.is_final() && (only.is_empty() || only.contains(&one.instance)) {
            one.end(Status::Cancelled, -1);
        }
    }
    Ok(json!({}))
}

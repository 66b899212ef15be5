//! Commands and their invocations as AWS lists them.

use serde_json::{Value, json};

use super::State;
use super::commands::{Command, named};
use super::invocation::Invocation;
use crate::ec2::pages::page;
use crate::input::{flag, list, text};
use crate::wire::{Answer, ApiError, time};

/// The plugin of all documents that the lab knows.
const PLUGIN: &str = "aws:runShellScript";

fn iso(seconds: Option<f64>) -> String {
    let time = seconds.and_then(|seconds| chrono::DateTime::from_timestamp_millis((seconds * 1000.0) as i64));
    time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// `GetCommandInvocation`
pub fn invocation(state: &State, input: &Value) -> Answer {
    let command = named(state, input)?;
    let id = text(input, "InstanceId").unwrap_or_default();
    let found = command.invocations.iter().find(|one| one.instance == id);
    let missing = || {
        let message = format!("The command {} was not sent to the instance '{id}'.", command.id);
        ApiError::new("InvocationDoesNotExist", message)
    };
    let one = found.ok_or_else(missing)?;
    let (status, details) = one.status.names();
    let elapsed = one
        .began
        .zip(one.ended)
        .map(|(began, ended)| format!("PT{:.3}S", ended - began));
    Ok(json!({
        "CommandId": command.id,
        "InstanceId": id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "PluginName": PLUGIN,
        "ResponseCode": one.code,
        "ExecutionStartDateTime": iso(one.began),
        "ExecutionElapsedTime": elapsed.unwrap_or_default(),
        "ExecutionEndDateTime": iso(one.ended),
        "Status": status,
        "StatusDetails": details,
        "StandardOutputContent": one.output,
        "StandardOutputUrl": "",
        "StandardErrorContent": one.errors,
        "StandardErrorUrl": "",
    }))
}

fn plugin(one: &Invocation) -> Value {
    let (status, details) = one.status.names();
    let errors = if one.errors.is_empty() {
        String::new()
    } else {
        format!("\n----------ERROR-------\n{}", one.errors)
    };
    json!({
        "Name": PLUGIN,
        "Status": status,
        "StatusDetails": details,
        "ResponseCode": one.code,
        "ResponseStartDateTime": one.began.map(time),
        "ResponseFinishDateTime": one.ended.map(time),
        "Output": format!("{}{errors}", one.output),
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
    })
}

fn view(command: &Command, one: &Invocation, details: bool) -> Value {
    let (status, status_details) = one.status.names();
    json!({
        "CommandId": command.id,
        "InstanceId": one.instance,
        "InstanceName": "",
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "RequestedDateTime": time(command.requested),
        "Status": status,
        "StatusDetails": status_details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": if details { vec![plugin(one)] } else { Vec::new() },
    })
}

/// Whether a command or an invocation of this status fits `Filters`.
fn fits(input: &Value, command: &Command, status: &str) -> bool {
    list(input, "Filters").iter().all(|filter| {
        let value = text(filter, "value").unwrap_or_default();
        let limit = || {
            chrono::DateTime::parse_from_rfc3339(value)
                .map(|time| time.timestamp() as f64)
                .ok()
        };
        match text(filter, "key").unwrap_or_default() {
            "Status" => status == value,
            "DocumentName" => command.document == value,
            "InvokedAfter" => limit().is_none_or(|limit| command.requested >= limit),
            "InvokedBefore" => limit().is_none_or(|limit| command.requested <= limit),
            _ => true,
        }
    })
}

/// The commands that `CommandId` names, or all, the newest first.
fn asked<'a>(state: &'a State, input: &Value) -> Result<Vec<&'a Command>, ApiError> {
    match text(input, "CommandId") {
        Some(_) => Ok(vec![named(state, input)?]),
        None => Ok(state.commands.values().rev().collect()),
    }
}

/// `ListCommandInvocations`
pub fn invocations(state: &State, input: &Value) -> Answer {
    let details = flag(input, "Details").unwrap_or_default();
    let instance = text(input, "InstanceId");
    let mut found = Vec::new();
    for command in asked(state, input)? {
        let meant = command.invocations.iter().filter(|one| {
            instance.is_none_or(|id| id == one.instance) && fits(input, command, one.status.names().0)
        });
        found.extend(meant.map(|one| view(command, one, details)));
    }
    let (found, next) = page(found, input, "MaxResults", 50)?;
    Ok(json!({ "CommandInvocations": found, "NextToken": next }))
}

/// `ListCommands`
pub fn commands(state: &State, input: &Value) -> Answer {
    let instance = text(input, "InstanceId");
    let is_on = |command: &Command| {
        instance.is_none_or(|id| command.invocations.iter().any(|one| one.instance == id))
    };
    let all = asked(state, input)?;
    let found = all
        .into_iter()
        .filter(|command| is_on(command) && fits(input, command, command.status().0));
    let (found, next) = page(found.map(Command::view).collect(), input, "MaxResults", 50)?;
    Ok(json!({ "Commands": found, "NextToken": next }))
}

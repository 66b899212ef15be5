//! The `process` provider: runs a program and reports how it ended and what it wrote.

mod group;
mod leftover;
mod output;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::activity::ActivityError;
use crate::host::Host;
use crate::value::{Map, Value, map, python};
use group::Group;
pub use leftover::{ACTIVITY_VARIABLE, end_leftovers};

/// Why a process provider cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PathError {
    /// There is no `path`, or an empty one.
    #[error("a process provider needs a `path`")]
    Missing,
    /// The `path` is something else than text.
    #[error("the `path` of a process provider must be text, not {0}")]
    NotText(String),
    /// No such program.
    #[error("`{0}` cannot be found, or is not an executable file{1}")]
    NotFound(String, &'static str),
}

/// Checks that the provider's program is there and may be executed, and returns where. As in the Chaos Toolkit, a
/// `~` is expanded by [`call`] only.
///
/// # Errors
/// See [`PathError`].
pub fn check(provider: &Map, host: &Host) -> Result<PathBuf, PathError> {
    let path = path(provider)?;
    host.which(path).ok_or_else(|| not_found(path))
}

/// Runs the provider's `path` and returns `{"status", "stdout", "stderr"}`.
///
/// `provider` is the mapping of the declaration in which `arguments` are already substituted. The process has the
/// host's environment and folder, and a process group of its own. When `timeout` (seconds) has passed, or when the
/// future is dropped, the whole group is killed at once. An exit code above 0 is no error; the caller warns of it.
///
/// # Errors
/// [`ActivityError::Failed`] when it takes longer than `timeout`; [`ActivityError::Fatal`] when it cannot be started.
pub async fn call(provider: &Map, host: &Host) -> Result<Value, ActivityError> {
    let path = path(provider).map_err(|error| fatal(error.to_string()))?;
    let limit = timeout(provider)?;
    let command = command(path, provider, host)?;
    let run = run(path, command);
    let Some(limit) = limit else { return run.await };
    // the timer drops the future, and that kills the group
    tokio::time::timeout(limit, run).await.unwrap_or_else(|_| {
        Err(ActivityError::failed(format!(
            "`{path}` took longer than its timeout of {} seconds and was killed",
            limit.as_secs_f64()
        )))
    })
}

fn path(provider: &Map) -> Result<&str, PathError> {
    match provider.get("path") {
        Some(Value::Text(path)) if !path.is_empty() => Ok(path),
        Some(other) if python::truthy(other) => Err(PathError::NotText(python::repr(other))),
        _ => Err(PathError::Missing),
    }
}

fn not_found(path: &str) -> PathError {
    let place = match path.contains('/') {
        true => "",
        false => " in PATH",
    };
    PathError::NotFound(path.to_owned(), place)
}

fn timeout(provider: &Map) -> Result<Option<Duration>, ActivityError> {
    let value = provider.get("timeout").unwrap_or(&Value::Null);
    let seconds = match value {
        Value::Null => return Ok(None),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        other => other.as_f64().filter(|seconds| !seconds.is_nan()),
    };
    match seconds {
        // too large for a clock: no limit
        Some(seconds) => Ok(Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
        None => Err(fatal(format!(
            "the `timeout` of a process provider must be a number of seconds, not {}; it is not substituted",
            python::repr(value)
        ))),
    }
}

fn command(path: &str, provider: &Map, host: &Host) -> Result<Command, ActivityError> {
    let program = program(path, host)?;
    let mut command = match provider.get("arguments").unwrap_or(&Value::Null) {
        Value::Text(line) => {
            let mut command = Command::new("/bin/sh");
            let mut script = program;
            script.push(" ");
            script.push(line);
            command.arg("-c").arg(script);
            command
        }
        other => {
            let mut command = Command::new(program);
            command.args(words(other)?);
            command
        }
    };
    command
        .env_clear()
        .envs(host.env.iter())
        .current_dir(&host.cwd)
        .stdin(input())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    Ok(command)
}

/// A terminal is not handed on: it belongs to our process group, and a read from another stops the process.
fn input() -> Stdio {
    if std::io::stdin().is_terminal() {
        Stdio::null()
    } else {
        Stdio::inherit()
    }
}

/// The program as it will see itself: a path stays as it was written, a name becomes the place it was found.
fn program(path: &str, host: &Host) -> Result<OsString, ActivityError> {
    let expanded = host.expand_home(path);
    let missing = || fatal(not_found(path).to_string());
    let name = expanded.to_str().ok_or_else(missing)?;
    let found = host.which(name).ok_or_else(missing)?;
    match name.contains('/') {
        true => Ok(expanded.into()),
        false => Ok(found.into()),
    }
}

/// The items of a list, or the keys and values of a mapping; null and empty texts are dropped.
fn words(arguments: &Value) -> Result<Vec<String>, ActivityError> {
    let word = |value: &Value| match value {
        Value::Null => None,
        other => Some(python::text(other)).filter(|text| !text.is_empty()),
    };
    match arguments {
        Value::Null => Ok(Vec::new()),
        Value::List(items) => Ok(items.iter().filter_map(word).collect()),
        Value::Map(map) => Ok(map
            .iter()
            .flat_map(|(key, value)| [Some(key.clone()).filter(|key| !key.is_empty()), word(value)])
            .flatten()
            .collect()),
        other => Err(fatal(format!(
            "the `arguments` of a process provider must be a list, a mapping or text, not of type {}",
            python::type_name(other)
        ))),
    }
}

async fn run(path: &str, mut command: Command) -> Result<Value, ActivityError> {
    let mut child = command
        .spawn()
        .map_err(|error| fatal(format!("`{path}` cannot be started: {error}")))?;
    // declared after the child, so that it kills before the child is left to be reaped
    let group = Group::of(&child);
    let ended = output::collect(&mut child)
        .await
        .map_err(|error| fatal(format!("the output of `{path}` cannot be read: {error}")))?;
    group.release();
    Ok(map([
        ("status", Value::Int(ended.status.into())),
        ("stdout", ended.stdout.into()),
        ("stderr", ended.stderr.into()),
    ])
    .into())
}

fn fatal(message: impl Into<String>) -> ActivityError {
    ActivityError::fatal(message)
}

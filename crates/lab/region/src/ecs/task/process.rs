//! Starting the processes of containers.

use std::ffi::OsString;
use std::path::PathBuf;

use chaos_lab_processes::{Child, Error, Launch};
use serde_json::Value;

use super::{Process, Status, Task};
use crate::Region;
use crate::ecs::definition::{ContainerSpec, Spec};
use crate::ecs::{State, image};
use crate::input::{list, text};

/// A process to be started, outside the lock.
#[derive(Debug)]
pub struct Start {
    pub task: String,
    /// Number of the container in its task.
    pub container: usize,
}

/// What keeps a task's containers from starting: the container's number, and the reason as ECS gives it.
pub fn obstacle(task: &Task, ecs: &State) -> Option<(usize, String)> {
    task.spec.containers.iter().enumerate().find_map(|(index, container)| {
        let image = &container.image;
        if image::arguments(image).is_none() {
            let reason = "the lab has no such image; it runs comments-web, comments-api, comments-spamcheck and ecs-container-hog";
            return Some((index, format!("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {reason}")));
        }
        let missing = container.secrets.iter().find(|(_, from)| ecs.secret(from).is_none())?;
        let reason = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: invalid parameters: {}",
            missing.1
        );
        Some((index, reason))
    })
}

/// The folder of the logs of all containers.
fn logs(region: &Region) -> PathBuf {
    region.settings().folder.join("ecs")
}

/// The log of a container.
pub fn log(region: &Region, task: &Task, container: &str) -> PathBuf {
    logs(region).join(format!("{}-{container}-{}.log", task.spec.family, task.id))
}

/// What starts a container; nothing where the task is gone.
pub fn launch(state: &State, region: &Region, start: &Start) -> Option<Launch> {
    let task = state.tasks.get(&start.task)?;
    let spec = task.spec.containers.get(start.container)?;
    let arguments = image::arguments(&spec.image)?;
    // without the folder the start itself fails, and says so
    let _ = std::fs::create_dir_all(logs(region));
    Some(Launch {
        program: region.settings().program.clone(),
        args: arguments.iter().map(OsString::from).collect(),
        env: environment(state, region, task, start.container, spec),
        folder: region.settings().folder.clone(),
        log: log(region, task, &spec.name),
        inherit_env: false,
    })
}

fn environment(
    state: &State,
    region: &Region,
    task: &Task,
    index: usize,
    spec: &ContainerSpec,
) -> Vec<(String, String)> {
    let mut all = vec![
        ("AWS_REGION".to_owned(), region.settings().name.clone()),
        ("AWS_DEFAULT_REGION".to_owned(), region.settings().name.clone()),
        (
            "AWS_EXECUTION_ENV".to_owned(),
            format!("AWS_ECS_{}", task.launch.word()),
        ),
        ("CHAOS_LAB_CORES".to_owned(), format!("{}", cores(&task.spec))),
    ];
    all.extend(spec.environment.iter().cloned());
    let secret = |(name, from): &(String, String)| Some((name.clone(), state.secret(from)?.to_owned()));
    all.extend(spec.secrets.iter().filter_map(secret));
    all.extend(overridden(&task.overrides, &spec.name));
    all.push(("SERVER_ADDRESS".to_owned(), task.address.to_string()));
    let ports = task
        .containers
        .get(index)
        .map(|container| container.ports.as_slice())
        .unwrap_or_default();
    all.extend(
        ports
            .first()
            .map(|(_, port)| ("SERVER_PORT".to_owned(), port.to_string())),
    );
    all
}

/// How many cores a task has.
fn cores(spec: &Spec) -> f64 {
    f64::from(spec.cpu) / 1024.0
}

fn overridden(overrides: &Value, container: &str) -> Vec<(String, String)> {
    let of = list(overrides, "containerOverrides")
        .iter()
        .find(|one| text(one, "name") == Some(container));
    of.map(|one| crate::ecs::definition::pairs(one, "environment", "value"))
        .unwrap_or_default()
}

/// Takes the process of a container that was started, or the reason why it was not.
pub fn started(state: &mut State, start: &Start, result: Result<Child, Error>, now: f64) {
    let Some(task) = state.tasks.get_mut(&start.task) else {
        return end(result);
    };
    let stopping = task.status >= Status::Stopping;
    let Some(container) = task.containers.get_mut(start.container) else {
        return end(result);
    };
    match result {
        Ok(child) => {
            // whoever stopped the task did not know of this process yet
            if stopping {
                child.terminate();
            }
            container.process = Process::Running(child);
        }
        Err(error) => {
            let reason = format!("CannotStartContainerError: {error}");
            container.reason = Some(reason.clone());
            container.process = Process::Ended;
            task.request_stop("TaskFailedToStart", reason, false, now);
        }
    }
}

fn end(result: Result<Child, Error>) {
    if let Ok(child) = result {
        child.kill();
    }
}

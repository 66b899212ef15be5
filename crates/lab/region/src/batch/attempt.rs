//! An attempt: a process from its start to its end, with its output in the logs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chaos_lab_processes::{Child, Launch};

use super::finish::{self, Outcome};
use super::job::{Ending, Job, Part, Place, Running, Status};
use super::resources::bare;
use crate::logs::{self, Follower};
use crate::{Region, name};

/// How long a process may take to end after SIGTERM, in real time:
/// <https://docs.aws.amazon.com/batch/latest/userguide/job_timeouts.html>
const GRACE: Duration = Duration::from_secs(30);
/// The word that a job's command may begin with, as the name of the program that its image runs.
const PROGRAM: &str = "start-chaos";

struct Plan {
    launch: Launch,
    group: String,
    stream: String,
}

/// Runs the next attempt of a job.
pub async fn run(region: Arc<Region>, id: String) {
    let Some(plan) = plan(&region, &id) else { return };
    match region.spawner.spawn(plan.launch.clone()).await {
        Ok(child) => {
            begun(&region, &id, &child);
            let exit = watch(&region, &id, &child, &plan).await;
            finish::attempt(&region, &id, Outcome::Exit(exit));
        }
        Err(error) => finish::attempt(&region, &id, Outcome::NotStarted(error.to_string())),
    }
    region.changed();
}

/// What is to be started; nothing where the job has ended meanwhile, or its attempt is under way already.
fn plan(region: &Region, id: &str) -> Option<Plan> {
    let mut state = region.state();
    let job = state
        .batch
        .jobs
        .get_mut(id)
        .filter(|job| job.status == Status::Starting && job.running.is_none())?;
    let environment = job
        .environment
        .as_deref()
        .map(bare)
        .unwrap_or_default()
        .to_owned();
    let task = name::hex(32);
    let place = Place {
        task_arn: region.arn("ecs", &format!("task/AWSBatch-{environment}/{task}")),
        stream: format!("{}/{task}", job.spec.log_prefix),
    };
    job.running = Some(Running {
        place: place.clone(),
        child: None,
        begun: None,
    });
    let launch = launch(region, job, &environment, &task);
    let group = job.spec.log_group.clone();
    logs::append(&mut state, &group, &place.stream, []);
    Some(Plan {
        launch,
        group,
        stream: place.stream,
    })
}

fn launch(region: &Region, job: &Job, environment: &str, task: &str) -> Launch {
    let command = job.spec.command.iter();
    let args = command.skip(usize::from(
        job.spec.command.first().is_some_and(|first| first == PROGRAM),
    ));
    let folder = region.settings().folder.join("batch");
    // where this fails, so does opening the log, which is told
    let _ = std::fs::create_dir_all(&folder);
    Launch {
        program: region.settings().program.clone(),
        args: std::iter::once(PROGRAM.into())
            .chain(args.map(Into::into))
            .collect(),
        env: variables(region, job, environment),
        folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
        log: folder.join(format!("{task}.log")),
        inherit_env: false,
    }
}

/// The job's own variables, then Batch's, then those that keep it within the lab.
fn variables(region: &Region, job: &Job, environment: &str) -> Vec<(String, String)> {
    let settings = region.settings();
    let own = job
        .spec
        .environment
        .iter()
        .filter(|(name, _)| !name.starts_with("AWS_ENDPOINT_URL"));
    let mut all: Vec<(String, String)> = own.cloned().collect();
    let mut set = |name: &str, value: String| all.push((name.to_owned(), value));
    set("AWS_BATCH_JOB_ID", job.id.clone());
    set("AWS_BATCH_JOB_ATTEMPT", (job.attempts.len() + 1).to_string());
    set("AWS_BATCH_JQ_NAME", bare(&job.queue).to_owned());
    set("AWS_BATCH_CE_NAME", environment.to_owned());
    if let Part::Child { index, size, .. } = job.part {
        set("AWS_BATCH_JOB_ARRAY_INDEX", index.to_string());
        set("AWS_BATCH_JOB_ARRAY_SIZE", size.to_string());
    }
    set("AWS_ENDPOINT_URL", settings.endpoint.clone());
    set("AWS_REGION", settings.name.clone());
    set("AWS_DEFAULT_REGION", settings.name.clone());
    set("AWS_ACCESS_KEY_ID", "chaos-lab".to_owned());
    set("AWS_SECRET_ACCESS_KEY", "chaos-lab".to_owned());
    set("AWS_EC2_METADATA_DISABLED", "true".to_owned());
    all
}

fn begun(region: &Region, id: &str, child: &Child) {
    let mut state = region.state();
    let Some(job) = state.batch.jobs.get_mut(id) else {
        return;
    };
    job.become_status(Status::Running);
    job.started = Some(super::milliseconds());
    job.stopped = None;
    if let Some(running) = &mut job.running {
        running.child = Some(child.clone());
        running.begun = Some(Instant::now());
    }
}

/// Copies output to the logs until the process has ended, and sees to it that it does when it must.
async fn watch(region: &Region, id: &str, child: &Child, plan: &Plan) -> chaos_lab_processes::Exit {
    let mut output = Follower::new(plan.launch.log.clone());
    loop {
        let ended = tokio::select! {
            exit = child.exited() => Some(exit),
            () = region.tick() => None,
        };
        let lines = if ended.is_some() {
            output.rest()
        } else {
            output.lines()
        };
        if !lines.is_empty() {
            logs::append(&mut region.state(), &plan.group, &plan.stream, lines);
        }
        if let Some(exit) = ended {
            return exit;
        }
        end_if_due(region, id, child);
    }
}

/// Ends a process that is terminated or takes too long: SIGTERM at first, SIGKILL after the grace.
fn end_if_due(region: &Region, id: &str, child: &Child) {
    let mut state = region.state();
    let Some(job) = state.batch.jobs.get_mut(id) else {
        return;
    };
    let begun = job.running.as_ref().and_then(|running| running.begun);
    let late = job
        .spec
        .timeout
        .zip(begun)
        .is_some_and(|(timeout, begun)| begun.elapsed() >= timeout);
    if late && job.ending.is_none() {
        job.ending = Some(Ending {
            reason: "Job attempt duration exceeded timeout".to_owned(),
            asked: None,
        });
    }
    match &mut job.ending {
        None => {}
        Some(ending) => match ending.asked {
            None => {
                child.terminate();
                ending.asked = Some(Instant::now());
            }
            Some(asked) if asked.elapsed() >= GRACE => child.kill(),
            Some(_) => {}
        },
    }
}

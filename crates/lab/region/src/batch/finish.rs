//! What comes of an attempt that has ended.

use chaos_lab_processes::Exit;

use super::job::{Attempt, Job, Status};
use super::milliseconds;
use super::retry::Ended;
use crate::Region;

/// How an attempt ended.
pub enum Outcome {
    Exit(Exit),
    /// Its process could not be started.
    NotStarted(String),
}

/// What AWS says of a container that ended, however it did.
const ENDED: &str = "Essential container in task exited";

/// Keeps an attempt that has ended, and ends the job or lets it try again.
pub fn attempt(region: &Region, id: &str, outcome: Outcome) {
    let mut state = region.state();
    let Some(job) = state.batch.jobs.get_mut(id) else {
        return;
    };
    let Some(running) = job.running.take() else { return };
    let (exit_code, reason, status_reason) = told(outcome);
    let asked = job.ending.take().map(|ending| ending.reason);
    let status_reason = asked.clone().unwrap_or(status_reason);
    let attempt = Attempt {
        place: running.place,
        started: running.begun.and(job.started),
        stopped: milliseconds(),
        exit_code,
        reason,
        status_reason,
    };
    settle(job, &attempt, asked.is_some());
    job.attempts.push(attempt);
}

fn told(outcome: Outcome) -> (Option<i32>, Option<String>, String) {
    match outcome {
        // as shells and container runtimes tell signals
        Outcome::Exit(exit) => (
            exit.code.or(exit.signal.map(|signal| 128 + signal)),
            None,
            ENDED.to_owned(),
        ),
        Outcome::NotStarted(error) => (
            None,
            Some(format!("CannotStartContainerError: {error}")),
            "Task failed to start".to_owned(),
        ),
    }
}

/// The job's status after an attempt. What was asked to end (terminated, too late) is not tried again.
fn settle(job: &mut Job, attempt: &Attempt, asked: bool) {
    let reason = attempt.reason.clone().unwrap_or_default();
    let ended = Ended {
        status_reason: &attempt.status_reason,
        reason: &reason,
        exit_code: attempt.exit_code,
    };
    job.stopped = Some(attempt.stopped);
    job.reason = Some(attempt.status_reason.clone());
    if asked {
        job.become_status(Status::Failed);
    } else if attempt.exit_code == Some(0) {
        job.become_status(Status::Succeeded);
    } else if job.spec.retry.wants_another(job.attempts.len() + 1, &ended) {
        job.environment = None;
        job.stopped = None;
        job.become_status(Status::Runnable);
    } else {
        job.become_status(Status::Failed);
    }
}

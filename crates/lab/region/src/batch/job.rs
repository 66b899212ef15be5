//! Jobs.

use std::sync::Arc;
use std::time::Instant;

use chaos_lab_processes::Child;
use serde_json::{Map, Value, json};

use super::spec::Spec;

/// The statuses of a job, as <https://docs.aws.amazon.com/batch/latest/userguide/job_states.html> lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Submitted,
    Pending,
    Runnable,
    Starting,
    Running,
    Succeeded,
    Failed,
}

/// All of them, with their names.
pub const STATUSES: [(Status, &str); 7] = [
    (Status::Submitted, "SUBMITTED"),
    (Status::Pending, "PENDING"),
    (Status::Runnable, "RUNNABLE"),
    (Status::Starting, "STARTING"),
    (Status::Running, "RUNNING"),
    (Status::Succeeded, "SUCCEEDED"),
    (Status::Failed, "FAILED"),
];

impl Status {
    /// As the API spells it.
    pub fn name(self) -> &'static str {
        STATUSES
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("", |(_, name)| name)
    }

    /// Whether it is the last one.
    pub fn is_final(self) -> bool {
        self >= Status::Succeeded
    }
}

/// A job, or one of the children of an array job.
pub struct Job {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The ARN of its queue.
    pub queue: String,
    /// The ARN of its definition.
    pub definition: String,
    pub status: Status,
    /// When it got its status.
    pub since: Instant,
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub created: i64,
    pub started: Option<i64>,
    pub stopped: Option<i64>,
    pub spec: Arc<Spec>,
    /// The jobs that must succeed first.
    pub needs: Vec<String>,
    /// `dependsOn` as it was given.
    pub depends_on: Value,
    /// Ended attempts.
    pub attempts: Vec<Attempt>,
    /// The present attempt, from its start.
    pub running: Option<Running>,
    pub part: Part,
    /// The ARN of the environment that it runs in.
    pub environment: Option<String>,
    /// Why its process is to end, if it is.
    pub ending: Option<Ending>,
    pub cancelled: bool,
    pub terminated: bool,
    pub share: Option<String>,
    pub priority: i64,
    pub tags: Map<String, Value>,
}

/// What an array job makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// No array job.
    Single,
    /// An array job of so many children. It runs nothing itself.
    Parent { size: usize },
    Child {
        parent: String,
        index: usize,
        size: usize,
    },
}

/// An attempt that has ended.
pub struct Attempt {
    pub place: Place,
    pub started: Option<i64>,
    pub stopped: i64,
    pub exit_code: Option<i32>,
    /// What the container's end says, where it says anything.
    pub reason: Option<String>,
    pub status_reason: String,
}

/// The task of an attempt and its log stream.
#[derive(Clone, Debug)]
pub struct Place {
    pub task_arn: String,
    pub stream: String,
}

/// An attempt that is under way.
pub struct Running {
    pub place: Place,
    /// Nothing while its process is being started.
    pub child: Option<Child>,
    /// When its process was there.
    pub begun: Option<Instant>,
}

/// Why a process is to end.
pub struct Ending {
    pub reason: String,
    /// When it was asked to.
    pub asked: Option<Instant>,
}

impl Job {
    /// Gives it another status.
    pub fn become_status(&mut self, status: Status) {
        self.status = status;
        self.since = Instant::now();
    }

    /// Ends it without success.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.become_status(Status::Failed);
        self.reason = Some(reason.into());
        self.stopped = Some(super::milliseconds());
    }

    /// Its process, while it runs.
    pub fn child(&self) -> Option<Child> {
        self.running.as_ref()?.child.clone()
    }

    /// As DescribeJobs describes it; `summary` counts the children of an array job by status.
    pub fn described(&self, summary: Option<Value>) -> Value {
        let mut all = self.summarized(summary);
        let more = json!({
            "jobQueue": self.queue,
            "attempts": self.attempts.iter().map(Attempt::described).collect::<Value>(),
            "retryStrategy": { "attempts": self.spec.retry.attempts, "evaluateOnExit": self.spec.retry.on_exit },
            "timeout": self.spec.timeout.map(|timeout| json!({ "attemptDurationSeconds": timeout.as_secs() })),
            "dependsOn": self.depends_on,
            "parameters": self.spec.parameters,
            "container": self.container(),
            "schedulingPriority": self.priority,
            "tags": self.tags,
            "propagateTags": false,
            "platformCapabilities": ["FARGATE"],
            "eksAttempts": [],
        });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all
    }

    /// As ListJobs describes it.
    pub fn summarized(&self, summary: Option<Value>) -> Value {
        let last = self.attempts.last();
        let array = match &self.part {
            Part::Single => Value::Null,
            Part::Parent { size } => json!({ "size": size, "statusSummary": summary }),
            Part::Child { index, .. } => json!({ "index": index }),
        };
        json!({
            "jobArn": self.arn,
            "jobId": self.id,
            "jobName": self.name,
            "jobDefinition": self.definition,
            "createdAt": self.created,
            "startedAt": self.started,
            "stoppedAt": self.stopped,
            "status": self.status.name(),
            "statusReason": self.reason,
            "shareIdentifier": self.share,
            "container": { "exitCode": last.and_then(|last| last.exit_code), "reason": last.and_then(|last| last.reason.clone()) },
            "arrayProperties": array,
            "isCancelled": self.cancelled,
            "isTerminated": self.terminated,
        })
    }

    fn container(&self) -> Value {
        let mut container = self.spec.container.clone();
        let last = self.attempts.last();
        let place = self
            .running
            .as_ref()
            .map(|running| &running.place)
            .or(last.map(|last| &last.place));
        // while an attempt runs, the end of the one before says nothing of it
        let ended = last.filter(|_| self.running.is_none());
        container.insert("taskArn".to_owned(), json!(place.map(|place| &place.task_arn)));
        container.insert(
            "logStreamName".to_owned(),
            json!(place.map(|place| &place.stream)),
        );
        container.insert(
            "exitCode".to_owned(),
            json!(ended.and_then(|ended| ended.exit_code)),
        );
        container.insert(
            "reason".to_owned(),
            json!(ended.and_then(|ended| ended.reason.as_ref())),
        );
        container.insert("networkInterfaces".to_owned(), json!([]));
        Value::Object(container)
    }
}

impl Attempt {
    fn described(&self) -> Value {
        json!({
            "container": {
                "taskArn": self.place.task_arn,
                "logStreamName": self.place.stream,
                "exitCode": self.exit_code,
                "reason": self.reason,
                "networkInterfaces": [],
            },
            "startedAt": self.started,
            "stoppedAt": self.stopped,
            "statusReason": self.status_reason,
        })
    }
}

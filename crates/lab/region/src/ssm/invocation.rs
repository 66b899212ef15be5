//! A command on one instance.

use std::collections::VecDeque;
use std::time::Instant;

use chaos_lab_processes::Child;

use super::script::Effect;
use crate::now;

/// How far an invocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    InProgress,
    Success,
    Failed,
    Cancelled,
    /// It never began, because the command had failed on too many other instances.
    Terminated,
    /// The agent did not take it in time.
    Undelivered,
    /// It took too long.
    TimedOut,
}

impl Status {
    /// `Status` and `StatusDetails`.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Pending => ("Pending", "Pending"),
            Self::InProgress => ("InProgress", "InProgress"),
            Self::Success => ("Success", "Success"),
            Self::Failed => ("Failed", "Failed"),
            Self::Cancelled => ("Cancelled", "Cancelled"),
            Self::Terminated => ("Cancelled", "Terminated"),
            Self::Undelivered => ("TimedOut", "Delivery Timed Out"),
            Self::TimedOut => ("TimedOut", "Execution Timed Out"),
        }
    }

    /// Whether nothing more happens.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::InProgress)
    }
}

/// CPU that is being burned.
#[derive(Debug)]
pub struct Burning {
    /// The process, once it has been started.
    pub child: Option<Child>,
    /// Its share of the host, in cores.
    pub cores: f64,
}

/// A command on one instance.
#[derive(Debug)]
pub struct Invocation {
    /// The instance's id.
    pub instance: String,
    /// How far it is.
    pub status: Status,
    /// When it began and ended, in seconds since 1970.
    pub began: Option<f64>,
    /// See `began`.
    pub ended: Option<f64>,
    /// What it has written.
    pub output: String,
    /// What went wrong.
    pub errors: String,
    /// The exit code of the script; -1 before its end.
    pub code: i32,
    pub(super) effects: VecDeque<Effect>,
    pub(super) wait: Option<Instant>,
    pub(super) burning: Option<Burning>,
    pub(super) deadline: Option<Instant>,
}

impl Invocation {
    /// One that waits for its agent.
    pub fn new(instance: &str) -> Invocation {
        Invocation {
            instance: instance.to_owned(),
            status: Status::Pending,
            began: None,
            ended: None,
            output: String::new(),
            errors: String::new(),
            code: -1,
            effects: VecDeque::new(),
            wait: None,
            burning: None,
            deadline: None,
        }
    }

    /// Ends it, with what it still burns.
    pub fn end(&mut self, status: Status, code: i32) {
        if let Some(child) = self.burning.take().and_then(|burning| burning.child) {
            child.kill();
        }
        self.effects.clear();
        self.wait = None;
        self.status = status;
        self.code = code;
        self.began.get_or_insert_with(now);
        self.ended = Some(now());
    }
}

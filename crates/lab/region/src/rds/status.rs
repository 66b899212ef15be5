//! The statuses of instances and clusters, as
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html> lists them.

/// What an instance or a cluster is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Creating,
    Available,
    Rebooting,
    FailingOver,
    Stopping,
    Stopped,
    Starting,
    Deleting,
    /// Its server could not be started.
    Failed,
}

impl Status {
    /// As the API spells it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Creating => "creating",
            Status::Available => "available",
            Status::Rebooting => "rebooting",
            Status::FailingOver => "failing-over",
            Status::Stopping => "stopping",
            Status::Stopped => "stopped",
            Status::Starting => "starting",
            Status::Deleting => "deleting",
            Status::Failed => "failed",
        }
    }
}

/// A status and the change that it belongs to, so that a change that was overtaken (by a deletion) changes no more.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    status: Status,
    change: u64,
}

/// The change that a task carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change(u64);

impl Change {
    /// No change: a placeholder in a course that is yet to be filled in.
    pub const NONE: Change = Change(u64::MAX);
}

impl Condition {
    /// What a new resource is in, with the change that creates it.
    pub fn creating() -> (Condition, Change) {
        (
            Condition {
                status: Status::Creating,
                change: 0,
            },
            Change(0),
        )
    }

    /// The present status.
    pub fn status(self) -> Status {
        self.status
    }

    /// Whether it serves and can be changed.
    pub fn is_available(self) -> bool {
        self.status == Status::Available
    }

    /// Begins a change; one that is under way is overtaken.
    pub fn begin(&mut self, status: Status) -> Change {
        self.status = status;
        self.change += 1;
        Change(self.change)
    }

    /// Whether that change is still the present one.
    pub fn is_in(self, change: Change) -> bool {
        self.change == change.0
    }

    /// Ends a change, unless it was overtaken; tells whether it was not.
    pub fn end(&mut self, change: Change, status: Status) -> bool {
        let present = self.is_in(change);
        if present {
            self.status = status;
        }
        present
    }
}

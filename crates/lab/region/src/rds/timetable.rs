//! What happens to a server while an instance or a cluster changes its status, and how long AWS takes for it.

use std::sync::Arc;

use super::State;
use super::server::Server;
use super::status::{Change, Condition, Status};
use crate::Region;

/// Seconds that a reboot keeps clients away. RDS speaks of "a momentary outage"; that of a small MySQL instance is about this long.
pub const REBOOT: f64 = 20.0;
/// Seconds of a failover to the standby: 60 to 120, says
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>.
pub const FAILOVER: f64 = 60.0;
/// Seconds of a failover within an Aurora cluster: "typically within 30 seconds", says the API reference of FailoverDBCluster's guide.
pub const CLUSTER_FAILOVER: f64 = 30.0;
/// Seconds of stopping, starting and deleting.
pub const STOP: f64 = 60.0;

/// The instance or cluster that changes.
#[derive(Clone, Debug)]
pub enum Subject {
    Instance(String),
    Cluster(String),
}

/// What is done to the server at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    Nothing,
    /// Cut every connection, as a failure does.
    Cut,
    /// End it cleanly.
    Down,
}

/// A change from its beginning to its end.
pub struct Course {
    pub subject: Subject,
    pub change: Change,
    pub server: Option<Server>,
    pub first: First,
    /// Seconds between the beginning and what comes last, as AWS takes them.
    pub seconds: f64,
    /// The status at the end. The server is made to take connections for [`Status::Available`].
    pub last: Status,
    /// The category and the message of the event at the end.
    pub event: (&'static str, String),
}

impl Subject {
    fn condition<'a>(&self, state: &'a mut State) -> Option<&'a mut Condition> {
        match self {
            Subject::Instance(id) => state.instances.get_mut(id).map(|one| &mut one.condition),
            Subject::Cluster(id) => state.clusters.get_mut(id).map(|one| &mut one.condition),
        }
    }

    /// Keeps an event of it.
    pub fn tell(
        &self,
        region: &Region,
        state: &mut State,
        category: &'static str,
        message: impl Into<String>,
    ) {
        match self {
            Subject::Instance(id) => state.events.of_instance(region, id, category, message),
            Subject::Cluster(id) => state.events.of_cluster(region, id, category, message),
        }
    }
}

/// Carries a change out. `then` is called with the status at its end, unless another change overtook it.
pub async fn run(region: Arc<Region>, course: Course, then: impl FnOnce(&mut State, Status) + Send) {
    if let Some(server) = &course.server {
        match course.first {
            First::Nothing => {}
            First::Cut => server.cut().await,
            First::Down => server.down().await,
        }
    }
    tokio::time::sleep(region.pace().seconds(course.seconds)).await;
    if !present(&region, &course) {
        return;
    }
    let outcome = match &course.server {
        Some(server) if course.last == Status::Available => {
            server.up().await.map_err(|error| error.to_string())
        }
        _ => Ok(()),
    };
    end(&region, course, outcome, then);
}

fn present(region: &Region, course: &Course) -> bool {
    let mut state = region.state();
    course
        .subject
        .condition(&mut state.rds)
        .is_some_and(|condition| condition.is_in(course.change))
}

fn end(region: &Region, course: Course, outcome: Result<(), String>, then: impl FnOnce(&mut State, Status)) {
    let (status, category, message) = match outcome {
        Ok(()) => (course.last, course.event.0, course.event.1),
        Err(error) => (
            Status::Failed,
            "failure",
            format!("The database server could not be started: {error}"),
        ),
    };
    let mut state = region.state();
    let rds = &mut state.rds;
    if course
        .subject
        .condition(rds)
        .is_some_and(|condition| condition.end(course.change, status))
    {
        if let Subject::Instance(id) = &course.subject
            && let Some(instance) = rds.instances.get_mut(id)
        {
            instance.known |= status == Status::Available;
        }
        course.subject.tell(region, rds, category, message);
        then(rds, status);
    }
    drop(state);
    region.changed();
}

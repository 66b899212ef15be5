//! Activities that end early with an output: a load test has numbers to tell even when the run is stopped in its middle.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::Runner;
use super::dispatch::Outcome;
use super::seed::Place;
use crate::activity::{ActivityError, Ending};
use crate::value::Value;

/// How long an activity has at most to end by itself once it is to stop: rollbacks wait for it. A load test takes some
/// 30 ms; this is for a machine that is busy.
const MOMENT: Duration = Duration::from_millis(500);

/// How the native activities under way are told to stop.
pub(super) type Endings = HashMap<Place, Ending>;

impl Runner {
    /// Tells a stopped activity to end, and returns its output if it has one in time. One that never asked to be told is left
    /// to be dropped, as is any in a run that nobody waits for.
    pub(super) async fn end_early(
        &self,
        place: &Place,
        call: Pin<&mut impl Future<Output = Result<Outcome, ActivityError>>>,
    ) -> Option<Value> {
        let ending = self.endings.borrow_mut().remove(place)?;
        if self.ports.stop.abandoned() || !ending.tell() {
            return None;
        }
        let ended = tokio::time::timeout(MOMENT, call).await.ok()?;
        ended.ok().map(|outcome| outcome.output)
    }
}

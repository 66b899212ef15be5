//! What one virtual user is and does just now; the JavaScript functions of its runtime share it.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use indexmap::IndexMap;
use rquickjs::{Ctx, Exception, JsLifetime};
use tokio_util::sync::CancellationToken;

use super::coroutine::Waiter;
use super::event_loop::EventLoop;
use crate::http::{Client, Jar};
use crate::js::http::Expected;
use crate::metrics::{MetricId, Shard, Tags};
use crate::run::{Scenario, Test};

/// How long a script may compute before the other users of its thread have a turn.
const SLICE: Duration = Duration::from_millis(5);

/// The part of the test's life that the user's code is in, as k6 names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The top level of the script.
    Init,
    /// `setup()`.
    Setup,
    /// An iteration of a scenario.
    Iteration,
    /// `teardown()`.
    Teardown,
    /// `handleSummary()`.
    Summary,
}

/// The scenario and iteration that a user is in.
#[derive(Clone, Default)]
pub struct Activity {
    /// The scenario, absent in setup and teardown.
    pub scenario: Option<Arc<Scenario>>,
    /// `__ITER`: iterations that this user began before this one, over all scenarios.
    pub iteration: u64,
    /// Iterations of this user in this scenario before this one.
    pub iteration_in_scenario: u64,
    /// The number of this iteration among all of the scenario.
    pub iteration_in_test: u64,
    /// How late the iteration began, where its executor plans starts; shown in the first request, so that waiting for a
    /// busy generator is not left out of the percentiles.
    pub late: Duration,
}

/// The wait was ended because the test, the scenario or the iteration has to stop.
#[derive(Clone, Copy, Debug)]
pub struct Interrupted;

/// One virtual user.
pub struct Vu {
    /// The test that it belongs to.
    pub test: Arc<Test>,
    /// Its number from 1; 0 for setup, teardown and the reading of options.
    pub id: u64,
    /// Where its samples go.
    pub shard: Arc<Mutex<Shard>>,
    /// How its code waits.
    pub waiter: Waiter,
    /// What its code is allowed to do.
    pub stage: Cell<Stage>,
    /// Callbacks that are still to come in this iteration.
    pub event_loop: EventLoop,
    /// The iteration.
    pub activity: RefCell<Activity>,
    /// The group that its code is in, as `::outer::inner`.
    pub group: RefCell<String>,
    /// Tags that the script gave itself by `exec.vu.metrics.tags`.
    pub tags: RefCell<IndexMap<String, String>>,
    /// Its cookies.
    pub jar: RefCell<Rc<Jar>>,
    /// Which responses are expected where a request does not say; none when the script turned the question off.
    pub expected: RefCell<Option<Rc<Expected>>>,
    /// Cuts its code off.
    pub interrupt: RefCell<CancellationToken>,
    /// Reasons of promises that were rejected and that nobody has looked at.
    pub rejected: RefCell<Vec<String>>,
    /// Its code has ended the test.
    pub aborted: Cell<bool>,
    init: Rc<Cell<bool>>,
    client: OnceCell<Client>,
    slice: Cell<Instant>,
    deadline: Cell<Option<Instant>>,
}

/// The handle by which native functions find their user.
#[derive(Clone, JsLifetime)]
pub struct VuHandle(pub Rc<Vu>);

/// The user whose runtime this is.
///
/// # Errors
/// A JavaScript error if the runtime is not that of a user, which does not happen.
pub fn user(ctx: &Ctx<'_>) -> rquickjs::Result<Rc<Vu>> {
    match ctx.userdata::<VuHandle>() {
        Some(handle) => Ok(Rc::clone(&handle.0)),
        None => Err(Exception::throw_internal(
            ctx,
            "this runtime belongs to no virtual user",
        )),
    }
}

impl Vu {
    /// A user at the beginning of its init code.
    #[must_use]
    pub fn new(test: Arc<Test>, id: u64, shard: Arc<Mutex<Shard>>, waiter: Waiter) -> Self {
        let interrupt = test.stop.child_token();
        Self {
            test,
            id,
            shard,
            waiter,
            stage: Cell::new(Stage::Init),
            event_loop: EventLoop::default(),
            activity: RefCell::default(),
            group: RefCell::default(),
            tags: RefCell::default(),
            jar: RefCell::new(Rc::new(Jar::new())),
            expected: RefCell::new(Some(Rc::new(Expected::default()))),
            interrupt: RefCell::new(interrupt),
            rejected: RefCell::default(),
            aborted: Cell::new(false),
            init: Rc::new(Cell::new(true)),
            client: OnceCell::new(),
            slice: Cell::new(Instant::now()),
            deadline: Cell::new(None),
        }
    }

    /// Waits for a future, or until the user is interrupted.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn wait<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Result<T, Interrupted> {
        let interrupt = self.interrupt.borrow().clone();
        if self.interrupted() {
            return Err(Interrupted);
        }
        let deadline = self.deadline.get();
        let waited = self.waiter.wait(async move {
            let stopped = async {
                match deadline {
                    Some(at) => {
                        tokio::select! {
                            () = interrupt.cancelled() => {}
                            () = tokio::time::sleep_until(at.into()) => {}
                        }
                    }
                    None => interrupt.cancelled().await,
                }
            };
            match select(std::pin::pin!(future), std::pin::pin!(stopped)).await {
                Either::Left((value, _)) => Some(value),
                Either::Right(_) => None,
            }
        });
        self.slice.set(Instant::now());
        waited.flatten().ok_or(Interrupted)
    }

    /// Waits as [`Vu::wait`] does, and throws into the script when interrupted.
    ///
    /// # Errors
    /// One that no script can catch.
    pub fn wait_in<T: 'static>(
        &self,
        ctx: &Ctx<'_>,
        future: impl Future<Output = T> + 'static,
    ) -> rquickjs::Result<T> {
        self.wait(future).map_err(|Interrupted| self.end_script(ctx))
    }

    /// Throws what no script can catch, which only the engine itself can: it is given something endless to run, and asks
    /// [`Vu::heartbeat`], as the user is interrupted.
    pub fn end_script(&self, ctx: &Ctx<'_>) -> rquickjs::Error {
        match ctx.eval::<(), _>("for (;;) {}") {
            Err(error) => error,
            Ok(()) => Exception::throw_internal(ctx, "interrupted"),
        }
    }

    /// Whether the code that runs now has to stop.
    pub fn interrupted(&self) -> bool {
        self.interrupt.borrow().is_cancelled() || self.late()
    }

    /// Whether the time given by [`Vu::within`] is over.
    pub fn late(&self) -> bool {
        self.deadline.get().is_some_and(|at| Instant::now() >= at)
    }

    /// Gives what follows a limit of time, until it is called again.
    pub fn within(&self, limit: Option<Duration>) {
        self.deadline
            .set(limit.and_then(|limit| Instant::now().checked_add(limit)));
        self.slice.set(Instant::now());
    }

    /// Called by the engine now and then while a script computes: true ends the script.
    pub fn heartbeat(&self) -> bool {
        if self.interrupted() {
            return true;
        }
        // Not in the init code: while one user fills a SharedArray, another of the same thread must not ask for it.
        if self.stage.get() != Stage::Init && self.slice.get().elapsed() >= SLICE {
            self.waiter.pause();
            self.slice.set(Instant::now());
        }
        self.interrupted()
    }

    /// The user's HTTP client; none while the init code runs.
    pub fn client(&self) -> Option<&Client> {
        if let Some(client) = self.client.get() {
            return Some(client);
        }
        let shared = self.test.http()?;
        Some(self.client.get_or_init(|| Client::new(shared)))
    }

    /// The end of the init code.
    pub fn leave_init(&self) {
        self.init.set(false);
        self.stage.set(Stage::Iteration);
    }

    /// True until the end of the init code.
    pub fn in_init(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.init)
    }

    /// Records samples; the closure should be short.
    pub fn record(&self, samples: impl FnOnce(&mut Shard)) {
        samples(&mut self.shard.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Records one sample with the tags of the moment.
    pub fn add(&self, metric: MetricId, value: f64) {
        self.record(|shard| shard.add(metric, value, &self.sample_tags(&[])));
    }

    /// The tags of a sample: those given, then the user's, the scenario's and the test's.
    pub fn sample_tags<'a>(&'a self, own: &'a [(String, String)]) -> SampleTags<'a> {
        SampleTags { vu: self, own }
    }
}

/// See [`Vu::sample_tags`].
pub struct SampleTags<'a> {
    vu: &'a Vu,
    own: &'a [(String, String)],
}

impl SampleTags<'_> {
    /// Whether a tag that k6 itself gives is wanted (`systemTags`).
    pub fn wants(&self, name: &str) -> bool {
        self.vu.test.wants_tag(name)
    }

    /// A tag of those that were given with the sample.
    pub fn own(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.own
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into())
    }
}

impl Tags for SampleTags<'_> {
    fn tag(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        if let Some(value) = self.own(name) {
            return Some(value);
        }
        if let Some(value) = self.vu.tags.borrow().get(name) {
            return Some(value.clone().into());
        }
        let activity = self.vu.activity.borrow();
        match name {
            "group" | "vu" | "iter" | "scenario" if !self.wants(name) => {}
            "group" => return Some(self.vu.group.borrow().clone().into()),
            "vu" => return Some(self.vu.id.to_string().into()),
            "iter" => return Some(activity.iteration.to_string().into()),
            "scenario" => return activity.scenario.as_ref().map(|s| s.plan.name.clone().into()),
            _ => {}
        }
        if let Some(value) = activity.scenario.as_ref().and_then(|s| s.plan.tags.get(name)) {
            return Some(value.clone().into());
        }
        self.vu.test.tag(name).map(Into::into)
    }
}

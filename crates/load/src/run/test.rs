//! What all users of a test share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{Event, Level, Limits};
use crate::http;
use crate::js::data::SharedData;
use crate::metrics::{NoTags, Registry, Shard, builtin};
use crate::options::{Executor, OTHER_SYSTEM_TAGS, Options, ScenarioPlan};
use crate::vu::Files;

/// A scenario while it runs.
#[derive(Debug)]
pub struct Scenario {
    /// As planned.
    pub plan: ScenarioPlan,
    /// Ends its iterations at once.
    pub interrupt: CancellationToken,
    /// No further iteration begins.
    pub over: CancellationToken,
    /// Iterations that began.
    pub begun: AtomicU64,
    /// When it started.
    pub started: OnceLock<Instant>,
}

impl Scenario {
    /// The scenario, not started yet.
    #[must_use]
    pub fn new(plan: ScenarioPlan, load: &CancellationToken) -> Self {
        Self {
            plan,
            interrupt: load.child_token(),
            over: load.child_token(),
            begun: AtomicU64::new(0),
            started: OnceLock::new(),
        }
    }

    /// The number of an iteration that begins now.
    pub fn count(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    /// How much of it is done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let Some(started) = self.started.get() else {
            return 0.0;
        };
        if self.over.is_cancelled() {
            return 1.0;
        }
        let span = self.plan.executor.duration();
        let by_time = started.elapsed().as_secs_f64() / span.as_secs_f64().max(1e-9);
        let by_count = iterations(&self.plan.executor).map_or(0.0, |total| {
            self.begun.load(Ordering::Relaxed) as f64 / total.max(1) as f64
        });
        by_time.max(by_count).min(1.0)
    }
}

/// How many iterations there will be, where that is planned.
fn iterations(executor: &Executor) -> Option<u64> {
    match executor {
        Executor::SharedIterations { iterations, .. } => Some(*iterations),
        Executor::PerVuIterations { vus, iterations, .. } => Some(vus.saturating_mul(*iterations)),
        _ => None,
    }
}

/// Why a test ended before its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    /// For the user.
    pub reason: String,
    /// Who wanted it.
    pub by: AbortedBy,
}

/// See [`Abort`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortedBy {
    /// `exec.test.abort()`.
    Script,
    /// A threshold with `abortOnFail`.
    Threshold,
    /// The script cannot go on: out of memory, say.
    Failure,
    /// The caller: a first Ctrl-C, say.
    Caller,
}

impl Abort {
    /// The script cannot go on.
    #[must_use]
    pub fn failure(reason: String) -> Self {
        Self {
            reason,
            by: AbortedBy::Failure,
        }
    }
}

/// A running test.
pub struct Test {
    /// The path of the script, absolute.
    pub script: PathBuf,
    /// `__ENV`.
    pub env: IndexMap<String, String>,
    /// What each user may use.
    pub limits: Limits,
    /// Ends everything at once.
    pub stop: CancellationToken,
    /// Ends the scenarios at once; teardown still comes.
    pub load: CancellationToken,
    /// The metrics.
    pub registry: Registry,
    /// Files that were read.
    pub files: Files,
    /// Arrays that all users share.
    pub shared_data: SharedData,
    /// What `setup` returned, once it has.
    pub setup_data: OnceLock<Option<Arc<str>>>,
    /// The scenarios, once they are planned.
    pub scenarios: OnceLock<Vec<Arc<Scenario>>>,
    /// When the test began: before `setup`, as in k6.
    pub began: OnceLock<Instant>,
    /// Users that run a scenario just now.
    pub active: AtomicU64,
    /// Users that are ready.
    pub users: AtomicU64,
    /// Iterations that came to their end.
    pub complete_iterations: AtomicU64,
    /// Iterations that were cut off.
    pub interrupted_iterations: AtomicU64,
    /// The script said that the test has failed.
    pub failed: AtomicBool,
    /// Samples that no user makes.
    pub shard: Arc<Mutex<Shard>>,
    options: OnceLock<Options>,
    http: OnceLock<Arc<http::Shared>>,
    aborted: Mutex<Option<Abort>>,
    events: Mutex<Option<UnboundedSender<Event>>>,
}

impl Test {
    /// A test before its script was read.
    #[must_use]
    pub fn new(
        script: PathBuf,
        env: IndexMap<String, String>,
        limits: Limits,
        stop: CancellationToken,
        events: UnboundedSender<Event>,
    ) -> Self {
        let registry = Registry::new();
        Self {
            script,
            env,
            limits,
            load: stop.child_token(),
            stop,
            shard: Arc::new(Mutex::new(Shard::new(&registry))),
            registry,
            files: Files::default(),
            shared_data: SharedData::default(),
            setup_data: OnceLock::new(),
            scenarios: OnceLock::new(),
            began: OnceLock::new(),
            active: AtomicU64::new(0),
            users: AtomicU64::new(0),
            complete_iterations: AtomicU64::new(0),
            interrupted_iterations: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            options: OnceLock::new(),
            http: OnceLock::new(),
            aborted: Mutex::new(None),
            events: Mutex::new(Some(events)),
        }
    }

    /// Fixes the options, after the init code gave them.
    ///
    /// # Errors
    /// Settings of TLS or of hosts that cannot be used.
    pub fn settle(&self, options: Options) -> Result<(), http::SetupError> {
        let shared = http::Shared::new(super::settings::http(&options))?;
        let _ = self.http.set(Arc::new(shared));
        let _ = self.options.set(options);
        Ok(())
    }

    /// The options; none of them set until the script was read.
    pub fn options(&self) -> &Options {
        static NONE: OnceLock<Options> = OnceLock::new();
        self.options
            .get()
            .unwrap_or_else(|| NONE.get_or_init(Options::default))
    }

    /// What all HTTP clients share; none in the init code.
    pub fn http(&self) -> Option<Arc<http::Shared>> {
        self.http.get().cloned()
    }

    /// A tag that every sample has.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.options.get()?.tags.as_ref()?.get(name).map(String::as_str)
    }

    /// Whether samples have a tag that k6 itself gives: the script may have chosen by `systemTags`.
    pub fn wants_tag(&self, name: &str) -> bool {
        match self
            .options
            .get()
            .and_then(|options| options.system_tags.as_ref())
        {
            Some(wanted) => wanted.contains(name),
            None => !OTHER_SYSTEM_TAGS.contains(&name),
        }
    }

    /// How long the test has run.
    pub fn elapsed(&self) -> Duration {
        self.began.get().map(Instant::elapsed).unwrap_or_default()
    }

    /// Ends the scenarios; the first reason stays.
    pub fn abort(&self, abort: Abort) {
        self.aborted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(abort);
        self.load.cancel();
    }

    /// The script says that the test has failed; it goes on.
    pub fn fail(&self, reason: &str) {
        let text = if reason.is_empty() {
            "test marked as failed".to_owned()
        } else {
            format!("test marked as failed: {reason}")
        };
        self.trouble(Level::Error, text);
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Counts iterations that were planned, but never begun.
    pub fn dropped(&self, iterations: u64) {
        if iterations > 0 {
            let mut shard = self.shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.add(builtin::DROPPED_ITERATIONS, iterations as f64, &NoTags);
        }
    }

    /// Why the scenarios were ended, if they were.
    pub fn aborted(&self) -> Option<Abort> {
        self.aborted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Tells a line of the script's console.
    pub fn console(&self, level: Level, text: String) {
        self.tell(Event::Console { level, text });
    }

    /// Tells what went wrong in the script.
    pub fn trouble(&self, level: Level, text: String) {
        self.tell(Event::Trouble { level, text });
    }

    /// Tells something; nobody may be listening any more.
    pub fn tell(&self, event: Event) {
        if let Some(events) = &*self.events.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = events.send(event);
        }
    }

    /// Nothing more is told: whoever listens need not wait for users that are still to end.
    pub fn fall_silent(&self) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

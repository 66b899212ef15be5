//! Who does what when: the init code, setup, the scenarios, teardown, the summary.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use super::worker::Worker;
use super::{Abort, AbortedBy, End, Event, Level, LoadError, LoadTest, Pool, Report, Scenario, Script, Test};
use crate::executor;
use crate::metrics::{NoTags, Shard, Store, builtin};
use crate::options::{Options, Requirements};
use crate::summary::{State, SummarySettings};
use crate::vu::{Call, Command, Exports, Reply, ScriptError, Stage};

/// How often totals are made.
const TICK: Duration = Duration::from_secs(1);

/// So many ticks are between two looks at the thresholds: two seconds, as in k6.
const LOOK: u32 = 2;

/// How long setup and teardown may take where the script does not say, as in k6.
const PHASE_LIMIT: Duration = Duration::from_secs(60);

/// How long `handleSummary` may take, as in k6.
const SUMMARY_LIMIT: Duration = Duration::from_secs(120);

/// Runs a test on this thread and its workers. The result is delivered before the users' memory is given back, which takes a
/// while when they are many.
pub fn conduct(
    load: LoadTest,
    events: UnboundedSender<Event>,
    stop: CancellationToken,
    deliver: impl FnOnce(Result<Report, LoadError>),
) {
    let started = start(&load, events, stop);
    let (runtime, test, pool, shards) = match started {
        Ok(started) => started,
        Err(error) => return deliver(Err(error)),
    };
    let result = LocalSet::new().block_on(&runtime, async {
        tokio::select! {
            ready = ready(&test, &load, &pool) => ready,
            error = stop_as_error(&test) => Err(error),
        }
    });
    let result = result.and_then(|exports| {
        let conductor = Conductor {
            test: &test,
            pool: &pool,
            exports,
        };
        LocalSet::new().block_on(&runtime, conductor.perform(load.ending, shards))
    });
    test.stop.cancel();
    test.fall_silent();
    deliver(result);
    pool.close();
}

type Started = (Runtime, Arc<Test>, Pool, Vec<Arc<Mutex<Shard>>>);

fn start(
    load: &LoadTest,
    events: UnboundedSender<Event>,
    stop: CancellationToken,
) -> Result<Started, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LoadError::Thread)?;
    let test = Arc::new(prepare(load, events, stop)?);
    let mut shards = shards(&test, load);
    let workers: Result<Vec<_>, _> = shards
        .iter()
        .map(|shard| Worker::start(&test, Arc::clone(shard)))
        .collect();
    let pool = Pool::new(Arc::clone(&test), workers.map_err(LoadError::Thread)?);
    shards.push(Arc::clone(&test.shard));
    Ok((runtime, test, pool, shards))
}

async fn stop_as_error(test: &Test) -> LoadError {
    test.stop.cancelled().await;
    LoadError::Stopped
}

/// One for each thread.
fn shards(test: &Test, load: &LoadTest) -> Vec<Arc<Mutex<Shard>>> {
    let threads = load
        .limits
        .threads
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .max(1);
    (0..threads)
        .map(|_| Arc::new(Mutex::new(Shard::new(&test.registry))))
        .collect()
}

fn prepare(
    load: &LoadTest,
    events: UnboundedSender<Event>,
    stop: CancellationToken,
) -> Result<Test, LoadError> {
    let path = script_path(&load.script)?;
    // The caller's token is for the caller; ours also ends users that are left over.
    let test = Test::new(
        path.clone(),
        load.env.clone(),
        load.limits.clone(),
        stop.child_token(),
        events,
    );
    match &load.script {
        Script::Text { source, .. } => test.files.put(&path, source),
        Script::File(_) => {
            std::fs::metadata(&path).map_err(|source| LoadError::Read { path, source })?;
        }
    }
    Ok(test)
}

fn script_path(script: &Script) -> Result<PathBuf, LoadError> {
    let name = match script {
        Script::File(path) => path.as_path(),
        Script::Text { name, .. } => Path::new(name),
    };
    std::path::absolute(name)
        .map(|path| crate::vu::absolute("/", &path.to_string_lossy()))
        .map_err(|source| LoadError::Read {
            path: name.to_owned(),
            source,
        })
}

/// Reads the script and its options, and makes the users.
async fn ready(test: &Arc<Test>, load: &LoadTest, pool: &Pool) -> Result<Exports, LoadError> {
    let made = |error| failed(test, LoadError::Script(error));
    let (_, exports) = pool.single().await.map_err(made)?;
    let from_script = match &exports.options {
        Ok(serde_json::Value::Null) => Options::default(),
        Ok(value) => Options::from_json(value)?,
        Err(reason) => return Err(LoadError::Value(reason.clone())),
    };
    let options = from_script.overridden_by(load.overrides.clone());
    for warning in options.warnings.iter().cloned().chain(options.plan_warnings()) {
        test.tell(Event::Warning(warning));
    }
    let plans = options.plan()?;
    if exports.functions.is_empty() {
        return Err(LoadError::NothingExported);
    }
    for plan in &plans {
        if !exports.functions.contains(&plan.exec) {
            return Err(LoadError::NoFunction {
                scenario: plan.name.clone(),
                function: plan.exec.clone(),
                exported: exports.functions.iter().cloned().collect::<Vec<_>>().join(", "),
            });
        }
    }
    test.registry
        .watch(options.thresholds.as_ref().unwrap_or(&indexmap::IndexMap::new()))?;
    summary_settings(&options).validate()?;
    test.settle(options)?;
    let required = Requirements::of(&plans);
    if let Some(warning) = super::files::allow_for(required.max_vus) {
        test.tell(Event::Warning(warning));
    }
    pool.fill(required.initial_vus).await.map_err(made)?;
    let scenarios = plans
        .into_iter()
        .map(|plan| Arc::new(Scenario::new(plan, &test.load)))
        .collect();
    let _ = test.scenarios.set(scenarios);
    Ok(exports)
}

/// A script that ended the test is no failure of the script.
fn failed(test: &Test, error: LoadError) -> LoadError {
    match test.aborted() {
        Some(abort) => LoadError::Aborted(abort),
        None => error,
    }
}

fn summary_settings(options: &Options) -> SummarySettings {
    let defaults = SummarySettings::default();
    SummarySettings {
        trend_stats: options
            .summary_trend_stats
            .clone()
            .unwrap_or(defaults.trend_stats),
        time_unit: options.summary_time_unit.clone(),
    }
}

struct Conductor<'a> {
    test: &'a Arc<Test>,
    pool: &'a Pool,
    exports: Exports,
}

impl Conductor<'_> {
    async fn perform(
        self,
        ending: CancellationToken,
        shards: Vec<Arc<Mutex<Shard>>>,
    ) -> Result<Report, LoadError> {
        let test = self.test;
        let mut store = Store::new(test.registry.clone(), shards);
        let _ = test.began.set(Instant::now());
        self.setup().await?;
        self.announce();
        self.scenarios(&ending, &mut store).await;
        let teardown = self.teardown().await;
        let elapsed = test.elapsed();
        if iterations(test).0 == 0 {
            let text = "no iteration came to its end; consider a longer test";
            test.tell(Event::Warning(text.to_owned()));
        }
        self.bytes();
        store.collect(elapsed);
        let setup_data = test.setup_data.get().cloned().flatten();
        let state = State {
            setup_data: Some(
                setup_data
                    .and_then(|text| serde_json::from_str(&text).ok())
                    .unwrap_or_default(),
            ),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            no_colour: !std::io::stdout().is_terminal(),
        };
        let summary = store
            .summary(elapsed, &summary_settings(test.options()))
            .with_state(state);
        let outputs = self.handle_summary(&summary).await;
        Ok(Report {
            summary,
            end: self.end(),
            outputs,
            teardown,
            failed: test.failed.load(Ordering::Relaxed),
            iterations: iterations(test),
            series: store.into_series(),
        })
    }

    fn end(&self) -> End {
        match self.test.aborted() {
            _ if self.test.stop.is_cancelled() => End::Stopped,
            Some(abort) => End::Aborted(abort),
            None => End::Completed,
        }
    }

    fn announce(&self) {
        let scenarios = self.test.scenarios.get().map(Vec::as_slice).unwrap_or_default();
        self.test.tell(Event::Started {
            scenarios: scenarios
                .iter()
                .map(|s| format!("{}: {}", s.plan.name, s.plan.describe()))
                .collect(),
            users: self.test.users.load(Ordering::Relaxed),
            planned: scenarios
                .iter()
                .map(|s| s.plan.start_time + s.plan.max_duration())
                .max()
                .unwrap_or_default(),
        });
    }

    async fn setup(&self) -> Result<(), LoadError> {
        let limit = self.test.options().setup_timeout.unwrap_or(PHASE_LIMIT);
        if self.test.options().no_setup.unwrap_or(false) {
            let _ = self.test.setup_data.set(None);
            return Ok(());
        }
        let reply = self
            .call("setup", Stage::Setup, None, limit)
            .await
            .map_err(|error| {
                let stopped = self.test.stop.is_cancelled();
                if stopped {
                    LoadError::Stopped
                } else {
                    failed(self.test, LoadError::Setup(error))
                }
            })?;
        let data = match reply {
            Reply::Json(text) => Some(text),
            Reply::Nothing | Reply::Files(_) => None,
        };
        let _ = self.test.setup_data.set(data);
        Ok(())
    }

    async fn scenarios(&self, ending: &CancellationToken, store: &mut Store) {
        let scenarios = self.test.scenarios.get().cloned().unwrap_or_default();
        let load = join_all(
            scenarios
                .iter()
                .map(|scenario| executor::run(self.test, scenario, self.pool)),
        );
        let mut load = std::pin::pin!(load);
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let (mut told, mut count) = (false, 0_u32);
        loop {
            tokio::select! {
                _ = &mut load => return,
                _ = ticks.tick() => {
                    count = count.wrapping_add(1);
                    self.tick(store, count % LOOK == 0);
                }
                () = ending.cancelled(), if !told => {
                    told = true;
                    self.test.abort(Abort { reason: "interrupted".to_owned(), by: AbortedBy::Caller });
                }
            }
        }
    }

    fn tick(&self, store: &mut Store, look: bool) {
        self.gauges();
        let elapsed = self.test.elapsed();
        store.collect(elapsed);
        if look {
            self.judge(store, elapsed);
        }
        self.tell_progress(store, elapsed);
    }

    /// Ends the scenarios when a threshold wants it.
    fn judge(&self, store: &mut Store, elapsed: Duration) {
        let test = self.test;
        let evaluation = store.evaluate(elapsed);
        if evaluation.abort {
            let crossed: Vec<_> = evaluation
                .crossed
                .iter()
                .map(|c| format!("{}: {}", c.metric, c.expression))
                .collect();
            test.abort(Abort {
                reason: format!("thresholds were crossed ({})", crossed.join("; ")),
                by: AbortedBy::Threshold,
            });
        }
    }

    fn tell_progress(&self, store: &Store, elapsed: Duration) {
        let test = self.test;
        let scenarios = test.scenarios.get().map(Vec::as_slice).unwrap_or_default();
        let done = scenarios.iter().map(|s| s.progress()).sum::<f64>() / scenarios.len().max(1) as f64;
        test.tell(Event::Progress {
            numbers: store.progress(),
            elapsed,
            done,
            active: test.active.load(Ordering::Relaxed),
            users: test.users.load(Ordering::Relaxed),
            iterations: iterations(test),
        });
    }

    /// The summary shows bytes even where there were none, as k6's does.
    fn bytes(&self) {
        let mut shard = self.test.shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.add(builtin::DATA_SENT, 0.0, &NoTags);
        shard.add(builtin::DATA_RECEIVED, 0.0, &NoTags);
    }

    fn gauges(&self) {
        let test = self.test;
        let mut shard = test.shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.add(builtin::VUS, test.active.load(Ordering::Relaxed) as f64, &NoTags);
        shard.add(
            builtin::VUS_MAX,
            test.users.load(Ordering::Relaxed) as f64,
            &NoTags,
        );
    }

    async fn teardown(&self) -> Option<ScriptError> {
        if self.test.options().no_teardown.unwrap_or(false) {
            return None;
        }
        let limit = self.test.options().teardown_timeout.unwrap_or(PHASE_LIMIT);
        let data = self.test.setup_data.get().cloned().flatten();
        match self.call("teardown", Stage::Teardown, data, limit).await {
            Err(error) if !self.test.stop.is_cancelled() => {
                self.test
                    .trouble(Level::Error, format!("teardown() failed: {error}"));
                Some(error)
            }
            _ => None,
        }
    }

    async fn handle_summary(&self, summary: &crate::summary::Summary) -> Option<Vec<(String, Vec<u8>)>> {
        let limit = self
            .test
            .options()
            .handle_summary_timeout
            .unwrap_or(SUMMARY_LIMIT);
        let data = summary.handle_summary_data().to_string();
        let reply = self
            .call("handleSummary", Stage::Summary, Some(data.into()), limit)
            .await;
        match reply {
            Ok(Reply::Files(files)) => Some(files),
            Ok(_) => None,
            Err(error) => {
                self.test.trouble(
                    Level::Error,
                    format!("handleSummary() failed, the usual summary is shown: {error}"),
                );
                None
            }
        }
    }

    async fn call(
        &self,
        function: &'static str,
        stage: Stage,
        argument: Option<Arc<str>>,
        limit: Duration,
    ) -> Result<Reply, ScriptError> {
        if !self.exports.functions.contains(function) || self.test.stop.is_cancelled() {
            return Ok(Reply::Nothing);
        }
        // A user of its own, as in k6: what setup did to the script's variables is not there in teardown.
        let (user, _) = self.pool.single().await?;
        let (reply, answer) = oneshot::channel();
        let call = Call {
            function,
            stage,
            argument,
            limit: Some(limit),
            reply,
        };
        let _ = user.send(Command::Call(call));
        answer
            .await
            .unwrap_or_else(|_| Err(ScriptError::plain("the thread of the virtual user ended")))
    }
}

fn iterations(test: &Test) -> (u64, u64) {
    (
        test.complete_iterations.load(Ordering::Relaxed),
        test.interrupted_iterations.load(Ordering::Relaxed),
    )
}

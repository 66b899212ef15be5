//! `chaos load`: runs a k6 script alone, with a live line and k6's summary at the end.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use chaos_engine::host::Host;
use chaos_load::options::{Options, OptionsError, duration};
use chaos_load::run::exit as load_exit;
use chaos_load::run::{self, End, Event, Level, Limits, LoadError, LoadTest, Report, Script};
use chaos_load::summary::TextSettings;
use indexmap::IndexMap;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::command::LoadArgs;
use super::progress::Screen;
use crate::exit;

/// Why there is no load, or its results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LoadCommandError {
    /// An option of the command line or of the environment.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The test has no report.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of results.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl LoadCommandError {
    /// As k6's.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Options(_) => load_exit::INVALID_OPTIONS,
            Self::Load(error) => error.exit_code(),
            Self::Write { .. } => exit::NOT_AS_HOPED,
        }
    }
}

/// Runs the script, and prints what k6 would.
///
/// # Errors
/// Options that cannot be used, a script that cannot be loaded, results that cannot be written.
pub async fn execute(
    args: LoadArgs,
    host: &Host,
    display: Display,
    out: &mut dyn Write,
) -> Result<u8, LoadCommandError> {
    let colour = display.colour;
    let export = args.summary_export.as_ref().map(|path| host.resolve(path));
    let shown = !args.no_summary;
    let test = test(args, host)?;
    let (ending, stop) = (test.ending.clone(), CancellationToken::new());
    let (events, queue) = unbounded_channel();
    let signals = tokio::task::spawn_local(heed_signals(ending, stop.clone()));
    let telling = tokio::task::spawn_local(tell(queue, display));
    let report = run::run(test, events, stop).await;
    signals.abort();
    let _ = telling.await;
    let report = report?;
    if let Some(path) = export {
        let text = format!("{:#}\n", report.summary.export());
        write_file(path, text.as_bytes())?;
    }
    if shown {
        show(&report, colour, host, out)?;
    }
    Ok(conclude(&report))
}

/// How a person watches.
pub struct Display {
    /// The live line; none where there is no terminal, or none is wanted.
    pub screen: Option<Screen>,
    /// Whether standard output takes colours.
    pub colour: bool,
}

fn test(args: LoadArgs, host: &Host) -> Result<LoadTest, LoadCommandError> {
    let mut test = LoadTest::new(Script::File(host.resolve(&args.script)));
    let from_environment = Options::from_env(host.env.as_ref().clone().into_iter())?;
    test.overrides = from_environment.overridden_by(options(&args)?);
    test.env = host.env.as_ref().clone().into_iter().collect::<IndexMap<_, _>>();
    test.env.extend(args.env);
    test.limits = Limits {
        user_memory: args.user_memory << 20,
        ..Limits::default()
    };
    Ok(test)
}

/// The options of the command line as a script would write them.
fn options(args: &LoadArgs) -> Result<Options, OptionsError> {
    let mut given = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            given.insert(name.to_owned(), value);
        }
    };
    set("vus", args.vus.map(Value::from));
    set("iterations", args.iterations.map(Value::from));
    set("duration", args.duration.clone().map(Value::from));
    set("rps", args.rps.map(Value::from));
    set("userAgent", args.user_agent.clone().map(Value::from));
    set(
        "insecureSkipTLSVerify",
        args.insecure_skip_tls_verify.then_some(true.into()),
    );
    set("noSetup", args.no_setup.then_some(true.into()));
    set("noTeardown", args.no_teardown.then_some(true.into()));
    set("httpDebug", args.http_debug.clone().map(Value::from));
    set(
        "summaryTrendStats",
        args.summary_trend_stats
            .as_ref()
            .map(|stats| stats.split(',').map(str::trim).collect()),
    );
    set("summaryTimeUnit", args.summary_time_unit.clone().map(Value::from));
    if !args.tags.is_empty() {
        let tags: Map<String, Value> = args
            .tags
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        set("tags", Some(tags.into()));
    }
    if args.no_thresholds {
        set("thresholds", Some(Map::new().into()));
    }
    if !args.stages.is_empty() {
        let stages = args.stages.iter().map(|stage| stage_of(stage)).collect();
        set("stages", Some(Value::Array(stages)));
    }
    Options::from_json(&Value::Object(given))
}

/// `10s:5` as a stage; what is wrong with it is told by the options' reader.
fn stage_of(text: &str) -> Value {
    let (duration, target) = text.split_once(':').unwrap_or((text, ""));
    let target = target
        .parse::<u64>()
        .map_or_else(|_| Value::from(target), Value::from);
    let mut stage = Map::new();
    stage.insert("duration".to_owned(), duration.into());
    stage.insert("target".to_owned(), target);
    stage.into()
}

/// The first signal ends the load, as in k6: teardown and the summary follow. The second ends all.
async fn heed_signals(ending: CancellationToken, stop: CancellationToken) {
    let mut interrupt = signal(SignalKind::interrupt()).ok();
    let mut terminate = signal(SignalKind::terminate()).ok();
    for token in [ending, stop] {
        tokio::select! {
            Some(()) = next(&mut interrupt) => {}
            Some(()) = next(&mut terminate) => {}
            else => return,
        }
        if !token.is_cancelled() {
            warn!("Interrupted: the load ends (once more to leave at once)");
        }
        token.cancel();
    }
}

async fn next(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}

/// Tells events until the test has ended.
async fn tell(mut events: UnboundedReceiver<Event>, display: Display) {
    let line = display.screen.map(|screen| {
        let style =
            ProgressStyle::with_template("{bar:20} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        screen.add(ProgressBar::new(1000).with_style(style))
    });
    while let Some(event) = events.recv().await {
        match event {
            Event::Started {
                scenarios,
                users,
                planned,
            } => started(&scenarios, users, planned),
            Event::Console { level, text } | Event::Trouble { level, text } => log(level, &text),
            Event::Warning(text) => log(Level::Warning, &text),
            Event::Progress {
                numbers,
                elapsed,
                done,
                active,
                users,
                iterations,
            } => {
                if let Some(line) = &line {
                    line.set_position((done * 1000.0) as u64);
                    let now = &numbers.last_second;
                    let p95 = now
                        .p95
                        .map_or_else(|| "-".to_owned(), |millis| format!("{millis:.1} ms"));
                    line.set_message(format!(
                        "{} {active}/{users} VUs, {:.0} req/s, {:.1} % failed, p(95) {p95}, {} complete and {} interrupted iterations",
                        duration::show(Duration::from_secs(elapsed.as_secs())),
                        now.requests_per_second,
                        now.failed_rate * 100.0,
                        iterations.0,
                        iterations.1,
                    ));
                }
            }
        }
    }
    if let Some(line) = line {
        line.finish_and_clear();
    }
}

fn log(level: Level, text: &str) {
    match level {
        Level::Debug => debug!("{text}"),
        Level::Info => info!("{text}"),
        Level::Warning => warn!("{text}"),
        Level::Error => error!("{text}"),
    }
}

fn started(scenarios: &[String], users: u64, planned: Duration) {
    let many = if scenarios.len() == 1 {
        "scenario"
    } else {
        "scenarios"
    };
    info!(
        "{} {many}, {users} virtual users, {} at most (with graceful stop)",
        scenarios.len(),
        duration::show(planned)
    );
    for scenario in scenarios {
        info!("* {scenario}");
    }
}

/// What `handleSummary` made, or k6's summary.
fn show(report: &Report, colour: bool, host: &Host, out: &mut dyn Write) -> Result<(), LoadCommandError> {
    let Some(outputs) = &report.outputs else {
        let text = report.summary.text(&TextSettings { colour });
        return print(out, text.as_bytes());
    };
    for (target, content) in outputs {
        match target.as_str() {
            "stdout" => print(out, content)?,
            "stderr" => print(&mut io::stderr(), content)?,
            path => write_file(host.resolve(path), content)?,
        }
    }
    Ok(())
}

fn print(out: &mut dyn Write, text: &[u8]) -> Result<(), LoadCommandError> {
    let written = out.write_all(text).and_then(|()| out.flush());
    written.map_err(|source| LoadCommandError::Write {
        path: "standard output".into(),
        source,
    })
}

fn write_file(path: PathBuf, content: &[u8]) -> Result<(), LoadCommandError> {
    std::fs::write(&path, content).map_err(|source| LoadCommandError::Write { path, source })
}

/// Says what was not as it should be; the exit code is k6's.
fn conclude(report: &Report) -> u8 {
    if let End::Aborted(abort) = &report.end {
        error!("The test was ended: {}", abort.reason);
    }
    let crossed: Vec<_> = report
        .summary
        .crossed()
        .iter()
        .map(|one| format!("{}: {}", one.metric, one.expression))
        .collect();
    if report.end == End::Completed && !crossed.is_empty() {
        error!("Thresholds were crossed: {}", crossed.join("; "));
    }
    report.exit_code()
}

//! Runs a script with the arguments of `k6 run` that the corpus of scripts uses, and logs as k6 does without a terminal, so that
//! `tests/scripts/compare.py --ours …` can read it. `chaos load` is what users have.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, clippy::exit)]

use std::io::Write as _;

use chaos_load::options::Options;
use chaos_load::run::{End, Event, Level, LoadTest, Report, Script, exit, run};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

const FLAGS: [(&str, &str); 4] = [
    ("--no-setup", "noSetup"),
    ("--no-teardown", "noTeardown"),
    ("--throw", "throw"),
    ("--insecure-skip-tls-verify", "insecureSkipTLSVerify"),
];

#[derive(Default)]
struct Arguments {
    script: String,
    env: Vec<(String, String)>,
    options: Map<String, Value>,
    export: Option<String>,
    verbose: bool,
}

fn main() {
    let arguments = read(std::env::args().skip(1)).unwrap_or_else(|word| leave(exit::OTHER, &word));
    let mut test = LoadTest::new(Script::File(arguments.script.clone().into()));
    test.env = std::env::vars().chain(arguments.env.clone()).collect();
    let given = Options::from_json(&arguments.options.clone().into());
    let given = given.unwrap_or_else(|error| leave(exit::OTHER, &error.to_string()));
    let variables = Options::from_env(std::env::vars());
    let variables = variables.unwrap_or_else(|error| leave(exit::INVALID_OPTIONS, &error.to_string()));
    test.overrides = variables.overridden_by(given);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(async {
        let (events, queue) = unbounded_channel();
        let told = tokio::spawn(tell(queue, arguments.verbose));
        let report = run(test, events, CancellationToken::new()).await;
        told.await.unwrap();
        match report {
            Ok(report) => show(&report, arguments.export.as_deref()),
            Err(error) => leave(error.exit_code(), &error.to_string()),
        }
    });
    std::process::exit(code.into());
}

/// The arguments, or the one that is wrong.
fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    let mut stages = Vec::new();
    while let Some(word) = words.next() {
        if let Some((_, option)) = FLAGS.iter().find(|(flag, _)| *flag == word) {
            arguments.options.insert((*option).to_owned(), true.into());
            continue;
        }
        let mut value = || words.next().ok_or_else(|| word.clone());
        match word.as_str() {
            "--quiet" => {}
            "--verbose" => arguments.verbose = true,
            "--no-thresholds" => drop(arguments.options.insert("thresholds".to_owned(), json!({}))),
            "--summary-export" => arguments.export = Some(value()?),
            "-e" => arguments.env.push(pair(&value()?, '=')?),
            "-s" | "--stage" => {
                let (duration, target) = pair(&value()?, ':')?;
                stages.push(json!({"duration": duration, "target": number(&target)}));
            }
            "--tag" => {
                let (name, text) = pair(&value()?, '=')?;
                arguments.options.insert("tags".to_owned(), json!({ name: text }));
            }
            "-u" | "--vus" => drop(arguments.options.insert("vus".to_owned(), number(&value()?))),
            "-i" | "--iterations" => drop(
                arguments
                    .options
                    .insert("iterations".to_owned(), number(&value()?)),
            ),
            "-d" | "--duration" => drop(arguments.options.insert("duration".to_owned(), value()?.into())),
            "--summary-trend-stats" => {
                let stats: Value = value()?.split(',').collect();
                arguments.options.insert("summaryTrendStats".to_owned(), stats);
            }
            flag if flag.starts_with('-') => return Err(word),
            _ => arguments.script = word,
        }
    }
    if !stages.is_empty() {
        arguments.options.insert("stages".to_owned(), stages.into());
    }
    Ok(arguments)
}

fn pair(text: &str, between: char) -> Result<(String, String), String> {
    let (name, value) = text.split_once(between).ok_or(text)?;
    Ok((name.to_owned(), value.to_owned()))
}

fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

async fn tell(mut events: UnboundedReceiver<Event>, verbose: bool) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Console {
                level: Level::Debug, ..
            } if !verbose => {}
            Event::Console { level, text } => log(level, &text, " source=console"),
            Event::Trouble { level, text } => log(level, &text, ""),
            Event::Warning(text) => log(Level::Warning, &text, ""),
            Event::Progress { .. } | Event::Started { .. } => {}
        }
    }
}

fn log(level: Level, text: &str, source: &str) {
    eprintln!("level={} msg={}{source}", level.name(), Value::from(text));
}

fn leave(code: u8, reason: &str) -> ! {
    log(Level::Error, reason, "");
    std::process::exit(code.into())
}

fn show(report: &Report, export: Option<&str>) -> u8 {
    if let Some(path) = export {
        std::fs::write(path, report.summary.export().to_string()).unwrap();
    }
    match &report.outputs {
        Some(outputs) => outputs
            .iter()
            .for_each(|(target, content)| write(target, content)),
        None => println!("{}", report.summary.text(&Default::default())),
    }
    if let End::Aborted(abort) = &report.end {
        log(Level::Error, &abort.reason, "");
    }
    let mut crossed: Vec<_> = report
        .summary
        .crossed()
        .into_iter()
        .map(|one| one.metric)
        .collect();
    crossed.dedup();
    if !crossed.is_empty() {
        let text = format!("thresholds on metrics '{}' have been crossed", crossed.join(", "));
        log(Level::Error, &text, "");
    }
    if report.failed {
        log(Level::Error, "test run was marked as failed", "");
    }
    report.exit_code()
}

fn write(target: &str, content: &[u8]) {
    match target {
        "stdout" => std::io::stdout().write_all(content).unwrap(),
        "stderr" => std::io::stderr().write_all(content).unwrap(),
        path => std::fs::write(path, content).unwrap(),
    }
}

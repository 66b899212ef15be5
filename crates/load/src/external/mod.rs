//! The real k6, run as a process, for scripts that need what is not here (a browser, gRPC, extensions).

mod error;
mod export;
mod process;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

pub use error::ExternalError;

use crate::options::{Options, duration};
use process::Ended;

/// What the journal is to have of trends, whatever the script shows of them.
const TREND_STATS: &str = "avg,min,med,max,p(90),p(95),p(99),count";

/// A test that the real k6 is to run.
#[derive(Clone, Debug)]
pub struct ExternalTest {
    /// The program.
    pub program: PathBuf,
    pub script: ExternalScript,
    /// The whole environment of the process; k6 shows it to the script as `__ENV` and reads its `K6_…` variables.
    pub environment: BTreeMap<String, String>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Of these, `vus`, `duration`, `iterations` and `stages` are given on the command line.
    pub overrides: Options,
}

/// Where the script is.
#[derive(Clone, Debug)]
pub enum ExternalScript {
    File(PathBuf),
    Text(String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalReport {
    /// In the shape of [`crate::run`]'s summary for the journal; null when k6 wrote none, as when it was killed.
    pub summary: Value,
    /// Metric and expression of each threshold that was crossed.
    pub crossed: Vec<(String, String)>,
    pub end: ExternalEnd,
}

/// How the test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalEnd {
    Completed,
    /// The script said so (`exec.test.abort()` or `exec.test.fail()`); what k6 wrote of it.
    Aborted(String),
    /// `stop` was cancelled.
    Stopped,
}

/// Runs k6 to its end. What it writes goes to `lines`, line by line, from both of its streams.
///
/// When `stop` is cancelled, k6 is interrupted, interrupted again after two seconds so that it waits for nothing more,
/// and killed after five. When the future is dropped, it is killed at once, with all that it started.
///
/// # Errors
/// When k6 cannot be started, or did not run the test: a script that throws, options it refuses. A crossed threshold
/// is no error.
pub async fn run(
    test: ExternalTest,
    lines: UnboundedSender<String>,
    stop: CancellationToken,
) -> Result<ExternalReport, ExternalError> {
    let scratch = tempfile::tempdir().map_err(ExternalError::Scratch)?;
    let export = scratch.path().join("summary.json");
    let script = match &test.script {
        ExternalScript::File(path) => test.folder.join(path),
        ExternalScript::Text(source) => {
            let path = scratch.path().join("script.js");
            std::fs::write(&path, source).map_err(ExternalError::Scratch)?;
            path
        }
    };
    let arguments = arguments(&test.overrides, &script, &export);
    let ended = process::run(&test, &arguments, lines, &stop).await?;
    let exported = export::read(&export, ended.elapsed)?;
    report(&test.program, ended, exported)
}

fn report(
    program: &Path,
    ended: Ended,
    exported: Option<export::Exported>,
) -> Result<ExternalReport, ExternalError> {
    let end = match ended.status.code() {
        _ if ended.stopped => ExternalEnd::Stopped,
        Some(0 | error::THRESHOLDS_CROSSED) if exported.is_some() => ExternalEnd::Completed,
        Some(error::ABORTED | error::MARKED_AS_FAILED) => ExternalEnd::Aborted(ended.said()),
        _ => {
            return Err(ExternalError::failed(
                program,
                &ended,
                exported.map(|exported| exported.summary),
            ));
        }
    };
    let (summary, crossed) = exported.map_or((Value::Null, Vec::new()), |exported| {
        (exported.summary, exported.crossed)
    });
    Ok(ExternalReport {
        summary,
        crossed,
        end,
    })
}

/// The arguments, none of which goes through a shell.
fn arguments(overrides: &Options, script: &Path, export: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["run", "--quiet", "--no-color", "--no-usage-report"]
        .map(Into::into)
        .into();
    let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
    option("--summary-export", export.into());
    option("--summary-trend-stats", TREND_STATS.into());
    if let Some(vus) = overrides.vus {
        option("--vus", vus.to_string().into());
    }
    if let Some(time) = overrides.duration {
        option("--duration", duration::show(time).into());
    }
    if let Some(iterations) = overrides.iterations {
        option("--iterations", iterations.to_string().into());
    }
    for stage in overrides.stages.iter().flatten() {
        option(
            "--stage",
            format!("{}:{}", duration::show(stage.duration), stage.target).into(),
        );
    }
    arguments.push(script.into());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_given_by_arguments() {
        let overrides = Options {
            vus: Some(3),
            duration: Some(std::time::Duration::from_secs(90)),
            stages: Some(vec![
                crate::options::Stage::from_text("10s:5", "stage").unwrap(),
                crate::options::Stage::from_text("1m:0", "stage").unwrap(),
            ]),
            ..Options::default()
        };
        let words = arguments(&overrides, Path::new("/a b.js"), Path::new("/e"));
        let words: Vec<_> = words.iter().map(|word| word.to_str().unwrap()).collect();
        let expected = [
            "run",
            "--quiet",
            "--no-color",
            "--no-usage-report",
            "--summary-export",
            "/e",
            "--summary-trend-stats",
            TREND_STATS,
            "--vus",
            "3",
            "--duration",
            "1m30s",
            "--stage",
            "10s:5",
            "--stage",
            "1m0s:0",
            "/a b.js",
        ];
        assert_eq!(words, expected);
    }
}

//! `chaos init`: an experiment from answers to questions.

mod dialogue;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use chaos_engine::value::{Map, Value, json, map};

use super::command::InitArgs;
use super::discover::{self, DiscoverError};
use crate::discovery::{Activity, Kind};
use crate::yaml;
use dialogue::Dialogue;

/// Why no experiment was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The answers ended early.
    #[error("the answers ended before the experiment was complete; nothing was written")]
    Ended,
    /// The user keeps the file that is there.
    #[error("'{}' is left as it is; name another file with --experiment-path", .0.display())]
    Kept(PathBuf),
    /// Questions or answers do not get through.
    #[error("cannot go on with the questions: {0}")]
    Terminal(#[from] std::io::Error),
    /// The discovery file is no use.
    #[error(transparent)]
    Discovery(#[from] DiscoverError),
    /// The experiment cannot be written.
    #[error("cannot write the experiment to '{}': {source}; name another file with --experiment-path", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Asks on `out`, reads answers from `input`, writes the experiment and returns it.
///
/// Activities come from the discovery file, or from `catalogue` when there is none. Paths start from `cwd`.
///
/// # Errors
/// See [`InitError`]; nothing is written then. All of them are exit code 1.
pub fn execute(
    args: &InitArgs,
    cwd: &Path,
    catalogue: Vec<Activity>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Value, InitError> {
    let target = cwd.join(&args.experiment_path);
    let mut dialogue = Dialogue::new(input, out);
    dialogue.say(WELCOME)?;
    let mut activities = match discover::load(&cwd.join(&args.discovery_path))? {
        Some(document) => document.activities,
        None if catalogue.is_empty() => {
            dialogue.say("There is no discovery file, so the experiment will have no activities yet.")?;
            catalogue
        }
        None => catalogue,
    };
    // they are no steps of an experiment
    activities.retain(|activity| activity.kind != Kind::Control);
    let experiment = Value::Map(compose(&mut dialogue, &activities)?);
    if target.exists() && !dialogue.confirm(&format!("Replace the file '{}'?", target.display()))? {
        return Err(InitError::Kept(target));
    }
    save(&experiment, &target)?;
    dialogue.say(&format!(
        "\nThe experiment is saved in '{}'.",
        args.experiment_path.display()
    ))?;
    Ok(experiment)
}

const WELCOME: &str = "This writes an experiment from your answers.

An experiment has three parts:
- a steady-state hypothesis (optional): probes that tell whether all is well
- a method: the actions and probes to play, at least one for a run to do anything
- rollbacks (optional): actions that put things back
";

const HYPOTHESIS: &str = "
The steady-state hypothesis is checked before the method, to know that the system is well, and after it, to
know that it still is. You can leave it out while you do not know yet what to measure.";

const METHOD: &str = "
Actions of the method change the system; its probes gather facts while it is changed.";

const ROLLBACKS: &str = "
Rollbacks are actions played at the end, to put back what the method changed.";

/// Title, hypothesis, method, rollbacks, in the order in which the Chaos Toolkit asks for them.
fn compose(dialogue: &mut Dialogue<'_>, activities: &[Activity]) -> Result<Map, InitError> {
    let of_kind = |kind| {
        activities
            .iter()
            .filter(move |activity| activity.kind == kind)
            .collect::<Vec<_>>()
    };
    let title = dialogue.text("Title of the experiment")?;
    let mut experiment = map([
        ("title", title.into()),
        ("description", "N/A".into()),
        ("tags", Value::List(Vec::new())),
    ]);
    dialogue.say(HYPOTHESIS)?;
    if dialogue.confirm("Define a steady-state hypothesis now?")? {
        let title = dialogue.text("Title of the hypothesis")?;
        let probes = dialogue.activities(&of_kind(Kind::Probe), true)?;
        let hypothesis = map([("title", title.into()), ("probes", Value::List(probes))]);
        experiment.insert("steady-state-hypothesis".to_owned(), hypothesis.into());
    }
    let mut method = Vec::new();
    if !activities.is_empty() {
        dialogue.say(METHOD)?;
        if dialogue.confirm("Define the method now?")? {
            method = dialogue.activities(&activities.iter().collect::<Vec<_>>(), false)?;
        }
    }
    experiment.insert("method".to_owned(), Value::List(method));
    if !activities.is_empty() {
        dialogue.say(ROLLBACKS)?;
        if dialogue.confirm("Add rollbacks now?")? {
            let rollbacks = dialogue.activities(&of_kind(Kind::Action), false)?;
            experiment.insert("rollbacks".to_owned(), Value::List(rollbacks));
        }
    }
    Ok(experiment)
}

fn save(experiment: &Value, path: &Path) -> Result<(), InitError> {
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    let text = match extension.as_deref().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => yaml::to_string(experiment, yaml::Style::default()),
        _ => json::pretty(experiment) + "\n",
    };
    std::fs::write(path, text).map_err(|source| InitError::Write {
        path: path.to_owned(),
        source,
    })
}

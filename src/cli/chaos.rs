//! The command line of `chaos`, read in two steps as the Chaos Toolkit does: first the global options up to the
//! command, then the command's own. A fault in the second step leaves valid global options, so that the caller can
//! open the log file in both cases.

mod fail_az;
mod grammar;
mod load;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::command::{Command, Globals, Invocation};
pub use grammar::MISSPELT;
use grammar::{Head, Whole};

/// A command line that asks for nothing more than this text: help, the version, or a usage error.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// What to print, with its final line end.
    pub text: String,
    /// 0: print on standard output; 2: print on standard error.
    pub code: u8,
    /// The global options, when the fault came after them: the log file is opened in that case.
    pub globals: Option<Globals>,
}

impl Stop {
    /// A value that parsed as text but that a later check refuses, such as a `--var` that does not convert.
    pub fn bad_value(option: &str, value: &str, reason: &str, globals: &Globals) -> Self {
        Self {
            text: format!("error: invalid value '{value}' for '{option}': {reason}\n"),
            code: 2,
            globals: Some(globals.clone()),
        }
    }
}

/// Reads a whole command line, without the name of the program.
///
/// `cwd` is the working folder: `--var-file` and `--control-file` must exist from there, `--change-dir` applied.
///
/// # Errors
/// [`Stop`] for help, the version and every usage error.
pub fn parse(arguments: impl IntoIterator<Item = OsString>, cwd: &Path) -> Result<Invocation, Stop> {
    let head = parse_head(arguments)?;
    let globals = Globals::from(head.globals);
    let known = head.rest.first().and_then(|name| name.to_str());
    let mut whole = whole();
    let known = known.is_some_and(|name| whole.find_subcommand(name).is_some());
    let command = whole
        .try_get_matches_from_mut(std::iter::once("chaos".into()).chain(head.rest))
        .and_then(|matches| Whole::from_arg_matches(&matches))
        .map_err(|error| stop(&error, known.then(|| globals.clone())))?;
    let command = Command::from(command.command);
    check_files(&command, cwd, &globals)?;
    Ok(Invocation { globals, command })
}

fn parse_head(arguments: impl IntoIterator<Item = OsString>) -> Result<Head, Stop> {
    let head = Head::command()
        .args_override_self(true)
        .try_get_matches_from(std::iter::once("chaos".into()).chain(arguments))
        .and_then(|matches| Head::from_arg_matches(&matches))
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => usage(0),
            _ => stop(&error, None),
        })?;
    match head {
        Head { version: true, .. } => Err(Stop {
            text: format!("chaos, version {}\n", env!("CARGO_PKG_VERSION")),
            code: 0,
            globals: None,
        }),
        Head { rest, .. } if rest.is_empty() => Err(usage(2)),
        head => Ok(head),
    }
}

/// All commands, with click's rule that the last of a repeated option wins.
fn whole() -> clap::Command {
    Whole::command().args_override_self(true)
}

fn usage(code: u8) -> Stop {
    Stop {
        text: whole().render_help().to_string(),
        code,
        globals: None,
    }
}

fn stop(error: &clap::Error, globals: Option<Globals>) -> Stop {
    Stop {
        text: error.render().to_string(),
        code: if error.kind() == ErrorKind::DisplayHelp {
            0
        } else {
            2
        },
        globals,
    }
}

fn check_files(command: &Command, cwd: &Path, globals: &Globals) -> Result<(), Stop> {
    let Command::Run(run) = command else {
        return Ok(());
    };
    let cwd = cwd.join(globals.change_dir.as_deref().unwrap_or(Path::new("")));
    let files = run.var_files.iter().map(|path| ("--var-file", path));
    let controls = run.control_files.iter().map(|path| ("--control-file", path));
    match files.chain(controls).find(|(_, path)| !cwd.join(path).exists()) {
        None => Ok(()),
        Some((option, path)) => {
            let reason = format!("there is no such file, seen from '{}'", cwd.display());
            Err(Stop::bad_value(option, &path.to_string_lossy(), &reason, globals))
        }
    }
}

//! The program itself: `terraform`, or else `tofu`.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;

use chaos_engine::host::Host;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tracing::warn;

use super::driver::DriverError;

/// What an interrupted command may still hold is waited for, as long as this, by the next one.
const LOCK: (&str, &str) = ("TF_CLI_ARGS_destroy", "-lock-timeout=300s");

/// The program in its folder.
pub(super) struct Program {
    path: PathBuf,
    host: Rc<Host>,
    chdir: Option<String>,
    silent: bool,
    /// A command that nobody waits for any more, and that was asked to stop.
    stopping: RefCell<Option<Child>>,
}

/// How a command ended.
pub(super) struct Ended {
    pub status: ExitStatus,
    /// What it wrote of errors, when it is silent.
    pub errors: String,
}

impl Program {
    /// Finds it in PATH.
    pub(super) fn find(host: Rc<Host>, chdir: Option<String>, silent: bool) -> Result<Self, DriverError> {
        let path = ["terraform", "tofu"]
            .into_iter()
            .find_map(|name| host.which(name));
        let program = Self {
            path: path.ok_or(DriverError::NoProgram)?,
            host,
            chdir,
            silent,
            stopping: RefCell::default(),
        };
        program.folder()?;
        Ok(program)
    }

    /// The folder that it works in.
    pub(super) fn folder(&self) -> Result<PathBuf, DriverError> {
        let Some(chdir) = &self.chdir else {
            return Ok(self.host.cwd.clone());
        };
        let folder = self.host.resolve(chdir);
        match folder.metadata() {
            Ok(meta) if meta.is_dir() => Ok(folder),
            Ok(_) => Err(DriverError::NotAFolder(folder)),
            Err(_) => Err(DriverError::NoFolder(folder)),
        }
    }

    /// A command as messages show it: without what may be secret.
    pub(super) fn shown(&self, command: &str) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} {command}")
    }

    /// Runs a command to its end. One that is dropped before is asked to stop, and goes on until it has noted what
    /// it created.
    pub(super) async fn run(&self, arguments: &[String]) -> Result<Ended, DriverError> {
        self.await_stopping().await;
        let not_run = |source| self.not_run(arguments, source);
        // a file, because the command must not break off for want of a reader when this process dies
        let mut errors = match self.silent {
            true => Some(tempfile::tempfile().map_err(not_run)?),
            false => None,
        };
        let mut command = self.command(arguments);
        if let Some(file) = &errors {
            command.stdout(Stdio::null());
            command.stderr(file.try_clone().map_err(not_run)?);
        }
        let child = command.spawn().map_err(not_run)?;
        let mut running = Running {
            child: Some(child),
            program: self,
            name: arguments.first().map_or("", String::as_str),
        };
        let status = running.ended().await.map_err(not_run)?;
        let errors = errors.as_mut().map_or(Ok(String::new()), written);
        Ok(Ended {
            status,
            errors: errors.map_err(not_run)?,
        })
    }

    /// Runs a command that changes nothing, and returns what it writes.
    pub(super) async fn read(&self, arguments: &[String]) -> Result<String, DriverError> {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        let output = command.output().await;
        let output = output.map_err(|source| self.not_run(arguments, source))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(DriverError::Failed {
                command: self.shown(arguments.first().map_or("", String::as_str)),
                status: output.status.to_string(),
            }),
        }
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.path);
        if let Some(chdir) = &self.chdir {
            command.arg(format!("-chdir={chdir}"));
        }
        let given = self.host.var(LOCK.0).unwrap_or_default();
        let lock = match given.contains("lock") {
            true => given.to_owned(),
            false => format!("{given} {}", LOCK.1).trim_start().to_owned(),
        };
        command
            .args(arguments)
            .env_clear()
            .envs(self.host.env.iter())
            .env(LOCK.0, lock)
            .current_dir(&self.host.cwd)
            .stdin(Stdio::null())
            // a signal from the terminal is for the run, which decides what becomes of this
            .process_group(0);
        command
    }

    async fn await_stopping(&self) {
        let stopping = self.stopping.take();
        if let Some(child) = stopping {
            let mut running = Running {
                child: Some(child),
                program: self,
                name: "",
            };
            // whatever became of it, the state tells
            let _ = running.ended().await;
        }
    }

    fn not_run(&self, arguments: &[String], source: io::Error) -> DriverError {
        DriverError::NotRun {
            command: self.shown(arguments.first().map_or("", String::as_str)),
            source,
        }
    }
}

/// A command that changes something.
struct Running<'a> {
    child: Option<Child>,
    program: &'a Program,
    name: &'a str,
}

impl Running<'_> {
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = match &mut self.child {
            Some(child) => child.wait().await?,
            None => return Err(io::Error::other("it was not started")),
        };
        self.child = None;
        Ok(status)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else { return };
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            warn!(
                "`{}` is asked to stop: it ends what it has begun first",
                self.program.shown(self.name)
            );
            // fails only when it has just ended
            let _ = kill_process(pid, Signal::INT);
        }
        self.program.stopping.replace(Some(child));
    }
}

fn written(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(without_colours(&String::from_utf8_lossy(&bytes)))
}

/// Text without the escape sequences that give it colours in a terminal.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let colour = piece.find(|c: char| !c.is_ascii_digit() && c != ';');
        let end = colour.filter(|end| piece[*end..].starts_with('m'));
        plain.push_str(end.map_or(piece, |end| &piece[end + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_taken_out_of_what_is_logged() {
        let text = "\u{1b}[31mError:\u{1b}[0m\u{1b}[1;4m no\u{1b}[0m [x]\u{1b}[";
        assert_eq!(without_colours(text), "Error: no [x]");
        assert_eq!(without_colours("plain"), "plain");
    }
}

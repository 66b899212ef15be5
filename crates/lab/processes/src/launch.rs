use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Error;

/// The variable by which every process of a lab is known.
pub const LAB_ID: &str = "CHAOS_LAB_ID";
/// The variable that holds the process id of the lab, for [`crate::tie_to_parent`].
pub const LAB_PARENT: &str = "CHAOS_LAB_PARENT";

/// What to start, and with what.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The program; looked up on `PATH` when it has no slash.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its environment, besides `PATH` and the two variables of the lab, which cannot be overridden.
    pub env: Vec<(String, String)>,
    /// The folder in which it runs.
    pub folder: PathBuf,
    /// The file to which its output and errors are appended.
    pub log: PathBuf,
    /// Whether it also gets the whole environment of the lab.
    pub inherit_env: bool,
}

impl Launch {
    /// The command, in a process group of its own: a Ctrl-C in the terminal is the lab's to handle, and what the child
    /// starts ends with it.
    pub(crate) fn command(&self, lab_id: &str) -> Result<Command, Error> {
        let mut command = Command::new(&self.program);
        if !self.inherit_env {
            command.env_clear();
            command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env(LAB_ID, lab_id)
            .env(LAB_PARENT, std::process::id().to_string())
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null());
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(|source| self.no_log(source))?;
        command.stdout(log).stderr(errors);
        Ok(command)
    }

    fn open_log(&self) -> Result<File, Error> {
        let opened = OpenOptions::new().append(true).create(true).open(&self.log);
        opened.map_err(|source| self.no_log(source))
    }

    fn no_log(&self, source: std::io::Error) -> Error {
        Error::Log {
            log: self.log.clone(),
            program: self.program.clone(),
            source,
        }
    }
}

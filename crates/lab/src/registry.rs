//! Which labs run: a file for each in the user's runtime folder, so that `status` and `down` find them.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A lab that runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its process.
    pub process: u32,
    /// When that was started, in the kernel's own measure: another process may get its number later.
    pub started: u64,
    /// The port of its AWS services.
    pub port: u16,
    /// The port of its status page.
    pub status_port: u16,
}

impl Entry {
    /// This process as a lab.
    pub fn of_this_process(port: u16, status_port: u16) -> Entry {
        let process = std::process::id();
        Entry {
            process,
            started: started(process).unwrap_or_default(),
            port,
            status_port,
        }
    }
}

/// The 22nd field of `/proc/PID/stat`; nothing where there is no such process.
fn started(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // the second field, in parentheses, may hold anything
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

/// The file of a lab; removed with this value.
pub struct Registered(PathBuf);

impl Drop for Registered {
    fn drop(&mut self) {
        // a file that stays behind is known to be dead by its process
        let _ = fs::remove_file(&self.0);
    }
}

fn folder() -> PathBuf {
    let base = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_dir());
    let base = base.unwrap_or_else(std::env::temp_dir);
    base.join(format!(
        "chaos-lab-running-{}",
        rustix::process::getuid().as_raw()
    ))
}

/// Notes a lab.
///
/// # Errors
/// [`Error::Folder`] where the note cannot be written.
pub fn register(entry: &Entry) -> Result<Registered, Error> {
    let folder = folder();
    let path = folder.join(format!("{}.json", entry.process));
    let failed = |source| Error::Folder {
        path: path.clone(),
        source,
    };
    let mut private = fs::DirBuilder::new();
    private
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(failed)?;
    let text = serde_json::to_string(entry).unwrap_or_default();
    fs::write(&path, text).map_err(failed)?;
    Ok(Registered(path))
}

/// The labs whose processes live.
pub fn running() -> Vec<Entry> {
    let files = fs::read_dir(folder()).into_iter().flatten().flatten();
    let mut alive: Vec<Entry> = files.filter_map(|file| live(&file.path())).collect();
    alive.sort_by_key(|entry| entry.port);
    alive
}

/// What a file tells of a lab; the file of one that was killed goes.
fn live(path: &Path) -> Option<Entry> {
    let entry = serde_json::from_slice::<Entry>(&fs::read(path).ok()?).ok()?;
    if entry.lives() {
        return Some(entry);
    }
    // somebody else may have removed it
    let _ = fs::remove_file(path);
    None
}

fn process(entry: &Entry) -> Option<Pid> {
    Pid::from_raw(i32::try_from(entry.process).ok()?)
}

/// The one lab that is meant.
///
/// # Errors
/// [`Error::NoLab`] and [`Error::SeveralLabs`].
pub fn find(port: Option<u16>) -> Result<Entry, Error> {
    let mut labs = running();
    labs.retain(|entry| port.is_none_or(|port| entry.port == port));
    match labs.len() {
        0 => Err(Error::NoLab { port }),
        1 => Ok(labs.remove(0)),
        _ => {
            let ports: Vec<String> = labs.iter().map(|entry| entry.port.to_string()).collect();
            Err(Error::SeveralLabs {
                ports: ports.join(", "),
            })
        }
    }
}

impl Entry {
    /// Asks the lab to end.
    pub fn terminate(&self) {
        if let Some(pid) = process(self) {
            // it may have ended by itself meanwhile
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Whether its process lives.
    pub fn lives(&self) -> bool {
        started(self.process) == Some(self.started)
    }
}

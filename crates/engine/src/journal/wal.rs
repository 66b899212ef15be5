//! The write-ahead file: every event of a run is in it before its effect happens, one JSON object a line.
//!
//! It stands beside the journal while a run is under way, readable by its owner only, and goes once the journal is
//! written. Secrets are not in it: a recovery reads them again from where they came. What must not get lost even if
//! the machine goes down (the start of actions, rollbacks and hooks) is synced to the disk; the rest is handed to
//! the kernel, which is enough for whatever kills the process.

use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::line;
use crate::run::event::{Event, Observer, Phase, Section};
use crate::value::Map;

/// Version of the file's format.
pub const VERSION: i64 = 1;

/// Why a write-ahead file cannot be begun or taken up.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A run that died has left one.
    #[error(
        "{} is what a run that did not end has left: `{recover}` plays the rollbacks that it still owes and writes \
         its journal; delete the file to discard that run", path.display()
    )]
    Unfinished { path: PathBuf, recover: String },
    /// A run is writing it right now.
    #[error("{} belongs to a run that is under way; give this one another journal path", path.display())]
    Busy { path: PathBuf },
    /// It cannot be created, opened or read.
    #[error("the write-ahead file {} cannot be {action}: {source}", path.display())]
    Io {
        path: PathBuf,
        action: &'static str,
        source: std::io::Error,
    },
    /// It is not one of ours, or of a later version.
    #[error("{} is not a write-ahead file that this version can read: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
}

/// The write-ahead file that goes with a journal: hidden beside it, `.journal.json.wal` for `journal.json`; in the
/// working folder when the journal goes to something that is no file, such as `/dev/stdout`.
pub fn path_for(journal: &Path, cwd: &Path) -> PathBuf {
    let is_file = journal.metadata().map_or(true, |meta| meta.is_file());
    let standing_in = cwd.join("journal.json");
    let journal = if is_file { journal } else { &standing_in };
    let name = journal.file_name().unwrap_or_default().to_string_lossy();
    journal.with_file_name(format!(".{name}.wal"))
}

/// Writes the events of a run to its write-ahead file.
pub struct Recorder {
    path: PathBuf,
    preamble: Map,
    file: RefCell<File>,
}

impl Recorder {
    /// Begins a file; `preamble` is what a recovery needs to know of the run beyond its events.
    ///
    /// # Errors
    /// When one is there already, or none can be created.
    pub fn begin(path: PathBuf, preamble: Map) -> Result<Self, WalError> {
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match created {
            Ok(file) => {
                if let Err(error) = prepare(&file, &path) {
                    // it holds nothing yet
                    let _ = std::fs::remove_file(&path);
                    return Err(error);
                }
                Ok(Self {
                    path,
                    preamble,
                    file: RefCell::new(file),
                })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(found(path)),
            Err(source) => Err(WalError::Io {
                path,
                action: "created",
                source,
            }),
        }
    }

    /// Takes up the file of a dead run, to append what its recovery does.
    ///
    /// # Errors
    /// When it cannot be opened for writing, or a run holds it.
    pub fn resume(path: PathBuf) -> Result<Self, WalError> {
        let opened = OpenOptions::new().append(true).open(&path);
        let file = opened.map_err(|source| WalError::Io {
            path: path.clone(),
            action: "opened",
            source,
        })?;
        lock(&file, &path)?;
        // whatever the dead run could not finish writing must not run into the next line
        let recorder = Self {
            path,
            preamble: Map::new(),
            file: RefCell::new(file),
        };
        recorder.write_line("\n", false).map_err(|source| WalError::Io {
            path: recorder.path.clone(),
            action: "written",
            source,
        })?;
        Ok(recorder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file: the journal is written and nothing is owed any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn discard(&self) -> Result<(), WalError> {
        std::fs::remove_file(&self.path).map_err(|source| WalError::Io {
            path: self.path.clone(),
            action: "removed",
            source,
        })
    }

    /// `line` has its line break, so that it is written at once.
    fn write_line(&self, line: &str, sync: bool) -> std::io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.write_all(line.as_bytes())?;
        if sync {
            file.sync_data()?;
        }
        failpoint::passed();
        Ok(())
    }
}

impl Observer for Recorder {
    fn notice(&self, event: &Event<'_>) -> std::io::Result<()> {
        match line::of(event, &self.preamble) {
            Some(line) => self.write_line(&line, must_survive_the_machine(event)),
            None => Ok(()),
        }
    }
}

fn must_survive_the_machine(event: &Event<'_>) -> bool {
    match event {
        Event::HookStarted { .. } => true,
        Event::ActivityStarted { activity, .. } => {
            !activity.dry && (activity.kind == "action" || activity.section == Section::Rollbacks)
        }
        _ => false,
    }
}

/// Locks a new file and finds out whether the disk takes anything, before anything is done. An empty line means
/// nothing to a recovery.
fn prepare(mut file: &File, path: &Path) -> Result<(), WalError> {
    lock(file, path)?;
    let written = file.write_all(b"\n").and_then(|()| file.sync_data());
    written.map_err(|source| WalError::Io {
        path: path.to_owned(),
        action: "written",
        source,
    })
}

fn lock(file: &File, path: &Path) -> Result<(), WalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(WalError::Busy {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(WalError::Io {
            path: path.to_owned(),
            action: "locked",
            source,
        }),
    }
}

fn found(path: PathBuf) -> WalError {
    let held = File::open(&path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
    if held {
        return WalError::Busy { path };
    }
    let recover = format!("start-chaos recover {}", path.display());
    WalError::Unfinished { path, recover }
}

/// The phase of that key.
pub(super) fn phase(key: &str) -> Option<Phase> {
    [Phase::Before, Phase::During, Phase::After]
        .into_iter()
        .find(|phase| phase.key() == key)
}

/// Lets tests kill the process after any one event; compiled out of release builds.
mod failpoint {
    #[cfg(debug_assertions)]
    pub(super) fn passed() {
        use std::sync::OnceLock;
        use std::sync::atomic::{AtomicU64, Ordering};
        static LIMIT: OnceLock<Option<u64>> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let limit = LIMIT.get_or_init(|| std::env::var("CHAOS_TEST_KILL_AFTER").ok()?.parse().ok());
        let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
        if *limit == Some(count) {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            loop {
                std::thread::park();
            }
        }
    }

    #[cfg(not(debug_assertions))]
    pub(super) fn passed() {}
}

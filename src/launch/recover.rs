//! Finishing a run that died.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use chaos_engine::host::Host;
use chaos_engine::journal::recovery::{self, DeadRun};
use chaos_engine::journal::wal::{self, Recorder, WalError};
use chaos_engine::run::Runner;
use chaos_engine::run::event::Observer;
use chaos_engine::run::plan::{HypothesisStrategy, Plan, RollbackStrategy};
use chaos_engine::value::{Map, Value};
use tracing::info;

use super::{Finished, LaunchError, RunOptions, Session, conclude, describe};

/// The key of what the run's journal was to say besides.
const ANNOTATIONS: &str = "annotations";

/// What a recovery needs to know of a run beyond its events.
pub(super) fn preamble(session: &Session, options: &RunOptions, plan: &Plan, journal: &Path) -> Map {
    let mut preamble = describe(options);
    preamble.insert("run_id".to_owned(), plan.run_id.clone().into());
    preamble.insert("cwd".to_owned(), shown(&session.host.borrow().cwd));
    preamble.insert("settings".to_owned(), shown(session.settings_path()));
    preamble.insert("journal".to_owned(), shown(journal));
    preamble.insert("rollbacks".to_owned(), plan.rollbacks.name().into());
    preamble.insert(ANNOTATIONS.to_owned(), plan.annotations.clone().into());
    preamble
}

/// Where a run died, for whoever opens the log of its recovery.
#[derive(Clone, Debug)]
pub struct DeadPlace {
    /// Its write-ahead file.
    pub wal: PathBuf,
    /// Its working folder; that of the write-ahead file where it cannot be told.
    pub folder: PathBuf,
}

/// Finds the run that `path` (absolute) means: its write-ahead file, the journal it goes with, or the folder of
/// either.
///
/// # Errors
/// When there is none, or a folder has several.
pub fn locate(path: &Path) -> Result<DeadPlace, LaunchError> {
    // going through the components drops `.` from the middle of the path
    let wal = find(&path.components().collect::<PathBuf>())?;
    if !wal.is_file() {
        return Err(LaunchError::NothingToRecover { path: wal });
    }
    let noted = recovery::read(&wal).ok().and_then(|dead| {
        let cwd = dead.preamble.get("cwd").and_then(Value::as_str)?;
        Some(PathBuf::from(cwd)).filter(|folder| folder.is_dir())
    });
    let beside = || wal.parent().unwrap_or(Path::new("/")).to_owned();
    Ok(DeadPlace {
        folder: noted.unwrap_or_else(beside),
        wal,
    })
}

/// Plays what the run that left a write-ahead file still owes, and writes its journal. `path` is as for [`locate`].
/// Must be called inside a `LocalSet`.
///
/// # Errors
/// When there is no such file, a run is still writing it, or it cannot be read.
pub async fn recover(
    session: &Session,
    path: &Path,
    rollbacks: Option<RollbackStrategy>,
    others: Vec<Rc<dyn Observer>>,
) -> Result<Finished, LaunchError> {
    let wal = locate(&session.host.borrow().resolve(path))?.wal;
    finish(session, wal, rollbacks, None, others).await
}

/// Where a run that may have died on another machine is to be finished.
#[derive(Clone, Debug)]
pub struct Here {
    /// The write-ahead file.
    pub wal: PathBuf,
    /// Where the journal goes.
    pub journal: PathBuf,
    /// The working folder.
    pub cwd: PathBuf,
    /// The variable files, which the secrets come from.
    pub var_files: Vec<PathBuf>,
    /// Is the file a copy that may lack the run's last moments?
    pub may_be_behind: bool,
}

/// As [`recover`], but with the places of this machine instead of those that the dead run noted.
///
/// # Errors
/// As [`recover`].
pub async fn recover_here(
    session: &Session,
    here: &Here,
    others: Vec<Rc<dyn Observer>>,
) -> Result<Finished, LaunchError> {
    finish(session, here.wal.clone(), None, Some(here), others).await
}

async fn finish(
    session: &Session,
    path: PathBuf,
    rollbacks: Option<RollbackStrategy>,
    here: Option<&Here>,
    others: Vec<Rc<dyn Observer>>,
) -> Result<Finished, LaunchError> {
    let recorder = Rc::new(Recorder::resume(path.clone())?);
    let mut dead = recovery::read(&path)?;
    if let Some(here) = here {
        here.settle_in(&mut dead);
    }
    let journal = dead.journal_path().ok_or_else(|| WalError::Unreadable {
        path: path.clone(),
        reason: "it does not tell where the journal goes".to_owned(),
    })?;
    info!("Recovering the run that {} tells of", path.display());
    let plan = plan_of(session, &dead, rollbacks).await?;
    let mut observers: Vec<Rc<dyn Observer>> = vec![Rc::clone(&recorder) as Rc<dyn Observer>];
    observers.extend(others);
    let runner = Runner::revive(plan, session.ports(observers), &dead)?;
    session.scrubber.add_all(&runner.secrets().into());
    let _watch = session.watch_signals();
    let recovered = Rc::new(runner).recover(dead).await;
    conclude(session, recovered, journal, &recorder).await
}

impl Here {
    /// For a run in this host's working folder.
    pub fn new(host: &Host, journal: &Path, var_files: &[PathBuf]) -> Self {
        let journal = host.resolve(journal);
        Self {
            wal: wal::path_for(&journal, &host.cwd),
            journal,
            cwd: host.cwd.clone(),
            var_files: var_files.to_vec(),
            may_be_behind: false,
        }
    }

    fn settle_in(&self, dead: &mut DeadRun) {
        let mut put = |key: &str, value: Value| dead.preamble.insert(key.to_owned(), value);
        put("journal", shown(&self.journal));
        put("cwd", shown(&self.cwd));
        put(
            "var_files",
            self.var_files
                .iter()
                .map(|path| shown(path))
                .collect::<Vec<_>>()
                .into(),
        );
        if self.may_be_behind {
            dead.assume_behind();
        }
    }
}

fn shown(path: &Path) -> Value {
    Value::Text(path.display().to_string())
}

/// The write-ahead file that a user means.
fn find(path: &Path) -> Result<PathBuf, LaunchError> {
    if path.is_dir() {
        return find_in(path);
    }
    Ok(match is_wal(path) {
        true => path.to_owned(),
        false => wal::path_for(path, Path::new(".")),
    })
}

fn is_wal(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wal")
}

/// That of `journal.json`, or else the only one in the folder.
fn find_in(folder: &Path) -> Result<PathBuf, LaunchError> {
    let usual = wal::path_for(&folder.join("journal.json"), folder);
    if usual.exists() {
        return Ok(usual);
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| is_wal(path))
        .collect();
    if found.len() > 1 {
        found.sort();
        let names = found.iter().map(|path| path.display().to_string()).collect();
        let folder = folder.to_owned();
        return Err(LaunchError::SeveralToRecover { folder, names });
    }
    Ok(found.pop().unwrap_or(usual))
}

async fn plan_of(
    session: &Session,
    dead: &DeadRun,
    rollbacks: Option<RollbackStrategy>,
) -> Result<Plan, LaunchError> {
    let text = |key: &str| {
        dead.preamble
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let paths = |key: &str| -> Vec<PathBuf> {
        let listed = dead
            .preamble
            .get(key)
            .and_then(Value::as_list)
            .unwrap_or_default();
        listed
            .iter()
            .filter_map(Value::as_str)
            .map(PathBuf::from)
            .collect()
    };
    let cwd = PathBuf::from(text("cwd"));
    session.host.borrow_mut().cwd = cwd;
    session.adopt_settings(Path::new(&text("settings")));
    let var_files = paths("var_files");
    let variables = session.read_variables(&var_files, &[])?;
    let global_controls = session.load_global_controls(&paths("control_files")).await?;
    let rollbacks = rollbacks.unwrap_or_else(|| RollbackStrategy::parse(&text("rollbacks")));
    let settings = session.settings();
    let mut annotations = noted(dead);
    annotations.extend(session.annotations().clone());
    Ok(Plan {
        run_id: text("run_id"),
        source: text("source"),
        secrets: variables.secrets,
        var_files,
        has_settings: !settings.is_empty(),
        settings: super::shown_settings(settings, HypothesisStrategy::default(), &rollbacks),
        rollbacks,
        global_controls,
        annotations,
        ..Plan::default()
    })
}

/// What the journal of the dead run was to say besides.
pub(super) fn noted(dead: &DeadRun) -> Map {
    let noted = dead.preamble.get(ANNOTATIONS).and_then(Value::as_map);
    noted.cloned().unwrap_or_default()
}

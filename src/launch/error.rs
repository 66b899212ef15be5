//! Why a run does not come about, or leaves no journal.

use std::io::ErrorKind;
use std::path::PathBuf;

use chaos_aws::AwsError;
use chaos_engine::document::{source::LoadError, variables::VarError};
use chaos_engine::journal::wal::WalError;
use chaos_engine::net::NetError;
use chaos_engine::provider::bridge::PythonError;
use chaos_engine::run::RunError;
use chaos_engine::run::plan::HypothesisStrategy;
use chaos_engine::validate::Invalid;

use crate::exit;

/// The way out where a journal cannot go.
const ELSEWHERE: &str =
    "give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`";

/// Why there is no finished run. The text is for people; [`LaunchError::exit_code`] for scripts.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The experiment cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It cannot be fetched.
    #[error("the experiment cannot be fetched from {url}: {source}")]
    Fetch { url: String, source: NetError },
    /// The server does not hand it out.
    #[error("the experiment cannot be fetched from {url}: the server answered {status}: {body}")]
    Refused { url: String, status: u16, body: String },
    /// It is not a mapping, and validation was skipped.
    #[error("the experiment is not a mapping, so there is nothing to run")]
    NoMapping,
    /// It is not valid.
    #[error("the experiment is not valid: {from}: {invalid}")]
    Invalid { from: String, invalid: Invalid },
    /// A variable or a variable file cannot be used.
    #[error(transparent)]
    Variables(#[from] VarError),
    /// A file of global controls cannot be used.
    #[error("the control file {} cannot be used: {reason}", path.display())]
    Controls { path: PathBuf, reason: String },
    /// The module of a global control is broken.
    #[error("the global control '{name}' cannot be used, so nothing was run: {source}")]
    ControlModule { name: String, source: PythonError },
    /// A hook around the loading forbids the run.
    #[error(
        "the control module '{module}' interrupted the loading of the experiment: {text}; nothing was run"
    )]
    Interrupted { module: String, text: String },
    /// The experiment or the settings name a strategy that does not exist.
    #[error("runtime.hypothesis.strategy: there is no hypothesis strategy '{0}'; use one of {names}", names = HypothesisStrategy::NAMES.join(", "))]
    HypothesisStrategy(String),
    /// The runtime block, or a part of it, is no mapping.
    #[error(
        "`{0}` must be a mapping, as in `runtime: {{hypothesis: {{strategy: skip}}, rollbacks: {{strategy: always}}}}`"
    )]
    Runtime(&'static str),
    /// The write-ahead file stands in the way.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// Configuration or secrets do not resolve.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The journal could not be written there, so nothing was run.
    #[error("the journal {} could not be written: {source}; {ELSEWHERE}; nothing was run", path.display())]
    JournalPath { path: PathBuf, source: std::io::Error },
    /// No write-ahead file can be kept beside the journal, so nothing was run.
    #[error("{0}; it stands beside the journal: {ELSEWHERE}; nothing was run")]
    Unrecordable(WalError),
    /// The journal of a run cannot be written.
    #[error("the journal {} cannot be written: {source}", path.display())]
    Journal { path: PathBuf, source: std::io::Error },
    /// A signal came while everything was still being made ready.
    #[error("a signal came before the run began; nothing was run")]
    Stopped,
    /// AWS cannot be spoken to.
    #[error("the experiment needs AWS, and nothing was run: {0}")]
    Aws(#[from] AwsError),
    /// There is nothing to recover.
    #[error(
        "there is no write-ahead file {}: no run that died is to be recovered there; name the file, or the folder it is in",
        path.display()
    )]
    NothingToRecover { path: PathBuf },
    /// A folder has the files of several dead runs.
    #[error("{} has several write-ahead files; name one of {}", folder.display(), names.join(", "))]
    SeveralToRecover { folder: PathBuf, names: Vec<String> },
}

impl LaunchError {
    /// What `chaos` ends with: 1 for whatever the experiment or the journal's path is to blame for, as the Chaos
    /// Toolkit does; 2 where a run that died stands in the way, or the machine does.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Wal(_) | Self::Unrecordable(_) | Self::Aws(_) => exit::USAGE,
            Self::NothingToRecover { .. } | Self::SeveralToRecover { .. } => exit::USAGE,
            Self::Run(RunError::Unrecorded(_) | RunError::Unsettled(_)) | Self::Stopped => exit::USAGE,
            Self::JournalPath { source, .. } if source.kind() == ErrorKind::StorageFull => exit::USAGE,
            _ => exit::NOT_AS_HOPED,
        }
    }

    /// The class that the Chaos Toolkit's notifications name for such an error, and its message.
    pub fn as_raised(&self) -> (&'static str, String) {
        match self {
            Self::Invalid { invalid, .. } => (invalid.class(), invalid.message.clone()),
            other => ("ChaosException", other.to_string()),
        }
    }
}

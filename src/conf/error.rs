//! What can be wrong with a configuration: each error names the file, the section, the key, and the way out.

use std::path::PathBuf;

use super::ini::{DEFAULT, IniError};
use super::variable::VariableFault;
use chaos_engine::nearest::hint;

/// Why no run can be made of a file, a context and a command line. All of these mean exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfError {
    /// The file is unreadable, or no INI, or a `%` in a value is wrong.
    #[error(transparent)]
    Ini(#[from] IniError),
    /// A folder was given, and has no `experiment.conf`.
    #[error("the folder {} has no {}; name the configuration file itself", folder.display(), super::CONFIG_NAME)]
    NoConfigInFolder { folder: PathBuf },
    /// The file has no such section.
    #[error("{} has no context '{name}'; it has {}{}", path.display(), known.join(", "), hint(nearest.as_deref()))]
    UnknownContext {
        path: PathBuf,
        name: String,
        known: Vec<String>,
        nearest: Option<String>,
    },
    /// A key's value is not usable.
    #[error("{}: [{section}] {key}: {fault}", place(path, *line))]
    BadValue {
        path: PathBuf,
        /// Where the key stands; none if it has its default value.
        line: Option<usize>,
        section: String,
        key: &'static str,
        fault: Box<ValueFault>,
    },
    /// An option of the command line is not usable.
    #[error("{option}: {fault}")]
    BadOption {
        option: &'static str,
        fault: OptionFault,
    },
}

/// What is wrong with a value of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    #[error("'{value}' is not one of {}{}", allowed.join(", "), hint(*nearest))]
    NotAChoice {
        value: String,
        allowed: Vec<&'static str>,
        nearest: Option<&'static str>,
    },
    #[error("'skip' can only be set in the experiment, as runtime.hypothesis.strategy")]
    SkipIsForTheExperiment,
    #[error("'{value}' is not a boolean; write one of 1, yes, true, on, 0, no, false, off")]
    NotABoolean { value: String },
    #[error("'{value}' is not a number {range}")]
    NotANumber { value: String, range: &'static str },
    #[error("line {line} of the value: {fault}")]
    Variable { line: usize, fault: VariableFault },
    #[error("{} {}{}", path.display(), kind.describe(), kind.way_out())]
    File { path: PathBuf, kind: FileFault },
    /// The file is there; what it holds cannot be used.
    #[error("{0}")]
    Content(String),
}

/// What is wrong with an option of the command line that clap cannot see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionFault {
    #[error("{} {}", path.display(), kind.describe())]
    File { path: PathBuf, kind: FileFault },
    /// The file is there; what it holds cannot be used.
    #[error("{0}")]
    Content(String),
}

/// Why a file that must be there cannot serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    Missing,
    NotAFile,
    Unreadable(std::io::ErrorKind),
}

impl FileFault {
    /// Why the file at `path` cannot be read, if so. Named pipes can.
    pub(super) fn of(path: &std::path::Path) -> Option<Self> {
        match path.metadata() {
            Ok(meta) if meta.is_dir() => Some(Self::NotAFile),
            Ok(meta) if !meta.is_file() => None,
            Ok(_) => std::fs::File::open(path)
                .err()
                .map(|error| Self::Unreadable(error.kind())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Self::Missing),
            Err(error) => Some(Self::Unreadable(error.kind())),
        }
    }

    /// For a path in the configuration file.
    fn way_out(self) -> &'static str {
        match self {
            Self::Missing => "; relative paths start from the folder of this file",
            Self::NotAFile | Self::Unreadable(_) => "",
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Missing => "does not exist".to_owned(),
            Self::NotAFile => "is a folder, not a file".to_owned(),
            Self::Unreadable(kind) => format!("cannot be read: {kind}"),
        }
    }
}

fn place(path: &std::path::Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}

/// The names of the contexts as people are told them: DEFAULT first.
pub(super) fn context_names<'a>(sections: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let sections = sections.into_iter().map(str::to_owned);
    std::iter::once(DEFAULT.to_owned()).chain(sections).collect()
}

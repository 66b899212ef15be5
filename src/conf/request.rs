//! File, context and command line put together: what is to be run, and with what.

use std::fmt;
use std::path::{Path, PathBuf};

use chaos_engine::document::variables::read_var_files;
use chaos_engine::host::Host;
use chaos_engine::run::plan::{Dry, HypothesisStrategy, RollbackStrategy};
use chaos_engine::settings;
use serde::{Serialize, Serializer};

use super::choice::{by_name, by_optional_name};
use super::error::{ConfError, FileFault, OptionFault, context_names};
use super::ini::{DEFAULT, IniFile};
use super::keys::Keys;
use super::variable::VarOverride;
use chaos_engine::nearest::nearest;

/// Where an experiment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// An http(s) address.
    Url(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the command line (or the environment in its place) says on top of the file; it wins.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub rollback_strategy: Option<RollbackStrategy>,
    pub hypothesis_strategy: Option<HypothesisStrategy>,
    /// Seconds.
    pub hypothesis_frequency: Option<f64>,
    pub fail_fast: Option<bool>,
    /// Percent.
    pub fail_fast_ratio: Option<f64>,
    /// Relative paths start from the caller's folder, not from the file's.
    pub var_files: Vec<PathBuf>,
    pub vars: Vec<VarOverride>,
    pub dry: Option<Dry>,
}

/// One run, resolved: all paths are absolute. `Debug` and serde mask the values of secret-looking variables.
#[derive(Clone, Debug, Serialize)]
pub struct RunRequest {
    pub config_file: PathBuf,
    /// The section; `DEFAULT` where none was asked for.
    pub context: String,
    /// The folder of the configuration file: relative paths of the file and of the run itself start there.
    pub working_folder: PathBuf,
    pub experiment: Source,
    #[serde(serialize_with = "by_name")]
    pub rollback_strategy: RollbackStrategy,
    /// None: as the experiment or the settings say.
    #[serde(serialize_with = "by_optional_name")]
    pub hypothesis_strategy: Option<HypothesisStrategy>,
    /// Seconds between two checks, at least 0; none: 1.
    pub hypothesis_frequency: Option<f64>,
    pub fail_fast: Option<bool>,
    /// Percent of deviated checks (0 to 100) from which `fail_fast` ends the run, as the Chaos Toolkit counts.
    pub fail_fast_ratio: Option<f64>,
    #[serde(serialize_with = "by_optional_name")]
    pub dry: Option<Dry>,
    /// Later files win over earlier ones.
    pub var_files: Vec<PathBuf>,
    /// They win over the files. No name occurs twice.
    pub var_overrides: Vec<VarOverride>,
    pub journal_path: PathBuf,
    pub log_path: PathBuf,
    /// None: the user's own, `~/.chaostoolkit/settings.yaml`.
    pub settings: Option<PathBuf>,
    /// What to tell the user before the run, one sentence each.
    pub warnings: Vec<String>,
}

/// The contexts of the file at `config` (or of the `experiment.conf` in that folder), DEFAULT first.
///
/// # Errors
/// When the file cannot be read.
pub fn contexts(host: &Host, config: &Path) -> Result<Vec<String>, ConfError> {
    let file = IniFile::read(&locate(host, config)?)?;
    Ok(context_names(file.sections()))
}

impl RunRequest {
    /// Reads the file at `config` (or the `experiment.conf` in that folder) for one context; an empty name or none
    /// means DEFAULT.
    ///
    /// # Errors
    /// When the file cannot be read, has no such context, or holds a value that cannot be used; also when the experiment
    /// is not there, or a variables or settings file is not there or does not parse. Nothing has been touched then.
    pub fn load(
        host: &Host,
        config: &Path,
        context: Option<&str>,
        overrides: &Overrides,
    ) -> Result<Self, ConfError> {
        let file = IniFile::read(&locate(host, config)?)?;
        let context = context.filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
        let section = file
            .section(context)
            .ok_or_else(|| unknown_context(&file, context))?;
        let keys = Keys {
            path: file.path(),
            section,
        };
        let folder = file.path().parent().unwrap_or(&host.cwd).to_owned();
        Resolution {
            host,
            keys,
            folder,
            overrides,
        }
        .request()
    }
}

/// The configuration file that `config` means, seen from the caller's folder.
fn locate(host: &Host, config: &Path) -> Result<PathBuf, ConfError> {
    // Going through the components drops `.` from the middle of the path.
    let path: PathBuf = host.resolve(config).components().collect();
    if !path.is_dir() {
        return Ok(path);
    }
    let inside = path.join(super::CONFIG_NAME);
    match inside.exists() {
        true => Ok(inside),
        false => Err(ConfError::NoConfigInFolder { folder: path }),
    }
}

fn unknown_context(file: &IniFile, name: &str) -> ConfError {
    let known = context_names(file.sections());
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    let (path, name) = (file.path().to_owned(), name.to_owned());
    ConfError::UnknownContext {
        path,
        name,
        known,
        nearest,
    }
}

struct Resolution<'a> {
    host: &'a Host,
    keys: Keys<'a>,
    folder: PathBuf,
    overrides: &'a Overrides,
}

impl Resolution<'_> {
    fn request(&self) -> Result<RunRequest, ConfError> {
        let (keys, wins) = (&self.keys, self.overrides);
        Ok(RunRequest {
            config_file: keys.path.to_owned(),
            context: keys.section.name().to_owned(),
            experiment: self.experiment()?,
            rollback_strategy: or_else(wins.rollback_strategy.clone(), || {
                keys.choice("rollback_strategy")
            })?
            .unwrap_or(RollbackStrategy::Always),
            hypothesis_strategy: or_else(wins.hypothesis_strategy, || keys.choice("hypothesis_strategy"))?,
            hypothesis_frequency: or_else(wins.hypothesis_frequency, || {
                keys.number("hypothesis_frequency", 0.0..=f64::MAX, "of seconds, 0 or more")
            })?,
            fail_fast: or_else(wins.fail_fast, || keys.boolean("fail_fast"))?,
            fail_fast_ratio: or_else(wins.fail_fast_ratio, || {
                keys.number("fail_fast_ratio", 0.0..=100.0, "from 0 to 100 (percent)")
            })?,
            dry: or_else(wins.dry, || keys.dry())?,
            var_files: self.var_files()?,
            var_overrides: self.variables()?,
            journal_path: self
                .path("journal_path")?
                .unwrap_or_else(|| self.folder.join("journal.json")),
            log_path: self.folder.join("chaostoolkit.log"),
            settings: self.settings()?,
            warnings: keys.unknown(),
            working_folder: self.folder.clone(),
        })
    }

    fn experiment(&self) -> Result<Source, ConfError> {
        let key = "experiment_path";
        let text = self
            .keys
            .text(key)?
            .unwrap_or_else(|| "experiment.yaml".to_owned());
        if text.starts_with("http://") || text.starts_with("https://") {
            return Ok(Source::Url(text));
        }
        let path = self.in_folder(&text);
        self.keys.existing(key, path).map(Source::File)
    }

    /// The Chaos Toolkit goes on without settings that are missing or broken; but whoever names a file here wants the
    /// controls and notifications in it.
    fn settings(&self) -> Result<Option<PathBuf>, ConfError> {
        let key = "settings";
        let Some(path) = self.path(key)? else {
            return Ok(None);
        };
        let path = self.keys.existing(key, path)?;
        settings::load(&path).map_err(|error| self.keys.unusable(key, error.to_string()))?;
        Ok(Some(path))
    }

    fn var_files(&self) -> Result<Vec<PathBuf>, ConfError> {
        let named = self.keys.list("var_files")?.into_iter();
        let mut files = named
            .map(|name| self.var_file_of_conf(&name))
            .collect::<Result<Vec<_>, _>>()?;
        let given = self.overrides.var_files.iter();
        for path in given.map(|path| self.host.resolve(path)) {
            let option = "--var-file";
            check_var_file(&path).map_err(|fault| ConfError::BadOption { option, fault })?;
            files.push(path);
        }
        Ok(files)
    }

    fn var_file_of_conf(&self, name: &str) -> Result<PathBuf, ConfError> {
        let key = "var_files";
        let path = self.keys.existing(key, self.in_folder(name))?;
        match check_var_file(&path) {
            Ok(()) => Ok(path),
            Err(fault) => Err(self.keys.unusable(key, fault.to_string())),
        }
    }

    fn variables(&self) -> Result<Vec<VarOverride>, ConfError> {
        let mut variables: Vec<VarOverride> = Vec::new();
        for variable in self
            .keys
            .variables()?
            .into_iter()
            .chain(self.overrides.vars.iter().cloned())
        {
            variables.retain(|earlier| earlier.name() != variable.name());
            variables.push(variable);
        }
        Ok(variables)
    }

    fn path(&self, key: &'static str) -> Result<Option<PathBuf>, ConfError> {
        Ok(self.keys.text(key)?.map(|text| self.in_folder(&text)))
    }

    fn in_folder(&self, path: &str) -> PathBuf {
        self.folder.join(self.host.expand_home(path))
    }
}

/// `chaos run` goes on without a variables file that is missing or does not parse; a run that was meant to have it
/// would hit another target than the one in the file.
fn check_var_file(path: &Path) -> Result<(), OptionFault> {
    if let Some(kind) = FileFault::of(path) {
        let path = path.to_owned();
        return Err(OptionFault::File { path, kind });
    }
    let read = read_var_files(&[path.to_owned()], &[]);
    let (_, warnings) = read.map_err(|error| OptionFault::Content(error.to_string()))?;
    match warnings.first() {
        Some(warning) => {
            let (path, reason) = (path.display(), &warning.reason);
            Err(OptionFault::Content(format!("{path} cannot be used: {reason}")))
        }
        None => Ok(()),
    }
}

/// The command line's value, or else the file's, which is not even looked at when it loses.
fn or_else<T>(
    given: Option<T>,
    from_file: impl FnOnce() -> Result<Option<T>, ConfError>,
) -> Result<Option<T>, ConfError> {
    match given {
        Some(value) => Ok(Some(value)),
        None => from_file(),
    }
}

#[cfg(test)]
mod tests;

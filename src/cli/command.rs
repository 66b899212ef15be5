//! What a `chaos` command line asks for, as plain types.

use std::path::PathBuf;

use chaos_engine::host::Host;
use chaos_engine::run::plan::{Dry, RollbackStrategy};

/// One call of `chaos`: the options before the command, and the command.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// Options that stand before the command.
    pub globals: Globals,
    /// What to do.
    pub command: Command,
}

/// Options that stand before the command and hold for all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Globals {
    /// Show DEBUG lines on the console, and where each line comes from.
    pub verbose: bool,
    /// Accepted for compatibility: no release server is ever asked.
    pub no_version_check: bool,
    /// Folder to move to once the log file is open.
    pub change_dir: Option<PathBuf>,
    /// Where log lines are appended; `None` for no log file.
    pub log_file: Option<PathBuf>,
    /// Lowest level in the log file.
    pub log_file_level: LogLevel,
    /// Form of the console log.
    pub log_format: LogFormat,
    /// `--settings`; see [`Globals::settings_path`] for the default.
    pub settings: Option<PathBuf>,
}

impl Globals {
    /// The settings file, seen from the host's working folder; `~/.chaostoolkit/settings.yaml` by default.
    pub fn settings_path(&self, host: &Host) -> PathBuf {
        match &self.settings {
            Some(path) => host.resolve(path),
            None => host.expand_home("~/.chaostoolkit/settings.yaml"),
        }
    }
}

/// A command with its own options.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `run SOURCE`
    Run(Box<RunArgs>),
    /// `validate SOURCE`
    Validate(ValidateArgs),
    /// `iam-policy SOURCE`
    IamPolicy(ValidateArgs),
    /// `recover [PATH]`
    Recover(RecoverArgs),
    /// `discover PACKAGE`
    Discover(DiscoverArgs),
    /// `init`
    Init(InitArgs),
    /// `info TARGET`
    Info(InfoTarget),
    /// `settings …`
    Settings(SettingsCommand),
    /// `fail-az …`
    FailAz(FailAzArgs),
    /// `load SCRIPT`
    Load(Box<LoadArgs>),
}

impl Command {
    /// The command's first word, as the log names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Validate(_) => "validate",
            Self::IamPolicy(_) => "iam-policy",
            Self::Recover(_) => "recover",
            Self::Discover(_) => "discover",
            Self::Init(_) => "init",
            Self::Info(_) => "info",
            Self::Settings(_) => "settings",
            Self::FailAz(_) => "fail-az",
            Self::Load(_) => "load",
        }
    }
}

/// `chaos run`. Paths are as given: they start from the working folder, after `--change-dir`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunArgs {
    /// Path or http(s) URL of the experiment.
    pub source: String,
    /// Where the journal goes.
    pub journal_path: PathBuf,
    /// What to leave out.
    pub dry: Option<Dry>,
    /// Skip the validation.
    pub no_validation: bool,
    /// Accept any TLS certificate when SOURCE is fetched.
    pub no_verify_tls: bool,
    /// `--rollback-strategy`, if given.
    pub rollback_strategy: Option<RollbackStrategy>,
    /// `NAME[:TYPE]=VALUE`, unparsed, in order.
    pub vars: Vec<String>,
    /// Variable files, in order; they exist.
    pub var_files: Vec<PathBuf>,
    /// Files of global controls, in order; they exist.
    pub control_files: Vec<PathBuf>,
    /// `--hypothesis-strategy`, if given, as spelt: one spelling is worth a warning.
    pub hypothesis_strategy: Option<String>,
    /// Seconds between two checks of a continuous hypothesis.
    pub hypothesis_frequency: f64,
    /// End the method as soon as the continuous hypothesis deviates.
    pub fail_fast: bool,
    /// Percent of deviated checks from which `fail_fast` acts.
    pub fail_fast_ratio: f64,
}

/// `chaos validate` and `chaos iam-policy`.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidateArgs {
    /// Path or http(s) URL of the experiment.
    pub source: String,
    /// Accept any TLS certificate when SOURCE is fetched.
    pub no_verify_tls: bool,
}

/// `chaos recover`.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoverArgs {
    /// The journal of the dead run, or the folder it is in; the working folder when left out.
    pub path: Option<PathBuf>,
    /// When to play the rollbacks, instead of what the run was told.
    pub rollback_strategy: Option<RollbackStrategy>,
}

/// `chaos discover`.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoverArgs {
    /// Package or native extension to look into.
    pub package: String,
    /// Leave the target system alone.
    pub no_system_info: bool,
    /// Do not install the package first.
    pub no_install: bool,
    /// Where the outcome goes.
    pub discovery_path: PathBuf,
}

/// `chaos init`.
#[derive(Clone, Debug, PartialEq)]
pub struct InitArgs {
    /// An outcome of `chaos discover`; need not exist.
    pub discovery_path: PathBuf,
    /// Where the experiment goes; `.yaml` and `.yml` are written as YAML, all others as JSON.
    pub experiment_path: PathBuf,
}

/// `chaos settings …`.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingsCommand {
    /// Print all.
    Show {
        /// How to print it.
        format: OutputFormat,
    },
    /// Print one entry.
    Get {
        /// Dotted key.
        key: String,
        /// How to print it.
        format: OutputFormat,
    },
    /// Change one entry.
    Set {
        /// Dotted key.
        key: String,
        /// The new value as JSON.
        value: String,
    },
    /// Remove one entry.
    Remove {
        /// Dotted key.
        key: String,
    },
}

/// `chaos fail-az …`.
#[derive(Clone, Debug, PartialEq)]
pub struct FailAzArgs {
    /// `--region`, if given.
    pub region: Option<String>,
    /// `--profile`, if given.
    pub profile: Option<String>,
    /// What to do.
    pub command: FailAzCommand,
}

/// What `chaos fail-az` does in a namespace.
#[derive(Clone, Debug, PartialEq)]
pub enum FailAzCommand {
    /// Fail zones.
    Fail {
        namespace: String,
        /// Where zones and targets are named; standard input when absent.
        file: Option<PathBuf>,
    },
    /// Restore all.
    Recover { namespace: String },
    /// Save a state.
    StateSave {
        namespace: String,
        /// Type of the resource.
        kind: String,
        /// Key of the resource.
        key: String,
        /// The state; standard input when absent.
        data: Option<Vec<u8>>,
    },
    /// Print states.
    StateRead {
        namespace: String,
        /// Only of this type.
        kind: Option<String>,
        /// Only of this key.
        key: Option<String>,
    },
    /// Remove a state.
    StateDelete {
        namespace: String,
        /// Type of the resource.
        kind: String,
        /// Key of the resource.
        key: String,
    },
}

/// Defines an enum of the words that an option takes, with the words.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every choice, in the order that help shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The choice of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == word)
            }
        }
    };
}

choices! {
    /// Lowest level in the log file.
    LogLevel {
        /// Everything.
        Debug = "debug",
        /// No debug lines.
        Info = "info",
        /// Warnings and worse.
        Warning = "warning",
        /// Errors and worse.
        Error = "error",
    }
}

choices! {
    /// Form of the console log.
    LogFormat {
        /// One line for a person.
        String = "string",
        /// One JSON object a line.
        Json = "json",
    }
}

choices! {
    /// What `chaos info` shows.
    InfoTarget {
        /// Versions.
        Core = "core",
        /// The settings file.
        Settings = "settings",
        /// Native and Python extensions.
        Extensions = "extensions",
    }
}

choices! {
    /// How `chaos settings` prints.
    OutputFormat {
        /// Plain text; `get` only.
        String = "string",
        /// JSON.
        Json = "json",
        /// YAML.
        Yaml = "yaml",
    }
}

/// `chaos load`. Options that are not given are the script's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadArgs {
    /// Path of the script.
    pub script: PathBuf,
    /// Virtual users.
    pub vus: Option<u64>,
    /// As k6 writes it: `30s`.
    pub duration: Option<String>,
    /// Iterations of all users together.
    pub iterations: Option<u64>,
    /// Each as `10s:5`.
    pub stages: Vec<String>,
    /// Variables for `__ENV`, besides those of the process.
    pub env: Vec<(String, String)>,
    /// Tags for all samples.
    pub tags: Vec<(String, String)>,
    /// Requests per second at most.
    pub rps: Option<u64>,
    /// The user agent of requests.
    pub user_agent: Option<String>,
    /// Accept any TLS certificate.
    pub insecure_skip_tls_verify: bool,
    /// Log requests and responses.
    pub http_debug: Option<String>,
    /// Leave out `setup()`.
    pub no_setup: bool,
    /// Leave out `teardown()`.
    pub no_teardown: bool,
    /// Ignore thresholds.
    pub no_thresholds: bool,
    /// Where the summary goes as JSON.
    pub summary_export: Option<PathBuf>,
    /// The columns of trends, with commas between.
    pub summary_trend_stats: Option<String>,
    /// The unit of times.
    pub summary_time_unit: Option<String>,
    /// Show no summary.
    pub no_summary: bool,
    /// Show no live line.
    pub quiet: bool,
    /// MiB for the script of each user.
    pub user_memory: usize,
}

//! The options as clap reads them; doc comments here are what `--help` shows.

use std::ffi::OsString;
use std::path::PathBuf;

use chaos_engine::run::plan::{Dry, HypothesisStrategy, RollbackStrategy};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::fail_az::FailAzOptions;
use super::load::LoadOptions;
use crate::cli::command::{
    Command, DiscoverArgs, Globals, InfoTarget, InitArgs, LogFormat, LogLevel, OutputFormat, RecoverArgs,
    RunArgs, SettingsCommand, ValidateArgs,
};

/// The global options and, unread, everything from the command on.
#[derive(Debug, Parser)]
#[command(name = "chaos", disable_help_flag = true, disable_version_flag = true)]
#[command(override_usage = "chaos [OPTIONS] COMMAND [ARGS]...")]
pub struct Head {
    #[command(flatten)]
    pub globals: GlobalOptions,
    /// Print the version and exit
    #[arg(long)]
    pub version: bool,
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    #[arg(trailing_var_arg = true)]
    pub rest: Vec<OsString>,
}

/// Run chaos engineering experiments, in the Chaos Toolkit's format.
#[derive(Debug, Parser)]
#[command(name = "chaos", disable_help_flag = true, disable_help_subcommand = true)]
#[command(override_usage = "chaos [OPTIONS] COMMAND [ARGS]...")]
pub struct Whole {
    #[command(flatten)]
    pub globals: GlobalOptions,
    /// Print the version and exit
    #[arg(long)]
    version: bool,
    /// Print this help and exit
    #[arg(long, global = true, display_order = 1000, action = clap::ArgAction::Help)]
    help: Option<bool>,
    #[command(subcommand)]
    pub command: Commands,
}

#[derive(Debug, Args)]
pub struct GlobalOptions {
    /// Show debug lines, and the place each line comes from
    #[arg(long)]
    verbose: bool,
    /// Accepted for compatibility: no release server is ever asked
    #[arg(long)]
    no_version_check: bool,
    /// Move to this folder once the log file is open
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    change_dir: Option<OsString>,
    /// Write no log file at all
    #[arg(long)]
    no_log_file: bool,
    /// File that log lines are appended to
    #[arg(
        long,
        value_name = "PATH",
        default_value = "chaostoolkit.log",
        allow_hyphen_values = true
    )]
    log_file: OsString,
    /// Lowest level in the log file
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "debug")]
    log_file_level: LogLevel,
    /// Form of the log on the console
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "string")]
    log_format: LogFormat,
    /// Settings file [default: ~/.chaostoolkit/settings.yaml]
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    settings: Option<OsString>,
}

impl From<GlobalOptions> for Globals {
    fn from(options: GlobalOptions) -> Self {
        let path = |text: OsString| (!text.is_empty()).then(|| PathBuf::from(text));
        Self {
            verbose: options.verbose,
            no_version_check: options.no_version_check,
            change_dir: options.change_dir.and_then(path),
            log_file: path(options.log_file).filter(|_| !options.no_log_file),
            log_file_level: options.log_file_level,
            log_format: options.log_format,
            settings: options.settings.map(PathBuf::from),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Run the experiment at SOURCE
    Run(Box<RunOptions>),
    /// Check the experiment at SOURCE without running it
    Validate(ValidateOptions),
    /// Print the least-privilege IAM policy that the experiment at SOURCE needs
    IamPolicy(ValidateOptions),
    /// Finish a run that died: play the rollbacks still owed and write its journal
    Recover {
        /// Journal of the dead run, or its folder [default: the working folder]
        #[arg(value_name = "PATH")]
        path: Option<PathBuf>,
        /// When to play the rollbacks, instead of what the run was told
        #[arg(long, value_parser = rollbacks(), value_name = "STRATEGY")]
        rollback_strategy: Option<RollbackStrategy>,
    },
    /// List the activities of an extension in a file
    Discover(DiscoverOptions),
    /// Write an experiment by answering questions
    Init(InitOptions),
    /// Show versions, extensions or settings
    Info {
        /// What to show
        #[arg(value_enum, value_name = "TARGET")]
        target: InfoTarget,
    },
    /// Show or change the settings file
    #[command(subcommand, disable_help_subcommand = true)]
    Settings(SettingsCommands),
    /// Fail availability zones, and recover from it
    FailAz(FailAzOptions),
    /// Run a k6 script alone
    Load(Box<LoadOptions>),
}

#[derive(Debug, Args)]
pub struct RunOptions {
    /// Path or http(s) URL of the experiment, JSON or YAML
    #[arg(value_name = "SOURCE")]
    source: String,
    /// File that the journal is written to
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./journal.json",
        allow_hyphen_values = true
    )]
    journal_path: OsString,
    /// Leave this out of the run, and record what would have been done
    #[arg(long, value_parser = dry(), value_name = "WHAT")]
    dry: Option<Dry>,
    /// Do not validate the experiment first
    #[arg(long)]
    no_validation: bool,
    /// Accept any TLS certificate when fetching SOURCE
    #[arg(long)]
    no_verify_tls: bool,
    /// When to play the rollbacks; the default is unless the run fails or is interrupted
    #[arg(long, value_parser = rollbacks(), value_name = "STRATEGY")]
    rollback_strategy: Option<RollbackStrategy>,
    /// Value for a configuration entry; types: str, int, float, bool, bytes, json. May be repeated
    #[arg(long = "var", value_name = "NAME[:TYPE]=VALUE", allow_hyphen_values = true)]
    vars: Vec<String>,
    /// Values for configuration and secrets (YAML, JSON), or environment variables (.env). May be repeated
    #[arg(long = "var-file", value_name = "PATH", allow_hyphen_values = true)]
    var_files: Vec<OsString>,
    /// Controls to apply to the whole run (YAML, JSON). May be repeated
    #[arg(long = "control-file", value_name = "PATH", allow_hyphen_values = true)]
    control_files: Vec<OsString>,
    /// When to check the steady-state hypothesis
    #[arg(long, value_parser = hypothesis_words(), value_name = "STRATEGY")]
    hypothesis_strategy: Option<String>,
    /// Seconds between checks with during-method-only and continuously
    #[arg(long, value_name = "SECONDS", default_value = "1.0", value_parser = seconds, allow_hyphen_values = true)]
    hypothesis_frequency: f64,
    /// End the method as soon as a check during it is not met
    #[arg(long)]
    fail_fast: bool,
    /// Percent of the checks that must not be met before --fail-fast acts
    #[arg(long = "fail-fast-percent", value_name = "PERCENT", default_value = "0", value_parser = percent, allow_hyphen_values = true)]
    fail_fast_ratio: f64,
}

#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// Path or http(s) URL of the experiment, JSON or YAML
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Accept any TLS certificate when fetching SOURCE
    #[arg(long)]
    no_verify_tls: bool,
}

#[derive(Debug, Args)]
pub struct DiscoverOptions {
    /// A native extension or a Python package
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// Leave the target system alone
    #[arg(long)]
    no_system_info: bool,
    /// The package is installed already
    #[arg(long)]
    no_install: bool,
    /// File that the outcome is written to
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./discovery.json",
        allow_hyphen_values = true
    )]
    discovery_path: OsString,
}

#[derive(Debug, Args)]
pub struct InitOptions {
    /// An outcome of `chaos discover` to choose activities from
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./discovery.json",
        allow_hyphen_values = true
    )]
    discovery_path: OsString,
    /// File that the experiment is written to (.yaml, .yml or .json)
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./experiment.json",
        allow_hyphen_values = true
    )]
    experiment_path: OsString,
}

#[derive(Debug, Subcommand)]
pub enum SettingsCommands {
    /// Show all settings, secret values included
    Show {
        /// How to print them
        #[arg(long, default_value = "yaml", value_parser = show_format())]
        format: OutputFormat,
    },
    /// Show one entry
    Get {
        /// Dotted key, such as auths.example\.com.type or list[0].name
        #[arg(value_name = "KEY")]
        key: String,
        /// How to print it
        #[arg(long, value_enum, default_value = "yaml")]
        format: OutputFormat,
    },
    /// Change an entry that exists
    Set {
        /// Dotted key, such as auths.example\.com.type or list[0].name
        #[arg(value_name = "KEY")]
        key: String,
        /// The new value as JSON: 12, true, '"text"', '{"a": 1}'
        #[arg(value_name = "VALUE")]
        value: String,
    },
    /// Remove an entry and all below it
    Remove {
        /// Dotted key, such as auths.example\.com.type or list[0].name
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// The choices that clap shows and checks, for each of the plain enums.
macro_rules! value_enums {
    ($($name:ident),+) => {
        $(impl ValueEnum for $name {
            fn value_variants<'a>() -> &'a [Self] {
                Self::ALL
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(PossibleValue::new(self.as_str()))
            }
        })+
    };
}

value_enums!(LogLevel, LogFormat, InfoTarget, OutputFormat);

fn dry() -> impl TypedValueParser<Value = Dry> {
    PossibleValuesParser::new(Dry::NAMES).try_map(|word| Dry::parse(&word).ok_or("not a dry mode"))
}

fn rollbacks() -> impl TypedValueParser<Value = RollbackStrategy> {
    PossibleValuesParser::new(RollbackStrategy::NAMES).map(|word| RollbackStrategy::parse(&word))
}

/// `skip` can be asked for in an experiment only; the last word is a misspelling that the Chaos Toolkit takes too.
fn hypothesis_words() -> PossibleValuesParser {
    let words = HypothesisStrategy::NAMES
        .into_iter()
        .filter(|word| *word != "skip");
    let words = words.map(PossibleValue::new);
    PossibleValuesParser::new(words.chain([PossibleValue::new(MISSPELT).hide(true)]))
}

/// A misspelling of `continuously` that is taken with a warning.
pub const MISSPELT: &str = "continously";

fn show_format() -> impl TypedValueParser<Value = OutputFormat> {
    PossibleValuesParser::new(["json", "yaml"])
        .try_map(|word| OutputFormat::from_word(&word).ok_or("not a format"))
}

fn float(text: &str) -> Result<f64, String> {
    chaos_engine::value::python::parse_float(text).ok_or_else(|| "not a number".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = float(text)?;
    let usable = number.is_finite() && number >= 0.0;
    usable
        .then_some(number)
        .ok_or_else(|| "not a number of seconds, 0 or more".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let number = float(text)?;
    (0.0..=100.0)
        .contains(&number)
        .then_some(number)
        .ok_or_else(|| "not between 0 and 100".to_owned())
}

impl From<Commands> for Command {
    fn from(command: Commands) -> Self {
        match command {
            Commands::Run(options) => Self::Run(Box::new((*options).into())),
            Commands::Validate(options) => Self::Validate(options.into()),
            Commands::IamPolicy(options) => Self::IamPolicy(options.into()),
            Commands::Recover {
                path,
                rollback_strategy,
            } => Self::Recover(RecoverArgs {
                path,
                rollback_strategy,
            }),
            Commands::Discover(options) => Self::Discover(DiscoverArgs {
                package: options.package,
                no_system_info: options.no_system_info,
                no_install: options.no_install,
                discovery_path: options.discovery_path.into(),
            }),
            Commands::Init(options) => Self::Init(InitArgs {
                discovery_path: options.discovery_path.into(),
                experiment_path: options.experiment_path.into(),
            }),
            Commands::Info { target } => Self::Info(target),
            Commands::Settings(command) => Self::Settings(command.into()),
            Commands::FailAz(options) => Self::FailAz(options.into()),
            Commands::Load(options) => Self::Load(Box::new((*options).into())),
        }
    }
}

impl From<ValidateOptions> for ValidateArgs {
    fn from(options: ValidateOptions) -> Self {
        Self {
            source: options.source,
            no_verify_tls: options.no_verify_tls,
        }
    }
}

impl From<RunOptions> for RunArgs {
    fn from(options: RunOptions) -> Self {
        let paths = |names: Vec<OsString>| names.into_iter().map(PathBuf::from).collect();
        Self {
            source: options.source,
            journal_path: options.journal_path.into(),
            dry: options.dry,
            no_validation: options.no_validation,
            no_verify_tls: options.no_verify_tls,
            rollback_strategy: options.rollback_strategy,
            vars: options.vars,
            var_files: paths(options.var_files),
            control_files: paths(options.control_files),
            hypothesis_strategy: options.hypothesis_strategy,
            hypothesis_frequency: options.hypothesis_frequency,
            fail_fast: options.fail_fast,
            fail_fast_ratio: options.fail_fast_ratio,
        }
    }
}

impl From<SettingsCommands> for SettingsCommand {
    fn from(command: SettingsCommands) -> Self {
        match command {
            SettingsCommands::Show { format } => Self::Show { format },
            SettingsCommands::Get { key, format } => Self::Get { key, format },
            SettingsCommands::Set { key, value } => Self::Set { key, value },
            SettingsCommands::Remove { key } => Self::Remove { key },
        }
    }
}

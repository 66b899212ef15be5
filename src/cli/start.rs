//! The command line of `start-chaos`, and the environment in its place.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::conf::{Choice, Overrides, VarOverride};
use crate::upload::{BucketPath, TopicArn};
use chaos_engine::run::plan::{Dry, HypothesisStrategy, RollbackStrategy};

/// Run a chaos experiment as its experiment.conf says, and keep its journal.
///
/// Options win over the file. Each can also come from the environment, as shown; an empty value counts as none.
///
/// Exit codes: 0 completed and not deviated; 1 deviated, failed, aborted or interrupted; 2 wrong usage or
/// configuration, nothing was touched; 3 the run was fine and the upload was not; 4 the hypothesis was not met before the
/// method, so nothing was tried.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "start-chaos",
    version,
    disable_help_subcommand = true,
    subcommand_negates_reqs = true,
    override_usage = "start-chaos [OPTIONS] CONFIG_FILE\n       start-chaos recover [OPTIONS] [PATH]\n       start-chaos list [FOLDER]"
)]
pub struct StartArgs {
    /// The configuration file, or a folder that holds an experiment.conf (a folder called `recover`: ./recover)
    #[arg(value_name = "CONFIG_FILE", env = "CHAOS_CONFIG_FILE", required = true,
          value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub config_file: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Option<StartCommand>,

    /// Show debug messages too
    #[arg(short, long, env = "CHAOS_VERBOSE", global = true, action = ArgAction::SetTrue, value_parser = flag)]
    pub verbose: bool,

    /// The section of the file to use [default: DEFAULT]
    #[arg(long, env = "CHAOS_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,

    /// Upload journal and log to this bucket: `bucket`, `bucket/prefix` or `s3://bucket/prefix`
    #[arg(long, env = "CHAOS_JOURNALS_BUCKET", value_name = "BUCKET", global = true, value_parser = given::<BucketPath>)]
    journals_bucket: Option<Given<BucketPath>>,

    /// A variable of the experiment's configuration; repeatable (environment: one a line)
    #[arg(
        long = "var",
        env = "CHAOS_VAR",
        value_name = "NAME[:TYPE]=VALUE",
        hide_env_values = true
    )]
    vars: Vec<String>,

    /// A file of variables: YAML, JSON or .env; repeatable (environment: separated by commas or lines)
    #[arg(long = "var-file", env = "CHAOS_VAR_FILE", value_name = "PATH")]
    var_files: Vec<String>,

    /// Leave out probes, actions, activities (both) or pause
    #[arg(long, env = "CHAOS_DRY", value_name = "MODE", value_parser = choice::<Dry>)]
    dry: Option<Given<Dry>>,

    /// When to play rollbacks: default, always, never or deviated
    #[arg(long, env = "CHAOS_ROLLBACK_STRATEGY", value_name = "NAME", value_parser = choice::<RollbackStrategy>)]
    rollback_strategy: Option<Given<RollbackStrategy>>,

    /// When to check the hypothesis: default, before-method-only, after-method-only, during-method-only or
    /// continuously
    #[arg(long, env = "CHAOS_HYPOTHESIS_STRATEGY", value_name = "NAME", value_parser = choice::<HypothesisStrategy>)]
    hypothesis_strategy: Option<Given<HypothesisStrategy>>,

    /// Seconds between two checks during the method
    #[arg(long, env = "CHAOS_HYPOTHESIS_FREQUENCY", value_name = "SECONDS", value_parser = seconds)]
    hypothesis_frequency: Option<Given<f64>>,

    /// End the method as soon as a check during it deviates
    #[arg(long, env = "CHAOS_FAIL_FAST", value_name = "BOOL", value_parser = boolean,
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    fail_fast: Option<Given<bool>>,

    /// With --fail-fast: only from this percentage of deviated checks on
    #[arg(long, env = "CHAOS_FAIL_FAST_RATIO", value_name = "PERCENT", value_parser = percent)]
    fail_fast_ratio: Option<Given<f64>>,

    /// Show the resolved run, secrets masked, and the equivalent `chaos run` command; run nothing
    #[arg(long, env = "CHAOS_PRINT_RUN", action = ArgAction::SetTrue, value_parser = flag)]
    pub print_run: bool,

    /// Show the contexts of the file; run nothing
    #[arg(long, env = "CHAOS_LIST_CONTEXTS", action = ArgAction::SetTrue, value_parser = flag)]
    pub list_contexts: bool,

    /// Publish the outcome to this SNS topic
    #[arg(long, env = "EXPERIMENT_RESULTS_TOPIC_ARN", value_name = "ARN", global = true, value_parser = given::<TopicArn>)]
    results_topic_arn: Option<Given<TopicArn>>,
}

/// What `start-chaos` does besides starting.
#[derive(Clone, Debug, Subcommand)]
pub enum StartCommand {
    /// Finish a run that died: play the rollbacks it still owes, once each, and write its journal
    Recover {
        /// The write-ahead file, its journal, or the folder of either [default: the working folder]
        path: Option<PathBuf>,
    },
    /// Show the experiments of a library: what each hits, its contexts, and how long it takes
    List {
        /// The folder to look through
        #[arg(default_value = "library")]
        folder: PathBuf,
    },
}

/// A value that an empty text takes back.
#[derive(Clone, Debug)]
struct Given<T>(Option<T>);

impl StartArgs {
    /// Reads a command line, program name first, and the environment of this process.
    ///
    /// # Errors
    /// For wrong usage, and for `--help` and `--version`; clap's error knows what to print and the exit code (2, or 0).
    pub fn parse_line<I, A>(line: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = A>,
        A: Into<OsString> + Clone,
    {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(line)?;
        let mut args = Self::from_arg_matches(&matches)?;
        let no_config = args
            .config_file
            .as_ref()
            .is_none_or(|path| path.as_os_str().is_empty());
        if no_config && args.command.is_none() {
            let text = "no CONFIG_FILE is given, and CHAOS_CONFIG_FILE is empty";
            return Err(command.error(ErrorKind::MissingRequiredArgument, text));
        }
        args.split_lists(&matches);
        args.check(&matches)
            .map_err(|(kind, text)| command.error(kind, text))?;
        Ok(args)
    }

    /// The bucket to upload to, if any.
    pub fn journals_bucket(&self) -> Option<BucketPath> {
        value(&self.journals_bucket)
    }

    /// The topic to publish to, if any.
    pub fn results_topic_arn(&self) -> Option<TopicArn> {
        value(&self.results_topic_arn)
    }

    /// What stands above the file.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            rollback_strategy: value(&self.rollback_strategy),
            hypothesis_strategy: value(&self.hypothesis_strategy),
            hypothesis_frequency: value(&self.hypothesis_frequency),
            fail_fast: value(&self.fail_fast),
            fail_fast_ratio: value(&self.fail_fast_ratio),
            var_files: self.var_files.iter().map(PathBuf::from).collect(),
            // Those that cannot be read were refused by `check`.
            vars: self.vars.iter().filter_map(|text| text.parse().ok()).collect(),
            dry: value(&self.dry),
        }
    }

    /// One environment variable holds a whole list; an option holds one item.
    fn split_lists(&mut self, matches: &ArgMatches) {
        let from_environment = |id| matches.value_source(id) == Some(ValueSource::EnvVariable);
        let split = |list: &mut Vec<String>, separators: &[char]| {
            let items = list.iter().flat_map(|text| text.split(separators));
            *list = items
                .filter(|item| !item.trim().is_empty())
                .map(|item| item.trim().to_owned())
                .collect();
        };
        if from_environment("vars") {
            split(&mut self.vars, &['\n']);
        }
        if from_environment("var_files") {
            split(&mut self.var_files, &['\n', ',']);
        }
    }

    fn check(&self, matches: &ArgMatches) -> Result<(), (ErrorKind, String)> {
        let has_config = matches.value_source("config_file") == Some(ValueSource::CommandLine);
        if has_config && self.command.is_some() {
            let text =
                "`recover` and `list` take no CONFIG_FILE before them; write `start-chaos recover [PATH]`";
            return Err((ErrorKind::ArgumentConflict, text.to_owned()));
        }
        // Not by clap's own value parser: its message would show the text, which may hold a secret.
        let bad = self
            .vars
            .iter()
            .find_map(|text| VarOverride::from_str(text).err());
        match bad {
            Some(fault) => Err((ErrorKind::ValueValidation, format!("--var: {fault}"))),
            None => Ok(()),
        }
    }
}

fn value<T: Clone>(given: &Option<Given<T>>) -> Option<T> {
    given.as_ref().and_then(|given| given.0.clone())
}

fn given<T: FromStr<Err: ToString>>(text: &str) -> Result<Given<T>, String> {
    match text.is_empty() {
        true => Ok(Given(None)),
        false => text
            .parse()
            .map(|value| Given(Some(value)))
            .map_err(|fault: T::Err| fault.to_string()),
    }
}

fn choice<C: Choice>(text: &str) -> Result<Given<C>, String> {
    match text.is_empty() {
        true => Ok(Given(None)),
        false => C::from_name(text)
            .map(|value| Given(Some(value)))
            .map_err(|fault| fault.to_string()),
    }
}

fn boolean(text: &str) -> Result<Given<bool>, String> {
    match text.to_lowercase().as_str() {
        "" => Ok(Given(None)),
        "1" | "yes" | "true" | "on" => Ok(Given(Some(true))),
        "0" | "no" | "false" | "off" => Ok(Given(Some(false))),
        _ => Err("write one of 1, yes, true, on, 0, no, false, off".to_owned()),
    }
}

fn flag(text: &str) -> Result<bool, String> {
    boolean(text).map(|given| given.0.unwrap_or(false))
}

fn seconds(text: &str) -> Result<Given<f64>, String> {
    number(text, 0.0, f64::MAX, "a number of seconds, 0 or more")
}

fn percent(text: &str) -> Result<Given<f64>, String> {
    number(text, 0.0, 100.0, "a number from 0 to 100")
}

fn number(text: &str, least: f64, most: f64, described: &str) -> Result<Given<f64>, String> {
    let number = |text: &str| text.parse().ok().filter(|number| (least..=most).contains(number));
    match text.is_empty() {
        true => Ok(Given(None)),
        false => number(text)
            .map(|value| Given(Some(value)))
            .ok_or_else(|| format!("write {described}")),
    }
}

#[cfg(test)]
mod tests;

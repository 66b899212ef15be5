//! The options of `chaos fail-az`, which are those of the program aws-fail-az.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::command::{FailAzArgs, FailAzCommand};

#[derive(Debug, Args)]
pub struct FailAzOptions {
    #[command(subcommand)]
    command: FailAzCommands,
    /// AWS region, instead of the environment's or the profile's
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        default_value = "",
        hide_default_value = true
    )]
    region: String,
    /// Profile of the shared AWS files
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    profile: String,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum FailAzCommands {
    /// Fail the zones for the targets that CONFIG_FILE names
    Fail {
        /// JSON: {"azs": [...], "targets": [...]}
        #[arg(
            value_name = "CONFIG_FILE",
            required_unless_present = "stdin",
            conflicts_with = "stdin"
        )]
        file: Option<PathBuf>,
        /// Read it from standard input
        #[arg(long)]
        stdin: bool,
        #[command(flatten)]
        namespace: Namespace,
    },
    /// Restore everything that is failed
    Recover {
        #[command(flatten)]
        namespace: Namespace,
        #[command(flatten)]
        surplus: Surplus,
    },
    /// Save a state of one's own
    StateSave {
        #[command(flatten)]
        namespace: Namespace,
        /// Type of the resource
        #[arg(long = "type", value_name = "TEXT")]
        kind: String,
        /// Key of the resource
        #[arg(long, value_name = "TEXT")]
        key: String,
        /// The state, as it is
        #[arg(
            long,
            value_name = "TEXT",
            required_unless_present = "stdin",
            conflicts_with = "stdin",
            allow_hyphen_values = true
        )]
        data: Option<OsString>,
        /// Read the state from standard input
        #[arg(long)]
        stdin: bool,
        #[command(flatten)]
        surplus: Surplus,
    },
    /// Print states as JSON
    StateRead {
        #[command(flatten)]
        namespace: Namespace,
        /// Only those of this type
        #[arg(long = "type", value_name = "TEXT")]
        kind: Option<String>,
        /// Only those of this key
        #[arg(long, value_name = "TEXT")]
        key: Option<String>,
        #[command(flatten)]
        surplus: Surplus,
    },
    /// Remove a state without restoring anything
    StateDelete {
        #[command(flatten)]
        namespace: Namespace,
        /// Type of the resource
        #[arg(long = "type", value_name = "TEXT")]
        kind: String,
        /// Key of the resource
        #[arg(long, value_name = "TEXT")]
        key: String,
        #[command(flatten)]
        surplus: Surplus,
    },
}

#[derive(Debug, Args)]
struct Namespace {
    /// What belongs together, to be recovered together [default: default]
    #[arg(
        long = "ns",
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    namespace: String,
}

impl From<Namespace> for String {
    fn from(Namespace { namespace }: Namespace) -> Self {
        if namespace.is_empty() {
            "default".to_owned()
        } else {
            namespace
        }
    }
}

/// Arguments that aws-fail-az takes and ignores.
#[derive(Debug, Args)]
struct Surplus {
    #[arg(hide = true, value_name = "IGNORED")]
    #[allow(dead_code, reason = "only that they are accepted matters")]
    ignored: Vec<OsString>,
}

impl From<FailAzOptions> for FailAzArgs {
    fn from(options: FailAzOptions) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            region: given(options.region),
            profile: given(options.profile),
            command: options.command.into(),
        }
    }
}

impl From<FailAzCommands> for FailAzCommand {
    fn from(command: FailAzCommands) -> Self {
        use FailAzCommands as Given;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        match command {
            Given::Fail { file, namespace, .. } => Self::Fail {
                namespace: namespace.into(),
                file,
            },
            Given::Recover { namespace, .. } => Self::Recover {
                namespace: namespace.into(),
            },
            Given::StateSave {
                namespace,
                kind,
                key,
                data,
                ..
            } => Self::StateSave {
                namespace: namespace.into(),
                kind,
                key,
                data: data.map(OsString::into_encoded_bytes),
            },
            Given::StateRead {
                namespace, kind, key, ..
            } => Self::StateRead {
                namespace: namespace.into(),
                kind: given(kind),
                key: given(key),
            },
            Given::StateDelete {
                namespace, kind, key, ..
            } => Self::StateDelete {
                namespace: namespace.into(),
                kind,
                key,
            },
        }
    }
}

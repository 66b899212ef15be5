//! `chaos fail-az`: what the program aws-fail-az does, without it.

use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use chaos_aws::AwsError;
use chaos_aws::az::{FailAz, Input, Target, to_json};
use chaos_aws::client::Environment;
use chaos_engine::activity::Context;
use chaos_engine::host::Host;
use chaos_engine::value::Value;

use super::command::{FailAzArgs, FailAzCommand};
use crate::exit;

/// How messages name it.
const STDIN: &str = "standard input";

/// Why nothing was done, or not all.
#[derive(Debug, thiserror::Error)]
pub enum FailAzError {
    /// The file, or standard input, cannot be read.
    #[error("cannot read {place}: {source}")]
    Read {
        place: String,
        #[source]
        source: io::Error,
    },
    /// The document is not one.
    #[error(
        "zones and targets in {place} cannot be used: {reason}. They look like {{\"azs\": [\"us-east-1b\"], \"targets\": \
         [{{\"type\": \"ecs-service\", \"filter\": \"cluster=prod;service=front\"}}]}}"
    )]
    Input { place: String, reason: String },
    /// There is nothing to save.
    #[error("there is no state to save: --data or standard input is empty")]
    NoData,
    /// AWS was asked.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// States cannot be printed.
    #[error("the states cannot be printed: {0}")]
    Print(#[from] io::Error),
}

impl FailAzError {
    /// Wrong usage is told from what AWS was asked for: in the first case it has not been called.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. } | Self::Input { .. } | Self::NoData => exit::USAGE,
            Self::Aws(_) | Self::Print(_) => exit::NOT_AS_HOPED,
        }
    }
}

/// Does what a command says, and prints what it asks for.
///
/// # Errors
/// What cannot be used of the files and the input that the command names, before AWS is called; what AWS refuses, and
/// what could not be restored.
pub async fn execute(
    args: FailAzArgs,
    host: Host,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), FailAzError> {
    let (region, profile) = (args.region, args.profile);
    let az = async |host| FailAz::of(&context(region, profile, host).await, None).await;
    match args.command {
        FailAzCommand::Fail { namespace, file } => {
            let (zones, targets) = read_input(file.as_deref(), &host, stdin)?;
            az(host).await?.fail(&namespace, &zones, &targets).await?;
        }
        FailAzCommand::Recover { namespace } => az(host).await?.recover(&namespace).await?,
        FailAzCommand::StateSave {
            namespace,
            kind,
            key,
            data,
        } => {
            let data = data.map_or_else(|| read_all(stdin), Ok)?;
            if data.is_empty() {
                return Err(FailAzError::NoData);
            }
            az(host).await?.save_state(&namespace, &kind, &key, data).await?;
        }
        FailAzCommand::StateRead { namespace, kind, key } => {
            let az = az(host).await?;
            let states = az.states(&namespace, kind.as_deref(), key.as_deref()).await?;
            writeln!(out, "{}", to_json(&states).map_err(io::Error::from)?)?;
        }
        FailAzCommand::StateDelete { namespace, kind, key } => {
            az(host).await?.delete_state(&namespace, &kind, &key).await?
        }
    }
    Ok(())
}

/// What an activity would have: the region and the profile are those of the options, else of the environment; the region
/// may also be the profile's.
async fn context(region: Option<String>, profile: Option<String>, host: Host) -> Context {
    let mut region = region;
    if region.is_none() && Environment::of(&host).region().is_none() {
        let mut of_profile = ProfileFileRegionProvider::builder();
        if let Some(profile) = &profile {
            of_profile = of_profile.profile_name(profile);
        }
        region = of_profile.build().region().await.map(|region| region.to_string());
    }
    let settings = [("aws_region", region), ("aws_profile_name", profile)];
    let given = settings
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), Value::from(text?))));
    Context::new(Rc::new(given.collect()), Rc::default(), Rc::new(host), 0)
}

fn read_input(
    file: Option<&Path>,
    host: &Host,
    stdin: &mut dyn Read,
) -> Result<(Vec<String>, Vec<Target>), FailAzError> {
    let place = file.unwrap_or(Path::new(STDIN)).display().to_string();
    let json = match file {
        Some(path) => std::fs::read(host.resolve(path)).map_err(|source| FailAzError::Read {
            place: place.clone(),
            source,
        })?,
        None => read_all(stdin)?,
    };
    parse(&json).map_err(|reason| FailAzError::Input { place, reason })
}

fn read_all(stdin: &mut dyn Read) -> Result<Vec<u8>, FailAzError> {
    let mut bytes = Vec::new();
    match stdin.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(FailAzError::Read {
            place: STDIN.to_owned(),
            source,
        }),
    }
}

fn parse(json: &[u8]) -> Result<(Vec<String>, Vec<Target>), String> {
    let input: Input = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let (zones, targets) = input.into_parts();
    if zones.is_empty() || targets.is_empty() {
        return Err("`azs` and `targets` must not be empty".to_owned());
    }
    Ok((zones, targets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_fails_nothing_is_refused() {
        for (json, word) in [
            ("", "EOF"),
            (r#"{"azs": ["a"], "targets": []} x"#, "trailing"),
            (
                r#"{"azs": [], "targets": [{"type": "auto-scaling-group", "filter": "name=g"}]}"#,
                "empty",
            ),
            (r#"{"azs": ["a"]}"#, "empty"),
            (
                r#"{"azs": ["a"], "targets": [{"type": "auto-scaling-group"}]}"#,
                "filter",
            ),
            (r#"{"azs": "a", "targets": []}"#, "string"),
        ] {
            let error = parse(json.as_bytes()).unwrap_err();
            assert!(error.contains(word), "{json}: {error}");
        }
        let good = r#"{"azs": ["a"], "targets": [{"type": "auto-scaling-group", "filter": "name=g"}]}"#;
        assert_eq!(parse(good.as_bytes()).unwrap().1.len(), 1);
    }
}

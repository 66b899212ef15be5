//! The commands of Terraform that an experiment needs.

use std::path::PathBuf;

use chaos_engine::value::{Map, Value, json, python};
use tracing::error;

use super::program::Program;

/// Why Terraform did not do what it should. Values of variables are in none of these.
#[derive(Debug, thiserror::Error)]
pub(super) enum DriverError {
    /// A variable that is a mapping without a name.
    #[error(
        "Terraform: the variable '{0}' must be a value, or a mapping with the `name` of a configuration entry"
    )]
    NoName(String),
    /// A variable whose configuration entry does not exist.
    #[error("Terraform: there is no configuration entry '{key}' for the variable '{variable}'")]
    UnknownKey { variable: String, key: String },
    /// `chdir` is not there.
    #[error("Terraform: the folder {} of `chdir` does not exist", .0.display())]
    NoFolder(PathBuf),
    /// `chdir` is something else.
    #[error("Terraform: {} of `chdir` is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// No program.
    #[error("neither `terraform` nor `tofu` is in PATH: install one of them, or take the control out")]
    NoProgram,
    /// It could not be started, or not be waited for.
    #[error("`{command}` cannot be run: {source}")]
    NotRun { command: String, source: std::io::Error },
    /// It failed.
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: String },
    /// `output -json` did not write what it should.
    #[error("the outputs that `{command}` wrote cannot be read: {reason}")]
    Outputs { command: String, reason: String },
}

/// One Terraform configuration with its variables.
pub(super) struct Driver {
    program: Program,
    /// Names and values; these may be secret.
    variables: Vec<(String, Value)>,
    retain: bool,
}

impl Driver {
    pub(super) fn new(program: Program, variables: Vec<(String, Value)>, retain: bool) -> Self {
        Self {
            program,
            variables,
            retain,
        }
    }

    /// Is what was created to stay?
    pub(super) fn retains(&self) -> bool {
        self.retain
    }

    /// Downloads what the configuration needs, unless that was done before.
    pub(super) async fn init(&self) -> Result<(), DriverError> {
        if self.program.folder()?.join(".terraform").exists() {
            return Ok(());
        }
        self.run(&["init"], false).await
    }

    /// Creates everything.
    pub(super) async fn apply(&self) -> Result<(), DriverError> {
        self.run(&["apply", "-auto-approve"], true).await
    }

    /// Destroys everything.
    pub(super) async fn destroy(&self) -> Result<(), DriverError> {
        self.run(&["destroy", "-auto-approve"], true).await
    }

    /// Names and values of the outputs.
    pub(super) async fn outputs(&self) -> Result<Map, DriverError> {
        let arguments = ["output".to_owned(), "-json".to_owned()];
        let written = self.program.read(&arguments).await?;
        let unreadable = |reason: String| DriverError::Outputs {
            command: self.program.shown("output"),
            reason,
        };
        match json::parse(&written) {
            Ok(Value::Map(outputs)) => Ok(outputs
                .into_iter()
                .map(|(name, output)| (name, output.get("value").cloned().unwrap_or_default()))
                .collect()),
            Ok(_) => Err(unreadable("they are no JSON object".to_owned())),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    async fn run(&self, command: &[&str], with_variables: bool) -> Result<(), DriverError> {
        let mut arguments: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        if with_variables {
            for (name, value) in &self.variables {
                arguments.extend(["-var".to_owned(), format!("{name}={}", expression(value))]);
            }
        }
        let ended = self.program.run(&arguments).await?;
        if ended.status.success() {
            return Ok(());
        }
        if !ended.errors.trim().is_empty() {
            error!("{}", ended.errors.trim_end());
        }
        Err(DriverError::Failed {
            command: self.program.shown(command.first().unwrap_or(&"")),
            status: ended.status.to_string(),
        })
    }
}

/// A value as `-var` takes it: text as it is, lists and mappings as JSON, which Terraform understands.
fn expression(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => json::compact(value),
        other => python::text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_terraform_reads_them() {
        let written = |text: &str| expression(&json::parse(text).unwrap());
        assert_eq!(written(r#""a b=c $d""#), "a b=c $d");
        assert_eq!(
            (
                written("true").as_str(),
                written("3").as_str(),
                written("0.5").as_str()
            ),
            ("true", "3", "0.5")
        );
        assert_eq!(written(r#"["a", 1]"#), r#"["a",1]"#);
        assert_eq!(written("null"), "null");
    }
}

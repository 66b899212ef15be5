//! `chaosterraform.control`.

use std::cell::RefCell;
use std::rc::Rc;

use chaos_engine::control::{ControlError, Hook, Hooked, NativeControl, Scene};
use chaos_engine::value::{Map, Value, python};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::{error, info};

use super::driver::{Driver, DriverError};
use super::program::Program;

/// Creates infrastructure with Terraform, or else OpenTofu, before the experiment, and destroys it afterwards, also
/// when the experiment was interrupted or its run died and is recovered. Outputs become configuration entries.
///
/// The configuration keys `tf_conf__silent`, `tf_conf__retain` and `tf_conf__chdir` win over the arguments.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Terraform {
    /// Show what Terraform writes only when it fails.
    #[serde(default = "yes")]
    silent: bool,
    /// Leave the infrastructure be after the experiment.
    #[serde(default)]
    retain: bool,
    /// The folder of the Terraform configuration, instead of the current one.
    #[serde(default)]
    chdir: Option<String>,
    /// Input variables: values, or `{name: KEY}` for the value of the configuration entry KEY.
    #[serde(default)]
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// Names of configuration entries for outputs, beside `tf_out__` and the output's name.
    #[serde(default)]
    outputs: Option<serde_json::Map<String, serde_json::Value>>,
}

fn yes() -> bool {
    true
}

/// What the control keeps for a run.
#[derive(Default)]
pub(super) struct Stack(RefCell<Option<Rc<Driver>>>);

impl NativeControl for Terraform {
    const MODULE: &'static str = "chaosterraform.control";
    const HOOKS: &'static [Hook] = &[Hook::Configure, Hook::BeforeExperiment, Hook::AfterExperiment];
    const IAM: &'static [&'static str] = &[];
    type Run = Stack;

    async fn configure(self, stack: Rc<Stack>, scene: &mut Scene) -> Hooked {
        let driver = Rc::new(self.driver(scene)?);
        if driver.retains() {
            info!("Terraform: what is created stays after the experiment");
        }
        if !scene.beside.is_recovery() {
            driver.init().await?;
        }
        stack.0.replace(Some(driver));
        Ok(())
    }

    async fn before_experiment(self, stack: Rc<Stack>, scene: &mut Scene) -> Hooked {
        let driver = stack.driver().ok_or_else(not_configured)?;
        info!("Terraform: creating what the experiment needs");
        driver.apply().await?;
        for (name, value) in driver.outputs().await? {
            info!("Terraform: output '{name}' becomes a configuration entry");
            if let Some(key) = self
                .outputs
                .as_ref()
                .and_then(|outputs| outputs.get(&name)?.as_str())
            {
                scene.configuration.insert(key.to_owned(), value.clone());
            }
            scene.configuration.insert(format!("tf_out__{name}"), value);
        }
        Ok(())
    }

    async fn after_experiment(self, stack: Rc<Stack>, scene: &mut Scene) -> Hooked {
        let recovered = scene.beside.is_recovery();
        if recovered && !scene.beside.had_begun(Hook::BeforeExperiment) {
            // the run died before it created anything
            return Ok(());
        }
        let Some(driver) = stack.driver() else {
            return not_destroyed(recovered);
        };
        if driver.retains() {
            info!("Terraform: what was created stays");
            return Ok(());
        }
        info!("Terraform: destroying what was created for the experiment");
        let destroyed = match recovered {
            true => driver.init().await.and(driver.destroy().await),
            false => driver.destroy().await,
        };
        destroyed.map_err(|error| {
            error!("{error}: look for what it has left, it may cost money");
            ControlError::Failed(error.to_string())
        })
    }
}

/// Without a configured control a run has created nothing; the one that is recovered may have.
fn not_destroyed(recovered: bool) -> Hooked {
    if !recovered {
        return Ok(());
    }
    error!("Terraform: what the experiment created is not destroyed; look for what it has left");
    Err(not_configured())
}

fn not_configured() -> ControlError {
    ControlError::Interrupt("the Terraform control is not configured; its first error says why".to_owned())
}

impl From<DriverError> for ControlError {
    /// An experiment must not run without what it needs.
    fn from(error: DriverError) -> Self {
        Self::Interrupt(error.to_string())
    }
}

impl Stack {
    fn driver(&self) -> Option<Rc<Driver>> {
        self.0.borrow().clone()
    }
}

impl Terraform {
    fn driver(&self, scene: &Scene) -> Result<Driver, DriverError> {
        let configured = |key: &str| scene.configuration.get(&format!("tf_conf__{key}"));
        let flag = |key: &str, argument: bool| configured(key).map_or(argument, python::truthy);
        let chdir = match configured("chdir") {
            Some(value) => Some(value)
                .filter(|value| python::truthy(value))
                .map(python::text),
            None => self.chdir.clone().filter(|folder| !folder.is_empty()),
        };
        let variables = self.variables(&scene.configuration)?;
        let program = Program::find(Rc::clone(&scene.host), chdir, flag("silent", self.silent))?;
        Ok(Driver::new(program, variables, flag("retain", self.retain)))
    }

    fn variables(&self, configuration: &Map) -> Result<Vec<(String, Value)>, DriverError> {
        let given = self.variables.iter().flatten();
        given
            .map(|(name, value)| {
                let value = match Value::from(value.clone()) {
                    Value::Map(reference) => referred(name, &reference, configuration)?,
                    value => value,
                };
                Ok((name.clone(), value))
            })
            .collect()
    }
}

fn referred(variable: &str, reference: &Map, configuration: &Map) -> Result<Value, DriverError> {
    let Some(key) = reference.get("name") else {
        return Err(DriverError::NoName(variable.to_owned()));
    };
    let key = python::text(key);
    let value = configuration.get(&key).cloned();
    value.ok_or_else(|| DriverError::UnknownKey {
        variable: variable.to_owned(),
        key,
    })
}

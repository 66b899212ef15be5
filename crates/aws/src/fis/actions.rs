//! FIS experiments from templates that are there (`chaosaws.fis.actions`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ACTIONS;
use super::experiments::{self, Stopped, delete_templates};
use crate::arguments::TagMap;
use crate::client::Aws;
use crate::given::{filled, given};

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<StartExperiment>()
        .with::<StopExperiment>()
        .with::<StopExperimentsByTags>()
}

/// Starts a FIS experiment from a template. FIS injects its faults into whatever the template targets.
#[derive(Deserialize, JsonSchema)]
pub struct StartExperiment {
    /// Id of the template, such as `EXT6oWVA1WrLNy4XS`.
    experiment_template_id: String,
    /// Makes a repeated request start one experiment only; one is made up otherwise.
    #[serde(default)]
    client_token: Option<String>,
    /// Tags of the experiment, as a mapping or as `k=v,x=y`.
    #[serde(default)]
    tags: Option<TagMap>,
}

impl NativeActivity for StartExperiment {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "start_experiment";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of fis:StartExperiment.";
    const IAM: &'static [&'static str] = &["fis:StartExperiment", "fis:TagResource"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let template = &self.experiment_template_id;
        given("experiment_template_id", "template id", template)?;
        let tags = experiments::tags(self.tags.as_ref())?;
        let fis = Aws::of(&context).await?.fis();
        Ok(experiments::start(&fis, template, filled(self.client_token), tags).await?)
    }
}

/// Stops a FIS experiment.
#[derive(Deserialize, JsonSchema)]
pub struct StopExperiment {
    /// Id of the experiment, such as `EXPTUCK2dxepXgkR38`.
    experiment_id: String,
}

impl NativeActivity for StopExperiment {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "stop_experiment";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of fis:StopExperiment.";
    const IAM: &'static [&'static str] = &["fis:StopExperiment"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("experiment_id", "experiment id", &self.experiment_id)?;
        let fis = Aws::of(&context).await?.fis();
        Ok(experiments::stop(&fis, &self.experiment_id).await?)
    }
}

/// Stops every FIS experiment whose tags include the given ones, unless it has failed or been stopped. For rollbacks,
/// which do not know the experiment's id.
#[derive(Deserialize, JsonSchema)]
pub struct StopExperimentsByTags {
    /// The tags, as a mapping or as `k=v,x=y`. No tags are tags of every experiment.
    tags: TagMap,
    /// Whether to delete the templates of those experiments too.
    #[serde(default)]
    delete_templates: bool,
}

impl NativeActivity for StopExperimentsByTags {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "stop_experiments_by_tags";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The list of the answers of fis:StopExperiment.";
    const IAM: &'static [&'static str] = &[
        "fis:ListExperiments",
        "fis:StopExperiment",
        "fis:DeleteExperimentTemplate",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let tags = experiments::tags(Some(&self.tags))?;
        let fis = Aws::of(&context).await?.fis();
        let found = experiments::alive(&fis, |experiment| experiments::has_tags(experiment, &tags)).await?;
        let stopped = Stopped::all(&fis, found).await?;
        if self.delete_templates {
            delete_templates(&fis, &stopped).await?;
        }
        Ok(Value::List(stopped.answers))
    }
}

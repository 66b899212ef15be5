//! What FIS can be asked (`chaosaws.fis.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};
use crate::given::given;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<GetExperiment>()
}

/// Describes a FIS experiment: its state, targets and actions.
#[derive(Deserialize, JsonSchema)]
pub struct GetExperiment {
    /// Id of the experiment, such as `EXPTUCK2dxepXgkR38`.
    experiment_id: String,
}

impl NativeActivity for GetExperiment {
    const MODULE: &'static str = "chaosaws.fis.probes";
    const FUNCTION: &'static str = "get_experiment";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of fis:GetExperiment.";
    const IAM: &'static [&'static str] = &["fis:GetExperiment"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let id = self.experiment_id;
        given("experiment_id", "experiment id", &id)?;
        let fis = Aws::of(&context).await?.fis();
        let found = answer(fis.get_experiment().id(&id).send()).await;
        found.map_err(|error| ActivityError::failed(format!("get experiment failed for {id}: {error}")))
    }
}

//! The names under which experiments know the activities.

use chaos_engine::activity::Catalogue;

use super::{Http, RunScript, StressEndpoint};

pub(super) const ACTIONS: &str = "chaosgrafana.k6.actions";
pub(super) const PROBES: &str = "chaosgrafana.k6.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<RunScript>()
        .with::<StressEndpoint>()
        .with::<Http>()
        .with_alias::<RunScript>("chaosk6.actions", "run_script")
        .with_alias::<StressEndpoint>("chaosk6.actions", "stress_endpoint")
        .with_alias::<RunScript>("chaosk6.actions", "runScript")
        .with_alias::<StressEndpoint>("chaosk6.actions", "stressEndpoint")
        .with_alias::<Http>("chaosk6.probes", "http")
}

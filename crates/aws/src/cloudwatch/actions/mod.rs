//! What can be done to CloudWatch and to rules (`chaosaws.cloudwatch.actions`).

mod metrics;
mod rules;
mod targets;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.cloudwatch.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<rules::PutRule>()
        .with::<targets::PutRuleTargets>()
        .with::<rules::DisableRule>()
        .with::<rules::EnableRule>()
        .with::<rules::DeleteRule>()
        .with::<targets::RemoveRuleTargets>()
        .with::<metrics::PutMetricData>()
}

//! Before an experiment that needs AWS begins: can AWS be spoken to, and as whom?

use std::rc::Rc;

use chaos_engine::activity::Context;
use chaos_engine::run::plan::Plan;
use chaos_engine::run::static_scope;
use chaos_engine::value::Value;
use tracing::info;

use super::{LaunchError, Session};
use crate::iam;

/// Settings whose value may only be known once a probe has run.
const SETTINGS: [&str; 3] = ["aws_region", "aws_profile_name", "aws_assume_role_arn"];

/// Says in the log which account is acted on, as whom and where. Asks nothing when no native activity or control of
/// the experiment calls AWS.
///
/// # Errors
/// [`LaunchError::Aws`] when calls to AWS cannot succeed.
pub(super) async fn check(session: &Session, plan: &Plan) -> Result<(), LaunchError> {
    let providers = iam::aws_providers(&plan.experiment, &session.catalogue);
    let Some(provider) = providers.first() else {
        return Ok(());
    };
    let host = session.host.borrow().clone();
    let scope = static_scope(plan, &host)?;
    let is_dynamic = |key: &str| matches!(scope.configuration.get(key), Some(Value::Map(_)));
    if SETTINGS.iter().any(|key| is_dynamic(key)) {
        return Ok(());
    }
    let groups = provider
        .get("secrets")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let secrets = Rc::new(scope.secrets_of(groups));
    let context = Context::new(Rc::new(scope.configuration), secrets, Rc::new(host), 0);
    let asked = chaos_aws::preflight(&context);
    // a stop that is asked for here is taken by the run, which has not begun
    if let Some(who) = asked.await? {
        info!(
            "AWS account {}, region {}, as {}",
            who.account, who.region, who.arn
        );
    }
    Ok(())
}

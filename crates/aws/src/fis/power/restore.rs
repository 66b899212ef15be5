//! Undoing a power interruption.

use std::time::Duration;

use aws_sdk_fis::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity, poll};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::mark::{Begun, Mark};
use super::role;
use crate::AwsError;
use crate::answer::text;
use crate::arguments::TagMap;
use crate::client::{Aws, answer};
use crate::fis::ACTIONS;
use crate::fis::experiments::{self, Stopped, delete_templates, has_tags};

/// How long FIS may take to undo what an experiment did.
const PATIENCE: Duration = Duration::from_secs(600);

/// Usual pause between two looks at experiments that are being stopped.
const INTERVAL: Duration = Duration::from_secs(5);

/// The states of experiments that still need their role.
const BUSY: [&str; 4] = ["pending", "initiating", "running", "stopping"];

/// Stops the power interruptions of this run (also of a run that is being recovered), or those with the given tags,
/// and deletes the templates, role and policies that were created for them. The role goes once FIS has undone what
/// the experiments did.
#[derive(Deserialize, JsonSchema)]
pub struct RestoreAvailabilityZonePowerAfterInterruption {
    /// Tags of the experiments, as a mapping or as `k=v,x=y`; the experiments of this run otherwise.
    #[serde(default)]
    tags: Option<TagMap>,
    /// Whether to delete the role and its policies.
    #[serde(default = "yes")]
    delete_roles_and_policies: bool,
    /// Whether to delete the templates of the stopped experiments.
    #[serde(default = "yes")]
    delete_templates: bool,
}

fn yes() -> bool {
    true
}

impl NativeActivity for RestoreAvailabilityZonePowerAfterInterruption {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "restore_availability_zone_power_after_interruption";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The list of the answers of fis:StopExperiment.";
    const IAM: &'static [&'static str] = &[
        "fis:ListExperiments",
        "fis:StopExperiment",
        "fis:DeleteExperimentTemplate",
        "fis:GetExperiment",
        "iam:ListAttachedRolePolicies",
        "iam:DetachRolePolicy",
        "iam:DeleteRole",
        "iam:DeletePolicy",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let tags = experiments::tags(self.tags.as_ref())?;
        let begun = Begun::all(&context);
        let aws = Aws::of(&context).await?;
        let fis = aws.fis();
        let found = experiments::alive(&fis, |experiment| match tags.is_empty() {
            true => begun.iter().any(|begun| begun.began(experiment)),
            false => has_tags(experiment, &tags),
        });
        let stopped = Stopped::all(&fis, found.await?).await?;
        if self.delete_templates {
            delete_templates(&fis, &stopped).await?;
        }
        if self.delete_roles_and_policies {
            for mark in marks(begun, &stopped) {
                remove_role(&aws, &context, &mark, &stopped).await?;
            }
        }
        Ok(Value::List(stopped.answers))
    }
}

/// The marks of the run's own interruptions; in a run that began none, those of the experiments that were stopped.
fn marks(begun: Vec<Begun>, stopped: &Stopped) -> Vec<Mark> {
    let mut marks: Vec<Mark> = begun.into_iter().map(|begun| begun.mark).collect();
    if marks.is_empty() {
        marks.extend(stopped.experiments.iter().filter_map(Mark::of));
    }
    if marks.is_empty() {
        // chaosaws looks for a role even if there can be none, and so do we: under a name that nothing has
        marks.push(Mark::new());
    }
    marks
}

async fn remove_role(aws: &Aws, context: &Context, mark: &Mark, stopped: &Stopped) -> Result<(), AwsError> {
    let iam = aws.iam();
    let policies = role::policies(&iam, mark).await?;
    if policies.is_some() {
        let interval = context.poll_interval(INTERVAL);
        let fis = aws.fis();
        let ids = stopped.ids();
        let ended = poll(interval, PATIENCE, || have_ended(&fis, &ids)).await?;
        ended.ok_or_else(|| still_busy(mark, &ids))?;
    }
    role::remove(&iam, mark, &policies.unwrap_or_default()).await
}

fn still_busy(mark: &Mark, ids: &[&str]) -> AwsError {
    AwsError::because(format!(
        "FIS has not undone {} within {} minutes and needs the role {} for it, so the role is kept: delete it once \
         they have stopped",
        ids.join(", "),
        PATIENCE.as_secs() / 60,
        mark.role()
    ))
}

async fn have_ended(fis: &Client, ids: &[&str]) -> Result<Option<()>, AwsError> {
    for id in ids {
        match answer(fis.get_experiment().id(*id).send()).await {
            Ok(found) if is_busy(&found) => return Ok(None),
            // of an experiment that may not be looked at nothing can be waited for
            Ok(_) | Err(AwsError::Service { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(()))
}

fn is_busy(answer: &Value) -> bool {
    let status = text(answer, &["experiment", "state", "status"]);
    status.is_some_and(|status| BUSY.contains(&status))
}

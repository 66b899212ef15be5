//! What the templates of all scenarios have in common.

use std::collections::HashMap;

use aws_sdk_fis::operation::create_experiment_template::builders::CreateExperimentTemplateFluentBuilder;
use aws_sdk_fis::types::{
    CreateExperimentTemplateLogConfigurationInput as Log,
    CreateExperimentTemplateStopConditionInput as StopCondition,
    ExperimentTemplateCloudWatchLogsLogConfigurationInput as CloudWatchLogs,
};

use super::experiments::Tags;
use crate::AwsError;
use crate::answer::text;
use crate::client::answer;

/// Tags of everything that is created for a scenario.
pub(super) fn usual_tags() -> Tags {
    HashMap::from(["chaosengineering", "chaostoolkit"].map(|key| (key.to_owned(), "true".to_owned())))
}

/// Nothing but its end stops the experiment.
pub(super) fn no_stop_condition() -> Result<StopCondition, AwsError> {
    Ok(StopCondition::builder().source("none").build()?)
}

/// FIS's log goes to a group of CloudWatch.
pub(super) fn log_to(group: &str) -> Result<Log, AwsError> {
    let group = CloudWatchLogs::builder().log_group_arn(group).build()?;
    Ok(Log::builder()
        .log_schema_version(2)
        .cloud_watch_logs_configuration(group)
        .build()?)
}

/// Creates a template and returns its id.
pub(super) async fn create(request: CreateExperimentTemplateFluentBuilder) -> Result<String, AwsError> {
    let created = answer(request.send()).await?;
    let id = text(&created, &["experimentTemplate", "id"]);
    id.map(str::to_owned)
        .ok_or_else(|| AwsError::no_answer("CreateExperimentTemplate"))
}

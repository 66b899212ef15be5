//! Parameters that some kinds of targets need, and those of delivery.

use std::collections::HashMap;

use aws_sdk_eventbridge::error::BuildError;
use aws_sdk_eventbridge::types::{
    AppSyncParameters, BatchArrayProperties, BatchParameters, BatchRetryStrategy, DeadLetterConfig,
    HttpParameters, InputTransformer, KinesisParameters, RedshiftDataParameters, RetryPolicy,
    RunCommandParameters, RunCommandTarget, SageMakerPipelineParameter, SageMakerPipelineParameters,
    SqsParameters,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::each;

/// How the input is made of parts of the event.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Transformer {
    /// JSON paths into the event, by the names that the template uses.
    input_paths_map: Option<HashMap<String, String>>,
    /// The input, with names in angle brackets.
    input_template: String,
}

impl Transformer {
    pub fn sdk(self) -> Result<InputTransformer, BuildError> {
        InputTransformer::builder()
            .set_input_paths_map(self.input_paths_map)
            .input_template(self.input_template)
            .build()
    }
}

/// For a Kinesis stream.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Kinesis {
    partition_key_path: String,
}

impl Kinesis {
    pub fn sdk(self) -> Result<KinesisParameters, BuildError> {
        KinesisParameters::builder()
            .partition_key_path(self.partition_key_path)
            .build()
    }
}

/// For Systems Manager's Run Command.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RunCommand {
    run_command_targets: Vec<CommandTarget>,
}

/// Instances to run the command on.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CommandTarget {
    /// `InstanceIds` or `tag:<name>`.
    key: String,
    values: Vec<String>,
}

impl RunCommand {
    pub fn sdk(self) -> Result<RunCommandParameters, BuildError> {
        let targets = each(self.run_command_targets, CommandTarget::sdk)?;
        RunCommandParameters::builder()
            .set_run_command_targets(Some(targets))
            .build()
    }
}

impl CommandTarget {
    fn sdk(self) -> Result<RunCommandTarget, BuildError> {
        RunCommandTarget::builder()
            .key(self.key)
            .set_values(Some(self.values))
            .build()
    }
}

/// For an AWS Batch job.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Batch {
    job_definition: String,
    job_name: String,
    array_properties: Option<BatchArray>,
    retry_strategy: Option<BatchRetry>,
}

/// Size of an array job.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchArray {
    size: Option<i32>,
}

/// Attempts of a job.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchRetry {
    attempts: Option<i32>,
}

impl Batch {
    pub fn sdk(self) -> Result<BatchParameters, BuildError> {
        let array = self
            .array_properties
            .map(|array| BatchArrayProperties::builder().set_size(array.size).build());
        let retry = self
            .retry_strategy
            .map(|retry| BatchRetryStrategy::builder().set_attempts(retry.attempts).build());
        BatchParameters::builder()
            .job_definition(self.job_definition)
            .job_name(self.job_name)
            .set_array_properties(array)
            .set_retry_strategy(retry)
            .build()
    }
}

/// For an SQS FIFO queue.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Sqs {
    message_group_id: Option<String>,
}

impl Sqs {
    pub fn sdk(self) -> SqsParameters {
        SqsParameters::builder()
            .set_message_group_id(self.message_group_id)
            .build()
    }
}

/// For an API.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Http {
    path_parameter_values: Option<Vec<String>>,
    header_parameters: Option<HashMap<String, String>>,
    query_string_parameters: Option<HashMap<String, String>>,
}

impl Http {
    pub fn sdk(self) -> HttpParameters {
        HttpParameters::builder()
            .set_path_parameter_values(self.path_parameter_values)
            .set_header_parameters(self.header_parameters)
            .set_query_string_parameters(self.query_string_parameters)
            .build()
    }
}

/// For a Redshift cluster.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RedshiftData {
    secret_manager_arn: Option<String>,
    database: String,
    db_user: Option<String>,
    sql: Option<String>,
    statement_name: Option<String>,
    with_event: Option<bool>,
    sqls: Option<Vec<String>>,
}

impl RedshiftData {
    pub fn sdk(self) -> Result<RedshiftDataParameters, BuildError> {
        RedshiftDataParameters::builder()
            .set_secret_manager_arn(self.secret_manager_arn)
            .database(self.database)
            .set_db_user(self.db_user)
            .set_sql(self.sql)
            .set_statement_name(self.statement_name)
            .set_with_event(self.with_event)
            .set_sqls(self.sqls)
            .build()
    }
}

/// For a SageMaker pipeline.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pipeline {
    pipeline_parameter_list: Option<Vec<PipelineParameter>>,
}

/// A parameter of a pipeline.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PipelineParameter {
    name: String,
    value: String,
}

impl Pipeline {
    pub fn sdk(self) -> Result<SageMakerPipelineParameters, BuildError> {
        let list = self.pipeline_parameter_list;
        Ok(SageMakerPipelineParameters::builder()
            .set_pipeline_parameter_list(list.map(|all| each(all, PipelineParameter::sdk)).transpose()?)
            .build())
    }
}

impl PipelineParameter {
    fn sdk(self) -> Result<SageMakerPipelineParameter, BuildError> {
        SageMakerPipelineParameter::builder()
            .name(self.name)
            .value(self.value)
            .build()
    }
}

/// Where events go that cannot be delivered.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeadLetter {
    arn: Option<String>,
}

impl DeadLetter {
    pub fn sdk(self) -> DeadLetterConfig {
        DeadLetterConfig::builder().set_arn(self.arn).build()
    }
}

/// How long delivery is tried.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Retry {
    maximum_retry_attempts: Option<i32>,
    maximum_event_age_in_seconds: Option<i32>,
}

impl Retry {
    pub fn sdk(self) -> RetryPolicy {
        RetryPolicy::builder()
            .set_maximum_retry_attempts(self.maximum_retry_attempts)
            .set_maximum_event_age_in_seconds(self.maximum_event_age_in_seconds)
            .build()
    }
}

/// For an AppSync API.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppSync {
    #[serde(rename = "GraphQLOperation")]
    operation: Option<String>,
}

impl AppSync {
    pub fn sdk(self) -> AppSyncParameters {
        AppSyncParameters::builder()
            .set_graph_ql_operation(self.operation)
            .build()
    }
}

//! Targets of rules as experiments write them, with the API's names
//! (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>).

mod ecs;
mod parameters;

use aws_sdk_eventbridge::error::BuildError;
use aws_sdk_eventbridge::types;
use schemars::JsonSchema;
use serde::Deserialize;

use ecs::Ecs;
use parameters::{
    AppSync, Batch, DeadLetter, Http, Kinesis, Pipeline, RedshiftData, Retry, RunCommand, Sqs, Transformer,
};

/// Something that a rule invokes: a function, a queue, a task, …
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Target {
    /// Tells the rule's targets apart.
    id: String,
    /// ARN of the target.
    arn: String,
    /// ARN of the role by which the rule invokes it.
    role_arn: Option<String>,
    /// What it gets instead of the event, JSON as text.
    input: Option<String>,
    /// The part of the event that it gets, a JSON path.
    input_path: Option<String>,
    /// How its input is made of parts of the event.
    input_transformer: Option<Transformer>,
    /// For a Kinesis stream.
    kinesis_parameters: Option<Kinesis>,
    /// For Systems Manager's Run Command.
    run_command_parameters: Option<RunCommand>,
    /// For an ECS task.
    ecs_parameters: Option<Ecs>,
    /// For an AWS Batch job.
    batch_parameters: Option<Batch>,
    /// For an SQS FIFO queue.
    sqs_parameters: Option<Sqs>,
    /// For an API.
    http_parameters: Option<Http>,
    /// For a Redshift cluster.
    redshift_data_parameters: Option<RedshiftData>,
    /// For a SageMaker pipeline.
    sage_maker_pipeline_parameters: Option<Pipeline>,
    /// Where events go that cannot be delivered.
    dead_letter_config: Option<DeadLetter>,
    /// How long delivery is tried.
    retry_policy: Option<Retry>,
    /// For an AppSync API.
    app_sync_parameters: Option<AppSync>,
}

impl Target {
    pub fn sdk(self) -> Result<types::Target, BuildError> {
        types::Target::builder()
            .id(self.id)
            .arn(self.arn)
            .set_role_arn(self.role_arn)
            .set_input(self.input)
            .set_input_path(self.input_path)
            .set_input_transformer(self.input_transformer.map(Transformer::sdk).transpose()?)
            .set_kinesis_parameters(self.kinesis_parameters.map(Kinesis::sdk).transpose()?)
            .set_run_command_parameters(self.run_command_parameters.map(RunCommand::sdk).transpose()?)
            .set_ecs_parameters(self.ecs_parameters.map(Ecs::sdk).transpose()?)
            .set_batch_parameters(self.batch_parameters.map(Batch::sdk).transpose()?)
            .set_sqs_parameters(self.sqs_parameters.map(Sqs::sdk))
            .set_http_parameters(self.http_parameters.map(Http::sdk))
            .set_redshift_data_parameters(self.redshift_data_parameters.map(RedshiftData::sdk).transpose()?)
            .set_sage_maker_pipeline_parameters(
                self.sage_maker_pipeline_parameters
                    .map(Pipeline::sdk)
                    .transpose()?,
            )
            .set_dead_letter_config(self.dead_letter_config.map(DeadLetter::sdk))
            .set_retry_policy(self.retry_policy.map(Retry::sdk))
            .set_app_sync_parameters(self.app_sync_parameters.map(AppSync::sdk))
            .build()
    }
}

/// All of a list, or the first error.
fn each<T, R>(
    list: impl IntoIterator<Item = T>,
    sdk: impl Fn(T) -> Result<R, BuildError>,
) -> Result<Vec<R>, BuildError> {
    list.into_iter().map(sdk).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(target: serde_json::Value) -> Result<types::Target, String> {
        let target: Target = serde_json::from_value(target).map_err(|error| error.to_string())?;
        target.sdk().map_err(|error| error.to_string())
    }

    #[test]
    fn a_target_needs_its_required_members_only() {
        let target = read(json!({"Id": "one", "Arn": "arn"})).unwrap();
        assert_eq!((target.id(), target.arn()), ("one", "arn"));
        assert_eq!(target.ecs_parameters(), None);
        assert!(read(json!({"Id": "one"})).unwrap_err().contains("Arn"));
        let network = json!({"awsvpcConfiguration": {}});
        let ecs = json!({"TaskDefinitionArn": "t", "NetworkConfiguration": network});
        let target = json!({"Id": "one", "Arn": "arn", "EcsParameters": ecs});
        assert!(read(target).unwrap_err().contains("Subnets"));
    }

    #[test]
    fn a_misspelt_member_is_named_at_any_depth() {
        let wrong = read(json!({"Id": "one", "Arn": "arn", "Inputs": "{}"}));
        assert!(wrong.unwrap_err().contains("Inputs"));
        let sqs = json!({"MessageGroup": "g"});
        let wrong = read(json!({"Id": "one", "Arn": "arn", "SqsParameters": sqs}));
        assert!(wrong.unwrap_err().contains("MessageGroup"));
    }
}

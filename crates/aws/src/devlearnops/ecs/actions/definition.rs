//! Task definitions: reading them, and registering changed ones.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{ContainerDefinition, Tag, TaskDefinition, TaskDefinitionField};

use crate::AwsError;
use crate::client::output;

/// A task definition with its tags.
pub(super) struct Definition {
    pub described: TaskDefinition,
    tags: Vec<Tag>,
}

impl Definition {
    pub async fn describe(ecs: &Client, arn: &str) -> Result<Self, AwsError> {
        let request = ecs.describe_task_definition().task_definition(arn);
        let answer = output(request.include(TaskDefinitionField::Tags).send()).await?;
        let described = answer.task_definition;
        Ok(Self {
            described: described.ok_or_else(|| AwsError::no_answer("DescribeTaskDefinition"))?,
            tags: answer.tags.unwrap_or_default(),
        })
    }

    /// Registers a new revision with other containers, and returns its ARN.
    pub async fn register(
        self,
        ecs: &Client,
        containers: Vec<ContainerDefinition>,
    ) -> Result<String, AwsError> {
        let old = self.described;
        let request = ecs
            .register_task_definition()
            .set_family(old.family)
            .set_task_role_arn(old.task_role_arn)
            .set_execution_role_arn(old.execution_role_arn)
            .set_network_mode(old.network_mode)
            .set_container_definitions(Some(containers))
            .set_volumes(old.volumes)
            .set_placement_constraints(old.placement_constraints)
            .set_requires_compatibilities(old.requires_compatibilities)
            .set_cpu(old.cpu)
            .set_memory(old.memory)
            // no tags must be left out, not empty
            .set_tags(Some(self.tags).filter(|tags| !tags.is_empty()))
            .set_pid_mode(old.pid_mode)
            .set_ipc_mode(old.ipc_mode)
            .set_proxy_configuration(old.proxy_configuration)
            .set_inference_accelerators(old.inference_accelerators)
            .set_ephemeral_storage(old.ephemeral_storage)
            .set_runtime_platform(old.runtime_platform)
            .set_enable_fault_injection(old.enable_fault_injection);
        let registered = output(request.send()).await?.task_definition;
        let arn = registered.and_then(|definition| definition.task_definition_arn);
        arn.ok_or_else(|| AwsError::no_answer("RegisterTaskDefinition"))
    }
}

/// Removes a revision that no service uses any more. One that is gone already does not matter.
pub(super) async fn remove(ecs: &Client, arn: &str) -> Result<(), AwsError> {
    let described = output(ecs.describe_task_definition().task_definition(arn).send()).await;
    let status = described.ok().and_then(|answer| answer.task_definition?.status);
    match status
        .as_ref()
        .map(aws_sdk_ecs::types::TaskDefinitionStatus::as_str)
    {
        Some("DELETE_IN_PROGRESS") => return Ok(()),
        Some("INACTIVE") => {}
        _ => drop(output(ecs.deregister_task_definition().task_definition(arn).send()).await?),
    }
    let deleted = output(ecs.delete_task_definitions().task_definitions(arn).send()).await?;
    match deleted.failures().first() {
        Some(failure) => Err(AwsError::because(format!(
            "task definition {arn} is deregistered, but not deleted: {}",
            failure.reason().unwrap_or("AWS gives no reason")
        ))),
        None => Ok(()),
    }
}

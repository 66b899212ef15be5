//! Parameters of a target that is an ECS task.

use aws_sdk_eventbridge::error::BuildError;
use aws_sdk_eventbridge::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, EcsParameters, LaunchType,
    NetworkConfiguration, PlacementConstraint, PlacementStrategy, PropagateTags, Tag,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::each;

/// The task to start.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Ecs {
    task_definition_arn: String,
    task_count: Option<i32>,
    launch_type: Option<String>,
    network_configuration: Option<Network>,
    platform_version: Option<String>,
    group: Option<String>,
    capacity_provider_strategy: Option<Vec<CapacityProvider>>,
    #[serde(rename = "EnableECSManagedTags")]
    enable_ecs_managed_tags: Option<bool>,
    enable_execute_command: Option<bool>,
    placement_constraints: Option<Vec<Constraint>>,
    placement_strategy: Option<Vec<Strategy>>,
    propagate_tags: Option<String>,
    reference_id: Option<String>,
    tags: Option<Vec<TaskTag>>,
}

/// Network of the task.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Network {
    #[serde(rename = "awsvpcConfiguration")]
    awsvpc: Option<Vpc>,
}

/// Subnets and security groups of the task.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Vpc {
    subnets: Vec<String>,
    security_groups: Option<Vec<String>>,
    assign_public_ip: Option<String>,
}

/// A capacity provider and its share.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CapacityProvider {
    capacity_provider: String,
    weight: Option<i32>,
    base: Option<i32>,
}

/// Where the task may be placed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Constraint {
    #[serde(rename = "type")]
    kind: Option<String>,
    expression: Option<String>,
}

/// Where the task is best placed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Strategy {
    #[serde(rename = "type")]
    kind: Option<String>,
    field: Option<String>,
}

/// A tag of the task.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TaskTag {
    key: String,
    value: String,
}

impl Ecs {
    pub fn sdk(self) -> Result<EcsParameters, BuildError> {
        let providers = self.capacity_provider_strategy;
        let constraints = self.placement_constraints;
        let strategy = self.placement_strategy;
        EcsParameters::builder()
            .task_definition_arn(self.task_definition_arn)
            .set_task_count(self.task_count)
            .set_launch_type(self.launch_type.as_deref().map(LaunchType::from))
            .set_network_configuration(self.network_configuration.map(Network::sdk).transpose()?)
            .set_platform_version(self.platform_version)
            .set_group(self.group)
            .set_capacity_provider_strategy(
                providers
                    .map(|all| each(all, CapacityProvider::sdk))
                    .transpose()?,
            )
            .set_enable_ecs_managed_tags(self.enable_ecs_managed_tags)
            .set_enable_execute_command(self.enable_execute_command)
            .set_placement_constraints(constraints.map(|all| all.into_iter().map(Constraint::sdk).collect()))
            .set_placement_strategy(strategy.map(|all| all.into_iter().map(Strategy::sdk).collect()))
            .set_propagate_tags(self.propagate_tags.as_deref().map(PropagateTags::from))
            .set_reference_id(self.reference_id)
            .set_tags(self.tags.map(|all| each(all, TaskTag::sdk)).transpose()?)
            .build()
    }
}

impl Network {
    fn sdk(self) -> Result<NetworkConfiguration, BuildError> {
        Ok(NetworkConfiguration::builder()
            .set_awsvpc_configuration(self.awsvpc.map(Vpc::sdk).transpose()?)
            .build())
    }
}

impl Vpc {
    fn sdk(self) -> Result<AwsVpcConfiguration, BuildError> {
        AwsVpcConfiguration::builder()
            .set_subnets(Some(self.subnets))
            .set_security_groups(self.security_groups)
            .set_assign_public_ip(self.assign_public_ip.as_deref().map(AssignPublicIp::from))
            .build()
    }
}

impl CapacityProvider {
    fn sdk(self) -> Result<CapacityProviderStrategyItem, BuildError> {
        CapacityProviderStrategyItem::builder()
            .capacity_provider(self.capacity_provider)
            .set_weight(self.weight)
            .set_base(self.base)
            .build()
    }
}

impl Constraint {
    fn sdk(self) -> PlacementConstraint {
        PlacementConstraint::builder()
            .set_type(self.kind.as_deref().map(Into::into))
            .set_expression(self.expression)
            .build()
    }
}

impl Strategy {
    fn sdk(self) -> PlacementStrategy {
        PlacementStrategy::builder()
            .set_type(self.kind.as_deref().map(Into::into))
            .set_field(self.field)
            .build()
    }
}

impl TaskTag {
    fn sdk(self) -> Result<Tag, BuildError> {
        Tag::builder().key(self.key).value(self.value).build()
    }
}

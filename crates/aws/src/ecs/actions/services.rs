//! Scaling, configuring and deleting services.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{DeploymentConfiguration, PlacementStrategy, PlacementStrategyType};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::tolerance::pattern::Pattern;
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::client::{Aws, answer};
use crate::ecs::lookup::{self, given, name_in};

/// Scales a service to zero and deletes it: the named one, or a randomly chosen one of the cluster. There is no way
/// back.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteService {
    /// Name or ARN of the service.
    #[serde(default)]
    service: Option<String>,
    /// Name or ARN of the cluster; the default cluster when absent.
    #[serde(default)]
    cluster: Option<String>,
    /// Regular expression that is found in the ARNs of the services to choose from, when no service is named.
    #[serde(default)]
    service_pattern: Option<String>,
}

impl NativeActivity for DeleteService {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_service";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:DeleteService.";
    const IAM: &'static [&'static str] = &["ecs:ListServices", "ecs:UpdateService", "ecs:DeleteService"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cluster = given(self.cluster.as_ref());
        let pattern = given(self.service_pattern.as_ref());
        let ecs = Aws::of(&context).await?.ecs();
        let service = match given(self.service.as_ref()) {
            Some(service) => service.to_owned(),
            None => one_of(&ecs, cluster, pattern, &context).await?,
        };
        let to_zero = ecs
            .update_service()
            .set_cluster(cluster.map(str::to_owned))
            .service(&service)
            .desired_count(0)
            .deployment_configuration(percentages(100, 0));
        answer(to_zero.send()).await?;
        let delete = ecs
            .delete_service()
            .set_cluster(cluster.map(str::to_owned))
            .service(&service);
        Ok(answer(delete.send()).await?)
    }
}

/// The name of one of the cluster's services, of those that match if there is a pattern.
async fn one_of(
    ecs: &Client,
    cluster: Option<&str>,
    pattern: Option<&str>,
    context: &Context,
) -> Result<String, AwsError> {
    let mut arns = lookup::service_arns(ecs, cluster).await?;
    let there = arns.len();
    if let Some(pattern) = pattern {
        arns = matching(arns, pattern)?;
    }
    if let Some(arn) = context.random().choice(&arns) {
        return Ok(name_in(arn).to_owned());
    }
    let place = cluster.map_or("the default cluster".to_owned(), |name| format!("cluster {name}"));
    Err(AwsError::because(match pattern {
        Some(pattern) if there > 0 => {
            format!("no ECS services match service_pattern `{pattern}` in {place}; {there} do not")
        }
        _ => format!("no ECS services in {place}"),
    }))
}

/// The ARNs in which the pattern is found.
fn matching(arns: Vec<String>, pattern: &str) -> Result<Vec<String>, AwsError> {
    let unusable = |reason: String| AwsError::because(format!("service_pattern `{pattern}`: {reason}"));
    let search = Pattern::parse(pattern).map_err(|error| unusable(error.to_string()))?;
    let mut found = Vec::new();
    for arn in arns {
        if search
            .found_in(&arn)
            .map_err(|error| unusable(error.to_string()))?
        {
            found.push(arn);
        }
    }
    Ok(found)
}

fn percentages(maximum: i32, minimum_healthy: i32) -> DeploymentConfiguration {
    DeploymentConfiguration::builder()
        .maximum_percent(maximum)
        .minimum_healthy_percent(minimum_healthy)
        .build()
}

/// Sets how many tasks a service should run.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateDesiredCount {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// The number of tasks.
    desired_count: i32,
}

impl NativeActivity for UpdateDesiredCount {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "update_desired_count";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:UpdateService.";
    const IAM: &'static [&'static str] = &[
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:UpdateService",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        lookup::exist(&ecs, &self.cluster, &self.service).await?;
        let request = ecs.update_service().cluster(self.cluster).service(self.service);
        Ok(answer(request.desired_count(self.desired_count).send()).await?)
    }
}

/// Sets how many tasks of a service a deployment may add and must leave healthy, in percent of the desired count.
#[derive(Deserialize, JsonSchema)]
pub struct SetServiceDeploymentConfiguration {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// Upper limit of tasks that run or start during a deployment.
    #[serde(default = "two_hundred")]
    maximum_percent: i32,
    /// Lower limit of tasks that keep running during a deployment.
    #[serde(default = "one_hundred")]
    minimum_healthy_percent: i32,
}

fn two_hundred() -> i32 {
    200
}

fn one_hundred() -> i32 {
    100
}

impl NativeActivity for SetServiceDeploymentConfiguration {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "set_service_deployment_configuration";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:UpdateService.";
    const IAM: &'static [&'static str] = &[
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:UpdateService",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let (maximum, minimum) = (self.maximum_percent, self.minimum_healthy_percent);
        if minimum > maximum {
            return Err(AwsError::because(format!(
                "minimum_healthy_percent ({minimum}) cannot be larger than maximum_percent ({maximum})"
            ))
            .into());
        }
        let ecs = Aws::of(&context).await?.ecs();
        lookup::exist(&ecs, &self.cluster, &self.service).await?;
        let request = ecs.update_service().cluster(self.cluster).service(self.service);
        let request = request.deployment_configuration(percentages(maximum, minimum));
        Ok(answer(request.send()).await?)
    }
}

/// Sets how a service's tasks are placed on container instances: at random, spread over a field, or packed by one.
#[derive(Deserialize, JsonSchema)]
pub struct SetServicePlacementStrategy {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// `random`, `spread` or `binpack`.
    placement_type: String,
    /// What `spread` and `binpack` go by, for example `attribute:ecs.availability-zone` or `memory`; `random` does
    /// without.
    #[serde(default)]
    placement_field: Option<String>,
}

impl NativeActivity for SetServicePlacementStrategy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "set_service_placement_strategy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:UpdateService.";
    const IAM: &'static [&'static str] = &[
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:UpdateService",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let strategy = self.strategy()?;
        let ecs = Aws::of(&context).await?.ecs();
        lookup::exist(&ecs, &self.cluster, &self.service).await?;
        let request = ecs.update_service().cluster(self.cluster).service(self.service);
        Ok(answer(request.placement_strategy(strategy).send()).await?)
    }
}

impl SetServicePlacementStrategy {
    fn strategy(&self) -> Result<PlacementStrategy, AwsError> {
        let kind = self.placement_type.as_str();
        let field = given(self.placement_field.as_ref()).filter(|_| kind != "random");
        if field.is_none() && matches!(kind, "spread" | "binpack") {
            return Err(AwsError::because(format!(
                "placement_type {kind} needs placement_field, for example attribute:ecs.availability-zone or memory"
            )));
        }
        Ok(PlacementStrategy::builder()
            .r#type(PlacementStrategyType::from(kind))
            .set_field(field.map(str::to_owned))
            .build())
    }
}

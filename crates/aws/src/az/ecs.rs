//! Services of ECS: the zone's subnets leave their network configuration, and their tasks there are stopped.

mod tasks;

use std::future::ready;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{AwsVpcConfiguration, DeploymentControllerType, NetworkConfiguration, ServiceField};
use futures_util::TryFutureExt;
use serde::{Deserialize, Serialize};

use super::resource::has_tags;
use super::zones::Cut;
use super::{FailAz, Tag};
use crate::AwsError;
use crate::client::output;
use crate::fan_out::fan_out;

/// How many services `DescribeServices` takes.
const SERVICES: usize = 10;

/// What a service had, as it is saved.
#[derive(Serialize, Deserialize)]
pub(super) struct ServiceState {
    service: String,
    cluster: String,
    subnets: Vec<String>,
}

/// A service as it was described.
pub(super) struct Service {
    cluster: String,
    name: String,
    described: aws_sdk_ecs::types::Service,
}

impl Service {
    fn of(described: aws_sdk_ecs::types::Service) -> Option<Self> {
        Some(Self {
            cluster: described.cluster_arn()?.to_owned(),
            name: described.service_name()?.to_owned(),
            described,
        })
    }

    pub fn key(&self) -> String {
        format!("{}-{}", self.cluster, self.name)
    }

    pub fn name(&self) -> String {
        format!("{} of cluster {}", self.name, last_part(&self.cluster))
    }

    fn network(&self) -> Option<&AwsVpcConfiguration> {
        self.described.network_configuration()?.awsvpc_configuration()
    }

    pub fn subnets(&self) -> Vec<String> {
        let network = self.network();
        network
            .map(|network| network.subnets().to_vec())
            .unwrap_or_default()
    }

    pub fn unfit(&self) -> Option<String> {
        let service = &self.described;
        let (running, desired) = (service.running_count(), service.desired_count());
        if service.status() != Some("ACTIVE") {
            return Some(format!(
                "its status is {}, not ACTIVE",
                service.status().unwrap_or("unknown")
            ));
        }
        if running != desired {
            return Some(format!(
                "{running} of {desired} tasks are running, it must be steady first"
            ));
        }
        if let Some(controller) = foreign_controller(service) {
            return Some(format!(
                "its deployments belong to {controller}, which lets nobody change its subnets"
            ));
        }
        let none = self.network().is_none();
        none.then(|| "it has no subnets of its own: its network mode is not awsvpc".to_owned())
    }

    pub fn state(&self) -> ServiceState {
        ServiceState {
            service: self.name.clone(),
            cluster: self.cluster.clone(),
            subnets: self.subnets(),
        }
    }

    /// States have names or ARNs, as the service was selected.
    pub fn is_of(&self, state: &ServiceState) -> bool {
        last_part(&state.cluster) == last_part(&self.cluster) && last_part(&state.service) == self.name
    }

    pub async fn fail(&self, cut: &Cut, az: &FailAz) -> Result<(), AwsError> {
        let ecs = az.aws.ecs();
        set_subnets(&ecs, &self.described, cut.kept.clone()).await?;
        tasks::stop(&ecs, &self.cluster, &self.name, cut, az).await
    }
}

/// Whoever else than ECS itself deploys the service.
pub(crate) fn foreign_controller(service: &aws_sdk_ecs::types::Service) -> Option<&str> {
    let controller = service.deployment_controller()?.r#type();
    (*controller != DeploymentControllerType::Ecs).then(|| controller.as_str())
}

/// The last part of an ARN, or a name as it is.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The service of that name or ARN.
///
/// # Errors
/// Also when there is none.
pub(super) async fn named(ecs: &Client, cluster: &str, service: &str) -> Result<Service, AwsError> {
    let found = describe(ecs, cluster, service).await?;
    Service::of(found).ok_or_else(|| no_service(cluster, service))
}

/// What ECS says of a service.
///
/// # Errors
/// Also when there is none.
pub(crate) async fn describe(
    ecs: &Client,
    cluster: &str,
    service: &str,
) -> Result<aws_sdk_ecs::types::Service, AwsError> {
    let request = ecs.describe_services().cluster(cluster).services(service);
    let found = output(request.send()).await?.services;
    let first = found.and_then(|services| services.into_iter().next());
    first.ok_or_else(|| no_service(cluster, service))
}

fn no_service(cluster: &str, service: &str) -> AwsError {
    AwsError::because(format!("there is no ECS service {service} in cluster {cluster}"))
}

/// All services that have the tags, in all clusters.
pub(super) async fn tagged(ecs: &Client, tags: &[Tag]) -> Result<Vec<Service>, AwsError> {
    let clusters = ecs.list_clusters().into_paginator().items();
    let clusters: Vec<String> = output(clusters.send().collect::<Result<_, _>>()).await?;
    let listed = fan_out(&clusters, |cluster| {
        let services = ecs.list_services().cluster(cluster).into_paginator().items();
        output(async { services.send().collect::<Result<Vec<_>, _>>().await })
            .and_then(move |services| ready(Ok((cluster, services))))
    });
    let listed = listed.await?;
    let chunks = listed
        .iter()
        .flat_map(|(cluster, services)| services.chunks(SERVICES).map(move |some| (*cluster, some)));
    let described = fan_out(chunks, |(cluster, some)| {
        let request = ecs
            .describe_services()
            .cluster(cluster)
            .include(ServiceField::Tags);
        output(request.set_services(Some(some.to_vec())).send())
    });
    let services = described
        .await?
        .into_iter()
        .flat_map(|answer| answer.services.unwrap_or_default());
    let selected = services.filter(|service| {
        let has = service.tags().iter().map(|tag| (tag.key(), tag.value()));
        has_tags(tags, has)
    });
    Ok(selected.filter_map(Service::of).collect())
}

/// Changes a service's subnets and nothing else of its network configuration.
async fn set_subnets(
    ecs: &Client,
    service: &aws_sdk_ecs::types::Service,
    subnets: Vec<String>,
) -> Result<(), AwsError> {
    let network = service
        .network_configuration()
        .and_then(|network| network.awsvpc_configuration());
    let network = network.ok_or_else(|| AwsError::because("it has no network configuration any more"))?;
    let changed = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets))
        .set_security_groups(network.security_groups.clone())
        .set_assign_public_ip(network.assign_public_ip.clone())
        .build()?;
    let request = ecs
        .update_service()
        .set_cluster(service.cluster_arn.clone())
        .set_service(service.service_name.clone())
        .network_configuration(
            NetworkConfiguration::builder()
                .awsvpc_configuration(changed)
                .build(),
        );
    output(request.send()).await.map(drop)
}

/// Gives a service its subnets back.
pub(super) async fn restore(ecs: &Client, state: ServiceState) -> Result<(), AwsError> {
    let service = describe(ecs, &state.cluster, &state.service).await?;
    if service.status() == Some("INACTIVE") {
        return Err(AwsError::because("it has been deleted"));
    }
    set_subnets(ecs, &service, state.subnets).await
}

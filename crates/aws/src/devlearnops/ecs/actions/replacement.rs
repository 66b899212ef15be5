//! A service runs another task definition for a while: what was there before is saved, the new one is registered and
//! deployed.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{ContainerDefinition, Service};
use chaos_engine::activity::Context;
use serde::{Deserialize, Serialize};

use super::definition::Definition;
use crate::AwsError;
use crate::az::ecs::{describe, foreign_controller};
use crate::az::{FailAz, State};
use crate::client::output;
use crate::devlearnops::az::NAMESPACE;

/// The type of the states, as the starter pack named it.
pub(super) const STATE_TYPE: &str = "z-ecs-task-definition";

/// What is saved of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ServiceState {
    /// ARN of the cluster.
    pub cluster_name: String,
    pub service_name: String,
    /// What the service ran before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_definition_arn: Option<String>,
    /// What it runs instead, once that is registered. The starter pack did not have this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_arn: Option<String>,
}

impl ServiceState {
    /// The same as an item of the state table.
    pub fn to_item(&self) -> Result<State, AwsError> {
        let key = format!("{}-{}", self.cluster_name, self.service_name);
        let json = serde_json::to_vec(self);
        let json = json
            .map_err(|error| AwsError::because(format!("the state of {key} cannot be written: {error}")))?;
        Ok(State::new(NAMESPACE, STATE_TYPE, key, json))
    }
}

/// A service whose task definition is about to be replaced. Nothing is saved or changed yet.
pub(super) struct Replacement {
    az: FailAz,
    pub ecs: Client,
    pub definition: Definition,
    state: ServiceState,
    /// As the experiment names them.
    cluster: String,
    service: String,
}

impl Replacement {
    /// Looks at a service and its definition.
    ///
    /// # Errors
    /// Also when there is no such service, or it is none that can be given another definition.
    pub async fn of(context: &Context, cluster: &str, service: &str) -> Result<Self, AwsError> {
        let az = FailAz::of(context, None).await?;
        let ecs = az.aws.ecs();
        let described = describe(&ecs, cluster, service).await?;
        let state = state_of(described).map_err(|reason| {
            let of = format!("ECS service {service} of cluster {cluster}");
            AwsError::because(format!("{of} cannot be given another task definition: {reason}"))
        })?;
        let definition = Definition::describe(&ecs, state.task_definition_arn.as_deref().unwrap_or_default());
        Ok(Self {
            definition: definition.await?,
            az,
            ecs,
            state,
            cluster: cluster.to_owned(),
            service: service.to_owned(),
        })
    }

    /// The clients.
    pub fn aws(&self) -> &crate::client::Aws {
        &self.az.aws
    }

    /// Saves what was there, registers a definition with these containers, and deploys it. Returns the service's ARN.
    ///
    /// # Errors
    /// Also when the service has been changed already. As long as nothing is registered, nothing stays saved.
    pub async fn deploy(mut self, containers: Vec<ContainerDefinition>) -> Result<String, AwsError> {
        self.az.store.ensure(&self.az.log).await?;
        let saved = self.state.to_item()?;
        self.az.store.save(&saved).await?;
        let registered = match self.definition.register(&self.ecs, containers).await {
            Ok(arn) => arn,
            Err(error) => return Err(self.az.taken_back(&[saved], error).await),
        };
        self.state.replacement_arn = Some(registered.clone());
        self.az.store.replace(&self.state.to_item()?).await?;
        tracing::info!("ECS service {} is given {registered}", self.service);
        give(&self.ecs, &self.cluster, &self.service, &registered).await
    }
}

fn state_of(service: Service) -> Result<ServiceState, String> {
    if service.status() != Some("ACTIVE") {
        return Err(format!("its status is {}", service.status().unwrap_or("unknown")));
    }
    if let Some(controller) = foreign_controller(&service) {
        return Err(format!("its deployments belong to {controller}"));
    }
    let state = (service.cluster_arn, service.service_name, service.task_definition);
    let (Some(cluster_name), Some(service_name), Some(definition)) = state else {
        return Err("it has no task definition".to_owned());
    };
    Ok(ServiceState {
        cluster_name,
        service_name,
        task_definition_arn: Some(definition),
        replacement_arn: None,
    })
}

/// Gives a service a task definition, and returns the service's ARN.
pub(super) async fn give(
    ecs: &Client,
    cluster: &str,
    service: &str,
    definition: &str,
) -> Result<String, AwsError> {
    let request = ecs.update_service().cluster(cluster).service(service);
    let answer = output(request.task_definition(definition).send()).await?;
    let arn = answer.service.and_then(|service| service.service_arn);
    arn.ok_or_else(|| AwsError::no_answer("UpdateService"))
}

//! The scenario `EKS Stress: Pod Delete` of FIS's library.

use std::collections::HashMap;

use aws_sdk_fis::operation::create_experiment_template::builders::CreateExperimentTemplateFluentBuilder;
use aws_sdk_fis::types::{
    CreateExperimentTemplateActionInput as Action, CreateExperimentTemplateTargetInput as Target,
};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::experiments::{self, Tags};
use super::{ACTIONS, template};
use crate::AwsError;
use crate::arguments::TagMap;
use crate::client::Aws;
use crate::given::{filled, given};

/// Has FIS delete the pods of a Kubernetes label in an EKS cluster: creates the template of FIS's scenario `EKS
/// Stress: Pod Delete` and starts it. The template stays.
#[derive(Deserialize, JsonSchema)]
pub struct StartStressPodDeleteScenario {
    /// The label of the pods, as `app=web`.
    label_selector: String,
    /// Tags of template and experiment, as a mapping or as `k=v,x=y`.
    tags: TagMap,
    /// ARN of the role that FIS assumes.
    role_arn: String,
    /// ARN of the CloudWatch log group that FIS writes to.
    log_group_arn: String,
    /// Name or ARN of the EKS cluster.
    cluster_identifier: String,
    /// The pods' namespace.
    #[serde(default = "default")]
    namespace: String,
    /// The Kubernetes service account that FIS uses.
    #[serde(default = "default")]
    service_account: String,
    /// Makes a repeated request start one experiment only; one is made up otherwise.
    #[serde(default)]
    client_token: String,
    /// Description of the template.
    #[serde(default = "description")]
    description: String,
}

fn default() -> String {
    "default".to_owned()
}

fn description() -> String {
    "Delete one or more EKS pods".to_owned()
}

impl NativeActivity for StartStressPodDeleteScenario {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "start_stress_pod_delete_scenario";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of fis:StartExperiment.";
    const IAM: &'static [&'static str] = &[
        "fis:CreateExperimentTemplate",
        "fis:StartExperiment",
        "fis:TagResource",
        "iam:PassRole",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("role_arn", "role that FIS assumes", &self.role_arn)?;
        given("log_group_arn", "log group", &self.log_group_arn)?;
        let tags = experiments::tags(Some(&self.tags))?;
        let fis = Aws::of(&context).await?.fis();
        let id = template::create(self.template(&fis, &tags)?).await?;
        Ok(experiments::start(&fis, &id, filled(Some(self.client_token)), tags).await?)
    }
}

impl StartStressPodDeleteScenario {
    fn template(
        &self,
        fis: &aws_sdk_fis::Client,
        tags: &Tags,
    ) -> Result<CreateExperimentTemplateFluentBuilder, AwsError> {
        let mut all = template::usual_tags();
        all.extend(tags.clone());
        Ok(fis
            .create_experiment_template()
            .description(&self.description)
            .targets("EksPodDeleteTarget", self.target()?)
            .actions("EksPodDelete", self.action()?)
            .stop_conditions(template::no_stop_condition()?)
            .role_arn(&self.role_arn)
            .set_tags(Some(all))
            .log_configuration(template::log_to(&self.log_group_arn)?)
            .set_client_token(filled(Some(self.client_token.clone()))))
    }

    fn target(&self) -> Result<Target, AwsError> {
        let parameters = [
            ("clusterIdentifier", self.cluster_identifier.as_str()),
            ("namespace", &self.namespace),
            ("selectorType", "labelSelector"),
            ("selectorValue", &self.label_selector),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Target::builder()
            .resource_type("aws:eks:pod")
            .selection_mode("ALL")
            .set_parameters(Some(HashMap::from(parameters)))
            .build()?)
    }

    fn action(&self) -> Result<Action, AwsError> {
        Ok(Action::builder()
            .action_id("aws:eks:pod-delete")
            .parameters("kubernetesServiceAccount", &self.service_account)
            .targets("Pods", "EksPodDeleteTarget")
            .build()?)
    }
}

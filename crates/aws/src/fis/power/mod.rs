//! The scenario `AZ Availability: Power Interruption` of FIS's library.

mod mark;
mod parts;
mod policies;
mod restore;
mod role;

use std::time::Duration;

use aws_sdk_fis::types::{
    AccountTargeting, CreateExperimentTemplateExperimentOptionsInput as Options, EmptyTargetResolutionMode,
};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

pub use restore::RestoreAvailabilityZonePowerAfterInterruption;

use self::mark::Mark;
use self::parts::{Outage, Part};
use self::policies::{Place, Policy};
use self::role::{Role, tags_for_iam};
use super::experiments::{self, Tags};
use super::{ACTIONS, template};
use crate::AwsError;
use crate::arguments::TagMap;
use crate::client::Aws;
use crate::given::{filled, given};

/// Until role and template are known everywhere in AWS.
const SPREAD: Duration = Duration::from_secs(5);

/// Has FIS take the power from an availability zone, as its scenario `AZ Availability: Power Interruption` does: hits
/// resources of several kinds that have the tag `AzImpairmentPower` with the scenario's value for their kind. Creates
/// the template, without `role_arn` also a role with its policies, and starts the experiment;
/// `restore_availability_zone_power_after_interruption` undoes all of it.
#[derive(Deserialize, JsonSchema)]
pub struct StartAvailabilityZonePowerInterruptionScenario {
    /// Name of the zone, such as `us-east-1a`.
    az: String,
    /// Tags of role, policies, template and experiment, as a mapping or as `k=v,x=y`.
    #[serde(default)]
    tags: Option<TagMap>,
    /// ARN of the role that FIS assumes; none is created then.
    #[serde(default)]
    role_arn: Option<String>,
    /// Whether a role is created when none is given.
    #[serde(default = "yes")]
    autocreate_necessary_role: bool,
    /// How long the power is off, in ISO 8601. Subnets are cut off for two minutes in any case.
    #[serde(default = "half_an_hour")]
    duration: String,
    /// Whether the roles of `iam_roles` cannot launch instances in the zone.
    #[serde(default)]
    target_iam_roles: bool,
    /// ARNs of those roles.
    #[serde(default)]
    iam_roles: Option<Vec<String>>,
    /// Whether subnets are cut off (tag value `DisruptSubnet`).
    #[serde(default = "yes")]
    target_subnet: bool,
    /// Whether a volume is paused (`ApiPauseVolume`); takes both kinds of instances as targets too.
    #[serde(default = "yes")]
    target_ebs_volumes: bool,
    /// Whether instances are stopped (`StopInstances`).
    #[serde(default = "yes")]
    target_ec2_instances: bool,
    /// Whether Auto Scaling groups cannot launch instances (`IceAsg`).
    #[serde(default = "yes")]
    target_asg: bool,
    /// Whether instances of Auto Scaling groups are stopped (`IceAsg`).
    #[serde(default = "yes")]
    target_asg_ec2_instances: bool,
    /// Whether database clusters fail over (`DisruptRds`).
    #[serde(default = "yes")]
    target_rds_cluster: bool,
    /// Whether ElastiCache nodes lose power (`DisruptElasticache`).
    #[serde(default = "yes")]
    target_easticache_cluster: bool,
    /// ARN of the CloudWatch log group that FIS writes to.
    #[serde(default)]
    log_group_arn: String,
    /// Makes a repeated request start one experiment only; one is made up otherwise.
    #[serde(default)]
    client_token: String,
    /// Description of the template.
    #[serde(default = "description")]
    description: String,
}

fn yes() -> bool {
    true
}

fn half_an_hour() -> String {
    "PT30M".to_owned()
}

fn description() -> String {
    "Affect multiple resource types in a single AZ to approximate power interruption".to_owned()
}

impl NativeActivity for StartAvailabilityZonePowerInterruptionScenario {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "start_availability_zone_power_interruption_scenario";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of fis:StartExperiment.";
    const IAM: &'static [&'static str] = &[
        "sts:GetCallerIdentity",
        "iam:CreateRole",
        "iam:TagRole",
        "iam:CreatePolicy",
        "iam:TagPolicy",
        "iam:AttachRolePolicy",
        "iam:PassRole",
        "fis:CreateExperimentTemplate",
        "fis:StartExperiment",
        "fis:TagResource",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let tags = experiments::tags(self.tags.as_ref())?;
        let aws = Aws::of(&context).await?;
        let mark = Mark::new();
        mark.leave(&context, "");
        let all = all_tags(&mark, &tags);
        let role = self.role(&aws, &mark, &all).await?;
        let template = self.template(&aws, &role, &all).await?;
        mark.leave(&context, &template);
        tokio::time::sleep(SPREAD).await;
        let tags = if tags.is_empty() { tags } else { all };
        let token = filled(Some(self.client_token));
        Ok(experiments::start(&aws.fis(), &template, token, tags).await?)
    }
}

/// With `given` on top, which may override the others.
fn all_tags(mark: &Mark, given: &Tags) -> Tags {
    let mut tags = template::usual_tags();
    tags.insert(mark::TAG.to_owned(), mark.as_str().to_owned());
    tags.extend(given.clone());
    tags
}

impl StartAvailabilityZonePowerInterruptionScenario {
    /// The ARN of the given role, or of a new one.
    async fn role(&self, aws: &Aws, mark: &Mark, tags: &Tags) -> Result<String, AwsError> {
        let role = self.role_arn.as_deref().unwrap_or_default();
        if !role.is_empty() || !self.autocreate_necessary_role {
            given("role_arn", "role that FIS assumes", role)?;
            return Ok(role.to_owned());
        }
        let place = Place::of(aws, &self.az).await?;
        let iam = aws.iam();
        let role = Role {
            iam: &iam,
            mark,
            tags: tags_for_iam(tags)?,
        };
        role.create(&place, self.policies(&place)).await
    }

    fn policies(&self, place: &Place) -> Vec<Policy> {
        let managed = |name| vec![Policy::Managed(name)];
        let mut instances = managed("AWSFaultInjectionSimulatorEC2Access");
        instances.push(policies::launches());
        let network = managed("AWSFaultInjectionSimulatorNetworkAccess");
        let databases = managed("AWSFaultInjectionSimulatorRDSAccess");
        let all = [
            (self.target_ebs_volumes, vec![place.volumes()]),
            (self.target_ec2_instances, instances),
            (self.target_easticache_cluster, vec![place.caches()]),
            (self.target_subnet, network),
            (self.target_rds_cluster, databases),
        ];
        let needed = all.into_iter().filter(|(wanted, _)| *wanted);
        needed.flat_map(|(_, policies)| policies).collect()
    }

    fn parts(&self) -> Result<Vec<Part>, AwsError> {
        let outage = Outage {
            zone: &self.az,
            duration: &self.duration,
        };
        let roles = self.iam_roles.as_deref().unwrap_or_default();
        let all = [
            (self.target_iam_roles && !roles.is_empty(), outage.launches(roles)),
            (self.target_ebs_volumes, outage.volumes()),
            (self.target_ec2_instances, outage.instances()),
            (self.target_asg, outage.groups()),
            (self.target_asg_ec2_instances, outage.groups_instances()),
            (self.target_rds_cluster, outage.databases()),
            (self.target_easticache_cluster, outage.caches()),
            (self.target_subnet, outage.subnets()),
        ];
        let wanted = all.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, part)| part).collect()
    }

    /// Creates the template and returns its id.
    async fn template(&self, aws: &Aws, role: &str, tags: &Tags) -> Result<String, AwsError> {
        let options = Options::builder()
            .account_targeting(AccountTargeting::SingleAccount)
            .empty_target_resolution_mode(EmptyTargetResolutionMode::Skip)
            .build();
        let log = Some(self.log_group_arn.as_str()).filter(|group| !group.is_empty());
        let mut request = aws
            .fis()
            .create_experiment_template()
            .description(&self.description)
            .stop_conditions(template::no_stop_condition()?)
            .role_arn(role)
            .set_tags(Some(tags.clone()))
            .experiment_options(options)
            .set_log_configuration(log.map(template::log_to).transpose()?)
            .set_client_token(filled(Some(self.client_token.clone())));
        for part in self.parts()? {
            request = request.targets(part.target.0, part.target.1);
            request = request.actions(part.action.0, part.action.1);
        }
        template::create(request).await
    }
}

//! What the power interruption does to each kind of resource, as FIS's library describes the scenario: all resources
//! of the zone that have the tag `AzImpairmentPower` with the value for their kind.

use aws_sdk_fis::types::builders::{
    CreateExperimentTemplateActionInputBuilder as ActionBuilder,
    CreateExperimentTemplateTargetInputBuilder as TargetBuilder,
};
use aws_sdk_fis::types::{
    CreateExperimentTemplateActionInput as Action, CreateExperimentTemplateTargetInput as Target,
    ExperimentTemplateTargetInputFilter as Filter,
};

use crate::AwsError;

const STOP_INSTANCES: &str = "Stop-Instances";
const STOP_GROUPS_INSTANCES: &str = "Stop-ASG-Instances";

/// A target of the template and the action that hits it.
pub(super) struct Part {
    pub target: (&'static str, Target),
    pub action: (&'static str, Action),
}

impl Part {
    fn new(
        target: (&'static str, TargetBuilder),
        action: (&'static str, ActionBuilder),
        kind: &str,
    ) -> Result<Self, AwsError> {
        Ok(Self {
            target: (target.0, target.1.build()?),
            action: (action.0, action.1.targets(kind, target.0).build()?),
        })
    }
}

/// The zone without power, and for how long (ISO 8601, `PT30M`).
pub(super) struct Outage<'a> {
    pub zone: &'a str,
    pub duration: &'a str,
}

impl Outage<'_> {
    /// No instance can be launched by these roles.
    pub(super) fn launches(&self, roles: &[String]) -> Result<Part, AwsError> {
        let target = Target::builder()
            .resource_type("aws:iam:role")
            .set_resource_arns(Some(roles.to_vec()))
            .selection_mode("ALL");
        let action = self.no_capacity("aws:ec2:api-insufficient-instance-capacity-error");
        Part::new(("IAM-role", target), ("Pause-Instance-Launches", action), "Roles")
    }

    /// A volume that outlives its instance does no input and output.
    pub(super) fn volumes(&self) -> Result<Part, AwsError> {
        let target = tagged("aws:ec2:ebs-volume", "ApiPauseVolume")
            .selection_mode("COUNT(1)")
            .parameters("availabilityZoneIdentifier", self.zone)
            .filters(filter("Attachments.DeleteOnTermination", "false")?);
        // FIS refuses these names where the template lacks the actions, as it does to chaosaws
        let action = action("aws:ebs:pause-volume-io")
            .parameters("duration", self.duration)
            .start_after(STOP_INSTANCES)
            .start_after(STOP_GROUPS_INSTANCES);
        Part::new(("EBS-Volumes", target), ("Pause-EBS-IO", action), "Volumes")
    }

    /// Running instances are stopped.
    pub(super) fn instances(&self) -> Result<Part, AwsError> {
        let target = self.running("StopInstances")?;
        let action = (STOP_INSTANCES, self.stop());
        Part::new(("EC2-Instances", target), action, "Instances")
    }

    /// Auto Scaling groups cannot launch instances in the zone.
    pub(super) fn groups(&self) -> Result<Part, AwsError> {
        let target = tagged("aws:ec2:autoscaling-group", "IceAsg");
        let action = self.no_capacity("aws:ec2:asg-insufficient-instance-capacity-error");
        Part::new(
            ("ASG", target),
            ("Pause-ASG-Scaling", action),
            "AutoScalingGroups",
        )
    }

    /// Running instances of Auto Scaling groups are stopped.
    pub(super) fn groups_instances(&self) -> Result<Part, AwsError> {
        let target = self.running("IceAsg")?;
        let action = (STOP_GROUPS_INSTANCES, self.stop());
        Part::new(("ASG-EC2-Instances", target), action, "Instances")
    }

    /// Database clusters whose writer is in the zone fail over.
    pub(super) fn databases(&self) -> Result<Part, AwsError> {
        let target = tagged("aws:rds:cluster", "DisruptRds")
            .parameters("writerAvailabilityZoneIdentifiers", self.zone);
        let action = action("aws:rds:failover-db-cluster");
        Part::new(("RDS-Cluster", target), ("Failover-RDS", action), "Clusters")
    }

    /// Nodes of replication groups lose power.
    pub(super) fn caches(&self) -> Result<Part, AwsError> {
        let target = tagged("aws:elasticache:redis-replicationgroup", "DisruptElasticache")
            .parameters("availabilityZoneIdentifier", self.zone);
        let action =
            action("aws:elasticache:interrupt-cluster-az-power").parameters("duration", self.duration);
        let action = ("Pause-ElastiCache", action);
        Part::new(("ElastiCache-Cluster", target), action, "ReplicationGroups")
    }

    /// Subnets are cut off for two minutes.
    pub(super) fn subnets(&self) -> Result<Part, AwsError> {
        let target =
            tagged("aws:ec2:subnet", "DisruptSubnet").filters(filter("AvailabilityZone", self.zone)?);
        let action = action("aws:network:disrupt-connectivity")
            .parameters("duration", "PT2M")
            .parameters("scope", "all");
        Part::new(
            ("Subnet", target),
            ("Pause-network-connectivity", action),
            "Subnets",
        )
    }

    fn running(&self, tag: &str) -> Result<TargetBuilder, AwsError> {
        Ok(tagged("aws:ec2:instance", tag)
            .filters(filter("State.Name", "running")?)
            .filters(filter("Placement.AvailabilityZone", self.zone)?))
    }

    fn stop(&self) -> ActionBuilder {
        action("aws:ec2:stop-instances")
            .parameters("completeIfInstancesTerminated", "true")
            .parameters("startInstancesAfterDuration", self.duration)
    }

    fn no_capacity(&self, id: &str) -> ActionBuilder {
        action(id)
            .parameters("availabilityZoneIdentifiers", self.zone)
            .parameters("duration", self.duration)
            .parameters("percentage", "100")
    }
}

fn tagged(kind: &str, value: &str) -> TargetBuilder {
    Target::builder()
        .resource_type(kind)
        .resource_tags("AzImpairmentPower", value)
        .selection_mode("ALL")
}

fn action(id: &str) -> ActionBuilder {
    Action::builder().action_id(id)
}

fn filter(path: &str, value: &str) -> Result<Filter, AwsError> {
    Ok(Filter::builder().path(path).values(value).build()?)
}

"""EC2 Auto Scaling: groups keep their number of instances, in zones that are allowed."""

from .asking import becomes, fresh, holds, pages, patient, refused, same, subnets, until

HEALTHY = ("InService", "Healthy")


def group_of(lab, name):
    groups = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return groups[0] if groups else None


def members(lab, name):
    """The instances of a group that serve."""
    return {one["InstanceId"]: one for one in group_of(lab, name)["Instances"] if (one["LifecycleState"], one["HealthStatus"]) == HEALTHY}


class Group:
    """A group of our own, for a `with` block."""

    def __init__(self, lab, size=2, kind="t3.micro", user_data=None):
        self.lab, self.size, self.kind, self.user_data, self.name = lab, size, kind, user_data, fresh("check")

    def __enter__(self):
        data = {"ImageId": "ami-0c02fb55956c7d316", "InstanceType": self.kind, **({"UserData": self.user_data} if self.user_data else {})}
        self.lab.client("ec2").create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        self.lab.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            MinSize=0,
            MaxSize=4,
            DesiredCapacity=self.size,
            VPCZoneIdentifier=",".join(subnets(self.lab)),
            LaunchTemplate={"LaunchTemplateName": self.name, "Version": "$Latest"},
            Tags=[{"Key": "Name", "Value": self.name, "PropagateAtLaunch": True}, {"Key": "Quiet", "Value": "yes", "PropagateAtLaunch": False}],
        )
        self.full()
        return self

    def __exit__(self, *_):
        self.lab.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=self.name, ForceDelete=True)
        until("the group to go", lambda: group_of(self.lab, self.name) is None)
        self.lab.client("ec2").delete_launch_template(LaunchTemplateName=self.name)

    def full(self, size=None):
        """Waits until it has its number of instances; gives them."""
        wanted = self.size if size is None else size
        becomes(wanted, lambda: len(members(self.lab, self.name)), "the number of instances in service")
        return members(self.lab, self.name)


def check_a_group_replaces_what_is_terminated(lab):
    with Group(lab) as group:
        before = group.full()
        same(len({one["AvailabilityZone"] for one in before.values()}), 2, "the number of zones")
        victim = next(iter(before))
        lab.client("ec2").terminate_instances(InstanceIds=[victim])
        until("another instance", lambda: victim not in members(lab, group.name) and len(members(lab, group.name)) == 2)
        after = group.full()
        same(len(set(after) - set(before)), 1, "the number of new instances")
        activities = lab.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=group.name)["Activities"]
        told = " ".join(activity["Description"] + activity["Cause"] for activity in activities)
        assert victim in told and next(iter(set(after) - set(before))) in told, told
        patient(lab.client("ec2"), "instance_terminated", InstanceIds=[victim])


def check_a_stopped_instance_is_replaced(lab):
    with Group(lab, size=1) as group:
        [victim] = group.full()
        lab.client("ec2").stop_instances(InstanceIds=[victim])
        until("another instance", lambda: members(lab, group.name) and victim not in members(lab, group.name))


def check_tags_reach_instances(lab):
    ec2, autoscaling = lab.client("ec2"), lab.client("autoscaling")
    with Group(lab, size=1) as group:
        [own] = group.full()
        tags = {tag["Key"]: tag["Value"] for tag in ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [own]}])["Tags"]}
        holds(tags, {"Name": group.name, "aws:autoscaling:groupName": group.name, "Quiet": None})
        found = autoscaling.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": [group.name]}])["Tags"]
        same({tag["Key"]: (tag["Value"], tag["PropagateAtLaunch"], tag["ResourceId"]) for tag in found},
             {"Name": (group.name, True, group.name), "Quiet": ("yes", False, group.name)})
        by_value = autoscaling.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}, {"Name": "value", "Values": [group.name]}])["Tags"]
        same([tag["ResourceId"] for tag in by_value], [group.name])


def check_groups_by_tag(lab):
    with Group(lab, size=0) as group:
        filters = [{"Name": "tag:Name", "Values": [group.name]}]
        found = lab.client("autoscaling").describe_auto_scaling_groups(Filters=filters)["AutoScalingGroups"]
        same([one["AutoScalingGroupName"] for one in found], [group.name])


def check_sizes(lab):
    autoscaling = lab.client("autoscaling")
    with Group(lab, size=1) as group:
        autoscaling.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=3)
        zones = {one["AvailabilityZone"] for one in group.full(3).values()}
        same(zones, {"us-east-1a", "us-east-1b", "us-east-1c"})
        refused("ValidationError", autoscaling.set_desired_capacity, AutoScalingGroupName=group.name, DesiredCapacity=5)
        autoscaling.update_auto_scaling_group(AutoScalingGroupName=group.name, MaxSize=1, DesiredCapacity=1)
        group.full(1)
        holds(group_of(lab, group.name), {"MinSize": 0, "MaxSize": 1, "DesiredCapacity": 1})


def check_subnets_can_be_taken_away(lab):
    """As the failure of a zone is made: the group has to leave the zone."""
    autoscaling = lab.client("autoscaling")
    with Group(lab) as group:
        group.full()
        last = subnets(lab)[2]
        autoscaling.update_auto_scaling_group(AutoScalingGroupName=group.name, VPCZoneIdentifier=last)
        same(group_of(lab, group.name)["AvailabilityZones"], ["us-east-1c"])
        for victim in list(members(lab, group.name)):
            lab.client("ec2").terminate_instances(InstanceIds=[victim])
        in_zone = lambda: sorted(one["AvailabilityZone"] for one in members(lab, group.name).values())
        becomes(["us-east-1c", "us-east-1c"], in_zone, "the zones of the instances")


def check_suspended_processes(lab):
    autoscaling = lab.client("autoscaling")
    with Group(lab, size=1) as group:
        [victim] = group.full()
        autoscaling.suspend_processes(AutoScalingGroupName=group.name, ScalingProcesses=["Launch", "AZRebalance"])
        suspended = group_of(lab, group.name)["SuspendedProcesses"]
        same(sorted(one["ProcessName"] for one in suspended), ["AZRebalance", "Launch"])
        assert all(one["SuspensionReason"] for one in suspended)
        lab.client("ec2").terminate_instances(InstanceIds=[victim])
        patient(lab.client("ec2"), "instance_terminated", InstanceIds=[victim])
        becomes(0, lambda: len(group_of(lab, group.name)["Instances"]), "the number of instances")
        autoscaling.resume_processes(AutoScalingGroupName=group.name)
        same(group_of(lab, group.name)["SuspendedProcesses"], [])
        group.full()


def check_instances_can_be_detached(lab):
    autoscaling = lab.client("autoscaling")
    with Group(lab) as group:
        first, second = group.full()
        autoscaling.detach_instances(AutoScalingGroupName=group.name, InstanceIds=[first], ShouldDecrementDesiredCapacity=True)
        becomes({second}, lambda: set(members(lab, group.name)), "the group's members")
        same(group_of(lab, group.name)["DesiredCapacity"], 1)
        state = lab.client("ec2").describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"][0]["State"]["Name"]
        same(state, "running")
        autoscaling.detach_instances(AutoScalingGroupName=group.name, InstanceIds=[second], ShouldDecrementDesiredCapacity=False)
        until("another instance", lambda: members(lab, group.name) and second not in members(lab, group.name))
        lab.client("ec2").terminate_instances(InstanceIds=[first, second])


def check_deleting_needs_force(lab):
    with Group(lab, size=1) as group:
        refused("ResourceInUse", lab.client("autoscaling").delete_auto_scaling_group, AutoScalingGroupName=group.name)


def check_pages_of_groups(lab):
    with Group(lab, size=0) as first, Group(lab, size=0) as second:
        found, count = pages(lab.client("autoscaling"), "describe_auto_scaling_groups", "AutoScalingGroups", 1)
        assert {first.name, second.name} <= {one["AutoScalingGroupName"] for one in found}
        assert count >= 3, count


def check_missing_groups(lab):
    autoscaling = lab.client("autoscaling")
    same(autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["gone"])["AutoScalingGroups"], [])
    refused("ValidationError", autoscaling.update_auto_scaling_group, AutoScalingGroupName="gone", MinSize=0)
    refused("ValidationError", autoscaling.suspend_processes, AutoScalingGroupName="gone")
    refused("ValidationError", autoscaling.detach_instances, AutoScalingGroupName="gone", InstanceIds=["i-00000000000000000"], ShouldDecrementDesiredCapacity=False)

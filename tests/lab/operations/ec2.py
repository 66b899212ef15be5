"""EC2: networks, security groups, tags, instances and volumes."""

from .asking import becomes, fresh, holds, pages, patient, refused, same, subnets, until, vpc

IMAGE = "ami-0c02fb55956c7d316"


def run(lab, count=1, **more):
    """Instances of our own, pending."""
    launched = lab.client("ec2").run_instances(ImageId=IMAGE, InstanceType="t3.micro", MinCount=count, MaxCount=count, SubnetId=subnets(lab)[0], **more)
    return [instance["InstanceId"] for instance in launched["Instances"]]


def instance(lab, found):
    """An instance as it is now."""
    return lab.client("ec2").describe_instances(InstanceIds=[found])["Reservations"][0]["Instances"][0]


def state(lab, found):
    return instance(lab, found)["State"]["Name"]


def named(name, **more):
    """Tags at creation."""
    tags = [{"Key": key, "Value": value} for key, value in {"Name": name, **more}.items()]
    return [{"ResourceType": "instance", "Tags": tags}]


def check_vpcs_and_subnets(lab):
    ec2 = lab.client("ec2")
    own = vpc(lab)
    found = ec2.describe_vpcs(VpcIds=[own])["Vpcs"][0]
    holds(found, {"VpcId": own, "State": "available"})
    of_vpc = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [own]}])["Subnets"]
    same(len(of_vpc), 6, "the number of subnets")
    in_a = [{"Name": "vpc-id", "Values": [own]}, {"Name": "availability-zone", "Values": ["us-east-1a"]}]
    same({subnet["AvailabilityZone"] for subnet in ec2.describe_subnets(Filters=in_a)["Subnets"]}, {"us-east-1a"})
    named_so = [{"Name": "tag:Name", "Values": ["live-chaos-comment-private-*"]}]
    same(sorted(subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=named_so)["Subnets"]), sorted(subnets(lab)))
    items, count = pages(ec2, "describe_subnets", "Subnets", 5)
    assert len(items) >= 6 and count >= 2, f"{len(items)} subnets on {count} pages"
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    refused("InvalidSubnetID.NotFound", ec2.describe_subnets, SubnetIds=["subnet-00000000000000000"])


def check_zones(lab):
    zones = lab.client("ec2").describe_availability_zones()["AvailabilityZones"]
    names = [zone["ZoneName"] for zone in zones]
    assert {"us-east-1a", "us-east-1b", "us-east-1c"} <= set(names), names
    assert all(zone["State"] == "available" and zone["RegionName"] == "us-east-1" and zone["ZoneId"] for zone in zones), zones
    one = lab.client("ec2").describe_availability_zones(ZoneNames=["us-east-1b"])["AvailabilityZones"]
    same([zone["ZoneName"] for zone in one], ["us-east-1b"])


def check_a_network_of_its_own(lab):
    ec2 = lab.client("ec2")
    # the addresses of a lab are real ones, so that its networks must lie in its own
    block = ec2.describe_vpcs(VpcIds=[vpc(lab)])["Vpcs"][0]["CidrBlock"]
    own = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    block = block.replace(".0.0/16", ".99.0/24")
    subnet = ec2.create_subnet(VpcId=own, CidrBlock=block, AvailabilityZone="us-east-1b")["Subnet"]
    holds(subnet, {"VpcId": own, "CidrBlock": block, "AvailabilityZone": "us-east-1b", "State": "available"})
    refused("DependencyViolation", ec2.delete_vpc, VpcId=own)
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=own)
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[own])


def check_security_groups(lab):
    ec2 = lab.client("ec2")
    name = fresh("check")
    group = ec2.create_security_group(GroupName=name, Description="check", VpcId=vpc(lab))["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
    shown = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
    same([found["GroupId"] for found in shown], [group])
    holds(shown[0]["IpPermissions"][0], {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306})
    same([block["CidrIp"] for block in shown[0]["IpPermissions"][0]["IpRanges"]], ["10.0.0.0/8"])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    same(ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"], [])
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=[rule])
    by_group = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[by_group])
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    same([pair["GroupId"] for pair in shown[0]["UserIdGroupPairs"]], [group])
    ec2.delete_security_group(GroupId=group)
    refused("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=[group])


def check_an_instance_lives(lab):
    ec2 = lab.client("ec2")
    name = fresh("check")
    [own] = run(lab, TagSpecifications=named(name))
    patient(ec2, "instance_running", InstanceIds=[own])
    found = instance(lab, own)
    holds(found, {"InstanceType": "t3.micro", "ImageId": IMAGE, "VpcId": vpc(lab), "SubnetId": subnets(lab)[0]})
    same(found["Placement"]["AvailabilityZone"], "us-east-1a")
    same(found["Tags"], [{"Key": "Name", "Value": name}])
    assert found["PrivateIpAddress"] and found["LaunchTime"].tzinfo, found
    patient(ec2, "instance_status_ok", InstanceIds=[own])
    ec2.reboot_instances(InstanceIds=[own])
    same(state(lab, own), "running")
    stopped = ec2.stop_instances(InstanceIds=[own])["StoppingInstances"][0]
    same((stopped["PreviousState"]["Name"], stopped["CurrentState"]["Name"]), ("running", "stopping"))
    patient(ec2, "instance_stopped", InstanceIds=[own])
    same(ec2.describe_instance_status(InstanceIds=[own])["InstanceStatuses"], [])
    started = ec2.start_instances(InstanceIds=[own])["StartingInstances"][0]
    same((started["PreviousState"]["Name"], started["CurrentState"]["Name"]), ("stopped", "pending"))
    patient(ec2, "instance_running", InstanceIds=[own])
    ended = ec2.terminate_instances(InstanceIds=[own])["TerminatingInstances"][0]
    same((ended["PreviousState"]["Name"], ended["CurrentState"]["Name"]), ("running", "shutting-down"))
    patient(ec2, "instance_terminated", InstanceIds=[own])
    refused("IncorrectInstanceState", ec2.start_instances, InstanceIds=[own])


def check_instances_are_found(lab):
    ec2 = lab.client("ec2")
    name = fresh("check")
    own = run(lab, 3, TagSpecifications=named(name, Role="many"))
    filters = [{"Name": "tag:Name", "Values": [name]}, {"Name": "instance-state-name", "Values": ["pending", "running"]}]

    def found(*more):
        return {one["InstanceId"] for part in ec2.describe_instances(Filters=[*filters, *more])["Reservations"] for one in part["Instances"]}

    same(found(), set(own))
    same(found({"Name": "availability-zone", "Values": ["us-east-1a"]}), set(own))
    same(found({"Name": "availability-zone", "Values": ["us-east-1c"]}), set())
    same(found({"Name": "tag-key", "Values": ["Role"]}, {"Name": "instance-type", "Values": ["t3.*"]}), set(own))
    ec2.delete_tags(Resources=own[:1], Tags=[{"Key": "Name"}])
    same(found(), set(own[1:]))
    ec2.create_tags(Resources=own[:1], Tags=[{"Key": "Name", "Value": name}])
    same(found(), set(own))
    ec2.terminate_instances(InstanceIds=own)
    becomes(set(), found, "the instances that run")


def check_pages_of_instances(lab):
    ec2 = lab.client("ec2")
    name = fresh("check")
    own = {run(lab, TagSpecifications=named(name))[0] for _ in range(6)}
    parts, count = pages(ec2, "describe_instances", "Reservations", 5, Filters=[{"Name": "tag:Name", "Values": [name]}])
    same({one["InstanceId"] for part in parts for one in part["Instances"]}, own)
    same(count, 2, "the number of pages")
    ec2.terminate_instances(InstanceIds=list(own))


def check_missing_instances(lab):
    ec2 = lab.client("ec2")
    gone = ["i-00000000000000000"]
    for call in (ec2.describe_instances, ec2.start_instances, ec2.stop_instances, ec2.reboot_instances, ec2.terminate_instances):
        refused("InvalidInstanceID.NotFound", call, InstanceIds=gone)
    refused("InvalidInstanceID.Malformed", ec2.describe_instances, InstanceIds=["nonsense"])


def check_volumes(lab):
    ec2 = lab.client("ec2")
    [own] = run(lab)
    patient(ec2, "instance_running", InstanceIds=[own])
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, VolumeType="gp3")["VolumeId"]
    patient(ec2, "volume_available", VolumeIds=[volume])
    ec2.attach_volume(VolumeId=volume, InstanceId=own, Device="/dev/sdf")
    patient(ec2, "volume_in_use", VolumeIds=[volume])
    attachment = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Attachments"][0]
    holds(attachment, {"InstanceId": own, "Device": "/dev/sdf"})
    mine = [{"Name": "attachment.instance-id", "Values": [own]}]
    assert volume in [found["VolumeId"] for found in ec2.describe_volumes(Filters=mine)["Volumes"]]
    devices = [device["DeviceName"] for device in instance(lab, own)["BlockDeviceMappings"]]
    assert "/dev/sdf" in devices, devices
    refused("VolumeInUse", ec2.delete_volume, VolumeId=volume)
    ec2.detach_volume(VolumeId=volume, InstanceId=own)
    patient(ec2, "volume_available", VolumeIds=[volume])
    refused("IncorrectState", ec2.detach_volume, VolumeId=volume)
    ec2.delete_volume(VolumeId=volume)
    until("the volume to go", lambda: gone(ec2, volume))
    ec2.terminate_instances(InstanceIds=[own])


def gone(ec2, volume):
    try:
        return ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "deleted"
    except ec2.exceptions.ClientError as error:
        same(error.response["Error"]["Code"], "InvalidVolume.NotFound")
        return True


def check_spot_instances(lab):
    ec2 = lab.client("ec2")
    [own] = run(lab, InstanceMarketOptions={"MarketType": "spot"})
    found = instance(lab, own)
    same(found.get("InstanceLifecycle"), "spot")
    request = found["SpotInstanceRequestId"]
    cancelled = ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])["CancelledSpotInstanceRequests"]
    same(cancelled, [{"SpotInstanceRequestId": request, "State": "cancelled"}])
    ec2.terminate_instances(InstanceIds=[own])
    becomes("terminated", lambda: state(lab, own))


def check_termination_protection(lab):
    ec2 = lab.client("ec2")
    [own] = run(lab, DisableApiTermination=True)
    refused("OperationNotPermitted", ec2.terminate_instances, InstanceIds=[own])
    ec2.modify_instance_attribute(InstanceId=own, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[own])
    becomes("terminated", lambda: state(lab, own))

//! Instances, networks and volumes, by the operations that clients call.
#![allow(clippy::unwrap_used)]

mod ecs_support;

use ecs_support::Lab;
use serde_json::{Value, json};

const FAST: f64 = 60.0;

/// Launches instances of the tag `app`, and returns their ids.
async fn run(lab: &Lab, app: &str, count: u32, more: Value) -> Vec<String> {
    let tags = json!([{ "ResourceType": "instance", "Tag": [{ "Key": "app", "Value": app }] }]);
    let mut input = json!({ "MinCount": count.to_string(), "MaxCount": count.to_string(), "SubnetId": lab.subnets[0], "TagSpecification": tags });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = lab.ok("ec2", "RunInstances", input).await;
    ids(&answer["instancesSet"])
}

fn ids(instances: &Value) -> Vec<String> {
    let instances = instances.as_array().unwrap().iter();
    instances
        .map(|one| one["instanceId"].as_str().unwrap().to_owned())
        .collect()
}

/// The instances that fit filters, written as name and value.
async fn found(lab: &Lab, filters: &[(&str, &str)]) -> Vec<Value> {
    let filters: Vec<Value> = filters
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": [value] }))
        .collect();
    let answer = lab
        .ok("ec2", "DescribeInstances", json!({ "Filter": filters }))
        .await;
    let reservations = answer["reservationSet"].as_array().unwrap().iter();
    reservations
        .flat_map(|one| one["instancesSet"].as_array().unwrap().clone())
        .collect()
}

async fn is(lab: &Lab, id: &str, state: &str) -> Value {
    lab.until(&format!("{id} is {state}"), async || {
        let one = found(lab, &[("instance-id", id)]).await.pop()?;
        (one["instanceState"]["name"] == state).then_some(one)
    })
    .await
}

async fn code(lab: &Lab, operation: &str, input: Value) -> String {
    lab.call("ec2", operation, input).await.unwrap_err().code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_boot_stop_start_and_end() {
    let lab = Lab::new("life", FAST).await;
    let id = run(&lab, "shop", 1, json!({})).await.remove(0);
    let input = json!({ "InstanceId": [id] });
    assert_eq!(
        code(&lab, "StopInstances", input.clone()).await,
        "IncorrectInstanceState"
    );
    let booted = is(&lab, &id, "running").await;
    assert_eq!(booted["placement"]["availabilityZone"], "us-east-1a");
    let answer = lab.ok("ec2", "StopInstances", input.clone()).await;
    assert_eq!(
        answer["instancesSet"][0]["currentState"]["name"], "stopping",
        "{answer}"
    );
    let stopped = is(&lab, &id, "stopped").await;
    assert_eq!(stopped["privateIpAddress"], booted["privateIpAddress"]);
    lab.ok("ec2", "StartInstances", input.clone()).await;
    is(&lab, &id, "running").await;
    lab.ok("ec2", "TerminateInstances", input.clone()).await;
    let ended = is(&lab, &id, "terminated").await;
    assert!(ended.get("privateIpAddress").is_none(), "{ended}");
    assert_eq!(
        code(&lab, "StartInstances", input.clone()).await,
        "IncorrectInstanceState"
    );
    lab.ok("ec2", "TerminateInstances", input).await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminated_instances_are_forgotten_after_an_hour_of_the_lab() {
    let lab = Lab::new("forget", 60.0 * FAST).await;
    let id = run(&lab, "shop", 1, json!({})).await.remove(0);
    lab.ok("ec2", "TerminateInstances", json!({ "InstanceId": [id] }))
        .await;
    is(&lab, &id, "terminated").await;
    lab.until("it is forgotten", async || {
        found(&lab, &[("instance-id", &id)])
            .await
            .is_empty()
            .then_some(())
    })
    .await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_are_found_by_filters_and_ids() {
    let lab = Lab::new("filters", FAST).await;
    let shop = run(&lab, "shop", 2, json!({ "InstanceType": "t3.micro" })).await;
    let other = run(&lab, "blog", 1, json!({ "SubnetId": lab.subnets[1] })).await;
    is(&lab, &other[0], "running").await;
    for (filters, expected) in [
        (&[("tag:app", "shop")][..], 2),
        (&[("tag:app", "s*")], 2),
        (&[("tag-key", "app")], 3),
        (&[("availability-zone", "us-east-1b")], 1),
        (&[("subnet-id", &lab.subnets[1])], 1),
        (&[("instance-type", "t3.micro"), ("tag:app", "blog")], 0),
        (&[("instance-state-name", "terminated")], 0),
        (&[("instance-lifecycle", "spot")], 0),
    ] {
        assert_eq!(found(&lab, filters).await.len(), expected, "{filters:?}");
    }
    let unknown = json!({ "InstanceId": [shop[0], "i-00000000000000001"] });
    assert_eq!(
        code(&lab, "DescribeInstances", unknown.clone()).await,
        "InvalidInstanceID.NotFound"
    );
    assert_eq!(
        code(&lab, "TerminateInstances", unknown).await,
        "InvalidInstanceID.NotFound"
    );
    assert_eq!(
        found(&lab, &[("instance-state-name", "shutting-down")])
            .await
            .len(),
        0
    );
    let malformed = json!({ "InstanceId": ["web"] });
    assert_eq!(
        code(&lab, "DescribeInstances", malformed).await,
        "InvalidInstanceID.Malformed"
    );
    let wrong = json!({ "Filter": [{ "Name": "colour", "Value": ["red"] }] });
    assert_eq!(
        code(&lab, "DescribeInstances", wrong).await,
        "InvalidParameterValue"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spot_instances_are_cancelled_and_terminated_but_never_stopped() {
    let lab = Lab::new("spot", FAST).await;
    let spot = json!({ "InstanceMarketOptions": { "MarketType": "spot" } });
    let id = run(&lab, "spot", 1, spot).await.remove(0);
    let one = is(&lab, &id, "running").await;
    assert_eq!(one["instanceLifecycle"], "spot");
    let input = json!({ "InstanceId": [id] });
    assert_eq!(code(&lab, "StopInstances", input).await, "UnsupportedOperation");
    let request = json!({ "SpotInstanceRequestId": [one["spotInstanceRequestId"]] });
    let answer = lab.ok("ec2", "CancelSpotInstanceRequests", request.clone()).await;
    assert_eq!(answer["spotInstanceRequestSet"][0]["state"], "cancelled");
    is(&lab, &id, "running").await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volumes_are_detached_and_attached_again() {
    let lab = Lab::new("volumes", FAST).await;
    let mapping =
        json!({ "BlockDeviceMapping": [{ "DeviceName": "/dev/sdf", "Ebs": { "VolumeSize": "2" } }] });
    let id = run(&lab, "data", 1, mapping).await.remove(0);
    let one = is(&lab, &id, "running").await;
    let volumes = one["blockDeviceMapping"].as_array().unwrap();
    let of = |device: &str| {
        let volume = volumes
            .iter()
            .find(|volume| volume["deviceName"] == device)
            .unwrap();
        volume
            .pointer("/ebs/volumeId")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (root, data) = (of("/dev/xvda"), of("/dev/sdf"));
    assert_eq!(
        code(&lab, "DetachVolume", json!({ "VolumeId": root })).await,
        "OperationNotPermitted"
    );
    lab.ok(
        "ec2",
        "DetachVolume",
        json!({ "VolumeId": data, "InstanceId": id }),
    )
    .await;
    let tag = json!({ "ResourceId": [data], "Tag": [{ "Key": "Detached", "Value": "yes" }] });
    lab.ok("ec2", "CreateTags", tag).await;
    let by_tag = json!({ "Filter": [{ "Name": "tag-key", "Value": ["Detached"] }] });
    let answer = lab.ok("ec2", "DescribeVolumes", by_tag).await;
    assert_eq!(answer.pointer("/volumeSet/0/status").unwrap(), "available");
    let attach = json!({ "VolumeId": data, "InstanceId": id, "Device": "/dev/sdf" });
    lab.ok("ec2", "AttachVolume", attach.clone()).await;
    assert_eq!(code(&lab, "AttachVolume", attach).await, "VolumeInUse");
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn networks_are_those_of_the_lab() {
    let lab = Lab::new("networks", FAST).await;
    assert_eq!(
        code(&lab, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await,
        "InvalidVpc.Range"
    );
    let vpcs = lab.ok("ec2", "DescribeVpcs", json!({})).await;
    let vpc = vpcs.pointer("/vpcSet/0/vpcId").unwrap();
    let first = lab.region.settings().network.subnet_cidr(1);
    for (cidr, zone, expected) in [
        (first.as_str(), "us-east-1a", "InvalidSubnet.Conflict"),
        ("10.0.1.0/24", "us-east-1a", "InvalidSubnet.Range"),
        (
            &lab.region.settings().network.subnet_cidr(9),
            "us-east-1z",
            "InvalidParameterValue",
        ),
    ] {
        let input = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
        assert_eq!(code(&lab, "CreateSubnet", input).await, expected, "{cidr} {zone}");
    }
    assert_eq!(
        code(&lab, "DeleteVpc", json!({ "VpcId": vpc })).await,
        "DependencyViolation"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_run_out_and_come_back() {
    let lab = Lab::new("addresses", FAST).await;
    let subnet = &lab.subnets[0];
    let (first, last, error) = {
        let mut state = lab.region.state();
        let taken: Vec<_> = (0..251).map(|_| state.ec2.allocate(subnet).unwrap()).collect();
        (taken[0], taken[250], state.ec2.allocate(subnet).unwrap_err())
    };
    assert_eq!((first.octets()[3], last.octets()[3]), (4, 254));
    assert_eq!(error.code, "InsufficientFreeAddressesInSubnet");
    lab.region.state().ec2.release(last);
    assert_eq!(lab.region.state().ec2.allocate(subnet).unwrap(), last);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_security_groups_are_added_once_and_removed() {
    let lab = Lab::new("security", FAST).await;
    let vpcs = lab.ok("ec2", "DescribeVpcs", json!({})).await;
    let vpc = vpcs.pointer("/vpcSet/0/vpcId").unwrap();
    let input = json!({ "GroupName": "web", "GroupDescription": "web", "VpcId": vpc });
    let group = lab.ok("ec2", "CreateSecurityGroup", input).await["groupId"].clone();
    let rule = json!({ "IpProtocol": "tcp", "FromPort": "80", "ToPort": "80", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    let rule = json!({ "GroupId": group, "IpPermissions": [rule] });
    lab.ok("ec2", "AuthorizeSecurityGroupIngress", rule.clone()).await;
    let again = code(&lab, "AuthorizeSecurityGroupIngress", rule.clone()).await;
    assert_eq!(again, "InvalidPermission.Duplicate");
    let described = lab
        .ok("ec2", "DescribeSecurityGroups", json!({ "GroupId": [group] }))
        .await;
    let range = described.pointer("/securityGroupInfo/0/ipPermissions/0/ipRanges/0/cidrIp");
    assert_eq!(range.unwrap(), "0.0.0.0/0");
    lab.ok("ec2", "RevokeSecurityGroupIngress", rule.clone()).await;
    assert_eq!(
        code(&lab, "RevokeSecurityGroupIngress", rule).await,
        "InvalidPermission.NotFound"
    );
    lab.end().await;
}

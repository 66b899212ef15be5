//! Load balancers, driven by their operations and by requests.
#![allow(clippy::unwrap_used)]

#[path = "balance_support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

use chaos_lab_region::elb;
use serde_json::{Value, json};
use support::{Lab, Target, get, until};

/// A load balancer with a listener on port 80 that forwards to one target group.
struct Front {
    balancer: String,
    group: String,
    listener: String,
    address: SocketAddr,
    subnets: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn after(arn: &str, part: &str) -> String {
    arn.split_once(part).unwrap().1.to_owned()
}

async fn group(lab: &Lab, name: &str) -> String {
    let input = json!({
        "Name": name, "Protocol": "HTTP", "Port": "9000", "TargetType": "ip", "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": "10", "HealthyThresholdCount": "2",
    });
    text(&lab.elb("CreateTargetGroup", input).await["TargetGroups"][0]["TargetGroupArn"])
}

fn forward(group: &str) -> Value {
    json!([{ "Type": "forward", "TargetGroupArn": group }])
}

async fn front(lab: &Lab) -> Front {
    let subnets = lab.subnets().await;
    let made = lab
        .elb(
            "CreateLoadBalancer",
            json!({ "Name": "public", "Subnets": subnets[..2] }),
        )
        .await;
    let balancer = text(&made["LoadBalancers"][0]["LoadBalancerArn"]);
    let name: Ipv4Addr = made["LoadBalancers"][0]["DNSName"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let group = group(lab, "web").await;
    let input = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward(&group) });
    let listener = text(&lab.elb("CreateListener", input).await["Listeners"][0]["ListenerArn"]);
    Front {
        balancer,
        group,
        listener,
        address: (name, 8080).into(),
        subnets,
    }
}

async fn healths(lab: &Lab, group: &str) -> Vec<Value> {
    let answer = lab
        .elb("DescribeTargetHealth", json!({ "TargetGroupArn": group }))
        .await;
    answer["TargetHealthDescriptions"].as_array().unwrap().clone()
}

async fn all_are(lab: &Lab, group: &str, state: &str) {
    until(state, async || {
        let targets = healths(lab, group).await;
        targets
            .iter()
            .all(|target| target["TargetHealth"]["State"] == state)
            .then_some(())
    })
    .await;
}

async fn register(lab: &Lab, group: &str, targets: &[&Target]) {
    let ids: Vec<Value> = targets
        .iter()
        .map(|target| json!({ "Id": target.address.ip().to_string() }))
        .collect();
    lab.elb(
        "RegisterTargets",
        json!({ "TargetGroupArn": group, "Targets": ids }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_requests_are_counted_once_by_request_count_and_by_status() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let one = Target::start((Ipv4Addr::new(127, lab.net, 1, 50), 9000)).await;
    let two = Target::start((Ipv4Addr::new(127, lab.net, 2, 50), 9000)).await;
    register(&lab, &front.group, &[&one, &two]).await;
    all_are(&lab, &front.group, "healthy").await;
    let mut statuses: HashMap<u16, f64> = HashMap::new();
    for path in ["/200"; 30]
        .iter()
        .chain(&["/301"; 3])
        .chain(&["/404"; 5])
        .chain(&["/500"; 4])
    {
        *statuses.entry(get(front.address, path, "x").await.0).or_default() += 1.0;
    }
    drop(two);
    for _ in 0..4 {
        *statuses
            .entry(get(front.address, "/200", "x").await.0)
            .or_default() += 1.0;
    }
    let (balancer, group) = (
        after(&front.balancer, "loadbalancer/"),
        after(&front.group, "123456789012:"),
    );
    let own = [("LoadBalancer", balancer.as_str())];
    let both = [
        ("TargetGroup", group.as_str()),
        ("LoadBalancer", balancer.as_str()),
    ];
    let sent = 46.0;
    for dimensions in [&own[..], &both[..]] {
        assert_eq!(lab.sum("RequestCount", dimensions).await, sent);
    }
    let mut counted = 0.0;
    for (name, statuses_of) in [
        ("Target_2XX", 200),
        ("Target_3XX", 301),
        ("Target_4XX", 404),
        ("Target_5XX", 500),
        ("ELB_5XX", 502),
    ] {
        let count = lab.sum(&format!("HTTPCode_{name}_Count"), &own).await;
        assert_eq!(
            count,
            statuses.get(&statuses_of).copied().unwrap_or_default(),
            "{name}"
        );
        counted += count;
    }
    assert_eq!(counted, sent);
    assert!(
        statuses.contains_key(&502),
        "a dead target gives 502s until its health checks fail: {statuses:?}"
    );
    assert_eq!(lab.sum("TargetConnectionErrorCount", &own).await, statuses[&502]);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_targets_and_hosts_are_counted() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let one = Target::start((Ipv4Addr::new(127, lab.net, 1, 50), 9000)).await;
    let two = Target::start((Ipv4Addr::new(127, lab.net, 2, 50), 9000)).await;
    register(&lab, &front.group, &[&one, &two]).await;
    all_are(&lab, &front.group, "healthy").await;
    let gone = two.address;
    drop(two);
    let sick = until("an unhealthy target", async || {
        healths(&lab, &front.group)
            .await
            .into_iter()
            .find(|target| target["TargetHealth"]["State"] == "unhealthy")
    })
    .await;
    assert_eq!(
        sick["Target"],
        json!({ "Id": gone.ip().to_string(), "Port": 9000, "AvailabilityZone": "us-east-1b" })
    );
    assert_eq!(sick["TargetHealth"]["Reason"], "Target.FailedHealthChecks");
    let (balancer, group) = (
        after(&front.balancer, "loadbalancer/"),
        after(&front.group, "123456789012:"),
    );
    let dimensions = [
        ("LoadBalancer", balancer.as_str()),
        ("TargetGroup", group.as_str()),
    ];
    until("UnHealthyHostCount", async || {
        (lab.sum("UnHealthyHostCount", &dimensions).await > 0.0).then_some(())
    })
    .await;
    for _ in 0..10 {
        assert_eq!(get(front.address, "/200", "x").await.0, 200);
    }
    let _again = Target::start(gone).await;
    all_are(&lab, &front.group, "healthy").await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_of_other_services_are_registered_by_address_and_drain() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let target = Target::start((Ipv4Addr::new(127, lab.net, 1, 60), 3000)).await;
    let attributes = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "20" }]);
    lab.elb(
        "ModifyTargetGroupAttributes",
        json!({ "TargetGroupArn": front.group, "Attributes": attributes }),
    )
    .await;
    elb::register(
        &mut lab.region.state(),
        &front.group,
        target.address,
        "us-east-1a",
    )
    .unwrap();
    all_are(&lab, &front.group, "healthy").await;
    assert_eq!(elb::health(&lab.region.state(), &front.group).len(), 1);
    elb::deregister(&mut lab.region.state(), &front.group, target.address);
    assert_eq!(
        healths(&lab, &front.group).await[0]["TargetHealth"]["State"],
        "draining"
    );
    until("the end of draining", async || {
        healths(&lab, &front.group).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(get(front.address, "/200", "x").await.0, 503);
    let unknown = elb::register(&mut lab.region.state(), "arn:none", target.address, "us-east-1a");
    assert_eq!(unknown.unwrap_err().code, "TargetGroupNotFound");
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_choose_by_path_and_host() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let api = group(&lab, "api").await;
    let target = Target::start((Ipv4Addr::new(127, lab.net, 1, 50), 9000)).await;
    register(&lab, &api, &[&target]).await;
    let states = healths(&lab, &api).await;
    assert_eq!(
        states[0]["TargetHealth"],
        json!({
            "State": "unused", "Reason": "Target.NotInUse", "Description": states[0]["TargetHealth"]["Description"],
        })
    );
    let rule = |priority: u32, condition: Value, actions: Value| json!({ "ListenerArn": front.listener, "Priority": priority.to_string(), "Conditions": [condition], "Actions": actions });
    let path = |values: &str| json!({ "Field": "path-pattern", "Values": [values] });
    let to_api = lab
        .elb("CreateRule", rule(10, path("/api/*"), forward(&api)))
        .await;
    let tea = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "418", "MessageBody": "tea" } }]);
    let host = json!({ "Field": "host-header", "HostHeaderConfig": { "Values": ["*.tea.org"] } });
    lab.elb("CreateRule", rule(20, host, tea)).await;
    let moved =
        json!([{ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_302", "Path": "/new" } }]);
    lab.elb("CreateRule", rule(30, path("/old"), moved.clone())).await;
    all_are(&lab, &api, "healthy").await;
    assert_eq!(get(front.address, "/api/200", "x").await.0, 200);
    assert_eq!(get(front.address, "/other", "x").await.0, 503);
    assert_eq!(get(front.address, "/other", "green.tea.org").await.0, 418);
    let (status, head) = get(front.address, "/old?a=b", "x.org").await;
    assert_eq!(
        (status, head.contains("http://x.org:8080/new?a=b")),
        (302, true),
        "{head}"
    );
    assert_eq!(
        lab.elb_error("CreateRule", rule(30, path("/x"), moved)).await,
        "PriorityInUse"
    );
    let arn = &to_api["Rules"][0]["RuleArn"];
    lab.elb(
        "ModifyRule",
        json!({ "RuleArn": arn, "Conditions": [path("/v2/*")] }),
    )
    .await;
    assert_eq!(get(front.address, "/api/200", "x").await.0, 503);
    assert_eq!(get(front.address, "/v2/200", "x").await.0, 200);
    let rules = lab
        .elb("DescribeRules", json!({ "ListenerArn": front.listener }))
        .await;
    let priorities: Vec<&str> = rules["Rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["Priority"].as_str().unwrap())
        .collect();
    assert_eq!(priorities, ["10", "20", "30", "default"]);
    assert_eq!(
        lab.elb_error("DeleteTargetGroup", json!({ "TargetGroupArn": api }))
            .await,
        "ResourceInUse"
    );
    lab.elb("DeleteRule", json!({ "RuleArn": arn })).await;
    assert_eq!(healths(&lab, &api).await[0]["TargetHealth"]["State"], "unused");
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_subnets_leave_targets_of_the_old_zone_unused() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let one = Target::start((Ipv4Addr::new(127, lab.net, 1, 50), 9000)).await;
    let two = Target::start((Ipv4Addr::new(127, lab.net, 2, 50), 9000)).await;
    register(&lab, &front.group, &[&one, &two]).await;
    all_are(&lab, &front.group, "healthy").await;
    let set = lab
        .elb(
            "SetSubnets",
            json!({ "LoadBalancerArn": front.balancer, "Subnets": front.subnets[1..] }),
        )
        .await;
    assert_eq!(set["AvailabilityZones"][1]["ZoneName"], "us-east-1c");
    let states: Vec<Value> = healths(&lab, &front.group)
        .await
        .iter()
        .map(|one| one["TargetHealth"]["State"].clone())
        .collect();
    assert_eq!(states, ["unused", "healthy"]);
    let one_zone = json!({ "LoadBalancerArn": front.balancer, "Subnets": [front.subnets[0]] });
    assert_eq!(lab.elb_error("SetSubnets", one_zone).await, "ValidationError");
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_becomes_active_and_goes_with_its_listeners() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let state = async || {
        let described = lab
            .elb("DescribeLoadBalancers", json!({ "Names": ["public"] }))
            .await;
        text(&described["LoadBalancers"][0]["State"]["Code"])
    };
    until("an active load balancer", async || {
        (state().await == "active").then_some(())
    })
    .await;
    let protect = |value: &str| json!({ "LoadBalancerArn": front.balancer, "Attributes": [{ "Key": "deletion_protection.enabled", "Value": value }] });
    let arn = json!({ "LoadBalancerArn": front.balancer });
    lab.elb("ModifyLoadBalancerAttributes", protect("true")).await;
    assert_eq!(
        lab.elb_error("DeleteLoadBalancer", arn.clone()).await,
        "OperationNotPermitted"
    );
    lab.elb("ModifyLoadBalancerAttributes", protect("false")).await;
    lab.elb("DeleteLoadBalancer", arn.clone()).await;
    lab.elb("DeleteLoadBalancer", arn.clone()).await;
    assert_eq!(
        lab.elb_error("DescribeListeners", json!({ "ListenerArns": [front.listener] }))
            .await,
        "ListenerNotFound"
    );
    assert_eq!(
        lab.elb_error("DescribeLoadBalancerAttributes", arn).await,
        "LoadBalancerNotFound"
    );
    // name, address and port are free again
    let made = lab
        .elb(
            "CreateLoadBalancer",
            json!({ "Name": "public", "Subnets": front.subnets }),
        )
        .await;
    assert_eq!(
        made["LoadBalancers"][0]["DNSName"],
        front.address.ip().to_string()
    );
    let input = json!({ "LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"], "Port": 80, "DefaultActions": forward(&front.group) });
    lab.elb("CreateListener", input).await;
    assert_eq!(get(front.address, "/", "x").await.0, 503);
    lab.end().await;
    assert!(
        tokio::net::TcpStream::connect(front.address).await.is_err(),
        "stopping closes listeners"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_refuses_is_refused_by_its_codes() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let refused = async |operation: &str, input: Value| lab.elb_error(operation, input).await;
    assert_eq!(
        refused("DescribeLoadBalancers", json!({ "Names": ["none"] })).await,
        "LoadBalancerNotFound"
    );
    assert_eq!(
        refused("DescribeTargetGroups", json!({ "Names": ["none"] })).await,
        "TargetGroupNotFound"
    );
    assert_eq!(
        refused("DescribeTargetHealth", json!({ "TargetGroupArn": "arn" })).await,
        "TargetGroupNotFound"
    );
    assert_eq!(
        refused(
            "CreateLoadBalancer",
            json!({ "Name": "x", "Subnets": ["subnet-0", "subnet-1"] })
        )
        .await,
        "SubnetNotFound"
    );
    assert_eq!(
        refused(
            "CreateLoadBalancer",
            json!({ "Name": "public", "Subnets": front.subnets })
        )
        .await,
        "DuplicateLoadBalancerName"
    );
    let foreign = json!({ "TargetGroupArn": front.group, "Targets": [{ "Id": "10.0.0.1" }] });
    assert_eq!(refused("RegisterTargets", foreign).await, "InvalidTarget");
    let security = json!({ "LoadBalancerArn": front.balancer, "SecurityGroups": ["sg-0"] });
    assert_eq!(
        refused("SetSecurityGroups", security).await,
        "InvalidSecurityGroup"
    );
    let again =
        json!({ "LoadBalancerArn": front.balancer, "Port": "80", "DefaultActions": forward(&front.group) });
    assert_eq!(refused("CreateListener", again).await, "DuplicateListener");
    let slow = json!({ "TargetGroupArn": front.group, "HealthCheckTimeoutSeconds": 10 });
    assert_eq!(refused("ModifyTargetGroup", slow).await, "ValidationError");
    let sticky = json!({ "TargetGroupArn": front.group, "Attributes": [{ "Key": "stickiness.enabled", "Value": "true" }] });
    assert_eq!(
        refused("ModifyTargetGroupAttributes", sticky).await,
        "ValidationError"
    );
    let instances = lab
        .elb("CreateTargetGroup", json!({ "Name": "i", "Port": 80 }))
        .await;
    let arn = &instances["TargetGroups"][0]["TargetGroupArn"];
    assert_eq!(
        refused(
            "RegisterTargets",
            json!({ "TargetGroupArn": arn, "Targets": [{ "Id": "i-0" }] })
        )
        .await,
        "InvalidTarget"
    );
    // taking out what is not in is no error
    lab.elb(
        "DeregisterTargets",
        json!({ "TargetGroupArn": front.group, "Targets": [{ "Id": "127.0.0.9" }] }),
    )
    .await;
    let pages = lab.elb("DescribeTargetGroups", json!({ "PageSize": 1 })).await;
    let next = lab
        .elb(
            "DescribeTargetGroups",
            json!({ "PageSize": 1, "Marker": pages["NextMarker"] }),
        )
        .await;
    assert_eq!(
        (&next["TargetGroups"][0]["TargetGroupName"], &next["NextMarker"]),
        (&json!("i"), &Value::Null)
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_attributes_are_kept() {
    let lab = Lab::new(20.0).await;
    let front = front(&lab).await;
    let resources = json!([front.balancer, front.group, front.listener]);
    lab.elb("AddTags", json!({ "ResourceArns": resources, "Tags": [{ "Key": "app", "Value": "comments" }, { "Key": "x", "Value": "y" }] })).await;
    lab.elb(
        "RemoveTags",
        json!({ "ResourceArns": resources, "TagKeys": ["x"] }),
    )
    .await;
    let described = lab
        .elb("DescribeTags", json!({ "ResourceArns": resources }))
        .await;
    for tagged in described["TagDescriptions"].as_array().unwrap() {
        assert_eq!(tagged["Tags"], json!([{ "Key": "app", "Value": "comments" }]));
    }
    let log = json!([{ "Key": "access_logs.s3.enabled", "Value": "true" }, { "Key": "access_logs.s3.bucket", "Value": "b" }]);
    lab.elb(
        "ModifyLoadBalancerAttributes",
        json!({ "LoadBalancerArn": front.balancer, "Attributes": log }),
    )
    .await;
    let described = lab
        .elb(
            "DescribeLoadBalancerAttributes",
            json!({ "LoadBalancerArn": front.balancer }),
        )
        .await;
    assert!(described["Attributes"].as_array().unwrap().contains(&log[0]));
    lab.end().await;
}

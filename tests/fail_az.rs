//! `chaos fail-az` and the activities on the same state table, against moto's server on loopback: whenever the program
//! is killed, a recovery restores exactly what was there.
//!
//! moto is simpler than AWS: it starts no tasks for services (those here are run by hand, and every task of a cluster
//! counts as every service's), has a new table ready at once, puts all instances of a group into its first zone, and
//! replaces them as soon as they are terminated.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use chaos_engine::value::{Value, json};
use common::{Ended, Folder, chaos, on_aws, run};
use rustix::process::{Pid, Signal, kill_process};
use support::moto::{Moto, free_address};
use support::proxy::{Act, Proxy};

const ECS: &str = "AmazonEC2ContainerServiceV20141113";

const INPUT: &str = r#"{"azs": ["us-east-1a"], "targets": [
    {"type": "ecs-service", "filter": "cluster=shop;service=front"},
    {"type": "auto-scaling-group", "tags": [{"Name": "app", "Value": "shop"}]},
    {"type": "elbv2-load-balancer", "filter": "name=front"}]}"#;

/// `chaos` with an AWS at that address.
fn command(folder: &Folder, address: SocketAddr, line: &[&str]) -> Command {
    on_aws(chaos(folder, line), address)
}

fn fail_az(folder: &Folder, address: SocketAddr, line: &[&str]) -> Ended {
    let line: Vec<&str> = ["fail-az"].iter().chain(line).copied().collect();
    run(&mut command(folder, address, &line))
}

/// Everything between two marks, each time they occur.
fn between<'a>(text: &'a str, from: &'a str, to: &'a str) -> Vec<&'a str> {
    let parts = text.split(from).skip(1);
    parts.map(|part| part.split(to).next().unwrap()).collect()
}

/// What an experiment hits: a service in three zones with a task in two of them, a group and a load balancer.
struct Shop<'a> {
    moto: &'a Moto,
    subnets: Vec<String>,
    group: String,
}

impl<'a> Shop<'a> {
    /// Seeds an empty moto.
    fn open(moto: &'a Moto) -> Self {
        moto.reset();
        let zones = moto.form(
            "ec2",
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=default-for-az&Filter.1.Value.1=true",
        );
        let names = between(&zones, "<availabilityZone>", "<");
        let ids = between(&zones, "<subnetId>", "<");
        let zones: BTreeMap<&str, &str> = names.into_iter().zip(ids).collect();
        let groups = moto.form("ec2", "Action=DescribeSecurityGroups&Version=2016-11-15");
        let shop = Self {
            moto,
            subnets: zones.values().take(3).map(ToString::to_string).collect(),
            group: between(&groups, "<groupId>", "<")[0].to_owned(),
        };
        shop.start_service();
        shop.start_group();
        shop.start_balancer();
        shop
    }

    fn ecs(&self, operation: &str, body: &str) -> Value {
        let answer = self.moto.json("ecs", &format!("{ECS}.{operation}"), body);
        json::parse(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
    }

    fn start_service(&self) {
        self.ecs("CreateCluster", r#"{"clusterName": "shop"}"#);
        self.ecs(
            "RegisterTaskDefinition",
            r#"{"family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
                "containerDefinitions": [{"name": "app", "image": "app:1", "memory": 512, "environment": [{"name": "MODE", "value": "normal"}]}]}"#,
        );
        let network = |subnets: &[String]| {
            let subnets = json::compact(&subnets.to_vec().into());
            let group = &self.group;
            format!(
                r#""launchType": "FARGATE", "networkConfiguration": {{"awsvpcConfiguration":
                    {{"subnets": {subnets}, "securityGroups": ["{group}"], "assignPublicIp": "DISABLED"}}}}"#
            )
        };
        let service =
            r#""cluster": "shop", "serviceName": "front", "taskDefinition": "web", "desiredCount": 0"#;
        self.ecs(
            "CreateService",
            &format!("{{{service}, {}}}", network(&self.subnets)),
        );
        // in moto, as many tasks run as an update asks for
        self.ecs(
            "UpdateService",
            r#"{"cluster": "shop", "service": "front", "desiredCount": 2}"#,
        );
        for subnet in &self.subnets[..2] {
            let task = r#""cluster": "shop", "taskDefinition": "web", "count": 1"#;
            let network = network(std::slice::from_ref(subnet));
            self.ecs("RunTask", &format!("{{{task}, {network}}}"));
        }
    }

    fn start_group(&self) {
        self.moto.form(
            "autoscaling",
            "Action=CreateLaunchConfiguration&Version=2011-01-01&LaunchConfigurationName=web&ImageId=ami-12c6146b&InstanceType=t2.micro",
        );
        let group = "Action=CreateAutoScalingGroup&Version=2011-01-01&AutoScalingGroupName=web&LaunchConfigurationName=web\
                     &MinSize=0&MaxSize=9&DesiredCapacity=3&Tags.member.1.Key=app&Tags.member.1.Value=shop\
                     &Tags.member.1.ResourceId=web&Tags.member.1.ResourceType=auto-scaling-group\
                     &Tags.member.1.PropagateAtLaunch=true";
        let subnets = self.subnets.join("%2C");
        self.moto
            .form("autoscaling", &format!("{group}&VPCZoneIdentifier={subnets}"));
    }

    fn start_balancer(&self) {
        let subnets = self.subnets.iter().enumerate();
        let subnets: String = subnets
            .map(|(index, subnet)| format!("&Subnets.member.{}={subnet}", index + 1))
            .collect();
        let balancer = "Action=CreateLoadBalancer&Version=2015-12-01&Name=front&SecurityGroups.member.1";
        self.moto.form(
            "elasticloadbalancing",
            &format!("{balancer}={}{subnets}", self.group),
        );
    }

    fn service(&self) -> Value {
        let answer = self.ecs(
            "DescribeServices",
            r#"{"cluster": "shop", "services": ["front"]}"#,
        );
        answer.get("services").unwrap().as_list().unwrap()[0].clone()
    }

    fn active_definitions(&self) -> Vec<Value> {
        let answer = self.ecs(
            "ListTaskDefinitions",
            r#"{"familyPrefix": "web", "status": "ACTIVE"}"#,
        );
        answer
            .get("taskDefinitionArns")
            .unwrap()
            .as_list()
            .unwrap()
            .to_vec()
    }

    /// Everything that a zone's failure changes.
    fn state(&self) -> (String, Vec<String>, usize, Vec<String>) {
        let service = self.service();
        let network = json::compact(service.get("networkConfiguration").unwrap());
        let group = self.moto.form(
            "autoscaling",
            "Action=DescribeAutoScalingGroups&Version=2011-01-01",
        );
        let subnets = between(&group, "<VPCZoneIdentifier>", "<");
        let instances = between(&group, "<InstanceId>", "<").len();
        let balancer = self.moto.form(
            "elasticloadbalancing",
            "Action=DescribeLoadBalancers&Version=2015-12-01",
        );
        let enabled = between(&balancer, "<SubnetId>", "<");
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        (network, owned(subnets), instances, owned(enabled))
    }
}

/// Kills a program once AWS has answered its n-th request, of which it does not learn. Returns false when it ended
/// before that.
fn killed_after(n: usize, moto: &Moto, start: impl FnOnce(SocketAddr) -> Command) -> bool {
    let (pid, requests) = (Arc::new(AtomicI32::new(0)), AtomicUsize::new(0));
    let victim = pid.clone();
    let proxy = Proxy::start(moto.address, move |_| {
        if requests.fetch_add(1, Ordering::SeqCst) + 1 < n {
            return Act::Pass;
        }
        let pid = loop {
            match Pid::from_raw(victim.load(Ordering::SeqCst)) {
                Some(pid) => break pid,
                None => std::thread::yield_now(),
            }
        };
        // it may have been killed by an earlier request
        let _ = kill_process(pid, Signal::KILL);
        Act::LoseAnswer
    });
    let mut child = start(proxy.address).spawn().unwrap();
    pid.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    let status = child.wait().unwrap();
    // the server may still be at it
    while proxy.busy() {
        std::thread::yield_now();
    }
    assert!(status.success() || status.code().is_none(), "{status}");
    status.code().is_none()
}

fn fail_command(folder: &Folder, address: SocketAddr) -> Command {
    folder.write("input.json", INPUT);
    command(
        folder,
        address,
        &["fail-az", "fail", "--ns", "test", "input.json"],
    )
}

fn assert_recovered(
    folder: &Folder,
    shop: &Shop,
    before: &(String, Vec<String>, usize, Vec<String>),
    when: &str,
) {
    let moto = shop.moto.address;
    let recovered = fail_az(folder, moto, &["recover", "--ns", "test"]);
    assert_eq!(recovered.code, Some(0), "{when}: {}", recovered.stderr);
    assert_eq!(shop.state(), *before, "{when}");
    let left = fail_az(folder, moto, &["state-read", "--ns", "test"]);
    assert_eq!(left.stdout, "[]\n", "{when}");
}

#[test]
fn a_failure_killed_after_any_request_is_recovered() {
    let Some(moto) = Moto::start() else { return };
    let folder = Folder::new();
    let mut failed = 0;
    for n in 1.. {
        let shop = Shop::open(&moto);
        let before = shop.state();
        let killed = killed_after(n, &moto, |address| fail_command(&folder, address));
        let changed = shop.state() != before;
        assert!(killed || changed, "the program ended and has changed nothing");
        failed += usize::from(changed);
        assert_recovered(&folder, &shop, &before, &format!("request {n}"));
        if !killed {
            break;
        }
    }
    assert!(failed > 3, "the faults were seen {failed} times only");
}

#[test]
fn a_recovery_killed_after_any_request_is_recovered() {
    let Some(moto) = Moto::start() else { return };
    let folder = Folder::new();
    for n in 1.. {
        let shop = Shop::open(&moto);
        let before = shop.state();
        let failed = run(&mut fail_command(&folder, moto.address));
        assert_eq!(failed.code, Some(0), "{}", failed.stderr);
        assert_ne!(shop.state(), before);
        let killed = killed_after(n, &moto, |address| {
            command(&folder, address, &["fail-az", "recover", "--ns", "test"])
        });
        assert_recovered(&folder, &shop, &before, &format!("request {n}"));
        if !killed {
            break;
        }
    }
}

fn experiment(function: &str, arguments: &str) -> String {
    format!(
        r#"{{"version": "1.0.0", "title": "t", "description": "d", "configuration": {{"chaos_poll_interval": 0.01}}, "method": [
            {{"type": "action", "name": "a", "provider": {{"type": "python", "module": "devlearnops.aws.ecs.actions",
              "func": "{function}", "arguments": {arguments}}}}}]}}"#
    )
}

#[test]
fn a_hog_killed_after_any_request_is_removed() {
    let Some(moto) = Moto::start() else { return };
    for n in 1.. {
        let folder = Folder::new();
        let shop = Shop::open(&moto);
        let definition = || shop.service().get("taskDefinition").cloned();
        let (before, definitions) = (definition(), shop.active_definitions());
        let hog = r#"{"cluster": "shop", "service": "front", "hog_configuration": {"type": "cpu"}}"#;
        folder.write("install.json", &experiment("install_container_hog", hog));
        folder.write("restore.json", &experiment("restore_services", "{}"));
        let killed = killed_after(n, &moto, |address| {
            command(&folder, address, &["run", "install.json"])
        });
        let registered = shop.active_definitions().len() > definitions.len();
        // before anything was saved there is nothing to restore, and the activity says so
        let saved = fail_az(&folder, moto.address, &["state-read", "--ns", "chaostoolkit"]).stdout;
        let known = saved.contains("replacement_arn");
        let restored = run(&mut command(
            &folder,
            moto.address,
            &["run", "--journal-path", "restored.json", "restore.json"],
        ));
        assert_eq!(restored.code, Some(0), "request {n}: {}", restored.stderr);
        let journal = folder.json("restored.json");
        let status = journal.get("run").unwrap().as_list().unwrap()[0]
            .get("status")
            .cloned();
        let expected = if saved == "[]\n" { "failed" } else { "succeeded" };
        assert_eq!(status, Some(expected.into()), "request {n}: {}", restored.stderr);
        assert_eq!(definition(), before, "request {n}");
        // between the registration and the note of it, an unused revision may be left; nothing else
        if known || !registered {
            assert_eq!(shop.active_definitions(), definitions, "request {n}");
        }
        let left = fail_az(&folder, moto.address, &["state-read", "--ns", "chaostoolkit"]);
        assert_eq!(left.stdout, "[]\n", "request {n}");
        if !killed {
            break;
        }
    }
}

#[test]
fn what_is_failed_is_failed_once_and_recovered_once() {
    let Some(moto) = Moto::start() else { return };
    let folder = Folder::new();
    let shop = Shop::open(&moto);
    let before = shop.state();
    let failed = run(&mut fail_command(&folder, moto.address));
    assert_eq!(
        (failed.code, failed.stdout.as_str()),
        (Some(0), ""),
        "{}",
        failed.stderr
    );
    let during = shop.state();
    assert!(!during.0.contains(&shop.subnets[0]) && during.0.contains(&shop.subnets[1]));
    assert_eq!(during.1, [shop.subnets[1..].join(",")]);
    assert_eq!(during.3, shop.subnets[1..]);
    let again = run(&mut fail_command(&folder, moto.address));
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("recover"), "{}", again.stderr);
    assert_eq!(shop.state(), during);
    for _ in 0..2 {
        assert_recovered(&folder, &shop, &before, "after all");
    }
}

#[test]
fn states_of_one_s_own_are_saved_read_and_removed() {
    let Some(moto) = Moto::start() else { return };
    let folder = Folder::new();
    let call = |line: &[&str]| fail_az(&folder, moto.address, line);
    assert_eq!(call(&["state-read"]).stdout, "[]\n");
    let one = ["state-save", "--type=t", "--key", "k", "--data", "<1>"];
    let saved = call(&one);
    assert_eq!(
        (saved.code, saved.stdout.as_str()),
        (Some(0), ""),
        "{}",
        saved.stderr
    );
    assert_eq!(call(&one).code, Some(1));
    let mut two = command(
        &folder,
        moto.address,
        &[
            "fail-az",
            "--region",
            "us-east-1",
            "state-save",
            "--type",
            "t",
            "--key",
            "l",
            "--stdin",
        ],
    );
    let mut two = two.stdin(Stdio::piped()).spawn().unwrap();
    two.stdin.take().unwrap().write_all(b"{\"a\": 2}").unwrap();
    assert!(two.wait().unwrap().success());
    let read = call(&["state-read", "--key", "l", "surplus"]).stdout;
    assert_eq!(
        read,
        "[{\"namespace\":\"default\",\"type\":\"t\",\"key\":\"l\",\"state\":\"{\\\"a\\\": 2}\"}]\n"
    );
    let both = call(&["state-read", "--type", "t", "--ns", ""]);
    assert!(
        both.stdout.contains(r#""state":"\u003c1\u003e""#) && both.stderr.is_empty(),
        "{}",
        both.stderr
    );
    // of a type that nobody knows how to restore
    assert_eq!(call(&["recover"]).code, Some(0));
    for key in ["k", "l"] {
        assert_eq!(call(&["state-delete", "--type", "t", "--key", key]).code, Some(0));
        assert_eq!(call(&["state-delete", "--type", "t", "--key", key]).code, Some(1));
    }
    assert_eq!(call(&["state-read"]).stdout, "[]\n");
}

#[test]
fn a_recovery_that_leaves_something_behind_exits_1_and_names_it() {
    let Some(moto) = Moto::start() else { return };
    let folder = Folder::new();
    let state = r#"{"asgName":"gone","subnets":["subnet-1"]}"#;
    let save = [
        "state-save",
        "--type",
        "auto-scaling-group",
        "--key",
        "gone",
        "--data",
        state,
    ];
    assert_eq!(fail_az(&folder, moto.address, &save).code, Some(0));
    let recovered = fail_az(&folder, moto.address, &["recover"]);
    assert_eq!(recovered.code, Some(1));
    assert!(
        recovered.stderr.contains("auto-scaling-group gone"),
        "{}",
        recovered.stderr
    );
}

#[test]
fn wrong_usage_exits_2_before_aws_is_called() {
    let folder = Folder::new();
    folder.write("broken.json", "{");
    folder.write("none.json", r#"{"azs": ["us-east-1a"], "targets": []}"#);
    folder.write(
        "half.json",
        r#"{"azs": ["us-east-1a"], "targets": [{"type": "ecs-service", "filter": "cluster=c"}]}"#,
    );
    folder.write("input.json", INPUT);
    let proxy = Proxy::start(free_address(), |_| Act::Close);
    for line in [
        &["fail"] as &[&str],
        &["fail", "input.json", "--stdin"],
        &["fail", "input.json", "input.json"],
        &["fail", "missing.json"],
        &["fail", "broken.json"],
        &["fail", "none.json"],
        &["fail", "half.json"],
        // an empty standard input
        &["fail", "--stdin"],
        &["state-save", "--key", "k", "--data", "d"],
        &["state-save", "--type", "t", "--key", "k"],
        &["state-save", "--type", "t", "--key", "k", "--data", ""],
        &["state-save", "--type", "t", "--key", "k", "--stdin"],
        &[
            "state-save",
            "--type",
            "t",
            "--key",
            "k",
            "--stdin",
            "--data",
            "d",
        ],
        &["state-delete", "--type", "t"],
        &["restore"],
        &[],
    ] {
        let ended = fail_az(&folder, proxy.address, line);
        assert_eq!(ended.code, Some(2), "{line:?}: {}", ended.stderr);
        assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "{line:?}");
    }
    assert!(proxy.seen().is_empty());
}

/// The region of a profile counts where nothing else names one, as in every AWS tool.
#[test]
fn the_region_is_the_option_s_the_environment_s_or_the_profile_s() {
    let folder = Folder::new();
    folder.write(".aws/config", "[profile far]\nregion = ap-south-1\n");
    folder.write(
        ".aws/credentials",
        "[far]\naws_access_key_id = far\naws_secret_access_key = far\n",
    );
    for (line, environment, expected) in [
        (&["--profile", "far"] as &[&str], None, "/ap-south-1/"),
        (&["--profile", "far"], Some("eu-west-1"), "/eu-west-1/"),
        (
            &["--profile", "far", "--region", "us-west-2"],
            Some("eu-west-1"),
            "/us-west-2/",
        ),
    ] {
        let proxy = Proxy::start(free_address(), |_| {
            Act::Answer(
                "HTTP/1.1 400 Bad Request",
                r#"{"__type": "ResourceNotFoundException"}"#,
            )
        });
        let mut command = command(&folder, proxy.address, &["fail-az", "state-read"]);
        command.args(line).env_remove("AWS_REGION");
        command.envs(environment.map(|region| ("AWS_REGION", region)));
        let ended = run(&mut command);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(0), "[]\n"),
            "{}",
            ended.stderr
        );
        let head = proxy.seen()[0].head.join("\n");
        assert!(
            head.contains("credential=far/") && head.contains(expected),
            "{head}"
        );
    }
}

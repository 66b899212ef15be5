//! Experiments on AWS: what is checked before they begin, what they need, and choices that a seed repeats. AWS is a
//! server on loopback that always answers the same.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;
mod support;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use chaos_engine::value::{Value, json};
use common::{Ended, Folder, chaos, on_aws, run, start_chaos};
use support::moto::free_address;
use support::proxy::{Act, Proxy, Request};

const STOP_ONE: &str = r#"
title: one instance
description: d
configuration: {aws_region: us-east-1}
method:
- {type: action, name: mark, provider: {type: process, path: touch, arguments: [begun]}}
- type: action
  name: stop
  provider: {type: python, module: chaosaws.ec2.actions, func: stop_instance, arguments: {az: us-east-1a}}
"#;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/xml";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml";
const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>\
     <UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const EXPIRED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
     <Message>The security token included in the request is expired</Message></Error></ErrorResponse>";
const STOPPED: &str = "<StopInstancesResponse><instancesSet/></StopInstancesResponse>";

/// Twenty running instances.
fn instances() -> &'static str {
    let mut items = String::new();
    for n in 0..20 {
        write!(
            items,
            "<item><instanceId>i-{n:08}</instanceId><instanceState><code>16</code><name>running</name></instanceState></item>"
        )
        .unwrap();
    }
    let answer = format!(
        "<DescribeInstancesResponse><reservationSet><item><instancesSet>{items}</instancesSet></item></reservationSet>\
         </DescribeInstancesResponse>"
    );
    answer.leak()
}

fn body(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

/// An AWS in which everything succeeds.
fn aws() -> Proxy {
    let instances = instances();
    Proxy::start(free_address(), move |request| {
        let body = body(request);
        Act::Answer(
            OK,
            match () {
                () if body.contains("Action=GetCallerIdentity") => IDENTITY,
                () if body.contains("Action=DescribeInstances") => instances,
                () => STOPPED,
            },
        )
    })
}

/// The instances that were stopped.
fn stopped(aws: &Proxy) -> Vec<String> {
    let seen = aws.seen();
    let stops = seen
        .iter()
        .map(body)
        .filter(|body| body.contains("Action=StopInstances"));
    stops
        .map(|body| body.split("InstanceId.1=").nth(1).unwrap()[..10].to_owned())
        .collect()
}

fn folder(experiment: &str) -> Folder {
    let folder = Folder::new();
    folder.write("experiment.yaml", experiment);
    folder.write("experiment.conf", "[DEFAULT]\n");
    folder
}

fn start(folder: &Folder, address: SocketAddr) -> Command {
    let mut command = on_aws(start_chaos(folder, &["experiment.conf"]), address);
    // the experiment names the region; nothing is asked twice
    command.env_remove("AWS_REGION").env("AWS_MAX_ATTEMPTS", "1");
    command
}

/// It ended before anything was touched, and says why in one line, without the SDK's words.
fn assert_refused(folder: &Folder, ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        !folder.has("begun") && !folder.has("journal.json"),
        "{:?}",
        folder.names()
    );
    let errors: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| line.contains("ERROR"))
        .collect();
    assert_eq!(errors.len(), 1, "{}", ended.stderr);
    for word in words {
        assert!(errors[0].contains(word), "{word}: {}", errors[0]);
    }
    assert!(!errors[0].contains("DispatchFailure") && !errors[0].contains("testing-secret"));
}

#[test]
fn whom_it_acts_as_is_said_before_it_acts() {
    let (folder, aws) = (folder(STOP_ONE), aws());
    let ended = run(&mut start(&folder, aws.address));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let said = "AWS account 123456789012, region us-east-1, as arn:aws:iam::123456789012:user/me";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(stopped(&aws).len(), 1);
}

#[test]
fn without_a_region_nothing_begins() {
    let (folder, aws) = (folder(&STOP_ONE.replace("aws_region: us-east-1", "")), aws());
    assert_refused(
        &folder,
        &run(&mut start(&folder, aws.address)),
        &["region", "aws_region"],
    );
    assert!(aws.seen().is_empty());
}

#[test]
fn without_credentials_nothing_begins() {
    let (folder, aws) = (folder(STOP_ONE), aws());
    let mut command = start(&folder, aws.address);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    assert_refused(&folder, &run(&mut command), &["credentials"]);
    assert!(aws.seen().is_empty());
}

#[test]
fn with_an_expired_token_nothing_begins() {
    let folder = folder(STOP_ONE);
    let aws = Proxy::start(free_address(), |_| Act::Answer(FORBIDDEN, EXPIRED));
    assert_refused(&folder, &run(&mut start(&folder, aws.address)), &["expired"]);
}

#[test]
fn without_a_way_to_aws_nothing_begins() {
    let folder = folder(STOP_ONE);
    // nobody listens there any more
    assert_refused(&folder, &run(&mut start(&folder, free_address())), &["reach"]);
}

#[test]
fn an_experiment_without_aws_asks_nobody() {
    let folder = folder("title: t\ndescription: d\nmethod: []\n");
    let ended = run(&mut start(&folder, free_address()));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_seed_repeats_the_choice_of_targets() {
    let aws = aws();
    let choose = |seed: Option<&str>| {
        let seed = seed.map(|seed| format!(", chaos_seed: {seed}"));
        let configured = format!("aws_region: us-east-1{}", seed.unwrap_or_default());
        let folder = folder(&STOP_ONE.replace("aws_region: us-east-1", &configured));
        let ended = run(&mut on_aws(
            chaos(&folder, &["run", "experiment.yaml"]),
            aws.address,
        ));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let seed = json::compact(folder.json("journal.json").get("chaos_seed").unwrap());
        (seed, stopped(&aws).pop().unwrap())
    };
    let drawn = choose(None);
    assert_eq!(choose(Some(&drawn.0)), drawn);
    let others: Vec<String> = (1..9).map(|seed| choose(Some(&seed.to_string())).1).collect();
    assert!(others.iter().any(|other| *other != drawn.1), "{others:?}");
}

const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1";

fn task(n: usize) -> String {
    format!("arn:aws:ecs:us-east-1:123456789012:task/shop/{n:032}")
}

/// A cluster of a thousand tasks, which ECS names in pages of a hundred.
fn cluster() -> Proxy {
    let pages: Vec<&'static str> = (0..10)
        .map(|page| {
            let tasks: Vec<Value> = (page * 100..page * 100 + 100).map(|n| task(n).into()).collect();
            let next = if page < 9 {
                format!(r#","nextToken":"{}""#, page + 1)
            } else {
                String::new()
            };
            let answer = format!(r#"{{"taskArns":{}{next}}}"#, json::compact(&tasks.into()));
            &*answer.leak()
        })
        .collect();
    Proxy::start(free_address(), move |request| {
        let is = |operation: &str| request.head.iter().any(|line| line.ends_with(operation));
        let body = body(request);
        let page = body
            .split(r#""nextToken":""#)
            .nth(1)
            .map_or(0, |rest| rest[..1].parse().unwrap());
        let answer = match () {
            () if is(".listtasks") => pages[page],
            () if is(".stoptask") => r#"{"task":{}}"#,
            () => r#"{"clusters":[{"clusterName":"shop","status":"ACTIVE"}]}"#,
        };
        Act::Answer(JSON, answer)
    })
}

#[test]
fn every_page_is_read_and_every_target_is_hit_once() {
    let folder = folder(
        "{title: t, description: d, configuration: {aws_region: us-east-1}, method: [{type: action, name: a, provider: \
         {type: python, module: chaosaws.ecs.actions, func: stop_random_tasks, arguments: {cluster: shop, task_percent: 100}}}]}",
    );
    let ecs = cluster();
    let ended = run(&mut on_aws(
        chaos(&folder, &["run", "experiment.yaml"]),
        ecs.address,
    ));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let seen = ecs.seen();
    let stops = seen
        .iter()
        .filter(|request| request.head.iter().any(|line| line.ends_with(".stoptask")));
    let mut hit: Vec<String> = stops
        .map(body)
        .map(|body| body.split("task/shop/").nth(1).unwrap()[..32].to_owned())
        .collect();
    hit.sort();
    let all: Vec<String> = (0..1000)
        .map(|n| task(n).split("shop/").nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(hit, all);
}

fn policy(folder: &Folder) -> (Value, String) {
    let ended = run(&mut chaos(folder, &["iam-policy", "experiment.yaml"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    (json::parse(&ended.stdout).unwrap(), ended.stderr)
}

#[test]
fn the_policy_of_an_experiment_has_what_its_activities_and_controls_call() {
    let folder = folder(
        r#"
title: t
description: d
configuration: {aws_region: eu-west-1}
controls:
- name: keep
  provider: {type: python, module: chaosaws.s3.controls.upload, arguments: {bucket_name: b, dirpath: d}}
method:
- {type: action, name: a, provider: {type: python, module: chaosaws.ecs.actions, func: stop_task, arguments: {cluster: c, service: s, task_id: t}}}
- {type: action, name: own, provider: {type: python, module: os, func: getcwd}}
"#,
    );
    let (policy, said) = policy(&folder);
    let statements = policy.get("Statement").unwrap().as_list().unwrap();
    let actions: Vec<&str> = statements
        .iter()
        .flat_map(|statement| statement.get("Action").unwrap().as_list().unwrap())
        .map(|action| action.as_str().unwrap())
        .collect();
    for action in ["ecs:StopTask", "s3:PutObject", "s3:ListAllMyBuckets"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert!(
        actions
            .iter()
            .all(|action| action.starts_with("ecs:") || action.starts_with("s3:"))
    );
    assert!(
        json::compact(&policy).contains(r#""aws:RequestedRegion":"eu-west-1""#),
        "{policy:?}"
    );
    assert!(said.contains("os.getcwd"), "{said}");
}

#[test]
fn an_experiment_without_aws_has_an_empty_policy() {
    let (policy, _) = policy(&folder("title: t\ndescription: d\nmethod: []\n"));
    assert_eq!(policy.get("Statement").unwrap().as_list(), Some(&[][..]));
}

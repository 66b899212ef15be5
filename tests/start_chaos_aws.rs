//! What `start-chaos` leaves in S3 and SNS, against moto's server on loopback, whatever became of the run.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;
mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use chaos_aws::client::Environment;
use chaos_engine::host::Host;
use chaos_engine::value::{Value, json};
use common::{Ended, Folder, Live, on_aws, run, start_chaos};
use rustix::process::Signal;
use support::moto::{Moto, free_address};
use support::proxy::{Act, Proxy};

const EXPERIMENT: &str = r#"
title: Kill a task, is it back? And this title is much longer than a key may be
description: d
configuration: {wait: 0}
steady-state-hypothesis:
  title: nothing is broken
  probes:
  - {type: probe, name: whole, tolerance: 1, provider: {type: process, path: test, arguments: [-e, broken]}}
  - {type: probe, name: answers, tolerance: 0, provider: {type: process, path: sh, arguments: [-c, "test ! -e fail"], timeout: 5}}
method:
- {type: action, name: inject, provider: {type: process, path: touch, arguments: [injected]}, pauses: {after: '${wait}'}}
"#;

const SLUG: &str = "kill-a-task-is-it-back-and-this-title-is-much-long";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("experiment.yaml", EXPERIMENT);
    folder.write("experiment.conf", "[DEFAULT]\n[deviating]\n");
    folder
}

/// `start-chaos` with an AWS at that address.
fn command(folder: &Folder, address: SocketAddr, line: &[&str]) -> Command {
    on_aws(start_chaos(folder, line), address)
}

async fn sdk(address: SocketAddr) -> SdkConfig {
    let credentials = Credentials::new("testing", "testing", None, None, "test");
    let environment = Environment::of(&Host::current().unwrap());
    let loader = environment
        .loader(8)
        .unwrap()
        .endpoint_url(format!("http://{address}"));
    loader
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .load()
        .await
}

async fn s3(address: SocketAddr) -> Client {
    let config = aws_sdk_s3::config::Builder::from(&sdk(address).await).force_path_style(true);
    Client::from_conf(config.build())
}

async fn objects(client: &Client, bucket: &str) -> BTreeMap<String, String> {
    let listed = client.list_objects_v2().bucket(bucket).send().await.unwrap();
    let mut objects = BTreeMap::new();
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
        let body = object.body.collect().await.unwrap().to_vec();
        objects.insert(key.to_owned(), String::from_utf8(body).unwrap());
    }
    objects
}

/// The folder that this run's journal says it must be in: its start in UTC and the start of its title.
fn expected_place(folder: &Folder) -> String {
    let journal = folder.json("journal.json");
    let start = journal.get("start").and_then(Value::as_str).unwrap().to_owned();
    let digits: String = start[..19].chars().filter(char::is_ascii_digit).collect();
    format!("{}_{}_{SLUG}", &digits[..8], &digits[8..])
}

/// The bucket has this run's two files and nothing else, as they are on this machine.
async fn assert_uploaded(client: &Client, bucket: &str, prefix: &str, folder: &Folder, ended: &Ended) {
    let place = format!("{prefix}{}", expected_place(folder));
    let objects = objects(client, bucket).await;
    let keys: Vec<&String> = objects.keys().collect();
    let expected = [
        format!("{place}/chaostoolkit.log"),
        format!("{place}/journal.json"),
    ];
    assert_eq!(keys, expected.iter().collect::<Vec<_>>(), "{}", ended.stderr);
    assert_eq!(objects[&expected[1]], folder.read("journal.json"));
    let log = &objects[&expected[0]];
    assert!(folder.read("chaostoolkit.log").starts_with(log.as_str()));
    assert!(log.contains("Experiment ended with status: "), "{log}");
    let told = format!("Journal and log are in s3://{bucket}/{place}/");
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
}

#[tokio::test]
async fn journal_and_log_are_uploaded_whatever_the_outcome() {
    let Some(moto) = Moto::start() else { return };
    let client = s3(moto.address).await;
    for bucket in [
        "good",
        "deviated",
        "failed",
        "interrupted",
        "unsteady",
        "recovered",
    ] {
        client.create_bucket().bucket(bucket).send().await.unwrap();
    }
    let good = folder();
    let ended = run(&mut command(
        &good,
        moto.address,
        &["--journals-bucket", "s3://good/team/a/", "."],
    ));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_uploaded(&client, "good", "team/a/", &good, &ended).await;

    let deviated = folder();
    let breaking = deviated
        .read("experiment.yaml")
        .replace("arguments: [injected]", "arguments: [injected, broken]");
    deviated.write("experiment.yaml", &breaking);
    let ended = run(command(&deviated, moto.address, &["."]).env("CHAOS_JOURNALS_BUCKET", "deviated"));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(deviated.json("journal.json").get("deviated"), Some(&true.into()));
    assert_uploaded(&client, "deviated", "", &deviated, &ended).await;

    let failed = folder();
    let slow = failed
        .read("experiment.yaml")
        .replace("test ! -e fail\"], timeout: 5", "sleep 9\"], timeout: 0.1");
    failed.write("experiment.yaml", &slow);
    let ended = run(&mut command(
        &failed,
        moto.address,
        &["--journals-bucket", "failed", "."],
    ));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(failed.json("journal.json").get("status"), Some(&"failed".into()));
    assert_uploaded(&client, "failed", "", &failed, &ended).await;

    let unsteady = folder();
    unsteady.write("broken", "");
    let ended = run(&mut command(
        &unsteady,
        moto.address,
        &["--journals-bucket", "unsteady", "."],
    ));
    assert_eq!(
        (ended.code, unsteady.has("injected")),
        (Some(4), false),
        "{}",
        ended.stderr
    );
    assert_uploaded(&client, "unsteady", "", &unsteady, &ended).await;

    let interrupted = folder();
    let line = ["--journals-bucket", "interrupted", "--var", "wait:int=60", "."];
    let live = Live::start(command(&interrupted, moto.address, &line), &interrupted);
    live.wait_for("Pausing after");
    live.signal(Signal::INT);
    let ended = live.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_uploaded(&client, "interrupted", "", &interrupted, &ended).await;

    let killed = folder();
    let mut dying = command(&killed, moto.address, &["--journals-bucket", "recovered", "."]);
    assert_eq!(run(dying.env("CHAOS_TEST_KILL_AFTER", "6")).code, None);
    let line = ["recover", "--journals-bucket", "recovered"];
    let ended = run(&mut command(&killed, moto.address, &line));
    assert!(
        killed.json("journal.json").get("recovered").is_some(),
        "{}",
        ended.stderr
    );
    assert_uploaded(&client, "recovered", "", &killed, &ended).await;
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_2_before_anything_is_injected() {
    let Some(moto) = Moto::start() else { return };
    let nobody = free_address();
    let folder = folder();
    let missing = run(&mut command(
        &folder,
        moto.address,
        &["--journals-bucket", "nobody-has-me", "."],
    ));
    let keyless = run(command(&folder, nobody, &["--journals-bucket", "journals", "."])
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY"));
    for (ended, told) in [
        (
            missing,
            "cannot use s3://nobody-has-me: the bucket does not exist; create it, or name another one",
        ),
        (keyless, "cannot use s3://journals: no usable AWS credentials ("),
    ] {
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert_eq!(
            folder.names(),
            ["chaostoolkit.log", "experiment.conf", "experiment.yaml"]
        );
    }
}

#[tokio::test]
async fn an_upload_that_fails_after_a_good_run_is_3_and_the_files_stay() {
    const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
    let Some(moto) = Moto::start() else { return };
    let client = s3(moto.address).await;
    client.create_bucket().bucket("journals").send().await.unwrap();
    let proxy = Proxy::start(moto.address, |request| match request.line.starts_with("PUT") {
        true => Act::Answer("HTTP/1.1 403 Forbidden", DENIED),
        false => Act::Pass,
    });
    let line = ["--journals-bucket", "journals", "."];
    let good = folder();
    let ended = run(&mut command(&good, proxy.address, &line));
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(good.has("injected") && good.has("journal.json") && good.has("chaostoolkit.log"));
    insta::assert_snapshot!(
        good.plain(&ended.stderr).lines().last().unwrap(),
        @"[ERROR] cannot upload to s3://journals: access is denied (AccessDenied: No.); check the permissions and the credentials in use; the files stay on this machine: ~/journal.json, ~/chaostoolkit.log"
    );
    assert!(!ended.stderr.contains("testing-secret"));
    // after a run that was not good, the run's own code counts
    let bad = folder();
    bad.write("broken", "");
    assert_eq!(run(&mut command(&bad, proxy.address, &line)).code, Some(4));
    assert!(objects(&client, "journals").await.is_empty());
}

#[tokio::test]
async fn the_outcome_is_published() {
    let Some(moto) = Moto::start() else { return };
    s3(moto.address)
        .await
        .create_bucket()
        .bucket("journals")
        .send()
        .await
        .unwrap();
    let sns = aws_sdk_sns::Client::new(&sdk(moto.address).await);
    let topic = sns
        .create_topic()
        .name("results")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    moto.sqs("Action=CreateQueue&QueueName=inbox");
    let queue = "arn:aws:sqs:us-east-1:123456789012:inbox";
    let subscription = sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(queue);
    subscription.send().await.unwrap();

    let good = folder();
    let line = ["--context", "deviating", "--journals-bucket", "journals", "."];
    let ended = run(command(&good, moto.address, &line).env("EXPERIMENT_RESULTS_TOPIC_ARN", &topic));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let message = moto.receive();
    assert_eq!(message.get("exit_code"), Some(&Value::Int(0)), "{message:?}");
    assert_eq!(message.get("status"), Some(&"completed".into()));
    assert_eq!(message.get("deviated"), Some(&false.into()));
    assert_eq!(message.get("context"), Some(&"deviating".into()));
    let place = format!("s3://journals/{}/journal.json", expected_place(&good));
    assert_eq!(message.get("journal"), Some(&place.as_str().into()));

    let unsteady = folder();
    unsteady.write("broken", "");
    let line = ["--results-topic-arn", &topic, "."];
    assert_eq!(run(&mut command(&unsteady, moto.address, &line)).code, Some(4));
    let message = moto.receive();
    assert_eq!(message.get("exit_code"), Some(&Value::Int(4)), "{message:?}");
    assert_eq!(message.get("journal"), Some(&Value::Null));

    let nowhere = folder();
    let line = [
        "--results-topic-arn",
        "arn:aws:sns:us-east-1:123456789012:gone",
        ".",
    ];
    let ended = run(&mut command(&nowhere, moto.address, &line));
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the topic does not exist"),
        "{}",
        ended.stderr
    );
}

/// The body of the one message in the queue.
trait Inbox {
    fn receive(&self) -> Value;
}

impl Inbox for Moto {
    fn receive(&self) -> Value {
        let queue = "QueueUrl=http://sqs.us-east-1.amazonaws.com/123456789012/inbox";
        let answer = self.sqs(&format!("Action=ReceiveMessage&{queue}&WaitTimeSeconds=10"));
        let between = |from: &str, to: &str| {
            let start = answer.find(from).unwrap_or_else(|| panic!("{answer}")) + from.len();
            answer[start..start + answer[start..].find(to).unwrap()].to_owned()
        };
        let handle = between("<ReceiptHandle>", "</ReceiptHandle>");
        self.sqs(&format!("Action=DeleteMessage&{queue}&ReceiptHandle={handle}"));
        let body = between("<Body>", "</Body>")
            .replace("&quot;", "\"")
            .replace("&#34;", "\"");
        let envelope = json::parse(&body).unwrap();
        json::parse(envelope.get("Message").and_then(Value::as_str).unwrap()).unwrap()
    }
}

//! `submit-job` and moto's Batch, through a network that fails: what is submitted, how often, and what is told.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;
mod support;

use std::net::SocketAddr;

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_sdk_batch::Client;
use aws_sdk_batch::types::{
    CeType, JobDefinitionType, JobSummary, JqState, ResourceRequirement, ResourceType,
};
use chaos_engine::value::{Value, json};
use common::{Ended, Folder, binary, on_aws, run};
use support::moto::{Moto, free_address};
use support::proxy::{Act, Proxy};

const EXPERIMENT: &str = r"
title: Nothing happens
description: Nothing
steady-state-hypothesis: {title: ok, probes: []}
method: []
";

/// A working folder with two experiments.
fn library() -> Folder {
    let folder = Folder::new();
    for name in ["first", "second"] {
        folder.write(&format!("library/{name}/experiment.yaml"), EXPERIMENT);
        let conf = "[DEFAULT]\nexperiment_path = experiment.yaml\n[live]\n";
        folder.write(&format!("library/{name}/experiment.conf"), conf);
    }
    folder
}

fn submit(folder: &Folder, address: SocketAddr, more: &[&str]) -> Ended {
    let mut arguments = vec!["--queue", "q", "--job-definition", "d"];
    arguments.extend(more);
    let command = binary(env!("CARGO_BIN_EXE_submit-job"), folder, &arguments);
    run(&mut on_aws(command, address))
}

async fn client(address: SocketAddr) -> Client {
    let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{address}"))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("testing", "testing", None, None, "test"))
        .load()
        .await;
    Client::new(&sdk)
}

fn requirement(kind: ResourceType, value: &str) -> ResourceRequirement {
    ResourceRequirement::builder().r#type(kind).value(value).build()
}

/// moto with a queue `q` and a definition `d`, whose jobs succeed without being run.
async fn batch() -> Option<(Moto, Client)> {
    let moto = Moto::start()?;
    moto.configure(r#"{"batch": {"use_docker": false}}"#);
    moto.form(
        "iam",
        "Action=CreateRole&Version=2010-05-08&RoleName=batch&AssumeRolePolicyDocument=%7B%7D",
    );
    let client = client(moto.address).await;
    let environment = client
        .create_compute_environment()
        .compute_environment_name("unmanaged")
        .r#type(CeType::Unmanaged)
        .service_role("arn:aws:iam::123456789012:role/batch");
    let made = environment.send().await.unwrap();
    let order = aws_sdk_batch::types::ComputeEnvironmentOrder::builder()
        .order(1)
        .compute_environment(made.compute_environment_arn().unwrap());
    let queue = client
        .create_job_queue()
        .job_queue_name("q")
        .state(JqState::Enabled)
        .priority(1);
    queue
        .compute_environment_order(order.build())
        .send()
        .await
        .unwrap();
    let container = aws_sdk_batch::types::ContainerProperties::builder()
        .image("chaos")
        .environment(
            aws_sdk_batch::types::KeyValuePair::builder()
                .name("CHAOS_CONTEXT")
                .value("live")
                .build(),
        )
        .resource_requirements(requirement(ResourceType::Vcpu, "1"))
        .resource_requirements(requirement(ResourceType::Memory, "2048"));
    let definition = client.register_job_definition().job_definition_name("d");
    let definition = definition.r#type(JobDefinitionType::Container);
    definition
        .container_properties(container.build())
        .send()
        .await
        .unwrap();
    Some((moto, client))
}

/// The jobs of the queue, in whatever state.
async fn jobs(client: &Client) -> Vec<JobSummary> {
    let every = aws_sdk_batch::types::KeyValuesPair::builder()
        .name("JOB_NAME")
        .values("*");
    let listed = client.list_jobs().job_queue("q").filters(every.build());
    listed.send().await.unwrap().job_summary_list.unwrap_or_default()
}

fn counts_submissions(proxy: &Proxy) -> usize {
    let seen = proxy.seen();
    seen.iter().filter(|request| is_submission(&request.line)).count()
}

fn is_submission(line: &str) -> bool {
    line.starts_with("POST /v1/submitjob")
}

#[tokio::test]
async fn each_file_becomes_a_job_that_is_waited_for() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let folder = library();
    let ended = submit(
        &folder,
        moto.address,
        &[
            "--context",
            "live",
            "-e",
            "A=1",
            "--journals-bucket",
            "journals/team",
            "--vcpu",
            "0.5",
            "--memory",
            "1024",
            "--tag",
            "team=sre",
            "--wait",
            "--interval",
            "0.2",
            "--json",
            "library/first",
            "./library/second/experiment.conf",
        ],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = json::parse(&ended.stdout).unwrap();
    let told = told.as_list().unwrap();
    let text = |entry: &Value, key: &str| entry.get(key).unwrap().as_str().unwrap().to_owned();
    assert_eq!(text(&told[1], "config"), "library/second/experiment.conf");
    assert_eq!(text(told[0].get("end").unwrap(), "status"), "SUCCEEDED");
    assert_eq!(jobs(&client).await.len(), 2);
    let described = client
        .describe_jobs()
        .jobs(text(&told[0], "jobId"))
        .send()
        .await
        .unwrap();
    let job = &described.jobs()[0];
    assert!(job.job_name().unwrap().ends_with("-first"), "{job:?}");
    let container = job.container().unwrap();
    let variables = container.environment().iter();
    let variables: Vec<_> = variables
        .map(|pair| (pair.name().unwrap(), pair.value().unwrap()))
        .collect();
    for pair in [
        ("CHAOS_CONFIG_FILE", "library/first/experiment.conf"),
        ("CHAOS_CONTEXT", "live"),
        ("CHAOS_JOURNALS_BUCKET", "journals/team"),
        ("A", "1"),
    ] {
        assert!(variables.contains(&pair), "{variables:?}");
    }
    assert_eq!(job.timeout().unwrap().attempt_duration_seconds(), Some(3600));
}

#[tokio::test]
async fn one_bad_file_submits_none() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let folder = library();
    folder.write(
        "library/broken/experiment.conf",
        "[DEFAULT]\nexperiment_path = nowhere.yaml\n[live]\n",
    );
    folder.write(
        "library/invalid/experiment.yaml",
        "title: no method\ndescription: none\n",
    );
    folder.write(
        "library/invalid/experiment.conf",
        "[DEFAULT]\nexperiment_path = experiment.yaml\n[live]\n",
    );
    for (arguments, reason) in [
        (vec!["library/first", "library/broken"], "nowhere.yaml"),
        (vec!["library/first", "library/invalid"], "not valid"),
        (vec!["library/first", "library/nothing"], "library/nothing"),
        (vec!["--context", "nobody", "library/first"], "nobody"),
        (vec!["library/first", "/etc/hostname"], "/etc/hostname"),
        (
            vec!["--memory", "1024", "library/first"],
            "--vcpu 1 --memory 2048",
        ),
        (
            vec!["-e", "AWS_BATCH_JOB_ID=1", "library/first"],
            "AWS_BATCH_JOB_ID",
        ),
    ] {
        let ended = submit(&folder, moto.address, &arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(reason), "{arguments:?}: {}", ended.stderr);
    }
    assert!(jobs(&client).await.is_empty());
    let ended = submit(&folder, moto.address, &["--no-validation", "library/invalid"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(jobs(&client).await.len(), 1);
}

#[tokio::test]
async fn files_are_read_for_the_context_that_the_definition_sets() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let folder = library();
    folder.write(
        "library/first/experiment.conf",
        "[DEFAULT]\nexperiment_path = experiment.yaml\n[live]\nvar_files = nowhere.yaml\n",
    );
    let ended = submit(&folder, moto.address, &["library/first"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("nowhere.yaml"), "{}", ended.stderr);
    assert!(jobs(&client).await.is_empty());
    let ended = submit(
        &folder,
        moto.address,
        &["--context", "DEFAULT", "--attempts", "2", "library/first"],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("--journals-bucket"), "{}", ended.stderr);
}

#[tokio::test]
async fn throttling_is_waited_for() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let mut left = 2;
    let proxy = Proxy::start(moto.address, move |request| {
        if is_submission(&request.line) && left > 0 {
            left -= 1;
            return Act::Answer(
                "HTTP/1.1 429 Too Many Requests\r\nx-amzn-errortype: TooManyRequestsException",
                r#"{"message": "Too many requests"}"#,
            );
        }
        Act::Pass
    });
    let ended = submit(&library(), proxy.address, &["library/first"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!((counts_submissions(&proxy), jobs(&client).await.len()), (3, 1));
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_job() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let proxy = Proxy::start(moto.address, |request| match is_submission(&request.line) {
        true => Act::LoseAnswer,
        false => Act::Pass,
    });
    let ended = submit(
        &library(),
        proxy.address,
        &["--json", "library/first", "library/second"],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let listed = jobs(&client).await;
    assert_eq!(listed.len(), 2);
    for job in listed {
        assert!(ended.stdout.contains(job.job_id().unwrap()), "{}", ended.stdout);
    }
}

#[tokio::test]
async fn where_it_cannot_be_told_nothing_is_sent_twice() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let proxy = Proxy::start(moto.address, |request| match is_submission(&request.line) {
        true => Act::Answer("HTTP/1.1 500 Internal Server Error", "{}"),
        false => Act::Pass,
    });
    let ended = submit(&library(), proxy.address, &["library/first"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("is not known"), "{}", ended.stderr);
    assert_eq!((counts_submissions(&proxy), jobs(&client).await.len()), (1, 0));
}

#[tokio::test]
async fn what_was_not_submitted_is_told() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let mut first = true;
    let proxy = Proxy::start(moto.address, move |request| {
        if is_submission(&request.line) && !std::mem::take(&mut first) {
            return Act::Answer(
                "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ClientException",
                r#"{"message": "The queue is disabled"}"#,
            );
        }
        Act::Pass
    });
    let ended = submit(&library(), proxy.address, &["library/first", "library/second"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("(library/first/experiment.conf)"),
        "{}",
        ended.stdout
    );
    assert!(ended.stderr.contains("The queue is disabled"), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("not submitted: library/second/experiment.conf"),
        "{}",
        ended.stderr
    );
    assert_eq!(jobs(&client).await.len(), 1);
}

#[tokio::test]
async fn sequential_jobs_wait_for_each_other() {
    let Some((moto, client)) = batch().await else {
        return;
    };
    let ended = submit(
        &library(),
        moto.address,
        &["--sequential", "--json", "library/first", "library/second"],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = json::parse(&ended.stdout).unwrap();
    let id = |number: usize| {
        told.as_list().unwrap()[number]
            .get("jobId")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let described = client.describe_jobs().jobs(id(1)).send().await.unwrap();
    assert_eq!(described.jobs()[0].depends_on()[0].job_id(), Some(id(0).as_str()));
}

#[test]
fn a_dry_run_shows_requests_and_asks_nobody() {
    let folder = library();
    let arguments = [
        "--dry-run",
        "--sequential",
        "--attempts",
        "2",
        "--array-size",
        "3",
        "-e",
        "API_TOKEN=hunter2",
        "-e",
        "CHAOS_VAR=db_password=hunter2",
        "library/first",
        "library/second",
    ];
    let ended = submit(&folder, free_address(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stdout.contains("hunter2"), "{}", ended.stdout);
    let requests = json::parse(&ended.stdout).unwrap();
    let second = &requests.as_list().unwrap()[1];
    let after = second.get("dependsOn").unwrap().as_list().unwrap()[0]
        .get("jobId")
        .unwrap();
    assert!(after.as_str().unwrap().ends_with("-first>"), "{after:?}");
    assert_eq!(
        second.get("arrayProperties").unwrap().get("size"),
        Some(&Value::from(3))
    );
}

#[test]
fn without_a_region_nothing_is_guessed() {
    let folder = library();
    let mut command = binary(
        env!("CARGO_BIN_EXE_submit-job"),
        &folder,
        &["--queue", "q", "--job-definition", "d", "library/first"],
    );
    let ended = run(command.env("AWS_EC2_METADATA_DISABLED", "true"));
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("AWS_REGION"), "{}", ended.stderr);
}

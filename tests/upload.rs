//! Uploads to a real S3 server, through a network that fails.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{SharedCredentialsProvider, future};
use aws_sdk_s3::Client;
use chaos_aws::client::Environment;
use chaos_engine::host::Host;
use chaos_starter_pack::upload::{
    Artifacts, Bucket, BucketPath, Cause, Outcome, RunHead, TopicArn, publish_outcome, sdk_config,
};
use support::moto::{Moto, free_address};
use support::proxy::{Act, Proxy, flaky};

const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";

async fn sdk(address: SocketAddr) -> SdkConfig {
    let credentials = Credentials::new("testing", "testing", None, None, "test");
    let loader = Environment::of(&Host::current().unwrap()).loader(8).unwrap();
    loader
        .endpoint_url(format!("http://{address}"))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .load()
        .await
}

/// As [`sdk`], without second attempts: for faults that don't pass.
async fn hasty(address: SocketAddr) -> SdkConfig {
    sdk(address)
        .await
        .into_builder()
        .retry_config(RetryConfig::disabled())
        .build()
}

/// Straight to the server, to prepare and to look.
async fn direct(moto: &Moto) -> Client {
    let sdk = sdk(moto.address).await;
    let config = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true);
    Client::from_conf(config.build())
}

fn target(text: &str) -> BucketPath {
    text.parse().unwrap()
}

/// A run's files: a journal with that mark in it, and a log.
fn artifacts(folder: &Path, mark: &str) -> Artifacts {
    let journal = folder.join(format!("{mark}.json"));
    let log = folder.join(format!("{mark}.log"));
    let text = format!(
        r#"{{"experiment": {{"title": "Kill a task: is it back?"}}, "start": "2026-01-31T23:59:58.5+00:00", "run": ["{mark}"]}}"#
    );
    fs::write(&journal, text).unwrap();
    fs::write(&log, format!("{mark}\n").repeat(20_000)).unwrap();
    Artifacts { journal, log }
}

async fn upload(
    bucket: &Bucket,
    files: &Artifacts,
) -> Result<Vec<String>, chaos_starter_pack::upload::UploadError> {
    let head = RunHead::of_journal(&files.journal).unwrap();
    bucket.upload(&head, files).await.map(|uploaded| uploaded.keys)
}

async fn objects(client: &Client, bucket: &str) -> BTreeMap<String, Vec<u8>> {
    let listed = client.list_objects_v2().bucket(bucket).send().await.unwrap();
    let mut objects = BTreeMap::new();
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
        objects.insert(key.to_owned(), object.body.collect().await.unwrap().to_vec());
    }
    objects
}

#[tokio::test]
async fn every_run_gets_a_folder_of_its_own_though_three_of_ten_requests_fail() {
    let Some(moto) = Moto::start() else { return };
    let client = direct(&moto).await;
    client.create_bucket().bucket("journals").send().await.unwrap();
    let failed = Arc::new(AtomicUsize::new(0));
    let proxy = Proxy::start(moto.address, flaky(42, failed.clone()));
    let folder = tempfile::tempdir().unwrap();
    let mut bucket = Bucket::new(&sdk(proxy.address).await, target("s3://journals/team/a/"));
    assert_eq!(bucket.preflight().await.unwrap(), None);
    let mut expected = BTreeMap::new();
    for number in 1..=8 {
        let files = artifacts(folder.path(), &format!("run{number}"));
        let suffix = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        let place = format!("team/a/20260131_235958_kill-a-task-is-it-back{suffix}");
        let keys = [
            format!("{place}/journal.json"),
            format!("{place}/chaostoolkit.log"),
        ];
        assert_eq!(upload(&bucket, &files).await.unwrap(), keys);
        expected.insert(keys[0].clone(), fs::read(&files.journal).unwrap());
        expected.insert(keys[1].clone(), fs::read(&files.log).unwrap());
    }
    assert!(
        objects(&client, "journals").await == expected,
        "the bucket holds each run's files and nothing else"
    );
    let percent = failed.load(Ordering::Relaxed) * 100 / proxy.seen().len();
    assert!((20..=40).contains(&percent), "{percent} % of the requests failed");
}

#[tokio::test]
async fn a_missing_bucket_is_told_before_the_run_and_after_it() {
    let Some(moto) = Moto::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = artifacts(folder.path(), "run");
    let mut bucket = Bucket::new(&sdk(moto.address).await, target("nobody-has-me/p"));
    let before = bucket.preflight().await.unwrap_err();
    assert_eq!(
        before.to_string(),
        "cannot use s3://nobody-has-me/p: the bucket does not exist; create it, or name another one"
    );
    let after = upload(&bucket, &files).await.unwrap_err();
    assert!(matches!(after.cause, Cause::NoSuchBucket), "{after}");
    assert!(
        after.to_string().contains(&files.journal.display().to_string()),
        "{after}"
    );
    assert_eq!(after.kept, [files.journal.clone(), files.log.clone()]);
    assert!(files.journal.exists() && files.log.exists());
}

#[tokio::test]
async fn a_run_without_a_log_uploads_its_journal() {
    let Some(moto) = Moto::start() else { return };
    direct(&moto)
        .await
        .create_bucket()
        .bucket("journals")
        .send()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = artifacts(folder.path(), "run");
    fs::remove_file(&files.log).unwrap();
    let keys = upload(&Bucket::new(&sdk(moto.address).await, target("journals")), &files)
        .await
        .unwrap();
    assert_eq!(keys, ["20260131_235958_kill-a-task-is-it-back/journal.json"]);
}

#[tokio::test]
async fn a_bucket_that_may_only_be_written_is_a_warning_and_one_that_refuses_an_error() {
    let proxy = Proxy::start(free_address(), |_| Act::Answer("HTTP/1.1 403 Forbidden", DENIED));
    let folder = tempfile::tempdir().unwrap();
    let files = artifacts(folder.path(), "run");
    let mut bucket = Bucket::new(&sdk(proxy.address).await, target("journals"));
    let warning = bucket.preflight().await.unwrap().unwrap();
    assert!(
        warning.starts_with("s3://journals may not be looked at"),
        "{warning}"
    );
    let error = upload(&bucket, &files).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot upload to s3://journals: access is denied (AccessDenied: No.)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_bucket_of_another_region_is_found_there() {
    let mut first = true;
    let moved = "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-west-3";
    let proxy = Proxy::start(free_address(), move |_| match std::mem::take(&mut first) {
        true => Act::Answer(moved, ""),
        false => Act::Answer("HTTP/1.1 200 OK", ""),
    });
    let mut bucket = Bucket::new(&sdk(proxy.address).await, target("journals"));
    assert_eq!(bucket.preflight().await.unwrap(), None);
    let signed = proxy.seen().pop().unwrap().head.join("\n");
    assert!(signed.contains("/eu-west-3/s3/aws4_request"), "{signed}");
}

#[tokio::test]
async fn no_network_is_an_error_that_names_the_way_out() {
    let mut bucket = Bucket::new(&hasty(free_address()).await, target("journals"));
    let error = bucket.preflight().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Network { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("check the network, the region and AWS_ENDPOINT_URL"),
        "{error}"
    );
}

#[tokio::test]
async fn no_credentials_is_an_error_that_names_the_way_out() {
    #[derive(Debug)]
    struct None;
    impl aws_credential_types::provider::ProvideCredentials for None {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("nothing here")))
        }
    }
    let sdk = sdk(free_address()).await.into_builder();
    let sdk = sdk
        .credentials_provider(SharedCredentialsProvider::new(None))
        .build();
    let folder = tempfile::tempdir().unwrap();
    let mut bucket = Bucket::new(&sdk, target("journals"));
    let before = bucket.preflight().await.unwrap_err();
    let after = upload(&bucket, &artifacts(folder.path(), "run"))
        .await
        .unwrap_err();
    for error in [before, after] {
        assert!(matches!(error.cause, Cause::NoCredentials { .. }), "{error:?}");
        assert!(
            error.to_string().contains("set AWS_PROFILE or AWS_ACCESS_KEY_ID"),
            "{error}"
        );
    }
}

fn outcome() -> Outcome {
    Outcome {
        title: "Kill a task".to_owned(),
        status: "completed".to_owned(),
        deviated: false,
        exit_code: 0,
        context: "live".to_owned(),
        start: "2026-01-31T23:59:58+00:00".to_owned(),
        end: "2026-01-31T23:59:59+00:00".to_owned(),
        duration: 1.0,
        journal: Some("s3://journals/x/journal.json".to_owned()),
    }
}

#[tokio::test]
async fn the_outcome_is_published_to_the_topic() {
    let Some(moto) = Moto::start() else { return };
    let proxy = Proxy::start(moto.address, |_| Act::Pass);
    let sdk = sdk(proxy.address).await;
    let client = aws_sdk_sns::Client::new(&sdk);
    let arn = client
        .create_topic()
        .name("results")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    let topic: TopicArn = arn.parse().unwrap();
    assert!(
        !publish_outcome(&sdk, &topic, &outcome())
            .await
            .unwrap()
            .is_empty()
    );
    let body = String::from_utf8(proxy.seen().pop().unwrap().body).unwrap();
    assert!(body.contains("%22status%22%3A%22completed%22"), "{body}");
    assert!(
        body.contains("Subject=Chaos%20experiment%20completed%3A%20Kill%20a%20task"),
        "{body}"
    );
    let gone: TopicArn = arn.replace("results", "gone").parse().unwrap();
    let error = publish_outcome(&sdk, &gone, &outcome()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NoSuchTopic), "{error:?}");
}

/// The settings of a process come from its environment, which a test may not change; so this runs itself again.
#[test]
fn endpoint_region_and_credentials_come_from_the_environment() {
    let proxy = Proxy::start(free_address(), |_| Act::Answer("HTTP/1.1 200 OK", ""));
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_environment_of_this_process", "--ignored"])
        .env("AWS_ENDPOINT_URL_S3", format!("http://{}", proxy.address))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "key-of-the-environment")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .status()
        .unwrap();
    assert!(status.success());
    let request = proxy.seen().pop().unwrap();
    let head = request.head.join("\n");
    assert!(
        request.line.starts_with("HEAD /journals"),
        "path-style: {}",
        request.line
    );
    assert!(
        head.contains("credential=key-of-the-environment/") && head.contains("/eu-central-1/s3/"),
        "{head}"
    );
}

#[tokio::test]
#[ignore = "the other half of endpoint_region_and_credentials_come_from_the_environment"]
async fn the_environment_of_this_process() {
    if std::env::var_os("AWS_ENDPOINT_URL_S3").is_none() {
        return;
    }
    let mut bucket = Bucket::new(
        &sdk_config(&Host::current().unwrap()).await.unwrap(),
        target("journals"),
    );
    assert_eq!(bucket.preflight().await.unwrap(), None);
}

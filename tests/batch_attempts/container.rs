//! What the attempts run in, and what they leave in the bucket.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use chaos_aws::client::Environment;
use chaos_engine::host::Host;
use chaos_engine::value::{Value, json};

use crate::common::{Ended, Folder, Live, on_aws, start_chaos};
use crate::support::moto::Moto;
use crate::support::proxy::Act;

pub const BUCKET: &str = "journals";
pub const JOB: &str = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0:3";
/// Where the job leaves what its attempts need.
pub const PLACE: &str = "team/in-progress/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0_3";

/// Much longer than anything here takes.
pub const BOUND: Duration = Duration::from_secs(40);

pub const DENIED: Act = Act::Answer(
    "HTTP/1.1 403 Forbidden",
    "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>",
);

/// What is done is noted in a file that outlives the containers.
pub const EXPERIMENT: &str = r#"
title: Attempts
description: d
configuration:
  outside: nowhere
  seconds: 0
steady-state-hypothesis:
  title: nothing is broken
  probes:
  - {type: probe, name: whole, tolerance: 1, provider: {type: process, path: test, arguments: [-e, '${outside}/broken']}}
method:
- type: action
  name: inject
  provider: {type: process, path: sh, arguments: [-c, 'echo inject >> $0/trace; sleep $1', '${outside}', '${seconds}']}
rollbacks:
- {type: action, name: undo, provider: {type: process, path: sh, arguments: [-c, 'echo undo >> $0/trace', '${outside}']}}
"#;

/// A container's disk. Each has the same image, here at another path.
pub struct Container {
    pub folder: Folder,
}

impl Container {
    pub fn new(outside: &Folder, seconds: u32) -> Self {
        let folder = Folder::new();
        let outside = outside.path("");
        folder.write("experiment.yaml", EXPERIMENT);
        let variables = format!(
            "var_overrides =\n  outside = {}\n  seconds = {seconds}\n",
            outside.display()
        );
        folder.write("experiment.conf", &format!("[DEFAULT]\n{variables}"));
        Self { folder }
    }

    /// An attempt in it.
    pub fn attempt(&self, number: u32, address: SocketAddr) -> Command {
        let line = ["--journals-bucket", "journals/team", "."];
        on_aws(in_batch(start_chaos(&self.folder, &line), number), address)
    }

    pub fn journal(&self) -> Value {
        self.folder.json("journal.json")
    }
}

pub fn in_batch(mut command: Command, attempt: u32) -> Command {
    command
        .env("AWS_BATCH_JOB_ID", JOB)
        .env("AWS_BATCH_JOB_ATTEMPT", attempt.to_string())
        .env("AWS_BATCH_JQ_NAME", "chaos")
        .env("AWS_BATCH_JOB_ARRAY_INDEX", "3");
    command
}

pub fn trace(outside: &Folder) -> String {
    let trace = fs::read_to_string(outside.path("trace")).unwrap_or_default();
    trace.lines().collect::<Vec<_>>().join(" ")
}

pub async fn s3(address: SocketAddr) -> Client {
    let credentials = Credentials::new("testing", "testing", None, None, "test");
    let loader = Environment::of(&Host::current().unwrap()).loader(8).unwrap();
    let loader = loader
        .endpoint_url(format!("http://{address}"))
        .region(Region::new("us-east-1"));
    let sdk = loader.credentials_provider(credentials).load().await;
    let config = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true);
    Client::from_conf(config.build())
}

/// moto with an empty bucket.
pub async fn server() -> Option<(Moto, Client)> {
    let moto = Moto::start()?;
    let client = s3(moto.address).await;
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    Some((moto, client))
}

pub async fn objects(client: &Client) -> BTreeMap<String, String> {
    let listed = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let mut objects = BTreeMap::new();
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        let object = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        let body = object.body.collect().await.unwrap().to_vec();
        objects.insert(key.to_owned(), String::from_utf8(body).unwrap());
    }
    objects
}

pub async fn put(client: &Client, name: &str, content: &str) {
    let request = client.put_object().bucket(BUCKET).key(format!("{PLACE}/{name}"));
    request
        .body(ByteStream::from(content.as_bytes().to_vec()))
        .send()
        .await
        .unwrap();
}

/// The only journal in the bucket.
pub fn uploaded(objects: &BTreeMap<String, String>) -> Value {
    let mut journals = objects.iter().filter(|(key, _)| key.ends_with("/journal.json"));
    let (_, journal) = journals.next().unwrap();
    assert!(journals.next().is_none(), "{:?}", objects.keys());
    json::parse(journal).unwrap()
}

pub fn names(objects: &BTreeMap<String, String>) -> Vec<&str> {
    let inside = objects.keys().filter_map(|key| key.strip_prefix(PLACE));
    inside.map(|name| name.trim_start_matches('/')).collect()
}

pub fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default()
}

pub fn assert_attempt(journal: &Value, attempt: i64) {
    let batch = journal.get("batch").unwrap();
    assert_eq!(text(batch, &["job_id"]), JOB);
    assert_eq!(text(batch, &["queue"]), "chaos");
    assert_eq!(batch.get("attempt"), Some(&Value::Int(attempt)));
    assert_eq!(batch.get("array_index"), Some(&Value::Int(3)));
}

/// A first attempt that is in the middle of its action, which is in the bucket.
pub async fn in_its_action(
    container: &Container,
    outside: &Folder,
    address: SocketAddr,
    client: &Client,
) -> Live {
    let live = Live::start(container.attempt(1, address), &container.folder);
    live.wait_for_file(&outside.path("trace"));
    copied(&live, client, "inject").await;
    live
}

/// Waits until the bucket knows that this activity has begun.
pub async fn copied(live: &Live, client: &Client, activity: &str) {
    let began = Instant::now();
    let name = format!("\"name\":\"{activity}\"");
    let tells = |line: &str| line.contains("activity-started") && line.contains(&name);
    while !objects(client)
        .await
        .values()
        .any(|copy| copy.replace(": ", ":").lines().any(tells))
    {
        assert!(began.elapsed() < BOUND, "{}", live.said());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Nothing is injected where it cannot be told what was injected before.
pub fn assert_refused(ended: &Ended, outside: &Folder, container: &Container, reason: &str) {
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    assert!(ended.stderr.contains("nothing was run"), "{}", ended.stderr);
    assert_eq!(trace(outside), "");
    assert!(!container.folder.has("journal.json") && !container.folder.has(".journal.json.wal"));
}

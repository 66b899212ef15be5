//! Attempts that cannot know enough touch nothing.

use crate::common::{Folder, run, start_chaos};
use crate::container::*;
use crate::support::moto::free_address;
use crate::support::proxy::{Act, Proxy};

#[tokio::test]
async fn a_later_attempt_that_may_not_look_refuses() {
    let Some((moto, _client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let proxy = Proxy::start(moto.address, |request| match request.line.starts_with("GET") {
        true => DENIED,
        false => Act::Pass,
    });
    let container = Container::new(&outside, 0);
    let ended = run(&mut container.attempt(2, proxy.address));
    assert_refused(
        &ended,
        &outside,
        &container,
        "s3:GetObject on s3://journals/team/in-progress/",
    );
}

#[test]
fn a_later_attempt_that_cannot_reach_the_bucket_touches_nothing() {
    let outside = Folder::new();
    let container = Container::new(&outside, 0);
    let mut command = container.attempt(2, free_address());
    let ended = run(command.env("AWS_MAX_ATTEMPTS", "1"));
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("AWS cannot be reached"), "{}", ended.stderr);
    assert_eq!(trace(&outside), "");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_taken_for_nothing() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    for (name, content) in [
        ("journal.json.wal", ""),
        ("journal.json.wal", r#"{"event":"running","wal":1,"exper"#),
        ("journal.json.wal", "{\"event\":\"method-started\"}\n"),
        ("ended.json", "{"),
    ] {
        put(&client, name, content).await;
        let container = Container::new(&outside, 0);
        let ended = run(&mut container.attempt(2, moto.address));
        let address = format!("s3://{BUCKET}/{PLACE}/{name}");
        assert_refused(&ended, &outside, &container, &address);
    }
}

#[test]
fn an_attempt_without_a_number_it_could_have_touches_nothing() {
    let outside = Folder::new();
    let container = Container::new(&outside, 0);
    let mut command = in_batch(start_chaos(&container.folder, &["."]), 1);
    let ended = run(command.env("AWS_BATCH_JOB_ATTEMPT", "first"));
    assert_refused(&ended, &outside, &container, "AWS_BATCH_JOB_ATTEMPT");
}

/// The state of the run would be nowhere when the machine goes away.
#[tokio::test]
async fn a_run_whose_state_the_bucket_refuses_is_not_begun() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let proxy = Proxy::start(moto.address, |request| match request.line.starts_with("PUT") {
        true => DENIED,
        false => Act::Pass,
    });
    let container = Container::new(&outside, 0);
    let ended = run(&mut container.attempt(1, proxy.address));
    assert_refused(&ended, &outside, &container, "journal.json.wal: access is denied");
    assert!(objects(&client).await.is_empty());
}

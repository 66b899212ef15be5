//! A bucket that goes away, and signals, disturb neither run nor rollbacks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::common::{Folder, Live, run};
use crate::container::*;
use crate::support::moto::Moto;
use crate::support::proxy::{Act, Proxy, Request};

/// A bucket that goes away once the run has begun: from then on nothing is answered, or the connections are cut.
fn outage(moto: &Moto, hang: bool) -> (Proxy, Arc<AtomicBool>) {
    let down = Arc::new(AtomicBool::new(false));
    let is_down = down.clone();
    let script = move |_: &Request| match (is_down.load(Ordering::SeqCst), hang) {
        (false, _) => Act::Pass,
        (true, false) => Act::Close,
        (true, true) => Act::Hang,
    };
    (Proxy::start(moto.address, script), down)
}

#[tokio::test]
async fn an_outage_during_the_run_changes_nothing_in_it() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let container = Container::new(&outside, 3);
    let (proxy, down) = outage(&moto, false);
    let live = Live::start(container.attempt(1, proxy.address), &container.folder);
    live.wait_for_file(&outside.path("trace"));
    down.store(true, Ordering::SeqCst);
    live.wait_for("cannot be copied to");
    down.store(false, Ordering::SeqCst);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stderr.matches("cannot be copied to").count(),
        1,
        "{}",
        ended.stderr
    );
    assert_eq!(text(&container.journal(), &["status"]), "completed");
    assert_eq!(trace(&outside), "inject undo");
    assert_eq!(names(&objects(&client).await), ["ended.json"]);
}

/// The journal does not get there; the state of the run stays for the next attempt, which makes the journal from it.
#[tokio::test]
async fn an_upload_that_fails_is_made_good_by_the_next_attempt() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let first = Container::new(&outside, 0);
    let proxy = Proxy::start(moto.address, |request| {
        let is_journal = request.line.starts_with("PUT") && !request.line.contains("in-progress");
        if is_journal { DENIED } else { Act::Pass }
    });
    let ended = run(&mut first.attempt(1, proxy.address));
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("journal.json.wal is kept"),
        "{}",
        ended.stderr
    );
    assert_eq!(names(&objects(&client).await), ["journal.json.wal"]);
    let second = Container::new(&outside, 0);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo", "nothing was owed any more");
    let all = objects(&client).await;
    assert_eq!(names(&all), ["ended.json"]);
    assert_eq!(text(&uploaded(&all), &["status"]), "completed");
}

/// SIGTERM, and no S3 any more: the rollbacks are played at once, and the process ends by itself well before the 30 s are
/// over after which Batch kills it. What is in the bucket is enough for the next attempt.
#[tokio::test]
async fn sigterm_is_obeyed_though_s3_does_not_answer() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let container = Container::new(&outside, 60);
    let (proxy, down) = outage(&moto, true);
    let live = in_its_action(&container, &outside, proxy.address, &client).await;
    down.store(true, Ordering::SeqCst);
    live.signal(Signal::TERM);
    live.wait_for_file(&container.folder.path("journal.json"));
    assert_eq!(trace(&outside), "inject undo");
    let ended = live.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(text(&container.journal(), &["status"]), "interrupted");
    assert!(
        ended.stderr.contains("The upload was interrupted"),
        "{}",
        ended.stderr
    );
    let second = Container::new(&outside, 60);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(trace(&outside).starts_with("inject undo"), "{}", trace(&outside));
    assert_eq!(trace(&outside).matches("inject").count(), 1);
    assert_eq!(names(&objects(&client).await), ["ended.json"]);
}

#[tokio::test]
async fn sigterm_leaves_journal_and_outcome_in_the_bucket() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let container = Container::new(&outside, 60);
    let live = in_its_action(&container, &outside, moto.address, &client).await;
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo");
    let all = objects(&client).await;
    assert_eq!(names(&all), ["ended.json"]);
    assert_eq!(text(&uploaded(&all), &["status"]), "interrupted");
}

/// The first process of a container would else not hear of it, and go on to inject.
#[tokio::test]
async fn a_signal_that_comes_before_the_run_ends_it_before_anything_is_touched() {
    let Some(moto) = Moto::start() else { return };
    let outside = Folder::new();
    let container = Container::new(&outside, 0);
    let proxy = Proxy::start(moto.address, |_| Act::Hang);
    let live = Live::start(container.attempt(2, proxy.address), &container.folder);
    let began = Instant::now();
    while proxy.seen().is_empty() {
        assert!(began.elapsed() < BOUND, "{}", live.said());
        std::thread::sleep(Duration::from_millis(10));
    }
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_refused(&ended, &outside, &container, "a signal came before the run began");
}

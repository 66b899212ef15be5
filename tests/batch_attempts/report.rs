//! Attempts after one that ended, or that never began.

use crate::common::{Folder, run, start_chaos};
use crate::container::*;
use crate::support::proxy::{Act, Proxy};

#[tokio::test]
async fn an_attempt_that_ended_is_reported_by_the_next() {
    let Some((moto, client)) = server().await else {
        return;
    };
    for (broken, code, status) in [(false, 0, "completed"), (true, 1, "completed, deviated")] {
        moto.reset();
        client.create_bucket().bucket(BUCKET).send().await.unwrap();
        let outside = Folder::new();
        let first = Container::new(&outside, 0);
        if broken {
            let breaking = EXPERIMENT.replace(
                "echo inject >> $0/trace;",
                "echo inject >> $0/trace; touch $0/broken;",
            );
            first.folder.write("experiment.yaml", &breaking);
        }
        let ended = run(&mut first.attempt(1, moto.address));
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert_attempt(&first.journal(), 1);
        let all = objects(&client).await;
        assert_eq!(names(&all), ["ended.json"]);
        assert_eq!(uploaded(&all), first.journal());

        let second = Container::new(&outside, 0);
        let ended = run(&mut second.attempt(2, moto.address));
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let told = format!("Attempt 1 of this job has run the experiment to its end ({status})");
        assert!(ended.stderr.contains(&told), "{}", ended.stderr);
        assert_eq!(trace(&outside), "inject undo");
        assert_eq!(objects(&client).await, all);
    }
}

#[tokio::test]
async fn a_later_attempt_runs_where_none_began() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let second = Container::new(&outside, 0);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo");
    assert_attempt(&uploaded(&objects(&client).await), 2);
}

#[tokio::test]
async fn without_a_bucket_a_later_attempt_is_warned_of_and_run() {
    let outside = Folder::new();
    let container = Container::new(&outside, 0);
    let ended = run(&mut in_batch(start_chaos(&container.folder, &["."]), 2));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("there is no journals bucket that could tell"),
        "{}",
        ended.stderr
    );
    assert_eq!(trace(&outside), "inject undo");
    assert_attempt(&container.journal(), 2);
}

/// A copy that stays behind, or comes too late, is not taken for that of a run that died.
#[tokio::test]
async fn the_outcome_stands_above_a_copy_that_could_not_be_removed() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let proxy = Proxy::start(moto.address, |request| match request.line.starts_with("DELETE") {
        true => DENIED,
        false => Act::Pass,
    });
    let first = Container::new(&outside, 0);
    let ended = run(&mut first.attempt(1, proxy.address));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the journal is uploaded nonetheless"),
        "{}",
        ended.stderr
    );
    assert_eq!(names(&objects(&client).await), ["ended.json", "journal.json.wal"]);
    let second = Container::new(&outside, 0);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo");
}

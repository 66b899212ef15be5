//! Attempts that die, at any moment.

use chaos_engine::value::Value;
use rustix::process::Signal;

use crate::common::{Folder, Live, run};
use crate::container::*;

#[tokio::test]
async fn a_killed_attempt_is_recovered_by_the_next_and_reported_by_the_one_after() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let first = Container::new(&outside, 60);
    let live = in_its_action(&first, &outside, moto.address, &client).await;
    live.signal(Signal::KILL);
    assert_eq!(live.end().code, None);
    assert_eq!(names(&objects(&client).await), ["journal.json.wal"]);
    drop(first);

    let second = Container::new(&outside, 60);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo", "{}", ended.stderr);
    let all = objects(&client).await;
    assert_eq!(names(&all), ["ended.json"]);
    let journal = uploaded(&all);
    assert_eq!(journal, second.journal());
    assert_eq!(text(&journal, &["status"]), "interrupted");
    let rollbacks = journal.get("recovered").and_then(|entry| entry.get("rollbacks"));
    assert_eq!(rollbacks, Some(&vec![Value::from("undo")].into()));
    assert_attempt(&journal, 2);
    assert!(!second.folder.has(".journal.json.wal"));

    let third = Container::new(&outside, 60);
    let ended = run(&mut third.attempt(3, moto.address));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("Attempt 2 of this job has run the experiment to its end (interrupted)")
    );
    assert_eq!(trace(&outside), "inject undo");
    assert!(!third.folder.has("journal.json"));
    assert_eq!(objects(&client).await, all);
}

/// Secrets are read again from where they came: the copy has left the machine.
#[tokio::test]
async fn a_copy_shows_no_secret_and_the_rollbacks_have_them() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let secretive = |number| {
        let container = Container::new(&outside, 60);
        let experiment = EXPERIMENT
            .replace("title: Attempts", "title: of ${token}\nsecrets: {s: {token: {type: env, key: TOKEN}}}")
            .replace("echo undo >> $0/trace', ", "echo undo $1 >> $0/trace', ")
            .replace("'${outside}']}}\n", "'${outside}', '${token}']}}\n")
            .replace("method:\n", "method:\n- {type: probe, name: tell, provider: {type: process, path: echo, arguments: ['${token}']}}\n");
        container.folder.write("experiment.yaml", &experiment);
        let mut command = container.attempt(number, moto.address);
        command.env("TOKEN", "hush-hush-42");
        (container, command)
    };
    let (first, command) = secretive(1);
    let live = Live::start(command, &first.folder);
    copied(&live, &client, "inject").await;
    live.signal(Signal::KILL);
    live.end();
    let copy = &objects(&client).await[&format!("{PLACE}/journal.json.wal")];
    assert!(!copy.contains("hush-hush") && copy.contains("of ***"), "{copy}");
    assert!(copy.contains(r#""stdout":"***\n""#), "{copy}");
    let (_second, mut command) = secretive(2);
    let ended = run(&mut command);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        trace(&outside).ends_with("undo hush-hush-42"),
        "{}",
        trace(&outside)
    );
}

/// Where attempts share a disk the file itself is there, which is never behind.
#[tokio::test]
async fn a_next_attempt_on_the_same_disk_takes_the_file_itself() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let container = Container::new(&outside, 60);
    let live = in_its_action(&container, &outside, moto.address, &client).await;
    live.signal(Signal::KILL);
    live.end();
    let ended = run(&mut container.attempt(2, moto.address));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo", "{}", ended.stderr);
    assert_eq!(names(&objects(&client).await), ["ended.json"]);
    assert_attempt(&uploaded(&objects(&client).await), 2);
}

#[tokio::test]
async fn a_copy_from_before_the_method_counts_the_fault_as_injected() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let first = Container::new(&outside, 60);
    let live = in_its_action(&first, &outside, moto.address, &client).await;
    let copy = objects(&client)
        .await
        .remove(&format!("{PLACE}/journal.json.wal"))
        .unwrap();
    live.signal(Signal::KILL);
    live.end();
    let running: Vec<&str> = copy
        .lines()
        .take_while(|line| !line.contains("method-started"))
        .collect();
    put(&client, "journal.json.wal", &running.join("\n")).await;
    let second = Container::new(&outside, 60);
    let ended = run(&mut second.attempt(2, moto.address));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(trace(&outside), "inject undo", "{}", ended.stderr);
    assert!(uploaded(&objects(&client).await).get("recovered").is_some());
}

/// Which moment it is must not matter, nor how far behind the copy is then.
#[tokio::test]
async fn an_attempt_killed_after_any_event_injects_at_most_once_and_is_undone() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let mut recovered = 0;
    for event in 1.. {
        moto.reset();
        client.create_bucket().bucket(BUCKET).send().await.unwrap();
        let outside = Folder::new();
        let kill = |container: &Container, number: u32, event: u64| {
            let mut command = container.attempt(number, moto.address);
            run(command.env("CHAOS_TEST_KILL_AFTER", event.to_string()))
        };
        let first = kill(&Container::new(&outside, 0), 1, event);
        if first.code == Some(0) {
            break;
        }
        assert_eq!(first.code, None, "{event}: {}", first.stderr);
        let before = trace(&outside);
        let second = run(&mut Container::new(&outside, 0).attempt(2, moto.address));
        let all = objects(&client).await;
        assert_eq!(names(&all), ["ended.json"], "{event}: {}", second.stderr);
        let after = trace(&outside);
        assert!(
            after.matches("inject").count() <= 1,
            "{event}: {before}, then {after}"
        );
        let undone = after
            .split_once("inject")
            .is_none_or(|(_, rest)| rest.contains("undo"));
        assert!(undone, "{event}: {before}, then {after}: {}", second.stderr);
        recovered += usize::from(uploaded(&all).get("recovered").is_some());
    }
    assert!(recovered > 3, "only {recovered}");
}

/// The copy goes on while what is owed is played, so that a third attempt knows how far the second came.
#[tokio::test]
async fn a_recovery_that_dies_is_recovered() {
    let Some((moto, client)) = server().await else {
        return;
    };
    let outside = Folder::new();
    let first = Container::new(&outside, 60);
    let late = "- {type: action, name: late, provider: {type: process, path: sh, arguments: [-c, 'test -e $0/patient || \
                sleep 60; echo late >> $0/trace', '${outside}']}}\n";
    first
        .folder
        .write("experiment.yaml", &format!("{EXPERIMENT}{late}"));
    let live = in_its_action(&first, &outside, moto.address, &client).await;
    live.signal(Signal::KILL);
    live.end();
    let second = Container::new(&outside, 60);
    let live = Live::start(second.attempt(2, moto.address), &second.folder);
    copied(&live, &client, "late").await;
    live.signal(Signal::KILL);
    live.end();
    outside.write("patient", "");
    let third = run(&mut Container::new(&outside, 60).attempt(3, moto.address));
    assert_eq!(third.code, Some(1), "{}", third.stderr);
    assert_eq!(trace(&outside), "inject undo late", "{}", third.stderr);
    assert_attempt(&uploaded(&objects(&client).await), 3);
}

//! One child: how it starts, how it ends, what it uses.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use chaos_lab_processes::{Exit, Launch, Spawner, guard_command};
use support::{Lab, actor, is_gone, state, until};

fn code(code: i32) -> Exit {
    Exit {
        code: Some(code),
        signal: None,
    }
}

fn signal(signal: i32) -> Exit {
    Exit {
        code: None,
        signal: Some(signal),
    }
}

#[tokio::test]
async fn exit_codes_and_signals_are_told() {
    let lab = Lab::new();
    assert_eq!(lab.shell("exit 0").await.exited().await, code(0));
    let child = lab.shell("exit 7").await;
    assert_eq!(child.clone().exited().await, code(7));
    assert_eq!(child.exit(), Some(code(7)));
    assert!(!code(7).success() && code(0).success());
    assert_eq!(lab.shell("kill -9 $$").await.exited().await, signal(9));
}

#[tokio::test]
async fn each_signal_does_what_it_says() {
    let lab = Lab::new();
    let sleep = || lab.start("sleep", &["1000"]);
    let child = sleep().await;
    assert_eq!(child.exit(), None);
    child.terminate();
    assert_eq!(child.exited().await, signal(15));
    let child = sleep().await;
    child.interrupt();
    assert_eq!(child.exited().await, signal(2));
    let child = sleep().await;
    child.suspend();
    until("the halt", || (state(child.pid()) == Some('T')).then_some(()));
    child.resume();
    until("going on", || (state(child.pid()) == Some('S')).then_some(()));
    child.suspend();
    child.kill();
    assert_eq!(child.exited().await, signal(9));
    // none of them reaches another process that got its id
    child.terminate();
    child.kill();
}

#[tokio::test]
async fn a_stop_waits_and_then_kills() {
    let lab = Lab::new();
    let polite = lab
        .shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done")
        .await;
    lab.logged();
    assert_eq!(polite.stop(support::PATIENCE).await, code(3));
    let lab = Lab::new();
    let deaf = lab
        .shell("trap '' TERM; echo ready; while :; do sleep 0.01; done")
        .await;
    lab.logged();
    assert_eq!(deaf.stop(Duration::from_millis(20)).await, signal(9));
    assert_eq!(deaf.stop(Duration::ZERO).await, signal(9));
}

#[tokio::test]
async fn what_a_child_started_ends_with_it() {
    let lab = Lab::new();
    let child = lab.shell("sleep 1000 & echo $!; exit 5").await;
    assert_eq!(child.exited().await, code(5));
    let grandchild = lab.logged().parse().unwrap();
    until("the end of the grandchild", || is_gone(grandchild).then_some(()));
}

#[tokio::test]
async fn a_child_gets_the_environment_that_it_is_given() {
    let lab = Lab::new();
    let mut launch = lab.launch("env", &[]);
    launch.env = vec![
        ("GREETING".into(), "hi there".into()),
        ("CHAOS_LAB_ID".into(), "other".into()),
    ];
    lab.spawner.spawn(launch.clone()).await.unwrap().exited().await;
    let log = lab.log();
    let mut names: Vec<&str> = log
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["CHAOS_LAB_ID", "CHAOS_LAB_PARENT", "GREETING", "PATH"]);
    for line in [
        format!("CHAOS_LAB_ID={}", lab.id),
        format!("CHAOS_LAB_PARENT={}", std::process::id()),
        "GREETING=hi there".into(),
    ] {
        assert!(log.lines().any(|logged| logged == line), "{line}: {log}");
    }
    launch.inherit_env = true;
    lab.spawner.spawn(launch).await.unwrap().exited().await;
    let more = lab.log();
    assert!(more.starts_with(&log), "the log is appended to");
    assert!(more[log.len()..].contains("CARGO_MANIFEST_DIR="));
}

#[tokio::test]
async fn output_and_errors_go_to_the_log_and_it_runs_in_its_folder() {
    let lab = Lab::new();
    lab.shell("pwd; echo oops >&2; cat").await.exited().await;
    let folder = lab.folder.path().canonicalize().unwrap();
    assert_eq!(lab.log(), format!("{}\noops\n", folder.display()));
}

#[tokio::test]
async fn what_cannot_be_started_is_named() {
    let lab = Lab::new();
    let error = lab
        .spawner
        .spawn(lab.launch("no-such-program", &[]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no-such-program"), "{error}");
    let launch = Launch {
        folder: "/no/such/folder".into(),
        ..lab.launch("true", &[])
    };
    let error = lab.spawner.spawn(launch).await.unwrap_err().to_string();
    assert!(
        error.contains("`true`") && error.contains("/no/such/folder"),
        "{error}"
    );
    let launch = Launch {
        log: "/no/such/log".into(),
        ..lab.launch("true", &[])
    };
    let error = lab.spawner.spawn(launch).await.unwrap_err().to_string();
    assert!(error.contains("/no/such/log"), "{error}");
}

#[tokio::test]
async fn a_foreign_program_runs_behind_the_guard() {
    let lab = Lab::new();
    let guarded = guard_command(&actor(), lab.spawner.lab_id());
    let guarded: Vec<&str> = guarded.iter().filter_map(|word| word.to_str()).collect();
    let start = |args: &[&str]| {
        let args = [&guarded[1..], args].concat();
        lab.spawner.spawn(lab.launch(guarded[0], &args))
    };
    let sleep = start(&["sleep", "1000"]).await.unwrap();
    let comm = format!("/proc/{}/comm", sleep.pid());
    until("the program", || {
        (std::fs::read_to_string(&comm).ok()? == "sleep\n").then_some(())
    });
    sleep.kill();
    assert_eq!(
        start(&["sh", "-c", "exit 9"]).await.unwrap().exited().await,
        code(9)
    );
    assert_eq!(start(&["no-such-program"]).await.unwrap().exited().await, code(1));
    assert!(lab.log().contains("no-such-program"), "{}", lab.log());
    assert_eq!(start(&[]).await.unwrap().exited().await, code(1));
    assert!(
        lab.log().contains("guard PARENT LAB_ID -- PROGRAM"),
        "{}",
        lab.log()
    );
}

#[tokio::test]
async fn usage_grows_while_burning_and_ends_with_the_process() {
    let lab = Lab::new();
    let child = lab.shell("while :; do :; done").await;
    until("CPU time", || {
        (child.usage()?.cpu >= Duration::from_millis(100)).then_some(())
    });
    let before = child.usage().unwrap();
    assert!(before.resident > 0);
    until("more CPU time", || {
        (child.usage()?.cpu > before.cpu).then_some(())
    });
    child.kill();
    child.exited().await;
    assert_eq!(child.usage(), None);
}

/// The thread that asks and its runtime may go, and the spawner too: none of them takes the child along.
#[test]
fn a_child_survives_who_asked_for_it() {
    let lab = Lab::new();
    let (launch, spawner) = (lab.launch(actor(), &["tied"]), lab.spawner.clone());
    let asking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(spawner.spawn(launch)).unwrap()
    });
    let child = asking.join().unwrap();
    assert_eq!(lab.logged(), "ready");
    let Lab { folder, .. } = lab;
    assert_eq!(child.exit(), None);
    child.terminate();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(
        runtime.block_on(child.exited()),
        signal(15),
        "not by the death signal"
    );
    drop(folder);
}

#[tokio::test]
async fn many_start_at_once() {
    let spawner = Spawner::new(&support::unique_id());
    let lab = Lab::new();
    let starts = (0..30).map(|number| {
        let (spawner, launch) = (
            spawner.clone(),
            lab.launch("sh", &["-c", &format!("exit {number}")]),
        );
        tokio::spawn(async move { spawner.spawn(launch).await.unwrap().exited().await })
    });
    for (number, start) in starts.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(start.await.unwrap(), code(number.try_into().unwrap()));
    }
}

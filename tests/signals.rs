//! Signals reach whatever a run is waiting for: the run ends at once, its rollbacks are played, its journal is written.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use chaos_engine::value::Value;
use common::{Ended, Folder, Live, chaos, python, start_chaos};
use rustix::process::Signal;

const SIGNALS: [Signal; 2] = [Signal::INT, Signal::TERM];

/// An experiment with that activity and two rollbacks, each of which notes that it was played.
fn experiment(activity: &str) -> String {
    let note = |name: &str, more: &str| {
        format!(
            "- {{type: action, name: {name}, provider: {{type: process, path: sh, arguments: [-c, 'echo {name} >> \
             trace{more}']}}}}\n"
        )
    };
    format!(
        "title: t\ndescription: d\nmethod:\n- {activity}\nrollbacks:\n{}{}",
        note("first", "; touch rolling; sleep ${NAP:-0}"),
        note("second", "")
    )
}

fn folder(activity: &str) -> Folder {
    let folder = Folder::new();
    folder.write("experiment.yaml", &experiment(activity));
    folder.write("experiment.conf", "[DEFAULT]\n");
    folder
}

fn trace(folder: &Folder) -> String {
    let trace = std::fs::read_to_string(folder.path("trace")).unwrap_or_default();
    trace.lines().collect::<Vec<_>>().join(" ")
}

fn status(folder: &Folder) -> Value {
    folder.json("journal.json").get("status").cloned().unwrap()
}

/// The activity's record has no outcome: nobody knows it.
fn assert_interrupted(folder: &Folder, ended: &Ended) {
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(status(folder), "interrupted".into());
    assert_eq!(trace(folder), "first second", "{}", ended.stderr);
    assert!(
        !folder
            .names()
            .iter()
            .any(|name| name.ends_with(".wal") || name.ends_with(".partial")),
        "{:?}",
        folder.names()
    );
}

#[test]
fn a_pause_ends() {
    for (pause, said) in [
        ("after", "Pausing after activity"),
        ("before", "Pausing before next activity"),
    ] {
        for signal in SIGNALS {
            let activity = format!(
                "{{type: action, name: a, provider: {{type: process, path: 'true'}}, pauses: {{{pause}: 60}}}}"
            );
            let folder = folder(&activity);
            let live = Live::start(start_chaos(&folder, &["."]), &folder);
            live.wait_for(said);
            live.signal(signal);
            assert_interrupted(&folder, &live.end());
        }
    }
}

#[test]
fn a_call_to_a_server_that_never_answers_ends() {
    for signal in SIGNALS {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        let folder = folder(&format!(
            "{{type: probe, name: a, provider: {{type: http, url: '{url}'}}}}"
        ));
        let live = Live::start(start_chaos(&folder, &["."]), &folder);
        // kept open and never answered
        let connection = server.accept().unwrap();
        live.signal(signal);
        assert_interrupted(&folder, &live.end());
        drop(connection);
    }
}

#[test]
fn a_process_ends_with_all_that_it_started() {
    let script = "sleep 60 & echo $! > grandchild; echo $$ > child; touch started; wait";
    for signal in SIGNALS {
        let folder = folder(&format!(
            "{{type: action, name: a, provider: {{type: process, path: sh, arguments: [-c, '{script}']}}}}"
        ));
        let live = Live::start(start_chaos(&folder, &["."]), &folder);
        live.wait_for_file(&folder.path("started"));
        live.signal(signal);
        assert_interrupted(&folder, &live.end());
        for pid in ["child", "grandchild"] {
            assert!(!is_alive(folder.read(pid).trim()), "the {pid} is still there");
        }
    }
}

/// A zombie that nobody has waited for yet is as dead as a process gets.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().unwrap_or_default();
    !stat.is_empty() && !state.starts_with('Z')
}

const MODULE: &str = "
import time

def nap():
    open('started', 'w').close()
    time.sleep(60)
";

#[test]
fn a_python_function_ends() {
    if python().is_none() {
        return;
    }
    for background in [false, true] {
        for signal in SIGNALS {
            let folder = folder(&format!(
                "{{type: action, name: a, background: {background}, provider: {{type: python, module: naps, func: nap}}}}"
            ));
            folder.write("naps.py", MODULE);
            let live = Live::start(start_chaos(&folder, &["."]), &folder);
            live.wait_for_file(&folder.path("started"));
            live.signal(signal);
            assert_interrupted(&folder, &live.end());
        }
    }
}

#[test]
fn the_rollbacks_are_played_as_the_strategy_says() {
    let pause = "{type: action, name: a, provider: {type: process, path: 'true'}, pauses: {after: 60}}";
    let played = [
        ("default", ""),
        ("always", "first second"),
        ("never", ""),
        ("deviated", ""),
    ];
    for (strategy, expected) in played {
        let folder = folder(pause);
        let command = chaos(
            &folder,
            &["run", "--rollback-strategy", strategy, "experiment.yaml"],
        );
        let live = Live::start(command, &folder);
        live.wait_for("Pausing after");
        live.signal(Signal::INT);
        let ended = live.end();
        assert_eq!(
            (ended.code, trace(&folder).as_str()),
            (Some(1), expected),
            "{strategy}"
        );
        assert_eq!(status(&folder), "interrupted".into());
    }
}

/// Interrupted in its method, and now in its first rollback, which takes a minute.
fn in_its_rollbacks(folder: &Folder) -> Live {
    let mut command = start_chaos(folder, &["."]);
    command.env("NAP", "60");
    let live = Live::start(command, folder);
    live.wait_for("Pausing after");
    live.signal(Signal::INT);
    live.wait_for_file(&folder.path("rolling"));
    live
}

#[test]
fn a_second_signal_skips_the_rollbacks_that_are_left_and_the_journal_is_written() {
    for signal in SIGNALS {
        let folder =
            folder("{type: action, name: a, provider: {type: process, path: 'true'}, pauses: {after: 60}}");
        let live = in_its_rollbacks(&folder);
        live.signal(signal);
        let ended = live.end();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert_eq!(trace(&folder), "first");
        assert_eq!(status(&folder), "interrupted".into());
        assert!(!folder.has(".journal.json.wal"));
    }
}

/// What is done after the second signal would take a minute as well: a control's hook.
#[test]
fn a_third_signal_leaves_and_a_recovery_is_possible() {
    if python().is_none() {
        return;
    }
    let folder =
        folder("{type: action, name: a, provider: {type: process, path: 'true'}, pauses: {after: 60}}");
    let control = "controls: [{name: slow, provider: {type: python, module: slow}}]\n";
    folder.write("experiment.yaml", &(folder.read("experiment.yaml") + control));
    folder.write(
        "slow.py",
        "import os, time\n\ndef after_experiment_control(context, **kwargs):\n    if os.path.exists('patient'):\n        \
         return\n    open('finishing', 'w').close()\n    time.sleep(60)\n",
    );
    let live = in_its_rollbacks(&folder);
    live.signal(Signal::INT);
    live.wait_for_file(&folder.path("finishing"));
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(!folder.has("journal.json") && folder.has(".journal.json.wal"));
    folder.write("patient", "");
    let recovered = common::run(&mut start_chaos(&folder, &["recover"]));
    assert_eq!(recovered.code, Some(1), "{}", recovered.stderr);
    assert_eq!(
        trace(&folder),
        "first",
        "what the second signal waived is not owed"
    );
    assert_eq!(status(&folder), "interrupted".into());
}

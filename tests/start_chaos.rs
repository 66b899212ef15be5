//! `start-chaos` as a user runs it: a folder, a command line, an exit code, files and messages.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use chaos_engine::value::Value;
use common::{Ended, Folder, chaos, root, run, start_chaos};

/// A hypothesis that holds while there is no file `broken`, a method that runs `script`, and a rollback.
const EXPERIMENT: &str = r#"
title: Is it back?
description: d
configuration:
  script: "true"
  who: nobody
  count: 0
steady-state-hypothesis:
  title: nothing is broken
  probes:
  - {type: probe, name: whole, tolerance: 1, provider: {type: process, path: test, arguments: [-e, broken]}}
method:
- {type: action, name: inject, provider: {type: process, path: sh, arguments: [-c, "touch injected; ${script}", '${who}', '${count}']}}
rollbacks:
- {type: action, name: undo, provider: {type: process, path: sh, arguments: [-c, "echo undone >> trace; rm -f broken"]}}
"#;

fn folder(conf: &str) -> Folder {
    let folder = Folder::new();
    folder.write("experiment.yaml", EXPERIMENT);
    folder.write("experiment.conf", conf);
    folder
}

fn start(folder: &Folder, arguments: &[&str]) -> Ended {
    run(&mut start_chaos(folder, arguments))
}

fn status(folder: &Folder) -> Value {
    folder.json("journal.json").get("status").cloned().unwrap()
}

/// What the method's first activity wrote.
fn output(folder: &Folder) -> String {
    let journal = folder.json("journal.json");
    let record = &journal.get("run").and_then(Value::as_list).unwrap()[0];
    let output = record.get("output").and_then(|output| output.get("stdout"));
    output.and_then(Value::as_str).unwrap().trim().to_owned()
}

#[test]
fn a_run_that_its_system_stood_is_0() {
    let folder = folder("[DEFAULT]\n");
    let ended = start(&folder, &["experiment.conf"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(status(&folder), "completed".into());
    assert_eq!(
        folder.read("trace"),
        "undone\n",
        "rollbacks are always played by default"
    );
    let names = [
        "chaostoolkit.log",
        "experiment.conf",
        "experiment.yaml",
        "injected",
        "journal.json",
        "trace",
    ];
    assert_eq!(folder.names(), names);
    assert!(
        folder
            .plain(&ended.stderr)
            .ends_with("[INFO] The journal is ~/journal.json")
    );
    assert!(!ended.stderr.contains('\x1b') && ended.stdout.is_empty());
}

#[test]
fn a_run_that_deviated_failed_or_aborted_is_1() {
    let told = [
        ("touch broken", "", "completed", true),
        (
            "touch broken",
            "hypothesis_strategy = before-method-only",
            "completed",
            false,
        ),
    ];
    for (script, keys, expected, deviated) in told {
        let folder = folder(&format!("[DEFAULT]\nvar_overrides = script = {script}\n{keys}\n"));
        let ended = start(&folder, &["."]);
        let journal = folder.json("journal.json");
        let is_deviated = journal.get("deviated") == Some(&true.into());
        assert_eq!(
            (ended.code == Some(1), is_deviated),
            (deviated, deviated),
            "{keys}: {}",
            ended.stderr
        );
        assert_eq!(status(&folder), expected.into(), "{keys}");
    }
    let folder = folder("[DEFAULT]\n");
    let aborting = EXPERIMENT.replace(
        "provider: {type: process, path: sh, arguments: [-c, \"touch",
        "pauses: {after: long}, provider: {type: process, path: sh, arguments: [-c, \"touch",
    );
    folder.write(
        "experiment.yaml",
        &aborting.replace("pauses: {after: long}", "pauses: {after: '${who}'}"),
    );
    let ended = start(&folder, &["."]);
    assert_eq!(
        (ended.code, status(&folder)),
        (Some(1), "aborted".into()),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_wrong_command_line_is_2() {
    let folder = folder("[DEFAULT]\n");
    for line in [
        &[][..],
        &["--nope", "."],
        &["--dry", "everything", "."],
        &["--rollback-strategy", "sometimes", "."],
        &["--fail-fast-ratio", "101", "."],
        &["--var", "count:int=many", "."],
        &["--journals-bucket", "not a bucket", "."],
        &[".", "recover"],
    ] {
        let ended = start(&folder, line);
        assert_eq!(ended.code, Some(2), "{line:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    }
    assert_eq!(folder.names(), ["experiment.conf", "experiment.yaml"]);
}

#[test]
fn a_hypothesis_that_is_not_met_before_is_4_and_nothing_is_tried() {
    let folder = folder("[DEFAULT]\n");
    folder.write("broken", "");
    let ended = start(&folder, &["."]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(!folder.has("injected"));
    assert_eq!(status(&folder), "completed".into());
    folder.write("broken", "");
    let peer = run(&mut chaos(&folder, &["run", "experiment.yaml"]));
    assert_eq!(
        peer.code,
        Some(0),
        "`chaos run` says 0, as the Chaos Toolkit does"
    );
}

/// Without it, the pause would take a minute.
#[test]
fn fail_fast_ends_the_method_early() {
    let folder = folder(
        "[DEFAULT]\nhypothesis_strategy = during-method-only\nhypothesis_frequency = 0.05\nfail_fast = true\n\
         var_overrides = script = touch broken\n",
    );
    let more = "- {type: action, name: never, provider: {type: process, path: touch, arguments: [never]}}\nrollbacks:";
    let paused = EXPERIMENT
        .replace(
            "- {type: action, name: inject,",
            "- {type: action, name: inject, pauses: {after: 60},",
        )
        .replace("rollbacks:", more);
    folder.write("experiment.yaml", &paused);
    let live = common::Live::start(start_chaos(&folder, &["."]), &folder);
    let ended = live.end();
    assert_eq!(
        (ended.code, status(&folder)),
        (Some(1), "failed".into()),
        "{}",
        ended.stderr
    );
    assert!(!folder.has("never") && folder.read("trace") == "undone\n");
}

const CONTEXTS: &str = "[DEFAULT]
var_files = a.yaml
    b.yaml
[lab]
var_overrides =
    who = lab
[live]
var_files = a.yaml
var_overrides =
    # twice
    count:int = 7
";

#[test]
fn the_nearest_word_wins() {
    let script = "configuration: {script: 'echo $0 $1'";
    let told: [(&[&str], &str); 6] = [
        (&["."], "from-b 2"),
        (&["--context", "lab", "."], "lab 2"),
        (&["--context", "live", "."], "from-a 7"),
        (&["--context", "live", "--var-file", "mine.yaml", "."], "mine 7"),
        (
            &[
                "--context",
                "live",
                "--var-file",
                "mine.yaml",
                "--var",
                "count:int=8",
                ".",
            ],
            "mine 8",
        ),
        (
            &["--context", "lab", "--var", "who=me", "--var", "who=you", "."],
            "you 2",
        ),
    ];
    for (line, expected) in told {
        let folder = folder(CONTEXTS);
        folder.write("a.yaml", &format!("{script}, who: from-a, count: 1}}"));
        folder.write("b.yaml", &format!("{script}, who: from-b, count: 2}}"));
        folder.write("mine.yaml", "configuration: {who: mine, count: 3, undeclared: 4}");
        let ended = start(&folder, line);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(output(&folder), expected, "{line:?}");
    }
}

#[test]
fn the_environment_stands_below_the_command_line_and_above_the_file() {
    let folder = folder(CONTEXTS);
    folder.write("a.yaml", "configuration: {script: 'echo $0 $1'}");
    folder.write("b.yaml", "");
    let with_environment = |line: &[&str]| {
        let mut command = start_chaos(&folder, line);
        command.env("CHAOS_CONFIG_FILE", ".").env("CHAOS_CONTEXT", "lab");
        command
            .env("CHAOS_VAR", "who=environment\ncount:int=5")
            .env("CHAOS_JOURNALS_BUCKET", "");
        let ended = run(&mut command);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        output(&folder)
    };
    assert_eq!(with_environment(&[]), "environment 5");
    assert_eq!(with_environment(&["--context", "live"]), "environment 5");
    assert_eq!(with_environment(&["--var", "who=line"]), "line 0");
    for (line, said) in [
        (&[][..], "no CONFIG_FILE is given"),
        (&["recover"], "no write-ahead file"),
    ] {
        let mut empty = start_chaos(&folder, line);
        let ended = run(empty.env("CHAOS_CONFIG_FILE", ""));
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn the_contexts_are_listed_and_an_unknown_one_is_told_them() {
    let folder = folder(CONTEXTS);
    let listed = start(&folder, &["--list-contexts", "experiment.conf"]);
    assert_eq!(
        (listed.code, listed.stdout.as_str()),
        (Some(0), "DEFAULT\nlab\nlive\n")
    );
    let ended = start(&folder, &["--context", "life", "."]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!(folder.plain(&ended.stderr), @"error: ~/experiment.conf has no context 'life'; it has DEFAULT, lab, live; did you mean 'live'?");
    assert!(!folder.has("injected"));
}

#[test]
fn an_unknown_key_is_a_warning_in_the_log() {
    let folder = folder("[DEFAULT]\nrolback_strategy = never\n");
    let ended = start(&folder, &["."]);
    assert_eq!(ended.code, Some(0));
    let said = folder.plain(&ended.stderr);
    insta::assert_snapshot!(said.lines().next().unwrap(), @"[WARNING] ~/experiment.conf:2: [DEFAULT] the key 'rolback_strategy' is unknown and ignored; did you mean 'rollback_strategy'?");
    assert!(
        folder
            .read("chaostoolkit.log")
            .contains("'rolback_strategy' is unknown")
    );
}

#[test]
fn the_printed_command_does_the_same() {
    let conf = "[live]\nrollback_strategy = deviated\nhypothesis_strategy = continuously\nhypothesis_frequency = 0.5\n\
                fail_fast = yes\nfail_fast_ratio = 99.5\nvar_files = it's a.yaml\njournal_path = out.json\n\
                settings = settings.yaml\nvar_overrides =\n  script = echo \"$0\"; echo $1\n  count:int = 3\n";
    let folder = folder(conf);
    folder.write("it's a.yaml", "configuration: {who: a}");
    folder.write("settings.yaml", "{}");
    let line = [
        "--context",
        "live",
        "--var",
        "who=$(x) 'and'\nmore",
        "experiment.conf",
    ];
    let printed = start(&folder, &[&["--print-run"], &line[..]].concat());
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(!folder.has("injected") && !folder.has("chaostoolkit.log"));
    let command = printed.stdout.lines().last().unwrap().to_owned();
    assert!(
        command.starts_with("chaos --settings settings.yaml run "),
        "{command}"
    );
    let journal = |code: Option<i32>| {
        assert_eq!(code, Some(0));
        let mut journal = folder.json("out.json");
        std::fs::remove_file(folder.path("out.json")).unwrap();
        without_times(&mut journal);
        journal
    };
    let ours = journal(start(&folder, &line).code);
    let mut shell = common::binary("/bin/sh", &folder, &["-c", &command]);
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_chaos"))
        .parent()
        .unwrap();
    let path = std::env::join_paths(
        std::iter::once(bin.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    assert_eq!(journal(run(shell.env("PATH", path.unwrap())).code), ours);
}

/// Leaves out what differs from one run to the next: times, and how often the hypothesis was checked meanwhile.
fn without_times(value: &mut Value) {
    match value {
        Value::Map(map) => {
            for key in ["start", "end", "duration", "during"] {
                map.shift_remove(key);
            }
            map.values_mut().for_each(without_times);
        }
        Value::List(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

#[test]
fn secrets_are_shown_nowhere() {
    let folder =
        folder("[DEFAULT]\nvar_files = vars.yaml, secret.env\nvar_overrides = api_token = in-override\n");
    folder.write("vars.yaml", "secrets: {file: {from_file: in-file}}");
    folder.write("secret.env", "TOKEN=in-environment");
    folder.write(
        "experiment.yaml",
        r#"
title: of ${from_env}
description: d
configuration: {api_token: none, url: none}
secrets:
  env: {from_env: {type: env, key: TOKEN}}
  file: {from_file: none}
method:
- {type: action, name: tells, provider: {type: process, path: echo, arguments: ['${from_env}', '${from_file}', '${api_token}', '${url}']}}
- {type: action, name: tells too, provider: {type: process, path: sh, arguments: [-c, 'echo $TOKEN >&2; exit 3']}}
- {type: probe, name: fails, provider: {type: http, url: 'http://127.0.0.1:9/${from_env}', timeout: 1}}
"#,
    );
    let line = ["-v", "--var", "url=http://me:in-address@host/", "."];
    let printed = start(&folder, &[&["--print-run"], &line[..]].concat());
    let ended = start(&folder, &line);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let views = [
        printed.stdout,
        printed.stderr,
        ended.stdout,
        ended.stderr,
        folder.read("chaostoolkit.log"),
        folder.read("journal.json"),
    ];
    for secret in ["in-environment", "in-file", "in-override", "in-address"] {
        for view in &views {
            assert!(!view.contains(secret), "{secret}: {view}");
        }
    }
    assert!(
        views[5].contains("of ***") && views[0].contains("api_token = ********"),
        "{}",
        views[5]
    );
}

#[test]
fn the_library_runs_in_each_of_its_contexts() {
    for name in ["dummy", "_empty"] {
        let folder = Folder::new();
        for entry in std::fs::read_dir(root().join("library").join(name))
            .unwrap()
            .flatten()
        {
            let file = entry.file_name().into_string().unwrap();
            if !["journal.json", "chaostoolkit.log"].contains(&file.as_str()) {
                folder.write(&file, &std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        let contexts = start(&folder, &["--list-contexts", "."]);
        assert_eq!(contexts.stdout, "DEFAULT\nlab\nlive\n", "{}", contexts.stderr);
        for context in contexts.stdout.lines() {
            let mut command = start_chaos(&folder, &["--context", context, "."]);
            let ended = run(command.env("DUMMY_WORK_FOLDER", folder.path("work")));
            assert_eq!(ended.code, Some(0), "{name} in {context}: {}", ended.stderr);
            assert!(!ended.stderr.contains("WARNING] ~"), "{}", ended.stderr);
            let journal = folder.json("journal.json");
            assert_eq!(journal.get("deviated"), Some(&false.into()));
        }
    }
}

/// The journal, and so the write-ahead file, in another folder; rollbacks and settings are the run's own.
#[test]
fn a_recovery_goes_on_where_the_run_died() {
    for given in ["results", "results/.j.json.wal", "results/j.json"] {
        let folder =
            folder("[DEFAULT]\njournal_path = results/j.json\nsettings = s.yaml\nvar_overrides = who = me\n");
        folder.write("s.yaml", "controls: {}");
        folder.write("results/keep", "");
        let undo = EXPERIMENT.replace("echo undone >> trace", "echo undone ${who} >> trace");
        folder.write("experiment.yaml", &undo);
        let mut command = start_chaos(&folder, &["."]);
        assert_eq!(run(command.env("CHAOS_TEST_KILL_AFTER", "5")).code, None);
        assert!(folder.has("results/.j.json.wal"));
        let refused = start(&folder, &["."]);
        assert_eq!(refused.code, Some(2));
        let way_out = format!(
            "start-chaos recover {}",
            folder.path("results/.j.json.wal").display()
        );
        assert!(refused.stderr.contains(&way_out), "{}", refused.stderr);
        let elsewhere = Folder::new();
        let path = folder.path(given).display().to_string();
        let recovered = start(&elsewhere, &["recover", &path]);
        assert_eq!(recovered.code, Some(1), "{}", recovered.stderr);
        assert_eq!(folder.read("trace"), "undone me\n", "{}", recovered.stderr);
        assert!(folder.json("results/j.json").get("recovered").is_some());
        assert!(folder.read("chaostoolkit.log").contains("Recovering"));
        assert!(elsewhere.names().is_empty() && !folder.has("results/.j.json.wal"));
    }
    let nothing = Folder::new();
    let ended = start(&nothing, &["recover"]);
    assert_eq!(ended.code, Some(2));
    assert!(nothing.names().is_empty());
    insta::assert_snapshot!(nothing.plain(&ended.stderr), @"error: there is no write-ahead file ~/.journal.json.wal: no run that died is to be recovered there; name the file, or the folder it is in");
    for name in [".a.wal", ".b.wal"] {
        nothing.write(name, "");
    }
    insta::assert_snapshot!(nothing.plain(&start(&nothing, &["recover"]).stderr), @"error: ~ has several write-ahead files; name one of ~/.a.wal, ~/.b.wal");
}

//! Real processes.

use std::path::Path;

use super::*;
use crate::value::json::parse;

fn host(cwd: &Path) -> Host {
    Host {
        env: std::rc::Rc::new(
            [
                ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
                ("HOME".to_owned(), cwd.display().to_string()),
                ("OWN".to_owned(), "own value".to_owned()),
            ]
            .into(),
        ),
        cwd: cwd.to_owned(),
    }
}

fn provider(text: &str) -> Map {
    parse(text).unwrap().as_map().unwrap().clone()
}

async fn run_in(cwd: &Path, text: &str) -> Result<Value, ActivityError> {
    call(&provider(text), &host(cwd)).await
}

async fn run(text: &str) -> Result<Value, ActivityError> {
    run_in(Path::new("/"), text).await
}

fn script(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// The output of `sh -c SCRIPT`.
async fn shell(script: &str) -> Value {
    let script = crate::value::json::compact(&script.into());
    run(&format!(r#"{{"path": "sh", "arguments": ["-c", {script}]}}"#))
        .await
        .unwrap()
}

fn stdout(output: &Value) -> &str {
    output.get("stdout").and_then(Value::as_str).unwrap()
}

/// True until the process has ended; one that is waiting to be reaped has ended.
fn is_running(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}

async fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it did not come true");
}

#[tokio::test]
async fn status_and_streams_are_told_in_this_order() {
    let output = shell("echo out; echo err >&2; exit 3").await;
    assert_eq!(
        crate::value::json::compact(&output),
        r#"{"status":3,"stdout":"out\n","stderr":"err\n"}"#
    );
    assert_eq!(shell("kill -9 $$").await.get("status"), Some(&Value::Int(-9)));
}

#[tokio::test]
async fn lists_and_mappings_are_words_and_texts_go_through_the_shell() {
    let cases = [
        (r#"["[%s]", "a b", "$HOME", "*", "\\n"]"#, "[a b][$HOME][*][\\n]"),
        (
            r#"["[%s]", 1, 1.0, 1.5e+20, true, null, "", 0, ["x", 1], {"k": null}]"#,
            "[1][1.0][1.5e+20][True][0][['x', 1]][{'k': None}]",
        ),
        (
            r#"{"%s,": "a", "b": 1, "": "x", "c": null, "d": ""}"#,
            "a,b,1,x,c,d,",
        ),
        (r#""'%s,' \"$OWN\" b; echo end""#, "own value,b,end\n"),
    ];
    for (arguments, expected) in cases {
        let output = run(&format!(r#"{{"path": "printf", "arguments": {arguments}}}"#)).await;
        assert_eq!(stdout(&output.unwrap()), expected, "{arguments}");
    }
    for none in [
        "",
        r#", "arguments": []"#,
        r#", "arguments": """#,
        r#", "arguments": {}"#,
        r#", "arguments": null"#,
    ] {
        assert_eq!(
            stdout(&run(&format!(r#"{{"path": "echo"{none}}}"#)).await.unwrap()),
            "\n"
        );
    }
}

#[tokio::test]
async fn the_environment_and_the_folder_are_the_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let output = run_in(&path, r#"{"path": "env", "arguments": "; pwd"}"#)
        .await
        .unwrap();
    let lines: Vec<&str> = stdout(&output)
        .lines()
        .filter(|line| !line.starts_with("_="))
        .collect();
    for expected in ["OWN=own value", &format!("HOME={}", path.display())] {
        assert!(lines.contains(&expected), "{lines:?}");
    }
    // PWD is made by the shell, the last line is the folder
    assert!(lines.len() <= 5, "{lines:?}");
    assert_eq!(Path::new(lines[lines.len() - 1]), path);
}

#[tokio::test]
async fn paths_are_found_by_name_in_the_folder_or_in_the_home() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "my tool.sh", "#!/bin/sh\necho \"$0 $1\"\n");
    for (path, expected) in [("./my tool.sh", "./my tool.sh a\n"), ("~/my tool.sh", "")] {
        let output = run_in(
            folder.path(),
            &format!(r#"{{"path": "{path}", "arguments": ["a"]}}"#),
        )
        .await;
        assert!(stdout(&output.unwrap()).ends_with(expected));
    }
    let host = host(folder.path());
    let check = |path: &str| check(&provider(&format!(r#"{{"path": {path}}}"#)), &host);
    assert!(check("\"sh\"").unwrap().is_absolute());
    assert!(check("\"./my tool.sh\"").unwrap().is_file());
    assert_eq!(check("\"\""), Err(PathError::Missing));
    assert_eq!(check("5"), Err(PathError::NotText("5".to_owned())));
    for bad in [
        "~/my tool.sh",
        "./nothing",
        "no-such-program",
        "/etc/passwd",
        "/tmp",
    ] {
        assert!(
            matches!(check(&format!("{bad:?}")), Err(PathError::NotFound(..))),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_started_aborts() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "bad.sh", "#!/no/such/interpreter\n");
    for declaration in [
        r#"{"path": "no-such-program"}"#,
        r#"{"path": "no-such-program", "arguments": "text"}"#,
        r#"{"path": "./bad.sh"}"#,
        r#"{"path": ["echo"]}"#,
        r#"{}"#,
        r#"{"path": "echo", "arguments": 5}"#,
        r#"{"path": "echo", "arguments": ["a\u0000b"]}"#,
        r#"{"path": "echo", "timeout": "1"}"#,
        r#"{"path": "echo", "timeout": NaN}"#,
        r#"{"path": "echo", "timeout": [1]}"#,
    ] {
        let outcome = run_in(folder.path(), declaration).await;
        assert!(
            matches!(outcome, Err(ActivityError::Fatal(_))),
            "{declaration}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn outputs_are_decoded_whatever_their_encoding() {
    assert_eq!(stdout(&shell("printf 'caf\\303\\251'").await), "café");
    assert_eq!(
        stdout(&shell("printf 'Stra\\337e und \\334bung'").await),
        "Straße und Übung"
    );
    shell("printf '\\001\\002\\377\\376\\000\\201'").await;
}

#[tokio::test]
async fn large_outputs_on_both_streams_arrive_whole() {
    let output = shell("yes 012345678 | head -c 5000000; yes abcdefghi | head -c 3000000 >&2").await;
    assert_eq!(stdout(&output).len(), 5_000_000);
    assert_eq!(
        output.get("stderr").and_then(Value::as_str).unwrap().len(),
        3_000_000
    );
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let declaration = r#"{"path": "sh", "timeout": 0.5,
        "arguments": ["-c", "sleep 100 & echo $! > child; sleep 100"]}"#;
    let outcome = run_in(folder.path(), declaration).await;
    let Err(ActivityError::Failed(failure)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(failure.message.contains("0.5 seconds"), "{}", failure.message);
    let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
    until(|| !is_running(&child)).await;
    for timeout in ["0", "-1", "false"] {
        let outcome = run(&format!(
            r#"{{"path": "sleep", "arguments": ["100"], "timeout": {timeout}}}"#
        ))
        .await;
        assert!(
            matches!(outcome, Err(ActivityError::Failed(_))),
            "{timeout}: {outcome:?}"
        );
    }
    for timeout in ["null", "50", "1e300", "Infinity"] {
        run(&format!(r#"{{"path": "echo", "timeout": {timeout}}}"#))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn dropping_the_call_kills_the_whole_group_and_reaps_it() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let declaration = r#"{"path": "sh", "arguments":
        ["-c", "trap '' TERM INT; sleep 100 & echo $$ $! > new; mv new pids; wait"]}"#;
    tokio::select! {
        outcome = run_in(folder.path(), declaration) => panic!("{outcome:?}"),
        () = until(|| pids.exists()) => {}
    }
    let text = std::fs::read_to_string(pids).unwrap();
    for pid in text.split_whitespace() {
        until(|| !is_running(pid)).await;
    }
    let leader = text.split_whitespace().next().unwrap();
    until(|| !Path::new(&format!("/proc/{leader}")).exists()).await;
}

#[tokio::test]
async fn what_a_process_leaves_running_goes_on() {
    let output = shell("sleep 100 >/dev/null 2>&1 & echo $!").await;
    let left = stdout(&output).to_owned();
    assert!(is_running(&left));
    let pid = rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn late_output_of_a_grandchild_is_part_of_the_output() {
    let output = shell("(sleep 0.2; echo late) & echo early").await;
    assert_eq!(stdout(&output), "early\nlate\n");
}

#[tokio::test]
async fn a_grandchild_that_holds_the_streams_open_does_not_hold_up_the_call() {
    let output = shell("sleep 100 & echo $!").await;
    let left = stdout(&output);
    assert!(is_running(left));
    let pid = rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

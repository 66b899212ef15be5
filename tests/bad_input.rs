//! Whatever is wrong is told once, with file, key and the way out, before anything is injected, and nothing is left.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{Ended, Folder, chaos, run, start_chaos};
use insta::assert_snapshot;

const EXPERIMENT: &str = "
title: t
description: d
configuration: {count: 1}
method:
- {type: action, name: inject, provider: {type: process, path: touch, arguments: [injected]}}
rollbacks:
- {type: action, name: undo, provider: {type: process, path: touch, arguments: [injected]}}
";

/// A folder with a configuration of those keys and an experiment that would leave a marker.
fn folder(keys: &str) -> Folder {
    let folder = Folder::new();
    folder.write("experiment.conf", &format!("[DEFAULT]\n{keys}\n"));
    folder.write("experiment.yaml", EXPERIMENT);
    folder
}

/// What the user is told, which must be a single message.
fn refused(folder: &Folder, ended: &Ended) -> String {
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let names = folder.names();
    let traces = |name: &String| name == "injected" || name.ends_with(".wal") || name.ends_with(".partial");
    assert!(
        !names.iter().any(traces) && !folder.has("journal.json"),
        "{names:?}"
    );
    let said = folder.plain(&ended.stderr);
    let messages: Vec<&str> = said.lines().filter(|line| !line.starts_with("[INFO]")).collect();
    messages.join("\n")
}

fn start(folder: &Folder) -> String {
    refused(folder, &run(&mut start_chaos(folder, &["."])))
}

/// What is told of those keys.
fn keys(keys: &str) -> String {
    start(&folder(keys))
}

/// What is told of a file of that name and text, which the keys name.
fn file(keys: &str, name: &str, text: impl AsRef<[u8]>) -> String {
    let folder = folder(keys);
    std::fs::write(folder.path(name), text).unwrap();
    start(&folder)
}

#[test]
fn a_configuration_that_is_not_there_or_no_ini() {
    let folder = folder("");
    let of = |path: &str| refused(&folder, &run(&mut start_chaos(&folder, &[path])));
    assert_snapshot!(of("gone.conf"), @"error: cannot read the configuration file ~/gone.conf: No such file or directory (os error 2); name an experiment.conf, or the folder that holds one");
    std::fs::create_dir(folder.path("empty")).unwrap();
    assert_snapshot!(of("empty"), @"error: the folder ~/empty has no experiment.conf; name the configuration file itself");
    assert_snapshot!(keys("experiment_path"), @"error: ~/experiment.conf:2: neither a [section], nor `key = value`, nor a value's indented continuation");
    assert_snapshot!(keys("dry = pause\ndry = pause"), @"error: ~/experiment.conf:3: key 'dry' is already in section [DEFAULT] at line 2; remove one of them");
    assert_snapshot!(keys("journal_path = %(stage)s.json"), @"error: ~/experiment.conf:2: [DEFAULT] journal_path: %(stage)s names a key that neither this section nor [DEFAULT] has");
    assert_snapshot!(keys("journal_path = 100%"), @"error: ~/experiment.conf:2: [DEFAULT] journal_path: a lone `%`: write `%%` for a percent sign, or `%(name)s` for the value of another key");
    assert_snapshot!(file("", "experiment.conf", "experiment_path = x\n"), @"error: ~/experiment.conf:1: no section yet: start the file with a section header such as [DEFAULT]");
    assert_snapshot!(file("", "experiment.conf", b"[DEFAULT]\nx = \xff\n"), @"error: ~/experiment.conf:2: the text is not UTF-8; save the file as UTF-8");
}

#[test]
fn values_of_the_wrong_type() {
    assert_snapshot!(keys("rollback_strategy = alway"), @"error: ~/experiment.conf:2: [DEFAULT] rollback_strategy: 'alway' is not one of default, always, never, deviated; did you mean 'always'?");
    assert_snapshot!(keys("hypothesis_strategy = sometimes"), @"error: ~/experiment.conf:2: [DEFAULT] hypothesis_strategy: 'sometimes' is not one of default, before-method-only, after-method-only, during-method-only, continuously");
    assert_snapshot!(keys("hypothesis_frequency = often"), @"error: ~/experiment.conf:2: [DEFAULT] hypothesis_frequency: 'often' is not a number of seconds, 0 or more");
    assert_snapshot!(keys("fail_fast = perhaps"), @"error: ~/experiment.conf:2: [DEFAULT] fail_fast: 'perhaps' is not a boolean; write one of 1, yes, true, on, 0, no, false, off");
    assert_snapshot!(keys("fail_fast_ratio = 150"), @"error: ~/experiment.conf:2: [DEFAULT] fail_fast_ratio: '150' is not a number from 0 to 100 (percent)");
    assert_snapshot!(keys("dry = yes"), @"error: ~/experiment.conf:2: [DEFAULT] dry: 'yes' is not one of probes, actions, activities, pause");
    assert_snapshot!(keys("var_overrides =\n  count:integer = 1\n  count:whole = 2"), @"error: ~/experiment.conf:2: [DEFAULT] var_overrides: line 3 of the value: variable 'count' has the unknown type 'whole'; known types: str, string, int, integer, float, number, bool, bytes, json");
    assert_snapshot!(keys("var_overrides = pin:int = hunter2"), @"error: ~/experiment.conf:2: [DEFAULT] var_overrides: line 1 of the value: variable 'pin': the value is not a whole number, as the type `int` requires");
    assert_snapshot!(keys("var_overrides = pin:json = {hunter2"), @"error: ~/experiment.conf:2: [DEFAULT] var_overrides: line 1 of the value: variable 'pin': the value is not JSON, as the type `json` requires: line 1, column 2: key must be a string");
    assert_snapshot!(keys("var_overrides = hunter2"), @"error: ~/experiment.conf:2: [DEFAULT] var_overrides: line 1 of the value: there is no `=`; write `name=value` or `name:type=value`");
}

#[test]
fn experiments_that_cannot_be_read() {
    let json = "experiment_path = e.json";
    assert_snapshot!(keys("experiment_path = gone.yaml"), @"error: ~/experiment.conf:2: [DEFAULT] experiment_path: ~/gone.yaml does not exist; relative paths start from the folder of this file");
    assert_snapshot!(keys("experiment_path = ."), @"error: ~/experiment.conf:2: [DEFAULT] experiment_path: ~/. is a folder, not a file");
    assert_snapshot!(file("", "experiment.yaml", "title: [\nmethod: x\n"), @"[ERROR] ~/experiment.yaml is not valid YAML: line 3, column 1: while parsing a flow mapping, did not find expected ',' or '}'");
    assert_snapshot!(file("", "experiment.yaml", b"title: \xe9"), @"[ERROR] cannot read ~/experiment.yaml: line 1 is not UTF-8; save the file in that encoding");
    assert_snapshot!(file("", "experiment.yaml", ""), @"[ERROR] the experiment is not valid: ~/experiment.yaml: experiment: it is empty; it needs at least a title, a description and a method");
    assert_snapshot!(file("", "experiment.yaml", "- a\n"), @"[ERROR] the experiment is not valid: ~/experiment.yaml: experiment: it must be a mapping with title, description and method, not list");
    assert_snapshot!(file(json, "e.json", "{\"title\": \"t\",}"), @"[ERROR] ~/e.json is not valid JSON: line 1, column 15: trailing comma");
    assert_snapshot!(file("experiment_path = e.txt", "e.txt", "{}"), @"[ERROR] cannot load ~/e.txt: only files that end in .json, .yaml or .yml are experiments");
    assert_snapshot!(keys("experiment_path = http://127.0.0.1:9/experiment.yaml"), @"[ERROR] the experiment cannot be fetched from http://127.0.0.1:9/experiment.yaml: cannot connect to http://127.0.0.1:9/experiment.yaml: connection refused");
}

#[test]
fn experiments_that_are_not_valid() {
    let with = |old: &str, new: &str| file("", "experiment.yaml", EXPERIMENT.replacen(old, new, 1));
    assert_snapshot!(with("title: t\n", ""), @"[ERROR] the experiment is not valid: ~/experiment.yaml: title: experiment requires a title");
    assert_snapshot!(with("description: d\n", ""), @"[ERROR] the experiment is not valid: ~/experiment.yaml: description: experiment requires a description");
    assert_snapshot!(with("path: touch", "path: no-such-program"), @"[ERROR] the experiment is not valid: ~/experiment.yaml: method[0].provider.path: `no-such-program` cannot be found, or is not an executable file in PATH");
    assert_snapshot!(with("type: process", "type: carrier-pigeon"), @"[ERROR] the experiment is not valid: ~/experiment.yaml: method[0].provider.type: there is no provider of type 'carrier-pigeon'; use `python`, `process` or `http`");
    assert_snapshot!(with("{count: 1}", "{count: {type: env, key: CORE_NOT_SET}}"), @"[ERROR] the experiment is not valid: ~/experiment.yaml: configuration: the configuration entry `count` needs the environment variable `CORE_NOT_SET`, which is not set; set it, give it in a --var-file, or add a `default` to the entry");
    assert_snapshot!(with("description: d", "description: d\nruntime: {hypothesis: {strategy: never}}"), @"[ERROR] runtime.hypothesis.strategy: there is no hypothesis strategy 'never'; use one of default, before-method-only, after-method-only, during-method-only, continuously, skip");
}

#[test]
fn variable_and_settings_files() {
    let yaml = "var_files = v.yaml";
    assert_snapshot!(keys("var_files = gone.yaml"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/gone.yaml does not exist; relative paths start from the folder of this file");
    assert_snapshot!(file(yaml, "v.yaml", "configuration: {a: [}"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/v.yaml cannot be used: line 1, column 21: while parsing a node, did not find expected node content");
    assert_snapshot!(file("var_files = v.json", "v.json", "{\"configuration\": }"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/v.json cannot be used: line 1, column 19: expected value");
    assert_snapshot!(file(yaml, "v.yaml", "[1]"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/v.yaml: the file must be a mapping (with `configuration` and `secrets` at the top), found a list");
    assert_snapshot!(file(yaml, "v.yaml", "configuration: 1"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/v.yaml: `configuration` must be a mapping (with `configuration` and `secrets` at the top), found a single value");
    assert_snapshot!(file(yaml, "v.yaml", b"a: \xff"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: cannot read the variable file ~/v.yaml: stream did not contain valid UTF-8");
    assert_snapshot!(file("var_files = v.env", "v.env", "A=1\nhunter2\n"), @"error: ~/experiment.conf:2: [DEFAULT] var_files: ~/v.env, line 2: expected NAME=VALUE, found no `=`");
    assert_snapshot!(keys("settings = gone.yaml"), @"error: ~/experiment.conf:2: [DEFAULT] settings: ~/gone.yaml does not exist; relative paths start from the folder of this file");
    assert_snapshot!(file("settings = s.yaml", "s.yaml", "controls: ["), @"error: ~/experiment.conf:2: [DEFAULT] settings: the settings ~/s.yaml are not valid YAML: line 2, column 1: while parsing a node, did not find expected node content");
    assert_snapshot!(file("settings = s.yaml", "s.yaml", "- 1"), @"error: ~/experiment.conf:2: [DEFAULT] settings: the settings ~/s.yaml must be a mapping of names to values");
    let folder = folder("");
    let option = |line: &[&str]| {
        let said = refused(&folder, &run(&mut start_chaos(&folder, line)));
        said.lines().next().unwrap().to_owned()
    };
    assert_snapshot!(option(&["--var-file", "gone.env", "."]), @"error: --var-file: ~/gone.env does not exist");
    folder.write("v.yaml", "a: [");
    assert_snapshot!(option(&["--var-file", "v.yaml", "."]), @"error: --var-file: ~/v.yaml cannot be used: line 2, column 1: while parsing a node, did not find expected node content");
    assert_snapshot!(option(&["--var", "pin:int=hunter2", "."]), @"error: --var: variable 'pin': the value is not a whole number, as the type `int` requires");
    assert_snapshot!(option(&["--var", "hunter2", "."]), @"error: --var: there is no `=`; write `name=value` or `name:type=value`");
}

/// As root, no permission stops a write: files stand where folders should, and /proc takes nothing.
#[test]
fn places_that_cannot_be_written() {
    assert_snapshot!(keys("journal_path = ."), @"[ERROR] the journal ~/. could not be written: it is a folder; give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    assert_snapshot!(keys("journal_path = gone/journal.json"), @"[ERROR] the journal ~/gone/journal.json could not be written: the folder ~/gone does not exist; give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    assert_snapshot!(keys("journal_path = experiment.yaml/journal.json"), @"[ERROR] the journal ~/experiment.yaml/journal.json could not be written: the folder ~/experiment.yaml does not exist; give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    assert_snapshot!(keys("journal_path = /proc/journal.json"), @"[ERROR] the write-ahead file /proc/.journal.json.wal cannot be created: No such file or directory (os error 2); it stands beside the journal: give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    let folder = folder("");
    std::fs::create_dir(folder.path("chaostoolkit.log")).unwrap();
    assert_snapshot!(start(&folder), @"error: the run's log ~/chaostoolkit.log cannot be written: Is a directory (os error 21); the folder of the configuration file is where a run works and logs: make it writable, or copy it to a place that is");
}

/// Linux has a device that is always full.
#[test]
fn a_full_disk() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    assert_snapshot!(keys("journal_path = /dev/full"), @"[ERROR] the journal /dev/full could not be written: No space left on device (os error 28); give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    let folder = folder("");
    let ended = run(&mut chaos(
        &folder,
        &["run", "--journal-path", "/dev/full", "experiment.yaml"],
    ));
    assert_snapshot!(refused(&folder, &ended), @"[ERROR] the journal /dev/full could not be written: No space left on device (os error 28); give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    // a log on a full disk must not end a run
    std::fs::remove_file(folder.path("chaostoolkit.log")).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path("chaostoolkit.log")).unwrap();
    let ended = run(&mut start_chaos(&folder, &["."]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// Where this may mount one, a file system that has no room for as much as a line.
#[test]
fn a_disk_with_no_room_beside_the_journal() {
    let folder = folder("journal_path = full/journal.json");
    std::fs::create_dir(folder.path("full")).unwrap();
    let Some(_full) = FullDisk::mount(folder.path("full")) else {
        eprintln!("no file system may be mounted here: left out");
        return;
    };
    assert_snapshot!(start(&folder), @"[ERROR] the write-ahead file ~/full/.journal.json.wal cannot be written: No space left on device (os error 28); it stands beside the journal: give it another place, with `journal_path` in the experiment.conf or `chaos run --journal-path`; nothing was run");
    let left = std::fs::read_dir(folder.path("full")).unwrap();
    assert_eq!(left.count(), 1, "the filling only");
}

/// Unmounted with this value.
struct FullDisk(std::path::PathBuf);

impl FullDisk {
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(&at);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        let disk = mounted.then_some(Self(at))?;
        let mut filling = std::fs::File::create(disk.0.join("filling")).unwrap();
        while std::io::Write::write_all(&mut filling, &[0; 512]).is_ok() {}
        Some(disk)
    }
}

impl Drop for FullDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).output();
    }
}

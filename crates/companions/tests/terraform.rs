//! The Terraform control: the commands that it runs, and what becomes of an experiment around them.
#![allow(clippy::unwrap_used)]

#[path = "../../engine/tests/common/mod.rs"]
mod common;

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chaos_engine::activity::Catalogue;
use chaos_engine::journal::recovery;
use chaos_engine::journal::wal::Recorder;
use chaos_engine::run::Runner;
use chaos_engine::run::event::{Event, Observer};
use chaos_engine::run::stop::{Cause, StopSwitch};
use chaos_engine::value::{Map, Value};
use common::{Listener, Setting, at, in_local_set, plan};

/// Notes its arguments, one line a call; fails or dawdles where a file of the command's name says so.
const FAKE: &str = r#"#!/bin/sh
line=""
for word in "$@"; do line="$line|$word"; done
echo "$line" >> "$FAKE_LOG"
command="$1"
case "$command" in -chdir=*) command="$2";; esac
if [ "$command" = output ]; then echo '{"url": {"sensitive": false, "type": "string", "value": "http://x"}, "count": {"value": 2}}'; fi
if [ -e "fail-$command" ]; then echo "no $command for you" >&2; exit 3; fi
if [ -e "slow-$command" ]; then
    trap 'echo "|$command stopped" >> "$FAKE_LOG"; exit 1' INT
    touch "begun-$command"
    i=0; while [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); done
fi
exit 0
"#;

struct Place {
    folder: tempfile::TempDir,
    setting: Setting,
}

impl Place {
    /// With a fake program of that name, and no other Terraform.
    fn with(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let path = bin.join(program);
        fs::write(&path, FAKE).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let mut setting = Setting::new(chaos_companions::register(Catalogue::new()));
        setting.host.cwd = folder.path().to_owned();
        let log = folder.path().join("log");
        setting
            .host
            .set_var("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        setting.host.set_var("FAKE_LOG", log.display().to_string());
        Self { folder, setting }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn touch(&self, name: &str) {
        fs::write(self.path(name), "").unwrap();
    }

    fn run(&self, arguments: &str) -> Map {
        self.setting.run(&experiment(arguments))
    }

    /// The commands since the last call, with their arguments.
    fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        text.lines().map(|line| line[1..].to_owned()).collect()
    }
}

fn experiment(arguments: &str) -> String {
    format!(
        "configuration: {{region: here}}\nsecrets: {{db: {{password: hunter2}}}}\ncontrols:\n  - name: tf\n    \
         provider: {{type: python, module: chaosterraform.control, arguments: {arguments}}}\nmethod:\n  - {{type: \
         action, name: see, provider: {{type: process, path: echo, arguments: ['${{tf_out__url}}', '${{address}}', \
         '${{tf_out__count}}']}}}}\n"
    )
}

fn status(journal: &Map) -> &str {
    at(journal, &["status"]).as_str().unwrap()
}

#[test]
fn it_creates_tells_the_outputs_and_destroys() {
    let place = Place::with("terraform");
    let variables = "{name: a b, flag: true, size: 3, ratio: 0.5, zones: [a, b], region: {name: region}, \
                     secret: \"${password}\"}";
    let journal = place.run(&format!("{{variables: {variables}, outputs: {{url: address}}}}"));
    assert_eq!(status(&journal), "completed");
    let seen = at(&journal, &["run", "0", "output", "stdout"]);
    assert_eq!(seen, &"http://x http://x 2\n".into());
    let given = "-auto-approve|-var|name=a b|-var|flag=true|-var|size=3|-var|ratio=0.5|-var|zones=[\"a\",\"b\"]|-var|\
                 region=here|-var|secret=hunter2";
    let expected = [
        "init".to_owned(),
        format!("apply|{given}"),
        "output|-json".to_owned(),
        format!("destroy|{given}"),
    ];
    assert_eq!(place.log(), expected);
}

#[test]
fn it_is_initialised_once() {
    let place = Place::with("terraform");
    fs::create_dir(place.path(".terraform")).unwrap();
    place.run("{}");
    assert_eq!(
        place.log(),
        ["apply|-auto-approve", "output|-json", "destroy|-auto-approve"]
    );
}

#[test]
fn it_works_in_another_folder_or_not_at_all() {
    let place = Place::with("terraform");
    fs::create_dir(place.path("stack")).unwrap();
    place.run("{chdir: stack}");
    let commands = [
        "init",
        "apply|-auto-approve",
        "output|-json",
        "destroy|-auto-approve",
    ];
    assert_eq!(
        place.log(),
        commands.map(|command| format!("-chdir=stack|{command}"))
    );
    place.touch("file");
    for chdir in ["missing", "file"] {
        let journal = place.run(&format!("{{chdir: {chdir}}}"));
        assert_eq!(status(&journal), "interrupted", "{chdir}");
        assert_eq!(at(&journal, &["run"]), &Value::List(Vec::new()));
        assert!(place.log().is_empty());
    }
}

#[test]
fn configuration_wins_over_arguments() {
    let place = Place::with("terraform");
    fs::create_dir(place.path("stack")).unwrap();
    let text = experiment("{retain: false}").replace(
        "region: here",
        "region: here, tf_conf__retain: \"false\", tf_conf__chdir: stack",
    );
    assert_eq!(status(&place.setting.run(&text)), "completed");
    let commands = ["init", "apply|-auto-approve", "output|-json"];
    assert_eq!(
        place.log(),
        commands.map(|command| format!("-chdir=stack|{command}"))
    );
}

#[test]
fn what_is_to_be_retained_is_not_destroyed() {
    let place = Place::with("terraform");
    place.run("{retain: true}");
    assert_eq!(place.log(), ["init", "apply|-auto-approve", "output|-json"]);
}

#[test]
fn an_experiment_without_what_it_needs_does_not_begin() {
    for (command, expected) in [
        ("init", &["init"][..]),
        ("apply", &["init", "apply|-auto-approve", "destroy|-auto-approve"]),
        (
            "output",
            &[
                "init",
                "apply|-auto-approve",
                "output|-json",
                "destroy|-auto-approve",
            ],
        ),
    ] {
        for silent in [true, false] {
            let place = Place::with("terraform");
            place.touch(&format!("fail-{command}"));
            let journal = place.run(&format!("{{silent: {silent}}}"));
            assert_eq!(status(&journal), "interrupted", "{command}");
            assert_eq!(at(&journal, &["run"]), &Value::List(Vec::new()));
            assert_eq!(place.log(), expected, "{command}");
        }
    }
}

#[test]
fn variables_that_mean_nothing_end_the_experiment() {
    for variables in ["{a: {value: 1}}", "{a: {name: nowhere}}"] {
        let place = Place::with("terraform");
        let journal = place.run(&format!("{{variables: {variables}}}"));
        assert_eq!(status(&journal), "interrupted");
        assert!(place.log().is_empty());
    }
}

#[test]
fn messages_show_no_value_of_a_variable() {
    let mut place = Place::with("terraform");
    place.touch("fail-apply");
    let listener = Rc::new(Listener::default());
    place.setting.observers.push(Rc::clone(&listener) as _);
    place.run("{variables: {secret: \"${password}\"}}");
    assert!(place.log()[1].contains("hunter2"));
    let events = listener.0.borrow();
    assert!(
        events
            .iter()
            .any(|event| event.contains("`terraform apply` failed"))
    );
    assert!(
        !events
            .iter()
            .any(|event| event.contains("hunter2") && !event.starts_with("Running"))
    );
}

#[test]
fn tofu_stands_in_for_terraform() {
    let place = Place::with("tofu");
    assert_eq!(status(&place.run("{}")), "completed");
    assert_eq!(place.log().len(), 4);
    let journal = Place::with("something-else").run("{}");
    assert_eq!(status(&journal), "interrupted");
}

/// Asks for a stop at an event, or once a file is there.
struct Stop {
    switch: Rc<StopSwitch>,
    at: &'static str,
    begun: PathBuf,
    asked: Cell<bool>,
}

impl Observer for Stop {
    fn notice(&self, event: &Event<'_>) -> std::io::Result<()> {
        if format!("{event:?}").contains(self.at) && !self.asked.replace(true) {
            let (switch, begun) = (Rc::clone(&self.switch), self.begun.clone());
            tokio::task::spawn_local(async move {
                while !begun.exists() {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
                switch.ask(Cause::Interrupt);
            });
        }
        Ok(())
    }
}

fn stopped(at: &'static str, slow: &str, begun: &str) -> (Map, Vec<String>) {
    let mut place = Place::with("terraform");
    place.touch(slow);
    let stop = Stop {
        switch: Rc::clone(&place.setting.stop),
        at,
        begun: place.path(begun),
        asked: Cell::default(),
    };
    place.setting.observers.push(Rc::new(stop));
    let text = experiment("{}")
        .replace("path: echo", "path: sleep")
        .replace("['${tf_out__url}'", "[60, '0'");
    let text = text.replace(", '${address}', '${tf_out__count}'", "");
    let journal = place.setting.run(&text);
    let log = place.log();
    (journal, log)
}

#[test]
fn an_interrupted_experiment_still_destroys() {
    let (journal, log) = stopped("ActivityStarted", "none", "bin");
    assert_eq!(status(&journal), "interrupted");
    assert_eq!(log.last().unwrap(), "destroy|-auto-approve");
}

/// As the binaries do: where SIGINT is ignored, as below `nohup`, the shell of the program above could not trap it.
fn heed_interrupts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).unwrap());
}

#[test]
fn a_creation_that_is_interrupted_ends_before_the_destruction_begins() {
    heed_interrupts();
    let (journal, log) = stopped("before_experiment_control", "slow-apply", "begun-apply");
    assert_eq!(status(&journal), "interrupted");
    assert_eq!(
        log,
        [
            "init",
            "apply|-auto-approve",
            "apply stopped",
            "destroy|-auto-approve"
        ]
    );
}

fn recorded(place: &mut Place, arguments: &str) -> Vec<String> {
    let path = place.path("whole.wal");
    let recorder = Recorder::begin(path.clone(), Map::new()).unwrap();
    place.setting.observers.push(Rc::new(recorder));
    place.run(arguments);
    place.setting.observers.clear();
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| format!("{line}\n")).collect()
}

fn recovered(place: &Place, lines: &[String]) -> Map {
    let path = place.path("dead.wal");
    fs::write(&path, lines.concat()).unwrap();
    let dead = recovery::read(&path).unwrap();
    in_local_set(async {
        let runner = Runner::revive(plan("method: []"), place.setting.ports(), &dead).unwrap();
        Rc::new(runner).recover(dead).await.into_map()
    })
}

#[test]
fn a_run_that_died_destroys_when_it_is_recovered() {
    let mut place = Place::with("terraform");
    let lines = recorded(
        &mut place,
        "{variables: {region: {name: region}}, outputs: {url: region}}",
    );
    place.log();
    let position = |hook: &str, event: &str| {
        let found = lines
            .iter()
            .position(|line| line.contains(hook) && line.contains(event));
        found.unwrap()
    };
    let begun = position("before_experiment_control", "hook-started");
    let over = position("after_experiment_control", "hook-ended");
    for count in 2..=lines.len() {
        recovered(&place, &lines[..count]);
        let log = place.log();
        let destroyed = log
            .iter()
            .filter(|line| line.starts_with("destroy|-auto-approve|-var|region="))
            .count();
        let expected = usize::from(count > begun && count <= over);
        assert_eq!(destroyed, expected, "after {count} lines: {log:?}");
        if expected == 0 {
            assert_eq!(log, Vec::<String>::new(), "after {count} lines");
        }
    }
}

const STACK: &str = r#"
variable "word" { type = string }
variable "zones" { type = list(string) }
resource "terraform_data" "thing" { input = var.word }
output "word" { value = "${terraform_data.thing.output} in ${join("+", var.zones)}" }
"#;

#[test]
fn the_real_one_does_what_it_is_told() {
    let mut setting = Setting::new(chaos_companions::register(Catalogue::new()));
    if setting.host.which("terraform").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.tf"), STACK).unwrap();
    setting.host.cwd = folder.path().to_owned();
    setting.host.set_var("CHECKPOINT_DISABLE", "1");
    let text = "controls:\n  - name: tf\n    provider: {type: python, module: chaosterraform.control, arguments: \
                {variables: {word: hello, zones: [a, b]}}}\nmethod:\n  - {type: probe, name: see, provider: {type: \
                process, path: sh, arguments: [-c, 'echo \"$0\"; grep -c terraform_data terraform.tfstate', \
                '${tf_out__word}']}}\n";
    let journal = setting.run(text);
    assert_eq!(status(&journal), "completed");
    let seen = at(&journal, &["run", "0", "output", "stdout"])
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(seen.lines().next(), Some("hello in a+b"));
    assert!(!has_resources(folder.path()));
}

fn has_resources(folder: &Path) -> bool {
    let state = fs::read_to_string(folder.join("terraform.tfstate")).unwrap();
    state.contains("terraform_data")
}

//! The options of `start-chaos` from the environment. A test may not change its own, so this runs itself again.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::process::Command;

use chaos_engine::run::plan::Dry;
use chaos_starter_pack::cli::start::StartArgs;

const CHILD: &str = "CHAOS_TEST_CHILD";

fn in_child(part: &str, environment: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", part, "--ignored"])
        .env(CHILD, "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn parse(line: &[&str]) -> Option<StartArgs> {
    std::env::var_os(CHILD)?;
    Some(StartArgs::parse_line(line).unwrap())
}

#[test]
fn the_environment_stands_in_for_options() {
    let environment = [
        ("CHAOS_CONFIG_FILE", "x.conf"),
        ("CHAOS_CONTEXT", "live"),
        ("CHAOS_VERBOSE", "yes"),
        ("CHAOS_JOURNALS_BUCKET", "bucket/prefix"),
        ("CHAOS_VAR", "a=1, 2\n b:int=3\n"),
        ("CHAOS_VAR_FILE", "a.yaml, b.env"),
        ("CHAOS_DRY", ""),
        ("CHAOS_FAIL_FAST", "1"),
        ("EXPERIMENT_RESULTS_TOPIC_ARN", "arn:aws:sns:eu-west-1:1:t"),
    ];
    in_child("environment_alone", &environment);
}

#[test]
#[ignore = "the other half of the_environment_stands_in_for_options"]
fn environment_alone() {
    let Some(args) = parse(&["start-chaos"]) else {
        return;
    };
    let overrides = args.overrides();
    let vars: Vec<String> = overrides.vars.iter().map(|one| one.argument()).collect();
    assert_eq!(args.config_file, Some("x.conf".into()));
    assert!(args.verbose && args.context.as_deref() == Some("live"));
    assert_eq!(args.journals_bucket().unwrap().prefix, "prefix");
    assert!(args.results_topic_arn().is_some());
    assert_eq!(vars, ["a=1, 2", "b:int=3"]);
    assert_eq!(
        overrides.var_files,
        [std::path::Path::new("a.yaml"), "b.env".as_ref()]
    );
    assert_eq!((overrides.dry, overrides.fail_fast), (None, Some(true)));
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let environment = [
        ("CHAOS_CONFIG_FILE", "x"),
        ("CHAOS_DRY", "pause"),
        ("CHAOS_VERBOSE", "no"),
        ("CHAOS_VAR", "a=1"),
    ];
    in_child("command_line_too", &environment);
}

#[test]
#[ignore = "the other half of the_command_line_wins_over_the_environment"]
fn command_line_too() {
    let line = ["start-chaos", "-v", "--dry", "probes", "--var", "b=1\n2", "y"];
    let Some(args) = parse(&line) else { return };
    let overrides = args.overrides();
    assert_eq!((args.config_file, args.verbose), (Some("y".into()), true));
    assert_eq!((overrides.dry, overrides.vars.len()), (Some(Dry::Probes), 1));
    assert_eq!(overrides.vars[0].argument(), "b=1\n2");
}

#[test]
fn recover_works_with_a_configuration_file_in_the_environment() {
    in_child(
        "recover_alone",
        &[("CHAOS_CONFIG_FILE", "x"), ("CHAOS_CONTEXT", "live")],
    );
}

#[test]
#[ignore = "the other half of recover_works_with_a_configuration_file_in_the_environment"]
fn recover_alone() {
    let Some(args) = parse(&["start-chaos", "recover"]) else {
        return;
    };
    assert!(args.command.is_some() && args.config_file == Some("x".into()));
}

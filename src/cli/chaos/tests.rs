use chaos_engine::run::plan::{Dry, RollbackStrategy};
use std::path::{Path, PathBuf};

use super::*;
use crate::cli::command::*;

fn parse_words(words: &[&str]) -> Result<Invocation, Stop> {
    parse(words.iter().map(OsString::from), Path::new("/"))
}

fn run(words: &[&str]) -> RunArgs {
    match parse_words(words).unwrap().command {
        Command::Run(run) => *run,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_has_the_documented_defaults() {
    let Invocation { globals, command } = parse_words(&["run", "e.json"]).unwrap();
    assert_eq!(globals.log_file, Some(PathBuf::from("chaostoolkit.log")));
    assert_eq!(globals.log_file_level, LogLevel::Debug);
    assert_eq!(globals.log_format, LogFormat::String);
    let Command::Run(run) = command else { panic!() };
    assert_eq!(run.source, "e.json");
    assert_eq!(run.journal_path, PathBuf::from("./journal.json"));
    assert_eq!((run.hypothesis_frequency, run.fail_fast_ratio), (1.0, 0.0));
    assert_eq!(
        (run.dry, run.rollback_strategy, run.hypothesis_strategy),
        (None, None, None)
    );
}

#[test]
fn every_option_of_run_is_read() {
    let run = run(&[
        "run",
        "--journal-path",
        "j",
        "--dry",
        "pause",
        "--no-validation",
        "--no-verify-tls",
        "--rollback-strategy",
        "deviated",
        "--var",
        "a=1",
        "--var=b:int=2",
        "--var-file",
        "/",
        "--control-file",
        "/",
        "--hypothesis-strategy",
        "continously",
        "--hypothesis-frequency",
        " 1_0.5e0 ",
        "--fail-fast",
        "--fail-fast-percent",
        "0.5",
        "https://host/e.json",
    ]);
    let expected = RunArgs {
        source: "https://host/e.json".to_owned(),
        journal_path: "j".into(),
        dry: Some(Dry::Pause),
        no_validation: true,
        no_verify_tls: true,
        rollback_strategy: Some(RollbackStrategy::Deviated),
        vars: vec!["a=1".to_owned(), "b:int=2".to_owned()],
        var_files: vec!["/".into()],
        control_files: vec!["/".into()],
        hypothesis_strategy: Some("continously".to_owned()),
        hypothesis_frequency: 10.5,
        fail_fast: true,
        fail_fast_ratio: 0.5,
    };
    assert_eq!(run, expected);
}

#[test]
fn the_last_of_a_repeated_option_wins() {
    let words = [
        "run",
        "--journal-path=a",
        "e",
        "--journal-path",
        "b",
        "--fail-fast",
        "--fail-fast",
    ];
    let run = run(&words);
    assert_eq!((run.source.as_str(), run.journal_path), ("e", PathBuf::from("b")));
    let globals = [
        "--settings",
        "a",
        "--verbose",
        "--verbose",
        "--settings",
        "b",
        "init",
    ];
    assert_eq!(parse_words(&globals).unwrap().globals.settings, Some("b".into()));
}

#[test]
fn two_dashes_end_the_options() {
    assert_eq!(
        run(&["run", "--dry", "actions", "--", "--odd.json"]).source,
        "--odd.json"
    );
    assert_eq!(run(&["--", "run", "e.json"]).source, "e.json");
}

#[test]
fn the_word_after_an_option_is_its_value_whatever_it_looks_like() {
    assert_eq!(
        run(&["run", "--journal-path", "--dry", "e"]).journal_path,
        PathBuf::from("--dry")
    );
    assert_eq!(run(&["run", "--var", "-a=-1", "e"]).vars, ["-a=-1"]);
    assert_eq!(run(&["run", "--journal-path=", "e"]).journal_path, PathBuf::new());
    let named_as_a_command = parse_words(&["--settings", "run", "validate", "e"]).unwrap();
    assert_eq!(named_as_a_command.globals.settings, Some("run".into()));
}

/// Faults before the command leave no log file; those after it do.
#[test]
fn usage_errors_exit_2() {
    let before: &[&[&str]] = &[
        &[],
        &["--no-version-check"],
        &["explode", "e.json"],
        &["--explode", "run", "e.json"],
        &["--verb", "run", "e.json"],
        &["-v", "run", "e.json"],
        &["-h"],
        &["help"],
        &["--log-file-level", "loud", "run", "e.json"],
        &["--log-file-level", "DEBUG", "run", "e.json"],
        &["--log-format", "xml", "run", "e.json"],
        &["--verbose=yes", "run", "e.json"],
        &["--settings"],
    ];
    let after: &[&[&str]] = &[
        &["run"],
        &["run", "a", "b"],
        &["run", "e", "--journal-path"],
        &["run", "--journal", "o", "e"],
        &["run", "--no-exit", "e"],
        &["run", "--verbose", "e"],
        &["run", "-h"],
        &["run", "--dry", "all", "e"],
        &["run", "--hypothesis-strategy", "skip", "e"],
        &["run", "--hypothesis-frequency", "often", "e"],
        &["run", "--hypothesis-frequency", "nan", "e"],
        &["run", "--hypothesis-frequency", "1__0", "e"],
        &["run", "--fail-fast-percent", "101", "e"],
        &["run", "--var-file", "/no/such/file", "e"],
        &["run", "--control-file", "/no/such/file", "e"],
        &["validate"],
        &["validate", "--dry", "actions", "e"],
        &["info"],
        &["info", "everything"],
        &["settings"],
        &["settings", "explode"],
        &["settings", "get"],
        &["settings", "set", "key"],
        &["settings", "set", "key", "-1"],
        &["settings", "show", "--format", "string"],
        &["discover"],
        &["init", "extra"],
        &["recover", "a", "b"],
    ];
    for (words, log_file) in before
        .iter()
        .map(|w| (w, false))
        .chain(after.iter().map(|w| (w, true)))
    {
        let stop = parse_words(words).expect_err(&format!("{words:?}"));
        assert_eq!((stop.code, stop.globals.is_some()), (2, log_file), "{words:?}");
        assert!(
            stop.text.ends_with('\n') && !stop.text.contains('\u{1b}'),
            "{words:?}"
        );
    }
}

#[test]
fn help_and_version_exit_0() {
    let version = parse_words(&["--version"]).unwrap_err();
    assert_eq!(version.code, 0);
    assert_eq!(
        version.text,
        format!("chaos, version {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = parse_words(&["--help"]).unwrap_err();
    assert_eq!((help.code, help.globals), (0, None));
    for command in [
        "run",
        "validate",
        "iam-policy",
        "recover",
        "discover",
        "init",
        "info",
        "settings",
    ] {
        assert!(help.text.contains(&format!("\n  {command}")), "{}", help.text);
        let own = parse_words(&[command, "--help"]).unwrap_err();
        assert_eq!(own.code, 0);
        assert!(own.text.contains(&format!("chaos {command}")), "{}", own.text);
    }
}

#[test]
fn files_are_looked_for_in_the_changed_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("sub/v.yaml"), "").unwrap();
    let words = ["--change-dir", "sub", "run", "--var-file", "v.yaml", "e"];
    assert!(parse(words.iter().map(OsString::from), folder.path()).is_ok());
    let stop = parse(words[2..].iter().map(OsString::from), folder.path()).unwrap_err();
    assert!(
        stop.text.contains("v.yaml") && stop.text.contains("--var-file"),
        "{}",
        stop.text
    );
}

#[test]
fn no_log_file_wins_over_its_path() {
    let globals = |words: &[&str]| parse_words(words).unwrap().globals.log_file;
    assert_eq!(globals(&["--no-log-file", "--log-file", "x.log", "init"]), None);
    assert_eq!(globals(&["--log-file", "", "init"]), None);
    assert_eq!(globals(&["--log-file", "x.log", "init"]), Some("x.log".into()));
}

#[test]
fn small_commands_keep_their_arguments() {
    let command = |words: &[&str]| parse_words(words).unwrap().command;
    assert_eq!(command(&["info", "core"]), Command::Info(InfoTarget::Core));
    assert_eq!(
        command(&["recover"]),
        Command::Recover(RecoverArgs {
            path: None,
            rollback_strategy: None,
        })
    );
    let set = SettingsCommand::Set {
        key: "a.b".to_owned(),
        value: "-1".to_owned(),
    };
    assert_eq!(
        command(&["settings", "set", "a.b", "--", "-1"]),
        Command::Settings(set)
    );
    let Command::Discover(discover) = command(&["discover", "--no-install", "aws"]) else {
        panic!()
    };
    assert!(discover.no_install && !discover.no_system_info);
}

use super::*;

fn parse(line: &[&str]) -> Result<StartArgs, clap::Error> {
    StartArgs::parse_line(std::iter::once(&"start-chaos").chain(line))
}

fn refusal(line: &[&str]) -> (i32, String) {
    let error = parse(line).unwrap_err();
    (error.exit_code(), error.to_string())
}

#[test]
fn the_definition_is_sound() {
    StartArgs::command().debug_assert();
}

#[test]
fn every_option_is_understood() {
    let line = "-v --context live --journals-bucket s3://b-1/p --var a=1 --var b:int=2 --var-file v.yaml --dry actions \
                --rollback-strategy never --hypothesis-strategy continuously --hypothesis-frequency 0.5 --fail-fast \
                --fail-fast-ratio 10 --print-run --list-contexts --results-topic-arn arn:aws:sns:eu-west-1:1:t x.conf";
    let args = parse(&line.split_whitespace().collect::<Vec<_>>()).unwrap();
    let overrides = args.overrides();
    assert_eq!(args.config_file, Some("x.conf".into()));
    assert!(args.verbose && args.print_run && args.list_contexts);
    assert_eq!(args.context.as_deref(), Some("live"));
    assert_eq!(args.journals_bucket().unwrap().to_string(), "s3://b-1/p");
    assert_eq!(args.results_topic_arn().unwrap().region(), "eu-west-1");
    assert_eq!(overrides.dry, Some(Dry::Actions));
    assert_eq!(overrides.rollback_strategy, Some(RollbackStrategy::Never));
    assert_eq!(
        overrides.hypothesis_strategy,
        Some(HypothesisStrategy::Continuously)
    );
    assert_eq!(
        (overrides.hypothesis_frequency, overrides.fail_fast_ratio),
        (Some(0.5), Some(10.0))
    );
    assert_eq!(
        (
            overrides.fail_fast,
            overrides.vars.len(),
            overrides.var_files.len()
        ),
        (Some(true), 2, 1)
    );
}

#[test]
fn fail_fast_never_swallows_the_file_and_can_be_taken_back() {
    let args = parse(&["--fail-fast", "x.conf"]).unwrap();
    assert_eq!(
        (args.overrides().fail_fast, args.config_file),
        (Some(true), Some("x.conf".into()))
    );
    assert_eq!(
        parse(&["--fail-fast=no", "x.conf"])
            .unwrap()
            .overrides()
            .fail_fast,
        Some(false)
    );
}

#[test]
fn recover_is_a_command_and_a_file_of_that_name_needs_a_path() {
    let recover = |line: &[&str]| {
        let args = parse(line).unwrap();
        match args.command {
            Some(StartCommand::Recover { path }) => Some(path),
            _ => None,
        }
    };
    assert_eq!(recover(&["recover"]), Some(None));
    assert_eq!(
        recover(&["-v", "recover", "out", "--journals-bucket", "bucket"]),
        Some(Some("out".into()))
    );
    assert_eq!(recover(&["./recover"]), None);
    assert_eq!(recover(&["--context", "recover", "x.conf"]), None);
    let (code, text) = refusal(&["x.conf", "recover"]);
    assert!(
        code == 2 && text.contains("write `start-chaos recover [PATH]`"),
        "{text}"
    );
}

#[test]
fn wrong_usage_exits_with_2_and_names_the_allowed_values() {
    let told: [(&[&str], &str); 7] = [
        (&[], "CONFIG_FILE"),
        (
            &["x", "--rollback-strategy", "alway"],
            "default, always, never, deviated; did you mean 'always'?",
        ),
        (&["x", "--dry", "all"], "probes, actions, activities, pause"),
        (&["x", "--hypothesis-frequency=-1"], "0 or more"),
        (
            &["x", "--journals-bucket", "https://b"],
            "write `bucket`, `bucket/prefix` or `s3://bucket/prefix`",
        ),
        (&["x", "--nonsense"], "--nonsense"),
        (&["x", "--var", "a:complex=1"], "known types: str, string, int"),
    ];
    for (line, hint) in told {
        let (code, text) = refusal(line);
        assert!(code == 2 && text.contains(hint), "{line:?}: {code} {text}");
    }
    assert_eq!((refusal(&["--help"]).0, refusal(&["--version"]).0), (0, 0));
}

#[test]
fn a_bad_variable_is_refused_without_showing_it() {
    let (_, text) = refusal(&["x", "--var", "password hunter2"]);
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn an_empty_value_counts_as_none() {
    let line = [
        "x",
        "--dry=",
        "--rollback-strategy=",
        "--journals-bucket=",
        "--fail-fast=",
        "--results-topic-arn=",
    ];
    let args = parse(&line).unwrap();
    let overrides = args.overrides();
    assert!(
        overrides.dry.is_none() && overrides.rollback_strategy.is_none() && overrides.fail_fast.is_none()
    );
    assert!(args.journals_bucket().is_none() && args.results_topic_arn().is_none());
}

use std::fs;

use super::*;
use crate::conf::{Choice, ValueFault};

/// A folder with an experiment, a variables file and the given `experiment.conf`.
fn folder(conf: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "experiment.yaml",
        "other.json",
        "a.yaml",
        "b.env",
        "settings.yaml",
    ] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    fs::write(folder.path().join("broken.yaml"), "a: [").unwrap();
    fs::write(folder.path().join("experiment.conf"), conf).unwrap();
    folder
}

fn host(folder: &Path) -> Host {
    let env = std::rc::Rc::new([("HOME".to_owned(), "/home/me".to_owned())].into());
    let cwd = folder.to_owned();
    Host { env, cwd }
}

fn load(conf: &str, context: Option<&str>, overrides: &Overrides) -> Result<RunRequest, String> {
    let folder = folder(conf);
    let loaded = RunRequest::load(
        &host(folder.path()),
        Path::new("experiment.conf"),
        context,
        overrides,
    );
    loaded.map_err(|error| {
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "~")
    })
}

fn live(conf: &str) -> Result<RunRequest, String> {
    load(conf, Some("live"), &Overrides::default())
}

#[test]
fn an_empty_file_means_the_defaults() {
    let folder = folder("");
    let host = host(folder.path());
    let request = RunRequest::load(&host, Path::new("."), Some(""), &Overrides::default()).unwrap();
    let inside = |name: &str| folder.path().join(name);
    assert_eq!(request.context, "DEFAULT");
    assert_eq!(request.experiment, Source::File(inside("experiment.yaml")));
    assert_eq!(request.rollback_strategy, RollbackStrategy::Always);
    assert_eq!(
        (request.hypothesis_strategy, request.fail_fast, request.dry),
        (None, None, None)
    );
    assert_eq!(
        (request.journal_path, request.log_path),
        (inside("journal.json"), inside("chaostoolkit.log"))
    );
    assert_eq!(
        (request.working_folder.as_path(), request.warnings.len()),
        (folder.path(), 0)
    );
}

#[test]
fn every_key_of_the_file_is_read() {
    let request = live(
        "[DEFAULT]\nteam = payments\njournal_path = out/%(team)s.json\n[live]\nExperiment_Path: other.json\n\
         rollback_strategy = deviated\nhypothesis_strategy = continously\nhypothesis_frequency = 0.5\nfail_fast = On\n\
         fail_fast_ratio = 20\nvar_files = a.yaml,\n  # the second\n  b.env\nvar_overrides =\n  count : int = 3\n\n  \
         token = 100%%\ndry = pause\nsettings = settings.yaml\n",
    )
    .unwrap();
    assert_eq!(request.rollback_strategy, RollbackStrategy::Deviated);
    assert_eq!(
        request.hypothesis_strategy,
        Some(HypothesisStrategy::Continuously)
    );
    assert_eq!(
        (request.hypothesis_frequency, request.fail_fast_ratio),
        (Some(0.5), Some(20.0))
    );
    assert_eq!((request.fail_fast, request.dry), (Some(true), Some(Dry::Pause)));
    let folder = &request.working_folder;
    assert_eq!(request.experiment, Source::File(folder.join("other.json")));
    assert_eq!(request.var_files, [folder.join("a.yaml"), folder.join("b.env")]);
    assert_eq!(request.journal_path, folder.join("out/payments.json"));
    assert_eq!(request.settings, Some(folder.join("settings.yaml")));
    let variables: Vec<String> = request.var_overrides.iter().map(VarOverride::argument).collect();
    assert_eq!(variables, ["count:int=3", "token=100%"]);
    // `team` serves another key
    assert_eq!(request.warnings, [] as [String; 0]);
}

#[test]
fn sections_inherit_default_and_an_empty_value_takes_it_back() {
    let conf =
        "[DEFAULT]\nrollback_strategy = never\ndry = probes\n[other]\nfail_fast = true\n[live]\ndry =\n";
    let request = live(conf).unwrap();
    assert_eq!(
        (request.rollback_strategy, request.fail_fast, request.dry),
        (RollbackStrategy::Never, None, None)
    );
}

#[test]
fn the_command_line_wins_and_a_value_that_loses_is_not_looked_at() {
    let overrides = Overrides {
        rollback_strategy: Some(RollbackStrategy::Always),
        fail_fast: Some(false),
        dry: Some(Dry::Actions),
        vars: vec!["a=new".parse().unwrap(), "c=3".parse().unwrap()],
        var_files: vec!["b.env".into()],
        ..Overrides::default()
    };
    let conf = "[live]\nrollback_strategy = sometimes\nfail_fast = yes\nvar_files = a.yaml\nvar_overrides = a = old\n  b = 2\n";
    let request = load(conf, Some("live"), &overrides).unwrap();
    assert_eq!(
        (request.rollback_strategy, request.fail_fast),
        (RollbackStrategy::Always, Some(false))
    );
    let variables: Vec<String> = request.var_overrides.iter().map(VarOverride::argument).collect();
    assert_eq!(variables, ["b=2", "a=new", "c=3"]);
    let names: Vec<_> = request
        .var_files
        .iter()
        .map(|path| path.file_name().unwrap())
        .collect();
    assert_eq!(names, ["a.yaml", "b.env"]);
}

#[test]
fn paths_of_the_file_start_from_its_folder_and_those_of_the_command_line_from_the_callers() {
    let conf = folder("[live]\nvar_files = a.yaml\n");
    let caller = tempfile::tempdir().unwrap();
    fs::write(caller.path().join("mine.yaml"), "").unwrap();
    let overrides = Overrides {
        var_files: vec!["mine.yaml".into()],
        ..Overrides::default()
    };
    let request = RunRequest::load(&host(caller.path()), conf.path(), Some("live"), &overrides).unwrap();
    assert_eq!(request.working_folder, conf.path());
    assert_eq!(
        request.var_files,
        [conf.path().join("a.yaml"), caller.path().join("mine.yaml")]
    );
}

#[test]
fn an_experiment_may_be_an_address() {
    let request = live("[live]\nexperiment_path = https://host/x.json\n").unwrap();
    assert_eq!(request.experiment, Source::Url("https://host/x.json".to_owned()));
}

#[test]
fn an_unknown_context_is_told_those_there_are() {
    let error = live("[DEFAULT]\n[lives]\n[test]\n").unwrap_err();
    assert_eq!(
        error,
        "~/experiment.conf has no context 'live'; it has DEFAULT, lives, test; did you mean 'lives'?"
    );
    let folder = folder("[b]\n[a]\n");
    assert_eq!(
        contexts(&host(folder.path()), Path::new("")).unwrap(),
        ["DEFAULT", "b", "a"]
    );
}

#[test]
fn each_bad_value_is_told_with_file_line_section_key_and_the_way_out() {
    let told = [
        (
            "rollback_strategy = alway",
            "'alway' is not one of default, always, never, deviated; did you mean 'always'?",
        ),
        (
            "hypothesis_strategy = skip",
            "'skip' can only be set in the experiment, as runtime.hypothesis.strategy",
        ),
        (
            "hypothesis_frequency = -1",
            "'-1' is not a number of seconds, 0 or more",
        ),
        (
            "hypothesis_frequency = nan",
            "'nan' is not a number of seconds, 0 or more",
        ),
        (
            "fail_fast = maybe",
            "'maybe' is not a boolean; write one of 1, yes, true, on, 0, no, false, off",
        ),
        (
            "fail_fast =",
            "'' is not a boolean; write one of 1, yes, true, on, 0, no, false, off",
        ),
        (
            "fail_fast_ratio = 101",
            "'101' is not a number from 0 to 100 (percent)",
        ),
        (
            "var_files = gone.yaml",
            "~/gone.yaml does not exist; relative paths start from the folder of this file",
        ),
        (
            "var_files = a.yaml, broken.yaml",
            "~/broken.yaml cannot be used: line 2, column 1: while parsing a node, did not find expected node content",
        ),
        (
            "settings = ~/settings.yaml",
            "/home/me/settings.yaml does not exist; relative paths start from the folder of this file",
        ),
        (
            "settings = broken.yaml",
            "the settings ~/broken.yaml are not valid YAML: line 2, column 1: while parsing a node, did not find expected \
             node content",
        ),
        (
            "var_overrides = count:int = many",
            "line 1 of the value: variable 'count': the value is not a whole number, as the type `int` requires",
        ),
        ("experiment_path = .", "~/. is a folder, not a file"),
        (
            "dry = true",
            "'true' is not one of probes, actions, activities, pause",
        ),
        (
            "var_overrides = a=1\n  password hunter2",
            "line 2 of the value: there is no `=`; write `name=value` or `name:type=value`",
        ),
    ];
    for (line, fault) in told {
        let key = line.split(' ').next().unwrap();
        let error = live(&format!("[live]\n{line}\n")).unwrap_err();
        assert_eq!(error, format!("~/experiment.conf:2: [live] {key}: {fault}"));
    }
    let error = live("[live]\nexperiment_path = %(stage)s.yaml").unwrap_err();
    assert!(
        error.starts_with("~/experiment.conf:2: [live] experiment_path: %(stage)s names a key"),
        "{error}"
    );
}

#[test]
fn a_missing_experiment_is_an_error_even_where_the_file_does_not_name_it() {
    let folder = folder("[live]\n");
    fs::remove_file(folder.path().join("experiment.yaml")).unwrap();
    let error =
        RunRequest::load(&host(folder.path()), folder.path(), None, &Overrides::default()).unwrap_err();
    let ConfError::BadValue {
        line: None,
        key: "experiment_path",
        fault,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(matches!(
        *fault,
        ValueFault::File {
            kind: FileFault::Missing,
            ..
        }
    ));
}

#[test]
fn missing_files_and_folders_without_a_configuration_are_errors() {
    let empty = tempfile::tempdir().unwrap();
    let load = |path: &str| {
        let loaded = RunRequest::load(&host(empty.path()), Path::new(path), None, &Overrides::default());
        loaded.unwrap_err().to_string()
    };
    assert!(load(".").contains("has no experiment.conf; name the configuration file itself"));
    assert!(load("gone.conf").contains("gone.conf: No such file"));
}

#[test]
fn unknown_keys_are_warned_of_with_the_nearest_known_one() {
    let request = live("[DEFAULT]\nfail_fats = 1\n[live]\nbucket = x\n").unwrap();
    let warnings = request
        .warnings
        .join("\n")
        .replace(&request.working_folder.display().to_string(), "~");
    assert!(warnings.contains(
        "~/experiment.conf:2: [live] the key 'fail_fats' is unknown and ignored; did you mean 'fail_fast'?"
    ));
    assert!(
        warnings.contains("the key 'bucket' is unknown and ignored; known keys: experiment_path, "),
        "{warnings}"
    );
}

#[test]
fn no_view_of_a_request_shows_a_secret() {
    let request = live("[live]\nvar_overrides = api_token = hunter2\n").unwrap();
    let views = format!("{request:?}{}", serde_json::to_string(&request).unwrap());
    assert!(
        !views.contains("hunter2") && views.contains("api_token=********"),
        "{views}"
    );
    assert!(views.contains(r#""rollback_strategy":"always""#), "{views}");
}

#[test]
fn the_names_of_choices_lead_back_to_them() {
    fn all_named<C: Choice>() -> bool {
        C::NAMES
            .iter()
            .all(|name| C::from_name(name).is_ok_and(|choice| choice.name() == *name))
    }
    assert!(all_named::<RollbackStrategy>() && all_named::<HypothesisStrategy>() && all_named::<Dry>());
}

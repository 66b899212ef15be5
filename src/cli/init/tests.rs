use super::*;
use crate::discovery::{Argument, Document};

fn argument(name: &str, type_name: &str, default: Option<Value>) -> Argument {
    Argument {
        name: name.to_owned(),
        default,
        type_name: Some(type_name.to_owned()),
    }
}

fn activity(kind: Kind, name: &str, arguments: Vec<Argument>) -> Activity {
    Activity {
        kind,
        name: name.to_owned(),
        module: "chaosx.things".to_owned(),
        doc: Some(format!("About {name}.")),
        arguments,
        return_type: None,
    }
}

fn catalogue() -> Vec<Activity> {
    let stop = vec![
        argument("ids", "list", None),
        argument("force", "boolean", Some(false.into())),
        argument("count", "integer", Some(Value::Null)),
        argument("configuration", "mapping", Some(Value::Null)),
    ];
    vec![
        activity(Kind::Probe, "healthy", Vec::new()),
        activity(Kind::Action, "stop", stop),
        activity(Kind::Action, "start", vec![argument("where", "mapping", None)]),
    ]
}

struct Session {
    folder: tempfile::TempDir,
    result: Result<Value, InitError>,
    screen: String,
}

fn session_in(folder: tempfile::TempDir, file: &str, catalogue: Vec<Activity>, answers: &str) -> Session {
    let args = InitArgs {
        discovery_path: "discovery.json".into(),
        experiment_path: file.into(),
    };
    let mut out = Vec::new();
    let result = execute(&args, folder.path(), catalogue, &mut answers.as_bytes(), &mut out);
    Session {
        folder,
        result,
        screen: String::from_utf8(out).unwrap(),
    }
}

fn session(file: &str, catalogue: Vec<Activity>, answers: &str) -> Session {
    session_in(tempfile::tempdir().unwrap(), file, catalogue, answers)
}

#[test]
fn scripted_answers_make_a_whole_experiment() {
    let answers = "\nIt survives\ny\nAll well\n1\ny\ntrue\nn\n\
        y\nstop\ny\ni-1, i-2\nyes\nmany\n3\ny\n0\n\
        y\nsta\n9\n00\n2\ny\n{\"a\": 1}\nn\n";
    let Session {
        folder,
        result,
        screen,
    } = session("e.json", catalogue(), answers);
    let expected = r#"{"title":"It survives","description":"N/A","tags":[],"steady-state-hypothesis":{"title":"All well","probes":[{"type":"probe","name":"healthy","tolerance":true,"provider":{"type":"python","module":"chaosx.things","func":"healthy","arguments":{}}}]},"method":[{"type":"action","name":"stop","provider":{"type":"python","module":"chaosx.things","func":"stop","arguments":{"ids":["i-1","i-2"],"force":true,"count":3}}}],"rollbacks":[{"type":"action","name":"start","provider":{"type":"python","module":"chaosx.things","func":"start","arguments":{"where":{"a":1}}}}]}"#;
    assert_eq!(json::compact(result.as_ref().unwrap()), expected, "{screen}");
    let written = std::fs::read_to_string(folder.path().join("e.json")).unwrap();
    assert_eq!(json::parse(&written).unwrap(), result.unwrap());
    for shown in [
        "a whole number",
        "from 1 to 2",
        "2) start (chaosx.things)",
        "About stop.",
        "'e.json'",
    ] {
        assert!(screen.contains(shown), "{shown}: {screen}");
    }
    assert!(!screen.contains("configuration"), "{screen}");
}

#[test]
fn defaults_and_variables_need_no_care() {
    let answers = "T\n\ny\n2\ny\n${ids}\n\n\nn\n\n";
    let Session { result, .. } = session("e.json", catalogue(), answers);
    let experiment = result.unwrap();
    let arguments = r#"[{"type":"action","name":"stop","provider":{"type":"python","module":"chaosx.things","func":"stop","arguments":{"ids":"${ids}","force":false}}}]"#;
    assert_eq!(json::compact(experiment.get("method").unwrap()), arguments);
    assert!(experiment.get("rollbacks").is_none() && experiment.get("steady-state-hypothesis").is_none());
}

#[test]
fn answers_that_end_early_leave_no_file() {
    let whole = "T\ny\nH\n1\ny\ntrue\nn\nn\nn\n";
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for count in 0..lines.len() {
        let Session {
            folder,
            result,
            screen,
        } = session("e.json", catalogue(), &lines[..count].concat());
        assert!(matches!(result, Err(InitError::Ended)), "{count}: {screen}");
        assert!(screen.ends_with('\n') && !folder.path().join("e.json").exists());
    }
    assert!(session("e.json", catalogue(), whole.trim_end()).result.is_ok());
}

#[test]
fn a_discovery_file_comes_before_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = Document::new("x", "1", "X");
    document
        .activities
        .push(activity(Kind::Action, "found", Vec::new()));
    discover::save(&document, &folder.path().join("discovery.json")).unwrap();
    let Session {
        folder,
        result,
        screen,
    } = session_in(folder, "e.yaml", catalogue(), "T: é\nn\ny\n1\ny\nn\nn\n");
    assert!(
        result.is_ok() && screen.contains("1) found") && !screen.contains("healthy"),
        "{screen}"
    );
    let written = std::fs::read_to_string(folder.path().join("e.yaml")).unwrap();
    let expected = "title: 'T: é'\ndescription: N/A\ntags: []\nmethod:\n- type: action\n  name: found\n  provider:\n    \
                    type: python\n    module: chaosx.things\n    func: found\n    arguments: {}\n";
    assert_eq!(written, expected);
}

#[test]
fn without_any_activity_only_titles_are_asked_for() {
    let Session { result, screen, .. } = session("e.json", Vec::new(), "T\nyes\nH\n");
    let expected = r#"{"title":"T","description":"N/A","tags":[],"steady-state-hypothesis":{"title":"H","probes":[]},"method":[]}"#;
    assert_eq!(json::compact(&result.unwrap()), expected, "{screen}");
}

#[test]
fn a_file_that_is_there_is_replaced_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("e.json"), "mine").unwrap();
    let Session { folder, result, .. } = session_in(folder, "e.json", Vec::new(), "T\nn\nn\n");
    assert!(matches!(result, Err(InitError::Kept(_))));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("e.json")).unwrap(),
        "mine"
    );
    assert!(
        session_in(folder, "e.json", Vec::new(), "T\nn\ny\n")
            .result
            .is_ok()
    );
}

#[test]
fn faults_of_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("discovery.json"), "[").unwrap();
    let broken = session_in(folder, "e.json", Vec::new(), "T\n")
        .result
        .unwrap_err()
        .to_string();
    assert!(broken.contains("discovery.json"), "{broken}");
    let nowhere = session("no/such/e.json", Vec::new(), "T\nn\n")
        .result
        .unwrap_err()
        .to_string();
    assert!(nowhere.contains("--experiment-path"), "{nowhere}");
}

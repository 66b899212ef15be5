//! The names that extensions import from chaoslib: the installed one, else the stand-in.

use super::*;

const USER: &str = r#"
import sys
from typing import Any, Dict

from chaoslib import (__version__, PayloadEncoder, convert_vars, decode_bytes, experiment_hash, merge_vars, substitute)
from chaoslib.activity import ensure_activity_is_valid, run_activity
from chaoslib.caching import lookup_activity
from chaoslib.configuration import load_configuration
from chaoslib.control import controls
from chaoslib.discovery.discover import (discover_actions, discover_activities, discover_probes, initialize_discovery_result)
from chaoslib.exceptions import (ActivityFailed, DiscoveryFailed, FailedActivity, InterruptExecution, InvalidActivity)
from chaoslib.exit import exit_gracefully, exit_ungracefully
from chaoslib.extension import get_extension
from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance
from chaoslib.loader import load_experiment
from chaoslib.notification import RunFlowEvent
from chaoslib.run import EventHandlerRegistry, RunEventHandler
from chaoslib.secret import load_secrets
from chaoslib.settings import get_loaded_settings
from chaoslib.types import Configuration, Discovery, DiscoveredActivities, Journal, MicroservicesStatus, Secrets, Strategy

__all__ = ["probe", "texts"]

def probe(x: int, y: str = "d", configuration: Configuration = None, secrets: Secrets = None) -> Dict[str, Any]:
    """Looks."""
    return {"x": x}

def texts():
    config = {"b": 3, "l": [1]}
    return [
        substitute("a ${b} $b $$ ${nope}", config, None), substitute({"k": ["${l}", "${s}"]}, config, {"g": {"s": True}}),
        decode_bytes("é".encode()), convert_vars(["a=1", "b:int=2", "c:json=[3]", "d:bool=no"]),
        experiment_hash({"b": 1, "a": 2}), __version__,
    ]

def activities():
    python = {"type": "probe", "name": "p", "provider": {"type": "python", "module": "user", "func": "probe", "arguments": {"x": 1}}}
    process = {"type": "probe", "name": "p", "provider": {"type": "process", "path": "echo", "arguments": ["${a}"]}}
    for activity in (python, process): ensure_activity_is_valid(activity)
    return [run_activity(python, {}, {}), run_activity(process, {"a": 5}, {})]

def tolerances():
    return [within_tolerance(*case) for case in [
        (True, True), (0, {"status": 0}), ("a", "b"), ([1, 3], 2), ([200, 201], {"status": 201}),
        ({"type": "regex", "pattern": "^a"}, "abc"), ({"type": "range", "range": [1, 2]}, "3"),
    ]]

def discovered(): return discover_probes("user")
def document(): return sorted(initialize_discovery_result("e", "1", "t"))
"#;

#[test]
fn the_names_are_there_and_work() {
    with_python(&[("user.py", USER)], async |f| {
        assert_eq!(
            f.text("texts", "{}").await,
            concat!(
                r#"["a 3 3 $ ${nope}",{"k":[[1],true]},"é",{"a":"1","b":2,"c":[3],"d":false},"#,
                r#""1912fbba3a1b996c23c4c5a8","1.44.0"]"#
            )
        );
        let activities = r#"[{"x":1},{"status":0,"stdout":"5\n","stderr":""}]"#;
        assert_eq!(f.text("activities", "{}").await, activities);
        assert_eq!(
            f.text("tolerances", "{}").await,
            "[true,true,false,true,true,true,false]"
        );
    });
}

#[test]
fn extensions_discover_themselves() {
    with_python(&[("user.py", USER)], async |f| {
        let probe = concat!(
            r#"{"type":"probe","name":"probe","mod":"user","doc":"Looks.","arguments":["#,
            r#"{"name":"x","type":"integer"},{"name":"y","default":"d","type":"string"},"#,
            r#"{"name":"configuration","default":null,"type":"mapping"},"#,
            r#"{"name":"secrets","default":null,"type":"mapping"}],"return_type":"mapping"}"#
        );
        assert!(f.text("discovered", "{}").await.starts_with(&format!("[{probe}")));
        let document =
            r#"["activities","chaoslib_version","date","extension","id","platform","system","target"]"#;
        assert_eq!(f.text("document", "{}").await, document);
        let missing = f
            .bridge
            .discover("no-such-package-here", false, false)
            .await
            .unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("chaoslib.exceptions.DiscoveryFailed: "),
            "{missing}"
        );
    });
}

#[test]
fn an_installed_extension_is_discovered() {
    let modules = [(
        "ext.py",
        "def discover(discover_system=True): return {'activities': [], 'system': discover_system}",
    )];
    with_python(&modules, async |f| {
        let package = f.folder.path().join("some_ext-1.0.dist-info");
        std::fs::create_dir(&package).unwrap();
        std::fs::write(
            package.join("METADATA"),
            "Metadata-Version: 2.1\nName: some-ext\nVersion: 1.0\n",
        )
        .unwrap();
        std::fs::write(package.join("top_level.txt"), "ext\n").unwrap();
        std::fs::write(package.join("RECORD"), "ext.py,,\n").unwrap();
        let document = f.bridge.discover("some-ext", false, false).await.unwrap();
        assert_eq!(json::compact(&document), r#"{"activities":[],"system":false}"#);
    });
}

#[test]
fn extensions_find_activities_and_settings_of_the_run() {
    let control = "
from chaoslib.caching import lookup_activity
from chaoslib.settings import get_loaded_settings

def before_method_control(context, settings):
    assert lookup_activity('one') is context['method'][0] and lookup_activity('two') is None
    assert get_loaded_settings() == {'a': 1}, get_loaded_settings()
";
    with_python(&[("control.py", control)], async |f| {
        let experiment = json::parse(r#"{"method":[{"name":"one"}]}"#).unwrap();
        let settings = json::parse(r#"{"a":1}"#).unwrap();
        let scene = Scene {
            experiment: Some(&experiment),
            settings: Some(&settings),
            ..Scene::default()
        };
        let arguments = Map::new();
        let hook = Hook {
            module: "control",
            name: "before_method_control",
            arguments: &arguments,
            context: Context::At(&[]),
            scene,
        };
        assert_eq!(f.bridge.hook(&hook, Lane::Foreground).await.outcome, Ok(()));
    });
}

#[test]
fn logzero_logs_to_the_run() {
    let user = "import logzero\ndef say():\n  logzero.logger.warning('old style')\n  return logzero.__file__";
    with_python(&[("user.py", user)], async |mut f| {
        let file = f.call("say", "{}").await.unwrap();
        if !file.as_str().unwrap().starts_with("<chaos-bridge>") {
            eprintln!("skipped: the real logzero is installed, and writes to standard error itself");
            return;
        }
        let messages = f.messages();
        assert!(
            matches!(messages.as_slice(), [FromWorker::Log(r)] if r.message == "old style"),
            "{messages:?}"
        );
    });
}

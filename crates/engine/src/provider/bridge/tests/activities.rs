//! Calling functions: arguments, results, failures.

use super::*;

const USER: &str = r#"
import logging, os, sys
from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

logger = logging.getLogger("chaostoolkit")
calls = 0

def echo(value): return value
def kinds(value): return [type(v).__name__ for v in value]
def things(): return [(1, 2), {"k": None}, 1.0, True, "é", {1: "one", None: "none", True: "t", 2.5: "f", (1,): "x"}]
def dates(): return {"d": date(2024, 2, 29), "t": datetime(2024, 2, 29, 10, 11, 12, tzinfo=timezone.utc), "u": UUID(int=5), "n": Decimal("1.50")}
def odd():
    loop = [1]
    loop.append(loop)
    return {"o": Odd(), "b": b"\x00z", "nan": float("nan"), "set": {1}, "loop": loop, "big": 10 ** 30, "lone": "\udc80", "\0bytes": 1, "huge": len(hex(10 ** 9000))}
class Odd:
    def __repr__(self): raise ValueError
def both(x: int, y="dflt", *, z=None, configuration=None, secrets=None): return [x, y, z, configuration, secrets]
def fail():
    from chaoslib.exceptions import ActivityFailed
    raise ActivityFailed("it went wrong")
def interrupt():
    from chaoslib.exceptions import InterruptExecution
    raise InterruptExecution("enough")
def boom(): raise ValueError("of that kind")
def stop(): sys.exit(5)
def count():
    global calls
    calls += 1
    return calls
def chat():
    logger.info("an %s", "info")
    try: 1 / 0
    except ZeroDivisionError: logger.debug("with trace", exc_info=True)
def environment(): 
    os.environ["ADDED"] = "yes"
    del os.environ["GOES"]
    os.mkdir("below"); os.chdir("below")
def seen(name): return [os.environ.get(name), os.getcwd(), sys.stdin.read()]
def paths(): return sys.path
async def later(): return 1
def deep():
    value = []
    for _ in range(900): value = [value]
    return value
not_a_function = 5
"#;

#[test]
fn values_cross_with_their_types() {
    with_python(&[("user.py", USER)], async |f| {
        let value = r#"{"value":[1,2.0,123456789012345678901234567890,null,true,"é",{"a":[]}]}"#;
        assert_eq!(format!(r#"{{"value":{}}}"#, f.text("echo", value).await), value);
        let Value::List(typed) = json::parse("[1]").unwrap() else {
            unreachable!()
        };
        let date = Value::Time(crate::value::Moment::Date("2024-02-29".parse().unwrap()));
        let items = vec![typed[0].clone(), Value::Bytes(vec![0, 255]), date.clone()];
        let arguments = map([("value", Value::List(items.clone()))]);
        let configuration = Map::new();
        let call = |function| Call {
            module: "user",
            function,
            arguments: &arguments,
            configuration: &configuration,
            secrets: None,
        };
        let kinds = f.bridge.call(&call("kinds"), Lane::Foreground).await.unwrap();
        assert_eq!(kinds.value, vec!["int", "bytes", "date"].into());
        assert_eq!(
            f.bridge
                .call(&call("echo"), Lane::Foreground)
                .await
                .unwrap()
                .value,
            Value::List(items)
        );
    });
}

#[test]
fn results_that_json_lacks_do_not_break_the_journal() {
    with_python(&[("user.py", USER)], async |f| {
        assert_eq!(
            f.text("things", "{}").await,
            r#"[[1,2],{"k":null},1.0,true,"é",{"1":"t","null":"none","2.5":"f","(1,)":"x"}]"#
        );
        assert_eq!(
            f.text("dates", "{}").await,
            r#"{"d":"2024-02-29","t":"2024-02-29T10:11:12+00:00","u":"00000000-0000-0000-0000-000000000005","n":"1.50"}"#
        );
        assert_eq!(
            f.text("odd", "{}").await,
            concat!(
                r#"{"o":"<Odd object>","b":"b'\\x00z'","nan":NaN,"set":"{1}","loop":[1,"..."],"#,
                r#""big":1000000000000000000000000000000,"lone":"?","\u0000bytes":1,"huge":7477}"#
            )
        );
        assert!(
            f.text("later", "{}")
                .await
                .starts_with(r#""<coroutine object later at"#)
        );
        assert!(f.text("deep", "{}").await.contains("..."));
    });
}

#[test]
fn configuration_and_secrets_are_given_to_functions_that_name_them() {
    with_python(&[("user.py", USER)], async |f| {
        let (arguments, configuration) = (map([("x", 1.into())]), map([("c", 2.into())]));
        let secrets = map([("s", "hidden".into())]);
        let mut call = Call {
            module: "user",
            function: "both",
            arguments: &arguments,
            configuration: &configuration,
            secrets: None,
        };
        let without = f.bridge.call(&call, Lane::Foreground).await.unwrap();
        call.secrets = Some(&secrets);
        let with = f.bridge.call(&call, Lane::Background).await.unwrap();
        assert_eq!(json::compact(&without.value), r#"[1,"dflt",null,{"c":2},null]"#);
        assert_eq!(
            json::compact(&with.value),
            r#"[1,"dflt",null,{"c":2},{"s":"hidden"}]"#
        );
        assert_eq!(f.text("count", "{}").await, "1");
        assert_eq!(f.text("count", "{}").await, "2");
    });
}

#[test]
fn exceptions_are_failures_with_the_users_part_of_the_traceback() {
    with_python(&[("user.py", USER)], async |f| {
        for (function, message) in [
            ("boom", "ValueError: of that kind"),
            ("fail", "chaoslib.exceptions.ActivityFailed: it went wrong"),
            ("interrupt", "chaoslib.exceptions.InterruptExecution: enough"),
        ] {
            let Err(ActivityError::Failed(failure)) = f.call(function, "{}").await else {
                panic!("{function}")
            };
            assert_eq!(failure.message, message);
            let trace = failure.trace.concat();
            assert!(
                trace.starts_with("Traceback (most recent call last):\n  File \""),
                "{trace}"
            );
            assert!(
                trace.contains(&format!("in {function}\n")) && !trace.contains("chaos-bridge"),
                "{trace}"
            );
        }
        let misfit = f.call("echo", r#"{"nope": 1}"#).await.unwrap_err().to_string();
        assert_eq!(
            misfit,
            "TypeError: echo() got an unexpected keyword argument 'nope'"
        );
        assert_eq!(
            f.call("stop", "{}").await,
            Err(ActivityError::Exit("5".to_owned()))
        );
    });
}

#[test]
fn what_cannot_be_called_is_fatal() {
    let modules = [
        ("user.py", USER),
        ("broken.py", "1/0"),
        ("syntax.py", "def"),
        ("needs.py", "import no_such"),
        ("exits.py", "exit(3)"),
    ];
    with_python(&modules, async |f| {
        for function in ["nowhere", "not_a_function"] {
            let error = f.call(function, "{}").await.unwrap_err();
            assert!(
                matches!(&error, ActivityError::Fatal(f) if f.message.contains(function)),
                "{error:?}"
            );
        }
        let import = async |name| f.bridge.inspect_function(name, "f").await.unwrap_err();
        assert!(
            import("no_such_module")
                .await
                .to_string()
                .contains("No module named 'no_such_module'")
        );
        assert!(matches!(
            import("needs").await,
            PythonError::ModuleNotFound { .. }
        ));
        let PythonError::ImportRaised { failure, .. } = import("broken").await else {
            panic!()
        };
        let trace = failure.trace.concat();
        assert!(
            trace.contains("broken.py") && !trace.contains("importlib"),
            "{trace}"
        );
        assert!(matches!(import("syntax").await, PythonError::ImportRaised { .. }));
        assert_eq!(import("exits").await, PythonError::Exit("3".to_owned()));
        assert!(matches!(import("user").await, PythonError::NoFunction { .. }));
    });
}

#[test]
fn functions_are_described() {
    with_python(&[("user.py", USER)], async |f| {
        let both = f.bridge.inspect_function("user", "both").await.unwrap();
        let names: Vec<&str> = both.parameters.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["x", "y", "z", "configuration", "secrets"]);
        assert_eq!(both.parameters[0].annotation.as_deref(), Some("int"));
        assert_eq!(both.parameters[2].kind, Kind::KeywordOnly);
        assert_eq!(both.check(["x"]), Ok(()));
        let sqrt = f.bridge.inspect_function("math", "sqrt").await.unwrap();
        assert_eq!(sqrt.check(["x"]), Err(Misfit::PositionalOnly("x".to_owned())));
        assert!(matches!(
            f.bridge.inspect_function("user", "Odd").await,
            Err(PythonError::NoFunction { .. })
        ));
        let dir = f.bridge.inspect_function("builtins", "dir").await;
        assert!(matches!(dir, Err(PythonError::NoSignature { .. })), "{dir:?}");
    });
}

#[test]
fn log_records_arrive_with_their_place() {
    with_python(&[("user.py", USER)], async |mut f| {
        f.call("chat", "{}").await.unwrap();
        let messages = f.messages();
        let [FromWorker::Log(info), FromWorker::Log(debug)] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        assert_eq!(
            (info.level, info.message.as_str(), info.module.as_str()),
            (20, "an info", "user")
        );
        assert_eq!((debug.level, debug.function.as_str()), (10, "chat"));
        assert!(info.line > 0 && debug.message.ends_with("ZeroDivisionError: division by zero"));
    });
}

#[test]
fn the_environment_is_one_on_both_sides() {
    with_python(&[("user.py", USER)], async |f| {
        f.host.borrow_mut().set_var("GOES", "away");
        let before = f.host.borrow().clone();
        f.call("count", "{}").await.unwrap();
        assert_eq!(f.host.borrow().env, before.env);
        f.call("environment", "{}").await.unwrap();
        let host = f.host.borrow().clone();
        assert_eq!((host.var("ADDED"), host.var("GOES")), (Some("yes"), None));
        assert_eq!(host.cwd, before.cwd.join("below"));
        f.host.borrow_mut().set_var("ADDED", "changed");
        f.host.borrow_mut().cwd = before.cwd.clone();
        let seen = f.text("seen", r#"{"name":"ADDED"}"#).await;
        assert_eq!(seen, format!(r#"["changed","{}",""]"#, before.cwd.display()));
    });
}

#[test]
fn modules_are_looked_up_in_pythonpath_and_not_in_the_working_folder() {
    with_python(&[("user.py", USER)], async |f| {
        let Value::List(paths) = f.call("paths", "{}").await.unwrap() else {
            panic!()
        };
        assert_eq!(
            paths.first().and_then(Value::as_str),
            f.host.borrow().var("PYTHONPATH")
        );
        assert!(!paths.contains(&"".into()));
    });
}

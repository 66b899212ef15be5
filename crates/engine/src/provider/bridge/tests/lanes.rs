//! Cancelling, background requests, and how the worker ends.

use tokio::io::AsyncWriteExt;

use super::*;

const USER: &str = r#"
import os, signal, subprocess, threading, time

def touch(name): open(name, "w").close()
def nap():
    touch("napping")
    try: time.sleep(60)
    except BaseException as error: open("caught", "w").write(type(error).__mro__[1].__name__); raise
def stubborn():
    while True:
        try:
            touch("stubborn")
            time.sleep(60)
        except BaseException: pass
def ready(): return [os.getpid(), threading.current_thread() is threading.main_thread()]
def wait_for(name):
    while not os.path.exists(name): time.sleep(0.01)
    return name
def die(): os._exit(9)
def leave(how, thread=False):
    from chaoslib import exit as leaving
    if thread:
        threading.Thread(target=getattr(leaving, how)).start()
    else:
        getattr(leaving, how)()
    time.sleep(60)
def leave_now(how):
    from chaoslib import exit as leaving
    getattr(leaving, how)()
    return how
def terminate(): os.kill(os.getpid(), signal.SIGTERM)
def ignores_ctrl_c(): os.kill(os.getpid(), signal.SIGINT); return "still here"
def at_exit():
    import atexit, logging
    def say():
        touch("ended"); logging.getLogger("chaostoolkit").info("bye")
    atexit.register(say)
def child_signals(): return subprocess.run(["sh", "-c", "kill -INT $$; echo survived"], stdout=subprocess.PIPE).returncode
def fork_and_die():
    if os.fork() == 0:
        while os.path.exists("keep"): time.sleep(0.01)
        os._exit(0)
    os._exit(9)
"#;

async fn cancel(f: &Fixture, lane: Lane, function: &str, sign: &str) {
    tokio::select! {
        result = f.call_in(lane, function, "{}") => panic!("{result:?}"),
        () = f.until_there(sign) => {}
    }
}

#[test]
fn a_cancelled_function_is_interrupted_and_the_worker_goes_on() {
    with_python(&[("user.py", USER)], async |f| {
        let before = f.text("ready", "{}").await;
        cancel(&f, Lane::Foreground, "nap", "napping").await;
        assert_eq!(f.text("ready", "{}").await, before);
        assert_eq!(f.read("caught"), "KeyboardInterrupt");
    });
}

#[test]
fn a_function_that_cannot_be_interrupted_costs_the_worker() {
    with_python(&[("user.py", USER)], async |f| {
        let before = f.text("ready", "{}").await;
        let background = f.call_in(Lane::Background, "wait_for", r#"{"name": "never"}"#);
        let foreground = async {
            cancel(&f, Lane::Foreground, "stubborn", "stubborn").await;
            f.text("ready", "{}").await
        };
        let (background, after) = tokio::join!(background, foreground);
        assert!(matches!(background, Err(ActivityError::Failed(f)) if f.message.contains("was killed")));
        assert_ne!(after, before);
    });
}

#[test]
fn a_request_cancelled_before_its_turn_is_not_played() {
    with_python(&[("user.py", USER)], async |f| {
        let request = f.call("wait_for", r#"{"name": "never"}"#);
        drop(tokio::time::timeout(Duration::ZERO, request).await);
        assert!(f.text("ready", "{}").await.ends_with("true]"));
    });
}

#[test]
fn background_functions_run_beside_the_main_thread() {
    with_python(&[("user.py", USER)], async |f| {
        let waiting = f.call_in(Lane::Background, "wait_for", r#"{"name": "sign"}"#);
        let other = f.call_in(Lane::Background, "ready", "{}");
        let main = f.call("touch", r#"{"name": "sign"}"#);
        let (waiting, other, main) = tokio::join!(waiting, other, main);
        assert_eq!((waiting, main), (Ok("sign".into()), Ok(Value::Null)));
        assert!(json::compact(&other.unwrap()).ends_with("false]"));
    });
}

#[test]
fn a_cancelled_background_function_leaves_the_main_thread_alone() {
    with_python(&[("user.py", USER)], async |f| {
        let before = f.text("ready", "{}").await;
        cancel(&f, Lane::Background, "nap", "napping").await;
        assert_eq!(f.text("ready", "{}").await, before);
    });
}

#[test]
fn exit_requests_end_the_function_on_the_main_thread() {
    with_python(&[("user.py", USER)], async |mut f| {
        for (arguments, code) in [
            (r#"{"how": "exit_gracefully"}"#, "20"),
            (r#"{"how": "exit_ungracefully"}"#, "30"),
            (r#"{"how": "exit_gracefully", "thread": true}"#, "20"),
        ] {
            assert_eq!(
                f.call("leave", arguments).await,
                Err(ActivityError::Exit(code.to_owned()))
            );
        }
        assert_eq!(f.messages(), []);
    });
}

#[test]
fn exit_requests_of_background_functions_are_told() {
    with_python(&[("user.py", USER)], async |mut f| {
        for (how, request) in [
            ("exit_gracefully", ExitRequest::Graceful),
            ("exit_ungracefully", ExitRequest::Ungraceful),
        ] {
            let arguments = format!(r#"{{"how": "{how}"}}"#);
            assert_eq!(
                f.call_in(Lane::Background, "leave_now", &arguments).await,
                Ok(how.into())
            );
            assert_eq!(f.messages.recv().await, Some(FromWorker::Exit(request)));
        }
        f.call_in(Lane::Background, "terminate", "{}").await.unwrap();
        assert_eq!(
            f.messages.recv().await,
            Some(FromWorker::Exit(ExitRequest::Terminate))
        );
    });
}

#[test]
fn only_the_run_interrupts_and_children_can_be_interrupted() {
    with_python(&[("user.py", USER)], async |f| {
        assert_eq!(f.text("ignores_ctrl_c", "{}").await, r#""still here""#);
        assert_eq!(f.text("child_signals", "{}").await, "-2");
    });
}

#[test]
fn a_worker_that_dies_fails_its_requests_and_is_replaced() {
    with_python(&[("user.py", USER)], async |f| {
        let Err(ActivityError::Failed(failure)) = f.call("die", "{}").await else {
            panic!()
        };
        assert!(failure.message.contains("exit status: 9"), "{}", failure.message);
        assert!(f.text("ready", "{}").await.ends_with("true]"));
    });
}

#[test]
fn closing_runs_exit_functions() {
    with_python(&[("user.py", USER)], async |mut f| {
        f.call("at_exit", "{}").await.unwrap();
        f.bridge.close(Duration::from_secs(20)).await;
        assert!(f.folder.path().join("ended").exists());
        let bye = f.messages();
        assert!(
            matches!(bye.as_slice(), [FromWorker::Log(record)] if record.message == "bye"),
            "{bye:?}"
        );
    });
}

#[test]
fn closing_kills_a_worker_that_does_not_end() {
    with_python(&[("user.py", USER)], async |f| {
        let pid = pid(&f).await;
        cancel(&f, Lane::Foreground, "stubborn", "stubborn").await;
        f.bridge.close(Duration::from_millis(50)).await;
        until_gone(&pid).await;
    });
}

#[test]
fn dropping_the_bridge_ends_the_worker() {
    with_python(&[("user.py", USER)], async |f| {
        let pid = pid(&f).await;
        drop(f);
        until_gone(&pid).await;
    });
}

/// What a SIGKILL of this process would do, whatever the worker's threads are at.
#[test]
fn the_worker_ends_when_the_other_end_of_its_link_closes() {
    with_python(&[("user.py", USER)], async |f| {
        let host = f.host.borrow().clone();
        let interpreter = interpreter::find(&host).unwrap();
        let (mut child, link) = interpreter::start(&interpreter, &host).unwrap();
        let mut link = tokio::net::UnixStream::from_std(link).unwrap();
        let env: Map = host
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        let hello = map([("modules", bundle::modules()), ("env", env.into())]).into();
        link.write_all(&wire::frame(&hello).unwrap()).await.unwrap();
        for (number, background) in [(1, false), (2, true)] {
            let call = [
                ("id", number.into()),
                ("background", background.into()),
                ("op", "call".into()),
                ("module", "user".into()),
                ("function", "stubborn".into()),
                ("arguments", Map::new().into()),
            ];
            link.write_all(&wire::frame(&map(call).into()).unwrap())
                .await
                .unwrap();
        }
        f.until_there("stubborn").await;
        drop(link);
        child.wait().await.unwrap();
    });
}

#[test]
fn a_forked_child_does_not_hide_the_end_of_the_worker() {
    with_python(&[("user.py", USER)], async |f| {
        std::fs::write(f.folder.path().join("keep"), "").unwrap();
        let Err(ActivityError::Failed(failure)) = f.call("fork_and_die", "{}").await else {
            panic!()
        };
        assert!(failure.message.contains("exit status: 9"), "{}", failure.message);
    });
}

async fn pid(f: &Fixture) -> String {
    let Value::List(ready) = f.call("ready", "{}").await.unwrap() else {
        panic!()
    };
    json::compact(&ready[0])
}

/// A process that ended but was not waited for yet counts as gone.
async fn until_gone(pid: &str) {
    let stat = format!("/proc/{pid}/stat");
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

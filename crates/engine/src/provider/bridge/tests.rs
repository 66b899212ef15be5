//! With the Python in PATH, and with the one of CHAOS_TEST_PYTHON, which should have chaostoolkit-lib installed.

mod activities;
mod controls;
mod lanes;
mod library;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::LocalSet;

use super::*;
use crate::activity::ActivityError;
use crate::value::{json, map};

/// A bridge to modules in a folder of their own, which is in PYTHONPATH.
struct Fixture {
    bridge: Bridge,
    messages: UnboundedReceiver<FromWorker>,
    host: Rc<RefCell<Host>>,
    folder: TempDir,
}

impl Fixture {
    fn new(modules: &[(&str, &str)], env: &BTreeMap<String, String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, source) in modules {
            std::fs::write(folder.path().join(name), source).unwrap();
        }
        let mut host = Host {
            env: std::rc::Rc::new(env.clone()),
            cwd: folder.path().canonicalize().unwrap(),
        };
        host.set_var("PYTHONPATH", folder.path().display().to_string());
        let host = Rc::new(RefCell::new(host));
        let (bridge, messages) = Bridge::new(host.clone());
        Self {
            bridge,
            messages,
            host,
            folder,
        }
    }

    /// Calls a function of the module `user` with arguments in JSON.
    async fn call(&self, function: &str, arguments: &str) -> Result<Value, ActivityError> {
        self.call_in(Lane::Foreground, function, arguments).await
    }

    async fn call_in(&self, lane: Lane, function: &str, arguments: &str) -> Result<Value, ActivityError> {
        let Value::Map(arguments) = json::parse(arguments).unwrap() else {
            panic!("a mapping")
        };
        let configuration = Map::new();
        let call = Call {
            module: "user",
            function,
            arguments: &arguments,
            configuration: &configuration,
            secrets: None,
        };
        self.bridge.call(&call, lane).await.map(|returned| returned.value)
    }

    async fn text(&self, function: &str, arguments: &str) -> String {
        json::compact(&self.call(function, arguments).await.unwrap())
    }

    fn messages(&mut self) -> Vec<FromWorker> {
        std::iter::from_fn(|| self.messages.try_recv().ok()).collect()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Waits for a file to appear: a function's sign that it is running.
    async fn until_there(&self, name: &str) {
        while !self.folder.path().join(name).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Runs the test with each Python there is.
fn with_python<F: AsyncFn(Fixture)>(modules: &[(&str, &str)], test: F) {
    for env in environments() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        LocalSet::new().block_on(&runtime, test(Fixture::new(modules, &env)));
    }
}

fn environments() -> Vec<BTreeMap<String, String>> {
    let mut host = Host::current().unwrap();
    host.remove_var("VIRTUAL_ENV");
    host.cwd = std::env::temp_dir();
    let mut found = Vec::new();
    match interpreter::find(&host) {
        Ok(_) => found.push((*host.env).clone()),
        Err(error) => eprintln!("skipped: {error}"),
    }
    if let Some(python) = host.var("CHAOS_TEST_PYTHON") {
        let folder = Path::new(python).parent().and_then(Path::parent).unwrap();
        let mut env = (*host.env).clone();
        env.insert("VIRTUAL_ENV".to_owned(), folder.display().to_string());
        found.push(env);
    }
    found
}

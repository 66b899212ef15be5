//! A region for the tests of RDS, Batch and Logs, each of which uses a part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use chaos_lab_region::network::Network;
use chaos_lab_region::pace::Pace;
use chaos_lab_region::wire::ApiError;
use chaos_lab_region::{Later, Region, Settings, Topics, name};
use serde_json::Value;

struct Nobody;

impl Topics for Nobody {
    fn publish<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

/// A region in a folder of its own, which goes with it.
pub struct Lab {
    pub region: Arc<Region>,
    pub folder: PathBuf,
}

/// Stands in for the lab's program: runs what `guard` is to run, and `script` otherwise.
const PROGRAM: &str = r#"#!/bin/sh
if [ "$1" = guard ]; then
  while [ "$1" != -- ]; do shift; done
  shift
  exec "$@"
fi
"#;

impl Lab {
    /// A region at `speed` in the network 127.`network`.0.0/16, whose program does what `script` says.
    pub fn new(network: u8, speed: f64, database: Engine, script: &str) -> Lab {
        let folder = std::env::temp_dir().join(format!("chaos-lab-{}", name::hex(12)));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("program");
        std::fs::write(&program, format!("{PROGRAM}{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let settings = Settings {
            name: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            pace: Pace::new(speed),
            network: Network::new(network),
            folder: folder.clone(),
            program,
            database,
            endpoint: "http://127.0.0.1:4566".to_owned(),
        };
        let region = Region::new(settings, Spawner::new(&name::hex(8)));
        region.start(Arc::new(Nobody));
        Lab { region, folder }
    }

    /// Calls an operation that must be answered.
    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        let answer = self.region.call(service, operation, &input).await;
        answer.unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    /// Calls an operation that must be refused; its code.
    pub async fn refusal(&self, service: &str, operation: &str, input: Value) -> String {
        let answer = self.region.call(service, operation, &input).await;
        answer.map_or_else(
            |error| error.code,
            |answer| panic!("{operation} {input}: {answer}"),
        )
    }

    pub async fn stop(self) {
        self.region.stop().await;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Asks again until an answer satisfies; fails with the last one when it never does.
pub async fn until<F: Future<Output = Value>>(
    ask: impl Fn() -> F,
    satisfies: impl Fn(&Value) -> bool,
) -> Value {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let answer = ask().await;
        if satisfies(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

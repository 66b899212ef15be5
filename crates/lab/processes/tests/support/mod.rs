//! What the tests share: the example program as child, and looks into /proc.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chaos_lab_processes::{Child, Launch, Spawner};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program `examples/actor.rs`.
pub fn actor() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let actor = test.ancestors().nth(2).unwrap().join("examples/actor");
    assert!(actor.exists(), "build it first: cargo build --example actor");
    actor
}

/// An id that no other test has.
pub fn unique_id() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("test-{}-{:x}", std::process::id(), RandomState::new().hash_one(0))
}

pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Every process that has this in its environment or on its command line.
pub fn processes_with(text: &str) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let has = |pid: &u32, file: &str| {
        let read = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&read).contains(text)
    };
    pids.filter(|pid| *pid != std::process::id())
        .filter(|pid| has(pid, "environ") || has(pid, "cmdline"))
        .collect()
}

/// The letter of its state in /proc/PID/stat.
pub fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

pub fn is_gone(pid: u32) -> bool {
    matches!(state(pid), None | Some('Z'))
}

/// A lab of one test, which leaves nothing behind.
pub struct Lab {
    pub id: String,
    pub spawner: Spawner,
    pub folder: tempfile::TempDir,
}

impl Lab {
    pub fn new() -> Self {
        let id = unique_id();
        Self {
            spawner: Spawner::new(&id),
            folder: tempfile::tempdir().unwrap(),
            id,
        }
    }

    pub fn launch(&self, program: impl AsRef<Path>, args: &[&str]) -> Launch {
        Launch {
            program: program.as_ref().into(),
            args: args.iter().map(Into::into).collect(),
            folder: self.folder.path().into(),
            log: self.folder.path().join("log"),
            ..Launch::default()
        }
    }

    pub async fn start(&self, program: impl AsRef<Path>, args: &[&str]) -> Child {
        self.spawner.spawn(self.launch(program, args)).await.unwrap()
    }

    pub async fn shell(&self, script: &str) -> Child {
        self.start("sh", &["-c", script]).await
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The first whole line of the log.
    pub fn logged(&self) -> String {
        until("a line in the log", || {
            let log = self.log();
            log.split_once('\n').map(|(line, _)| line.to_owned())
        })
    }
}

//! A lab as a process, for the tests beside this folder.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_chaos-lab");

/// How long anything may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a test holds while it runs a lab: several at once are too much for a small machine.
pub fn alone() -> MutexGuard<'static, ()> {
    static LABS: Mutex<()> = Mutex::new(());
    LABS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lab that `up` started.
pub struct Lab {
    process: Child,
    /// What it told to export.
    pub exports: HashMap<String, String>,
    /// Where the application is.
    pub web: String,
    /// Where its files are.
    pub files: PathBuf,
}

impl Lab {
    /// Starts one on free ports and waits until it is ready.
    pub fn up(options: &[&str]) -> Lab {
        let mut process = begin(options);
        let mut lab = Lab {
            exports: HashMap::new(),
            web: String::new(),
            files: PathBuf::new(),
            process: dummy(),
        };
        let output = BufReader::new(process.stdout.take().unwrap());
        for line in output.lines() {
            let line = line.unwrap();
            let last = line.split_whitespace().last().unwrap_or_default().to_owned();
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
                lab.exports.insert(name.to_owned(), value.to_owned());
            } else if line.starts_with("# application") {
                lab.web = last;
            } else if line.starts_with("# files") {
                lab.files = last.into();
            } else if line.starts_with("# end it") {
                lab.process = process;
                return lab;
            }
        }
        panic!("the lab ended with {:?}", process.wait());
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends it as a user does, and gives its exit code.
    pub fn down(mut self) -> Option<i32> {
        signal(self.pid(), Signal::TERM);
        self.process.wait().unwrap().code()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // ended already in most tests
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn dummy() -> Child {
    Command::new("true").spawn().unwrap()
}

/// Starts `up` on free ports; its output is a pipe.
pub fn begin(options: &[&str]) -> Child {
    let mut command = Command::new(PROGRAM);
    command
        .args(["up", "--port", "0", "--toxiproxy-port", "0"])
        .args(options);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Sends a signal to a process of the test's own.
pub fn signal(process: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), signal);
}

/// The processes that a lab of this process id started, and those that they started.
pub fn started_by(lab: u32) -> Vec<String> {
    let mark = format!("CHAOS_LAB_PARENT={lab}\0");
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let marked = entries.filter(|entry| {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        environment
            .windows(mark.len())
            .any(|window| window == mark.as_bytes())
    });
    marked
        .map(|entry| {
            fs::read_to_string(entry.path().join("cmdline"))
                .unwrap_or_default()
                .replace('\0', " ")
        })
        .collect()
}

/// Polls until something holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A copy of an experiment of the library, because a run writes beside it.
pub fn experiment(name: &str) -> tempfile::TempDir {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../library")
        .join(name);
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(&source)
        .unwrap()
        .flatten()
        .filter(|file| file.file_type().unwrap().is_file())
    {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

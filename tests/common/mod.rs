//! What tests of the binaries share.
#![allow(dead_code)]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use chaos_engine::value::{Value, json};
use rustix::process::{Pid, Signal, kill_process};

/// A temporary folder that a binary runs in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn json(&self, name: &str) -> Value {
        json::parse(&self.read(name)).unwrap()
    }

    /// The names of what is in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path(".")).unwrap().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// `text` as it is the same in each run: the folder is `~`, and log lines have no time.
    pub fn plain(&self, text: &str) -> String {
        let folder = self.0.path().display().to_string();
        let lines = text.lines().map(|line| match line.strip_prefix("[2") {
            Some(rest) => format!("[{}", rest.splitn(3, ' ').nth(2).unwrap_or(rest)),
            None => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n").replace(&folder, "~")
    }
}

/// `chaos` with these arguments in that folder, without the settings of whoever runs the tests.
pub fn chaos(folder: &Folder, arguments: &[&str]) -> Command {
    binary(env!("CARGO_BIN_EXE_chaos"), folder, arguments)
}

/// `start-chaos`, likewise.
pub fn start_chaos(folder: &Folder, arguments: &[&str]) -> Command {
    binary(env!("CARGO_BIN_EXE_start-chaos"), folder, arguments)
}

pub fn binary(path: &str, folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(path);
    command
        .args(arguments)
        .current_dir(folder.path("."))
        .stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
        .env("HOME", folder.path("."))
        .env("PYTHONPATH", folder.path("."))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ours = |name: &str| name.starts_with("CHAOS_") || name.starts_with("AWS_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    for name in ["VIRTUAL_ENV", "EXPERIMENT_RESULTS_TOPIC_ARN", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// A binary that finds an AWS at that address, in us-east-1 unless told otherwise.
pub fn on_aws(mut command: Command, address: SocketAddr) -> Command {
    command
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing-secret")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// How a binary ended.
pub struct Ended {
    /// None where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a binary to its end.
pub fn run(command: &mut Command) -> Ended {
    command.output().unwrap().into()
}

/// Much longer than anything here takes, much shorter than the minute that a test interrupts.
const BOUND: Duration = Duration::from_secs(40);

/// A binary that is running, with standard error in a file of its folder.
pub struct Live {
    child: Child,
    said: PathBuf,
}

impl Live {
    pub fn start(mut command: Command, folder: &Folder) -> Self {
        let said = folder.path("said.txt");
        command.stderr(fs::File::create(&said).unwrap());
        let child = command.spawn().unwrap();
        Self { child, said }
    }

    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    /// Waits until it has said that.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, || self.said().contains(text));
    }

    /// Waits until there is such a file.
    pub fn wait_for_file(&self, path: &Path) {
        self.wait_until(&path.display().to_string(), || path.exists());
    }

    fn wait_until(&self, what: &str, happened: impl Fn() -> bool) {
        let began = Instant::now();
        while !happened() {
            assert!(began.elapsed() < BOUND, "no '{what}': {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end, which must come well before the minute that it would take by itself.
    pub fn end(mut self) -> Ended {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < BOUND, "it goes on: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        };
        Ended {
            code: status.code(),
            stdout: String::new(),
            stderr: self.said(),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // it has ended, unless the test failed
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python interpreter of the machine; tests that need one say so where there is none.
pub fn python() -> Option<PathBuf> {
    let found = which("python3");
    if found.is_none() {
        eprintln!("there is no python3 on PATH: what needs it is left out");
    }
    found
}

pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

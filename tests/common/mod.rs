//! What tests of the binaries share.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
}

/// `chaos` with these arguments in that folder, without the settings of whoever runs the tests.
pub fn chaos(folder: &Folder, arguments: &[&str]) -> Command {
    binary(env!("CARGO_BIN_EXE_chaos"), folder, arguments)
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
    for name in ["CHAOS_TEST_KILL_AFTER", "VIRTUAL_ENV", "AWS_PROFILE"] {
        command.env_remove(name);
    }
    command
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

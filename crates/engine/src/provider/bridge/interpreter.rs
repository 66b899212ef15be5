//! Which Python runs the user's modules, and how it is started.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::bundle::BOOTSTRAP;
use super::error::BridgeError;
use crate::host::Host;

/// The virtual environment's interpreter if one is active, else the first in PATH.
///
/// # Errors
/// When there is none.
pub(super) fn find(host: &Host) -> Result<PathBuf, BridgeError> {
    let active = host.var("VIRTUAL_ENV").filter(|folder| !folder.is_empty());
    let candidates = active.map(|folder| format!("{folder}/bin/python3"));
    let names = candidates
        .into_iter()
        .chain(["python3".to_owned(), "python".to_owned()]);
    names
        .filter_map(|name| host.which(&name))
        .next()
        .ok_or_else(|| BridgeError::NoInterpreter("neither python3 nor python is in PATH".to_owned()))
}

/// Starts the worker in a process group of its own, so that a Ctrl-C reaches the run alone, with one end of a
/// socket as its standard input. The other end is returned.
pub(super) fn start(interpreter: &Path, host: &Host) -> std::io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let mut command = Command::new(interpreter);
    command
        .args(["-c", BOOTSTRAP])
        .current_dir(&host.cwd)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .process_group(0)
        .kill_on_drop(true);
    set_environment(&mut command, &host.env);
    Ok((command.spawn()?, ours))
}

/// Exactly the run's variables, besides those that are not UTF-8, which are inherited.
fn set_environment(command: &mut Command, env: &BTreeMap<String, String>) {
    for (name, value) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| value.to_str().is_some() && !env.contains_key(name))
        {
            command.env_remove(name);
        }
    }
    command.envs(env);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn executable(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn host(folder: &Path, virtual_env: &str) -> Host {
        let path = folder.join("path").display().to_string();
        let entries = [
            ("PATH", path),
            ("VIRTUAL_ENV", folder.join(virtual_env).display().to_string()),
        ];
        Host {
            env: std::rc::Rc::new(entries.map(|(name, value)| (name.to_owned(), value)).into()),
            cwd: folder.to_owned(),
        }
    }

    #[test]
    fn the_active_environment_comes_before_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let (active, plain) = (
            folder.path().join("venv/bin/python3"),
            folder.path().join("path/python3"),
        );
        executable(&active);
        executable(&plain);
        assert_eq!(find(&host(folder.path(), "venv")), Ok(active));
        assert_eq!(find(&host(folder.path(), "gone")), Ok(plain));
    }

    #[test]
    fn without_an_interpreter_the_error_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let message = find(&host(folder.path(), "gone")).unwrap_err().to_string();
        assert!(message.contains("install Python"), "{message}");
    }
}

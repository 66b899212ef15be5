//! What a run takes from the machine it is on, passed in so that a run can be repeated exactly.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Environment, working folder and home of a run.
///
/// The process's own environment is read once, in [`Host::current`]; variable files and Python functions change
/// this copy, and child processes are given it whole.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Environment variables, and all that child processes get; those that are not UTF-8 are left out.
    ///
    /// Shared, because every call of an activity takes a copy of its host; change it with [`Host::set_var`].
    pub env: Rc<BTreeMap<String, String>>,
    /// The folder that relative paths start from.
    pub cwd: PathBuf,
}

impl Host {
    /// The environment and the working folder of this process.
    ///
    /// # Errors
    /// When the working folder cannot be told, for example because it was removed.
    pub fn current() -> std::io::Result<Self> {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let env = std::env::vars_os().filter_map(utf8).collect();
        Ok(Self {
            env: Rc::new(env),
            cwd: std::env::current_dir()?,
        })
    }

    /// Sets a variable.
    pub fn set_var(&mut self, name: impl Into<String>, value: impl Into<String>) {
        Rc::make_mut(&mut self.env).insert(name.into(), value.into());
    }

    /// Removes a variable.
    pub fn remove_var(&mut self, name: &str) {
        Rc::make_mut(&mut self.env).remove(name);
    }

    /// The variable's value, if it is set; an empty one counts as set.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    /// `path` seen from the working folder.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.cwd.join(path)
    }

    /// `path` with a leading `~` or `~/` replaced by HOME, as Python's `expanduser` does.
    pub fn expand_home(&self, path: &str) -> PathBuf {
        let rest = path
            .strip_prefix('~')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match (rest, self.var("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(format!("{home}{rest}")),
            _ => PathBuf::from(path),
        }
    }

    /// The executable of that name: looked up in PATH when it has no slash, from the working folder otherwise.
    pub fn which(&self, name: &str) -> Option<PathBuf> {
        if name.contains('/') {
            return Some(self.resolve(name)).filter(|path| is_executable(path));
        }
        let path = self.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin");
        path.split(':')
            .map(|folder| {
                self.resolve(if folder.is_empty() { "." } else { folder })
                    .join(name)
            })
            .find(|candidate| is_executable(candidate))
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

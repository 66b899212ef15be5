//! The settings file, by default `~/.chaostoolkit/settings.yaml` (SPEC 1 and 17).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::document::yaml::{self, YamlError};
use crate::host::Host;
use crate::value::{Map, Value};

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The system refuses to open or read it, or it is not UTF-8.
    #[error("cannot read the settings {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// YAML that does not parse: to be logged, and the settings ignored.
    #[error("the settings {} are not valid YAML: {reason}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: YamlError,
    },
    /// YAML that is not a mapping.
    #[error("the settings {} must be a mapping of names to values", .0.display())]
    NotAMapping(PathBuf),
}

impl SettingsError {
    /// True when a run goes on without settings after this error is logged.
    pub fn is_ignored(&self) -> bool {
        matches!(self, Self::Yaml { .. })
    }
}

/// Where the settings are when no path is given.
pub fn default_path(host: &Host) -> PathBuf {
    host.resolve(host.expand_home("~/.chaostoolkit/settings.yaml"))
}

/// The settings as they are written; `None` when there is no such file, or nothing in it.
///
/// # Errors
/// When the file cannot be read, does not parse, or is not a mapping.
pub fn load(path: &Path) -> Result<Option<Map>, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(reason) => {
            let path = path.to_owned();
            return Err(SettingsError::Unreadable { path, reason });
        }
    };
    match yaml::parse(&text) {
        Ok(Value::Map(map)) => Ok(Some(map)),
        Ok(Value::Null) => Ok(None),
        Ok(_) => Err(SettingsError::NotAMapping(path.to_owned())),
        Err(reason) => {
            let path = path.to_owned();
            Err(SettingsError::Yaml { path, reason })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    fn loaded(text: &str) -> Result<Option<Map>, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.yaml");
        std::fs::write(&path, text).unwrap();
        load(&path)
    }

    #[test]
    fn settings_are_a_mapping_or_nothing() {
        let settings = loaded("auths:\n  example.com:8443: {type: bearer, value: XYZ}\n")
            .unwrap()
            .unwrap();
        let expected = r#"{"auths":{"example.com:8443":{"type":"bearer","value":"XYZ"}}}"#;
        assert_eq!(json::compact(&settings.into()), expected);
        assert_eq!(loaded("# nothing\n").unwrap(), None);
        assert!(matches!(loaded("- a\n"), Err(SettingsError::NotAMapping(_))));
    }

    #[test]
    fn a_missing_file_is_fine_and_a_broken_one_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(&folder.path().join("none/settings.yaml")).unwrap(), None);
        assert!(loaded("a: [").unwrap_err().is_ignored());
        assert!(!load(folder.path()).unwrap_err().is_ignored());
    }

    #[test]
    fn the_default_is_below_home() {
        let mut host = Host {
            cwd: "/work".into(),
            ..Host::default()
        };
        host.set_var("HOME", "/home/me");
        assert_eq!(
            default_path(&host),
            Path::new("/home/me/.chaostoolkit/settings.yaml")
        );
    }
}

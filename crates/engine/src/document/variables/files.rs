//! Files of variables: YAML or JSON with `configuration` and `secrets`, anything else lines of `NAME=VALUE`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::VarError;
use crate::document::yaml;
use crate::value::{Map, Value, json, python};

/// What replaces the experiment's own declarations.
#[derive(Clone, Default)]
pub struct Overrides {
    /// For entries of `configuration`: name -> value, or a whole definition.
    pub configuration: Map,
    /// For groups of `secrets`: group -> {name -> value}.
    pub secrets: Map,
    /// For the environment of the run, in this order: of equal names the last wins.
    pub environment: Vec<(String, String)>,
}

impl fmt::Debug for Overrides {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("Overrides")
            .field("configuration", &self.configuration.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("environment", &variables)
            .finish()
    }
}

/// A file of variables that was skipped; to be logged as an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the variable file {} is ignored: {}",
            self.path.display(),
            self.reason
        )
    }
}

/// Reads the files in order, then takes `vars` over them. Paths are used as they are.
///
/// A file that is not there, or that does not parse, is skipped with a warning.
///
/// # Errors
/// When a file cannot be read, holds something else than a mapping, or has a line without `=`.
pub fn read_var_files(
    paths: &[PathBuf],
    vars: &[(String, Value)],
) -> Result<(Overrides, Vec<Warning>), VarError> {
    let mut overrides = Overrides::default();
    let mut warnings = Vec::new();
    for path in paths {
        if let Some(reason) = overrides.read(path)? {
            let path = path.clone();
            warnings.push(Warning { path, reason });
        }
    }
    overrides.configuration.extend(vars.iter().cloned());
    Ok((overrides, warnings))
}

impl Overrides {
    /// Takes over what the file gives; tells why when it is to be skipped.
    fn read(&mut self, path: &Path) -> Result<Option<String>, VarError> {
        if !path.is_file() {
            return Ok(Some("there is no such file".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|reason| VarError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let parsed = match path.extension().and_then(|e| e.to_str()) {
            Some("yaml" | "yml") => yaml::parse(text).map_err(|e| e.to_string()),
            Some("json") if !text.is_empty() => json::parse(text).map_err(|e| e.to_string()),
            _ => Ok(Value::Null),
        };
        match parsed {
            Err(reason) => return Ok(Some(reason)),
            // an empty document is tried as lines, as the Chaos Toolkit does
            Ok(value) if !python::truthy(&value) => self.lines(path, text)?,
            Ok(Value::Map(map)) => self.mapping(path, map)?,
            Ok(other) => return Err(content(path, "the file", &other)),
        }
        Ok(None)
    }

    fn mapping(&mut self, path: &Path, mut map: Map) -> Result<(), VarError> {
        let targets = [
            ("configuration", &mut self.configuration),
            ("secrets", &mut self.secrets),
        ];
        for (key, target) in targets {
            match map.shift_remove(key) {
                None => {}
                Some(Value::Map(entries)) => target.extend(entries),
                Some(other) => return Err(content(path, &format!("`{key}`"), &other)),
            }
        }
        Ok(())
    }

    fn lines(&mut self, path: &Path, text: &str) -> Result<(), VarError> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (index, line) in text.split('\n').map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            self.environment
                .push(variable(line).map_err(|message| VarError::Line {
                    path: path.to_owned(),
                    line: index + 1,
                    message,
                })?);
        }
        Ok(())
    }
}

fn variable(line: &str) -> Result<(String, String), &'static str> {
    match line.split_once('=') {
        None => Err("expected NAME=VALUE, found no `=`"),
        Some(("", _)) => Err("expected NAME=VALUE, found no name before the `=`"),
        Some(_) if line.contains('\0') => Err("a variable of the environment cannot hold a NUL character"),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
    }
}

fn content(path: &Path, what: &str, found: &Value) -> VarError {
    let found = match found {
        Value::Null => "nothing",
        Value::List(_) => "a list",
        _ => "a single value",
    };
    VarError::Content {
        path: path.to_owned(),
        message: format!(
            "{what} must be a mapping (with `configuration` and `secrets` at the top), found {found}"
        ),
    }
}

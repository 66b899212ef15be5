//! `chaos settings`: show and change the settings file.

mod key;

use std::io::Write;
use std::path::{Path, PathBuf};

use chaos_engine::value::json::JsonError;
use chaos_engine::value::{Map, Value, json, python};

use super::command::{OutputFormat, SettingsCommand};
use crate::yaml::{self, Style};
pub use key::{Key, KeyError, Step};

/// Why a settings command did nothing. Always exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is no file.
    #[error("there is no settings file '{}'; create it, or name another with --settings PATH", path.display())]
    NoFile {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Nothing is there.
    #[error("the settings have no entry '{key}'; `chaos settings show` lists what they have")]
    NoEntry {
        /// The key as given.
        key: String,
    },
    /// The new value is not JSON.
    #[error("the new value is not JSON ({source}); text needs quotes of its own, such as '\"text\"'")]
    NotJson {
        /// What and where.
        #[from]
        source: JsonError,
    },
    /// The file cannot be written; it is as it was.
    #[error("cannot write the settings file '{}': {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nobody reads standard output.
    #[error("cannot print the settings: {0}")]
    Print(std::io::Error),
}

/// Does what `command` says. `settings` is what the file at `path` holds, `None` when there is no such file.
///
/// # Errors
/// See [`SettingsError`]; the file is unchanged then.
pub fn execute(
    command: &SettingsCommand,
    path: &Path,
    settings: Option<Value>,
    out: &mut dyn Write,
) -> Result<(), SettingsError> {
    let no_file = || SettingsError::NoFile {
        path: path.to_owned(),
    };
    let mut settings = settings.ok_or_else(no_file)?;
    if settings.is_null() {
        settings = Value::Map(Map::new());
    }
    let print =
        |out: &mut dyn Write, text: &str| out.write_all(text.as_bytes()).map_err(SettingsError::Print);
    match command {
        SettingsCommand::Show { format } => print(out, &render(&settings, *format)),
        SettingsCommand::Get { key, format } => print(out, &render(get(&settings, key)?, *format)),
        SettingsCommand::Set { key, value } => {
            set(&mut settings, key, value)?;
            save(path, &settings)
        }
        SettingsCommand::Remove { key } => {
            remove(&mut settings, key)?;
            save(path, &settings)
        }
    }
}

/// A value as the command prints it: YAML with sorted keys, JSON with two spaces a level, both in ASCII, or text.
pub fn render(value: &Value, format: OutputFormat) -> String {
    match format {
        OutputFormat::Yaml => yaml::to_string(
            value,
            Style {
                sorted: true,
                ascii: true,
            },
        ),
        OutputFormat::Json => ascii_json(&json::pretty(value)) + "\n",
        OutputFormat::String => python::text(value) + "\n",
    }
}

/// Only strings hold characters beyond ASCII, so that they can be escaped wherever they are.
fn ascii_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            c => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

/// The entry at a dotted key.
///
/// # Errors
/// For a key that cannot be read or leads nowhere.
pub fn get<'a>(settings: &'a Value, key: &str) -> Result<&'a Value, SettingsError> {
    let path: Key = key.parse()?;
    path.steps()
        .iter()
        .try_fold(settings, |value, step| step.of(value))
        .ok_or_else(|| no_entry(key))
}

/// Replaces the entry at a dotted key, which must be there, by a JSON value.
///
/// # Errors
/// As [`get`], and for a value that is not JSON.
pub fn set(settings: &mut Value, key: &str, value: &str) -> Result<(), SettingsError> {
    let path: Key = key.parse()?;
    let steps = path.steps().iter();
    let entry = steps
        .into_iter()
        .try_fold(settings, |value, step| step.of_mut(value))
        .ok_or_else(|| no_entry(key))?;
    *entry = json::parse(value)?;
    Ok(())
}

/// Removes the entry at a dotted key and all below it.
///
/// # Errors
/// As [`get`].
pub fn remove(settings: &mut Value, key: &str) -> Result<(), SettingsError> {
    let path: Key = key.parse()?;
    let removed = path.steps().split_last().and_then(|(last, parents)| {
        let parent = parents
            .iter()
            .try_fold(settings, |value, step| step.of_mut(value))?;
        last.remove_from(parent)
    });
    removed.map(drop).ok_or_else(|| no_entry(key))
}

fn no_entry(key: &str) -> SettingsError {
    SettingsError::NoEntry { key: key.to_owned() }
}

/// Writes the settings as YAML with sorted keys. The file is replaced whole or not at all, through links, with its
/// permissions; a missing folder is made.
///
/// # Errors
/// [`SettingsError::Write`].
pub fn save(path: &Path, settings: &Value) -> Result<(), SettingsError> {
    let style = Style {
        sorted: true,
        ascii: false,
    };
    replace(path, yaml::to_string(settings, style).as_bytes()).map_err(|source| SettingsError::Write {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    if let Ok(meta) = target.metadata() {
        file.as_file().set_permissions(meta.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"auths":{"example.com":{"type":"bearer"},"example.com:8443":{"type":"basic"}},
        "list":[{"name":"one"},{"name":"two"},[1,[2]]],"plain":5,"none":null}"#;

    fn settings() -> Value {
        json::parse(FILE).unwrap()
    }

    fn got(key: &str) -> Option<String> {
        get(&settings(), key).ok().map(json::compact)
    }

    #[test]
    fn entries_are_found_by_their_dotted_key() {
        assert_eq!(got(r"auths.example\.com.type").unwrap(), r#""bearer""#);
        assert_eq!(got(r"auths.example\\.com:8443.type").unwrap(), r#""basic""#);
        assert_eq!(got("list[1].name").unwrap(), r#""two""#);
        assert_eq!(got("list[2][1][0]").unwrap(), "2");
        assert_eq!(got("none").unwrap(), "null");
        for missing in [
            "",
            ".",
            "brand.new",
            "plain.x",
            "list.name",
            "list[3]",
            "list[]",
            "[0]",
            "list[9999999999999999999999]",
        ] {
            assert_eq!(got(missing), None, "{missing}");
        }
    }

    #[test]
    fn set_changes_only_what_is_there() {
        let mut changed = settings();
        set(&mut changed, "plain", r#"{"a": [1, 2.5]}"#).unwrap();
        set(&mut changed, "list[0].name", "null").unwrap();
        assert_eq!(json::compact(get(&changed, "plain").unwrap()), r#"{"a":[1,2.5]}"#);
        assert!(get(&changed, "list[0].name").unwrap().is_null());
        assert!(matches!(
            set(&mut changed, "new", "1"),
            Err(SettingsError::NoEntry { .. })
        ));
        let error = set(&mut changed, "plain", "not json").unwrap_err().to_string();
        assert!(error.contains("column 2") && error.contains("quotes"), "{error}");
    }

    #[test]
    fn remove_takes_the_very_item_and_keeps_the_order() {
        let mut same = json::parse(r#"{"l":[1,2,1],"b":1,"a":{"x":1,"y":2}}"#).unwrap();
        remove(&mut same, "l[2]").unwrap();
        remove(&mut same, "a.x").unwrap();
        assert_eq!(json::compact(&same), r#"{"l":[1,2],"b":1,"a":{"y":2}}"#);
        assert!(remove(&mut same, "a.x").is_err());
    }

    #[test]
    fn values_are_printed_in_each_format() {
        let value = json::parse(r#"{"b":"é","a":[true,null]}"#).unwrap();
        assert_eq!(
            render(&value, OutputFormat::Yaml),
            "a:\n- true\n- null\nb: \"\\xE9\"\n"
        );
        assert_eq!(
            render(&value, OutputFormat::Json),
            "{\n  \"b\": \"\\u00e9\",\n  \"a\": [\n    true,\n    null\n  ]\n}\n"
        );
        assert_eq!(
            render(&value, OutputFormat::String),
            "{'b': 'é', 'a': [True, None]}\n"
        );
        assert_eq!(render(&"😀".into(), OutputFormat::Json), "\"\\ud83d\\ude00\"\n");
    }

    #[test]
    fn a_change_is_saved_through_links_with_the_permissions_of_the_file() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.yaml"), folder.path().join("s.yaml"));
        std::fs::write(&real, "plain: 5\n").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        let command = SettingsCommand::Set {
            key: "plain".to_owned(),
            value: "12".to_owned(),
        };
        execute(
            &command,
            &link,
            Some(json::parse(r#"{"plain":5,"a":"é"}"#).unwrap()),
            &mut Vec::new(),
        )
        .unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "a: é\nplain: 12\n");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_missing_file_is_an_error_and_an_empty_one_is_not() {
        let show = SettingsCommand::Show {
            format: OutputFormat::Yaml,
        };
        let mut out = Vec::new();
        let error = execute(&show, Path::new("none.yaml"), None, &mut out)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("none.yaml") && error.contains("--settings"),
            "{error}"
        );
        execute(&show, Path::new("none.yaml"), Some(Value::Null), &mut out).unwrap();
        assert_eq!(out, b"{}\n");
    }
}

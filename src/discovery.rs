//! What an extension offers: the file that `chaos discover` writes and `chaos init` reads.
//!
//! The native catalogue and the Python bridge both fill a [`Document`]; its JSON is the Chaos Toolkit's.

use chaos_engine::value::{Map, Value, map};
use chrono::Utc;

/// The Chaos Toolkit library whose formats are written.
pub const CHAOSLIB_VERSION: &str = "1.44.0";

/// The outcome of one discovery.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Version of the library that made it.
    pub chaoslib_version: String,
    /// A random identifier.
    pub id: String,
    /// Kind of system the extension acts on, such as `AWS`.
    pub target: String,
    /// When it was made: ISO, UTC.
    pub date: String,
    /// `system`, `node`, `release`, `version`, `machine`, `proc`, `python`.
    pub platform: Map,
    /// Name of the extension's package.
    pub extension_name: String,
    /// Version of the extension's package.
    pub extension_version: String,
    /// What experiments can call.
    pub activities: Vec<Activity>,
    /// What was found on the target system, in the extension's own form; `null` when nobody looked.
    pub system: Value,
}

/// One function that experiments can call.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Probe, action or control.
    pub kind: Kind,
    /// Name of the function.
    pub name: String,
    /// Module that it is in.
    pub module: String,
    /// Its documentation.
    pub doc: Option<String>,
    /// Its parameters, in order.
    pub arguments: Vec<Argument>,
    /// Portable name of what it returns: `boolean`, `mapping`, …
    pub return_type: Option<String>,
}

/// Probe, action or control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Looks, and changes nothing.
    Probe,
    /// Changes something.
    Action,
    /// A hook of a control: experiments name its module, not the function.
    Control,
}

impl Kind {
    /// As in an experiment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Action => "action",
            Self::Control => "control",
        }
    }
}

/// One parameter of an activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its default, which may be `null`; without one it must be given.
    pub default: Option<Value>,
    /// Portable name of its type: `boolean`, `integer`, `number`, `string`, `byte`, `set`, `list`, `tuple`,
    /// `mapping`, `object`.
    pub type_name: Option<String>,
}

/// A discovery file that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}")]
pub struct DocumentError {
    place: String,
    expected: &'static str,
}

impl Document {
    /// An outcome with nothing in it yet, made here and now.
    pub fn new(extension_name: &str, extension_version: &str, target: &str) -> Self {
        Self {
            chaoslib_version: CHAOSLIB_VERSION.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            target: target.to_owned(),
            date: Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
            platform: platform(),
            extension_name: extension_name.to_owned(),
            extension_version: extension_version.to_owned(),
            activities: Vec::new(),
            system: Value::Null,
        }
    }

    /// True when `package` names this extension, or the module that its activities are in.
    pub fn is_of(&self, package: &str) -> bool {
        let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
        let mut modules = self.activities.iter().map(|activity| activity.module.as_str());
        let root = |module: &str| {
            module
                .split('.')
                .next()
                .is_some_and(|root| plain(root) == plain(package))
        };
        plain(&self.extension_name) == plain(package) || modules.any(root)
    }

    /// In the Chaos Toolkit's form.
    pub fn to_value(&self) -> Value {
        let extension = map([
            ("name", self.extension_name.as_str().into()),
            ("version", self.extension_version.as_str().into()),
        ]);
        Value::Map(map([
            ("chaoslib_version", self.chaoslib_version.as_str().into()),
            ("id", self.id.as_str().into()),
            ("target", self.target.as_str().into()),
            ("date", self.date.as_str().into()),
            ("platform", self.platform.clone().into()),
            ("extension", extension.into()),
            (
                "activities",
                Value::List(self.activities.iter().map(Activity::to_value).collect()),
            ),
            ("system", self.system.clone()),
        ]))
    }

    /// From the Chaos Toolkit's form; all but the activities may be missing.
    ///
    /// # Errors
    /// Names the first place that does not fit.
    pub fn from_value(value: &Value) -> Result<Self, DocumentError> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let extension = |name| text(value.get("extension").and_then(|extension| extension.get(name)));
        let activities = value.get("activities").and_then(Value::as_list);
        let activities = activities
            .ok_or_else(|| wrong("activities", "a list"))?
            .iter()
            .enumerate();
        Ok(Self {
            chaoslib_version: text(value.get("chaoslib_version")),
            id: text(value.get("id")),
            target: text(value.get("target")),
            date: text(value.get("date")),
            platform: value
                .get("platform")
                .and_then(Value::as_map)
                .cloned()
                .unwrap_or_default(),
            extension_name: extension("name"),
            extension_version: extension("version"),
            activities: activities
                .map(|(index, activity)| Activity::from_value(activity, &format!("activities[{index}]")))
                .collect::<Result<_, _>>()?,
            system: value.get("system").cloned().unwrap_or_default(),
        })
    }
}

impl Activity {
    fn to_value(&self) -> Value {
        let mut activity = map([
            ("type", self.kind.as_str().into()),
            ("name", self.name.as_str().into()),
            ("mod", self.module.as_str().into()),
            ("doc", self.doc.as_deref().into()),
            (
                "arguments",
                Value::List(self.arguments.iter().map(Argument::to_value).collect()),
            ),
        ]);
        if let Some(name) = &self.return_type {
            activity.insert("return_type".to_owned(), name.as_str().into());
        }
        Value::Map(activity)
    }

    fn from_value(value: &Value, place: &str) -> Result<Self, DocumentError> {
        let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let needed = |name| text(name).ok_or_else(|| wrong(&format!("{place}.{name}"), "text"));
        let kind = match text("type").as_deref() {
            Some("probe") => Kind::Probe,
            Some("action") => Kind::Action,
            Some("control") => Kind::Control,
            _ => return Err(wrong(&format!("{place}.type"), "probe, action or control")),
        };
        let arguments = value
            .get("arguments")
            .and_then(Value::as_list)
            .unwrap_or_default()
            .iter()
            .enumerate();
        Ok(Self {
            kind,
            name: needed("name")?,
            module: needed("mod")?,
            doc: text("doc"),
            arguments: arguments
                .map(|(index, argument)| {
                    Argument::from_value(argument, &format!("{place}.arguments[{index}]"))
                })
                .collect::<Result<_, _>>()?,
            return_type: text("return_type"),
        })
    }
}

impl Argument {
    fn to_value(&self) -> Value {
        let mut argument = map([("name", self.name.as_str().into())]);
        if let Some(default) = &self.default {
            argument.insert("default".to_owned(), default.clone());
        }
        if let Some(name) = &self.type_name {
            argument.insert("type".to_owned(), name.as_str().into());
        }
        Value::Map(argument)
    }

    fn from_value(value: &Value, place: &str) -> Result<Self, DocumentError> {
        let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            name: text("name").ok_or_else(|| wrong(&format!("{place}.name"), "text"))?,
            default: value.get("default").cloned(),
            type_name: text("type"),
        })
    }
}

fn wrong(place: &str, expected: &'static str) -> DocumentError {
    DocumentError {
        place: place.to_owned(),
        expected,
    }
}

/// What `uname` says, under the names of Python's; no Python takes part, so that its version is `null`.
fn platform() -> Map {
    let uname = rustix::system::uname();
    let text = |text: &std::ffi::CStr| Value::from(text.to_string_lossy().into_owned());
    map([
        ("system", text(uname.sysname())),
        ("node", text(uname.nodename())),
        ("release", text(uname.release())),
        ("version", text(uname.version())),
        ("machine", text(uname.machine())),
        ("proc", "".into()),
        ("python", Value::Null),
    ])
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    #[test]
    fn a_document_is_read_back_as_it_was_written() {
        let mut document = Document::new("chaostoolkit-aws", "1.2.3", "AWS");
        let argument = |name: &str, default, type_name: Option<&str>| Argument {
            name: name.to_owned(),
            default,
            type_name: type_name.map(str::to_owned),
        };
        document.activities.push(Activity {
            kind: Kind::Action,
            name: "stop".to_owned(),
            module: "chaosaws.ec2.actions".to_owned(),
            doc: Some("Stops it.".to_owned()),
            arguments: vec![
                argument("id", None, Some("string")),
                argument("az", Some(Value::Null), None),
            ],
            return_type: Some("mapping".to_owned()),
        });
        let text = json::pretty(&document.to_value());
        assert_eq!(
            Document::from_value(&json::parse(&text).unwrap()),
            Ok(document.clone())
        );
        assert!(document.is_of("chaostoolkit_AWS") && document.is_of("chaosaws") && !document.is_of("aws"));
    }

    #[test]
    fn a_file_of_the_chaos_toolkit_is_read() {
        let text = r#"{"activities": [{"type": "probe", "name": "p", "mod": "m", "doc": null, "arguments":
            [{"name": "a", "default": 1, "type": "integer"}]},
            {"type": "control", "name": "after_experiment_control", "mod": "c", "arguments": []}], "system": null}"#;
        let document = Document::from_value(&json::parse(text).unwrap()).unwrap();
        assert_eq!(document.activities[0].arguments[0].default, Some(Value::Int(1)));
    }

    #[test]
    fn a_fault_is_placed() {
        let error = |text| {
            Document::from_value(&json::parse(text).unwrap())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(error("[]"), "activities: expected a list");
        assert_eq!(
            error(r#"{"activities":[{"type":"x"}]}"#),
            "activities[0].type: expected probe, action or control"
        );
        let nameless = r#"{"activities":[{"type":"probe","name":"p","mod":"m","arguments":[{}]}]}"#;
        assert_eq!(error(nameless), "activities[0].arguments[0].name: expected text");
    }
}

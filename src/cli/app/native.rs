//! The native catalogue as discovery documents: one for each Python package that it stands in for.

use std::collections::BTreeMap;

use chaos_engine::activity::{Entry, Kind};
use chaos_engine::control::ControlEntry;
use chaos_engine::value::Value;

use crate::cli::info::Extension;
use crate::discovery::{Activity, Argument, Document, Kind as Discovered};

/// The Python distributions and the kinds of targets of packages whose names do not tell them.
const DISTRIBUTIONS: [(&str, &str, &str); 6] = [
    ("chaosaddons", "chaostoolkit-addons", "chaosaddons"),
    ("chaosaws", "chaostoolkit-aws", "aws"),
    ("chaosgrafana", "chaostoolkit-grafana", "grafana"),
    ("chaosk6", "chaostoolkit-k6", "k6"),
    ("chaosterraform", "chaostoolkit-terraform", "chaosterraform"),
    ("chaostoxi", "chaostoolkit-toxiproxy", "toxiproxy"),
];

/// One document for each package of the catalogue.
pub fn documents() -> Vec<Document> {
    let catalogue = crate::catalogue();
    let activities = catalogue
        .iter()
        .map(|(module, function, entry)| activity(module, function, entry));
    let hooks = catalogue.controls().flat_map(hooks);
    let mut packages: BTreeMap<String, Vec<Activity>> = BTreeMap::new();
    for activity in activities.chain(hooks) {
        let package = activity.module.split('.').next().unwrap_or_default().to_owned();
        packages.entry(package).or_default().push(activity);
    }
    let documents = packages.into_iter().map(|(package, activities)| {
        let known = DISTRIBUTIONS.into_iter().find(|(module, ..)| *module == package);
        let (_, name, target) = known.unwrap_or((&package, &package, &package));
        let mut document = Document::new(name, env!("CARGO_PKG_VERSION"), target);
        document.activities = activities;
        document
    });
    documents.collect()
}

/// The packages that need no Python.
pub fn extensions() -> Vec<Extension> {
    let extension = |document: Document| Extension {
        summary: format!("native, {} activities", document.activities.len()),
        name: document.extension_name,
        version: document.extension_version,
        license: env!("CARGO_PKG_LICENSE").to_owned(),
    };
    documents().into_iter().map(extension).collect()
}

fn activity(module: &str, function: &str, entry: &Entry) -> Activity {
    let kind = match entry.kind {
        Kind::Action => Discovered::Action,
        Kind::Probe => Discovered::Probe,
    };
    described(kind, module, function, (entry.schema)().as_value())
}

/// The functions that the control has in Python.
fn hooks(control: &ControlEntry) -> impl Iterator<Item = Activity> {
    let schema = (control.schema)();
    let hooks = control.hooks.iter();
    hooks.map(move |hook| {
        described(
            Discovered::Control,
            control.module,
            hook.name(),
            schema.as_value(),
        )
    })
}

fn described(kind: Discovered, module: &str, function: &str, schema: &serde_json::Value) -> Activity {
    let properties = schema.get("properties").and_then(|p| p.as_object());
    let required = schema.get("required").and_then(|r| r.as_array());
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    Activity {
        kind,
        name: function.to_owned(),
        module: module.to_owned(),
        doc: schema
            .get("description")
            .and_then(|d| d.as_str())
            .map(str::to_owned),
        arguments: properties
            .into_iter()
            .flatten()
            .map(|(name, schema)| argument(name, schema, is_required(name)))
            .collect(),
        return_type: None,
    }
}

fn argument(name: &str, schema: &serde_json::Value, required: bool) -> Argument {
    let kind = match schema.get("type") {
        Some(serde_json::Value::String(kind)) => Some(kind.as_str()),
        Some(serde_json::Value::Array(kinds)) => kinds
            .iter()
            .filter_map(|kind| kind.as_str())
            .find(|kind| *kind != "null"),
        _ => None,
    };
    let portable = |kind: &str| match kind {
        "array" => "list".to_owned(),
        "object" => "mapping".to_owned(),
        other => other.to_owned(),
    };
    Argument {
        name: name.to_owned(),
        default: (!required).then(|| {
            schema
                .get("default")
                .cloned()
                .map(Value::from)
                .unwrap_or_default()
        }),
        type_name: kind.map(portable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_by_either_name_with_its_controls() {
        let documents = documents();
        let names: Vec<&str> = documents
            .iter()
            .map(|document| document.extension_name.as_str())
            .collect();
        let known = [
            "chaostoolkit-addons",
            "chaostoolkit-aws",
            "chaostoolkit-grafana",
            "chaostoolkit-k6",
            "chaostoolkit-terraform",
            "chaostoolkit-toxiproxy",
            "devlearnops",
        ];
        assert_eq!(names, known);
        let aws = &documents[1];
        assert!(aws.is_of("chaosaws") && aws.is_of("chaostoolkit-aws"));
        let upload = aws
            .activities
            .iter()
            .find(|activity| activity.kind == Discovered::Control);
        let upload = upload.unwrap();
        assert_eq!(upload.module, "chaosaws.s3.controls.upload");
        assert_eq!(upload.name, "after_experiment_control");
    }

    #[test]
    fn what_need_not_be_given_has_a_default() {
        let documents = documents();
        let mut activities = documents.iter().flat_map(|document| &document.activities);
        let stop = activities
            .find(|activity| activity.name == "stop_instances")
            .unwrap();
        let filters = stop.arguments.iter().find(|argument| argument.name == "filters");
        assert_eq!(filters.unwrap().default, Some(Value::Null));
    }
}

//! The native catalogue as discovery documents: one for each Python package that it stands in for.

use chaos_engine::activity::{Entry, Kind};
use chaos_engine::value::Value;

use crate::cli::info::Extension;
use crate::discovery::{Activity, Argument, Document, Kind as Discovered};

/// One document for each package of the catalogue.
pub fn documents() -> Vec<Document> {
    let catalogue = crate::catalogue();
    let mut documents: Vec<Document> = Vec::new();
    for (module, function, entry) in catalogue.iter() {
        let package = module.split('.').next().unwrap_or(module);
        if documents
            .last()
            .is_none_or(|document| document.extension_name != package)
        {
            documents.push(Document::new(package, env!("CARGO_PKG_VERSION"), package));
        }
        if let Some(document) = documents.last_mut() {
            document.activities.push(activity(module, function, entry));
        }
    }
    documents
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
    let schema = (entry.schema)();
    let schema = schema.as_value();
    let properties = schema.get("properties").and_then(|p| p.as_object());
    Activity {
        kind: match entry.kind {
            Kind::Action => Discovered::Action,
            Kind::Probe => Discovered::Probe,
        },
        name: function.to_owned(),
        module: module.to_owned(),
        doc: schema
            .get("description")
            .and_then(|d| d.as_str())
            .map(str::to_owned),
        arguments: properties
            .into_iter()
            .flatten()
            .map(|(name, schema)| argument(name, schema))
            .collect(),
        return_type: None,
    }
}

fn argument(name: &str, schema: &serde_json::Value) -> Argument {
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
        default: schema.get("default").cloned().map(Value::from),
        type_name: kind.map(portable),
    }
}

//! Documents: two of AWS's, and own ones.

use serde_json::{Value, json};

use super::State;
use super::content::{AMAZON, joined, owned_by_amazon};
use crate::ec2::pages::page;
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, now};

/// An own document.
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    kind: String,
    format: String,
    version_name: Option<String>,
    written: String,
    content: Value,
    created: f64,
}

fn no_document(name: &str) -> ApiError {
    ApiError::new(
        "InvalidDocument",
        format!("Document with name {name} does not exist."),
    )
}

/// The name in a name or an ARN.
fn plain(name: &str) -> &str {
    name.rsplit_once(":document/").map_or(name, |(_, name)| name)
}

/// A document's name and content.
///
/// # Errors
/// `InvalidDocument`
pub fn content(state: &State, name: &str) -> Result<(String, Value), ApiError> {
    let name = plain(name);
    let own = state.documents.get(name).map(|own| own.content.clone());
    let content = own.or_else(|| owned_by_amazon(name));
    content
        .map(|content| (name.to_owned(), content))
        .ok_or_else(|| no_document(name))
}

/// `CreateDocument`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let invalid = |message: &str| ApiError::new("ValidationException", message);
    let name = text(input, "Name").ok_or_else(|| invalid("The request must contain the parameter Name."))?;
    let written =
        text(input, "Content").ok_or_else(|| invalid("The request must contain the parameter Content."))?;
    let is_name = (3..=128).contains(&name.len())
        && name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "_.-".contains(one));
    if !is_name || name.to_lowercase().starts_with("aws") || name.to_lowercase().starts_with("amazon") {
        return Err(invalid(
            "Name must have 3 to 128 letters, digits, _, . or -, and must not begin with aws or amazon.",
        ));
    }
    if state.documents.contains_key(name) {
        return Err(ApiError::new(
            "DocumentAlreadyExists",
            format!("Document with name {name} already exists."),
        ));
    }
    let format = text(input, "DocumentFormat").unwrap_or("JSON").to_owned();
    let document = Document {
        name: name.to_owned(),
        kind: text(input, "DocumentType").unwrap_or("Command").to_owned(),
        version_name: text(input, "VersionName").map(str::to_owned),
        content: parsed(written, &format)?,
        format,
        written: written.to_owned(),
        created: now(),
    };
    let view = view(&document, region);
    state.documents.insert(name.to_owned(), document);
    Ok(json!({ "DocumentDescription": view }))
}

fn parsed(written: &str, format: &str) -> Result<Value, ApiError> {
    let refused = |error: String| {
        ApiError::new(
            "InvalidDocumentContent",
            format!("The content of the document is not valid: {error}"),
        )
    };
    let content: Value = match format {
        "JSON" => serde_json::from_str(written).map_err(|error| refused(error.to_string()))?,
        "YAML" => serde_yaml::from_str(written).map_err(|error| refused(error.to_string()))?,
        "TEXT" => Value::Null,
        other => {
            return Err(ApiError::new(
                "ValidationException",
                format!("{other} is no document format: JSON, YAML or TEXT"),
            ));
        }
    };
    if format != "TEXT" && text(&content, "schemaVersion").is_none() {
        return Err(refused("it has no schemaVersion".to_owned()));
    }
    Ok(content)
}

fn view(document: &Document, region: &Region) -> Value {
    let declared = document
        .content
        .get("parameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let parameter = |(name, one): (&String, &Value)| {
        json!({
            "Name": name,
            "Type": one.get("type"),
            "Description": one.get("description"),
            "DefaultValue": one.get("default").map(joined),
        })
    };
    json!({
        "Name": document.name,
        "VersionName": document.version_name,
        "Owner": region.settings().account,
        "CreatedDate": time(document.created),
        "Status": "Active",
        "DocumentVersion": "1",
        "LatestVersion": "1",
        "DefaultVersion": "1",
        "Description": document.content.get("description"),
        "Parameters": declared.iter().map(parameter).collect::<Vec<_>>(),
        "PlatformTypes": ["Linux"],
        "DocumentType": document.kind,
        "SchemaVersion": document.content.get("schemaVersion"),
        "DocumentFormat": document.format,
        "Tags": [],
    })
}

fn amazon_view(name: &str, region: &Region) -> Option<Value> {
    let content = owned_by_amazon(name)?;
    let (kind, format) = ("Command".to_owned(), "JSON".to_owned());
    let written = content.to_string();
    let document = Document {
        name: name.to_owned(),
        kind,
        format,
        version_name: None,
        written,
        content,
        created: 0.0,
    };
    let mut view = view(&document, region);
    view["Owner"] = json!("Amazon");
    Some(view)
}

/// `DescribeDocument`
pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let name = plain(text(input, "Name").unwrap_or_default());
    let own = state.documents.get(name).map(|document| view(document, region));
    let view = own
        .or_else(|| amazon_view(name, region))
        .ok_or_else(|| no_document(name))?;
    Ok(json!({ "Document": view }))
}

/// `GetDocument`
pub fn get(state: &State, input: &Value) -> Answer {
    let (name, content) = content(state, text(input, "Name").unwrap_or_default())?;
    let own = state.documents.get(&name);
    Ok(json!({
        "Name": name,
        "DocumentVersion": "1",
        "Status": "Active",
        "Content": own.map_or_else(|| content.to_string(), |own| own.written.clone()),
        "DocumentType": own.map_or("Command", |own| &own.kind),
        "DocumentFormat": own.map_or("JSON", |own| &own.format),
    }))
}

/// `ListDocuments`
pub fn list_all(state: &State, region: &Region, input: &Value) -> Answer {
    let amazon = AMAZON.iter().filter_map(|name| amazon_view(name, region));
    let own = state.documents.values().map(|document| view(document, region));
    let fits = |view: &Value, key: &str, values: &[String]| match key {
        "Name" => values
            .iter()
            .any(|prefix| text(view, "Name").is_some_and(|name| name.starts_with(prefix.as_str()))),
        "Owner" => values.iter().any(|owner| match owner.as_str() {
            "Self" => text(view, "Owner") != Some("Amazon"),
            "All" => true,
            owner => text(view, "Owner") == Some(owner),
        }),
        key => view
            .get(key)
            .and_then(Value::as_str)
            .is_none_or(|has| values.iter().any(|value| value == has)),
    };
    let meant = |view: &Value| {
        list(input, "Filters").iter().all(|filter| {
            fits(
                view,
                text(filter, "Key").unwrap_or_default(),
                &texts(filter, "Values"),
            )
        })
    };
    let (found, next) = page(amazon.chain(own).filter(meant).collect(), input, "MaxResults", 50)?;
    Ok(json!({ "DocumentIdentifiers": found, "NextToken": next }))
}

/// `DeleteDocument`
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let name = plain(text(input, "Name").unwrap_or_default());
    if AMAZON.contains(&name) {
        return Err(ApiError::new(
            "InvalidDocumentOperation",
            format!("{name} belongs to Amazon and cannot be deleted."),
        ));
    }
    state
        .documents
        .shift_remove(name)
        .map(|_| json!({}))
        .ok_or_else(|| no_document(name))
}

//! The reference pages of native activities, docs/activities/, made from the catalogue.

use std::collections::BTreeMap;
use std::fmt::Write;

use chaos_engine::activity::{Catalogue, Entry, Kind};
use serde_json::Value as Json;

/// Every page by its file name, the index among them.
pub fn pages(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let mut services: BTreeMap<&str, Vec<(&str, &str, &Entry)>> = BTreeMap::new();
    for (module, function, entry) in catalogue.iter() {
        services
            .entry(service(module))
            .or_default()
            .push((module, function, entry));
    }
    let mut pages: BTreeMap<String, String> = services
        .iter()
        .map(|(service, activities)| (format!("{service}.md"), page(service, activities)))
        .collect();
    pages.insert("controls.md".to_owned(), controls(catalogue));
    pages.insert("README.md".to_owned(), index(&services));
    pages
}

fn controls(catalogue: &Catalogue) -> String {
    let mut text = format!("{NOTE}\n# Controls\n");
    for control in catalogue.controls() {
        let schema = (control.schema)();
        let hooks: Vec<&str> = control.hooks.iter().map(|hook| hook.name()).collect();
        line(&mut text, format_args!("\n## {}\n", control.module));
        documented(&mut text, schema.as_value());
        line(&mut text, format_args!("Hooks: {}", code(&hooks)));
        needs(&mut text, control.iam);
    }
    text
}

/// `chaosaws.ecs` of `chaosaws.ecs.actions`.
fn service(module: &str) -> &str {
    let parent = module
        .strip_suffix(".actions")
        .or_else(|| module.strip_suffix(".probes"));
    parent.unwrap_or(module)
}

const NOTE: &str =
    "<!-- Made from the code by `UPDATE_DOCS=1 cargo test --test reference`; do not edit. -->\n";

fn index(services: &BTreeMap<&str, Vec<(&str, &str, &Entry)>>) -> String {
    let mut text = format!(
        "{NOTE}\n# Activities\n\nWhat an experiment can name without any Python on the machine, one page for each \
         service. All of them are called with `provider: {{type: python, module: …, func: …, arguments: …}}`, as in \
         the Chaos Toolkit.\n\n| service | activities |\n| --- | --- |\n"
    );
    for (service, activities) in services {
        let names: Vec<&str> = activities.iter().map(|(_, function, _)| *function).collect();
        line(
            &mut text,
            format_args!("| [{service}]({service}.md) | {} |", names.join(", ")),
        );
    }
    line(
        &mut text,
        format_args!(
            "\n[Controls](controls.md) are named with `provider: {{type: python, module: …, arguments: …}}`."
        ),
    );
    text
}

fn page(service: &str, activities: &[(&str, &str, &Entry)]) -> String {
    let mut text = format!("{NOTE}\n# {service}\n");
    for (module, function, entry) in activities {
        let schema = (entry.schema)();
        activity(&mut text, module, function, entry, schema.as_value());
    }
    text
}

fn activity(text: &mut String, module: &str, function: &str, entry: &Entry, schema: &Json) {
    let kind = match entry.kind {
        Kind::Action => "An action",
        Kind::Probe => "A probe",
    };
    line(text, format_args!("\n## {function}\n\n{kind} of `{module}`.\n"));
    documented(text, schema);
    line(text, format_args!("Returns: {}", cell(entry.returns)));
    needs(text, entry.iam);
}

fn needs(text: &mut String, actions: &[&str]) {
    if !actions.is_empty() {
        line(text, format_args!("\nIAM actions: {}", code(actions)));
    }
}

fn code(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The description and the table of arguments.
fn documented(text: &mut String, schema: &Json) {
    if let Some(description) = schema.get("description").and_then(Json::as_str) {
        line(text, format_args!("{}\n", description.trim()));
    }
    let properties = schema.get("properties").and_then(Json::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        return;
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    line(
        text,
        format_args!("| argument | type | default | meaning |\n| --- | --- | --- | --- |"),
    );
    for (name, declared) in properties {
        let default = match required.contains(&name.as_str()) {
            true => "required".to_owned(),
            false => format!("`{}`", declared.get("default").unwrap_or(&Json::Null)),
        };
        let meaning = declared
            .get("description")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let kind = type_name(declared, schema, 0);
        line(
            text,
            format_args!("| `{name}` | {kind} | {default} | {} |", cell(meaning)),
        );
    }
    line(text, format_args!(""));
}

/// The type of an argument in words: `list of text`, `mapping {Name, Values}`, …
fn type_name(declared: &Json, root: &Json, depth: usize) -> String {
    // a type may hold itself
    if depth > 4 {
        return "any".to_owned();
    }
    let of = |inner: &Json| type_name(inner, root, depth + 1);
    if let Some(reference) = declared.get("$ref").and_then(Json::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map_or("any".to_owned(), of);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(parts) = declared.get(key).and_then(Json::as_array) {
            let mut names: Vec<String> = parts
                .iter()
                .map(of)
                .filter(|name| !matches!(name.as_str(), "" | "null"))
                .collect();
            names.dedup();
            return names.join(" or ");
        }
    }
    if let Some(values) = declared.get("enum").and_then(Json::as_array) {
        let values: Vec<String> = values
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| format!("`{value}`"))
            .collect();
        return values.join(", ");
    }
    let kinds = match declared.get("type") {
        Some(Json::String(kind)) => vec![kind.as_str()],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => return "any".to_owned(),
    };
    let kinds = kinds.into_iter().filter(|kind| *kind != "null");
    let names: Vec<String> = kinds.map(|kind| plain(kind, declared, &of)).collect();
    names.join(" or ")
}

fn plain(kind: &str, declared: &Json, of: &dyn Fn(&Json) -> String) -> String {
    match kind {
        "string" => "text".to_owned(),
        "array" => format!("list of {}", declared.get("items").map_or("any".to_owned(), of)),
        "object" => match declared.get("properties").and_then(Json::as_object) {
            Some(members) => {
                let members: Vec<&str> = members.keys().map(String::as_str).collect();
                format!("mapping {{{}}}", members.join(", "))
            }
            None => "mapping".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// Text that stays in its cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // writing to a String cannot fail
    let _ = writeln!(text, "{line}");
}

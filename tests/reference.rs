//! docs/activities/ says what the code says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use chaos_starter_pack::{catalogue, reference};

fn committed(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let read = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), text)
    };
    files.map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn reference_pages_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/activities");
    let pages = reference::pages(&catalogue());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &pages {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let stale = "docs/activities is stale: UPDATE_DOCS=1 cargo test --test reference";
    let committed = committed(&folder);
    assert_eq!(
        committed.keys().collect::<Vec<_>>(),
        pages.keys().collect::<Vec<_>>(),
        "{stale}"
    );
    for (name, text) in &pages {
        assert_eq!(&committed[name], text, "{name}: {stale}");
    }
}

#[test]
fn every_activity_and_argument_is_documented() {
    let mut missing = Vec::new();
    for (module, function, entry) in catalogue().iter() {
        let schema = (entry.schema)();
        let schema = schema.as_value();
        if schema.get("description").is_none() || entry.returns.is_empty() {
            missing.push(format!("{module}.{function}"));
        }
        let arguments = schema.get("properties").and_then(|p| p.as_object());
        for (name, argument) in arguments.into_iter().flatten() {
            if argument.get("description").is_none() {
                missing.push(format!("{module}.{function}({name})"));
            }
        }
    }
    assert!(missing.is_empty(), "without documentation: {missing:?}");
}

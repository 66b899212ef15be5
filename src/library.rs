//! A folder of experiments at a glance: what each is called, what it hits, its contexts and how long it takes.

use std::path::{Path, PathBuf};

use chaos_engine::document::source::read_file;
use chaos_engine::host::Host;
use chaos_engine::value::Value;

use crate::conf::{CONFIG_NAME, RunRequest, Source, contexts};

/// The extension object of an experiment in which we say more of it than the Chaos Toolkit's format has keys for:
/// `{name: chaos-starter-pack, hits: ECS service, expected_duration: {lab: 30s, live: 6m}}`.
const EXTENSION: &str = "chaos-starter-pack";

/// One experiment of a library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The folder of its experiment.conf, as a command line takes it.
    pub folder: PathBuf,
    /// Its title; what is wrong with it where it cannot be read.
    pub title: String,
    /// What it does harm to.
    pub hits: String,
    /// Its contexts besides DEFAULT.
    pub contexts: Vec<String>,
    /// How long a run takes: context and text.
    pub durations: Vec<(String, String)>,
}

/// The experiments below a folder, by path. Folders that begin with `_` or `.` are templates and not shown.
pub fn survey(host: &Host, root: &Path) -> Vec<Entry> {
    let mut folders = Vec::new();
    find(&host.resolve(root), root, &mut folders);
    folders.sort();
    folders.into_iter().map(|folder| entry(host, folder)).collect()
}

fn find(real: &Path, shown: &Path, found: &mut Vec<PathBuf>) {
    if real.join(CONFIG_NAME).is_file() {
        found.push(shown.to_owned());
        return;
    }
    for file in std::fs::read_dir(real).into_iter().flatten().flatten() {
        let name = file.file_name();
        let hidden = name.to_string_lossy().starts_with(['_', '.']);
        if !hidden && file.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&file.path(), &shown.join(&name), found);
        }
    }
}

fn entry(host: &Host, folder: PathBuf) -> Entry {
    match described(host, &folder) {
        Ok(entry) => Entry { folder, ..entry },
        Err(fault) => Entry {
            folder,
            title: format!("cannot be read: {fault}"),
            ..Entry::default()
        },
    }
}

fn described(host: &Host, folder: &Path) -> Result<Entry, String> {
    let mut contexts = contexts(host, folder).map_err(|error| error.to_string())?;
    contexts.retain(|context| context != crate::conf::ini::DEFAULT);
    let request =
        RunRequest::load(host, folder, None, &Default::default()).map_err(|error| error.to_string())?;
    let Source::File(path) = request.experiment else {
        return Ok(Entry {
            title: request.experiment.to_string(),
            contexts,
            ..Entry::default()
        });
    };
    let (_, document) = read_file(&path).map_err(|error| error.to_string())?;
    let ours = ours(&document);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let durations = ours.and_then(|ours| ours.get("expected_duration")?.as_map());
    Ok(Entry {
        folder: PathBuf::new(),
        title: text(document.get("title")),
        hits: text(ours.and_then(|ours| ours.get("hits"))),
        contexts,
        durations: durations
            .into_iter()
            .flatten()
            .map(|(context, length)| (context.clone(), text(Some(length))))
            .collect(),
    })
}

fn ours(document: &Value) -> Option<&Value> {
    let extensions = document.get("extensions")?.as_list()?;
    extensions
        .iter()
        .find(|extension| extension.get("name").and_then(Value::as_str) == Some(EXTENSION))
}

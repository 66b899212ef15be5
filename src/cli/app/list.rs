//! `start-chaos list`: the experiments of a library as a table.

use std::fmt::Write as _;
use std::path::Path;

use chaos_engine::host::Host;

use super::complain;
use super::start::print;
use crate::exit;
use crate::library::{Entry, survey};

/// Shows the experiments below a folder.
pub fn list(host: &Host, folder: &Path) -> u8 {
    if !host.resolve(folder).is_dir() {
        return complain(&format!(
            "error: {} is no folder: name the library, as in `start-chaos list library`\n",
            folder.display()
        ));
    }
    match survey(host, folder) {
        entries if entries.is_empty() => {
            complain(&format!(
                "error: there is no experiment.conf below {}\n",
                folder.display()
            ));
            exit::USAGE
        }
        entries => print(&table(&entries)),
    }
}

fn table(entries: &[Entry]) -> String {
    let rows: Vec<[String; 5]> = entries.iter().map(row).collect();
    let head = ["EXPERIMENT", "HITS", "CONTEXTS", "TAKES", "TITLE"].map(str::to_owned);
    let width = |column: usize| {
        rows.iter()
            .chain([&head])
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    let mut out = String::new();
    for row in [&head].into_iter().chain(&rows) {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:width$}  ");
        }
        let _ = writeln!(out, "{}", row[4]);
    }
    out
}

fn row(entry: &Entry) -> [String; 5] {
    let durations: Vec<String> = entry
        .durations
        .iter()
        .map(|(context, length)| format!("{context} {length}"))
        .collect();
    [
        entry.folder.display().to_string(),
        entry.hits.clone(),
        entry.contexts.join(", "),
        durations.join(", "),
        entry.title.clone(),
    ]
}

//! What a run's folder in the bucket is named after: the journal's start time and the experiment's title.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use chaos_engine::value::{json, python};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;

use super::error::Cause;

/// How many characters of the title's slug are kept.
const SLUG_LENGTH: usize = 50;

/// Start and title of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunHead {
    pub start: DateTime<Utc>,
    pub title: String,
}

#[derive(Deserialize)]
struct Journal {
    start: String,
    experiment: Experiment,
}

#[derive(Deserialize)]
struct Experiment {
    title: String,
}

impl RunHead {
    /// Reads the head out of the journal at `path`.
    ///
    /// # Errors
    /// When the file is unreadable, or no journal.
    pub fn of_journal(path: &Path) -> Result<Self, Cause> {
        let unreadable = |source| Cause::LocalFile {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let journal = match serde_json::from_reader::<_, Journal>(BufReader::new(file)) {
            Ok(journal) => Some((journal.start, journal.experiment.title)),
            // A title may be a number, and a journal may hold NaN and Infinity, as Python writes them: the engine's JSON.
            Err(_) => std::fs::read_to_string(path)
                .map_err(unreadable)
                .map(|text| parse(&text))?,
        };
        let head = journal.and_then(|(start, title)| {
            Some(Self {
                start: moment(&start)?,
                title,
            })
        });
        head.ok_or_else(|| Cause::NotAJournal {
            path: path.to_owned(),
        })
    }

    /// `YYYYMMDD_HHMMSS_title-slug`, in UTC; with `-2`, `-3`, … behind it for further runs of that second and title.
    pub fn folder(&self, number: u32) -> String {
        let slug = slug::slugify(&self.title);
        // Slugs are ASCII, so bytes are characters.
        let slug = slug[..slug.len().min(SLUG_LENGTH)].trim_end_matches('-');
        let slug = if slug.is_empty() { "experiment" } else { slug };
        let name = format!("{}_{slug}", self.start.format("%Y%m%d_%H%M%S"));
        match number {
            0 | 1 => name,
            _ => format!("{name}-{number}"),
        }
    }
}

fn parse(text: &str) -> Option<(String, String)> {
    let journal = json::parse(text).ok()?;
    let title = python::text(journal.get("experiment")?.get("title")?);
    Some((journal.get("start")?.as_str()?.to_owned(), title))
}

/// An ISO time; without an offset it is UTC, as older Chaos Toolkits wrote it.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let naive = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc());
    with_offset.or_else(|_| naive()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(start: &str, title: &str) -> RunHead {
        let (start, title) = (moment(start).unwrap(), title.to_owned());
        RunHead { start, title }
    }

    #[test]
    fn the_folder_is_named_in_utc_and_after_the_title() {
        let head = head("2024-03-01T23:30:05.123456-02:00", "Does it *survive* Ünïcode?");
        assert_eq!(head.folder(1), "20240302_013005_does-it-survive-unicode");
        assert_eq!(head.folder(3), "20240302_013005_does-it-survive-unicode-3");
    }

    #[test]
    fn the_slug_is_cut_and_never_ends_in_a_dash_or_nothing() {
        let long = head("2024-03-01T00:00:00", &format!("{} tail", "x".repeat(49)));
        assert_eq!(long.folder(1), format!("20240301_000000_{}", "x".repeat(49)));
        let cut = head("2024-03-01T00:00:00+00:00", &"ab ".repeat(40));
        assert_eq!(cut.folder(1).len(), "20240301_000000_".len() + 50);
        assert_eq!(
            head("2024-03-01T00:00:00Z", "!!!").folder(1),
            "20240301_000000_experiment"
        );
    }

    #[test]
    fn a_journal_with_nan_is_a_journal_and_other_files_are_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let journal =
            r#"{"experiment": {"title": "T"}, "start": "2024-01-02T03:04:05.6+00:00", "run": [NaN]}"#;
        std::fs::write(file.path(), journal).unwrap();
        assert_eq!(
            RunHead::of_journal(file.path()).unwrap().folder(1),
            "20240102_030405_t"
        );
        let number = r#"{"experiment": {"title": 3}, "start": "2024-01-02T03:04:05"}"#;
        std::fs::write(file.path(), number).unwrap();
        assert_eq!(
            RunHead::of_journal(file.path()).unwrap().folder(1),
            "20240102_030405_3"
        );
        for bad in [
            "{}",
            "[",
            "{\"start\": \"now\", \"experiment\": {\"title\": \"T\"}}",
        ] {
            std::fs::write(file.path(), bad).unwrap();
            assert!(
                matches!(RunHead::of_journal(file.path()), Err(Cause::NotAJournal { .. })),
                "{bad}"
            );
        }
    }
}

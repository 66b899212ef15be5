//! The journal of a run that is over, on its way to a file.

use std::io::{self, Write};

use super::record::Record;
use super::{Journal, Status};
use crate::value::{Map, Value, json, map, python};

/// A journal that is complete. It is written piece by piece: built up whole, it would be held twice.
#[derive(Clone, Debug)]
pub enum Ended {
    /// As hooks of controls saw it, and may have changed it.
    Whole(Map),
    /// Still in its parts, with the experiment as it is now.
    Parts(Box<Journal>, Map),
}

/// What may still be done to each piece before it is written.
pub type Masking<'a> = &'a dyn Fn(Value) -> Value;

impl Ended {
    /// The journal as one document.
    pub fn into_map(self) -> Map {
        match self {
            Self::Whole(journal) => journal,
            Self::Parts(journal, experiment) => journal.into_map(&experiment),
        }
    }

    /// What there is to say of the run in a few lines: everything but the records, and of the experiment its title.
    pub fn summary(&self) -> Map {
        match self {
            Self::Whole(journal) => {
                let kept = journal
                    .iter()
                    .filter(|(key, _)| !matches!(key.as_str(), "run" | "rollbacks" | "experiment"));
                let mut summary: Map = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
                let title = journal
                    .get("experiment")
                    .and_then(|experiment| experiment.get("title"));
                summary.insert("experiment".to_owned(), titled(title.cloned()));
                summary
            }
            Self::Parts(journal, experiment) => {
                let mut entries = journal.experiment.entries(experiment);
                let title = entries
                    .find(|(key, _)| *key == "title")
                    .map(|(_, value)| value.clone());
                let mut summary = journal.head();
                summary.insert("experiment".to_owned(), titled(title));
                summary.extend(journal.footer.clone());
                summary
            }
        }
    }

    /// Writes it with two spaces a level, as the Chaos Toolkit does.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: &mut dyn Write, masking: Option<Masking<'_>>) -> io::Result<()> {
        let mut pieces = Pieces {
            out,
            text: String::new(),
            first: true,
            masking,
        };
        match self {
            Self::Whole(journal) => {
                journal
                    .iter()
                    .try_for_each(|(key, value)| pieces.entry(key, value))?;
            }
            Self::Parts(journal, experiment) => pieces.parts(journal, experiment)?,
        }
        pieces.end()
    }
}

fn titled(title: Option<Value>) -> Value {
    map([("title", title.unwrap_or_default())]).into()
}

impl Journal {
    /// Everything that stands before the records, the experiment left out.
    pub(super) fn head(&self) -> Map {
        let mut head = self.header.clone();
        head.insert("start".to_owned(), self.start.clone().into());
        head.insert("status".to_owned(), self.status.map(Status::name).into());
        head.insert("deviated".to_owned(), self.deviated.into());
        let states = map([
            ("before", self.before.clone()),
            ("after", self.after.clone()),
            ("during", Value::List(self.during.clone())),
        ]);
        head.insert("steady_states".to_owned(), states.into());
        head
    }
}

/// A JSON object whose entries are written one by one.
struct Pieces<'a> {
    out: &'a mut dyn Write,
    text: String,
    first: bool,
    masking: Option<Masking<'a>>,
}

/// When what is collected goes on its way.
const ENOUGH: usize = 64 * 1024;

impl Pieces<'_> {
    fn parts(&mut self, journal: &Journal, experiment: &Map) -> io::Result<()> {
        for (key, value) in &journal.header {
            self.entry(key, value)?;
        }
        self.experiment(journal, experiment)?;
        for (key, value) in journal.head().iter().skip(journal.header.len()) {
            self.entry(key, value)?;
        }
        self.records("run", &journal.run)?;
        self.records("rollbacks", &journal.rollbacks)?;
        journal
            .footer
            .iter()
            .try_for_each(|(key, value)| self.entry(key, value))
    }

    fn experiment(&mut self, journal: &Journal, experiment: &Map) -> io::Result<()> {
        self.key("experiment");
        self.text.push('{');
        let mut first = true;
        for (key, value) in journal.experiment.entries(experiment) {
            self.separate(&mut first, 2);
            json::write_text(&mut self.text, key);
            self.text.push_str(": ");
            match value {
                Value::List(items) => self.items(items.iter(), 2)?,
                other => self.value(other, 2),
            }
        }
        self.close(first, 1, '}');
        self.flush(ENOUGH)
    }

    fn records(&mut self, key: &str, records: &[Record]) -> io::Result<()> {
        self.key(key);
        self.items(records.iter().map(Record::to_value), 1)
    }

    fn items<V: std::borrow::Borrow<Value>>(
        &mut self,
        items: impl Iterator<Item = V>,
        depth: usize,
    ) -> io::Result<()> {
        self.text.push('[');
        let mut first = true;
        for item in items {
            self.separate(&mut first, depth + 1);
            self.value(item.borrow(), depth + 1);
            self.flush(ENOUGH)?;
        }
        self.close(first, depth, ']');
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Value) -> io::Result<()> {
        self.key(key);
        self.value(value, 1);
        self.flush(ENOUGH)
    }

    fn key(&mut self, key: &str) {
        self.text.push_str(if self.first { "{" } else { "," });
        self.first = false;
        json::new_line(&mut self.text, 1);
        json::write_text(&mut self.text, key);
        self.text.push_str(": ");
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match self.masking {
            Some(masking) => json::write(&mut self.text, &masking(value.clone()), Some(depth)),
            None => json::write(&mut self.text, value, Some(depth)),
        }
    }

    fn separate(&mut self, first: &mut bool, depth: usize) {
        if !std::mem::take(first) {
            self.text.push(',');
        }
        json::new_line(&mut self.text, depth);
    }

    fn close(&mut self, empty: bool, depth: usize, bracket: char) {
        if !empty {
            json::new_line(&mut self.text, depth);
        }
        self.text.push(bracket);
    }

    fn flush(&mut self, limit: usize) -> io::Result<()> {
        if self.text.len() >= limit {
            self.out.write_all(self.text.as_bytes())?;
            self.text.clear();
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.text.push_str(if self.first { "{}" } else { "\n}" });
        self.flush(0)
    }
}

/// Did the run complete, and not deviate?
pub fn is_fine(summary: &Map) -> bool {
    let deviated = summary.get("deviated").is_some_and(python::truthy);
    summary.get("status").and_then(Value::as_str) == Some(Status::Completed.name()) && !deviated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Shown;

    fn parts() -> (Journal, Map) {
        let experiment =
            json::parse(r#"{"title": "t", "method": [{"a": 1}, {}], "tags": [], "x": {"y": null}}"#);
        let experiment = experiment.unwrap().as_map().unwrap().clone();
        let mut journal = Journal::begin(Shown::of(&experiment), chrono::DateTime::UNIX_EPOCH);
        let mut record = Record::Open(map([("output", "é".into()), ("duration", 0.5.into())]));
        record.close();
        journal.run = vec![record, Record::Open(Map::new())];
        journal.status = Some(Status::Completed);
        journal.finish(chrono::DateTime::UNIX_EPOCH, 1.0);
        (journal, experiment)
    }

    #[test]
    fn pieces_add_up_to_the_whole() {
        let (journal, experiment) = parts();
        let whole = Value::Map(journal.clone().into_map(&experiment));
        let mut written = Vec::new();
        let ended = Ended::Parts(Box::new(journal), experiment);
        ended.write(&mut written, None).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), json::pretty(&whole));
        let mut again = Vec::new();
        Ended::Whole(ended.clone().into_map())
            .write(&mut again, None)
            .unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), json::pretty(&whole));
        assert!(is_fine(&ended.summary()));
        assert_eq!(
            ended.summary().get("experiment"),
            Ended::Whole(ended.into_map()).summary().get("experiment")
        );
    }

    #[test]
    fn every_piece_is_masked() {
        let (journal, experiment) = parts();
        let mask = |value: Value| match value {
            Value::Text(_) => "***".into(),
            other => other,
        };
        let mut written = Vec::new();
        Ended::Parts(Box::new(journal), experiment)
            .write(&mut written, Some(&mask))
            .unwrap();
        let written = json::parse(&String::from_utf8(written).unwrap()).unwrap();
        assert_eq!(
            written.get("experiment").unwrap().get("title"),
            Some(&"***".into())
        );
    }
}

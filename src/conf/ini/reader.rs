//! Lines to sections: configparser's reader, with its rules about indentation, comments and empty lines.

use std::collections::{BTreeMap, HashMap};

use ini::Ini;

use super::SyntaxFault;

type Fault = (usize, SyntaxFault);
type KeyLines = HashMap<(String, String), usize>;

/// The sections of `text` and, by (section, key), the line of each key.
pub(super) fn read(text: &str) -> Result<(Ini, KeyLines), Fault> {
    let mut reader = Reader::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in universal_lines(text).enumerate() {
        reader.line(index + 1, line)?;
    }
    Ok(reader.finish())
}

/// Python's text mode ends a line at LF, CR LF and a lone CR.
fn universal_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    })
}

/// What Python's `str.strip` and `\s` take for blank: Unicode's blanks and the four separators of ASCII.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

struct Entry {
    section: String,
    key: String,
    lines: Vec<String>,
}

#[derive(Default)]
struct Reader {
    sections: Vec<(String, usize)>,
    current: Option<String>,
    /// Whether a continuation line may follow: a header ends the value before it.
    in_value: bool,
    /// How many blanks stand before the last header or key.
    indent: usize,
    entries: Vec<Entry>,
    lines: KeyLines,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Fault> {
        let content = line.trim_matches(is_blank);
        if content.starts_with(['#', ';']) {
            return Ok(());
        }
        if content.is_empty() {
            self.continue_value("");
            return Ok(());
        }
        let indent = line.chars().take_while(|c| is_blank(*c)).count();
        if self.in_value && indent > self.indent {
            self.continue_value(content);
            return Ok(());
        }
        self.indent = indent;
        let outcome = match (header(content), &self.current) {
            (Some(name), _) => self.open_section(number, name),
            (None, Some(section)) => self.open_value(number, section.clone(), content),
            (None, None) => Err(SyntaxFault::NoSection),
        };
        outcome.map_err(|fault| (number, fault))
    }

    fn continue_value(&mut self, content: &str) {
        if let Some(entry) = self.entries.last_mut().filter(|_| self.in_value) {
            entry.lines.push(content.to_owned());
        }
    }

    fn open_section(&mut self, number: usize, name: &str) -> Result<(), SyntaxFault> {
        let known = self.sections.iter().find(|(known, _)| known == name);
        match known {
            // DEFAULT may be opened again; its keys must still differ.
            Some(_) if name == super::DEFAULT => {}
            Some((_, first)) => {
                let (name, first) = (name.to_owned(), *first);
                return Err(SyntaxFault::DuplicateSection { name, first });
            }
            None => self.sections.push((name.to_owned(), number)),
        }
        self.current = Some(name.to_owned());
        self.in_value = false;
        Ok(())
    }

    fn open_value(&mut self, number: usize, section: String, content: &str) -> Result<(), SyntaxFault> {
        let (key, value) = content.split_once(['=', ':']).ok_or(SyntaxFault::NotAnOption)?;
        let key = key.trim_end_matches(is_blank).to_lowercase();
        if key.is_empty() {
            return Err(SyntaxFault::NoKey);
        }
        let place = (section.clone(), key.clone());
        if let Some(&first) = self.lines.get(&place) {
            return Err(SyntaxFault::DuplicateKey { section, key, first });
        }
        self.lines.insert(place, number);
        let lines = vec![value.trim_matches(is_blank).to_owned()];
        self.entries.push(Entry { section, key, lines });
        self.in_value = true;
        Ok(())
    }

    fn finish(self) -> (Ini, KeyLines) {
        let mut values: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in self.entries {
            values.entry(entry.section.clone()).or_default().push(entry);
        }
        let mut ini = Ini::new();
        for (name, _) in self.sections {
            let entries = values.remove(&name).unwrap_or_default();
            let properties = ini.entry(Some(name)).or_insert_with(Default::default);
            for entry in entries {
                let value = entry.lines.join("\n");
                properties.insert(entry.key, value.trim_end_matches(is_blank));
            }
        }
        (ini, self.lines)
    }
}

/// The name in `[name]`: everything up to the last bracket of the line, whatever follows it.
fn header(content: &str) -> Option<&str> {
    let rest = content.strip_prefix('[')?;
    let name = &rest[..rest.rfind(']')?];
    (!name.is_empty()).then_some(name)
}

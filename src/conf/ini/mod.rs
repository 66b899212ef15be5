//! INI files with the meaning that Python's `configparser.ConfigParser()` gives them.
//!
//! What must hold, for every text: this module accepts it exactly when Python 3.11's parser with its default
//! settings does (a byte order mark aside, which is skipped here), and gives the same values. The test
//! `tests/configparser.rs` compares the two.

mod interpolation;
mod reader;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ini::{Ini, Properties};

pub use interpolation::references;

/// The section that all others inherit from.
pub const DEFAULT: &str = "DEFAULT";

/// Why an INI file or one of its values cannot be read. Values are not shown: they may be secrets.
#[derive(Debug, thiserror::Error)]
pub enum IniError {
    /// The file is missing or unreadable.
    #[error("cannot read the configuration file {}: {source}; name an experiment.conf, or the folder that holds one", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The file's text breaks the format at a line.
    #[error("{}:{line}: {fault}", path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        fault: SyntaxFault,
    },
    /// A value's `%` cannot be resolved.
    #[error("{}:{line}: [{section}] {key}: {fault}", path.display())]
    Interpolation {
        path: PathBuf,
        line: usize,
        section: String,
        key: String,
        fault: InterpolationFault,
    },
}

/// What is wrong with a line of the file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxFault {
    #[error("the text is not UTF-8; save the file as UTF-8")]
    NotUtf8,
    #[error("no section yet: start the file with a section header such as [DEFAULT]")]
    NoSection,
    #[error("neither a [section], nor `key = value`, nor a value's indented continuation")]
    NotAnOption,
    #[error("the key before the `=` or `:` is missing")]
    NoKey,
    #[error("section [{name}] is already there at line {first}; merge the two")]
    DuplicateSection { name: String, first: usize },
    #[error("key '{key}' is already in section [{section}] at line {first}; remove one of them")]
    DuplicateKey {
        section: String,
        key: String,
        first: usize,
    },
}

/// What is wrong with a `%` in a value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpolationFault {
    #[error("a lone `%`: write `%%` for a percent sign, or `%(name)s` for the value of another key")]
    LonePercent,
    #[error("a reference that does not end in `)s`: write `%(name)s`, or `%%(` for the text itself")]
    Unterminated,
    #[error("%({name})s names a key that neither this section nor [DEFAULT] has")]
    Missing { name: String },
    #[error("references nest deeper than 10 levels: does one lead back to itself?")]
    TooDeep,
}

/// A file as read: sections of raw values, and the line where each of them began.
///
/// The container is rust-ini's; its reader (0.21, with indented multi-line values on) is not used: of the 629 files of
/// `tests/configparser.rs` it reads 241 as configparser does. It accepts keys before any section and duplicates of sections and keys; makes
/// comment lines part of the value or of the next key; and takes every indented line for a continuation where Python compares with
/// the indentation of the key, so that keys indented alike run into one. No option of it changes that.
#[derive(Debug)]
pub struct IniFile {
    path: PathBuf,
    raw: Ini,
    lines: HashMap<(String, String), usize>,
}

impl IniFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it is unreadable, not UTF-8, or not in the format; the message has file and line.
    pub fn read(path: &Path) -> Result<Self, IniError> {
        let bytes = std::fs::read(path).map_err(|source| IniError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| IniError::Syntax {
            path: path.to_owned(),
            line: 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count(),
            fault: SyntaxFault::NotUtf8,
        })?;
        Self::parse(path, text)
    }

    /// Reads `text`, which came from `path`.
    ///
    /// # Errors
    /// When it is not in the format; the message has file and line.
    pub fn parse(path: &Path, text: &str) -> Result<Self, IniError> {
        let (raw, lines) = reader::read(text).map_err(|(line, fault)| IniError::Syntax {
            path: path.to_owned(),
            line,
            fault,
        })?;
        let path = path.to_owned();
        Ok(Self { path, raw, lines })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the sections in the order of the file, without DEFAULT.
    pub fn sections(&self) -> Vec<&str> {
        self.raw
            .sections()
            .flatten()
            .filter(|name| *name != DEFAULT)
            .collect()
    }

    /// The section of that name, with what it inherits from DEFAULT. DEFAULT itself is always there.
    pub fn section<'a>(&'a self, name: &'a str) -> Option<Section<'a>> {
        let own = match name {
            DEFAULT => None,
            _ => Some(self.raw.section(Some(name))?),
        };
        let defaults = self.raw.section(Some(DEFAULT));
        Some(Section {
            file: self,
            name,
            own,
            defaults,
        })
    }
}

/// A section's values together with those of DEFAULT.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    file: &'a IniFile,
    name: &'a str,
    own: Option<&'a Properties>,
    defaults: Option<&'a Properties>,
}

impl<'a> Section<'a> {
    /// The section's name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// All keys, lower-cased: those of DEFAULT, then those that only the section has.
    pub fn keys(&self) -> Vec<&'a str> {
        let inherited = self.defaults.into_iter().flat_map(Properties::iter);
        let new = self.own.into_iter().flat_map(Properties::iter);
        let new = new.filter(|(key, _)| !self.defaults.is_some_and(|defaults| defaults.contains_key(*key)));
        inherited.chain(new).map(|(key, _)| key).collect()
    }

    /// The value as written, before `%` is resolved. `key` in lower case.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        self.holder(key).and_then(|(_, properties)| properties.get(key))
    }

    /// The value with every `%(name)s` and `%%` resolved; none if neither the section nor DEFAULT has the key.
    ///
    /// # Errors
    /// When a `%` is out of place, names an unknown key, or leads back to itself.
    pub fn get(&self, key: &str) -> Result<Option<String>, IniError> {
        let Some(raw) = self.raw(key) else {
            return Ok(None);
        };
        let lookup = |name: &str| self.raw(name);
        let resolved = interpolation::resolve(raw, &lookup).map_err(|fault| IniError::Interpolation {
            path: self.file.path.clone(),
            line: self.line(key),
            section: self.name.to_owned(),
            key: key.to_owned(),
            fault,
        })?;
        Ok(Some(resolved))
    }

    /// The line where the key stands, in the section or in DEFAULT; 0 if in neither.
    pub fn line(&self, key: &str) -> usize {
        let place = |section: &str| (section.to_owned(), key.to_owned());
        let found = self
            .holder(key)
            .and_then(|(section, _)| self.file.lines.get(&place(section)));
        found.copied().unwrap_or_default()
    }

    fn holder(&self, key: &str) -> Option<(&'a str, &'a Properties)> {
        let own = self.own.map(|properties| (self.name, properties));
        let defaults = self.defaults.map(|properties| (DEFAULT, properties));
        let mut candidates = own.into_iter().chain(defaults);
        candidates.find(|(_, properties)| properties.contains_key(key))
    }
}

#[cfg(test)]
mod tests;

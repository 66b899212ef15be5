//! `chaos discover`: writes down what an extension offers.

use std::path::{Path, PathBuf};

use chaos_engine::value::json;

use crate::discovery::{Document, DocumentError};

/// A discovery file that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Writing failed.
    #[error("cannot write the discovery to '{}': {source}; name another file with --discovery-path", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Reading failed.
    #[error("cannot read the discovery file '{}': {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not JSON.
    #[error("the discovery file '{}' is not JSON: {source}; make it anew with `chaos discover`", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What and where.
        source: json::JsonError,
    },
    /// It is something else.
    #[error("the discovery file '{}' is not one, at {source}; make it anew with `chaos discover`", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What and where.
        source: DocumentError,
    },
}

/// The native extension that `package` names, if there is one; any other package is Python's.
pub fn native<'a>(package: &str, catalogue: &'a [Document]) -> Option<&'a Document> {
    catalogue.iter().find(|document| document.is_of(package))
}

/// Writes a discovery file and says so in the log.
///
/// # Errors
/// [`DiscoverError::Write`].
pub fn save(document: &Document, path: &Path) -> Result<(), DiscoverError> {
    std::fs::write(path, json::pretty(&document.to_value())).map_err(|source| DiscoverError::Write {
        path: path.to_owned(),
        source,
    })?;
    tracing::info!("Discovery outcome saved in {}", path.display());
    Ok(())
}

/// Reads a discovery file; `None` when there is none.
///
/// # Errors
/// For a file that is there and cannot be used.
pub fn load(path: &Path) -> Result<Option<Document>, DiscoverError> {
    let named = || path.to_owned();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(DiscoverError::Read {
                path: named(),
                source,
            });
        }
    };
    let value = json::parse(&text).map_err(|source| DiscoverError::Json {
        path: named(),
        source,
    })?;
    let document = Document::from_value(&value);
    document.map(Some).map_err(|source| DiscoverError::Document {
        path: named(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_discovery_is_loaded_again_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("discovery.json");
        assert_eq!(load(&path).unwrap(), None);
        let document = Document::new("chaostoolkit-x", "1", "X");
        save(&document, &path).unwrap();
        assert_eq!(load(&path).unwrap().as_ref(), Some(&document));
        assert!(native("Chaostoolkit_X", &[document]).is_some());
    }

    #[test]
    fn files_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.json");
        for (content, why) in [("{", "not JSON"), ("{}", "activities")] {
            std::fs::write(&path, content).unwrap();
            let error = load(&path).unwrap_err().to_string();
            assert!(error.contains("d.json") && error.contains(why), "{error}");
        }
        let error = save(&Document::new("x", "1", "X"), &path.join("below"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("--discovery-path"), "{error}");
    }
}

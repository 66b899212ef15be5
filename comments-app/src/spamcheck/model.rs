//! A linear model: each feature that it knows adds its weight, and the sum makes a probability.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::features;

/// The file in a folder of models.
const FILE: &str = "spam-model.json";
/// The model that was trained with `cargo run -p comments-app --example train_spam_model`.
const BUILT_IN: &str = include_str!("../../model/spam-model.json");

/// A model that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is there, but cannot be read.
    #[error("MODELS_LOCATION: cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// It is not what this version writes.
    #[error(
        "MODELS_LOCATION: {place} is no model: {cause}. Make one with `cargo run -p comments-app --example train_spam_model`."
    )]
    Format { place: String, cause: serde_json::Error },
}

/// Weights by feature, from a logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What the sum begins with.
    pub intercept: f64,
    /// Above 0 for spam.
    pub weights: BTreeMap<String, f64>,
}

impl Model {
    /// The model in a file or folder, or else the built-in one: also when nothing is there, because the live deployment names a
    /// folder that may never be filled.
    pub fn load(location: Option<&Path>) -> Result<Self, ModelError> {
        let Some(location) = location else {
            return Self::built_in();
        };
        let path = if location.is_dir() {
            location.join(FILE)
        } else {
            location.to_owned()
        };
        match fs::read_to_string(&path) {
            Ok(text) => {
                info!(path = %path.display(), "using this model");
                Self::parse(&text, &path.display().to_string())
            }
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                warn!(path = %path.display(), "MODELS_LOCATION has no model: using the built-in one");
                Self::built_in()
            }
            Err(cause) => Err(ModelError::Read { path, cause }),
        }
    }

    /// The model that is part of the program.
    pub fn built_in() -> Result<Self, ModelError> {
        Self::parse(BUILT_IN, "the built-in file")
    }

    fn parse(text: &str, place: &str) -> Result<Self, ModelError> {
        serde_json::from_str(text).map_err(|cause| ModelError::Format {
            place: place.to_owned(),
            cause,
        })
    }

    /// How likely it is that a text is spam, from 0 to 1.
    pub fn score(&self, text: &str) -> f64 {
        let known = features(text);
        let weights = known.iter().filter_map(|feature| self.weights.get(feature));
        let sum = self.intercept + weights.sum::<f64>();
        1.0 / (1.0 + (-sum).exp())
    }

    /// Whether a text is rather spam than not.
    pub fn is_spam(&self, text: &str) -> bool {
        self.score(text) > 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let built_in = Model::built_in().unwrap();
        assert_eq!(Model::load(Some(folder.path())).unwrap(), built_in);
        let file = folder.path().join(FILE);
        fs::write(&file, r#"{"intercept":-1.0,"weights":{"cheese":2.0}}"#).unwrap();
        for location in [folder.path(), &file] {
            let model = Model::load(Some(location)).unwrap();
            assert!(model.is_spam("Cheese, cheese!") && !model.is_spam("bread"));
        }
        fs::write(&file, "[]").unwrap();
        let told = Model::load(Some(&file)).unwrap_err().to_string();
        assert!(told.contains("MODELS_LOCATION") && told.contains(FILE), "{told}");
    }

    #[test]
    fn scores_are_probabilities() {
        let model = Model::built_in().unwrap();
        for text in ["", "hello", &"WIN CASH NOW! ".repeat(500)] {
            assert!((0.0..=1.0).contains(&model.score(text)));
        }
    }
}

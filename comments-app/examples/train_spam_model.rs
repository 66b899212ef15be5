//! Trains spamcheck's model on `model/ham.txt` and `model/spam.txt`, and tells how good it is on texts that it did not see.
//!
//! `cargo run -p comments-app --example train_spam_model` writes `model/spam-model.json`. No chance is involved.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

use comments_app::spamcheck::{Model, features};
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};

/// Each fifth text is held out.
const FOLD: usize = 5;
/// A feature of a single text says little.
const LEAST_TEXTS: usize = 2;
/// Keeps the weights small: words that are in few texts decide nothing alone.
const REGULARIZATION: f64 = 0.5;

type Text = (String, bool);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("model");
    let (held_out, seen) = split(&folder)?;
    let model = train(&seen)?;
    let mut json = serde_json::to_string_pretty(&model)?;
    json.push('\n');
    fs::write(folder.join("spam-model.json"), json)?;
    let mut out = stdout().lock();
    writeln!(out, "{} features from {} texts", model.weights.len(), seen.len())?;
    report(&mut out, "seen", &model, &seen)?;
    report(&mut out, "held out", &model, &held_out)?;
    report(&mut out, "library", &model, &library()?)?;
    Ok(())
}

/// The texts that are held out, and those to learn from.
fn split(folder: &Path) -> Result<(Vec<Text>, Vec<Text>), Box<dyn Error>> {
    let mut parts = (Vec::new(), Vec::new());
    for (name, is_spam) in [("ham.txt", false), ("spam.txt", true)] {
        let texts = fs::read_to_string(folder.join(name))?;
        for (place, text) in texts.lines().enumerate() {
            let part = if place % FOLD == FOLD - 1 {
                &mut parts.0
            } else {
                &mut parts.1
            };
            part.push((text.to_owned(), is_spam));
        }
    }
    Ok(parts)
}

/// The texts of the load scripts: nothing is learned from them.
fn library() -> Result<Vec<Text>, Box<dyn Error>> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../library/load-generation/data"
    ));
    let mut texts = Vec::new();
    for (name, is_spam) in [("comments.json", false), ("spam.json", true)] {
        let comments: Vec<BTreeMap<String, String>> =
            serde_json::from_str(&fs::read_to_string(folder.join(name))?)?;
        texts.extend(
            comments
                .into_iter()
                .map(|mut one| (one.remove("content").unwrap_or_default(), is_spam)),
        );
    }
    Ok(texts)
}

fn train(texts: &[Text]) -> Result<Model, Box<dyn Error>> {
    let found: Vec<BTreeSet<String>> = texts.iter().map(|(text, _)| features(text)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in found.iter().flatten() {
        *counts.entry(feature).or_default() += 1;
    }
    let known: Vec<&str> = counts
        .iter()
        .filter(|(_, count)| **count >= LEAST_TEXTS)
        .map(|(name, _)| *name)
        .collect();
    let row = |found: &BTreeSet<String>| {
        known
            .iter()
            .map(|name| f64::from(u8::from(found.contains(*name))))
            .collect()
    };
    let rows: Vec<Vec<f64>> = found.iter().map(row).collect();
    let matrix = DenseMatrix::from_2d_vec(&rows)?;
    let classes: Vec<i32> = texts.iter().map(|(_, is_spam)| i32::from(*is_spam)).collect();
    let parameters = LogisticRegressionParameters::default().with_alpha(REGULARIZATION);
    let fitted = LogisticRegression::fit(&matrix, &classes, parameters)?;
    let weight = |place: usize| rounded(*fitted.coefficients().get((0, place)));
    Ok(Model {
        intercept: rounded(*fitted.intercept().get((0, 0))),
        weights: known
            .iter()
            .enumerate()
            .map(|(place, name)| ((*name).to_owned(), weight(place)))
            .collect(),
    })
}

fn rounded(weight: f64) -> f64 {
    (weight * 10_000.0).round() / 10_000.0
}

fn report(out: &mut impl std::io::Write, name: &str, model: &Model, texts: &[Text]) -> std::io::Result<()> {
    let wrong: Vec<_> = texts
        .iter()
        .filter(|(text, is_spam)| model.is_spam(text) != *is_spam)
        .collect();
    let right = texts.len() - wrong.len();
    let percent = 100.0 * right as f64 / texts.len() as f64;
    writeln!(out, "{name}: {right} of {} right ({percent:.1} %)", texts.len())?;
    for (text, is_spam) in wrong {
        let judged = if *is_spam { "missed" } else { "accused" };
        writeln!(out, "  {judged} ({:.2}): {text}", model.score(text))?;
    }
    Ok(())
}

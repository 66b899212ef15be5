//! "Did you mean …?"

/// The candidate most like `name`, if one is like enough that a slip of the pen explains the difference.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&name, &candidate.to_lowercase());
    let best = candidates
        .into_iter()
        .min_by_key(|candidate| distance(candidate))?;
    let allowed = (best.chars().count() / 3).max(1);
    (distance(best) <= allowed).then_some(best)
}

/// `; did you mean 'X'?`, or nothing.
pub fn hint(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; did you mean '{name}'?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let keys = ["rollback_strategy", "dry", "journal_path"];
        assert_eq!(nearest("rolback_stratgy", keys), Some("rollback_strategy"));
        assert_eq!(nearest("Journal-Path", keys), Some("journal_path"));
        assert_eq!(nearest("dri", keys), Some("dry"));
        assert_eq!(nearest("bucket", keys), None);
        assert_eq!(nearest("x", []), None);
    }
}

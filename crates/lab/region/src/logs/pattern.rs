//! Filter patterns of unstructured log events: words and phrases, as
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html> describes them.

use super::bad;
use crate::wire::ApiError;

/// What a message must hold.
#[derive(Debug, Default)]
pub struct Pattern {
    all: Vec<String>,
    /// `?word`: one of them.
    any: Vec<String>,
    /// `-word`
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern; an empty one admits everything.
    ///
    /// # Errors
    /// `InvalidParameterException` for JSON, column and regular expression patterns, and for a quote without its end.
    pub fn parse(text: &str) -> Result<Pattern, ApiError> {
        let mut rest = text.trim();
        if rest.starts_with(['{', '[', '%']) {
            return Err(bad(
                "chaos-lab understands filter patterns of words and \"phrases\", with - and ?, only.",
            ));
        }
        let mut pattern = Pattern::default();
        while !rest.is_empty() {
            let kind = rest.chars().next().filter(|first| "?-".contains(*first));
            let (term, after) = term(rest.trim_start_matches(['?', '-']))?;
            match kind {
                Some('?') => pattern.any.push(term.to_owned()),
                Some(_) => pattern.none.push(term.to_owned()),
                None => pattern.all.push(term.to_owned()),
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message fits. Case counts.
    pub fn admits(&self, message: &str) -> bool {
        let holds = |term: &String| message.contains(term.as_str());
        // beside words that must be there, optional ones say nothing
        let one = !self.all.is_empty() || self.any.is_empty() || self.any.iter().any(holds);
        one && self.all.iter().all(holds) && !self.none.iter().any(holds)
    }
}

/// The first term, without its quotes, and what follows it.
fn term(text: &str) -> Result<(&str, &str), ApiError> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted
            .split_once('"')
            .ok_or_else(|| bad("The filter pattern has a quote without its end.")),
        None => Ok(text.split_once(char::is_whitespace).unwrap_or((text, ""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_options_and_exclusions_are_what_they_say() {
        let admits = |pattern: &str, message: &str| Pattern::parse(pattern).unwrap().admits(message);
        assert!(admits("", "anything"));
        assert!(admits("ERROR 500", "500 came with ERROR") && !admits("ERROR 500", "ERROR 404"));
        assert!(admits("\"with ERROR\"", "500 with ERROR") && !admits("\"with ERROR\"", "ERROR with"));
        assert!(admits("?a1 ?b2", "has b2") && !admits("?a1 ?b2", "neither"));
        assert!(admits("ERROR -retry", "ERROR") && !admits("ERROR -retry", "ERROR retry"));
        for refused in ["{ $.a = 1 }", "[a, b]", "\"open"] {
            assert!(Pattern::parse(refused).is_err(), "{refused}");
        }
    }
}

//! What a model sees of a text: which words are in it, and how it is written.

use std::collections::BTreeSet;

/// Longer runs of digits are telephone numbers.
const PHONE_DIGITS: usize = 5;
/// Shorter words in capitals are ordinary: I, OK, UK.
const SHOUT_LETTERS: usize = 3;

/// The features of a text, each once. Those that begin with `#` tell how it is written.
pub fn features(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let words =
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '\u{2019}');
    let mut shouts = 0;
    for word in words
        .map(|word| word.trim_matches(['\'', '\u{2019}']))
        .filter(|word| !word.is_empty())
    {
        found.insert(kind(word).map_or_else(|| word.to_lowercase(), str::to_owned));
        shouts += usize::from(is_shout(word));
    }
    let mark = |is_there: bool, name: &str, found: &mut BTreeSet<String>| {
        if is_there {
            found.insert(name.to_owned());
        }
    };
    mark(shouts > 0, "#shout", &mut found);
    mark(shouts > 2, "#shouting", &mut found);
    mark(text.contains('!'), "#exclamation", &mut found);
    mark(text.contains(['$', '\u{a3}', '\u{20ac}']), "#money", &mut found);
    mark(
        text.contains("://") || text.to_lowercase().contains("www."),
        "#link",
        &mut found,
    );
    found
}

/// What stands for a word with digits: which ones does not matter.
fn kind(word: &str) -> Option<&'static str> {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    match digits {
        0 => None,
        _ if digits < word.chars().count() => Some("#code"),
        PHONE_DIGITS.. => Some("#phone"),
        _ => Some("#number"),
    }
}

fn is_shout(word: &str) -> bool {
    word.chars().filter(|letter| letter.is_uppercase()).count() >= SHOUT_LETTERS
        && !word.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_manner() {
        let found = features("WIN 500 now! Don't miss it: txt 150p to 84025 or see WWW.x.example, \u{a3}5");
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        let manner = [
            "#code",
            "#exclamation",
            "#link",
            "#money",
            "#number",
            "#phone",
            "#shout",
        ];
        assert_eq!(found[..7], manner);
        assert!(found.contains(&"don't") && found.contains(&"win"), "{found:?}");
    }

    #[test]
    fn nothing_in_nothing() {
        assert!(features(" \u{1f600} ... '").is_empty());
    }
}

//! Splits a path into tokens.

use super::PathError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// One of `@ .. $ . * = >= > <= < != { } [ ] : , ( ) ?`, or a keyword.
    Mark(&'static str),
    Name(String),
    /// Without its quotes, escapes as they are written.
    Text(String),
    Number(String),
    End,
}

/// Longest first, so that `..` is not read as two dots.
const MARKS: [&str; 20] = [
    "..", ">=", "<=", "!=", "@", "$", ".", "*", "=", ">", "<", "{", "}", "[", "]", ":", ",", "(", ")", "?",
];

/// They cannot be names after a dot.
const KEYWORDS: [&str; 6] = ["and", "not", "or", "true", "false", "null"];

/// The tokens with the positions (from 1) of their first characters; the last one is [`Token::End`].
pub(super) fn tokens(path: &str) -> Result<Vec<(usize, Token)>, PathError> {
    let chars: Vec<char> = path.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        while matches!(chars.get(at), Some(' ' | '\t' | '\n' | '\r')) {
            at += 1;
        }
        let (token, length) = token(&chars[at..]).map_err(|problem| PathError {
            position: at + 1,
            problem,
        })?;
        let last = token == Token::End;
        found.push((at + 1, token));
        if last {
            return Ok(found);
        }
        at += length;
    }
}

fn token(rest: &[char]) -> Result<(Token, usize), String> {
    match rest.first() {
        None => Ok((Token::End, 0)),
        Some('"') => text(rest),
        Some('_' | 'a'..='z' | 'A'..='Z') => Ok(name(rest)),
        Some('-' | '0'..='9') => number(rest),
        Some(&other) => mark(rest).ok_or_else(|| unexpected(other)),
    }
}

fn mark(rest: &[char]) -> Option<(Token, usize)> {
    MARKS
        .into_iter()
        .find(|mark| rest.starts_with(&mark.chars().collect::<Vec<_>>()))
        .map(|mark| (Token::Mark(mark), mark.len()))
}

fn unexpected(c: char) -> String {
    match c {
        '\'' => "texts stand in double quotes here, not in single ones".to_owned(),
        '&' | '|' | '!' => "write `and`, `or`, `not` and `!=`".to_owned(),
        other => {
            format!("`{other}` has no meaning in a path; a name with such a character is written [\"…\"]")
        }
    }
}

fn name(rest: &[char]) -> (Token, usize) {
    let name: String = rest
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
        .collect();
    let length = name.len();
    match KEYWORDS.into_iter().find(|keyword| *keyword == name) {
        Some(keyword) => (Token::Mark(keyword), length),
        None => (Token::Name(name), length),
    }
}

fn text(rest: &[char]) -> Result<(Token, usize), String> {
    let mut at = 1;
    loop {
        match rest.get(at) {
            Some('"') => return Ok((Token::Text(rest[1..at].iter().collect()), at + 1)),
            Some('\\') => at += escape(&rest[at..])?,
            Some(c) if *c >= ' ' => at += 1,
            Some(_) => return Err("a text cannot hold a control character".to_owned()),
            None => return Err("the text that starts here has no closing double quote".to_owned()),
        }
    }
}

/// The length of the escape, which only has to be one that JSON knows.
fn escape(rest: &[char]) -> Result<usize, String> {
    let hex = |digits: &[char]| digits.iter().all(char::is_ascii_hexdigit);
    match rest.get(1) {
        Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => Ok(2),
        Some('u') if rest.get(2..6).is_some_and(hex) => Ok(6),
        _ => Err(
            "a text may hold the escapes of JSON only: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX".to_owned(),
        ),
    }
}

/// As JSON has them: `-1`, `0`, `2.5e-3`; what does not continue a number starts the next token.
fn number(rest: &[char]) -> Result<(Token, usize), String> {
    let sign = usize::from(rest.first() == Some(&'-'));
    let Some(whole) = integer(&rest[sign..]) else {
        return Err("a `-` needs a digit after it; a name with a dash is written [\"…\"]".to_owned());
    };
    let mut length = sign + whole;
    length += fraction(&rest[length..]);
    length += exponent(&rest[length..]);
    Ok((Token::Number(rest[..length].iter().collect()), length))
}

fn integer(rest: &[char]) -> Option<usize> {
    match rest.first()? {
        '0' => Some(1),
        '1'..='9' => Some(digits(rest)),
        _ => None,
    }
}

fn fraction(rest: &[char]) -> usize {
    match rest.first() {
        Some('.') if digits(&rest[1..]) > 0 => 1 + digits(&rest[1..]),
        _ => 0,
    }
}

fn exponent(rest: &[char]) -> usize {
    let sign = match rest {
        ['e' | 'E', '+' | '-', ..] => 1,
        ['e' | 'E', ..] => 0,
        _ => return 0,
    };
    integer(&rest[1 + sign..]).map_or(0, |length| 1 + sign + length)
}

fn digits(rest: &[char]) -> usize {
    rest.iter().take_while(|c| c.is_ascii_digit()).count()
}

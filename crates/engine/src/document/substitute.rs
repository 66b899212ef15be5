//! `${name}` and `$name` in texts, by the rules of Python's `string.Template` with typed values (SPEC 7).

use crate::scope::Scope;
use crate::value::{Map, Value, python};

/// A copy of `value` with every text in it substituted, at any depth; keys of mappings are left alone.
pub fn substitute(value: &Value, scope: &Scope) -> Value {
    match value {
        Value::Text(text) => substitute_text(text, scope),
        Value::List(items) => Value::List(items.iter().map(|item| substitute(item, scope)).collect()),
        Value::Map(map) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), substitute(value, scope));
            Value::Map(map.iter().map(entry).collect::<Map>())
        }
        other => other.clone(),
    }
}

/// A text that is exactly `${name}` becomes the value with its type; otherwise names are replaced by the text of
/// their values, in one pass, and `$$` by `$`. What names nothing stays as it is.
pub fn substitute_text(text: &str, scope: &Scope) -> Value {
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if let Some(value) = whole
        .filter(|name| is_name(name))
        .and_then(|name| scope.lookup(name))
    {
        return value.clone();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let placeholder = Placeholder::read(&rest[dollar..]);
        match placeholder.name {
            Some(name) => match scope.lookup(name) {
                Some(value) => out.push_str(&python::text(value)),
                None => out.push_str(placeholder.written),
            },
            None => out.push('$'),
        }
        rest = &rest[dollar + placeholder.written.len()..];
    }
    out.push_str(rest);
    Value::Text(out)
}

/// What a `$` begins: a name with or without braces, `$$`, or nothing but itself.
struct Placeholder<'a> {
    written: &'a str,
    name: Option<&'a str>,
}

impl<'a> Placeholder<'a> {
    /// Reads from a text that starts with `$`.
    fn read(text: &'a str) -> Self {
        let after = &text[1..];
        let until = |end: usize, name| Self {
            written: &text[..end],
            name,
        };
        if after.starts_with('$') {
            return until(2, None);
        }
        let bare = name_length(after);
        if bare > 0 {
            return until(1 + bare, Some(&after[..bare]));
        }
        let inside = after.strip_prefix('{').unwrap_or_default();
        let braced = name_length(inside);
        if braced > 0 && inside[braced..].starts_with('}') {
            return until(3 + braced, Some(&inside[..braced]));
        }
        until(1, None)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// Bytes of the name at the start: an ASCII letter or underscore, then these or digits.
fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count()
}

#[cfg(test)]
mod tests;

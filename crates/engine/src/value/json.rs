//! JSON as Python reads and writes it: integers of any size, `NaN` and `Infinity`, the last of equal keys wins.

use jiter::{JsonValue, LinePosition};

use super::{Map, Value, python};

/// JSON that does not parse.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
#[error("line {line}, column {column}: {message}")]
pub struct JsonError {
    /// First line is 1.
    pub line: usize,
    /// First column is 1.
    pub column: usize,
    /// What was wrong there.
    pub message: String,
}

/// Reads one JSON document.
///
/// # Errors
/// With the line and column of the first thing that is not JSON.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    match JsonValue::parse(text.as_bytes(), true) {
        Ok(value) => Ok(convert(&value)),
        Err(error) => {
            let LinePosition { line, column } = error.get_position(text.as_bytes());
            Err(JsonError {
                line,
                column,
                message: error.error_type.to_string(),
            })
        }
    }
}

fn convert(value: &JsonValue<'_>) -> Value {
    match value {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(flag) => Value::Bool(*flag),
        JsonValue::Int(number) => Value::Int(*number),
        JsonValue::BigInt(number) => Value::from_big(number.clone()),
        JsonValue::Float(number) => Value::Float(*number),
        JsonValue::Str(text) => Value::Text(text.clone().into_owned()),
        JsonValue::Array(items) => Value::List(items.iter().map(convert).collect()),
        JsonValue::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone().into_owned(), convert(value)))
                .collect(),
        ),
    }
}

/// On one line, as Python's `json.dumps(value, ensure_ascii=False)` does with compact separators.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, None);
    out
}

/// Over several lines with two spaces a level, as the Chaos Toolkit writes its journals.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Some(0));
    out
}

/// Appends `value`; `depth` is the level of indentation, or `None` for one line.
pub fn write(out: &mut String, value: &Value, depth: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => {
            // writing to a String cannot fail
            let _ = std::fmt::Write::write_fmt(out, format_args!("{number}"));
        }
        Value::BigInt(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Text(text) => write_text(out, text),
        Value::Bytes(_) => write_text(out, &python::repr(value)),
        Value::Time(moment) => write_text(out, &moment.iso('T')),
        Value::List(items) => write_items(out, items, depth),
        Value::Map(map) => write_entries(out, map, depth),
    }
}

fn float(number: f64) -> String {
    match number {
        n if n.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        n => python::float(n),
    }
}

fn write_items(out: &mut String, items: &[Value], depth: Option<usize>) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        separate(out, index, depth);
        write(out, item, depth.map(|d| d + 1));
    }
    close(out, items.is_empty(), depth, ']');
}

/// Appends a mapping, as [`write`] does.
pub fn write_entries(out: &mut String, map: &Map, depth: Option<usize>) {
    out.push('{');
    for (index, (key, value)) in map.iter().enumerate() {
        separate(out, index, depth);
        write_text(out, key);
        out.push_str(if depth.is_some() { ": " } else { ":" });
        write(out, value, depth.map(|d| d + 1));
    }
    close(out, map.is_empty(), depth, '}');
}

fn separate(out: &mut String, index: usize, depth: Option<usize>) {
    if index > 0 {
        out.push(',');
    }
    if let Some(depth) = depth {
        new_line(out, depth + 1);
    }
}

fn close(out: &mut String, empty: bool, depth: Option<usize>, bracket: char) {
    if let (false, Some(depth)) = (empty, depth) {
        new_line(out, depth);
    }
    out.push(bracket);
}

/// Begins a new line, indented by two spaces for each level.
pub fn new_line(out: &mut String, depth: usize) {
    const SPACES: &str = "                                                                ";
    out.push('\n');
    let mut left = depth * 2;
    while left > 0 {
        let now = left.min(SPACES.len());
        out.push_str(&SPACES[..now]);
        left -= now;
    }
}

/// Appends a JSON string with its quotes; only quotes, backslashes and control characters are escaped.
pub fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[copied..at]);
        push_escape(out, byte);
        copied = at + 1;
    }
    out.push_str(&text[copied..]);
    out.push('"');
}

fn push_escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x8 => out.push_str("\\b"),
        0xc => out.push_str("\\f"),
        other => {
            let _ = std::fmt::Write::write_fmt(out, format_args!("\\u{other:04x}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_with_their_kind_and_size() {
        let text = r#"{"big":123456789012345678901234567890,"whole":1,"float":1.0,"nan":NaN,"last":2}"#;
        assert_eq!(compact(&parse(text).unwrap()), text);
    }

    #[test]
    fn the_last_of_equal_keys_wins() {
        assert_eq!(
            compact(&parse(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap()),
            r#"{"a":3,"b":2}"#
        );
    }

    #[test]
    fn pretty_print_has_two_spaces_a_level() {
        let value = parse(r#"{"a":[1,{"é":"\n"}],"b":{},"c":[]}"#).unwrap();
        let expected =
            "{\n  \"a\": [\n    1,\n    {\n      \"é\": \"\\n\"\n    }\n  ],\n  \"b\": {},\n  \"c\": []\n}";
        assert_eq!(pretty(&value), expected);
    }

    #[test]
    fn an_error_tells_the_place() {
        let error = parse("{\n  \"a\": 1,\n  oops\n}").unwrap_err();
        assert_eq!(error.line, 3);
    }
}

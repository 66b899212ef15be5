//! Writes YAML that a YAML 1.1 reader, such as PyYAML or our own, reads back as the same values.
//!
//! The layout is PyYAML's block style, so that a settings file edited here looks as if the Chaos Toolkit had edited
//! it. The serde YAML crates write for YAML 1.2: they leave `yes`, `010`, `1:30` or dates unquoted.

mod resolve;
mod scalar;

use chaos_engine::value::{Map, Value};

use scalar::Scalar;

/// How to lay a document out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Keys in the order of their code points instead of the document's.
    pub sorted: bool,
    /// Escape all that is not ASCII.
    pub ascii: bool,
}

/// The document with its final line end; a lone plain scalar is closed with `...`.
pub fn to_string(value: &Value, style: Style) -> String {
    let mut writer = Writer {
        out: String::new(),
        style,
    };
    writer.value(value, Place::Root);
    writer.out
}

/// Where a value stands: it decides the indentation of what follows.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// After `key:` of a mapping at that indentation.
    Entry(usize),
    /// After `- ` of a sequence at that indentation.
    Item(usize),
}

struct Writer {
    out: String,
    style: Style,
}

impl Writer {
    fn value(&mut self, value: &Value, place: Place) {
        match value {
            Value::Map(map) if !map.is_empty() => self.map(map, place),
            Value::List(items) if !items.is_empty() => self.list(items, place),
            other => self.scalar(other, place),
        }
    }

    fn map(&mut self, map: &Map, place: Place) {
        let indent = match place {
            Place::Root => 0,
            Place::Entry(indent) | Place::Item(indent) => indent + 2,
        };
        let mut entries: Vec<_> = map.iter().collect();
        if self.style.sorted {
            entries.sort_by_key(|(key, _)| *key);
        }
        let mut on_line = !matches!(place, Place::Entry(_));
        for (key, value) in entries {
            self.start(indent, &mut on_line);
            self.key(key, indent);
            self.value(value, Place::Entry(indent));
        }
    }

    fn list(&mut self, items: &[Value], place: Place) {
        let indent = match place {
            Place::Root => 0,
            Place::Entry(indent) => indent,
            Place::Item(indent) => indent + 2,
        };
        let mut on_line = !matches!(place, Place::Entry(_));
        for item in items {
            self.start(indent, &mut on_line);
            self.out.push('-');
            self.value(item, Place::Item(indent));
        }
    }

    /// Begins the line of an entry or item, unless it goes on right after `- ` or at the start of the document.
    fn start(&mut self, indent: usize, on_line: &mut bool) {
        if !std::mem::take(on_line) {
            if !self.out.ends_with('\n') {
                self.out.push('\n');
            }
            self.out.extend(std::iter::repeat_n(' ', indent));
        } else if !self.out.is_empty() {
            self.out.push(' ');
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        let scalar = Scalar::text(key, self.style.ascii);
        if scalar.is_simple_key() {
            scalar.write_key(&mut self.out);
        } else {
            self.out.push_str("? ");
            scalar.write_quoted(&mut self.out);
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent));
        }
        self.out.push(':');
    }

    fn scalar(&mut self, value: &Value, place: Place) {
        let scalar = Scalar::of(value, self.style.ascii);
        let indent = match place {
            Place::Root => 2,
            Place::Entry(indent) | Place::Item(indent) => indent + 2,
        };
        if !matches!(place, Place::Root) {
            self.out.push(' ');
        }
        let plain = scalar.write(&mut self.out, indent) && !matches!(value, Value::Map(_) | Value::List(_));
        self.out.push('\n');
        if plain && matches!(place, Place::Root) {
            self.out.push_str("...\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;
    use proptest::prelude::*;

    use super::*;

    fn yaml(text: &str) -> String {
        let style = Style {
            sorted: true,
            ascii: true,
        };
        to_string(&json::parse(text).unwrap(), style)
    }

    #[test]
    fn collections_are_laid_out_as_pyyaml_does() {
        let document = r#"{"b":{"y":[{"a":1,"b":[1]},[1,[2]],{}]},"a":[],"c":{"d":null}}"#;
        let expected =
            "a: []\nb:\n  y:\n  - a: 1\n    b:\n    - 1\n  - - 1\n    - - 2\n  - {}\nc:\n  d: null\n";
        assert_eq!(yaml(document), expected);
        assert_eq!(yaml(r#"[{"a":1},[[2]]]"#), "- a: 1\n- - - 2\n");
    }

    #[test]
    fn a_lone_scalar_is_closed() {
        assert_eq!(yaml("5"), "5\n...\n");
        assert_eq!(yaml("null"), "null\n...\n");
        assert_eq!(yaml(r#""yes""#), "'yes'\n");
        assert_eq!(yaml("{}"), "{}\n");
    }

    #[test]
    fn text_that_reads_as_something_else_is_quoted() {
        for text in [
            "yes",
            "Off",
            "null",
            "~",
            "",
            "010",
            "0x1F",
            "0b1",
            "1_000",
            "1:30",
            "1:30.5",
            "-1.5",
            "1.5e+3",
            ".inf",
            "2024-02-29",
            "2024-2-9 1:02:03",
            "2024-02-09T01:02:03.5 +02:00",
            "2024-02-09 01:02:03Z",
            "<<",
            "=",
            "- x",
            "a: b",
            "#x",
            "a #b",
            "*x",
            " a",
            "a ",
            "? x",
        ] {
            assert_eq!(yaml(&format!("[{text:?}]")), format!("- '{text}'\n"), "{text}");
        }
        for text in [
            "1e3",
            "0o10",
            "y",
            "None",
            "a:b",
            "a#b",
            "it's",
            "-x",
            "1.2.3",
            "09",
            "10.0.0.1:80",
            "2024-2-9",
            "2024-02-09 1:2:3",
        ] {
            assert_eq!(yaml(&format!("[{text:?}]")), format!("- {text}\n"));
        }
    }

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(
            yaml(r#"["tab\there","café ☃","'q' \u0007","two\n lines"]"#),
            "- \"tab\\there\"\n- \"caf\\xE9 \\u2603\"\n- \"'q' \\a\"\n- \"two\\n lines\"\n"
        );
        assert_eq!(yaml(r#"{"d":"two\nlines\n"}"#), "d: 'two\n\n  lines\n\n  '\n");
        assert_eq!(to_string(&"café".into(), Style::default()), "café\n...\n");
    }

    #[test]
    fn long_text_is_folded_after_eighty_columns() {
        let text = format!("{} {} {}", "a".repeat(50), "b".repeat(40), "c".repeat(5));
        let expected = format!("p: {} {}\n  ccccc\n", "a".repeat(50), "b".repeat(40));
        assert_eq!(yaml(&format!("{{\"p\":\"{text}\"}}")), expected);
    }

    #[test]
    fn floats_keep_their_kind() {
        assert_eq!(
            yaml("[1.0,1e20,NaN,-Infinity,1e-7]"),
            "- 1.0\n- 1.0e+20\n- .nan\n- -.inf\n- 1.0e-07\n"
        );
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(
            prop_oneof!["[ -~]{0,120}", "[a-z \\n:#'\"-]{0,30}", "\\PC{0,20}"],
            1..4,
        )
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(values in texts(), keys in texts(), sorted: bool, ascii: bool) {
            let items = Value::from(values.clone());
            let map: Map = keys.iter().map(|key| (key.clone(), items.clone())).collect();
            let written = to_string(&Value::List(vec![Value::Map(map)]), Style { sorted, ascii });
            let read: Vec<std::collections::BTreeMap<String, Vec<String>>> = serde_yaml::from_str(&written)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
            for key in &keys {
                prop_assert_eq!(&read[0][key], &values, "{}", written);
            }
            prop_assert!(!ascii || written.is_ascii());
        }
    }
}

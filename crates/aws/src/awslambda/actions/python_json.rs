//! JSON as Python's `json.dumps` writes it by default, for text that is compared or signed byte by byte.

use std::io;

use chaos_engine::value::python;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Writes `value` with a space after every comma and colon, and ASCII only.
///
/// # Errors
/// Never for values that were read from JSON.
pub(super) fn dumps(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Spaced))?;
    Ok(out)
}

struct Spaced;

fn comma<W: ?Sized + io::Write>(writer: &mut W, first: bool) -> io::Result<()> {
    if first { Ok(()) } else { writer.write_all(b", ") }
}

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        comma(writer, first)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        comma(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(python::float(value).as_bytes())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            let mut units = [0; 2];
            match character {
                ' '..='~' => write!(writer, "{character}")?,
                _ => {
                    for unit in character.encode_utf16(&mut units) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_what_python_writes() {
        let value = json!({"a": [1, 2.0, 1e-5, null, true], "é\u{1F600}\n\"": {}, "c": {"d": "\u{1}\u{7f}"}});
        let text = String::from_utf8(dumps(&value).unwrap()).unwrap();
        assert_eq!(
            text,
            r#"{"a": [1, 2.0, 1e-05, null, true], "\u00e9\ud83d\ude00\n\"": {}, "c": {"d": "\u0001\u007f"}}"#
        );
    }
}

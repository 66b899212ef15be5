//! `k6/encoding`.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD as STANDARD_ALPHABET, URL_SAFE as URL_ALPHABET};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rquickjs::function::Opt;
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::{ArrayBuffer, Ctx, Function, IntoJs as _, Object, Result, Value};

use super::bytes::{bytes_of, text_of, throw};

/// The module `k6/encoding`: `b64encode(input, encoding)` and `b64decode(input, encoding, format)`.
///
/// `encoding` is `std` (what everything unknown means), `rawstd`, `url` or `rawurl`. `b64decode` gives an
/// ArrayBuffer, or a string when `format` is `s`.
pub struct Encoding;

impl ModuleDef for Encoding {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        module
            .declare("default")?
            .declare("b64encode")?
            .declare("b64decode")?;
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let encode = Function::new(ctx.clone(), b64encode)?.with_name("b64encode")?;
        let decode = Function::new(ctx.clone(), b64decode)?.with_name("b64decode")?;
        let default = Object::new(ctx.clone())?;
        default.set("b64encode", encode.clone())?;
        default.set("b64decode", decode.clone())?;
        exports
            .export("b64encode", encode)?
            .export("b64decode", decode)?
            .export("default", default)?;
        Ok(())
    }
}

type Argument<'js> = Opt<Value<'js>>;

fn b64encode<'js>(ctx: Ctx<'js>, input: Argument<'js>, encoding: Argument<'js>) -> Result<String> {
    let variant = variant(&text_of(&ctx, encoding.0)?);
    Ok(variant.engine.encode(bytes_of(&ctx, input.0.as_ref())?))
}

fn b64decode<'js>(
    ctx: Ctx<'js>,
    input: Argument<'js>,
    encoding: Argument<'js>,
    format: Argument<'js>,
) -> Result<Value<'js>> {
    let input = text_of(&ctx, input.0)?;
    let bytes = variant(&text_of(&ctx, encoding.0)?)
        .decode(&input)
        .map_err(|at| throw(&ctx, &format!("illegal base64 data at input byte {at}")))?;
    if text_of(&ctx, format.0)? == "s" {
        return lossy(&bytes).into_js(&ctx);
    }
    Ok(ArrayBuffer::new(ctx, bytes)?.into_value())
}

/// An engine, and what it needs to say where an input is wrong.
struct Variant {
    engine: GeneralPurpose,
    alphabet: &'static Alphabet,
    padded: bool,
}

fn variant(encoding: &str) -> Variant {
    let (alphabet, padded) = match encoding {
        "rawstd" => (&STANDARD_ALPHABET, false),
        "url" => (&URL_ALPHABET, true),
        "rawurl" => (&URL_ALPHABET, false),
        _ => (&STANDARD_ALPHABET, true),
    };
    let mode = if padded {
        DecodePaddingMode::RequireCanonical
    } else {
        DecodePaddingMode::RequireNone
    };
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(padded)
        .with_decode_padding_mode(mode)
        .with_decode_allow_trailing_bits(true);
    Variant {
        engine: GeneralPurpose::new(alphabet, config),
        alphabet,
        padded,
    }
}

impl Variant {
    /// Line ends are skipped, as k6 does. The error is the place in the input, in bytes.
    fn decode(&self, input: &str) -> std::result::Result<Vec<u8>, usize> {
        let kept: Vec<u8> = input.bytes().filter(|byte| !is_line_end(*byte)).collect();
        self.engine.decode(&kept).map_err(|_| {
            let wrong = self.wrong_place(&kept);
            let places = input.bytes().enumerate().filter(|(_, byte)| !is_line_end(*byte));
            places.map(|(place, _)| place).nth(wrong).unwrap_or(input.len())
        })
    }

    /// The first byte that cannot be where it is; for a last group that is not full its start, or the end when only
    /// padding is missing.
    fn wrong_place(&self, text: &[u8]) -> usize {
        let symbols = self.alphabet.as_str().as_bytes();
        let Some(at) = text.iter().position(|byte| !symbols.contains(byte)) else {
            return text.len() / 4 * 4;
        };
        let padding = match at % 4 {
            2 if self.padded => 2,
            3 if self.padded => 1,
            _ => 0,
        };
        let found = text[at..]
            .iter()
            .take(padding)
            .take_while(|byte| **byte == b'=')
            .count();
        at + found
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// One U+FFFD for each byte that is no UTF-8, as k6 does.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::js::testing::{eval, failure};

    const IMPORT: &str = "import encoding, { b64encode, b64decode } from 'k6/encoding';";

    fn value(expression: &str) -> String {
        eval(&format!("{IMPORT} export default {expression};"))
    }

    fn error(expression: &str) -> String {
        failure(&format!("{IMPORT} export default {expression};"))
    }

    #[test]
    fn encodes_strings_and_binaries_in_each_variant() {
        assert_eq!(value("b64encode('hello')"), "aGVsbG8=");
        assert_eq!(value("encoding.b64encode('>>>??', 'rawstd')"), "Pj4+Pz8");
        assert_eq!(value("b64encode('>>>??', 'url')"), "Pj4-Pz8=");
        assert_eq!(value("b64encode('>>>??', 'rawurl')"), "Pj4-Pz8");
        assert_eq!(value("b64encode('>>>??', 'unknown')"), "Pj4+Pz8=");
        assert_eq!(value("b64encode(new Uint8Array([0, 250, 255]).buffer)"), "APr/");
        assert_eq!(
            value("b64encode(new Uint8Array([9, 0, 250, 255]).subarray(1))"),
            "APr/"
        );
        assert_eq!(
            value("b64encode(new Uint8ClampedArray([9, 0, 250, 255]).subarray(1))"),
            "APr/"
        );
        assert_eq!(value("b64encode('') + b64encode(new ArrayBuffer(0))"), "");
        assert_eq!(value("b64encode('a\\ud800b')"), "Ye+/vWI=");
    }

    #[test]
    fn decodes_to_a_buffer_or_a_string() {
        assert_eq!(
            value("Object.prototype.toString.call(b64decode('YQ=='))"),
            "[object ArrayBuffer]"
        );
        assert_eq!(value("new Uint8Array(b64decode('APr/')).join()"), "0,250,255");
        assert_eq!(value("b64decode('4pyTIMOg', 'std', 's')"), "✓ à");
        assert_eq!(value("b64decode('Pj4-Pz8', 'rawurl', 's')"), ">>>??");
        assert_eq!(
            value("b64decode('/2H//g==', 'std', 's')"),
            "\u{fffd}a\u{fffd}\u{fffd}"
        );
        assert_eq!(
            value("b64decode('Y\\nQ\\r\\n==', 'std', 's') + b64decode('YR==', 'std', 's')"),
            "aa"
        );
        assert_eq!(
            value("b64decode(null).byteLength + b64decode(undefined, 'std', 's').length"),
            "0"
        );
    }

    /// The numbers are those of k6 v2.2.0.
    #[test]
    fn says_where_an_input_is_wrong() {
        let inputs = [
            ("'AAH6-_z9_v8='", 4),
            ("'AAH6+/z9/v8'", 8),
            ("'YQ='", 3),
            ("'Y Q=='", 1),
            ("'YQ==YQ=='", 4),
            ("'===='", 0),
            ("'[object DataView]'", 0),
            ("5", 0),
            ("'AAH6+/z9/v8=', 'rawstd'", 11),
            ("'Y\\nQ\\r\\n==', 'rawurl'", 5),
        ];
        for (arguments, place) in inputs {
            let expected = format!("GoError: illegal base64 data at input byte {place}");
            assert_eq!(error(&format!("b64decode({arguments})")), expected, "{arguments}");
        }
    }

    #[test]
    fn refuses_what_has_no_bytes() {
        for input in [
            "undefined",
            "null",
            "5",
            "[1]",
            "{}",
            "new Uint16Array(1)",
            "new DataView(new ArrayBuffer(1))",
        ] {
            assert!(
                error(&format!("b64encode({input})")).contains("invalid type"),
                "{input}"
            );
        }
    }
}

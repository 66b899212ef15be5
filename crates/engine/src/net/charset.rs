//! Bytes to text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, mem};

/// How much of the bytes a guess looks at.
const SAMPLE: usize = 1 << 20;

/// The text of a body by its content type, as `requests` reads it: the `charset`, else ISO-8859-1 for text, UTF-8
/// for JSON, and a guess for anything else. Bytes that do not fit become U+FFFD.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let content_type = content_type.unwrap_or_default();
    match charset(content_type) {
        Some(label) => named(bytes, &label),
        None if media_type(content_type).contains("text") => latin1(bytes),
        None if media_type(content_type).contains("application/json") => utf8(bytes),
        None => guess(bytes.to_vec()),
    }
}

/// The text of bytes of unknown encoding: UTF-8 when they are, else the likeliest one. A byte order mark is not
/// part of the text.
pub fn guess(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            text
        }
        // cut within its last character
        Err(error) if error.utf8_error().error_len().is_none() => utf8(error.as_bytes()),
        Err(error) => likeliest(error.as_bytes()),
    }
}

fn likeliest(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default()
}

fn charset(content_type: &str) -> Option<String> {
    let around = |c| matches!(c, '"' | '\'' | ' ');
    content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().trim_matches(around).eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches(around).to_ascii_lowercase())
        .last()
}

fn named(bytes: &[u8], label: &str) -> String {
    // the web reads these two as windows-1252; Python, and so the journals, do not
    match label.replace('_', "-").as_str() {
        "latin1" | "latin-1" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => return latin1(bytes),
        "ascii" | "us-ascii" | "646" => return ascii(bytes),
        "utf-16" | "utf16" => return utf16(bytes),
        _ => {}
    }
    let encoding = Encoding::for_label(label.as_bytes())
        .or_else(|| Encoding::for_label(label.replace('_', "-").as_bytes()));
    match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        None => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn latin1(bytes: &[u8]) -> String {
    mem::decode_latin1(bytes).into_owned()
}

fn ascii(bytes: &[u8]) -> String {
    let character = |byte: &u8| {
        if byte.is_ascii() {
            *byte as char
        } else {
            '\u{fffd}'
        }
    };
    bytes.iter().map(character).collect()
}

fn utf16(bytes: &[u8]) -> String {
    let (encoding, rest) = match bytes {
        [0xfe, 0xff, rest @ ..] => (UTF_16BE, rest),
        [0xff, 0xfe, rest @ ..] => (UTF_16LE, rest),
        rest => (UTF_16LE, rest),
    };
    encoding.decode_without_bom_handling(rest).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_tells_the_encoding() {
        let cases = [
            ("text/plain", "cafÃ©"),
            ("text/html; charset=UTF-8", "café"),
            ("text/plain; charset=\"utf8\"", "café"),
            ("text/plain; CHARSET='utf_8'", "café"),
            ("text/plain; charset=latin1", "cafÃ©"),
            ("text/plain; charset=ascii", "caf\u{fffd}\u{fffd}"),
            ("text/plain; charset=nonsense", "café"),
            ("text/plain; charset=", "café"),
            ("text/plain; charset", "cafÃ©"),
            ("application/json", "café"),
            ("application/octet-stream", "café"),
            ("", "café"),
        ];
        for (content_type, expected) in cases {
            assert_eq!(
                decode("café".as_bytes(), Some(content_type)),
                expected,
                "{content_type}"
            );
        }
        assert_eq!(decode(b"a\x80", Some("text/plain")), "a\u{80}");
        assert_eq!(decode(b"a\x80", Some("text/plain; charset=windows-1252")), "a€");
        assert_eq!(decode(b"\xfe\xff\0a", Some("text/plain; charset=utf-16")), "a");
        assert_eq!(decode(b"caf\xe9", Some("application/json")), "caf\u{fffd}");
    }

    #[test]
    fn guesses_are_right_for_the_usual_encodings() {
        assert_eq!(guess("5 € — naïve".into()), "5 € — naïve");
        assert_eq!(guess(b"\xef\xbb\xbfabc".to_vec()), "abc");
        assert_eq!(guess(b"\xff\xfea\0".to_vec()), "a");
        assert_eq!(guess(b"Stra\xdfe und \xdcbung".to_vec()), "Straße und Übung");
        assert_eq!(guess(b"ab\xc3".to_vec()), "ab\u{fffd}");
        let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("日本語のテキストです。");
        assert_eq!(guess(japanese.into_owned()), "日本語のテキストです。");
    }
}

//! Decompression of bodies.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use url::Url;

use super::{NetError, shown};

/// The body without the encodings that `Content-Encoding` lists. With one among them that was never asked for
/// (such as `br`), it stays as it is.
///
/// # Errors
/// When the body is not in that encoding.
pub(super) fn decode(body: Bytes, encodings: Option<&str>, url: &Url) -> Result<Bytes, NetError> {
    let names = encodings.unwrap_or_default().to_ascii_lowercase();
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let known = |name: &&str| matches!(*name, "gzip" | "x-gzip" | "deflate");
    if body.is_empty() || !names.iter().all(known) {
        return Ok(body);
    }
    let one = |body: Bytes, name: &&str| match *name {
        "deflate" => inflate(&body),
        _ => gunzip(&body),
    };
    let mut decoded = body;
    for name in names.iter().rev() {
        decoded = one(decoded, name)
            .map(Bytes::from)
            .map_err(|error| NetError::Undecodable {
                url: shown(url),
                encoding: (*name).to_owned(),
                reason: error.to_string(),
            })?;
    }
    Ok(decoded)
}

/// All members of the stream; what follows them and is no member is left out, as urllib3 does.
fn gunzip(mut body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let mut decoder = GzDecoder::new(body);
        read(&mut decoder, &mut out)?;
        body = decoder.into_inner();
        if !body.starts_with(&[0x1f, 0x8b]) {
            return Ok(out);
        }
    }
}

/// With the zlib header that the standard asks for, or without, as some servers send it.
fn inflate(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if read(&mut ZlibDecoder::new(body), &mut out).is_err() {
        out.clear();
        read(&mut DeflateDecoder::new(body), &mut out)?;
    }
    Ok(out)
}

/// A stream that stops early gives what it had: the length of the body was checked before.
fn read(decoder: &mut impl Read, out: &mut Vec<u8>) -> io::Result<()> {
    match decoder.read_to_end(out) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !out.is_empty() => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(text: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(body: Vec<u8>, encoding: &str) -> Result<Bytes, NetError> {
        decode(body.into(), Some(encoding), &Url::parse("http://h/").unwrap())
    }

    #[test]
    fn the_usual_encodings_are_undone_in_reverse() {
        assert_eq!(decoded(gzip(b"abc"), "GZIP").unwrap(), "abc");
        assert_eq!(
            decoded([gzip(b"abc"), gzip(b"def")].concat(), "x-gzip").unwrap(),
            "abcdef"
        );
        assert_eq!(
            decoded([gzip(b"abc"), b"junk".to_vec()].concat(), "gzip").unwrap(),
            "abc"
        );
        assert_eq!(decoded(zlib(b"abc"), "deflate").unwrap(), "abc");
        assert_eq!(decoded(raw(b"abc"), "deflate").unwrap(), "abc");
        assert_eq!(decoded(gzip(&zlib(b"abc")), "deflate, gzip").unwrap(), "abc");
    }

    #[test]
    fn other_encodings_leave_the_body_alone() {
        for other in ["br", "identity", "", "gzip, br"] {
            assert_eq!(decoded(b"abc".to_vec(), other).unwrap(), "abc");
        }
        assert_eq!(decoded(Vec::new(), "gzip").unwrap(), "");
    }

    #[test]
    fn a_false_announcement_is_an_error() {
        let error = decoded(b"not gzip".to_vec(), "gzip").unwrap_err();
        assert!(matches!(error, NetError::Undecodable { .. }));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), cut in 0usize..40) {
            let _ = decoded(bytes.clone(), "gzip");
            let _ = decoded(bytes.clone(), "deflate");
            let mut whole = gzip(&bytes);
            whole.truncate(cut);
            let _ = decoded(whole, "gzip");
        }
    }
}

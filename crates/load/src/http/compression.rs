//! Bodies, compressed and decompressed.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use bytes::Bytes;

use super::error::{HttpError, code};
use super::request::Compression;

/// The body in each encoding in turn, and the `Content-Encoding` that tells so.
pub(super) fn compress(encodings: &[Compression], body: &Bytes) -> io::Result<(Bytes, String)> {
    let mut packed = Cow::Borrowed(&body[..]);
    for encoding in encodings {
        packed = Cow::Owned(pack(*encoding, &packed)?);
    }
    let names: Vec<_> = encodings.iter().map(|encoding| encoding.name()).collect();
    Ok((Bytes::from(packed.into_owned()), names.join(", ")))
}

fn pack(encoding: Compression, body: &[u8]) -> io::Result<Vec<u8>> {
    let level = flate2::Compression::default();
    match encoding {
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(body)?;
            encoder.finish()
        }
        Compression::Deflate => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(body)?;
            encoder.finish()
        }
        Compression::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 6, 22);
            encoder.write_all(body)?;
            Ok(encoder.into_inner())
        }
        Compression::Zstd => zstd::encode_all(body, 0),
    }
}

/// Undoes what `Content-Encoding` says, last encoding first; encodings it does not know are passed over, as in k6.
/// A result of more than `most` bytes is an error, so that a small answer cannot eat the machine.
pub(super) fn decompress(content_encoding: &str, body: Bytes, most: usize) -> Result<Bytes, HttpError> {
    let encodings: Vec<_> = content_encoding
        .split(',')
        .rev()
        .filter_map(|name| Compression::by_name(name.trim()))
        .collect();
    if encodings.is_empty() {
        return Ok(body);
    }
    let mut reader: Box<dyn Read + '_> = Box::new(&body[..]);
    for encoding in encodings {
        reader = unpack(encoding, reader).map_err(|error| failed(&error))?;
    }
    let mut unpacked = Vec::new();
    reader
        .take(most as u64 + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| failed(&error))?;
    if unpacked.len() > most {
        return Err(failed(&io::Error::other(format!(
            "it has more than {most} bytes"
        ))));
    }
    Ok(Bytes::from(unpacked))
}

fn unpack<'a>(encoding: Compression, reader: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match encoding {
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        Compression::Deflate => Box::new(flate2::read::ZlibDecoder::new(reader)),
        Compression::Brotli => Box::new(brotli::Decompressor::new(reader, 4096)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(reader)?),
    })
}

fn failed(error: &io::Error) -> HttpError {
    HttpError::new(
        code::DECOMPRESSION,
        format!("error decompressing response body ({error})"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Compression; 4] = [
        Compression::Gzip,
        Compression::Deflate,
        Compression::Brotli,
        Compression::Zstd,
    ];

    #[test]
    fn each_encoding_and_all_of_them_come_back() {
        let body = Bytes::from("many words, ".repeat(100));
        for encodings in ALL.map(|one| vec![one]).into_iter().chain([ALL.to_vec()]) {
            let (packed, names) = compress(&encodings, &body).unwrap();
            assert!(packed.len() < body.len(), "{names}");
            assert_eq!(
                decompress(&names.to_uppercase(), packed, 1200).unwrap(),
                body,
                "{names}"
            );
        }
    }

    #[test]
    fn unknown_encodings_are_passed_over() {
        let body = Bytes::from_static(b"as it is");
        assert_eq!(decompress("identity", body.clone(), 1).unwrap(), body);
        let (packed, _) = compress(&[Compression::Gzip], &body).unwrap();
        assert_eq!(decompress("gzip, x-other", packed, 100).unwrap(), body);
    }

    #[test]
    fn broken_and_bursting_bodies_are_errors() {
        for encoding in ALL {
            let (packed, name) = compress(&[encoding], &Bytes::from(vec![0; 5000])).unwrap();
            let cut = packed.slice(..packed.len() / 2);
            assert_eq!(
                decompress(&name, cut, 9999).unwrap_err().code,
                code::DECOMPRESSION,
                "{name}"
            );
            let error = decompress(&name, packed.clone(), 4999).unwrap_err();
            assert!(error.message.contains("more than 4999 bytes"), "{name}: {error}");
            assert!(decompress(&name, packed, 5000).is_ok(), "{name}");
            assert!(
                decompress(&name, Bytes::from_static(b"no such thing"), 100).is_err(),
                "{name}"
            );
        }
    }
}

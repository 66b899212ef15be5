//! Bodies: compressed ones, streams, slow ones, and one that bursts.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use futures_util::stream;
use http::Response;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::json;

use super::connection::{Body, whole};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 5, 22)
        .write_all(bytes)
        .unwrap();
    packed
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A body in `encoding`.
pub fn packed(encoding: &str, bytes: Vec<u8>) -> Response<Body> {
    let builder = Response::builder().header("content-encoding", encoding);
    builder
        .header("content-type", "application/json")
        .body(whole(bytes))
        .unwrap()
}

/// Zeros that unpack to `mebibytes`.
pub fn bomb(mebibytes: usize) -> Response<Body> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..mebibytes {
        encoder.write_all(&zeros).unwrap();
    }
    packed("gzip", encoder.finish().unwrap())
}

/// `count` lines of JSON in chunks.
pub fn lines(count: usize, url: String) -> Response<Body> {
    let lines = (0..count).map(move |id| json!({"id": id, "url": url}).to_string() + "\n");
    let frames = lines.map(|line| Ok(Frame::data(Bytes::from(line))));
    let body = StreamBody::new(stream::iter(frames)).boxed_unsync();
    Response::builder()
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

/// `chunks` letters, one each `pause`.
pub fn trickle(chunks: usize, pause: Duration) -> Response<Body> {
    let frames = stream::unfold(0, move |sent| async move {
        if sent == chunks {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok(Frame::data(Bytes::from_static(b"*"))), sent + 1))
    });
    Response::new(StreamBody::new(frames).boxed_unsync())
}

/// Says 100 bytes, sends 10 and breaks off.
pub fn cut_short() -> Response<Body> {
    let frames = stream::unfold(false, |sent| async move {
        if !sent {
            return Some((Ok(Frame::data(Bytes::from_static(b"0123456789"))), true));
        }
        // What was sent has to leave before the connection breaks.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Err(std::io::Error::other("cut")), true))
    });
    let body = StreamBody::new(frames).boxed_unsync();
    Response::builder()
        .header("content-length", 100)
        .body(body)
        .unwrap()
}

/// Bytes that depend on nothing but their number.
pub fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 31 % 251) as u8).collect()
}

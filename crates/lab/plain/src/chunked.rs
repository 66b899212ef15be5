//! Bodies that S3 clients send in signed chunks, as the content that they mean.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use bytes::{Bytes, BytesMut};
use chaos_lab_region::wire::{ApiError, RawRequest};

/// What the digest of such a body begins with.
const STREAMING: &str = "STREAMING-";
/// An encoding that S3 takes off before it keeps an object.
const ENCODING: &str = "aws-chunked";

/// Makes the content the request's body, if that came in chunks.
///
/// # Errors
/// `IncompleteBody` where the chunks do not add up.
pub fn decode(request: &mut RawRequest) -> Result<(), ApiError> {
    let digest = request.headers.get("x-amz-content-sha256");
    if !digest.is_some_and(|digest| digest.as_bytes().starts_with(STREAMING.as_bytes())) {
        return Ok(());
    }
    request.body = content(&request.body)
        .ok_or_else(|| ApiError::new("IncompleteBody", "The chunks of the body are not whole."))?;
    for name in ["x-amz-decoded-content-length", "x-amz-trailer"] {
        request.headers.remove(name);
    }
    request
        .headers
        .insert("content-length", request.body.len().into());
    without_encoding(request);
    Ok(())
}

/// Takes our encoding off, and leaves those that belong to the object.
fn without_encoding(request: &mut RawRequest) {
    let given = request
        .headers
        .get("content-encoding")
        .and_then(|value| value.to_str().ok());
    let others: Vec<&str> = given
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && *encoding != ENCODING)
        .collect();
    match others.join(",").parse() {
        Ok(value) if !others.is_empty() => request.headers.insert("content-encoding", value),
        _ => request.headers.remove("content-encoding"),
    };
}

/// `SIZE[;extension]\r\nDATA\r\n`…, a chunk of size 0, then trailers.
fn content(mut body: &[u8]) -> Option<Bytes> {
    let mut content = BytesMut::with_capacity(body.len());
    loop {
        let end = body.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&body[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        body = &body[end + 2..];
        if size == 0 {
            return Some(content.freeze());
        }
        content.extend_from_slice(body.get(..size)?);
        body = body.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::put_request;

    fn decoded(mut request: RawRequest) -> Result<RawRequest, ApiError> {
        decode(&mut request).map(|()| request)
    }

    fn request(digest: &'static str, body: &'static str) -> RawRequest {
        let mut request = put_request("/bucket/key").unwrap();
        let headers = &mut request.headers;
        headers.insert("x-amz-content-sha256", digest.parse().unwrap());
        headers.insert("content-encoding", "gzip, aws-chunked".parse().unwrap());
        headers.insert("x-amz-decoded-content-length", "8".parse().unwrap());
        request.body = Bytes::from_static(body.as_bytes());
        request
    }

    #[test]
    fn chunks_become_the_content_that_they_mean() {
        let body = "5;chunk-signature=ab\r\nhello\r\n3\r\n\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let decoded = decoded(request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", body)).unwrap();
        assert_eq!(decoded.body, "hello\r\n!");
        assert_eq!(decoded.headers["content-length"], "8");
        assert_eq!(decoded.headers["content-encoding"], "gzip");
        assert!(!decoded.headers.contains_key("x-amz-decoded-content-length"));
    }

    #[test]
    fn what_is_not_whole_is_refused_and_what_is_no_chunks_stays() {
        for body in [
            "",
            "5\r\nhel",
            "5\r\nhello",
            "zz\r\nhello\r\n0\r\n",
            "5\r\nhello\r\n",
        ] {
            assert!(
                decoded(request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", body)).is_err(),
                "{body:?}"
            );
        }
        let plain = decoded(request("UNSIGNED-PAYLOAD", "5\r\nhello\r\n0\r\n")).unwrap();
        assert_eq!(plain.body, "5\r\nhello\r\n0\r\n");
    }
}

//! Packets: a length of three bytes, a sequence number, the payload.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A payload of this size goes on in the next packet.
const FULL: usize = 0xFF_FFFF;
/// The most that a client may send at once (MySQL's max_allowed_packet).
pub(crate) const MOST: usize = 64 << 20;
/// What is collected before it is sent.
const CHUNK: usize = 64 << 10;

/// Packets in and out of one connection.
pub(crate) struct Packets {
    stream: TcpStream,
    sequence: u8,
    out: Vec<u8>,
}

impl Packets {
    pub(crate) fn new(stream: TcpStream) -> Packets {
        Packets {
            stream,
            sequence: 0,
            out: Vec::new(),
        }
    }

    /// A command starts its sequence anew.
    pub(crate) async fn command(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.sequence = 0;
        self.next().await
    }

    /// The next payload; `None` where the client has left.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut payload = Vec::new();
        loop {
            let mut head = [0; 4];
            match self.stream.read_exact(&mut head).await {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && payload.is_empty() => {
                    return Ok(None);
                }
                other => other?,
            };
            let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
            self.sequence = head[3].wrapping_add(1);
            let start = payload.len();
            if start + length > MOST {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a packet is larger than max_allowed_packet",
                ));
            }
            payload.resize(start + length, 0);
            self.stream.read_exact(&mut payload[start..]).await?;
            if length < FULL {
                return Ok(Some(payload));
            }
        }
    }

    /// Adds a packet to what is to be sent.
    pub(crate) async fn put(&mut self, payload: &[u8]) -> io::Result<()> {
        let mut rest = payload;
        loop {
            let (part, after) = rest.split_at(rest.len().min(FULL));
            self.out
                .extend_from_slice(&(part.len() as u32).to_le_bytes()[..3]);
            self.out.push(self.sequence);
            self.out.extend_from_slice(part);
            self.sequence = self.sequence.wrapping_add(1);
            rest = after;
            if part.len() < FULL {
                break;
            }
        }
        if self.out.len() > CHUNK {
            self.flush().await?;
        }
        Ok(())
    }

    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }
}

/// Reads through a payload; each method answers `None` where it ends too early.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(part)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Up to a zero byte, or to the end where there is none.
    pub(crate) fn until_zero(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let part = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        part
    }

    /// An integer whose first byte says how long it is.
    pub(crate) fn integer(&mut self) -> Option<u64> {
        match self.byte()? {
            0xFC => self
                .array::<2>()
                .map(|bytes| u64::from(u16::from_le_bytes(bytes))),
            0xFD => self
                .array::<3>()
                .map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xFE => self.array::<8>().map(u64::from_le_bytes),
            small => Some(u64::from(small)),
        }
    }

    /// Bytes after their count.
    pub(crate) fn counted(&mut self) -> Option<&'a [u8]> {
        let count = usize::try_from(self.integer()?).ok()?;
        self.take(count)
    }
}

pub(crate) fn put_integer(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_le_bytes();
    match value {
        0..=0xFA => out.push(bytes[0]),
        0xFB..=0xFFFF => {
            out.push(0xFC);
            out.extend_from_slice(&bytes[..2]);
        }
        0x1_0000..=0xFF_FFFF => {
            out.push(0xFD);
            out.extend_from_slice(&bytes[..3]);
        }
        _ => {
            out.push(0xFE);
            out.extend_from_slice(&bytes);
        }
    }
}

pub(crate) fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    put_integer(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_as_they_were_put() {
        for value in [0, 0xFA, 0xFB, 0xFFFF, 0x1_0000, 0xFF_FFFF, 0x100_0000, u64::MAX] {
            let mut out = Vec::new();
            put_integer(&mut out, value);
            let mut reader = Reader(&out);
            assert_eq!((reader.integer(), reader.0.len()), (Some(value), 0));
        }
    }

    #[test]
    fn a_short_payload_is_no_value() {
        assert_eq!(Reader(&[0xFC, 1]).integer(), None);
        assert_eq!(Reader(&[5, b'a']).counted(), None);
        assert_eq!(Reader(b"abc").until_zero(), b"abc");
    }
}

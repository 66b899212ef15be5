//! A socket that is read in one direction, written in the other, and closed by whoever is done first.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// As much as is read at once, at most.
const CHUNK: usize = 32 * 1024;

/// Closes when its reader and its writer, who both stop on [`Socket::close`], have dropped it.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    closed: CancellationToken,
}

impl Socket {
    /// `closed` closes it.
    pub fn new(stream: TcpStream, closed: CancellationToken) -> Self {
        // as the Go runtime sets it on every connection; without it some packets wait for others
        let _ = stream.set_nodelay(true);
        Self { stream, closed }
    }

    pub fn close(&self) {
        self.closed.cancel();
    }

    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Makes closing discard what is not sent yet and reset the connection.
    pub fn make_abrupt(&self) {
        if let Err(error) = self.stream.set_zero_linger() {
            tracing::warn!("a connection cannot be reset: {error}");
        }
    }

    /// What is there to read; none at the end of the stream, on errors, and once it is closed. Small reads share the
    /// memory of `buffer`.
    pub async fn read(&self, buffer: &mut BytesMut) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                () = self.closed() => return None,
                ready = self.stream.readable() => ready.ok()?,
            }
            if buffer.capacity() - buffer.len() < CHUNK / 8 {
                buffer.reserve(CHUNK);
            }
            match self.stream.try_read_buf(buffer) {
                Ok(0) => return None,
                Ok(_) => return Some(buffer.split().freeze()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
    }

    /// Writes all of it; false when that is not possible any more.
    pub async fn write(&self, mut data: Bytes) -> bool {
        while !data.is_empty() {
            let ready = tokio::select! {
                biased;
                () = self.closed() => return false,
                ready = self.stream.writable() => ready.is_ok(),
            };
            if !ready {
                return false;
            }
            match self.stream.try_write(&data) {
                Ok(written) => drop(data.split_to(written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        true
    }
}

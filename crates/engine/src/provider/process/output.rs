//! What a child writes, until it has ended.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

use crate::net::charset;

/// How long after the end of the child its streams are still read, when something it left running holds them open.
/// Such output is part of the result, but a daemon must not hold up the experiment for ever.
const LINGER: Duration = Duration::from_secs(5);

/// As much as one read may bring: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// How a child ended.
pub(super) struct Ended {
    /// The exit code, or the negated number of the signal that killed it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Reads both streams to their end, and waits for the child.
pub(super) async fn collect(child: &mut Child) -> io::Result<Ended> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = {
        let streams = async { tokio::try_join!(read(out, &mut stdout), read(err, &mut stderr)) };
        tokio::pin!(streams);
        tokio::select! {
            biased;
            read = &mut streams => {
                read?;
                child.wait().await?
            }
            status = child.wait() => {
                if let Ok(read) = tokio::time::timeout(LINGER, &mut streams).await {
                    read?;
                }
                status?
            }
        }
    };
    Ok(Ended {
        status: code(status),
        stdout: charset::guess(stdout),
        stderr: charset::guess(stderr),
    })
}

async fn read(stream: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> io::Result<()> {
    let Some(mut stream) = stream else { return Ok(()) };
    loop {
        // doubles the room when it is full, so that large outputs are copied a few times only
        into.reserve(PIECE);
        if stream.read_buf(into).await? == 0 {
            return Ok(());
        }
    }
}

fn code(status: ExitStatus) -> i32 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => -signal,
        (None, None) => -1,
    }
}

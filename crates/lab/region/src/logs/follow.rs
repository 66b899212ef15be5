//! Follows a file that a process writes, line by line.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// Bytes that are read at a time.
const CHUNK: u64 = 256 * 1024;
/// A longer line is cut, as the agents of CloudWatch do.
const LONGEST: usize = 256 * 1024;

/// Reads the lines that are added to a file.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    read: u64,
    /// The beginning of a line whose end is not written yet.
    begun: Vec<u8>,
}

impl Follower {
    /// Follows a file from its beginning; it need not be there yet.
    pub fn new(path: PathBuf) -> Follower {
        Follower {
            path,
            read: 0,
            begun: Vec::new(),
        }
    }

    /// The lines that were completed since the last call: some of them, where there are many. Reads the file, but never for long.
    pub fn lines(&mut self) -> Vec<String> {
        let Ok(fresh) = self.fresh() else {
            return Vec::new();
        };
        self.begun.extend(fresh);
        let mut lines = Vec::new();
        let mut rest = self.begun.as_slice();
        while let Some(end) = end_of_line(rest) {
            let (line, after) = rest.split_at(end);
            lines.push(text(line));
            rest = after;
        }
        self.begun = rest.to_vec();
        lines
    }

    /// All lines that are left, the last one without its end, too. For when the process has ended.
    pub fn rest(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let before = self.read;
            all.extend(self.lines());
            if self.read == before {
                break;
            }
        }
        if !self.begun.is_empty() {
            all.push(text(&std::mem::take(&mut self.begun)));
        }
        all
    }

    fn fresh(&mut self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let mut fresh = Vec::new();
        if file.metadata()?.len() > self.read {
            file.seek(SeekFrom::Start(self.read))?;
            file.take(CHUNK).read_to_end(&mut fresh)?;
            self.read += fresh.len() as u64;
        }
        Ok(fresh)
    }
}

fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    end.filter(|end| *end <= LONGEST)
        .or((bytes.len() > LONGEST).then_some(LONGEST))
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line)
        .trim_end_matches(['\n', '\r'])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn lines_come_once_each_when_they_are_complete() {
        let path = std::env::temp_dir().join(format!("chaos-lab-follow-{}", std::process::id()));
        let mut follower = Follower::new(path.clone());
        assert!(follower.lines().is_empty());
        let mut file = File::create(&path).unwrap();
        write!(file, "one\r\ntw").unwrap();
        assert_eq!(follower.lines(), ["one"]);
        write!(file, "o\n\nlast").unwrap();
        assert_eq!(follower.lines(), ["two", ""]);
        assert!(follower.lines().is_empty());
        assert_eq!(follower.rest(), ["last"]);
        write!(file, "{}", "x".repeat(LONGEST + 10)).unwrap();
        let long = follower.rest();
        assert_eq!(long.iter().map(String::len).collect::<Vec<_>>(), [LONGEST, 10]);
        std::fs::remove_file(path).unwrap();
    }
}

//! What a write-ahead file has so far, as it may leave the machine.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use chaos_engine::journal::Masking;
use chaos_engine::value::{Value, json};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// The whole lines of a file that grows. Once opened it can be read to its end even if it is removed.
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
    /// The line that is not whole yet.
    rest: Vec<u8>,
    content: Vec<u8>,
}

impl Tail {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            file: None,
            offset: 0,
            rest: Vec::new(),
            content: Vec::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    /// Reads what has come since the last time; did anything?
    pub(super) fn grow(&mut self, mask: Masking<'_>) -> io::Result<bool> {
        let before = self.content.len();
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read_at(&mut chunk, self.offset)? {
                0 => break,
                count => {
                    self.offset += count as u64;
                    self.rest.extend_from_slice(&chunk[..count]);
                }
            }
        }
        self.file = Some(file);
        self.take_lines(mask);
        Ok(self.content.len() > before)
    }

    fn take_lines(&mut self, mask: Masking<'_>) {
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let lines: Vec<u8> = self.rest.drain(..=end).collect();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            match masked(line, mask) {
                Some(text) => self.content.extend_from_slice(text.as_bytes()),
                None => self.content.extend_from_slice(line),
            }
        }
    }
}

/// The line without secrets, where it may have any: in what an activity returned, and in the title, which can name one.
/// A recovery shows both and works with neither.
fn masked(line: &[u8], mask: Masking<'_>) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    let Value::Map(mut line) = json::parse(text).ok()? else {
        return None;
    };
    let part = match line.get("event").and_then(Value::as_str)? {
        "activity-started" | "activity-ended" => line.get_mut("record")?,
        "hypothesis-ended" => line.get_mut("state")?,
        "running" | "changed" => line.get_mut("experiment")?.as_map_mut()?.get_mut("title")?,
        _ => return None,
    };
    *part = mask(std::mem::take(part));
    Some(json::compact(&line.into()) + "\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn mask(value: Value) -> Value {
        let text = json::compact(&value).replace("s3cret", "***");
        json::parse(&text).unwrap()
    }

    #[test]
    fn only_whole_lines_are_taken_and_outputs_show_no_secret() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut tail = Tail::new(file.path().to_owned());
        assert!(!tail.grow(&mask).unwrap());
        let running = "\n{\"event\":\"running\",\"configuration\":{\"key\":\"s3cret\"}}\n";
        write!(
            file,
            "{running}{{\"event\":\"activity-ended\",\"record\":{{\"output\":\"s3c"
        )
        .unwrap();
        assert!(tail.grow(&mask).unwrap());
        assert_eq!(tail.content(), running.as_bytes(), "a recovery needs it as it is");
        writeln!(file, "ret\"}}}}").unwrap();
        assert!(tail.grow(&mask).unwrap());
        let all = format!("{running}{{\"event\":\"activity-ended\",\"record\":{{\"output\":\"***\"}}}}\n");
        assert_eq!(String::from_utf8_lossy(tail.content()), all);
        assert!(!tail.grow(&mask).unwrap());
    }

    #[test]
    fn a_file_that_is_gone_is_still_read_to_its_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut tail = Tail::new(file.path().to_owned());
        writeln!(file, "one").unwrap();
        tail.grow(&mask).unwrap();
        writeln!(file, "two").unwrap();
        std::fs::remove_file(file.path()).unwrap();
        assert!(tail.grow(&mask).unwrap());
        assert_eq!(tail.content(), b"one\ntwo\n");
        assert!(Tail::new(file.path().to_owned()).grow(&mask).is_err());
    }
}

//! The head of a response: status line and headers, as they came.

/// A parsed head. Bytes are read as ISO-8859-1, as Python's `http.client` does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Head {
    pub status: u16,
    pub reason: String,
    /// One entry for each header line, in order.
    pub headers: Vec<(String, String)>,
}

/// The raw bytes of heads, fed as they come, until the one of the final answer is whole.
#[derive(Default)]
pub(super) struct HeadReader {
    bytes: Vec<u8>,
    /// Where the search for the end goes on.
    seen: usize,
    done: bool,
}

impl HeadReader {
    /// Takes what was received; what comes after the final head is not kept.
    pub fn feed(&mut self, new: &[u8]) {
        if self.done {
            return;
        }
        self.bytes.extend_from_slice(new);
        while let Some(end) = self.end() {
            if !is_interim(&self.bytes[..end]) {
                self.bytes.truncate(end);
                self.done = true;
                return;
            }
            self.bytes.drain(..end);
            self.seen = 0;
        }
    }

    /// The length of the first head in the buffer, its empty line included.
    fn end(&mut self) -> Option<usize> {
        let bytes = &self.bytes;
        let found = (self.seen..bytes.len())
            .filter(|&at| bytes[at] == b'\n')
            .find_map(|at| match &bytes[at + 1..] {
                [b'\n', ..] => Some(at + 2),
                [b'\r', b'\n', ..] => Some(at + 3),
                _ => None,
            });
        self.seen = bytes.len().saturating_sub(3);
        found
    }

    /// The final head, or what there is of it.
    pub fn parse(&self) -> Head {
        let text: String = self.bytes.iter().map(|&byte| byte as char).collect();
        let mut lines = text
            .split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line));
        let (status, reason) = status_line(lines.next().unwrap_or_default());
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            add_line(&mut headers, line);
        }
        Head {
            status,
            reason,
            headers,
        }
    }
}

/// 1xx announces another head, except 101 after which something else than HTTP follows.
fn is_interim(head: &[u8]) -> bool {
    let code = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    code.starts_with(b"1") && !code.starts_with(b"101")
}

fn status_line(line: &str) -> (u16, String) {
    let mut words = line.splitn(3, ' ');
    let status = words.nth(1).and_then(|code| code.trim().parse().ok());
    (
        status.unwrap_or(0),
        words.next().unwrap_or_default().trim().to_owned(),
    )
}

fn add_line(headers: &mut Vec<(String, String)>, line: &str) {
    if line.starts_with([' ', '\t']) {
        // the old way of continuing a value on the next line
        if let Some((_, value)) = headers.last_mut() {
            value.push(' ');
            value.push_str(line.trim_start_matches([' ', '\t']));
        }
    } else if let Some((name, value)) = line.split_once(':') {
        headers.push((name.to_owned(), value.trim_start_matches([' ', '\t']).to_owned()));
    }
}

/// One entry for each name, in the case of its first line; the values of the others follow after `, `.
pub(super) fn merged(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        match out
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            Some((_, known)) => {
                known.push_str(", ");
                known.push_str(&value);
            }
            None => out.push((name, value)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Head {
        let mut reader = HeadReader::default();
        reader.feed(bytes);
        reader.parse()
    }

    fn pairs(head: &[(String, String)]) -> Vec<(&str, &str)> {
        head.iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn names_keep_their_case_and_values_their_inner_and_last_spaces() {
        let head = read(
            b"HTTP/1.1 200 All fine\r\nX-One:   a  b  \r\nx-lower:\r\nX-L: caf\xe9\r\n\r\nbody: no\r\n\r\n",
        );
        assert_eq!((head.status, head.reason.as_str()), (200, "All fine"));
        assert_eq!(
            pairs(&head.headers),
            [("X-One", "a  b  "), ("x-lower", ""), ("X-L", "café")]
        );
    }

    #[test]
    fn interim_heads_are_left_out() {
        let head = read(
            b"HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204\r\nB: 2\r\n\r\n",
        );
        assert_eq!((head.status, pairs(&head.headers)), (204, vec![("B", "2")]));
    }

    #[test]
    fn line_feeds_alone_and_continued_lines_are_understood() {
        let head = read(b"HTTP/1.0 200 OK\nX-Fold: a\n  b\nnocolon\nA: c\n\n");
        assert_eq!(pairs(&head.headers), [("X-Fold", "a b"), ("A", "c")]);
    }

    #[test]
    fn repeated_headers_are_joined_under_the_first_spelling() {
        let head = read(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nB: 1\r\nset-cookie: b=2\r\n\r\n");
        assert_eq!(
            pairs(&merged(head.headers)),
            [("Set-Cookie", "a=1, b=2"), ("B", "1")]
        );
    }

    proptest! {
        #[test]
        fn the_size_of_the_pieces_does_not_matter(
            text in "HTTP/1.1 (100 C\r\n\r\nHTTP/1.1 )?200 OK\r?\n([A-Za-z-]{1,5}: ?.{0,8}\r?\n){0,4}\r?\n.{0,20}",
            size in 1usize..9,
        ) {
            let mut reader = HeadReader::default();
            text.as_bytes().chunks(size).for_each(|piece| reader.feed(piece));
            prop_assert_eq!(reader.parse(), read(text.as_bytes()));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes);
        }
    }
}

//! Comments in the order in which people read them: each reply below what it answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Deeper replies are not indented further.
const DEEPEST: usize = 6;

/// A comment, as the api gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    pub id: i64,
    pub handle: Option<String>,
    pub content: String,
    pub reply_to: Option<i64>,
    pub created: String,
    pub checked: bool,
}

/// A comment on the page.
#[derive(Debug, Serialize)]
pub struct Line {
    id: i64,
    handle: String,
    content: String,
    created: String,
    checked: bool,
    depth: usize,
}

/// One line for each comment. A reply to what is not among them stands like a first comment.
pub fn lines(comments: Vec<Comment>) -> Vec<Line> {
    let places: BTreeMap<i64, usize> = comments
        .iter()
        .enumerate()
        .map(|(place, one)| (one.id, place))
        .collect();
    let mut replies: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (place, comment) in comments.iter().enumerate() {
        let parent = comment.reply_to.and_then(|id| places.get(&id).copied());
        // only an earlier one, so that there are no circles
        let parent = parent.filter(|parent| *parent < place);
        replies.entry(parent).or_default().push(place);
    }
    let mut comments: Vec<_> = comments.into_iter().map(Some).collect();
    let mut lines = Vec::with_capacity(comments.len());
    let mut next: Vec<(usize, usize)> = below(&replies, None, 0);
    while let Some((place, depth)) = next.pop() {
        next.extend(below(&replies, Some(place), depth + 1));
        lines.extend(comments[place].take().map(|comment| comment.line(depth)));
    }
    lines
}

/// The replies, the first one last, to take them from the end.
fn below(
    replies: &BTreeMap<Option<usize>, Vec<usize>>,
    parent: Option<usize>,
    depth: usize,
) -> Vec<(usize, usize)> {
    let places = replies.get(&parent).into_iter().flatten().rev();
    places.map(|place| (*place, depth)).collect()
}

impl Comment {
    fn line(self, depth: usize) -> Line {
        Line {
            id: self.id,
            handle: self.handle.unwrap_or_else(|| "somebody".into()),
            content: self.content,
            // to the minute
            created: self
                .created
                .chars()
                .take(16)
                .collect::<String>()
                .replace('T', " "),
            checked: self.checked,
            depth: depth.min(DEEPEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: i64, reply_to: Option<i64>) -> Comment {
        Comment {
            id,
            handle: None,
            content: String::new(),
            reply_to,
            created: "2025-01-31T12:34:56.789Z".into(),
            checked: true,
        }
    }

    #[test]
    fn replies_stand_below() {
        let comments = vec![
            comment(1, None),
            comment(4, Some(1)),
            comment(5, Some(1)),
            comment(6, Some(4)),
            comment(2, None),
            comment(7, Some(99)),
            comment(8, Some(8)),
        ];
        let lines = lines(comments);
        let order: Vec<_> = lines.iter().map(|line| (line.id, line.depth)).collect();
        assert_eq!(order, [(1, 0), (4, 1), (6, 2), (5, 1), (2, 0), (7, 0), (8, 0)]);
        assert_eq!(lines[0].created, "2025-01-31 12:34");
    }
}

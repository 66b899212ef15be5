//! Users, posts and comments.

use std::collections::{BTreeMap, BTreeSet};

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, error};

/// Words that make a comment spam. None of them is in the library's ordinary texts, and one is in each of its spam.
const SPAM_WORDS: [&str; 13] = [
    "prize",
    "cash",
    "claim",
    "voucher",
    "jackpot",
    "awarded",
    "redeemed",
    "unsubscribe",
    "chatlines",
    "txt",
    "callback",
    "explicit",
    "pls",
];

/// All things, each a JSON object with its `id`.
#[derive(Default)]
pub struct Store {
    things: BTreeMap<String, BTreeMap<u64, Map<String, Value>>>,
    /// The comments of each post.
    comments: BTreeMap<u64, BTreeSet<u64>>,
    last_id: u64,
}

/// A page of comments: at most `count`, after the first `more`.
#[derive(Clone, Copy)]
pub struct Page {
    count: usize,
    more: usize,
}

impl Page {
    /// From `count=…&more=…`; nothing when one is no number.
    pub fn from_query(query: Option<&str>) -> Option<Self> {
        let mut page = Self { count: 10, more: 0 };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "count" => page.count = value.parse().ok()?,
                "more" => page.more = value.parse().ok()?,
                _ => {}
            }
        }
        Some(page)
    }
}

impl Store {
    /// All things of a kind.
    pub fn all(&self, kind: &str) -> Value {
        json!(
            self.things
                .get(kind)
                .map(|things| things.values().collect::<Vec<_>>())
                .unwrap_or_default()
        )
    }

    /// Makes a thing, under the id that it brings or a new one. A comment must not be spam, and answers what exists.
    pub fn create(&mut self, kind: &str, mut thing: Map<String, Value>) -> Answer {
        if kind == "comments"
            && let Some(refusal) = self.refusal(&thing)
        {
            return refusal;
        }
        let id = match thing
            .get("id")
            .and_then(Value::as_u64)
            .filter(|_| kind != "comments")
        {
            Some(id) => id,
            None => self.last_id + 1,
        };
        self.last_id = self.last_id.max(id);
        thing.insert("id".into(), json!(id));
        if let Some(post) = post_of(kind, &thing) {
            self.comments.entry(post).or_default().insert(id);
        }
        self.things
            .entry(kind.into())
            .or_default()
            .insert(id, thing.clone());
        (StatusCode::OK, Value::Object(thing))
    }

    fn refusal(&self, comment: &Map<String, Value>) -> Option<Answer> {
        let number = |name: &str| comment.get(name).and_then(Value::as_u64);
        let post = number("post").filter(|id| self.find("posts", *id).is_some());
        let user = number("user").filter(|id| self.find("users", *id).is_some());
        if post.is_none() || user.is_none() {
            return Some(error(StatusCode::NOT_FOUND, "no such post or user"));
        }
        let parent = number("replyTo").or_else(|| number("parentCommentId"));
        if parent.is_some_and(|id| self.find("comments", id).is_none()) {
            return Some(error(StatusCode::NOT_FOUND, "no such comment to answer"));
        }
        has_spam(comment).then(|| error(StatusCode::FORBIDDEN, "this is spam"))
    }

    fn find(&self, kind: &str, id: u64) -> Option<&Map<String, Value>> {
        self.things.get(kind)?.get(&id)
    }

    /// A thing.
    pub fn read(&self, kind: &str, id: u64) -> Answer {
        self.find(kind, id)
            .map_or_else(missing, |thing| (StatusCode::OK, Value::Object(thing.clone())))
    }

    /// Sets some members of a thing.
    pub fn change(&mut self, kind: &str, id: u64, change: Map<String, Value>) -> Answer {
        let Some(thing) = self.things.get_mut(kind).and_then(|things| things.get_mut(&id)) else {
            return missing();
        };
        if kind == "comments" && has_spam(&change) {
            return error(StatusCode::FORBIDDEN, "this is spam");
        }
        thing.extend(
            change
                .into_iter()
                .filter(|(name, _)| name != "id" && name != "post"),
        );
        (StatusCode::OK, Value::Object(thing.clone()))
    }

    /// Removes a thing.
    pub fn delete(&mut self, kind: &str, id: u64) -> Answer {
        let removed = self.things.get_mut(kind).and_then(|things| things.remove(&id));
        if let Some(post) = removed.as_ref().and_then(|thing| post_of(kind, thing)) {
            self.comments.entry(post).or_default().remove(&id);
        }
        removed.map_or_else(missing, |thing| (StatusCode::OK, Value::Object(thing)))
    }

    /// A page of the comments of a post, oldest first. `paginationInfo.more` is what to ask for next, and -1 after
    /// the last one.
    pub fn comments_of(&self, post: u64, page: Page) -> Answer {
        if self.find("posts", post).is_none() {
            return missing();
        }
        let mut rest = self.comments.get(&post).into_iter().flatten().skip(page.more);
        let ids = rest.by_ref().take(page.count);
        let comments: Vec<_> = ids.filter_map(|id| self.find("comments", *id)).collect();
        let more = if rest.next().is_some() {
            json!(page.more + comments.len())
        } else {
            json!(-1)
        };
        let answer = json!({ "comments": comments, "paginationInfo": { "count": page.count, "more": more } });
        (StatusCode::OK, answer)
    }
}

fn post_of(kind: &str, thing: &Map<String, Value>) -> Option<u64> {
    thing
        .get("post")
        .and_then(Value::as_u64)
        .filter(|_| kind == "comments")
}

fn missing() -> Answer {
    error(StatusCode::NOT_FOUND, "not found")
}

fn has_spam(comment: &Map<String, Value>) -> bool {
    comment
        .get("content")
        .and_then(Value::as_str)
        .is_some_and(is_spam)
}

/// Whether the application refuses a comment with this text.
pub fn is_spam(content: &str) -> bool {
    let content = content.to_lowercase();
    content
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| SPAM_WORDS.contains(&word))
}

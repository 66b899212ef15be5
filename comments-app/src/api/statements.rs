//! All SQL of the application.
//!
//! It runs on MySQL 8, on MariaDB and on what speaks their protocol in a lab: so no stored procedures, no window functions, no
//! JSON, no session settings. Each statement is committed by itself, and may be sent twice with the effect of once: inserts
//! carry their id, updates set what they set, and what was deleted stays deleted.

/// Answers when the database does.
pub const ALIVE: &str = "SELECT 1";

pub const USER: &str = "SELECT id, handle, username FROM users WHERE id = ?";
pub const USERS: &str = "SELECT id, handle, username FROM users WHERE id >= ? ORDER BY id LIMIT ?";
pub const USERS_BY_HANDLE: &str =
    "SELECT id, handle, username FROM users WHERE handle = ? AND id >= ? ORDER BY id LIMIT ?";
pub const INSERT_USER: &str = "INSERT INTO users (id, handle, username) VALUES (?, ?, ?)";
pub const UPDATE_USER: &str =
    "UPDATE users SET handle = COALESCE(?, handle), username = COALESCE(?, username) WHERE id = ?";
/// Their comments stay.
pub const DELETE_USER: &str = "DELETE FROM users WHERE id = ?";

pub const POST: &str = "SELECT id, url, title FROM posts WHERE id = ?";
pub const POSTS: &str = "SELECT id, url, title FROM posts WHERE id >= ? ORDER BY id LIMIT ?";
pub const INSERT_POST: &str = "INSERT INTO posts (id, url, title) VALUES (?, ?, ?)";
pub const UPDATE_POST: &str =
    "UPDATE posts SET url = COALESCE(?, url), title = COALESCE(?, title) WHERE id = ?";
/// Its comments go with it, by the foreign key.
pub const DELETE_POST: &str = "DELETE FROM posts WHERE id = ?";

/// The columns that a comment is read from: `things::Comment` takes them in this order.
macro_rules! select_comment {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.post, c.author, u.handle, c.reply_to, c.content, c.created, c.checked, c.thread ",
            "FROM comments c LEFT JOIN users u ON u.id = c.author ",
            $rest
        )
    };
}

pub const COMMENT: &str = select_comment!("WHERE c.id = ? AND c.deleted = 0");
pub const COMMENTS: &str = select_comment!("WHERE c.id >= ? AND c.deleted = 0 ORDER BY c.id LIMIT ?");
pub const COMMENT_BY_TOKEN: &str = select_comment!("WHERE c.token = ? AND c.deleted = 0");
/// Threads by age, in each its comments by age. What others write meanwhile moves none of those that were there.
pub const COMMENTS_OF_POST: &str = select_comment!(
    "WHERE c.post = ? AND c.deleted = 0 AND (c.thread > ? OR (c.thread = ? AND c.id > ?)) ORDER BY c.thread, c.id LIMIT ?"
);
/// Also of a deleted comment.
pub const THREAD: &str = "SELECT thread FROM comments WHERE id = ? AND post = ?";
pub const TOKEN: &str = "SELECT id FROM comments WHERE token = ?";
pub const INSERT_COMMENT: &str = "INSERT INTO comments (id, post, author, thread, reply_to, content, created, checked, token) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub const UPDATE_COMMENT: &str = "UPDATE comments SET content = ?, checked = ? WHERE id = ? AND deleted = 0";
pub const DELETE_COMMENT: &str = "UPDATE comments SET deleted = 1, content = '' WHERE id = ?";

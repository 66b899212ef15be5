//! Users, posts and comments, as rows and as JSON.

use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};
use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

/// Something that is read from a row.
pub trait Thing: Sized + Serialize {
    /// What lists of them are called.
    const PLURAL: &'static str;

    /// From the columns of its statements.
    fn from_row(row: &MySqlRow) -> Result<Self, sqlx::Error>;

    fn id(&self) -> i64;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    pub id: i64,
    pub handle: String,
    pub username: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Post {
    pub id: i64,
    pub url: String,
    pub title: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    pub id: i64,
    pub post: i64,
    pub user: i64,
    /// Of the user; nothing when the user is gone.
    pub handle: Option<String>,
    pub content: String,
    /// Which may be gone.
    pub reply_to: Option<i64>,
    #[serde(serialize_with = "time")]
    pub created: i64,
    /// Whether spamcheck judged it.
    pub checked: bool,
    #[serde(skip)]
    pub thread: i64,
}

impl Thing for User {
    const PLURAL: &'static str = "users";

    fn from_row(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            handle: row.try_get(1)?,
            username: row.try_get(2)?,
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Thing for Post {
    const PLURAL: &'static str = "posts";

    fn from_row(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            url: row.try_get(1)?,
            title: row.try_get(2)?,
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Thing for Comment {
    const PLURAL: &'static str = "comments";

    fn from_row(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            post: row.try_get(1)?,
            user: row.try_get(2)?,
            handle: row.try_get(3)?,
            reply_to: row.try_get(4)?,
            content: row.try_get(5)?,
            created: row.try_get(6)?,
            checked: row.try_get::<i64, _>(7)? != 0,
            thread: row.try_get(8)?,
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// As `2025-01-31T12:00:00.000Z`.
fn time<S: Serializer>(milliseconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let time = DateTime::from_timestamp_millis(*milliseconds).unwrap_or_default();
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

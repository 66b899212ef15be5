//! Comments.

use sqlx::Row as _;

use super::super::cursor::{Listed, Page};
use super::super::database::DatabaseError;
use super::super::things::Comment;
use super::super::{identity, statements as sql};
use super::{DRAWS, Store, Values, no_id};
use crate::problem::{Answer, Problem};

/// A comment that is not written yet.
#[derive(Debug)]
pub struct Draft {
    pub post: i64,
    pub user: i64,
    pub handle: String,
    pub content: String,
    pub reply_to: Option<i64>,
    /// The thread of the comment that it answers.
    pub thread: Option<i64>,
    pub checked: bool,
    /// Names the request: the same one makes one comment, however often it is sent.
    pub token: String,
}

impl Store {
    pub async fn comment(&self, id: i64) -> Answer<Option<Comment>> {
        self.one(sql::COMMENT, Values::of(id)).await
    }

    pub async fn comments(&self, page: Page) -> Answer<Listed<Comment>> {
        self.page(sql::COMMENTS, Values::none(), page).await
    }

    /// A page of the comments of a post; `more` is the last comment of the page before.
    pub async fn comments_of(&self, post: i64, page: Page) -> Answer<Listed<Comment>> {
        let comments = if page.more < 0 {
            Vec::new()
        } else {
            let thread = self.thread_of(page.more, post).await?;
            let place = Values::of(post).and(thread).and(thread).and(page.more);
            self.all(sql::COMMENTS_OF_POST, place.and(page.limit())).await?
        };
        Ok(page.listed(comments, |last: &Comment| last.id))
    }

    async fn thread_of(&self, comment: i64, post: i64) -> Answer<i64> {
        if comment == 0 {
            return Ok(0);
        }
        let thread = self.number(sql::THREAD, Values::of(comment).and(post)).await?;
        thread.ok_or_else(|| Problem::bad_request("more must be 0, or what the page before gave"))
    }

    /// Writes a comment: when this gives one, it is committed.
    pub async fn create_comment(&self, draft: &Draft) -> Answer<Comment> {
        for _ in 0..DRAWS {
            let comment = draft.with(identity::draw());
            let values = draft.values(&comment);
            match self.database.execute(sql::INSERT_COMMENT, values.done()?).await {
                Ok(_) => return Ok(comment),
                Err(DatabaseError::Duplicate) => {}
                Err(DatabaseError::Orphan) => return Err(Problem::not_found("no such post")),
                Err(failure) => return Err(failure.into()),
            }
            if let Some(there) = self.made_before(draft).await? {
                return Ok(there);
            }
        }
        Err(no_id())
    }

    /// The comment that an earlier try of this request made.
    async fn made_before(&self, draft: &Draft) -> Answer<Option<Comment>> {
        let there = self
            .one::<Comment>(sql::COMMENT_BY_TOKEN, Values::of(&*draft.token))
            .await?;
        if let Some(there) = there {
            return if (there.post, there.user, there.reply_to) == (draft.post, draft.user, draft.reply_to) {
                Ok(Some(there))
            } else {
                Err(Problem::conflict(
                    "this Idempotency-Key made another comment",
                    there.id,
                ))
            };
        }
        match self.number(sql::TOKEN, Values::of(&*draft.token)).await? {
            Some(id) => Err(Problem::conflict(
                "this Idempotency-Key made a comment that is deleted",
                id,
            )),
            None => Ok(None),
        }
    }

    async fn number(&self, sql: &'static str, values: Values) -> Answer<Option<i64>> {
        let rows = self.database.rows(sql, values.done()?).await?;
        let number = rows.first().map(|row| row.try_get(0)).transpose();
        number.map_err(|error| DatabaseError::Fault(error).into())
    }

    /// Gives the comment, if there is one.
    pub async fn change_comment(&self, id: i64, content: &str, checked: bool) -> Answer<Option<Comment>> {
        let values = Values::of(content).and(i64::from(checked)).and(id);
        self.database.execute(sql::UPDATE_COMMENT, values.done()?).await?;
        self.comment(id).await
    }

    /// Gives what was deleted. Replies stay.
    pub async fn delete_comment(&self, id: i64) -> Answer<Option<Comment>> {
        let comment = self.comment(id).await?;
        if comment.is_some() {
            let values = Values::of(id);
            self.database.execute(sql::DELETE_COMMENT, values.done()?).await?;
        }
        Ok(comment)
    }
}

impl Draft {
    fn with(&self, id: i64) -> Comment {
        Comment {
            id,
            post: self.post,
            user: self.user,
            handle: Some(self.handle.clone()),
            content: self.content.clone(),
            reply_to: self.reply_to,
            created: identity::now(),
            checked: self.checked,
            thread: self.thread.unwrap_or(id),
        }
    }

    fn values(&self, comment: &Comment) -> Values {
        Values::of(comment.id)
            .and(comment.post)
            .and(comment.user)
            .and(comment.thread)
            .and(comment.reply_to)
            .and(&*comment.content)
            .and(comment.created)
            .and(i64::from(comment.checked))
            .and(&*self.token)
    }
}

//! `/comments`, and the comments of a post.

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use bytes::Bytes;

use super::super::Api;
use super::super::cursor::Page;
use super::super::identity;
use super::super::input::{Input, id};
use super::super::store::Draft;
use super::{found, listed};
use crate::problem::{Answer, Problem};

/// In characters; four bytes each fit into the column.
const CONTENT: usize = 10_000;
/// The longest `Idempotency-Key`, in characters.
const KEY: usize = 64;

pub async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Answer {
    let page = Page::from_query(query.as_deref())?;
    Ok(listed(&api.store.comments(page).await?))
}

pub async fn of_post(State(api): State<Api>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let (post, page) = (id(&name)?, Page::from_query(query.as_deref())?);
    if api.store.post(post).await?.is_none() {
        return Err(Problem::not_found("no such post"));
    }
    Ok(listed(&api.store.comments_of(post, page).await?))
}

pub async fn create(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let input = Input::parse(&body?)?;
    write(&api, input.id("post")?, &input, &headers).await
}

pub async fn on_post(
    State(api): State<Api>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    write(&api, id(&name)?, &Input::parse(&body?)?, &headers).await
}

async fn write(api: &Api, post: i64, input: &Input, headers: &HeaderMap) -> Answer {
    let mut draft = draft(api, post, input, token(headers)?).await?;
    draft.checked = api.spam.passes(&draft.content).await?;
    found(Some(api.store.create_comment(&draft).await?))
}

/// What is to be written, when all that it names is there.
async fn draft(api: &Api, post: i64, input: &Input, token: String) -> Answer<Draft> {
    let content = input.text("content", CONTENT)?;
    let parent = input.some_id("replyTo")?;
    let reply_to = parent.map_or_else(|| input.some_id("parentCommentId"), |id| Ok(Some(id)))?;
    let user = api.store.user(input.id("user")?).await?;
    let user = user.ok_or_else(|| Problem::not_found("no such user"))?;
    if api.store.post(post).await?.is_none() {
        return Err(Problem::not_found("no such post"));
    }
    let thread = match reply_to {
        Some(parent) => Some(thread(api, parent, post).await?),
        None => None,
    };
    Ok(Draft {
        post,
        user: user.id,
        handle: user.handle,
        content,
        reply_to,
        thread,
        checked: false,
        token,
    })
}

/// The thread of the comment to answer.
async fn thread(api: &Api, parent: i64, post: i64) -> Answer<i64> {
    let parent = api.store.comment(parent).await?;
    let parent = parent.ok_or_else(|| Problem::not_found("no such comment to answer"))?;
    if parent.post == post {
        Ok(parent.thread)
    } else {
        Err(Problem::bad_request("the comment to answer is on another post"))
    }
}

/// The client's name for its request, so that it can send it again; else one of ours.
fn token(headers: &HeaderMap) -> Answer<String> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(identity::token());
    };
    let key = key.to_str().ok().filter(|key| (1..=KEY).contains(&key.len()));
    let wrong = || Problem::bad_request("Idempotency-Key must have 1 to 64 plain characters");
    // as digits: the database takes letters of either case for the same
    let digits = |key: &str| key.bytes().map(|byte| format!("{byte:02x}")).collect();
    key.map(digits).ok_or_else(wrong)
}

pub async fn read(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.comment(id(&name)?).await?)
}

/// Only the content can be changed.
pub async fn change(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let (id, input) = (id(&name)?, Input::parse(&body?)?);
    let there = api.store.comment(id).await?;
    let (Some(content), true) = (input.some_text("content", CONTENT)?, there.is_some()) else {
        return found(there);
    };
    let checked = api.spam.passes(&content).await?;
    found(api.store.change_comment(id, &content, checked).await?)
}

pub async fn delete(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.delete_comment(id(&name)?).await?)
}

//! `/users`

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use bytes::Bytes;

use super::super::Api;
use super::super::cursor::Page;
use super::super::input::{Input, id};
use super::{found, listed};
use crate::problem::Answer;

const HANDLE: usize = 255;
const USERNAME: usize = 255;

pub async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Answer {
    let page = Page::from_query(query.as_deref())?;
    let mut pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let handle = pairs.find(|(name, _)| name == "handle");
    let handle = handle.as_ref().map(|(_, handle)| &**handle);
    Ok(listed(&api.store.users(handle, page).await?))
}

pub async fn create(State(api): State<Api>, body: Result<Bytes, BytesRejection>) -> Answer<Response> {
    let input = Input::parse(&body?)?;
    let (handle, username) = (input.text("handle", HANDLE)?, input.text("username", USERNAME)?);
    let user = api
        .store
        .create_user(input.some_id("id")?, &handle, &username)
        .await?;
    found(Some(user))
}

pub async fn read(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.user(id(&name)?).await?)
}

pub async fn change(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let (id, input) = (id(&name)?, Input::parse(&body?)?);
    let handle = input.some_text("handle", HANDLE)?;
    let username = input.some_text("username", USERNAME)?;
    let user = api
        .store
        .change_user(id, handle.as_deref(), username.as_deref())
        .await?;
    found(user)
}

pub async fn delete(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.delete_user(id(&name)?).await?)
}

//! `/posts`

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use bytes::Bytes;

use super::super::Api;
use super::super::cursor::Page;
use super::super::input::{Input, id};
use super::{found, listed};
use crate::problem::Answer;

const URL: usize = 2048;
const TITLE: usize = 512;

pub async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Answer {
    let page = Page::from_query(query.as_deref())?;
    Ok(listed(&api.store.posts(page).await?))
}

pub async fn create(State(api): State<Api>, body: Result<Bytes, BytesRejection>) -> Answer {
    let input = Input::parse(&body?)?;
    let (url, title) = (input.text("url", URL)?, input.text("title", TITLE)?);
    let post = api.store.create_post(input.some_id("id")?, &url, &title).await?;
    found(Some(post))
}

pub async fn read(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.post(id(&name)?).await?)
}

pub async fn change(
    State(api): State<Api>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let (id, input) = (id(&name)?, Input::parse(&body?)?);
    let url = input.some_text("url", URL)?;
    let title = input.some_text("title", TITLE)?;
    found(
        api.store
            .change_post(id, url.as_deref(), title.as_deref())
            .await?,
    )
}

pub async fn delete(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    found(api.store.delete_post(id(&name)?).await?)
}

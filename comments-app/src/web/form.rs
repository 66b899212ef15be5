//! The form of the page.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Web;
use super::ask::{get, send};
use super::page::{Fields, fields, filled, render};
use crate::problem::{Answer, Problem};
use crate::upstream::Upstream;

#[derive(Deserialize)]
struct Users {
    users: Vec<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

/// Takes the form; then shows the comment, or says why it was not taken, with what was typed.
pub async fn comment(State(web): State<Web>, body: Result<Bytes, BytesRejection>) -> Answer {
    let form = fields(&body?);
    let refusal = match write(&web.api, &form).await {
        Ok((post, comment)) => return Ok(Redirect::to(&format!("/?post={post}#c{comment}")).into_response()),
        Err(refusal) => refusal,
    };
    let mut page = filled(&web.quick_api, &form).await;
    page.content = form.get("content").cloned().unwrap_or_default();
    page.note = Some(refusal.1);
    Ok(render(refusal.0, &page))
}

type Refusal = (StatusCode, String);

/// Gives the post and the new comment.
async fn write(api: &Upstream, form: &Fields) -> Result<(i64, i64), Refusal> {
    let field = |name: &str| form.get(name).map_or("", |text| text.trim());
    let (name, content) = (field("name"), field("content"));
    let number = |name: &str| field(name).parse::<i64>().ok();
    let Some(post) = number("post").filter(|_| !name.is_empty() && !content.is_empty()) else {
        let told = "Please write your name and a comment.";
        return Err((StatusCode::BAD_REQUEST, told.into()));
    };
    let user = user(api, name)
        .await
        .map_err(|problem| told(&problem, &Value::Null))?;
    let comment = json!({ "user": user, "content": content, "replyTo": number("replyTo") });
    let (status, answer) = send(api, Method::POST, &format!("/posts/{post}/comments"), &comment)
        .await
        .map_err(|problem| told(&problem, &Value::Null))?;
    match answer.get("id").and_then(Value::as_i64) {
        Some(id) if status.is_success() => Ok((post, id)),
        _ => Err(told(&Problem::new(status, ""), &answer)),
    }
}

/// What a person reads when the comment was not taken.
fn told(problem: &Problem, answer: &Value) -> Refusal {
    let why = answer
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or("something is wrong");
    let text = match problem.status {
        StatusCode::FORBIDDEN => "Your comment looks like spam, and was not published.".to_owned(),
        status if status.is_client_error() => format!("Your comment was not published: {why}."),
        _ => "Your comment could not be published for the moment. Please try again.".to_owned(),
    };
    (problem.status, text)
}

/// The user of this name; a new one is made on the first comment.
async fn user(api: &Upstream, name: &str) -> Answer<i64> {
    let handle = format!(
        "@{}",
        name.trim_start_matches('@').replace(char::is_whitespace, "-")
    );
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("handle", &handle)
        .append_pair("count", "1")
        .finish();
    if let Some(user) = get::<Users>(api, &format!("/users?{query}")).await?.users.first() {
        return Ok(user.id);
    }
    let user = json!({ "handle": handle, "username": name });
    let (status, answer) = send(api, Method::POST, "/users", &user).await?;
    let id = answer
        .get("id")
        .and_then(Value::as_i64)
        .filter(|_| status.is_success());
    id.ok_or_else(|| Problem::new(status, "no user was made"))
}

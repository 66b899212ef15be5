//! The page: posts, the comments of one of them, and a form. It works without JavaScript.

use std::collections::HashMap;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use tracing::error;

use super::Web;
use super::ask::get;
use super::thread::{Comment, Line, lines};
use crate::problem::{Answer, Problem};
use crate::upstream::Upstream;

const TEMPLATE: &str = include_str!("page.html");
/// Nothing but the page itself: whatever a comment holds, no browser runs it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'";
const AWAY: &str = "Posts and comments cannot be read for the moment. Please try again soon.";

#[derive(Debug, Default, Deserialize, Serialize)]
struct Post {
    id: i64,
    title: String,
    url: String,
}

#[derive(Deserialize)]
struct Posts {
    posts: Vec<Post>,
}

#[derive(Deserialize)]
struct Comments {
    comments: Vec<Comment>,
    #[serde(rename = "paginationInfo")]
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    more: i64,
}

/// What the page shows.
#[derive(Default, Serialize)]
pub struct Page {
    pub note: Option<String>,
    posts: Vec<Post>,
    post: Option<Post>,
    comments: Vec<Line>,
    /// Where the next comments begin; -1 at the end.
    more: i64,
    /// What was typed, when it was refused.
    name: String,
    pub content: String,
    reply_to: String,
}

/// Names and values of a query or a form.
pub type Fields = HashMap<String, String>;

pub fn fields(text: &[u8]) -> Fields {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// Always 200: a load balancer asks for this page to see whether web is well, which it is also while the api is away.
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery) -> Response {
    let asked = fields(query.unwrap_or_default().as_bytes());
    render(StatusCode::OK, &filled(&web.quick_api, &asked).await)
}

/// What there is to show now.
pub async fn filled(api: &Upstream, asked: &Fields) -> Page {
    let mut page = Page {
        more: -1,
        name: asked.get("name").cloned().unwrap_or_default(),
        reply_to: asked.get("replyTo").cloned().unwrap_or_default(),
        ..Page::default()
    };
    if let Err(problem) = fill(api, asked, &mut page).await {
        let gone = problem.status == StatusCode::NOT_FOUND;
        page.note = Some(if gone { "This post is gone." } else { AWAY }.into());
    }
    page
}

async fn fill(api: &Upstream, asked: &Fields, page: &mut Page) -> Answer<()> {
    page.posts = get::<Posts>(api, "/posts?count=50").await?.posts;
    let id = match asked.get("post") {
        Some(post) => post.parse().map_err(|_| Problem::not_found("no such post"))?,
        None => match page.posts.first() {
            Some(first) => first.id,
            None => return Ok(()),
        },
    };
    page.post = Some(get::<Post>(api, &format!("/posts/{id}")).await?);
    let more: i64 = asked.get("more").and_then(|more| more.parse().ok()).unwrap_or(0);
    let path = format!("/posts/{id}/comments?count=100&more={more}");
    let listed = get::<Comments>(api, &path).await?;
    page.more = listed.pagination.more;
    page.comments = lines(listed.comments);
    Ok(())
}

/// As HTML.
pub fn render(status: StatusCode, page: &Page) -> Response {
    let mut environment = Environment::new();
    // .html: texts are escaped
    let added = environment.add_template("page.html", TEMPLATE);
    let rendered = added.and_then(|()| {
        environment
            .get_template("page.html")?
            .render(context! { page => Serde(page) })
    });
    match rendered {
        Ok(html) => {
            let headers = [
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (status, headers, Html(html)).into_response()
        }
        Err(cause) => {
            error!(%cause, "cannot write the page");
            Problem::internal().into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn html(page: &Page) -> String {
        let response = render(StatusCode::OK, page);
        assert_eq!(response.status(), StatusCode::OK);
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_people_wrote_is_text() {
        let wrote = "<script>alert('x')</script>";
        let post = || Post {
            id: 1,
            title: wrote.into(),
            url: "javascript:alert(1)".into(),
        };
        let comment = Comment {
            id: 7,
            handle: Some(wrote.into()),
            content: wrote.into(),
            reply_to: None,
            created: "2025-01-31T12:34:56.789Z".into(),
            checked: false,
        };
        let page = Page {
            posts: vec![post()],
            post: Some(post()),
            comments: lines(vec![comment]),
            name: "\"><img src=x>".into(),
            ..Page::default()
        };
        let html = html(&page).await;
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"),
            "{html}"
        );
    }

    #[tokio::test]
    async fn an_empty_page_has_a_note() {
        let page = Page {
            note: Some(AWAY.into()),
            ..Page::default()
        };
        assert!(html(&page).await.contains(AWAY));
    }
}

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

use super::body::{Fields, first_value};
use super::error::ApiError;
use super::{Answer, Shared, json};
use crate::collection::Wanted;
use crate::listen::Settings;
use crate::proxy::View;

pub async fn index(State(collection): Shared) -> Response {
    let mut views = BTreeMap::new();
    for proxy in collection.all().await {
        views.insert(proxy.name.clone(), proxy.view().await);
    }
    json(StatusCode::OK, &views)
}

pub async fn show(State(collection): Shared, Path(name): Path<String>) -> Answer {
    Ok(json(StatusCode::OK, &collection.get(&name).await?.view().await))
}

pub async fn create(State(collection): Shared, body: Bytes) -> Answer {
    let wanted = wanted(&Fields::of(first_value(&body)?)?, "")?;
    let proxy = collection.add(wanted).await?;
    Ok(json(StatusCode::CREATED, &proxy.view().await))
}

/// Reads a proxy; `place` stands behind the name of a field that is missing.
fn wanted(fields: &Fields, place: &str) -> Result<Wanted, ApiError> {
    let [name, listen, upstream] = ["name", "listen", "upstream"].map(|name| fields.text(name));
    let (name, listen, upstream) = (name?, listen?, upstream?);
    let enabled = fields.flag("enabled")?;
    let needed = |value: Option<String>, name: &str| {
        let value = value.filter(|value| !value.is_empty());
        value.ok_or_else(|| ApiError::MissingField(format!("{name}{place}")))
    };
    Ok(Wanted {
        name: needed(name, "name")?,
        settings: Settings {
            upstream: needed(upstream, "upstream")?,
            listen: listen.unwrap_or_default(),
        },
        enabled: enabled.unwrap_or(true),
    })
}

pub async fn update(State(collection): Shared, Path(name): Path<String>, body: Bytes) -> Answer {
    let proxy = collection.get(&name).await?;
    let fields = Fields::of(first_value(&body)?)?;
    let (present, enabled) = proxy.settings().await;
    let settings = Settings {
        listen: fields.text("listen")?.unwrap_or(present.listen),
        upstream: fields.text("upstream")?.unwrap_or(present.upstream),
    };
    let enabled = fields.flag("enabled")?.unwrap_or(enabled);
    proxy.update(settings, enabled).await?;
    Ok(json(StatusCode::OK, &proxy.view().await))
}

pub async fn delete(State(collection): Shared, Path(name): Path<String>) -> Answer {
    collection.remove(&name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Starts all proxies and removes all toxics.
pub async fn reset(State(collection): Shared) -> Answer {
    for proxy in collection.all().await {
        proxy.start().await?;
        proxy.remove_toxics().await;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize)]
struct Populated {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Null when there is none, as the original answers.
    proxies: Option<Vec<View>>,
}

/// Makes a list of proxies. What was made before one fails stays, and is told with the error.
pub async fn populate(State(collection): Shared, body: Bytes) -> Response {
    let mut views = Vec::new();
    let failed = fill(&collection, &body, &mut views).await.err();
    let status = failed.as_ref().map_or(StatusCode::CREATED, ApiError::status);
    let populated = Populated {
        status: failed.as_ref().map(|error| error.status().as_u16()),
        error: failed.map(|error| error.to_string()),
        proxies: (!views.is_empty()).then_some(views),
    };
    json(status, &populated)
}

async fn fill(
    collection: &crate::collection::Collection,
    body: &[u8],
    views: &mut Vec<View>,
) -> Result<(), ApiError> {
    let list = Fields::list_of(first_value(body)?)?;
    let numbered = list.iter().enumerate();
    let wanted: Vec<Wanted> = numbered
        .map(|(at, fields)| wanted(fields, &format!(" at proxy {}", at + 1)))
        .collect::<Result<_, _>>()?;
    for wanted in wanted {
        views.push(collection.add_or_replace(wanted).await?.view().await);
    }
    Ok(())
}

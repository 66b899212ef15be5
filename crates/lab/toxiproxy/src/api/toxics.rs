use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bytes::Bytes;

use super::body::{Fields, first_value};
use super::error::ApiError;
use super::{Answer, Shared, json};
use crate::toxics::{Attributes, Direction, Toxic};

pub async fn index(State(collection): Shared, Path(proxy): Path<String>) -> Answer {
    Ok(json(
        StatusCode::OK,
        &collection.get(&proxy).await?.toxics().await,
    ))
}

pub async fn show(State(collection): Shared, Path((proxy, name)): Path<(String, String)>) -> Answer {
    let toxic = collection.get(&proxy).await?.toxic(&name).await;
    Ok(json(StatusCode::OK, &toxic.ok_or(ApiError::ToxicNotFound)?))
}

pub async fn create(State(collection): Shared, Path(proxy): Path<String>, body: Bytes) -> Answer {
    let proxy = collection.get(&proxy).await?;
    let fields = Fields::of(first_value(&body)?)?;
    let (toxic, given) = wanted(&fields)?;
    // a taken name is told before attributes that cannot be used
    if proxy.toxic(&toxic.name).await.is_some() {
        return Err(ApiError::ToxicAlreadyExists);
    }
    let attributes = toxic.attributes.with(&given)?;
    let toxic = Toxic { attributes, ..toxic };
    match proxy.add_toxic(&toxic).await {
        true => Ok(json(StatusCode::OK, &toxic)),
        false => Err(ApiError::ToxicAlreadyExists),
    }
}

/// The toxic without its attributes, and these.
fn wanted(fields: &Fields) -> Result<(Toxic, Fields), ApiError> {
    let [name, kind, stream] = ["name", "type", "stream"].map(|name| fields.text(name));
    let (name, kind, stream) = (name?, kind?.unwrap_or_default(), stream?);
    let (toxicity, given) = (fields.number("toxicity")?, fields.object("attributes")?);
    let stream = stream.unwrap_or_else(|| "downstream".to_owned());
    let direction = Direction::of(&stream).ok_or(ApiError::InvalidStream)?;
    let attributes = Attributes::of(&kind).ok_or(ApiError::InvalidToxicType)?;
    let name = name.filter(|name| !name.is_empty());
    let toxic = Toxic {
        attributes,
        name: name.unwrap_or_else(|| format!("{kind}_{stream}")),
        kind,
        stream,
        toxicity: toxicity.unwrap_or(1.0),
        direction,
    };
    Ok((toxic, given))
}

pub async fn update(
    State(collection): Shared,
    Path((proxy, name)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let proxy = collection.get(&proxy).await?;
    let change = |present: &Toxic| {
        let fields = Fields::of(first_value(&body)?)?;
        let toxicity = fields.number("toxicity")?.unwrap_or(present.toxicity);
        let attributes = present.attributes.with(&fields.object("attributes")?)?;
        Ok((attributes, toxicity))
    };
    Ok(json(StatusCode::OK, &proxy.update_toxic(&name, change).await?))
}

pub async fn delete(State(collection): Shared, Path((proxy, name)): Path<(String, String)>) -> Answer {
    match collection.get(&proxy).await?.remove_toxic(&name).await {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(ApiError::ToxicNotFound),
    }
}

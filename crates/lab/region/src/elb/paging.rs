//! Answers in pages.

use serde_json::{Map, Value, json};

use crate::input;
use crate::wire::{Answer, ApiError};

/// One page of a list: at most `PageSize` (or `most`) items from `Marker` on, and a `NextMarker` where there are more.
///
/// # Errors
/// `ValidationError` for a marker that no answer gave, or a page size that AWS does not take.
pub(super) fn page(member: &str, items: Vec<Value>, input: &Value, most: usize) -> Answer {
    let from: usize = match input::text(input, "Marker") {
        None => 0,
        Some(marker) => marker
            .parse()
            .map_err(|_| ApiError::validation(format!("Invalid marker: '{marker}'")))?,
    };
    let size = match input::integer(input, "PageSize")? {
        None => most,
        Some(size @ 1..=400) => size as usize,
        Some(_) => return Err(ApiError::validation("PageSize must be from 1 to 400.")),
    };
    let more = items.len() > from.saturating_add(size);
    let items: Vec<Value> = items.into_iter().skip(from).take(size).collect();
    let mut answer = Map::from_iter([(member.to_owned(), Value::Array(items))]);
    if more {
        answer.insert("NextMarker".to_owned(), json!((from + size).to_string()));
    }
    Ok(Value::Object(answer))
}

//! Pages and filters of the Describe operations.

use serde_json::{Map, Value, json};

use super::errors;
use crate::input;
use crate::wire::{Answer, ApiError};

/// Records of a page, where nothing else is asked; RDS allows 20 to 100.
const PAGE: i64 = 100;

/// One page of `items` (names and descriptions, in the order of their names), as the member `name`, with a `Marker` where more follow.
///
/// # Errors
/// `InvalidParameterValue` for a bad `MaxRecords`.
pub fn page(input: &Value, name: &str, items: impl Iterator<Item = (String, Value)>) -> Answer {
    let size = input::integer(input, "MaxRecords")?.unwrap_or(PAGE);
    if !(20..=PAGE).contains(&size) {
        return Err(errors::value(format!(
            "Invalid value {size} for MaxRecords. Must be between 20 and 100"
        )));
    }
    let after = input::text(input, "Marker").unwrap_or_default();
    let mut items = items.skip_while(|(key, _)| key.as_str() <= after).peekable();
    let mut page = Vec::new();
    let mut last = String::new();
    while let Some((key, value)) = items.next_if(|_| (page.len() as i64) < size) {
        last = key;
        page.push(value);
    }
    let marker = items.peek().map(|_| last);
    let mut answer = Map::new();
    answer.insert(name.to_owned(), Value::Array(page));
    answer.insert("Marker".to_owned(), json!(marker));
    Ok(Value::Object(answer))
}

/// The filters of a request: names and the values that are let through.
pub struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads `Filters`.
    ///
    /// # Errors
    /// `InvalidParameterValue` for names that are not `known`, and for filters without values.
    pub fn read(input: &Value, known: &[&str]) -> Result<Filters, ApiError> {
        let read = |filter: &Value| {
            let name = input::required(filter, "Name")?;
            if !known.contains(&name) {
                return Err(errors::value(format!("Unrecognized filter name: {name}")));
            }
            let values = input::texts(filter, "Values");
            match values.is_empty() {
                true => Err(errors::value(format!(
                    "The filter {name} needs at least one value."
                ))),
                false => Ok((name.to_owned(), values)),
            }
        };
        input::list(input, "Filters")
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Filters)
    }

    /// Whether all filters let something through, of which `values` gives what a filter compares.
    pub fn admit(&self, values: impl Fn(&str) -> Vec<String>) -> bool {
        self.0
            .iter()
            .all(|(name, wanted)| values(name).iter().any(|value| wanted.contains(value)))
    }
}

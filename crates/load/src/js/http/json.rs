//! `response.json()`: a body as a value, or the part of it that a selector in gjson's syntax names.

use rquickjs::{Ctx, Result, Value};
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use crate::js::bytes::throw;

/// Modifiers of gjson that its crate does not have.
const MODIFIERS: [&str; 4] = ["@keys", "@values", "@fromstr", "@tostr"];

/// The whole of a text.
///
/// # Errors
/// Throws the place at which the text is no JSON.
pub fn whole<'js>(ctx: &Ctx<'js>, text: &str) -> Result<Value<'js>> {
    ctx.json_parse(text).map_err(|error| {
        drop(ctx.catch());
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => error,
            Err(reason) => throw(ctx, &explained(&reason)),
        }
    })
}

fn explained(reason: &serde_json::Error) -> String {
    let (line, character, text) = (reason.line(), reason.column(), reason.to_string());
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("cannot parse json due to an error at line {line}, character {character} , error: {text}")
}

/// The part that a selector names; `undefined` if there is none, or the text is no JSON, as in k6.
///
/// # Errors
/// There is not enough memory.
pub fn part<'js>(ctx: &Ctx<'js>, text: &str, selector: &str) -> Result<Value<'js>> {
    match gjson::valid(text).then(|| select(text, selector)).flatten() {
        Some(found) => ctx.json_parse(found),
        None => Ok(Value::new_undefined(ctx.clone())),
    }
}

fn select(text: &str, selector: &str) -> Option<String> {
    let Some((before, modifier, after)) = split(selector) else {
        let found = gjson::get(text, selector);
        return found.exists().then(|| found.json().to_owned());
    };
    let outer = if before.is_empty() {
        text.to_owned()
    } else {
        select(text, before).unwrap_or_default()
    };
    let modified = modified(&outer, modifier)?;
    if after.is_empty() {
        Some(modified)
    } else {
        select(&modified, after)
    }
}

/// What is before one of [`MODIFIERS`], the modifier, and what follows it.
fn split(selector: &str) -> Option<(&str, &'static str, &str)> {
    let separators = ['.', '|'];
    MODIFIERS.iter().find_map(|modifier| {
        let (before, after) = selector.split_once(modifier)?;
        let whole = (before.is_empty() || before.ends_with(separators))
            && (after.is_empty() || after.starts_with(separators));
        whole.then(|| {
            (
                before.trim_end_matches(separators),
                *modifier,
                after.trim_start_matches(separators),
            )
        })
    })
}

fn modified(text: &str, modifier: &str) -> Option<String> {
    match modifier {
        "@tostr" => serde_json::to_string(text).ok(),
        "@fromstr" => serde_json::from_str(text)
            .ok()
            .filter(|inner: &String| gjson::valid(inner)),
        _ => serde_json::to_string(&listed(text, modifier == "@keys")).ok(),
    }
}

/// The names or the values of an object's members. As in gjson, what is no object has `null` for names.
fn listed(text: &str, names: bool) -> Vec<Json> {
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) if names => members.into_iter().map(|(name, _)| name.into()).collect(),
        Ok(Json::Object(members)) => members.into_iter().map(|(_, value)| value).collect(),
        Ok(Json::Array(items)) if names => vec![Json::Null; items.len()],
        Ok(Json::Array(items)) => items,
        Ok(single) => vec![if names { Json::Null } else { single }],
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"z":{"b":1,"a":[2,3]},"list":[4,5]}"#;

    #[test]
    fn names_and_values_are_listed_in_their_order() {
        let table = [
            ("@keys", r#"["z","list"]"#),
            ("z.@keys", r#"["b","a"]"#),
            ("z|@values", "[1,[2,3]]"),
            ("z.@values.1.0", "2"),
            ("z.@keys.#", "2"),
            ("list.@values", "[4,5]"),
            ("list.@reverse", "[5,4]"),
        ];
        for (selector, expected) in table {
            assert_eq!(select(TEXT, selector).as_deref(), Some(expected), "{selector}");
        }
        assert_eq!(select(TEXT, "missing.@keys").as_deref(), Some("[]"));
        assert_eq!(
            select(r#"{"n":"{\"q\":[1]}"}"#, "n.@fromstr.q").as_deref(),
            Some("[1]")
        );
        assert_eq!(
            select(r#"{"n":{"q":1}}"#, "n.@tostr").as_deref(),
            Some(r#""{\"q\":1}""#)
        );
    }

    #[test]
    fn errors_have_their_place() {
        let told = |text: &str| explained(&serde_json::from_str::<IgnoredAny>(text).unwrap_err());
        assert!(told("<html>").contains("at line 1, character 1 ,"));
        assert!(told("").contains("at line 1, character 0 ,"));
        assert!(told("{\n \"a\": x}").contains("at line 2, character 7 ,"));
    }
}

//! Pages of long listings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::input::{integer, text};
use crate::wire::ApiError;

/// One page of `items`, as the request asks by the member `size` (`MaxResults`, `MaxRecords`) and `NextToken`, and the token of the next.
///
/// # Errors
/// `InvalidNextToken` for a token that the lab did not give, `ValidationError` for a size that is no whole number from 1 up.
pub fn page(
    items: Vec<Value>,
    input: &Value,
    size: &str,
    usual: usize,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let start = text(input, "NextToken").map_or(Ok(0), offset)?;
    let length = match integer(input, size)? {
        None => usual,
        Some(asked) => usize::try_from(asked)
            .ok()
            .filter(|asked| *asked > 0)
            .ok_or_else(|| ApiError::validation(format!("{size} must be a whole number from 1 up.")))?,
    };
    let end = start.saturating_add(length);
    let next = (end < items.len()).then(|| URL_SAFE_NO_PAD.encode(end.to_string()));
    Ok((items.into_iter().skip(start).take(length).collect(), next))
}

fn offset(token: &str) -> Result<usize, ApiError> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    let offset = decoded.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    offset.ok_or_else(|| {
        ApiError::new(
            "InvalidNextToken",
            "The token is not one that a former page ended with.",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::page;

    #[test]
    fn pages_follow_each_other_and_end() {
        let items = vec![json!(1), json!(2), json!(3)];
        let (first, token) = page(items.clone(), &json!({ "MaxResults": "2" }), "MaxResults", 100).unwrap();
        assert_eq!(first, [json!(1), json!(2)]);
        let next = json!({ "MaxResults": "2", "NextToken": token.unwrap() });
        let (second, token) = page(items.clone(), &next, "MaxResults", 100).unwrap();
        assert_eq!((second, token), (vec![json!(3)], None));
        assert!(page(items.clone(), &json!({ "NextToken": "?" }), "MaxResults", 100).is_err());
        assert!(page(items, &json!({ "MaxResults": 0 }), "MaxResults", 100).is_err());
    }
}

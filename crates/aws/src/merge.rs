//! One answer out of several that each hold a part.

use chaos_engine::value::{Map, Value};

/// The first of the answers, with the list `items` of all of them and without the token of a next page.
pub fn merge(answers: Vec<Value>, items: &str, token: &str) -> Value {
    let mut answers = answers.into_iter();
    let mut whole = match answers.next() {
        Some(Value::Map(first)) => first,
        _ => Map::new(),
    };
    for answer in answers {
        let Value::Map(mut part) = answer else { continue };
        let Some(Value::List(more)) = part.swap_remove(items) else {
            continue;
        };
        match whole.get_mut(items) {
            Some(Value::List(list)) => list.extend(more),
            _ => {
                whole.insert(items.to_owned(), Value::List(more));
            }
        }
    }
    whole.shift_remove(token);
    Value::Map(whole)
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json::parse;

    use super::*;

    #[test]
    fn lists_are_joined_and_the_token_goes() {
        let pages = [
            r#"{"Items": [1], "Next": "a", "Other": 1}"#,
            r#"{"Next": "b"}"#,
            r#"{"Items": [2, 3]}"#,
        ];
        let pages = pages.iter().map(|page| parse(page).unwrap()).collect();
        let whole = parse(r#"{"Items": [1, 2, 3], "Other": 1}"#).unwrap();
        assert_eq!(merge(pages, "Items", "Next"), whole);
    }

    #[test]
    fn a_list_may_begin_on_a_later_page() {
        let pages = ["{}", r#"{"Items": [2]}"#];
        let pages = pages.iter().map(|page| parse(page).unwrap()).collect();
        assert_eq!(merge(pages, "Items", "Next"), parse(r#"{"Items": [2]}"#).unwrap());
    }
}

//! The filters of EC2's listings: all of them must match, each by one of its values, in which `*` and `?` are wildcards
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html>).

use serde_json::Value;

use super::tags::Tags;
use crate::input::{list, text, texts};
use crate::wire::ApiError;

struct Filter {
    name: String,
    values: Vec<String>,
}

/// The filters of one request.
pub struct Filters(Vec<Filter>);

impl Filters {
    /// Reads `Filter`. `known` are the names besides `tag:…`, `tag-key` and `tag-value`.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a name that is not known, and for a filter without values.
    pub fn read(input: &Value, known: &[&str]) -> Result<Filters, ApiError> {
        let one = |filter: &Value| {
            let name = text(filter, "Name").unwrap_or_default().to_owned();
            let values = texts(filter, "Value");
            if !known.contains(&&*name)
                && !name.starts_with("tag:")
                && name != "tag-key"
                && name != "tag-value"
            {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' is invalid"),
                ));
            }
            if values.is_empty() {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' has no values"),
                ));
            }
            Ok(Filter { name, values })
        };
        list(input, "Filter")
            .iter()
            .map(one)
            .collect::<Result<_, _>>()
            .map(Filters)
    }

    /// Whether a resource with these tags, and with these values of other names, fits.
    pub fn fit(&self, tags: &Tags, values: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|filter| {
            let has = tag_values(tags, &filter.name).unwrap_or_else(|| values(&filter.name));
            has.iter()
                .any(|has| filter.values.iter().any(|wanted| is_like(has, wanted)))
        })
    }
}

fn tag_values(tags: &Tags, name: &str) -> Option<Vec<String>> {
    match name {
        "tag-key" => Some(tags.keys().cloned().collect()),
        "tag-value" => Some(tags.values().cloned().collect()),
        _ => name
            .strip_prefix("tag:")
            .map(|key| tags.get(key).cloned().into_iter().collect()),
    }
}

/// Whether `text` is like `pattern`, in linear space and without recursion: after a mismatch the last `*` takes one more.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut with, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(with) {
            Some('*') => {
                star = Some((with, at));
                with += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[at] => {
                at += 1;
                with += 1;
            }
            _ => match star {
                None => return false,
                Some((position, taken)) => {
                    star = Some((position, taken + 1));
                    at = taken + 1;
                    with = position + 1;
                }
            },
        }
    }
    pattern[with..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Filters, is_like};
    use crate::ec2::tags::Tags;

    #[test]
    fn wildcards_are_those_of_ec2() {
        for (text, pattern) in [
            ("web-1", "web-?"),
            ("web", "*"),
            ("", "*"),
            ("a.b.c", "a*c"),
            ("aab", "*ab"),
            ("x", "x"),
        ] {
            assert!(is_like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("web-10", "web-?"),
            ("web", "we"),
            ("", "?"),
            ("a.b.c", "a*d"),
            ("Web", "web"),
        ] {
            assert!(!is_like(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn all_filters_must_fit_by_one_of_their_values() {
        let tags: Tags = [("app".to_owned(), "shop".to_owned())].into();
        let fits = |filters| {
            let filters = Filters::read(&json!({ "Filter": filters }), &["zone"]).unwrap();
            filters.fit(&tags, |_| vec!["a".to_owned()])
        };
        assert!(fits(
            json!([{ "Name": "tag:app", "Value": ["x", "sh*"] }, { "Name": "zone", "Value": ["a"] }])
        ));
        assert!(!fits(
            json!([{ "Name": "tag:app", "Value": ["shop"] }, { "Name": "zone", "Value": ["b"] }])
        ));
        assert!(!fits(json!([{ "Name": "tag:other", "Value": ["*"] }])));
        for wrong in [
            json!([{ "Name": "colour", "Value": ["red"] }]),
            json!([{ "Name": "zone" }]),
        ] {
            assert!(Filters::read(&json!({ "Filter": wrong }), &["zone"]).is_err());
        }
    }
}

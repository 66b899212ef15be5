//! The names of metrics in `options.thresholds`: `metric` or `metric{tag:value,…}`.

use super::MetricError;

/// A parsed key of `options.thresholds`.
#[derive(Debug, PartialEq)]
pub(super) struct Key<'a> {
    pub(super) metric: &'a str,
    /// What stands between the braces, as it was written: k6 shows sub-metrics by it.
    pub(super) suffix: Option<&'a str>,
    /// Sorted, so that the order in the script makes no other sub-metric.
    pub(super) tags: Vec<(String, String)>,
}

/// Reads a key by k6's rules: the braces must close at the end, every part needs a value, the first colon parts a tag's
/// name from its value, and spaces and quotes around both do not count.
pub(super) fn parse(key: &str) -> Result<Key<'_>, MetricError> {
    let refuse = |problem| MetricError::Key {
        key: key.to_owned(),
        problem,
    };
    let (open, close) = match (key.find('{'), key.rfind('}')) {
        (None, None) => {
            return Ok(Key {
                metric: key,
                suffix: None,
                tags: Vec::new(),
            });
        }
        (Some(open), Some(close)) if open < close => (open, close),
        (Some(_), Some(_)) => return Err(refuse("its closing brace comes before the opening one")),
        _ => return Err(refuse("one of its braces has no counterpart")),
    };
    if close + 1 != key.len() {
        return Err(refuse("something follows its closing brace"));
    }
    let inside = &key[open + 1..close];
    let tags = inside.split(',').map(tag).collect::<Option<Vec<_>>>();
    let mut tags = tags.ok_or_else(|| refuse("one of its tags has no name or no value"))?;
    tags.reverse();
    // Stable, so that of a tag that is written twice the last value stays, as in k6.
    tags.sort_by(|a, b| a.0.cmp(&b.0));
    tags.dedup_by(|later, kept| later.0 == kept.0);
    Ok(Key {
        metric: &key[..open],
        suffix: Some(inside.trim()),
        tags,
    })
}

fn tag(part: &str) -> Option<(String, String)> {
    let (name, value) = part.split_once(':').filter(|(_, value)| !value.is_empty())?;
    let name = bare(name);
    // k6 itself crashes on a tag without a name.
    (!name.is_empty()).then(|| (name, bare(value)))
}

fn bare(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(key: &str) -> Vec<(String, String)> {
        parse(key).unwrap().tags
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn reads_tags_as_k6_does() {
        assert_eq!(tags("http_reqs"), pairs(&[]));
        assert_eq!(tags("http_reqs{status:200}"), pairs(&[("status", "200")]));
        assert_eq!(
            tags("m{ b : 'x y' , a:\"z\"}"),
            pairs(&[("a", "z"), ("b", "x y")])
        );
        assert_eq!(tags("m{url:http://a/{id}}"), pairs(&[("url", "http://a/{id}")]));
        assert_eq!(tags("m{a:''}"), pairs(&[("a", "")]));
        assert_eq!(tags("m{a:1,a:2}"), pairs(&[("a", "2")]));
        assert_eq!(parse("m{ x:y }").unwrap().suffix, Some("x:y"));
    }

    #[test]
    fn refuses_what_k6_refuses() {
        for key in [
            "m{a:b", "ma:b}", "m}a:b{", "m{a:b}x", "m{}", "m{a}", "m{a:}", "m{a:b,}", "m{:b}", "m{,a:b}",
        ] {
            let error = parse(key).unwrap_err().to_string();
            assert!(
                error.contains(key) && error.contains("metric{tag:value,…}"),
                "{error}"
            );
        }
    }
}

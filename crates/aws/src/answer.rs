//! Looking into answers: what is absent counts as empty, as AWS leaves out what is not set.

use chaos_engine::value::{Value, python};

/// The value at the end of a path of member names.
pub fn at<'a>(answer: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(answer, |value, name| value.get(name))
}

/// The text there, if there is text.
pub fn text<'a>(answer: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(answer, path)?.as_str()
}

/// The whole number there, if there is one that fits.
pub fn int(answer: &Value, path: &[&str]) -> Option<i64> {
    python::as_index(at(answer, path)?)
}

/// Whether `true` stands there.
pub fn flag(answer: &Value, path: &[&str]) -> bool {
    at(answer, path).and_then(Value::as_bool).unwrap_or_default()
}

/// The items of that member; none when it is absent.
pub fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_list).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chaos_engine::value::json;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_empty() {
        let answer = json::parse(
            r#"{"Reservations":[{"Instances":[{"State":{"Name":"running","Code":16},"EbsOptimized":true}]}]}"#,
        )
        .unwrap();
        let instance = &list(&list(&answer, "Reservations")[0], "Instances")[0];
        assert_eq!(text(instance, &["State", "Name"]), Some("running"));
        assert_eq!(int(instance, &["State", "Code"]), Some(16));
        assert!(flag(instance, &["EbsOptimized"]));

        assert_eq!(text(instance, &["State", "Code"]), None);
        assert_eq!(int(instance, &["State", "Name", "Code"]), None);
        assert!(!flag(instance, &["SourceDestCheck"]));
        assert!(list(&answer, "NextToken").is_empty());
    }
}

use std::cmp::Ordering;

use crate::summary::Metric;

/// ASCII in the order of the Unicode collation algorithm's root, which `localeCompare` of k6's JavaScript follows; a
/// letter's case counts only between names that are otherwise equal.
const ROOT: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";

/// Sorts metrics by name, with sub-metrics behind their parents.
pub(super) fn sort(metrics: &mut [&Metric]) {
    metrics.sort_by(|a, b| {
        let ((a, a_tags), (b, b_tags)) = (parts(&a.name), parts(&b.name));
        compare(a, b).then_with(|| compare(a_tags, b_tags))
    });
}

/// The name of the metric, and the rest that makes it a sub-metric.
pub(super) fn parts(name: &str) -> (&str, &str) {
    name.split_at(name.find('{').unwrap_or(name.len()))
}

fn compare(a: &str, b: &str) -> Ordering {
    let keys = |text: &str| text.chars().map(weight).collect::<Vec<_>>();
    // Lower case comes first, against the order of ASCII.
    keys(a).cmp(&keys(b)).then_with(|| b.cmp(a))
}

fn weight(letter: char) -> (bool, u32) {
    match ROOT.find(letter.to_ascii_lowercase()) {
        Some(place) => (false, place as u32),
        None => (true, u32::from(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_root_collation() {
        let sorted = [
            "{}",
            "a_b",
            "a1",
            "ab",
            "aB",
            "Ab",
            "AB",
            "abc",
            "b",
            "B",
            "http_req_duration",
            "http_reqs",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}

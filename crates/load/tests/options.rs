//! The options against what k6 v2.2.0 made of them (`k6 inspect --execution-requirements`): options that it took, with
//! what it shows, and options that it refused.
#![allow(clippy::unwrap_used)]

use chaos_load::options::{Options, OptionsError, Requirements, duration};
use serde_json::{Map, Value};

/// What `k6 inspect` prints: the options as they are run, and what the test needs.
fn inspected(options: &Value) -> Result<Map<String, Value>, OptionsError> {
    let options = Options::from_json(options)?;
    let needed = Requirements::of(&options.plan()?);
    let mut shown = options.to_json()?;
    shown["totalDuration"] = duration::show(needed.duration).into();
    shown["maxVUs"] = needed.max_vus.into();
    Ok(set(&shown))
}

/// The members that are not `null`.
fn set(shown: &Value) -> Map<String, Value> {
    let members = shown.as_object().into_iter().flatten();
    let set = members.filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn options_come_to_the_same_as_in_k6() {
    let text = match std::env::var_os("K6_INSPECTED") {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => include_str!("options/inspected.json").to_owned(),
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 60);
    let mut differences = Vec::new();
    for case in &cases {
        let found = inspected(&case["options"]);
        let difference = match (&found, case.get("shown")) {
            (Ok(found), Some(expected)) if *found == set(expected) => continue,
            (Err(_), None) => continue,
            (Ok(found), Some(expected)) => format!("{found:?}\n  and k6: {:?}", set(expected)),
            (Ok(_), None) => format!("taken, and k6: {}", case["refused"]),
            (Err(error), Some(_)) => format!("refused: {error}"),
        };
        differences.push(format!("{}\n  here: {difference}", case["options"]));
    }
    assert!(
        differences.is_empty(),
        "{} of {}:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

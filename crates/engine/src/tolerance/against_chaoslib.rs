//! The same tolerances and outputs given to the Chaos Toolkit.

use std::fmt::Write as _;

use super::{check, validate};
use crate::tolerance::peer;
use crate::value::{Value, json};

/// Answers `[valid, met]`; `met` is `bug` when it breaks down.
const PROGRAM: &str = r"
import json, sys
try:
    import jsonpath2
    from chaoslib.exceptions import InvalidActivity
    from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance
except ImportError:
    print('null')
    sys.exit()
def valid(tolerance):
    try:
        ensure_hypothesis_tolerance_is_valid(tolerance)
        return True
    except Exception:
        return False
def met(tolerance, output):
    try:
        return bool(within_tolerance(tolerance, output, configuration={}, secrets={}))
    except Exception:
        return 'bug'
json.dump([[valid(t), met(t, o)] for t, o in json.load(sys.stdin)], sys.stdout)
";

const TOLERANCES: &str = include_str!("testdata/tolerances.txt");

const OUTPUTS: &str = include_str!("testdata/outputs.txt");

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| json::parse(line).unwrap()).collect()
}

#[test]
fn every_pair_is_judged_as_the_chaos_toolkit_judges_it() {
    let outputs = values(OUTPUTS);
    let cases: Vec<Value> = values(TOLERANCES)
        .iter()
        .flat_map(|tolerance| {
            outputs
                .iter()
                .map(|output| Value::List(vec![tolerance.clone(), output.clone()]))
        })
        .collect();
    let Some(Value::List(answers)) = peer::ask(PROGRAM, &Value::List(cases.clone())) else {
        return;
    };
    let mut wrong = String::new();
    for (case, theirs) in cases.iter().zip(&answers) {
        let [tolerance, output] = case.as_list().unwrap() else {
            continue;
        };
        let met = check(tolerance, output, &Value::clone);
        let met = match (&met, theirs.as_list().unwrap()[1].as_str()) {
            // where it breaks down, ours is not met or tells what is wrong
            (Ok(false) | Err(_), Some("bug")) => Value::from("bug"),
            (met, _) => Value::from(met.as_ref().ok().copied()),
        };
        let ours = Value::List(vec![validate(tolerance).is_ok().into(), met]);
        if ours != *theirs {
            let (case, ours, theirs) = (json::compact(case), json::compact(&ours), json::compact(theirs));
            let _ = writeln!(wrong, "{case}: Chaos Toolkit {theirs}, here {ours}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

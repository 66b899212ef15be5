//! What is expected of a script, and how what happened differs from it.

use std::collections::BTreeMap;
use std::path::Path;

use fancy_regex::Regex;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Metrics that every test has, and that are not compared.
const OF_THE_TEST: [&str; 4] = ["vus", "vus_max", "data_sent", "data_received"];

/// What a run did, in the words of the expectations.
#[derive(Default)]
pub struct Found {
    /// What `chaos load` would exit with.
    pub exit: i64,
    /// `level text`, as the script wrote it.
    pub console: Vec<String>,
    /// Warnings and errors of the tool itself.
    pub log: Vec<String>,
    /// The document of `--summary-export`.
    pub summary: Value,
    /// What `handleSummary` wrote, by its target; none if there is no such function, or it failed.
    pub outputs: Option<BTreeMap<String, String>>,
}

/// One file of expectations: `run` was written by hand, `expected` by the recorder.
pub struct Expectation {
    run: Value,
    expected: Map<String, Value>,
}

impl Found {
    /// Puts names in place of what is different on each machine.
    pub fn cleaned(mut self, server: &str, secure: &str, script: &Path) -> Self {
        let folder = script.parent().unwrap().to_str().unwrap().to_owned();
        let port = server.rsplit(':').next().unwrap().to_owned();
        let clean = |text: &str| {
            text.replace(secure, "$SECURE_URL")
                .replace(&format!("http://{server}"), "$BASE_URL")
                .replace(server, "$HOST")
                .replace(&format!("localhost:{port}"), "localhost:$PORT")
                .replace(&folder, "$DIR")
        };
        self.console = self.console.iter().map(|line| clean(line)).collect();
        self.log = self.log.iter().map(|line| clean(line)).collect();
        self.summary = serde_json::from_str(&clean(&self.summary.to_string())).unwrap();
        for text in self.outputs.iter_mut().flat_map(BTreeMap::values_mut) {
            *text = clean(text);
        }
        self
    }
}

impl Expectation {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let run = document["run"].clone();
        let mut expected = document["expected"].as_object().unwrap().clone();
        if let Some(ours) = run["ours"].as_object() {
            expected.extend(ours.clone());
        }
        Self { run, expected }
    }

    pub fn env(&self) -> IndexMap<String, String> {
        serde_json::from_value(self.run["env"].clone()).unwrap_or_default()
    }

    pub fn arguments(&self) -> Vec<String> {
        serde_json::from_value(self.run["arguments"].clone()).unwrap_or_default()
    }

    pub fn differences(&self, found: &Found) -> Vec<String> {
        let mut differences = Vec::new();
        if let Some(exit) = self.expected.get("exit").and_then(Value::as_i64)
            && exit != found.exit
        {
            differences.push(format!(
                "exit code {}, expected {exit}; {:?}",
                found.exit, found.log
            ));
        }
        self.console(found, &mut differences);
        self.errors(found, &mut differences);
        // An error of setup, teardown or the configuration takes the place of the report.
        if found.summary.is_null() && ![0, 99, 108].contains(&found.exit) {
            return differences;
        }
        self.tree(found, &mut differences);
        self.thresholds(found, &mut differences);
        self.metrics(found, &mut differences);
        self.outputs(found, &mut differences);
        differences
    }

    fn compares(&self, member: &str) -> bool {
        let ignored = self.run["ignore"].as_array();
        !ignored.is_some_and(|names| names.iter().any(|name| name == member))
    }

    fn console(&self, found: &Found, differences: &mut Vec<String>) {
        let Some(expected) = self.expected.get("console").filter(|_| self.compares("console")) else {
            return;
        };
        let expected: Vec<String> = serde_json::from_value(expected.clone()).unwrap();
        let mut expected: Vec<String> = expected.iter().map(|line| without_wording(line)).collect();
        let mut lines: Vec<String> = found.console.iter().map(|line| without_wording(line)).collect();
        if self.run["order"] == "any" {
            expected.sort();
            lines.sort();
        }
        if expected != lines {
            differences.push(format!("console {lines:#?}, expected {expected:#?}"));
        }
    }

    /// Every place that k6's errors name is named, and the pattern is met.
    fn errors(&self, found: &Found, differences: &mut Vec<String>) {
        let all = found.log.join("\n");
        let entries = self.expected.get("log").and_then(Value::as_array);
        if self.compares("log") && self.run.get("k6").is_none() {
            for at in entries
                .into_iter()
                .flatten()
                .filter_map(|entry| entry["at"].as_str())
            {
                if !all.contains(at) {
                    differences.push(format!("no error at {at}: {all}"));
                }
            }
        }
        if let Some(pattern) = self.run["error"].as_str()
            && !Regex::new(pattern).unwrap().is_match(&all).unwrap()
        {
            differences.push(format!("no error matches {pattern}: {all}"));
        }
    }

    fn tree(&self, found: &Found, differences: &mut Vec<String>) {
        let (mut checks, mut groups) = (BTreeMap::new(), Vec::new());
        walk(&found.summary["root_group"], &mut checks, &mut groups);
        groups.sort();
        let expected: Vec<String> = self.member("groups");
        if groups != expected && self.compares("groups") && self.expected.contains_key("groups") {
            differences.push(format!("groups {groups:?}, expected {expected:?}"));
        }
        let expected: BTreeMap<String, [u64; 2]> = self.member("checks");
        if checks != expected && self.compares("checks") && self.expected.contains_key("checks") {
            differences.push(format!("checks {checks:?}, expected {expected:?}"));
        }
    }

    fn thresholds(&self, found: &Found, differences: &mut Vec<String>) {
        let expected: BTreeMap<String, Value> = self.member("thresholds");
        for (metric, crossed) in expected {
            let ours = &found.summary["metrics"][&metric]["thresholds"];
            if *ours != crossed {
                differences.push(format!("thresholds of {metric} {ours}, expected {crossed}"));
            }
        }
    }

    fn metrics(&self, found: &Found, differences: &mut Vec<String>) {
        let expected: BTreeMap<String, Map<String, Value>> = self.member("metrics");
        for (metric, members) in expected {
            let ours = &found.summary["metrics"][&metric];
            if ours.is_null() {
                differences.push(format!("no metric {metric}"));
            }
            for (member, value) in members {
                if !close(&ours[&member], &value) {
                    differences.push(format!(
                        "{metric}.{member} is {}, expected {value}",
                        ours[&member]
                    ));
                }
            }
        }
        self.further_metrics(found, differences);
        let ranges: BTreeMap<String, [f64; 2]> =
            serde_json::from_value(self.run["within"].clone()).unwrap_or_default();
        for (path, [low, high]) in ranges {
            let (metric, member) = path.rsplit_once('.').unwrap();
            let value = found.summary["metrics"][metric][member].as_f64();
            if !value.is_some_and(|value| (low..=high).contains(&value)) {
                differences.push(format!("{path} is {value:?}, not within {low} and {high}"));
            }
        }
    }

    fn further_metrics(&self, found: &Found, differences: &mut Vec<String>) {
        let expected: BTreeMap<String, Value> = self.member("metrics");
        let ours = found.summary["metrics"]
            .as_object()
            .into_iter()
            .flat_map(Map::keys);
        let further = ours.filter(|name| !expected.contains_key(*name) && self.compares(name));
        for name in further.filter(|name| !expected.is_empty() && !OF_THE_TEST.contains(&name.as_str())) {
            differences.push(format!("a metric {name} that k6 has not"));
        }
    }

    /// The usual summary on standard output is the command line's.
    fn outputs(&self, found: &Found, differences: &mut Vec<String>) {
        let Some(outputs) = &found.outputs else {
            return;
        };
        let mut expected: BTreeMap<String, String> = self.member("files");
        let stdout: String = self.member("stdout");
        if !stdout.is_empty() {
            expected.insert("stdout".to_owned(), stdout);
        }
        let mut outputs = outputs.clone();
        outputs.retain(|target, text| target != "stderr" && !(target == "stdout" && text.is_empty()));
        for (target, text) in &mut outputs {
            if !self.compares(if target == "stdout" { "stdout" } else { "files" }) {
                expected.insert(target.clone(), text.clone());
            }
        }
        if outputs != expected {
            differences.push(format!("outputs {outputs:#?}, expected {expected:#?}"));
        }
    }

    fn member<T: serde::de::DeserializeOwned + Default>(&self, name: &str) -> T {
        let value = self.expected.get(name).cloned();
        value.map_or_else(T::default, |value| serde_json::from_value(value).unwrap())
    }
}

/// Errors that scripts print are k6's and its engine's own words; that there is one counts.
fn without_wording(line: &str) -> String {
    let thrown = Regex::new(r"(?s)threw \w*Error(: .*?)?(?= threw |$)").unwrap();
    thrown.replace_all(line, "threw").replace("GoError", "Error")
}

/// Percentiles come from histograms of three digits, so numbers are equal within two thousandths.
fn close(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= (expected.abs() * 2e-3).max(1e-9),
        _ => found == expected,
    }
}

fn walk(group: &Value, checks: &mut BTreeMap<String, [u64; 2]>, groups: &mut Vec<String>) {
    if let Some(path) = group["path"].as_str().filter(|path| !path.is_empty()) {
        groups.push(path.to_owned());
    }
    for check in group["checks"].as_object().into_iter().flat_map(Map::values) {
        let path = check["path"].as_str().unwrap().to_owned();
        checks.insert(
            path,
            [
                check["passes"].as_u64().unwrap(),
                check["fails"].as_u64().unwrap(),
            ],
        );
    }
    for child in group["groups"].as_object().into_iter().flat_map(Map::values) {
        walk(child, checks, groups);
    }
}

//! What documents say: parameters and scripts.

use serde_json::{Map, Value, json};

use crate::input::list;
use crate::wire::ApiError;

/// AWS's documents that the lab has, with the content that matters here. Sources: "Pre-configured SSM documents" in the FIS user guide
/// (parameters of AWSFIS-Run-CPU-Stress), and AWS-RunShellScript in the SSM console.
pub fn owned_by_amazon(name: &str) -> Option<Value> {
    let (commands, parameters) = match name {
        "AWS-RunShellScript" => (
            json!("{{ commands }}"),
            json!({
                "commands": { "type": "StringList" },
                "workingDirectory": { "type": "String", "default": "" },
                "executionTimeout": { "type": "String", "default": "3600" },
            }),
        ),
        "AWSFIS-Run-CPU-Stress" => (
            json!([
                "stress-ng --cpu {{ CPU }} --cpu-load {{ LoadPercent }} --timeout {{ DurationSeconds }}s"
            ]),
            json!({
                "DurationSeconds": { "type": "String" },
                "CPU": { "type": "String", "default": "0" },
                "LoadPercent": { "type": "String", "default": "100" },
                "InstallDependencies": { "type": "String", "default": "True" },
            }),
        ),
        _ => return None,
    };
    let step = json!({ "action": "aws:runShellScript", "name": "run", "inputs": { "runCommand": commands } });
    Some(
        json!({ "schemaVersion": "2.2", "description": name, "parameters": parameters, "mainSteps": [step] }),
    )
}

/// Their names.
pub const AMAZON: [&str; 2] = ["AWS-RunShellScript", "AWSFIS-Run-CPU-Stress"];

/// The parameters of a command, with the defaults of its document; each is a list of texts.
///
/// # Errors
/// `InvalidParameters` for one that is unknown, missing or no list.
pub fn parameters(content: &Value, given: Option<&Value>) -> Result<Map<String, Value>, ApiError> {
    let refused = |message: String| ApiError::new("InvalidParameters", message);
    let declared = content
        .get("parameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let given = given.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in &given {
        if !declared.contains_key(name) {
            let known: Vec<&str> = declared.keys().map(String::as_str).collect();
            return Err(refused(format!(
                "Parameter {name} is not supported; the document has {}.",
                known.join(", ")
            )));
        }
        if !value
            .as_array()
            .is_some_and(|values| values.iter().all(Value::is_string))
        {
            return Err(refused(format!("Parameter {name} must be a list of texts.")));
        }
    }
    let mut all = Map::new();
    for (name, declaration) in declared {
        let usual = declaration.get("default").map(|usual| {
            if usual.is_array() {
                usual.clone()
            } else {
                json!([usual])
            }
        });
        let value = given.get(&name).cloned().or(usual);
        let value =
            value.ok_or_else(|| refused(format!("Parameter {name} is missing, and has no default.")))?;
        all.insert(name, value);
    }
    Ok(all)
}

/// The script that a document is with these parameters.
pub fn script(content: &Value, parameters: &Map<String, Value>) -> String {
    let steps = list(content, "mainSteps")
        .iter()
        .filter_map(|step| step.get("inputs"));
    let old = content
        .get("runtimeConfig")
        .and_then(|config| config.get("aws:runShellScript"));
    let old = old.map_or(&[][..], |script| list(script, "properties")).iter();
    let commands = steps.chain(old).filter_map(|inputs| inputs.get("runCommand"));
    let lines = commands.flat_map(|commands| match commands {
        Value::Array(lines) => lines
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        line => line.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
    });
    lines
        .map(|line| filled(&line, parameters))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Puts parameters into `{{ name }}`; the lines of a list become lines.
fn filled(line: &str, parameters: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        out.push_str(before);
        match parameters.get(name.trim()) {
            Some(value) => out.push_str(&joined(value)),
            None => out.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = after;
    }
    out + rest
}

/// A value, or the values of a list, as lines.
pub fn joined(value: &Value) -> String {
    let text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    let lines = value
        .as_array()
        .map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{owned_by_amazon, parameters, script};

    #[test]
    fn parameters_are_put_into_scripts() {
        let content = owned_by_amazon("AWSFIS-Run-CPU-Stress").unwrap();
        let given = parameters(
            &content,
            Some(&json!({ "DurationSeconds": ["60"], "CPU": ["2"] })),
        )
        .unwrap();
        assert_eq!(
            script(&content, &given),
            "stress-ng --cpu 2 --cpu-load 100 --timeout 60s"
        );
        let shell = owned_by_amazon("AWS-RunShellScript").unwrap();
        let given = parameters(&shell, Some(&json!({ "commands": ["a", "b {{ x }} {{"] }))).unwrap();
        assert_eq!(script(&shell, &given), "a\nb {{ x }} {{");
    }

    #[test]
    fn parameters_are_checked() {
        let content = owned_by_amazon("AWSFIS-Run-CPU-Stress").unwrap();
        for wrong in [
            json!({}),
            json!({ "DurationSeconds": "60" }),
            json!({ "DurationSeconds": ["1"], "Cpu": ["1"] }),
        ] {
            assert_eq!(
                parameters(&content, Some(&wrong)).unwrap_err().code,
                "InvalidParameters",
                "{wrong}"
            );
        }
    }
}

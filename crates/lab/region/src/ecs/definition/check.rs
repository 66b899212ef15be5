//! What RegisterTaskDefinition refuses.

use serde_json::Value;

use super::super::names::refused;
use super::spec::{cpu_units, mebibytes};
use crate::input::{list, text};
use crate::wire::ApiError;

type Checked = Result<(), ApiError>;

pub fn check(input: &Value) -> Checked {
    let family = text(input, "family").ok_or_else(|| refused("Family cannot be blank."))?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if family.len() > 255 || !family.chars().all(plain) {
        return Err(refused(
            "Family contains invalid characters: up to 255 letters, numbers, hyphens and underscores are allowed.",
        ));
    }
    containers(list(input, "containerDefinitions"))?;
    match list(input, "requiresCompatibilities")
        .iter()
        .any(|kind| kind.as_str() == Some("FARGATE"))
    {
        true => fargate(input),
        false => Ok(()),
    }
}

fn containers(containers: &[Value]) -> Checked {
    if containers.is_empty() {
        return Err(refused(
            "TaskDefinition must have at least one container definition.",
        ));
    }
    let mut names = Vec::new();
    for container in containers {
        let name =
            text(container, "name").ok_or_else(|| refused("Container.name should not be null or empty."))?;
        if text(container, "image").is_none() {
            return Err(refused("Container.image should not be null or empty."));
        }
        if names.contains(&name) {
            return Err(refused(format!(
                "Container names must be unique: {name} is there twice."
            )));
        }
        names.push(name);
    }
    let essential = |container: &Value| crate::input::flag(container, "essential").unwrap_or(true);
    match containers.iter().any(essential) {
        true => Ok(()),
        false => Err(refused("At least one essential container must be specified.")),
    }
}

fn fargate(input: &Value) -> Checked {
    if text(input, "networkMode") != Some("awsvpc") {
        return Err(refused(
            "Fargate only supports network mode \u{2018}awsvpc\u{2019}.",
        ));
    }
    let (Some(cpu), Some(memory)) = (text(input, "cpu"), text(input, "memory")) else {
        return Err(refused(
            "Fargate requires task definition to have \u{2018}cpu\u{2019} and \u{2018}memory\u{2019}.",
        ));
    };
    let fits = cpu_units(cpu)
        .zip(mebibytes(memory))
        .is_some_and(|(cpu, memory)| exists(cpu, memory));
    match fits {
        true => Ok(()),
        false => Err(refused(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
        ))),
    }
}

/// The sizes that Fargate has: "Task CPU and memory" in the Amazon ECS developer guide.
fn exists(cpu: u32, memory: u32) -> bool {
    let steps = |from: u32, to: u32, step: u32| (from..=to).contains(&memory) && memory.is_multiple_of(step);
    match cpu {
        256 => [512, 1024, 2048].contains(&memory),
        512 => steps(1024, 4096, 1024),
        1024 => steps(2048, 8192, 1024),
        2048 => steps(4096, 16384, 1024),
        4096 => steps(8192, 30720, 1024),
        8192 => steps(16384, 61440, 4096),
        16384 => steps(32768, 122_880, 8192),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition() -> Value {
        json!({ "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{ "name": "web", "image": "i" }] })
    }

    #[test]
    fn what_fargate_does_not_have_is_refused() {
        assert!(check(&definition()).is_ok());
        for (member, value, word) in [
            ("family", json!("a b"), "Family"),
            ("networkMode", json!("bridge"), "awsvpc"),
            ("memory", json!("4096"), "No Fargate configuration"),
            ("cpu", json!(null), "requires"),
            ("containerDefinitions", json!([]), "at least one"),
            ("containerDefinitions", json!([{ "name": "web" }]), "image"),
            (
                "containerDefinitions",
                json!([{ "name": "web", "image": "i", "essential": false }]),
                "essential",
            ),
        ] {
            let mut wrong = definition();
            wrong[member] = value;
            let error = check(&wrong).unwrap_err();
            assert!(error.message.contains(word), "{}", error.message);
            assert_eq!(error.code, "ClientException");
        }
    }
}

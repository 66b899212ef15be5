//! What a task definition says, read once when it is registered.

use serde_json::{Value, json};

use crate::input::{flag, list, text};

/// A registered revision. Never changes.
#[derive(Debug)]
pub struct Spec {
    pub arn: String,
    pub family: String,
    pub revision: u32,
    pub registered: f64,
    /// The members of the request, completed with AWS's defaults.
    pub body: Value,
    pub containers: Vec<ContainerSpec>,
    /// CPU units of a task; 1024 are a core.
    pub cpu: u32,
    /// MiB of a task.
    pub memory: u32,
    /// Whether each task has an address of its own.
    pub awsvpc: bool,
}

/// A container of a task definition.
#[derive(Debug)]
pub struct ContainerSpec {
    pub name: String,
    pub image: String,
    pub essential: bool,
    pub environment: Vec<(String, String)>,
    /// Names of variables, and the parameters whose values they get.
    pub secrets: Vec<(String, String)>,
    /// Container ports and host ports.
    pub ports: Vec<(u16, u16)>,
    /// Seconds from SIGTERM to SIGKILL.
    pub stop_timeout: f64,
}

/// AWS's default of `stopTimeout`.
const STOP_TIMEOUT: f64 = 30.0;

impl ContainerSpec {
    pub fn of(container: &Value) -> ContainerSpec {
        let word = |name| text(container, name).unwrap_or_default().to_owned();
        ContainerSpec {
            name: word("name"),
            image: word("image"),
            essential: flag(container, "essential").unwrap_or(true),
            environment: pairs(container, "environment", "value"),
            secrets: pairs(container, "secrets", "valueFrom"),
            ports: list(container, "portMappings").iter().map(ports).collect(),
            stop_timeout: container
                .get("stopTimeout")
                .and_then(Value::as_f64)
                .unwrap_or(STOP_TIMEOUT),
        }
    }
}

/// The `name` members of a list with another member of each.
pub fn pairs(value: &Value, member: &str, other: &str) -> Vec<(String, String)> {
    let pair = |item: &Value| {
        let value = item.get(other).and_then(Value::as_str).unwrap_or_default();
        Some((text(item, "name")?.to_owned(), value.to_owned()))
    };
    list(value, member).iter().filter_map(pair).collect()
}

fn ports(mapping: &Value) -> (u16, u16) {
    let port = |name| {
        mapping
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|port| u16::try_from(port).ok())
    };
    (port("containerPort").unwrap_or(0), port("hostPort").unwrap_or(0))
}

/// Completes a container as `DescribeTaskDefinition` shows it.
pub fn completed(mut container: Value, awsvpc: bool) -> Value {
    for name in [
        "environment",
        "mountPoints",
        "volumesFrom",
        "portMappings",
        "systemControls",
    ] {
        if container.get(name).is_none_or(Value::is_null) {
            container[name] = json!([]);
        }
    }
    if container.get("cpu").is_none_or(Value::is_null) {
        container["cpu"] = json!(0);
    }
    if container.get("essential").is_none_or(Value::is_null) {
        container["essential"] = json!(true);
    }
    for mapping in container["portMappings"].as_array_mut().into_iter().flatten() {
        if awsvpc
            && mapping
                .get("hostPort")
                .is_none_or(|port| port.as_u64() == Some(0))
        {
            mapping["hostPort"] = mapping.get("containerPort").cloned().unwrap_or_default();
        }
        if text(mapping, "protocol").is_none() {
            mapping["protocol"] = json!("tcp");
        }
    }
    container
}

/// CPU units: `256`, or vCPUs such as `.25 vCPU`.
pub fn cpu_units(written: &str) -> Option<u32> {
    scaled(written, "vcpu")
}

/// MiB: `512`, or GB such as `0.5 GB`.
pub fn mebibytes(written: &str) -> Option<u32> {
    scaled(written, "gb")
}

fn scaled(written: &str, unit: &str) -> Option<u32> {
    let written = written.trim().to_lowercase();
    match written.strip_suffix(unit) {
        Some(number) => number
            .trim()
            .parse::<f64>()
            .ok()
            .map(|number| (number * 1024.0).round() as u32),
        None => written.parse().ok(),
    }
}

/// What all containers together ask for, where the task as a whole says nothing.
pub fn sum(containers: &[Value], names: &[&str]) -> u32 {
    let of = |container: &Value| {
        names
            .iter()
            .find_map(|name| container.get(*name).and_then(Value::as_u64))
    };
    let total: u64 = containers.iter().filter_map(of).sum();
    u32::try_from(total).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_units_or_written_out() {
        assert_eq!(
            [cpu_units("256"), cpu_units("1 vCPU"), cpu_units(".5 vcpu")],
            [Some(256), Some(1024), Some(512)]
        );
        assert_eq!([mebibytes("512"), mebibytes("2GB")], [Some(512), Some(2048)]);
        assert_eq!(cpu_units("many"), None);
    }

    #[test]
    fn host_ports_are_those_of_the_container_where_tasks_have_addresses() {
        let given = json!({ "name": "web", "image": "i", "portMappings": [{ "containerPort": 3000 }] });
        let shown = completed(given.clone(), true);
        assert_eq!(ContainerSpec::of(&shown).ports, [(3000, 3000)]);
        assert_eq!(ContainerSpec::of(&completed(given, false)).ports, [(3000, 0)]);
        assert_eq!(shown["essential"], json!(true));
    }
}

//! A container beside the service's own that uses up its CPU.

use aws_sdk_ecs::types::{ContainerDefinition, KeyValuePair, TaskDefinition};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use super::replacement::Replacement;
use super::{MODULE, wait, yes};
use crate::AwsError;
use crate::client::{Aws, answer};

/// The container's name in the task definition.
const CONTAINER: &str = "ecs-hog";

/// Adds a container to the tasks of an ECS service that uses up their CPU: registers a new revision of the task
/// definition and deploys it. `restore_services` undoes it. A service can be changed once until then.
#[derive(Deserialize, JsonSchema)]
pub struct InstallContainerHog {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// What the container does.
    hog_configuration: HogConfiguration,
    /// How many seconds the container waits before it begins, so that the others can start.
    #[serde(default = "minute")]
    hog_delay_seconds: i64,
    /// The container's image. One without a registry (such as `team/hog:1`) is taken from the account's own registry in
    /// this region.
    #[serde(default = "image")]
    hog_image: String,
    /// Whether to wait until the service is stable again, for at most 30 minutes.
    #[serde(default = "yes")]
    wait_service_stable: bool,
}

fn minute() -> i64 {
    60
}

fn image() -> String {
    "public.ecr.aws/devlearnops/ecs-container-hog:latest".to_owned()
}

/// What a hog does.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HogConfiguration {
    /// `cpu`, or `memory` (for which the container gets nothing but the duration).
    r#type: String,
    /// How busy each CPU is, in percent; 100 when absent, and at most.
    #[serde(default)]
    cpu_load: Option<serde_json::Value>,
    /// For how many seconds; until it is removed when absent.
    #[serde(default)]
    duration: Option<serde_json::Value>,
}

impl HogConfiguration {
    /// The container's arguments, as the starter pack writes them, for tasks with so many CPU units.
    fn command(&self, cpu: i64) -> Result<String, AwsError> {
        let mut parts = Vec::new();
        match self.r#type.to_lowercase().as_str() {
            "cpu" => {
                let load = self.load()?.min(100);
                parts.push(format!("--cpu {} --cpu-load {load}", (cpu / 1024).max(1)));
            }
            "memory" => {}
            other => {
                return Err(AwsError::because(format!(
                    "hog_configuration: type is {other}, not cpu or memory"
                )));
            }
        }
        let duration = Value::from(self.duration.clone().unwrap_or_default());
        if python::truthy(&duration) {
            parts.push(format!(" --timeout {}", python::text(&duration)));
        }
        Ok(parts.join(" "))
    }

    fn load(&self) -> Result<i64, AwsError> {
        let load = match &self.cpu_load {
            None => return Ok(100),
            Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
            Some(number) => number.as_f64().map(|load| load as i64),
        };
        load.ok_or_else(|| AwsError::because("hog_configuration: cpu_load is not a number"))
    }
}

impl NativeActivity for InstallContainerHog {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "install_container_hog";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The service's ARN.";
    const IAM: &'static [&'static str] = &[
        "dynamodb:CreateTable",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
        "iam:PassRole",
        "sts:GetCallerIdentity",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let replacement = Replacement::of(&context, &self.cluster, &self.service).await?;
        let definition = &replacement.definition.described;
        let command = self.hog_configuration.command(cpu_units(definition)?)?;
        let image = full_image(&self.hog_image, replacement.aws()).await?;
        let containers = definition.container_definitions();
        let others = containers
            .iter()
            .filter(|container| container.name() != Some(CONTAINER));
        let hog = hog(image, command, self.hog_delay_seconds);
        let containers = others.cloned().chain([hog]).collect();
        let ecs = replacement.ecs.clone();
        let arn = replacement.deploy(containers).await?;
        if self.wait_service_stable {
            wait(&ecs, &self.cluster, &self.service, &context).await?;
        }
        Ok(arn.into())
    }
}

/// The CPU units of a task. Without limits of a task as a whole, which a definition for EC2 may lack, the container
/// would take from everything on its host.
fn cpu_units(definition: &TaskDefinition) -> Result<i64, AwsError> {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    match (number(definition.cpu()), number(definition.memory())) {
        (Some(cpu), Some(_)) => Ok(cpu),
        _ => Err(AwsError::because(format!(
            "task definition {} has no cpu and memory for its tasks as a whole: give it both to install a hog",
            definition.task_definition_arn().unwrap_or_default()
        ))),
    }
}

/// The image's name with a registry.
async fn full_image(image: &str, aws: &Aws) -> Result<String, AwsError> {
    if has_registry(image) {
        return Ok(image.to_owned());
    }
    let caller = answer(aws.sts().get_caller_identity().send()).await?;
    let account = caller.get("Account").and_then(Value::as_str);
    let account = account.ok_or_else(|| AwsError::no_answer("GetCallerIdentity"))?;
    let region = aws.region();
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    Ok(format!("{account}.dkr.ecr.{region}.{domain}/{image}"))
}

/// By the rule of container engines: what stands before the first slash is a registry if it looks like a host.
fn has_registry(image: &str) -> bool {
    let host = image.split_once('/').map(|(host, _)| host);
    host.is_some_and(|host| host.contains(['.', ':']))
}

fn hog(image: String, command: String, delay: i64) -> ContainerDefinition {
    let variable = |name: &str, value: String| KeyValuePair::builder().name(name).value(value).build();
    ContainerDefinition::builder()
        .name(CONTAINER)
        .image(image)
        .set_port_mappings(Some(Vec::new()))
        .essential(false)
        .environment(variable("HOG_CONFIG", command))
        .environment(variable("HOG_DELAY", delay.to_string()))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(json: &str, cpu: i64) -> Result<String, String> {
        let hog: HogConfiguration = serde_json::from_str(json).unwrap();
        hog.command(cpu).map_err(|error| error.to_string())
    }

    #[test]
    fn the_container_is_told_what_the_starter_pack_told_it() {
        assert_eq!(
            command(r#"{"type": "cpu"}"#, 256).unwrap(),
            "--cpu 1 --cpu-load 100"
        );
        assert_eq!(
            command(r#"{"type": "CPU", "cpu_load": "80", "duration": 60}"#, 4096).unwrap(),
            "--cpu 4 --cpu-load 80  --timeout 60"
        );
        assert_eq!(
            command(r#"{"type": "cpu", "cpu_load": 250.5, "duration": 0}"#, 2047).unwrap(),
            "--cpu 1 --cpu-load 100"
        );
        assert_eq!(
            command(r#"{"type": "memory", "duration": "90"}"#, 256).unwrap(),
            " --timeout 90"
        );
        assert!(command(r#"{"type": "disk"}"#, 256).unwrap_err().contains("disk"));
        assert!(
            command(r#"{"type": "cpu", "cpu_load": "much"}"#, 256)
                .unwrap_err()
                .contains("cpu_load")
        );
    }

    #[test]
    fn only_images_without_a_registry_are_completed() {
        for full in [
            "public.ecr.aws/a/b:1",
            "localhost:5000/a",
            "1.dkr.ecr.eu-west-1.amazonaws.com/a",
        ] {
            assert!(has_registry(full), "{full}");
        }
        for short in ["hog", "hog:1.0", "team/hog:latest", "ecr-public/team/hog"] {
            assert!(!has_registry(short), "{short}");
        }
    }
}

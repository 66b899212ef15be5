//! Clusters, instances and services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::aws::{Aws, text};
use super::balancers::Balancers;
use super::database::Database;
use super::names::{self, CLUSTER, EC2_CLUSTER};
use super::network::Network;
use super::{MOST_TASKS, aws};
use crate::cli::{LabArgs, Variable};
use crate::error::Error;

/// CPU units and MiB of each service, in the order of [`names::SERVICES`].
const SIZES: [(&str, &str); 3] = [("256", "512"), ("512", "1024"), ("256", "512")];
/// The registry that images are named after; nothing is pulled.
const REGISTRY: &str = "dkr.ecr.us-east-1.amazonaws.com/ecr-public/devlearnops";

/// Makes clusters, the instances' group and the services.
pub async fn make(
    aws: &Aws,
    network: &Network,
    balancers: &Balancers,
    database: &Database,
    args: &LabArgs,
) -> Result<(), Error> {
    let provider = instances(aws, network, args.instances).await?;
    aws.call(
        "ecs",
        "CreateCluster",
        &json!({ "clusterName": CLUSTER, "capacityProviders": ["FARGATE"] }),
    )
    .await?;
    let environments = environments(balancers, database, &args.environment);
    for (index, (short, cluster, port)) in names::SERVICES.into_iter().enumerate() {
        let definition = definition(aws, index, &environments[index]).await?;
        let mut service = json!({
            "cluster": cluster, "serviceName": names::service(short), "taskDefinition": definition, "desiredCount": args.tasks,
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": network.private } },
            "loadBalancers": [{ "targetGroupArn": balancers.groups[index], "containerName": container(short), "containerPort": port }],
            "healthCheckGracePeriodSeconds": 30,
            "propagateTags": "SERVICE", "tags": tags("key", "value"),
        });
        match cluster {
            EC2_CLUSTER => {
                service["capacityProviderStrategy"] =
                    json!([{ "capacityProvider": provider, "weight": 1, "base": 1 }])
            }
            _ => service["launchType"] = json!("FARGATE"),
        }
        aws.call("ecs", "CreateService", &service).await?;
        if !args.no_autoscaling {
            scaling(
                aws,
                &format!("service/{cluster}/{}", names::service(short)),
                args.tasks,
                index,
                balancers,
            )
            .await?;
        }
    }
    Ok(())
}

/// The EC2 cluster with the group of its instances; gives the capacity provider's name.
async fn instances(aws: &Aws, network: &Network, count: u32) -> Result<String, Error> {
    let user_data = format!("#!/bin/bash\necho ECS_CLUSTER={EC2_CLUSTER} >> /etc/ecs/ecs.config\n");
    let template = json!({ "LaunchTemplateName": format!("{}-ec2", names::PREFIX), "LaunchTemplateData": { "InstanceType": "t3.small", "UserData": aws::base64(&user_data) } });
    aws.call("ec2", "CreateLaunchTemplate", &template).await?;
    let mut tags =
        vec![json!({ "Key": "Name", "Value": format!("{}-ec2", names::PREFIX), "PropagateAtLaunch": true })];
    for (key, value) in labels() {
        tags.push(json!({ "Key": key, "Value": value, "PropagateAtLaunch": true }));
    }
    let group = json!({
        "AutoScalingGroupName": names::GROUP, "MinSize": count, "MaxSize": 5, "DesiredCapacity": count,
        "VPCZoneIdentifier": network.private.join(","), "Tags": tags,
        "LaunchTemplate": { "LaunchTemplateName": format!("{}-ec2", names::PREFIX), "Version": "$Latest" },
        "HealthCheckType": "EC2",
    });
    aws.call("autoscaling", "CreateAutoScalingGroup", &group).await?;
    let groups = aws
        .call(
            "autoscaling",
            "DescribeAutoScalingGroups",
            &json!({ "AutoScalingGroupNames": [names::GROUP] }),
        )
        .await?;
    let arn = text(&groups, "/AutoScalingGroups/0/AutoScalingGroupARN")?;
    let provider = format!("{}-ondemand", names::PREFIX);
    aws.call(
        "ecs",
        "CreateCapacityProvider",
        &json!({ "name": provider, "autoScalingGroupProvider": { "autoScalingGroupArn": arn } }),
    )
    .await?;
    aws.call(
        "ecs",
        "CreateCluster",
        &json!({ "clusterName": EC2_CLUSTER, "capacityProviders": [provider] }),
    )
    .await?;
    Ok(provider)
}

/// The environment of each service. A slow or missing spamcheck must not keep people from commenting: the application's own defaults
/// are weaker, as an experiment can show.
fn environments(balancers: &Balancers, database: &Database, more: &[Variable]) -> [Value; 3] {
    let internal = &balancers.internal.url;
    let (api, spam) = (format!("{internal}/api"), format!("{internal}/spam"));
    let connection = database.connection_string();
    let web = [("API_URL", api.as_str()), ("API_TIMEOUT_MS", "5000")];
    let api = [
        ("SPRING_DATASOURCE_URL", connection.as_str()),
        ("SPRING_DATASOURCE_USERNAME", database.user),
        ("SPRING_DATASOURCE_PASSWORD", &database.password),
        ("APPLICATION_PATH_BASE", "/api"),
        ("APPLICATION_SPAMCHECK_URL", &spam),
        ("SPAMCHECK_TIMEOUT_MS", "500"),
        ("SPAMCHECK_FALLBACK", "accept"),
    ];
    let spamcheck = [("APPLICATION_PATH_BASE", "/spam")];
    [
        environment("web", &web, more),
        environment("api", &api, more),
        environment("spamcheck", &spamcheck, more),
    ]
}

/// What the user gives wins.
fn environment(service: &str, own: &[(&str, &str)], more: &[Variable]) -> Value {
    let mut all: BTreeMap<&str, &str> = own.iter().copied().collect();
    all.extend(
        more.iter()
            .filter(|given| given.service == service)
            .map(|given| (given.name.as_str(), given.value.as_str())),
    );
    all.into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

/// The container's name in the live deployment.
fn container(short: &str) -> String {
    match short {
        "spamcheck" => format!("{}-{short}", names::APPLICATION),
        _ => format!("{}-{short}", names::PREFIX),
    }
}

async fn definition(aws: &Aws, index: usize, environment: &Value) -> Result<String, Error> {
    let (short, cluster, port) = names::SERVICES[index];
    let (cpu, memory) = SIZES[index];
    let compatibility = if cluster == EC2_CLUSTER { "EC2" } else { "FARGATE" };
    let account = &aws.region.settings().account;
    let wanted = json!({
        "family": format!("{}-{short}", names::APPLICATION), "networkMode": "awsvpc", "requiresCompatibilities": [compatibility],
        "cpu": cpu, "memory": memory,
        "containerDefinitions": [{
            "name": container(short), "image": format!("{account}.{REGISTRY}/{}-{short}:latest", names::APPLICATION), "essential": true,
            "cpu": cpu.parse::<u32>().unwrap_or(256), "memory": memory.parse::<u32>().unwrap_or(512),
            "portMappings": [{ "containerPort": port, "hostPort": port, "protocol": "tcp" }],
            "environment": environment,
        }],
    });
    let made = aws.call("ecs", "RegisterTaskDefinition", &wanted).await?;
    text(&made, "/taskDefinition/taskDefinitionArn")
}

async fn scaling(
    aws: &Aws,
    resource: &str,
    tasks: u32,
    index: usize,
    balancers: &Balancers,
) -> Result<(), Error> {
    let target = json!({ "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": resource });
    let mut wanted = target.clone();
    wanted["MinCapacity"] = json!(tasks);
    wanted["MaxCapacity"] = json!(MOST_TASKS);
    aws.call("application-autoscaling", "RegisterScalableTarget", &wanted)
        .await?;
    let balancer = if index == 0 {
        &balancers.public
    } else {
        &balancers.internal
    };
    let group = balancers.groups[index].rsplit(':').next().unwrap_or_default();
    let metrics = [
        (
            "cpu",
            json!({ "PredefinedMetricType": "ECSServiceAverageCPUUtilization" }),
            70,
        ),
        (
            "memory",
            json!({ "PredefinedMetricType": "ECSServiceAverageMemoryUtilization" }),
            70,
        ),
        (
            "requests",
            json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": format!("{}/{group}", balancer.suffix) }),
            6000,
        ),
    ];
    for (name, metric, value) in metrics {
        let mut policy = target.clone();
        policy["PolicyName"] = json!(name);
        policy["PolicyType"] = json!("TargetTrackingScaling");
        policy["TargetTrackingScalingPolicyConfiguration"] = json!({ "PredefinedMetricSpecification": metric, "TargetValue": value, "ScaleInCooldown": 300, "ScaleOutCooldown": 180 });
        aws.call("application-autoscaling", "PutScalingPolicy", &policy)
            .await?;
    }
    Ok(())
}

fn labels() -> [(&'static str, &'static str); 3] {
    [
        ("Environment", names::ENVIRONMENT),
        ("Application", names::APPLICATION),
        ("Program", "chaos"),
    ]
}

fn tags(key: &str, value: &str) -> Vec<Value> {
    labels()
        .into_iter()
        .map(|(name, text)| json!({ key: name, value: text }))
        .collect()
}

//! What a lab looks like at a moment: for `status`, the page and the narrator.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::seed::{Aws, names};

/// Over how much real time requests are counted.
const RECENTLY: Duration = Duration::from_secs(5);

/// The whole lab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub services: Vec<Service>,
    pub balancers: Vec<Balancer>,
    pub alarms: Vec<Alarm>,
    pub databases: Vec<Database>,
    pub instances: Vec<Instance>,
}

/// An ECS service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub name: String,
    pub cluster: String,
    pub desired: u64,
    pub running: u64,
    pub pending: u64,
    pub tasks: Vec<Task>,
    pub targets: Vec<Target>,
}

impl Service {
    /// How many of its targets get requests.
    pub fn healthy(&self) -> usize {
        self.targets
            .iter()
            .filter(|target| target.state == "healthy")
            .count()
    }
}

/// A task that runs or is on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: String,
    pub status: String,
    pub zone: String,
    pub reason: String,
}

/// A target of the service's group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub address: String,
    pub state: String,
    pub reason: String,
}

/// A load balancer, and what passed in the last five seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balancer {
    pub name: String,
    pub requests: f64,
    pub failed: f64,
    pub latency_ms: f64,
}

/// An alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub name: String,
    pub state: String,
    pub reason: String,
}

/// A database instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Database {
    pub name: String,
    pub status: String,
    pub zone: String,
}

/// An EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    pub state: String,
    pub zone: String,
}

/// Looks at everything. What cannot be had is left out.
pub async fn look(aws: &Aws) -> View {
    let mut view = View {
        databases: databases(aws).await,
        balancers: balancers(aws).await,
        alarms: alarms(aws).await,
        instances: instances(aws).await,
        ..View::default()
    };
    for (short, cluster, _) in names::SERVICES {
        view.services.push(service(aws, short, cluster).await);
    }
    view
}

async fn ask(aws: &Aws, service: &str, operation: &str, input: &Value) -> Value {
    aws.region
        .call(service, operation, input)
        .await
        .unwrap_or_default()
}

fn items(answer: &Value, pointer: &str) -> Vec<Value> {
    answer
        .pointer(pointer)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn count(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// Looks at one service, by its short name.
pub async fn service(aws: &Aws, short: &str, cluster: &str) -> Service {
    let name = names::service(short);
    let found = ask(
        aws,
        "ecs",
        "DescribeServices",
        &json!({ "cluster": cluster, "services": [name] }),
    )
    .await;
    let found = items(&found, "/services").into_iter().next().unwrap_or_default();
    let tasks = tasks(aws, cluster, &name).await;
    Service {
        desired: count(&found, "desiredCount"),
        running: count(&found, "runningCount"),
        pending: count(&found, "pendingCount"),
        targets: targets(aws, &names::group(short)).await,
        name,
        cluster: cluster.to_owned(),
        tasks,
    }
}

async fn tasks(aws: &Aws, cluster: &str, service: &str) -> Vec<Task> {
    let mut arns = Vec::new();
    for status in ["RUNNING", "STOPPED"] {
        let listed = ask(
            aws,
            "ecs",
            "ListTasks",
            &json!({ "cluster": cluster, "serviceName": service, "desiredStatus": status }),
        )
        .await;
        arns.extend(items(&listed, "/taskArns"));
    }
    arns.truncate(100);
    if arns.is_empty() {
        return Vec::new();
    }
    let found = ask(
        aws,
        "ecs",
        "DescribeTasks",
        &json!({ "cluster": cluster, "tasks": arns }),
    )
    .await;
    let task = |task: Value| Task {
        id: text(&task, "/taskArn")
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .take(8)
            .collect(),
        status: text(&task, "/lastStatus"),
        zone: text(&task, "/availabilityZone"),
        reason: text(&task, "/stoppedReason"),
    };
    items(&found, "/tasks").into_iter().map(task).collect()
}

async fn targets(aws: &Aws, group: &str) -> Vec<Target> {
    let groups = ask(
        aws,
        "elasticloadbalancing",
        "DescribeTargetGroups",
        &json!({ "Names": [group] }),
    )
    .await;
    let arn = text(&groups, "/TargetGroups/0/TargetGroupArn");
    let health = ask(
        aws,
        "elasticloadbalancing",
        "DescribeTargetHealth",
        &json!({ "TargetGroupArn": arn }),
    )
    .await;
    let target = |target: Value| Target {
        address: format!(
            "{}:{}",
            text(&target, "/Target/Id"),
            target.pointer("/Target/Port").cloned().unwrap_or_default()
        ),
        state: text(&target, "/TargetHealth/State"),
        reason: text(&target, "/TargetHealth/Reason"),
    };
    items(&health, "/TargetHealthDescriptions")
        .into_iter()
        .map(target)
        .collect()
}

async fn balancers(aws: &Aws) -> Vec<Balancer> {
    let found = ask(aws, "elasticloadbalancing", "DescribeLoadBalancers", &json!({})).await;
    items(&found, "/LoadBalancers")
        .iter()
        .map(|balancer| measured(aws, balancer))
        .collect()
}

fn measured(aws: &Aws, balancer: &Value) -> Balancer {
    let arn = text(balancer, "/LoadBalancerArn");
    let suffix = arn.split_once("loadbalancer/").map_or("", |(_, suffix)| suffix);
    let last = |metric: &str| {
        aws.region.metrics.last(
            "AWS/ApplicationELB",
            metric,
            &[("LoadBalancer", suffix)],
            RECENTLY,
        )
    };
    let time = last("TargetResponseTime");
    Balancer {
        name: text(balancer, "/LoadBalancerName"),
        requests: last("RequestCount").sum,
        failed: last("HTTPCode_ELB_5XX_Count").sum + last("HTTPCode_Target_5XX_Count").sum,
        latency_ms: if time.count == 0 {
            0.0
        } else {
            time.sum / time.count as f64 * 1000.0
        },
    }
}

/// Those of target tracking are the scaler's own business.
async fn alarms(aws: &Aws) -> Vec<Alarm> {
    let found = ask(aws, "monitoring", "DescribeAlarms", &json!({})).await;
    let alarm = |alarm: Value| Alarm {
        name: text(&alarm, "/AlarmName"),
        state: text(&alarm, "/StateValue"),
        reason: text(&alarm, "/StateReason"),
    };
    let all = items(&found, "/MetricAlarms").into_iter().map(alarm);
    all.filter(|alarm| !alarm.name.starts_with("TargetTracking-"))
        .collect()
}

async fn databases(aws: &Aws) -> Vec<Database> {
    let found = ask(aws, "rds", "DescribeDBInstances", &json!({})).await;
    let database = |database: Value| Database {
        name: text(&database, "/DBInstanceIdentifier"),
        status: text(&database, "/DBInstanceStatus"),
        zone: text(&database, "/AvailabilityZone"),
    };
    items(&found, "/DBInstances").into_iter().map(database).collect()
}

async fn instances(aws: &Aws) -> Vec<Instance> {
    let found = ask(aws, "ec2", "DescribeInstances", &json!({})).await;
    let reservations = items(&found, "/reservationSet");
    let each = reservations
        .iter()
        .flat_map(|reservation| items(reservation, "/instancesSet"));
    let instance = |instance: Value| Instance {
        id: text(&instance, "/instanceId"),
        state: text(&instance, "/instanceState/name"),
        zone: text(&instance, "/placement/availabilityZone"),
    };
    each.map(instance)
        .filter(|instance| instance.state != "terminated")
        .collect()
}

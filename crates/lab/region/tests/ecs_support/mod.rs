//! A region with subnets in three zones and a cluster, and what tests ask of it.
#![allow(dead_code)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use chaos_lab_region::network::Network;
use chaos_lab_region::pace::Pace;
use chaos_lab_region::wire::{Answer, ApiError};
use chaos_lab_region::{Later, Region, Settings, Topics};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Nobody;

impl Topics for Nobody {
    fn publish<'a>(
        &'a self,
        _topic: &'a str,
        _subject: &'a str,
        _message: &'a str,
    ) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

/// The program that stands in for the lab's own: cargo builds examples beside tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    let program = path.join("examples/task");
    assert!(
        program.exists(),
        "build the example first: cargo build -p chaos-lab-region --example task"
    );
    program
}

pub struct Lab {
    pub region: Arc<Region>,
    pub subnets: Vec<String>,
    folder: PathBuf,
}

/// Tests run side by side, each with a network of its own; so do the programs of tests, mostly.
fn network() -> u8 {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    100 + (std::process::id() % 140) as u8 + NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Lab {
    pub async fn new(name: &str, speed: f64) -> Lab {
        let folder = std::env::temp_dir().join(format!("chaos-lab-ecs-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = Settings {
            name: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            pace: Pace::new(speed),
            network: Network::new(network()),
            folder: folder.clone(),
            program: program(),
            database: Engine::choose(),
            endpoint: "http://127.0.0.1:4566".to_owned(),
        };
        let region = Region::new(
            settings,
            Spawner::new(&format!("ecs-{}-{name}", std::process::id())),
        );
        region.start(Arc::new(Nobody));
        let mut lab = Lab {
            region,
            subnets: Vec::new(),
            folder,
        };
        lab.lay_out().await;
        lab
    }

    async fn lay_out(&mut self) {
        let cidr = self.region.settings().network.cidr();
        let vpc = self.ok("ec2", "CreateVpc", json!({ "CidrBlock": cidr })).await;
        let vpc = vpc.pointer("/vpc/vpcId").unwrap().clone();
        for (index, zone) in ["us-east-1a", "us-east-1b", "us-east-1c"].into_iter().enumerate() {
            let cidr = self.region.settings().network.subnet_cidr(index as u8 + 1);
            let input = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
            let subnet = self.ok("ec2", "CreateSubnet", input).await;
            self.subnets.push(
                subnet
                    .pointer("/subnet/subnetId")
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        self.ecs("CreateCluster", json!({ "clusterName": "live" })).await;
    }

    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Answer {
        self.region.call(service, operation, &input).await
    }

    pub async fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        match self.call(service, operation, input.clone()).await {
            Ok(answer) => answer,
            Err(error) => panic!("{operation} {input}: {error}"),
        }
    }

    pub async fn ecs(&self, operation: &str, input: Value) -> Value {
        self.ok("ecs", operation, input).await
    }

    /// The error of an operation that fails.
    pub async fn refused(&self, operation: &str, input: Value) -> ApiError {
        self.call("ecs", operation, input).await.unwrap_err()
    }

    /// A task definition of one web container for Fargate, with more members of the container.
    pub async fn definition(&self, family: &str, container: Value) -> String {
        let mut web = json!({ "name": "web", "image": "team/comments-web:1", "portMappings": [{ "containerPort": 3000 }] });
        web.as_object_mut()
            .unwrap()
            .extend(container.as_object().unwrap().clone());
        let input = json!({
            "family": family, "cpu": "256", "memory": "512", "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [web],
        });
        let answer = self.ecs("RegisterTaskDefinition", input).await;
        answer
            .pointer("/taskDefinition/taskDefinitionArn")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A service of that definition, with more members.
    pub async fn service(&self, name: &str, definition: &str, count: u32, more: Value) -> Value {
        let mut input = json!({
            "cluster": "live", "serviceName": name, "taskDefinition": definition, "desiredCount": count, "launchType": "FARGATE",
            "networkConfiguration": self.network(),
        });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.ecs("CreateService", input).await["service"].clone()
    }

    pub fn network(&self) -> Value {
        json!({ "awsvpcConfiguration": { "subnets": self.subnets } })
    }

    pub async fn describe(&self, service: &str) -> Value {
        let input = json!({ "cluster": "live", "services": [service] });
        self.ecs("DescribeServices", input).await["services"][0].clone()
    }

    /// All wanted tasks of a service.
    pub async fn tasks(&self, service: &str) -> Vec<Value> {
        let listed = self
            .ecs("ListTasks", json!({ "cluster": "live", "serviceName": service }))
            .await;
        self.described(&listed["taskArns"]).await
    }

    pub async fn described(&self, arns: &Value) -> Vec<Value> {
        if arns.as_array().is_none_or(Vec::is_empty) {
            return Vec::new();
        }
        let answer = self
            .ecs("DescribeTasks", json!({ "cluster": "live", "tasks": arns }))
            .await;
        answer["tasks"].as_array().unwrap().clone()
    }

    pub async fn task(&self, arn: &Value) -> Value {
        self.described(&json!([arn])).await[0].clone()
    }

    /// Waits until the service is stable by the rule of AWS's waiter.
    pub async fn stable(&self, service: &str) -> Value {
        self.until(&format!("{service} is stable"), async || {
            let service = self.describe(service).await;
            let one = service["deployments"].as_array().unwrap().len() == 1;
            (one && service["runningCount"] == service["desiredCount"]).then_some(service)
        })
        .await
    }

    pub async fn stopped(&self, arn: &Value) -> Value {
        self.until("the task is stopped", async || {
            let task = self.task(arn).await;
            (task["lastStatus"] == "STOPPED").then_some(task)
        })
        .await
    }

    /// Polls with a generous deadline.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < deadline, "not in time: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A target group with quick health checks, behind a load balancer.
    pub async fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": "3000", "TargetType": "ip", "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": "5", "HealthCheckTimeoutSeconds": "2", "HealthyThresholdCount": "2", "UnhealthyThresholdCount": "2",
        });
        let group = self.ok("elasticloadbalancing", "CreateTargetGroup", group).await;
        let group = group.pointer("/TargetGroups/0/TargetGroupArn").unwrap().clone();
        let attributes = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "5" }]);
        let delay = json!({ "TargetGroupArn": group, "Attributes": attributes });
        self.ok("elasticloadbalancing", "ModifyTargetGroupAttributes", delay)
            .await;
        let balancer = json!({ "Name": name, "Subnets": self.subnets });
        let balancer = self
            .ok("elasticloadbalancing", "CreateLoadBalancer", balancer)
            .await;
        let listener = json!({
            "LoadBalancerArn": balancer.pointer("/LoadBalancers/0/LoadBalancerArn").unwrap(), "Protocol": "HTTP", "Port": "80",
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
        });
        self.ok("elasticloadbalancing", "CreateListener", listener).await;
        group.as_str().unwrap().to_owned()
    }

    /// Asks a task for a path; nothing where it does not answer.
    pub async fn get(&self, task: &Value, path: &str) -> Option<String> {
        let mut stream = tokio::net::TcpStream::connect((address(task), 3000)).await.ok()?;
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes())
            .await
            .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        Some(answer)
    }

    pub async fn end(self) {
        self.region.stop().await;
        let _ = std::fs::remove_dir_all(self.folder);
    }
}

/// The address of a task.
pub fn address(task: &Value) -> String {
    detail(task, "privateIPv4Address")
}

pub fn detail(task: &Value, name: &str) -> String {
    let details = task["attachments"][0]["details"].as_array().unwrap();
    let found = details.iter().find(|detail| detail["name"] == name).unwrap();
    found["value"].as_str().unwrap().to_owned()
}

/// The messages of a service's events, the newest first.
pub fn events(service: &Value) -> Vec<String> {
    service["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .collect()
}

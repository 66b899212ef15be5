//! A region for tests of load balancers and alarms: subnets in three zones, targets that answer, a topic that remembers.
#![allow(dead_code)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use chaos_lab_region::network::Network;
use chaos_lab_region::pace::Pace;
use chaos_lab_region::wire::ApiError;
use chaos_lab_region::{Later, Region, Settings, Topics, now};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What was published: topic, subject, message.
pub type Published = Arc<Mutex<Vec<(String, String, Value)>>>;

struct Remembering(Published);

impl Topics for Remembering {
    fn publish<'a>(
        &'a self,
        topic: &'a str,
        subject: &'a str,
        message: &'a str,
    ) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async move {
            if topic.ends_with(":broken") {
                return Err(ApiError::new("NotFound", "Topic does not exist"));
            }
            let message = serde_json::from_str(message).unwrap();
            self.0
                .lock()
                .push((topic.to_owned(), subject.to_owned(), message));
            Ok(())
        })
    }
}

pub struct Lab {
    pub region: Arc<Region>,
    pub published: Published,
    pub net: u8,
    folder: PathBuf,
    /// Holds the network: other tests, also of other processes, take another one.
    _claim: TcpListener,
}

async fn free_network() -> (u8, TcpListener) {
    for net in 140..200 {
        if let Ok(claim) = TcpListener::bind((Ipv4Addr::new(127, net, 255, 1), 9999)).await {
            return (net, claim);
        }
    }
    panic!("no free network");
}

impl Lab {
    pub async fn new(speed: f64) -> Lab {
        let (net, claim) = free_network().await;
        let id = format!("balance-{}-{net}", std::process::id());
        let folder = std::env::temp_dir().join(format!("chaos-lab-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = Settings {
            name: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            pace: Pace::new(speed),
            network: Network::new(net),
            folder: folder.clone(),
            program: std::env::current_exe().unwrap(),
            database: Engine::choose(),
            endpoint: "http://127.0.0.1:4566".to_owned(),
        };
        let region = Region::new(settings, Spawner::new(&id));
        let published = Published::default();
        region.start(Arc::new(Remembering(published.clone())));
        Lab {
            region,
            published,
            net,
            folder,
            _claim: claim,
        }
    }

    pub async fn try_call(&self, service: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.region.call(service, operation, &input).await
    }

    pub async fn elb(&self, operation: &str, input: Value) -> Value {
        self.try_call("elasticloadbalancing", operation, input)
            .await
            .unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    pub async fn elb_error(&self, operation: &str, input: Value) -> String {
        self.try_call("elasticloadbalancing", operation, input)
            .await
            .expect_err(operation)
            .code
    }

    pub async fn cloudwatch(&self, operation: &str, input: Value) -> Value {
        self.try_call("monitoring", operation, input)
            .await
            .unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    pub async fn cloudwatch_error(&self, operation: &str, input: Value) -> String {
        self.try_call("monitoring", operation, input)
            .await
            .expect_err(operation)
            .code
    }

    /// Subnets in us-east-1a, b and c.
    pub async fn subnets(&self) -> Vec<String> {
        let net = self.net;
        let call = async |operation, input| self.try_call("ec2", operation, input).await.unwrap();
        let vpc = call("CreateVpc", json!({ "CidrBlock": format!("127.{net}.0.0/16") })).await;
        let mut subnets = Vec::new();
        for (index, zone) in [(1, "a"), (2, "b"), (3, "c")] {
            let block = format!("127.{net}.{index}.0/24");
            let zone = format!("us-east-1{zone}");
            let input = json!({ "VpcId": vpc["vpc"]["vpcId"], "CidrBlock": block, "AvailabilityZone": zone });
            subnets.push(
                call("CreateSubnet", input).await["subnet"]["subnetId"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        subnets
    }

    /// The sum of a metric of load balancers in the last minutes.
    pub async fn sum(&self, name: &str, dimensions: &[(&str, &str)]) -> f64 {
        self.region
            .metrics
            .last("AWS/ApplicationELB", name, dimensions, Duration::from_secs(600))
            .sum
    }

    pub async fn end(self) {
        self.region.stop().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Polls until something holds.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// A target that answers with the status in its path (`/500`), else 200, and counts. Ends when it is dropped.
pub struct Target {
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Target {
    pub async fn start(address: impl Into<SocketAddr>) -> Target {
        let address = address.into();
        let listener = TcpListener::bind(address).await.unwrap();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream));
            }
        });
        Target { address, task }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head
        .split(['/', ' '])
        .find_map(|word| word.parse::<u16>().ok())
        .unwrap_or(200);
    let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let _ = stream.write_all(text.as_bytes()).await;
}

/// The status and the head of an answer.
pub async fn get(address: SocketAddr, path: &str, host: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

/// Seconds since 1970, some seconds from now.
pub fn in_seconds(seconds: f64) -> f64 {
    now() + seconds
}

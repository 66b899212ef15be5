//! The live deployment of the comments application, made by the same calls that Terraform would make. The names are those of
//! infrastructure/.

mod alarms;
mod aws;
mod balancers;
mod batch;
mod clusters;
mod database;
mod network;
mod parameters;
mod ready;
mod services;

use std::path::Path;

pub use aws::Aws;

use crate::cli::LabArgs;
use crate::error::Error;

/// The names of the live deployment.
pub mod names {
    /// The environment's own name, in most other names.
    pub const ENVIRONMENT: &str = "live";
    /// The application's name.
    pub const APPLICATION: &str = "comments";
    /// What the names of infrastructure begin with.
    pub const PREFIX: &str = "live-chaos-comment";
    /// The cluster of web and api, on Fargate.
    pub const CLUSTER: &str = "live-chaos-comment-cluster";
    /// The cluster of spamcheck, on EC2 instances.
    pub const EC2_CLUSTER: &str = "live-chaos-comment-ec2-cluster";
    /// The group of those instances.
    pub const GROUP: &str = "live-chaos-comment-ec2-autoscaling-ondemand";
    /// The database instance.
    pub const DATABASE: &str = "live-chaos-comments-db";
    /// The Aurora cluster and the DocumentDB cluster, which are made on demand.
    pub const CLUSTERS: [(&str, &str); 2] = [
        ("live-chaos-aurora", "aurora-mysql"),
        ("live-chaos-docdb", "docdb"),
    ];
    /// The topic that alarms tell.
    pub const TOPIC: &str = "live-chaos-comment-sre-updates";
    /// A queue that receives what the topic is told: library/stacks/topic-subscription makes one elsewhere.
    pub const QUEUE: &str = "chaos-topic-subscription";
    /// The compute environment of experiments on AWS Batch.
    pub const COMPUTE: &str = "live-chaos";
    /// Their job queue.
    pub const JOB_QUEUE: &str = "live-chaos-queue";
    /// Their job definition.
    pub const JOB_DEFINITION: &str = "live-chaos-experiment";
    /// The log group of their jobs.
    pub const JOB_LOGS: &str = "/live/chaos/jobs";
    /// The bucket of journals, before account and region.
    pub const JOURNALS: &str = "live-chaos-journals";
    /// The public load balancer.
    pub const PUBLIC: &str = "live-chaos-comment-public";
    /// The internal load balancer.
    pub const INTERNAL: &str = "live-chaos-comment-internal";
    /// Each service: short name, cluster, container port.
    pub const SERVICES: [(&str, &str, u16); 3] = [
        ("web", CLUSTER, 3000),
        ("api", CLUSTER, 8080),
        ("spamcheck", EC2_CLUSTER, 8000),
    ];

    /// `comments-web-service`
    pub fn service(short: &str) -> String {
        format!("{APPLICATION}-{short}-service")
    }

    /// `live-chaos-comment-web`, the target group of a service
    pub fn group(short: &str) -> String {
        format!("{PREFIX}-{short}")
    }

    /// `/live/app/comments/web_url`
    pub fn parameter(short: &str) -> String {
        format!("/{ENVIRONMENT}/app/{APPLICATION}/{short}")
    }
}

/// How many tasks a service may grow to.
pub const MOST_TASKS: u32 = 4;

/// Makes everything as `args` say, and waits until it serves. `tell` hears of each step.
pub async fn deploy(aws: &Aws, args: &LabArgs, logs: &Path, mut tell: impl FnMut(&str)) -> Result<(), Error> {
    let network = network::make(aws).await?;
    let database = database::begin(aws).await?;
    let balancers = balancers::make(aws, &network).await?;
    tell("network and load balancers are made");
    let database = database::finish(aws, database, logs).await?;
    tell(&format!(
        "database {} listens at {}",
        names::DATABASE,
        database.address()
    ));
    let topic = parameters::make(aws, &network, &balancers, &database).await?;
    services::make(aws, &network, &balancers, &database, args).await?;
    alarms::make(aws, &balancers, &topic).await?;
    batch::make(aws).await?;
    if args.clusters {
        clusters::make(aws).await?;
        tell("database clusters are being made");
    }
    tell("services start their tasks");
    ready::wait(aws, args.tasks, &balancers.web_url, logs).await?;
    if args.clusters {
        clusters::wait(aws, logs).await?;
    }
    tell(&format!("the application serves at {}", balancers.web_url));
    Ok(())
}

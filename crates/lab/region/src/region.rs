//! The region: the state of all its services, and what its loops need.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::cloudwatch::Metrics;
use crate::network::Network;
use crate::pace::Pace;
use crate::wire::{Answer, ApiError};
use crate::{autoscaling, batch, cloudwatch, ec2, ecs, elb, logs, rds, scaling, ssm};

/// What a region is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The region's name, such as `us-east-1`.
    pub name: String,
    /// The account's number, of twelve digits.
    pub account: String,
    /// How much faster than AWS the lab's own clockwork runs.
    pub pace: Pace,
    /// The addresses of this lab.
    pub network: Network,
    /// Where the lab keeps everything: logs of tasks, the database.
    pub folder: PathBuf,
    /// The lab's own program, which runs the services of comments-app, the CPU hog and start-chaos by their subcommands.
    pub program: PathBuf,
    /// Which database server RDS instances are.
    pub database: Engine,
    /// The gateway's own address, as jobs and tasks need it: `http://127.0.0.1:4566`.
    pub endpoint: String,
}

/// The state of all services with behaviour.
#[derive(Default)]
pub struct State {
    pub autoscaling: autoscaling::State,
    pub batch: batch::State,
    pub cloudwatch: cloudwatch::State,
    pub ec2: ec2::State,
    pub ecs: ecs::State,
    pub elb: elb::State,
    pub logs: logs::State,
    pub rds: rds::State,
    pub scaling: scaling::State,
    pub ssm: ssm::State,
}

/// A future that services of other crates answer with.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The plain-state services that services with behaviour send to.
pub trait Topics: Send + Sync {
    /// Publishes to an SNS topic, which delivers to its subscriptions.
    fn publish<'a>(
        &'a self,
        topic_arn: &'a str,
        subject: &'a str,
        message: &'a str,
    ) -> Later<'a, Result<(), ApiError>>;
}

/// One region of one account.
pub struct Region {
    settings: Settings,
    state: Mutex<State>,
    /// What was measured; has a lock of its own, because each request of a load test passes here.
    pub metrics: Metrics,
    /// Starts child processes.
    pub spawner: Spawner,
    wake: Notify,
    topics: OnceLock<Arc<dyn Topics>>,
    loops: Mutex<JoinSet<()>>,
}

/// How often loops look, at the least.
const TICK: Duration = Duration::from_millis(100);

impl Region {
    /// A region without resources, whose loops do not run yet.
    pub fn new(settings: Settings, spawner: Spawner) -> Arc<Region> {
        Arc::new(Region {
            settings,
            state: Mutex::default(),
            metrics: Metrics::default(),
            spawner,
            wake: Notify::new(),
            topics: OnceLock::new(),
            loops: Mutex::default(),
        })
    }

    /// Starts the loops of all services. `topics` is where alarms send.
    pub fn start(self: &Arc<Self>, topics: Arc<dyn Topics>) {
        // a second start keeps the first's topics
        let _ = self.topics.set(topics);
        ec2::start(self);
        autoscaling::start(self);
        ecs::start(self);
        elb::start(self);
        cloudwatch::start(self);
        scaling::start(self);
        rds::start(self);
        ssm::start(self);
        batch::start(self);
    }

    /// Ends loops, listeners and child processes, the database last.
    pub async fn stop(self: &Arc<Self>) {
        self.loops.lock().abort_all();
        batch::stop(self).await;
        ecs::stop(self).await;
        ssm::stop(self).await;
        elb::stop(self).await;
        rds::stop(self).await;
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The speed of the lab's clockwork.
    pub fn pace(&self) -> Pace {
        self.settings.pace
    }

    /// The state. Held for moments; never across an `await`.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Where alarms send; nothing before [`Region::start`].
    pub fn topics(&self) -> Option<Arc<dyn Topics>> {
        self.topics.get().cloned()
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.settings.name, self.settings.account
        )
    }

    /// Runs a loop until the region stops.
    pub fn keep(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut loops = self.loops.lock();
        // what has ended needs no place any more
        while loops.try_join_next().is_some() {}
        loops.spawn(work);
    }

    /// Makes loops look now instead of at their next tick.
    pub fn changed(&self) {
        self.wake.notify_waiters();
    }

    /// Waits for [`Region::changed`] or a tick.
    pub async fn tick(&self) {
        // either way it is time to look
        let _ = tokio::time::timeout(TICK, self.wake.notified()).await;
    }

    /// Calls an operation of a service, by its signing name.
    ///
    /// # Errors
    /// What the service answers; [`ApiError::is_not_here`] for what has no behaviour in the lab.
    pub async fn call(self: &Arc<Self>, service: &str, operation: &str, input: &Value) -> Answer {
        match service {
            "application-autoscaling" => scaling::call(self, operation, input).await,
            "autoscaling" => autoscaling::call(self, operation, input).await,
            "batch" => batch::call(self, operation, input).await,
            "ec2" => ec2::call(self, operation, input).await,
            "ecs" => ecs::call(self, operation, input).await,
            "elasticloadbalancing" => elb::call(self, operation, input).await,
            "logs" => logs::call(self, operation, input).await,
            "monitoring" => cloudwatch::call(self, operation, input).await,
            "rds" => rds::call(self, operation, input).await,
            "ssm" => ssm::call(self, operation, input).await,
            _ => Err(ApiError::not_here(service, operation)),
        }
    }
}

/// Seconds since 1970.
pub fn now() -> f64 {
    chrono::Utc::now().timestamp_millis() as f64 / 1000.0
}

//! Makes metrics of what the load balancers saw. Source of names and rules: "CloudWatch metrics for your Application Load Balancer" of
//! the Elastic Load Balancing user guide.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use chaos_lab_balancer::{Observation, Observer, TargetState};
use parking_lot::RwLock;

use crate::Region;
use crate::cloudwatch::Series;

const NAMESPACE: &str = "AWS/ApplicationELB";

/// How often the health of targets is sampled.
const SAMPLING: Duration = Duration::from_secs(1);

/// Counts requests, each once.
pub(super) struct Meter {
    region: Weak<Region>,
    balancers: RwLock<HashMap<Arc<str>, OfBalancer>>,
    healthy: RwLock<HashMap<String, Arc<AtomicUsize>>>,
}

struct OfBalancer {
    own: Arc<Counters>,
    groups: HashMap<Arc<str>, Arc<OfGroup>>,
}

struct OfGroup {
    counters: Counters,
    per_target: Series,
    healthy: Arc<AtomicUsize>,
}

/// The metrics of one set of dimensions.
struct Counters {
    requests: Series,
    response_time: Series,
    connection_errors: Series,
    /// HTTPCode_Target_2XX_Count to 5XX.
    by_target: [Series; 4],
    /// HTTPCode_ELB_3XX_Count to 5XX.
    by_balancer: [Series; 3],
    /// HTTPCode_ELB_500_Count and those of 502, 503, 504.
    exact: [(u16, Series); 4],
    fixed: Series,
    redirects: Series,
}

impl Counters {
    fn new(region: &Region, dimensions: &[(&str, &str)]) -> Counters {
        let count = |name: &str| region.metrics.series(NAMESPACE, name, dimensions, "Count");
        Counters {
            requests: count("RequestCount"),
            response_time: region
                .metrics
                .series(NAMESPACE, "TargetResponseTime", dimensions, "Seconds"),
            connection_errors: count("TargetConnectionErrorCount"),
            by_target: [2, 3, 4, 5].map(|class| count(&format!("HTTPCode_Target_{class}XX_Count"))),
            by_balancer: [3, 4, 5].map(|class| count(&format!("HTTPCode_ELB_{class}XX_Count"))),
            exact: [500, 502, 503, 504]
                .map(|status| (status, count(&format!("HTTPCode_ELB_{status}_Count")))),
            fixed: count("HTTP_Fixed_Response_Count"),
            redirects: count("HTTP_Redirect_Count"),
        }
    }

    /// What AWS reports both by load balancer and by target group.
    fn target(&self, seen: &Observation) {
        if seen.target.is_some() {
            self.requests.put(1.0);
        }
        if let Some(series) = seen
            .target_status
            .and_then(|status| self.by_target.get(class(status, 2)?))
        {
            series.put(1.0);
        }
        if let Some(time) = seen.target_response_time {
            self.response_time.put(time.as_secs_f64());
        }
        if seen.target_connection_error {
            self.connection_errors.put(1.0);
        }
    }

    /// What AWS reports by load balancer only.
    fn balancer(&self, seen: &Observation) {
        let Some(status) = seen.balancer_status else {
            return;
        };
        if let Some(series) = class(status, 3).and_then(|class| self.by_balancer.get(class)) {
            series.put(1.0);
        }
        if let Some((_, series)) = self.exact.iter().find(|(exact, _)| *exact == status) {
            series.put(1.0);
        }
        match (&seen.target_group, status) {
            (Some(_), _) => {}
            (None, 300..=399) => self.redirects.put(1.0),
            (None, _) => self.fixed.put(1.0),
        }
    }
}

/// The place of a status in a list that begins with the class `first`.
fn class(status: u16, first: u16) -> Option<usize> {
    (status / 100).checked_sub(first).map(usize::from)
}

impl Meter {
    pub(super) fn new(region: Weak<Region>) -> Meter {
        Meter {
            region,
            balancers: RwLock::default(),
            healthy: RwLock::default(),
        }
    }

    fn known(&self, seen: &Observation) -> Option<(Arc<Counters>, Option<Arc<OfGroup>>)> {
        let balancers = self.balancers.read();
        let balancer = balancers.get(&seen.load_balancer)?;
        match &seen.target_group {
            None => Some((balancer.own.clone(), None)),
            Some(group) => Some((balancer.own.clone(), Some(balancer.groups.get(group)?.clone()))),
        }
    }

    /// Makes the handles that a request needs; done once.
    fn learn(&self, seen: &Observation) -> Option<()> {
        let region = self.region.upgrade()?;
        let name: &str = &seen.load_balancer;
        let mut balancers = self.balancers.write();
        let balancer = balancers
            .entry(seen.load_balancer.clone())
            .or_insert_with(|| OfBalancer {
                own: Arc::new(Counters::new(&region, &[("LoadBalancer", name)])),
                groups: HashMap::new(),
            });
        if let Some(group) = &seen.target_group {
            balancer.groups.entry(group.clone()).or_insert_with(|| {
                let dimensions = [("TargetGroup", &**group)];
                Arc::new(OfGroup {
                    counters: Counters::new(&region, &[("LoadBalancer", name), ("TargetGroup", group)]),
                    per_target: region.metrics.series(
                        NAMESPACE,
                        "RequestCountPerTarget",
                        &dimensions,
                        "Count",
                    ),
                    healthy: self.healthy_of(group),
                })
            });
        }
        Some(())
    }

    fn healthy_of(&self, group: &str) -> Arc<AtomicUsize> {
        self.healthy.write().entry(group.to_owned()).or_default().clone()
    }
}

impl Observer for Meter {
    fn request(&self, seen: &Observation) {
        let known = self.known(seen).or_else(|| {
            self.learn(seen)?;
            self.known(seen)
        });
        let Some((balancer, group)) = known else { return };
        balancer.target(seen);
        balancer.balancer(seen);
        let Some(group) = group else { return };
        group.counters.target(seen);
        if seen.target.is_some() {
            // the sum over a period is requests by healthy targets, as AWS defines it
            group
                .per_target
                .put(1.0 / group.healthy.load(Ordering::Relaxed).max(1) as f64);
        }
    }

    fn health_changed(&self, group: &str, target: SocketAddr, healthy: bool) {
        tracing::info!(group, %target, healthy, "a target's health changed");
        if let Some(region) = self.region.upgrade() {
            region.changed();
        }
    }
}

/// A group's targets by state, and the load balancers that use it.
struct Sample {
    group: String,
    balancers: Vec<String>,
    registered: bool,
    healthy: usize,
    unhealthy: usize,
}

/// Samples HealthyHostCount and UnHealthyHostCount of groups that a load balancer uses, until the region is gone.
pub(super) async fn sample(region: Weak<Region>) {
    let mut clock = tokio::time::interval(SAMPLING);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let Some(region) = region.upgrade() else { return };
        let (samples, meter) = look(&region);
        for sample in samples {
            meter
                .healthy_of(&sample.group)
                .store(sample.healthy, Ordering::Relaxed);
            put(&region, &sample);
        }
    }
}

fn look(region: &Arc<Region>) -> (Vec<Sample>, Arc<Meter>) {
    let mut state = region.state();
    let meter = state.elb.meter(region);
    let state = &state.elb;
    let samples = state.groups.values().map(|group| {
        let targets = group.plane.targets();
        let count = |wanted| targets.iter().filter(|target| target.state == wanted).count();
        Sample {
            group: group.suffix.clone(),
            balancers: state
                .balancers_of(&group.arn)
                .iter()
                .map(|balancer| balancer.suffix.clone())
                .collect(),
            registered: !targets.is_empty(),
            healthy: count(TargetState::Healthy),
            unhealthy: count(TargetState::Unhealthy),
        }
    });
    (samples.collect(), meter)
}

fn put(region: &Region, sample: &Sample) {
    for balancer in sample.balancers.iter().filter(|_| sample.registered) {
        let dimensions = [
            ("LoadBalancer", balancer.as_str()),
            ("TargetGroup", sample.group.as_str()),
        ];
        region.metrics.put(
            NAMESPACE,
            "HealthyHostCount",
            &dimensions,
            sample.healthy as f64,
            "Count",
        );
        region.metrics.put(
            NAMESPACE,
            "UnHealthyHostCount",
            &dimensions,
            sample.unhealthy as f64,
            "Count",
        );
    }
}

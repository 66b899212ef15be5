//! shared-iterations and per-vu-iterations: a number of iterations, as fast as they go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::{Crew, Pace};
use crate::run::{Pool, Scenario, Test};

/// Users take iterations from one number until none are left.
pub async fn shared(
    test: &Test,
    scenario: &Arc<Scenario>,
    pool: &Pool,
    vus: u64,
    iterations: u64,
    end: Instant,
) {
    let left = Arc::new(AtomicU64::new(iterations));
    Crew::work(scenario, pool, vus, end, || Pace::shared(scenario, &left, end)).await;
    drop_rest(test, left.load(Ordering::Relaxed));
}

/// Each user has a number of its own.
pub async fn per_user(
    test: &Test,
    scenario: &Arc<Scenario>,
    pool: &Pool,
    vus: u64,
    iterations: u64,
    end: Instant,
) {
    let mut counts = Vec::new();
    let pace = || {
        let left = Arc::new(AtomicU64::new(iterations));
        counts.push(Arc::clone(&left));
        Pace::shared(scenario, &left, end)
    };
    Crew::work(scenario, pool, vus, end, pace).await;
    drop_rest(test, counts.iter().map(|left| left.load(Ordering::Relaxed)).sum());
}

/// What the time did not suffice for is dropped; not what a test that was ended left.
fn drop_rest(test: &Test, iterations: u64) {
    if !test.load.is_cancelled() {
        test.dropped(iterations);
    }
}

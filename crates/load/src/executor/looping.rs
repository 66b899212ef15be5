//! constant-vus: each user begins the next iteration when it has ended one, for a while.

use std::sync::Arc;
use std::time::Instant;

use super::{Crew, Pace};
use crate::run::{Pool, Scenario};

pub async fn run(scenario: &Arc<Scenario>, pool: &Pool, vus: u64, end: Instant) {
    Crew::work(scenario, pool, vus, end, || Pace::until(scenario, end)).await;
}

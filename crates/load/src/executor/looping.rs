//! constant-vus: each user begins the next iteration when it has ended one, for a while.

use std::sync::Arc;
use std::time::Instant;

use super::{Crew, Pace};
use crate::run::{Pool, Scenario};

pub async fn run(scenario: &Arc<Scenario>, pool: &Pool, vus: u64, end: Instant) {
    let users = pool.take(vus).await;
    let crew = Crew::new();
    for user in &users {
        crew.send(user, scenario, Pace::until(scenario, end));
    }
    crew.finish(scenario, end).await;
    pool.give_back(users);
}

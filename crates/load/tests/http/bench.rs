//! Figures for a developer: `cargo test --release -p chaos-load --test http -- --ignored --nocapture`.

use std::time::Instant;

use chaos_load::http::Outcome;
use futures_util::future::join_all;

use crate::support::TestServer;
use crate::{User, on_this_thread};

/// User and system time of this thread in microseconds.
fn cpu() -> (u64, u64) {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or("");
    let ticks = |index: usize| {
        after
            .split_whitespace()
            .nth(index)
            .and_then(|n| n.parse::<u64>().ok())
            .unwrap_or(0)
    };
    (ticks(11) * 10_000, ticks(12) * 10_000)
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or("");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

async fn requests(user: &User, url: &str, count: usize) {
    for _ in 0..count {
        let outcome: Outcome = user.get(url).await;
        assert!(outcome.error.is_none());
    }
}

#[test]
#[ignore = "prints figures; nothing to assert"]
fn figures() {
    // In a process of its own, if CHAOS_TEST_SERVER is its URL: then memory is the client's alone.
    let own = std::env::var("CHAOS_TEST_SERVER")
        .is_err()
        .then(TestServer::start);
    let base = own.as_ref().map_or_else(
        || std::env::var("CHAOS_TEST_SERVER").unwrap(),
        |server| server.url(""),
    );
    for (users, path) in [(1, "/"), (10, "/"), (100, "/"), (1000, "/"), (10, "/bytes/10000")] {
        on_this_thread(async {
            let url = format!("{base}{path}");
            let before = resident_kib();
            let all: Vec<_> = (0..users).map(|_| User::new()).collect();
            join_all(all.iter().map(|user| requests(user, &url, 1))).await;
            let memory = resident_kib().saturating_sub(before);
            let each =
                std::env::var("CHAOS_TEST_REQUESTS").map_or(40_000, |count| count.parse().unwrap()) / users;
            let (start, cpu_start) = (Instant::now(), cpu());
            join_all(all.iter().map(|user| requests(user, &url, each))).await;
            let (wall, end) = (start.elapsed(), cpu());
            let count = (each * users) as f64;
            println!(
                "{users} users {path}: {:.0}/s, user {:.1} us, system {:.1} us a request; {} KiB a user",
                count / wall.as_secs_f64(),
                (end.0 - cpu_start.0) as f64 / count,
                (end.1 - cpu_start.1) as f64 / count,
                memory / users as u64
            );
        });
    }
}

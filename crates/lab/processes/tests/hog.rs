//! The hog as a process, by the CPU time that the kernel counts.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use chaos_lab_processes::{Child, Launch};
use support::{Lab, actor, until};

async fn hog(lab: &Lab, limit: &str, env: &[(&str, &str)]) -> Child {
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let launch = Launch {
        env: env.collect(),
        ..lab.launch(actor(), &["hog", limit])
    };
    lab.spawner.spawn(launch).await.unwrap()
}

/// The part of a core that it burns, until it has burned so much that its start does not count.
fn share(child: &Child, enough: Duration) -> f64 {
    let start = Instant::now();
    let burned = until("burning", || child.usage().filter(|usage| usage.cpu >= enough));
    burned.cpu.as_secs_f64() / start.elapsed().as_secs_f64()
}

#[tokio::test]
async fn the_limit_holds_whatever_is_asked() {
    let lab = Lab::new();
    let child = hog(&lab, "0.25", &[("HOG_CONFIG", "--cpu 8 --cpu-load 100")]).await;
    let share = share(&child, Duration::from_millis(500));
    assert!(share < 0.35, "{share}");
    child.kill();
}

#[tokio::test]
async fn the_load_is_what_is_asked() {
    let lab = Lab::new();
    let child = hog(&lab, "2", &[("HOG_CONFIG", "--cpu 1 --cpu-load 40")]).await;
    let share = share(&child, Duration::from_millis(600));
    assert!(share < 0.5, "{share}");
    child.kill();
}

#[tokio::test]
async fn it_ends_when_its_time_is_over() {
    let lab = Lab::new();
    let child = hog(&lab, "1", &[("HOG_CONFIG", "-c 1 -t 0.1"), ("HOG_DELAY", "0.05")]).await;
    assert!(child.exited().await.success(), "{}", lab.log());
}

#[tokio::test]
async fn it_burns_nothing_before_its_delay() {
    let lab = Lab::new();
    let child = hog(&lab, "1", &[("HOG_CONFIG", "-c 1"), ("HOG_DELAY", "100000")]).await;
    until("sleeping", || (support::state(child.pid())? == 'S').then_some(()));
    assert!(child.usage().unwrap().cpu < Duration::from_millis(200));
    child.kill();
}

#[tokio::test]
async fn what_it_cannot_use_is_told() {
    let lab = Lab::new();
    for env in [("HOG_CONFIG", "--io 4"), ("HOG_DELAY", "later")] {
        assert_eq!(hog(&lab, "1", &[env]).await.exited().await.code, Some(1));
    }
    assert!(
        lab.log().contains("--io") && lab.log().contains("`later`"),
        "{}",
        lab.log()
    );
}

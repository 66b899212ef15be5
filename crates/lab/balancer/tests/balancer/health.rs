//! Health checks and what they make of targets.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use chaos_lab_balancer::{HealthCheck, TargetState};

use crate::support::*;

/// A target whose checks get the status of the moment; 0 is no answer at all.
async fn moody(code: &Arc<AtomicU16>) -> (Server, Arc<AtomicUsize>) {
    let (code, checks) = (Arc::clone(code), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&checks);
    let server = Server::start(move |request| {
        let (code, counted) = (Arc::clone(&code), Arc::clone(&counted));
        async move {
            if !is_check(request.headers()) {
                return status(200, "served");
            }
            counted.fetch_add(1, Ordering::SeqCst);
            match code.load(Ordering::SeqCst) {
                0 => std::future::pending().await,
                code => status(code, ""),
            }
        }
    })
    .await;
    (server, checks)
}

fn reason(bench: &Bench, server: &Server) -> (TargetState, Option<&'static str>, Option<String>) {
    let view = bench.view(server.address).unwrap();
    (view.state, view.reason, view.description)
}

#[tokio::test]
async fn one_good_check_makes_an_initial_target_healthy() {
    let server = Server::saying("a").await;
    let bench = Bench::new(HealthCheck {
        healthy_threshold: 10,
        ..seldom()
    })
    .await;
    bench.group.register(server.address, "a");
    let (state, reason, words) = reason(&bench, &server);
    assert_eq!(
        (state, reason),
        (TargetState::Initial, Some("Elb.RegistrationInProgress"))
    );
    assert_eq!(words.as_deref(), Some("Target registration is in progress"));
    bench.all_are(TargetState::Healthy).await;
    let view = bench.view(server.address).unwrap();
    assert_eq!((view.reason, view.description, &*view.zone), (None, None, "a"));
    assert_eq!(
        *bench.recorder.changes.lock().unwrap(),
        [("web".to_string(), server.address, true)]
    );
}

#[tokio::test]
async fn a_target_stays_initial_until_it_failed_often_enough() {
    let code = Arc::new(AtomicU16::new(500));
    let (server, checks) = moody(&code).await;
    let bench = Bench::new(HealthCheck {
        unhealthy_threshold: 1000,
        ..quick()
    })
    .await;
    bench.group.register(server.address, "a");
    until("some checks", || checks.load(Ordering::SeqCst) > 3).await;
    let (state, reason, words) = reason(&bench, &server);
    assert_eq!(
        (state, reason),
        (TargetState::Initial, Some("Elb.InitialHealthChecking"))
    );
    assert_eq!(words.as_deref(), Some("Initial health checks in progress"));
}

#[tokio::test]
async fn failing_checks_have_reasons_and_recovery_takes_the_threshold() {
    let code = Arc::new(AtomicU16::new(200));
    let (server, checks) = moody(&code).await;
    let bench = Bench::new(HealthCheck {
        healthy_threshold: 4,
        ..quick()
    })
    .await;
    bench.group.register(server.address, "a");
    bench.all_are(TargetState::Healthy).await;
    code.store(503, Ordering::SeqCst);
    bench.all_are(TargetState::Unhealthy).await;
    let (_, why, words) = reason(&bench, &server);
    assert_eq!(why, Some("Target.ResponseCodeMismatch"));
    assert_eq!(
        words.as_deref(),
        Some("Health checks failed with these codes: [503]")
    );
    let before = checks.load(Ordering::SeqCst);
    code.store(200, Ordering::SeqCst);
    bench.all_are(TargetState::Healthy).await;
    assert!(checks.load(Ordering::SeqCst) - before >= 4);
    let address = server.address;
    drop(server);
    bench.all_are(TargetState::Unhealthy).await;
    let view = bench.view(address).unwrap();
    assert_eq!(view.reason, Some("Target.FailedHealthChecks"));
    assert_eq!(view.description.as_deref(), Some("Health checks failed"));
    let changes: Vec<bool> = bench
        .recorder
        .changes
        .lock()
        .unwrap()
        .iter()
        .map(|(_, _, good)| *good)
        .collect();
    assert_eq!(changes, [true, false, true, false]);
}

#[tokio::test]
async fn checks_that_take_too_long_time_out() {
    let code = Arc::new(AtomicU16::new(0));
    let (server, _) = moody(&code).await;
    let bench = Bench::new(HealthCheck {
        timeout: Duration::from_millis(50),
        ..quick()
    })
    .await;
    bench.group.register(server.address, "a");
    bench.all_are(TargetState::Unhealthy).await;
    let (_, why, words) = reason(&bench, &server);
    assert_eq!(
        (why, words.as_deref()),
        (Some("Target.Timeout"), Some("Request timed out"))
    );
}

#[tokio::test]
async fn unhealthy_targets_get_nothing_until_all_are_unhealthy() {
    let code = Arc::new(AtomicU16::new(500));
    let (sick, _) = moody(&code).await;
    let other = Arc::new(AtomicU16::new(200));
    let (well, _) = moody(&other).await;
    let bench = Bench::new(quick()).await;
    bench.group.register(sick.address, "a");
    bench.group.register(well.address, "b");
    let is = |server: &Server, state| bench.view(server.address).unwrap().state == state;
    until("one of each", || {
        is(&sick, TargetState::Unhealthy) && is(&well, TargetState::Healthy)
    })
    .await;
    for _ in 0..10 {
        assert_eq!(bench.get("/").await.0, 200);
    }
    assert_eq!((sick.count(), well.count()), (0, 10));
    other.store(500, Ordering::SeqCst);
    bench.all_are(TargetState::Unhealthy).await;
    for _ in 0..10 {
        assert_eq!(bench.get("/").await, (200, "served".into()));
    }
    assert_eq!((sick.count(), well.count()), (5, 15));
}

#[tokio::test]
async fn targets_of_other_zones_are_unused() {
    let (a, b) = (Server::saying("a").await, Server::saying("b").await);
    let bench = Bench::new(quick()).await;
    bench
        .group
        .set_zones(Some(BTreeSet::from(["us-east-1a".to_string()])));
    bench.group.register(a.address, "us-east-1a");
    bench.group.register(b.address, "us-east-1b");
    until("a is healthy", || reason(&bench, &a).0 == TargetState::Healthy).await;
    let (state, why, words) = reason(&bench, &b);
    assert_eq!((state, why), (TargetState::Unused, Some("Target.NotInUse")));
    let told = "Target is in an Availability Zone that is not enabled for the load balancer";
    assert_eq!(words.as_deref(), Some(told));
    for _ in 0..6 {
        assert_eq!(bench.get("/").await, (200, "a".into()));
    }
    bench
        .group
        .set_zones(Some(BTreeSet::from(["us-east-1c".to_string()])));
    assert!(
        bench
            .group
            .targets()
            .iter()
            .all(|target| target.state == TargetState::Unused)
    );
    assert_eq!(bench.get("/").await.0, 503);
    bench.group.set_zones(None);
    assert_eq!(reason(&bench, &b).0, TargetState::Initial);
    bench.all_are(TargetState::Healthy).await;
    assert_eq!(b.count(), 0);
}

#[tokio::test]
async fn a_group_that_is_not_used_is_not_checked() {
    let code = Arc::new(AtomicU16::new(200));
    let ((idle, idle_checks), (busy, busy_checks)) = (moody(&code).await, moody(&code).await);
    let (unused, used) = (Bench::new(quick()).await, Bench::new(quick()).await);
    unused.group.in_use(false);
    unused.group.register(idle.address, "a");
    used.group.register(busy.address, "a");
    until("several checks of the other", || {
        busy_checks.load(Ordering::SeqCst) > 5
    })
    .await;
    assert_eq!(idle_checks.load(Ordering::SeqCst), 0);
    let (state, why, words) = reason(&unused, &idle);
    assert_eq!((state, why), (TargetState::Unused, Some("Target.NotInUse")));
    assert_eq!(
        words.as_deref(),
        Some("Target group is not configured to receive traffic from the load balancer")
    );
    unused.group.in_use(true);
    unused.all_are(TargetState::Healthy).await;
}

#[tokio::test]
async fn another_health_check_counts_at_once() {
    let server = Server::start(|request| async move {
        status(
            if request.uri().path() == "/health" {
                204
            } else {
                404
            },
            "",
        )
    })
    .await;
    let bench = Bench::new(HealthCheck {
        interval: Duration::from_secs(3600),
        unhealthy_threshold: 1,
        ..quick()
    })
    .await;
    bench.group.register(server.address, "a");
    bench.all_are(TargetState::Unhealthy).await;
    let check = HealthCheck {
        path: "/health".into(),
        matcher: "200-299".into(),
        healthy_threshold: 2,
        ..quick()
    };
    bench.group.set_health_check(check);
    bench.all_are(TargetState::Healthy).await;
}

#[tokio::test]
async fn checks_use_fresh_connections_and_end_with_the_target() {
    let code = Arc::new(AtomicU16::new(200));
    let ((gone, gone_checks), (stays, checks)) = (moody(&code).await, moody(&code).await);
    let bench = Bench::new(quick()).await;
    bench.group.set_deregistration_delay(Duration::ZERO);
    bench.group.register(gone.address, "a");
    bench.group.register(stays.address, "a");
    until("several checks", || gone_checks.load(Ordering::SeqCst) > 4).await;
    bench.group.deregister(gone.address);
    until("it is gone", || bench.view(gone.address).is_none()).await;
    let (last, others) = (gone_checks.load(Ordering::SeqCst), checks.load(Ordering::SeqCst));
    until("more checks of the other", || {
        checks.load(Ordering::SeqCst) > others + 5
    })
    .await;
    // One may have been under way.
    assert!(gone_checks.load(Ordering::SeqCst) <= last + 1);
    bench.group.close();
    assert!(bench.group.targets().is_empty());
    assert_eq!(
        gone.connections.load(Ordering::SeqCst),
        gone_checks.load(Ordering::SeqCst)
    );
}

#[tokio::test]
async fn a_dropped_group_is_freed() {
    let server = Server::saying("a").await;
    let bench = Bench::new(quick()).await;
    bench.group.register(server.address, "a");
    bench.all_are(TargetState::Healthy).await;
    let weak = Arc::downgrade(&bench.group);
    drop(bench);
    until("nobody holds it", || weak.upgrade().is_none()).await;
}

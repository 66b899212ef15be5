//! Deregistration.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chaos_lab_balancer::TargetState;
use tokio::sync::watch;

use crate::support::*;

/// Answers `/wait` once the gate is open, everything else at once.
async fn gated() -> (Server, watch::Sender<bool>) {
    let (open, gate) = watch::channel(false);
    let server = Server::start(move |request| {
        let mut gate = gate.clone();
        async move {
            if request.uri().path() == "/wait" {
                let _ = gate.wait_for(|open| *open).await;
            }
            status(200, "done")
        }
    })
    .await;
    (server, open)
}

/// A request that waits at the target's gate.
async fn waiting(bench: &Bench, server: &Server) -> tokio::task::JoinHandle<(u16, String)> {
    let (mut client, before) = (bench.client().await, server.count());
    let task = tokio::spawn(async move { client.get("/wait").await });
    until("the request is at the target", || server.count() == before + 1).await;
    task
}

#[tokio::test]
async fn running_requests_finish_and_new_ones_go_elsewhere() {
    let (server, open) = gated().await;
    let bench = Bench::with(&[&server]).await;
    let running = waiting(&bench, &server).await;
    let other = Server::saying("other").await;
    bench.group.register(other.address, "a");
    bench.all_are(TargetState::Healthy).await;
    bench.group.deregister(server.address);
    let view = bench.view(server.address).unwrap();
    assert_eq!(
        (view.state, view.reason),
        (TargetState::Draining, Some("Target.DeregistrationInProgress"))
    );
    assert_eq!(
        view.description.as_deref(),
        Some("Target deregistration is in progress")
    );
    for _ in 0..6 {
        assert_eq!(bench.get("/").await, (200, "other".into()));
    }
    open.send(true).unwrap();
    assert_eq!(running.await.unwrap(), (200, "done".into()));
    assert_eq!(server.count(), 1);
    assert_eq!(bench.recorder.all().len(), 7);
}

#[tokio::test]
async fn connections_to_a_draining_target_are_closed() {
    let open = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&open);
    let (release, gate) = watch::channel(false);
    let server = Server::raw(move |stream| {
        let (counted, gate) = (std::sync::Arc::clone(&counted), gate.clone());
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let mut gate = gate.clone();
                async move {
                    if request.uri().path() == "/wait" {
                        let _ = gate.wait_for(|open| *open).await;
                    }
                    Ok::<_, std::convert::Infallible>(status(200, "done"))
                }
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(io, service)
                .await;
            counted.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    until("the check's connection is closed", || {
        open.load(Ordering::SeqCst) == 0
    })
    .await;
    let mut client = bench.client().await;
    let running = tokio::spawn(async move { client.get("/wait").await });
    until("a connection is busy", || open.load(Ordering::SeqCst) == 1).await;
    assert_eq!(bench.get("/").await.0, 200);
    assert_eq!(open.load(Ordering::SeqCst), 2);
    bench.group.deregister(server.address);
    until("the idle connection is closed", || {
        open.load(Ordering::SeqCst) == 1
    })
    .await;
    release.send(true).unwrap();
    assert_eq!(running.await.unwrap().0, 200);
    until("the other one too", || open.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_request_that_outlasts_the_delay_is_cut() {
    let (server, _open) = gated().await;
    let bench = Bench::with(&[&server]).await;
    bench.group.set_deregistration_delay(Duration::from_millis(100));
    let running = waiting(&bench, &server).await;
    bench.group.deregister(server.address);
    assert_eq!(running.await.unwrap().0, 502);
    until("the target is gone", || bench.group.targets().is_empty()).await;
    assert_eq!(bench.recorder.only().balancer_status, Some(502));
    assert_eq!(bench.get("/").await.0, 503);
}

#[tokio::test]
async fn a_group_with_only_draining_targets_answers_503() {
    let (server, _open) = gated().await;
    let bench = Bench::with(&[&server]).await;
    bench.group.deregister(server.address);
    assert_eq!(bench.get("/").await.0, 503);
    bench.group.deregister(server.address);
    assert_eq!(bench.group.targets().len(), 1);
}

#[tokio::test]
async fn a_draining_target_may_come_back() {
    let (server, open) = gated().await;
    let bench = Bench::with(&[&server]).await;
    let running = waiting(&bench, &server).await;
    bench.group.set_deregistration_delay(Duration::from_millis(300));
    bench.group.deregister(server.address);
    bench.group.register(server.address, "b");
    let view = bench.view(server.address).unwrap();
    assert_eq!((view.state, &*view.zone), (TargetState::Initial, "b"));
    bench.all_are(TargetState::Healthy).await;
    // A second target drains and goes with the same delay, so the first delay is over then.
    let second = Server::saying("second").await;
    bench.group.register(second.address, "b");
    bench.group.deregister(second.address);
    until("the second is gone", || bench.group.targets().len() == 1).await;
    assert_eq!(bench.view(server.address).unwrap().state, TargetState::Healthy);
    open.send(true).unwrap();
    assert_eq!(running.await.unwrap(), (200, "done".into()));
}

#[tokio::test]
async fn registering_twice_changes_nothing() {
    let (server, _open) = gated().await;
    let bench = Bench::with(&[&server]).await;
    bench.group.register(server.address, "a");
    assert_eq!(bench.group.targets().len(), 1);
    assert_eq!(bench.group.targets()[0].state, TargetState::Healthy);
}

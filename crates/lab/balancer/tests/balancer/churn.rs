//! Requests while targets are killed, drained and added.

use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::BodyExt;
use tokio::task::JoinSet;

use crate::support::*;

const CLIENTS: usize = 16;
const REQUESTS: usize = 250;

/// What one client saw, by status.
async fn ask(mut client: Client, address: std::net::SocketAddr) -> Vec<u16> {
    let mut statuses = Vec::new();
    while statuses.len() < REQUESTS {
        let answer = client.send(get("/")).await.expect("each request gets an answer");
        statuses.push(answer.status().as_u16());
        // A target killed within its answer breaks the connection; the status has come by then.
        if answer.into_body().collect().await.is_err() {
            client = Client::connect(address).await.unwrap();
        }
    }
    statuses
}

/// Kills, drains and adds targets in turn, for ever.
async fn churn(bench: &Bench, mut servers: Vec<Server>) {
    for turn in 0_usize.. {
        let old = servers.remove(0);
        match turn % 3 {
            0 => drop(old),
            1 => {
                bench.group.deregister(old.address);
                servers.push(old);
            }
            _ => {
                bench.group.deregister(old.address);
                drop(old);
            }
        }
        let new = Server::saying("new").await;
        bench.group.register(new.address, "a");
        servers.push(new);
        if servers.len() > 6 {
            drop(servers.drain(..3));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn observations_are_exactly_what_clients_saw() {
    let bench = Bench::new(quick()).await;
    bench.group.set_deregistration_delay(Duration::from_millis(100));
    let servers = vec![
        Server::saying("a").await,
        Server::saying("b").await,
        Server::saying("c").await,
    ];
    for server in &servers {
        bench.group.register(server.address, "a");
    }
    let address = bench.balancer.address();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(ask(bench.client().await, address));
    }
    let saw = tokio::select! {
        saw = clients.join_all() => saw.concat(),
        () = churn(&bench, servers) => unreachable!("churns for ever"),
    };
    let observed = bench.recorder.all();
    assert_eq!(
        (saw.len(), observed.len()),
        (CLIENTS * REQUESTS, CLIENTS * REQUESTS)
    );
    let mut by_client = BTreeMap::new();
    saw.into_iter()
        .for_each(|status| *by_client.entry(status).or_insert(0) += 1);
    let mut by_observer = BTreeMap::new();
    for seen in &observed {
        assert!(
            seen.target_status.is_some() != seen.balancer_status.is_some(),
            "{seen:?}"
        );
        let status = seen.target_status.or(seen.balancer_status).unwrap();
        *by_observer.entry(status).or_insert(0) += 1;
    }
    assert_eq!(by_client, by_observer);
    assert!(
        by_client.keys().all(|status| [200, 502, 503].contains(status)),
        "{by_client:?}"
    );
    assert!(
        by_client.contains_key(&200) && by_client.contains_key(&502),
        "{by_client:?}"
    );
}

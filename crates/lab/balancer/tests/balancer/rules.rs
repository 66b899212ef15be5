//! Listener rules.

use std::sync::Arc;

use chaos_lab_balancer::{Action, Pace, Rule, TargetGroup, TargetState};

use crate::support::*;

fn rule(priority: u32, path: &str, action: Action) -> Rule {
    Rule {
        priority,
        path_patterns: vec![path.into()],
        host_patterns: vec![],
        action,
    }
}

#[tokio::test]
async fn paths_choose_groups_and_changes_count_for_the_next_request() {
    let (web, api) = (Server::saying("web").await, Server::saying("api").await);
    let bench = Bench::with(&[&web]).await;
    let group = TargetGroup::new("api", seldom(), Pace(1.0), bench.recorder.clone());
    group.register(api.address, "a");
    until("api is healthy", || {
        group.targets()[0].state == TargetState::Healthy
    })
    .await;
    let mut client = bench.client().await;
    assert_eq!(client.get("/api/posts?x=/").await.1, "web");
    let to_api = rule(10, "/api/*", Action::Forward(Arc::clone(&group)));
    bench
        .balancer
        .set_rules(vec![to_api], Action::Forward(Arc::clone(&bench.group)));
    assert_eq!(client.get("/api/posts?x=/").await.1, "api");
    assert_eq!(client.get("/posts").await.1, "web");
    let groups: Vec<_> = bench
        .recorder
        .all()
        .into_iter()
        .filter_map(|seen| seen.target_group)
        .collect();
    assert_eq!(
        groups.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["web", "api", "web"]
    );
}

#[tokio::test]
async fn the_balancer_answers_itself() {
    let bench = Bench::new(seldom()).await;
    let fixed = |status, body: &str| Action::FixedResponse {
        status,
        content_type: "application/json".into(),
        body: body.into(),
    };
    let location = "https://#{host}:443/#{path}?#{query}".to_string();
    bench.balancer.set_rules(
        vec![
            rule(
                2,
                "/old/*",
                Action::Redirect {
                    status: 301,
                    location,
                },
            ),
            rule(1, "/teapot", fixed(418, "{}")),
        ],
        fixed(404, "{\"error\":1}"),
    );
    let mut client = bench.client().await;
    let answer = client.send(get("/teapot")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (418, &"application/json".parse().unwrap())
    );
    assert_eq!(text(answer).await, "{}");
    assert_eq!(client.get("/").await, (404, "{\"error\":1}".into()));
    let answer = client.send(get("/old/a?b=c")).await.unwrap();
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.headers()["location"], "https://lab.example:443/old/a?b=c");
    let seen = bench.recorder.all();
    assert!(
        seen.iter()
            .all(|seen| seen.target_group.is_none() && seen.target_status.is_none())
    );
    assert_eq!(
        seen.iter()
            .filter_map(|seen| seen.balancer_status)
            .collect::<Vec<_>>(),
        [418, 404, 301]
    );
}

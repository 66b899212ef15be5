//! Clusters.

use serde_json::{Value, json};

use super::capacity::Strategy;
use super::names::{cluster_arn, cluster_name, includes, invalid, last, missing, page};
use super::{State, tags};
use crate::Region;
use crate::input::{list as items, text, texts};
use crate::wire::{Answer, ApiError};

#[derive(Clone, Debug)]
pub struct Cluster {
    pub name: String,
    pub arn: String,
    /// A deleted cluster stays visible as INACTIVE.
    pub active: bool,
    pub settings: Value,
    pub configuration: Value,
    pub providers: Vec<String>,
    pub strategy: Strategy,
}

/// The cluster that a request means.
///
/// # Errors
/// `ClusterNotFoundException`
pub fn active<'a>(state: &'a State, input: &Value) -> Result<&'a Cluster, ApiError> {
    let found = state
        .clusters
        .get(cluster_name(input))
        .filter(|cluster| cluster.active);
    found.ok_or_else(|| ApiError::new("ClusterNotFoundException", "Cluster not found."))
}

pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let name = text(input, "clusterName").map_or("default", last).to_owned();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.len() > 255 || !name.chars().all(plain) {
        return Err(invalid("Identifier contains invalid characters"));
    }
    let arn = cluster_arn(region, &name);
    // creating a cluster that is there answers with it
    if !state.clusters.get(&name).is_some_and(|cluster| cluster.active) {
        let cluster = Cluster {
            arn: arn.clone(),
            active: true,
            settings: given_or(
                input,
                "settings",
                json!([{ "name": "containerInsights", "value": "disabled" }]),
            ),
            configuration: input.get("configuration").cloned().unwrap_or_default(),
            providers: texts(input, "capacityProviders"),
            strategy: Strategy::of(items(input, "defaultCapacityProviderStrategy")),
            name: name.clone(),
        };
        state.clusters.insert(name.clone(), cluster);
    }
    tags::keep(state, &arn, input);
    Ok(json!({ "cluster": state.clusters.get(&name).map(|cluster| shown(state, cluster, true)) }))
}

fn given_or(input: &Value, name: &str, default: Value) -> Value {
    input
        .get(name)
        .filter(|value| value.as_array().is_some_and(|items| !items.is_empty()))
        .cloned()
        .unwrap_or(default)
}

pub fn delete(state: &mut State, input: &Value) -> Answer {
    let cluster = active(state, input)?.clone();
    let name = cluster.name.as_str();
    let holds = |code: &str, what: &str| {
        Err(ApiError::new(
            code,
            format!("The Cluster cannot be deleted while {what}."),
        ))
    };
    if state
        .services
        .values()
        .any(|service| service.cluster == name && !service.is_inactive())
    {
        return holds("ClusterContainsServicesException", "Services are active");
    }
    if state.hosts.values().any(|host| host.cluster == name) {
        return holds(
            "ClusterContainsContainerInstancesException",
            "Container Instances are active or draining",
        );
    }
    if state
        .tasks
        .values()
        .any(|task| task.cluster == name && !task.is_stopped())
    {
        return holds("ClusterContainsTasksException", "Tasks are active");
    }
    if let Some(cluster) = state.clusters.get_mut(name) {
        cluster.active = false;
    }
    Ok(json!({ "cluster": state.clusters.get(name).map(|cluster| shown(state, cluster, false)) }))
}

pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let mut names = texts(input, "clusters");
    if names.is_empty() {
        names.push("default".to_owned());
    }
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match state.clusters.get(last(&name)) {
            Some(cluster) => clusters.push(shown(state, cluster, includes(input, "TAGS"))),
            None => failures.push(missing(&cluster_arn(region, last(&name)))),
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

pub fn list(state: &State, input: &Value) -> Answer {
    let active = state.clusters.values().filter(|cluster| cluster.active);
    page(
        input,
        "clusterArns",
        active.map(|cluster| cluster.arn.clone()).collect(),
    )
}

/// UpdateCluster and UpdateClusterSettings.
pub fn update(state: &mut State, input: &Value) -> Answer {
    let name = active(state, input)?.name.clone();
    change(state, &name, |cluster| {
        if let Some(settings) = input.get("settings").filter(|value| value.is_array()) {
            cluster.settings = settings.clone();
        }
        if let Some(configuration) = input.get("configuration").filter(|value| value.is_object()) {
            cluster.configuration = configuration.clone();
        }
    })
}

pub fn put_capacity_providers(state: &mut State, input: &Value) -> Answer {
    let name = active(state, input)?.name.clone();
    let providers = texts(input, "capacityProviders");
    if let Some(unknown) = providers.iter().find(|name| !state.has_provider(name)) {
        return Err(invalid(format!(
            "The specified capacity provider does not exist: {unknown}."
        )));
    }
    change(state, &name, |cluster| {
        cluster.providers = providers;
        cluster.strategy = Strategy::of(items(input, "defaultCapacityProviderStrategy"));
    })
}

fn change(state: &mut State, name: &str, change: impl FnOnce(&mut Cluster)) -> Answer {
    if let Some(cluster) = state.clusters.get_mut(name) {
        change(cluster);
    }
    Ok(json!({ "cluster": state.clusters.get(name).map(|cluster| shown(state, cluster, true)) }))
}

fn shown(state: &State, cluster: &Cluster, with_tags: bool) -> Value {
    let name = cluster.name.as_str();
    let tasks = || state.tasks.values().filter(|task| task.cluster == name);
    let services = state
        .services
        .values()
        .filter(|service| service.cluster == name && !service.is_inactive());
    json!({
        "clusterArn": cluster.arn,
        "clusterName": name,
        "status": if cluster.active { "ACTIVE" } else { "INACTIVE" },
        "registeredContainerInstancesCount": state.hosts.values().filter(|host| host.cluster == name).count(),
        "runningTasksCount": tasks().filter(|task| task.is_running()).count(),
        "pendingTasksCount": tasks().filter(|task| task.is_pending()).count(),
        "activeServicesCount": services.count(),
        "statistics": [],
        "tags": if with_tags { tags::shown(state, &cluster.arn) } else { json!([]) },
        "settings": cluster.settings,
        "configuration": cluster.configuration,
        "capacityProviders": cluster.providers,
        "defaultCapacityProviderStrategy": cluster.strategy.shown(),
    })
}

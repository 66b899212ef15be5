//! Operations on listeners. Making one opens a port, which takes a moment, so the state is not held meanwhile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chaos_lab_balancer::LoadBalancer;
use serde_json::{Value, json};

use super::actions::Action;
use super::conditions::Conditions;
use super::groups::port;
use super::model::{Listener, Pairs, Rule, State, no_listener};
use super::{attributes, paging, rules, tags, wiring};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

/// A port that was just given up is free within the time that running requests get to finish.
const PORT_TRIES: u32 = 60;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Where a listener's port is in the lab: ports below 1024 need privileges.
pub(super) fn real_port(port: u16) -> u16 {
    match port {
        80 => 8080,
        1..=1023 => port + 8000,
        other => other,
    }
}

/// What a listener is made of.
struct Wanted {
    balancer: String,
    port: u16,
    action: Action,
    tags: Pairs,
}

pub(super) async fn create(region: &Arc<Region>, input: &Value) -> Answer {
    let wanted = read(&mut region.state().elb, input)?;
    let plane = open(region, &wanted.balancer, wanted.port).await?;
    let mut state = region.state();
    let arn = insert(&mut state.elb, wanted, plane)?;
    wiring::apply(&mut state.elb);
    Ok(json!({ "Listeners": [describe_one(&state.elb, state.elb.listener(&arn)?)] }))
}

fn read(state: &mut State, input: &Value) -> Result<Wanted, ApiError> {
    let balancer = state
        .balancer(input::required(input, "LoadBalancerArn")?)?
        .arn
        .clone();
    protocol(input)?;
    let port = port(input, "Port")?.ok_or_else(|| ApiError::validation("A port must be specified"))?;
    free(state, &balancer, port, None)?;
    let action = Action::read(input, "DefaultActions")?;
    rules::verify(state, &balancer, &action)?;
    Ok(Wanted {
        balancer,
        port,
        action,
        tags: tags::read(input, "Tags")?,
    })
}

fn protocol(input: &Value) -> Result<(), ApiError> {
    match input::text(input, "Protocol") {
        None | Some("HTTP") => Ok(()),
        Some(other) => Err(ApiError::new(
            "UnsupportedProtocol",
            format!("chaos-lab offers listeners of the protocol HTTP, not {other}."),
        )),
    }
}

/// Two listeners cannot share a port, in AWS nor in the lab's numbering.
fn free(state: &State, balancer: &str, port: u16, except: Option<&str>) -> Result<(), ApiError> {
    let mut others = state
        .listeners
        .values()
        .filter(|listener| listener.balancer == balancer && Some(listener.arn.as_str()) != except);
    match others.any(|listener| real_port(listener.port) == real_port(port)) {
        true => Err(ApiError::new(
            "DuplicateListener",
            "A listener already exists on this port for this load balancer",
        )),
        false => Ok(()),
    }
}

/// Opens the port.
async fn open(region: &Arc<Region>, balancer: &str, port: u16) -> Result<LoadBalancer, ApiError> {
    let (address, suffix, idle, meter) = {
        let mut state = region.state();
        let meter = state.elb.meter(region);
        let balancer = state.elb.balancer(balancer)?;
        let address = region.settings().network.balancer(balancer.index).ip();
        (
            SocketAddr::new(address, real_port(port)),
            balancer.suffix.clone(),
            attributes::idle_timeout(balancer),
            meter,
        )
    };
    let mut tries = 0;
    let plane = loop {
        match LoadBalancer::bind(address, &suffix, meter.clone()).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < PORT_TRIES => tries += 1,
            Err(error) => {
                return Err(ApiError::new(
                    "InvalidConfigurationRequest",
                    format!("{address} cannot be listened on: {error}"),
                ));
            }
            Ok(plane) => break plane,
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    };
    plane.set_idle_timeout(idle);
    Ok(plane)
}

fn insert(state: &mut State, wanted: Wanted, plane: LoadBalancer) -> Result<String, ApiError> {
    // what was checked may have changed while the port was opened
    let balancer = state.balancer(&wanted.balancer)?;
    free(state, &wanted.balancer, wanted.port, None)?;
    let suffix = format!("{}/{}", balancer.suffix, name::hex(16));
    let at = |kind: &str| {
        balancer.arn.replace(
            &format!("loadbalancer/{}", balancer.suffix),
            &format!("{kind}/{suffix}"),
        )
    };
    let arn = at("listener");
    let rule = Rule {
        arn: format!("{}/{}", at("listener-rule"), name::hex(16)),
        listener: arn.clone(),
        priority: None,
        conditions: Conditions::default(),
        action: wanted.action,
        tags: Pairs::new(),
    };
    let listener = Listener {
        arn: arn.clone(),
        balancer: wanted.balancer,
        port: wanted.port,
        attributes: attributes::of_listener(),
        tags: wanted.tags,
        plane: Arc::new(plane),
    };
    state.rules.insert(rule.arn.clone(), rule);
    state.listeners.insert(arn.clone(), listener);
    Ok(arn)
}

pub(super) async fn modify(region: &Arc<Region>, input: &Value) -> Answer {
    let arn = input::required(input, "ListenerArn")?;
    let moved = verified_change(&region.state().elb, arn, input)?;
    let opened = match &moved {
        Some((balancer, port)) => Some((open(region, balancer, *port).await?, *port)),
        None => None,
    };
    let mut state = region.state();
    let state = &mut state.elb;
    let listener = state.listeners.get_mut(arn).ok_or_else(|| no_listener(arn))?;
    if let Some((plane, port)) = opened {
        listener.port = port;
        close(std::mem::replace(&mut listener.plane, Arc::new(plane)));
    }
    if !input::list(input, "DefaultActions").is_empty() {
        let action = Action::read(input, "DefaultActions")?;
        let default = state
            .rules
            .values_mut()
            .find(|rule| rule.listener == arn && rule.priority.is_none());
        default.into_iter().for_each(|rule| rule.action = action.clone());
    }
    wiring::apply(state);
    Ok(json!({ "Listeners": [describe_one(state, state.listener(arn)?)] }))
}

/// Checks a change; answers load balancer and port where it moves the listener to another one.
fn verified_change(state: &State, arn: &str, input: &Value) -> Result<Option<(String, u16)>, ApiError> {
    let listener = state.listener(arn)?;
    protocol(input)?;
    if !input::list(input, "DefaultActions").is_empty() {
        rules::verify(state, &listener.balancer, &Action::read(input, "DefaultActions")?)?;
    }
    let port = port(input, "Port")?.filter(|port| *port != listener.port);
    if let Some(port) = port {
        free(state, &listener.balancer, port, Some(arn))?;
    }
    Ok(port.map(|port| (listener.balancer.clone(), port)))
}

pub(super) fn describe(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &state.elb;
    let arns = input::texts(input, "ListenerArns");
    if let Some(missing) = arns.iter().find(|arn| !state.listeners.contains_key(*arn)) {
        return Err(no_listener(missing));
    }
    let balancer = input::text(input, "LoadBalancerArn");
    if let Some(arn) = balancer {
        state.balancer(arn)?;
    } else if arns.is_empty() {
        return Err(ApiError::validation(
            "You must specify either listener ARNs or a load balancer ARN",
        ));
    }
    let chosen =
        |listener: &&Listener| arns.contains(&listener.arn) || balancer == Some(listener.balancer.as_str());
    let described = state
        .listeners
        .values()
        .filter(chosen)
        .map(|listener| describe_one(state, listener))
        .collect();
    paging::page("Listeners", described, input, 400)
}

fn describe_one(state: &State, listener: &Listener) -> Value {
    let default = state
        .rules
        .values()
        .find(|rule| rule.listener == listener.arn && rule.priority.is_none());
    json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.balancer,
        "Port": listener.port,
        "Protocol": "HTTP",
        "DefaultActions": default.map(|rule| rule.action.describe()),
    })
}

pub(super) fn delete(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "ListenerArn")?;
    state.elb.listener(arn)?;
    remove(&mut state.elb, arn);
    wiring::apply(&mut state.elb);
    Ok(json!({}))
}

/// Takes a listener and its rules away.
pub(super) fn remove(state: &mut State, arn: &str) {
    state.rules.retain(|_, rule| rule.listener != arn);
    if let Some(listener) = state.listeners.shift_remove(arn) {
        close(listener.plane);
    }
}

/// What runs may finish; nobody waits for it.
fn close(plane: Arc<LoadBalancer>) {
    tokio::spawn(async move { plane.close().await });
}

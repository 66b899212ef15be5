//! Container instances: EC2 instances whose agent has joined a cluster.

use serde_json::{Value, json};

use super::names::{invalid, last, missing, needed, page, refused};
use super::{State, World, cluster, tags, task};
use crate::Region;
use crate::ec2::{Instance, InstanceState};
use crate::input::{flag, text, texts};
use crate::name;
use crate::wire::{Answer, time};

#[derive(Debug)]
pub struct Host {
    pub id: String,
    pub arn: String,
    pub cluster: String,
    /// The EC2 instance.
    pub instance: String,
    pub draining: bool,
    /// Whether its agent is connected.
    pub connected: bool,
    pub registered: f64,
    pub zone: String,
    pub subnet: String,
    pub address: std::net::Ipv4Addr,
    pub kind: String,
    /// Its Auto Scaling group.
    pub group: Option<String>,
    /// CPU units and MiB that tasks may have.
    pub cpu: u32,
    pub memory: u32,
    pub version: u64,
}

impl Host {
    fn new(region: &Region, instance: &Instance, cluster: &str, now: f64) -> Host {
        let id = name::hex(32);
        Host {
            arn: region.arn("ecs", &format!("container-instance/{cluster}/{id}")),
            id,
            cluster: cluster.to_owned(),
            instance: instance.id.clone(),
            draining: false,
            connected: true,
            registered: now,
            zone: instance.zone.clone(),
            subnet: instance.subnet.clone(),
            address: instance.address,
            kind: instance.kind.clone(),
            group: instance.group.clone(),
            cpu: instance.vcpus * 1024,
            // the operating system and the agent keep about a fourteenth
            memory: instance.memory_mib / 14 * 13,
            version: 1,
        }
    }

    /// Whether new tasks may come.
    pub fn is_open(&self) -> bool {
        self.connected && !self.draining
    }
}

/// CPU units and MiB that are left on a host.
pub fn remaining(state: &State, host: &Host) -> (u32, u32) {
    let on = state
        .tasks
        .values()
        .filter(|task| task.host.as_deref() == Some(&host.id));
    let used = on.filter(|task| task.status < task::Status::Deprovisioning);
    used.fold((host.cpu, host.memory), |(cpu, memory), task| {
        (
            cpu.saturating_sub(task.spec.cpu),
            memory.saturating_sub(task.spec.memory),
        )
    })
}

/// Makes hosts of instances whose agents have connected; those of instances that are gone go, with their tasks.
pub fn follow(state: &mut State, world: &World<'_>) {
    for instance in world.others.ec2.instances() {
        let joins = instance.state == InstanceState::Running && instance.agent_connected;
        let known = state.hosts.values_mut().find(|host| host.instance == instance.id);
        match (known, &instance.cluster) {
            (Some(host), _) => {
                host.version += u64::from(host.connected != joins);
                host.connected = joins;
            }
            (None, Some(cluster)) if joins && state.clusters.get(cluster).is_some_and(|one| one.active) => {
                let host = Host::new(world.region, instance, cluster, world.now);
                if !state.dismissed.contains(&instance.id) {
                    state.hosts.insert(host.id.clone(), host);
                }
            }
            _ => {}
        }
    }
    bury(state, world);
}

/// What ran on an instance that does not run any more has ended with it.
fn bury(state: &mut State, world: &World<'_>) {
    let mut gone = Vec::new();
    for host in state.hosts.values() {
        let instance = world.others.ec2.instance(&host.instance);
        let terminated = instance
            .is_none_or(|one| matches!(one.state, InstanceState::ShuttingDown | InstanceState::Terminated));
        let down = instance.is_none_or(|one| one.state != InstanceState::Running);
        if down {
            gone.push((host.id.clone(), host.instance.clone(), terminated));
        }
    }
    for (id, instance, terminated) in gone {
        let what = if terminated { "terminated" } else { "stopped" };
        let reason = format!("Host EC2 (instance {instance}) {what}.");
        for task in state
            .tasks
            .values_mut()
            .filter(|task| task.host.as_deref() == Some(&id))
        {
            task::kill(task, "TerminationNotice", &reason, world.now);
        }
        if terminated {
            state.hosts.shift_remove(&id);
        }
    }
}

pub fn list(state: &State, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?;
    let status = text(input, "status");
    let wanted =
        |host: &&Host| host.cluster == cluster.name && status.is_none_or(|status| status == word(host));
    page(
        input,
        "containerInstanceArns",
        state
            .hosts
            .values()
            .filter(wanted)
            .map(|host| host.arn.clone())
            .collect(),
    )
}

pub fn describe(state: &State, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    found(state, input, &cluster, state)
}

/// Shows the hosts that a request names, and which are not there.
fn found(state: &State, input: &Value, cluster: &str, of: &State) -> Answer {
    let names = texts(input, "containerInstances");
    if names.is_empty() {
        return Err(invalid("Container instances cannot be empty."));
    }
    let (mut hosts, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match state
            .hosts
            .get(last(&name))
            .filter(|host| host.cluster == cluster)
        {
            Some(host) => hosts.push(shown(of, host)),
            None => failures.push(missing(&name)),
        }
    }
    Ok(json!({ "containerInstances": hosts, "failures": failures }))
}

/// UpdateContainerInstancesState
pub fn update(state: &mut State, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let draining = match needed(input, "status")? {
        "ACTIVE" => false,
        "DRAINING" => true,
        _ => {
            return Err(invalid(
                "Container instance status should be one of [ACTIVE,DRAINING].",
            ));
        }
    };
    for name in texts(input, "containerInstances") {
        if let Some(host) = state
            .hosts
            .get_mut(last(&name))
            .filter(|host| host.cluster == cluster)
        {
            host.draining = draining;
            host.version += 1;
        }
    }
    found(state, input, &cluster, state)
}

/// DeregisterContainerInstance. By force, what runs there goes on without ECS in AWS; in the lab it ends.
pub fn deregister(state: &mut State, input: &Value, now: f64) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let name = last(needed(input, "containerInstance")?);
    let given = |host: &&Host| host.cluster == cluster && (host.id == name || host.instance == name);
    let unknown = || invalid("The referenced container instance was not found.");
    let host = state.hosts.values().find(given).ok_or_else(unknown)?;
    let id = host.id.clone();
    let on = |task: &task::Task| task.host.as_deref() == Some(&id) && !task.is_stopped();
    if flag(input, "force") != Some(true) && state.tasks.values().any(on) {
        return Err(refused("Found running tasks on the instance."));
    }
    let mut answer = shown(state, host);
    answer["status"] = json!("INACTIVE");
    for task in state.tasks.values_mut().filter(|task| on(task)) {
        task::kill(
            task,
            "TerminationNotice",
            "Container instance was deregistered forcefully.",
            now,
        );
    }
    if let Some(host) = state.hosts.shift_remove(&id) {
        state.dismissed.insert(host.instance);
    }
    Ok(json!({ "containerInstance": answer }))
}

fn word(host: &Host) -> &'static str {
    if host.draining { "DRAINING" } else { "ACTIVE" }
}

fn shown(state: &State, host: &Host) -> Value {
    let (cpu, memory) = remaining(state, host);
    let tasks = || {
        state
            .tasks
            .values()
            .filter(|task| task.host.as_deref() == Some(&host.id))
    };
    let provider = state
        .providers
        .values()
        .find(|one| Some(one.group_name()) == host.group.as_deref());
    let resources = |cpu: u32, memory: u32| {
        json!([{ "name": "CPU", "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": cpu },
               { "name": "MEMORY", "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": memory }])
    };
    json!({
        "containerInstanceArn": host.arn,
        "ec2InstanceId": host.instance,
        "capacityProviderName": provider.map(|one| &one.name),
        "version": host.version,
        "versionInfo": { "agentVersion": "1.94.0", "dockerVersion": "DockerVersion: 25.0.8" },
        "remainingResources": resources(cpu, memory),
        "registeredResources": resources(host.cpu, host.memory),
        "status": word(host),
        "agentConnected": host.connected,
        "runningTasksCount": tasks().filter(|task| task.is_running()).count(),
        "pendingTasksCount": tasks().filter(|task| task.is_pending()).count(),
        "attributes": [
            { "name": "ecs.availability-zone", "value": host.zone },
            { "name": "ecs.instance-type", "value": host.kind },
            { "name": "ecs.subnet-id", "value": host.subnet },
        ],
        "registeredAt": time(host.registered),
        "attachments": [],
        "tags": tags::shown(state, &host.arn),
    })
}

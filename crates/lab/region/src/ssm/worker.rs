//! The loop that runs commands on instances.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::burn::{self, KILLED, Order};
use super::invocation::{Burning, Invocation, Status};
use super::script::{self, Effect, Victim};
use crate::ec2::{self, InstanceState, Restart};
use crate::{Region, State, ecs, now};

/// How long a script may take, in real time: the default of AWS-RunShellScript's `executionTimeout`.
const EXECUTION: Duration = Duration::from_secs(3600);

pub(super) async fn keep(region: Arc<Region>) {
    loop {
        region.tick().await;
        let orders = step(&mut region.state(), &region);
        for order in orders {
            start(&region, order).await;
        }
    }
}

async fn start(region: &Region, order: Order) {
    let started = region.spawner.spawn(order.launch).await;
    let mut state = region.state();
    let one = invocation(&mut state, &order.command, &order.instance);
    let burning = one.and_then(|one| one.burning.as_mut());
    match (started, burning) {
        (Ok(child), Some(burning)) => burning.child = Some(child),
        // cancelled in the meantime
        (Ok(child), None) => child.kill(),
        (Err(error), _) => {
            if let Some(one) = invocation(&mut state, &order.command, &order.instance) {
                one.errors.push_str(&format!("{error}\n"));
                one.end(Status::Failed, 1);
            }
        }
    }
}

fn invocation<'a>(state: &'a mut State, command: &str, instance: &str) -> Option<&'a mut Invocation> {
    let command = state.ssm.commands.get_mut(command)?;
    command
        .invocations
        .iter_mut()
        .find(|one| one.instance == instance)
}

fn step(state: &mut State, region: &Region) -> Vec<Order> {
    let open = |one: &&Invocation| !one.status.is_final();
    let of = |command: &super::commands::Command| -> Vec<(String, String)> {
        command
            .invocations
            .iter()
            .filter(open)
            .map(|one| (command.id.clone(), one.instance.clone()))
            .collect()
    };
    let open: Vec<(String, String)> = state.ssm.commands.values().flat_map(of).collect();
    let mut orders = Vec::new();
    for (command, instance) in open {
        let is_online = state
            .ec2
            .instance(&instance)
            .is_some_and(|one| one.state == InstanceState::Running && one.online);
        let room = state
            .ssm
            .commands
            .get(&command)
            .map(|all| (all.has_room(), all.has_failed()));
        let (has_room, has_failed) = room.unwrap_or_default();
        match invocation(state, &command, &instance).map(|one| one.status) {
            Some(Status::Pending) if has_failed => {
                if let Some(one) = invocation(state, &command, &instance) {
                    one.end(Status::Terminated, -1);
                }
            }
            Some(Status::Pending) if is_online && has_room => begin(state, &command, &instance),
            Some(Status::Pending) => expire(state, &command, &instance),
            Some(Status::InProgress) if !is_online => {
                if let Some(one) = invocation(state, &command, &instance) {
                    one.errors
                        .push_str("The instance went away while the command ran.\n");
                    one.end(Status::TimedOut, -1);
                }
            }
            _ => {}
        }
        advance(state, region, &command, &instance, &mut orders);
    }
    orders
}

/// An agent that is not there in time never gets the command.
fn expire(state: &mut State, command: &str, instance: &str) {
    let is_over = state
        .ssm
        .commands
        .get(command)
        .is_some_and(|command| command.expires <= Instant::now());
    if let Some(one) = invocation(state, command, instance).filter(|_| is_over) {
        one.end(Status::Undelivered, -1);
    }
}

fn begin(state: &mut State, command: &str, instance: &str) {
    let script = state
        .ssm
        .commands
        .get(command)
        .map(|command| script::read(&command.script));
    let (Some(script), Some(one)) = (script, invocation(state, command, instance)) else {
        return;
    };
    one.status = Status::InProgress;
    one.began = Some(now());
    one.deadline = Some(Instant::now() + EXECUTION);
    match script {
        Ok(effects) => one.effects = effects.into(),
        Err(statement) => {
            let told = format!(
                "chaos-lab gives no command to a shell, and does not know what `{statement}` would do. It understands {}.\n",
                script::UNDERSTOOD
            );
            one.errors.push_str(&told);
            one.end(Status::Failed, 127);
        }
    }
}

/// Lets effects happen until one takes time.
fn advance(state: &mut State, region: &Region, command: &str, instance: &str, orders: &mut Vec<Order>) {
    while let Some(one) = invocation(state, command, instance).filter(|one| one.status == Status::InProgress)
    {
        if one.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            one.errors.push_str("The script took too long.\n");
            return one.end(Status::TimedOut, -1);
        }
        if is_busy(one) {
            return;
        }
        if one.status.is_final() {
            continue;
        }
        match one.effects.pop_front() {
            None => return one.end(Status::Success, 0),
            Some(Effect::Burn(config)) => {
                let vcpus = state.ec2.instance(instance).map_or(1, |instance| instance.vcpus);
                let taken = state.ssm.taken(instance);
                let (launch, cores) = burn::plan(region, instance, vcpus, &config, taken);
                if let Some(one) = invocation(state, command, instance) {
                    one.burning = Some(Burning::planned(cores));
                }
                orders.push(Order {
                    command: command.to_owned(),
                    instance: instance.to_owned(),
                    launch,
                });
            }
            Some(effect) => apply(state, region, command, instance, effect),
        }
    }
}

/// Whether it sleeps or burns; an end of burning is noticed here.
fn is_busy(one: &mut Invocation) -> bool {
    if one.wait.is_some_and(|wait| wait > Instant::now()) {
        return true;
    }
    one.wait = None;
    let Some(burning) = &one.burning else {
        return false;
    };
    let Some(exit) = burning.child.as_ref().and_then(chaos_lab_processes::Child::exit) else {
        return true;
    };
    one.burning = None;
    if !exit.success() {
        one.errors.push_str("stress-ng has failed or was killed\n");
        one.end(Status::Failed, exit.code.unwrap_or(KILLED));
    }
    false
}

fn apply(state: &mut State, region: &Region, command: &str, instance: &str, effect: Effect) {
    let happened = match effect {
        Effect::Kill {
            victim: Victim::Docker,
            lenient,
        } => kill_docker(state, region, instance, Restart::Soon) || lenient,
        Effect::Kill {
            victim: Victim::Stress,
            lenient,
        } => state.ssm.put_out(instance) || lenient,
        Effect::StopDocker => {
            kill_docker(state, region, instance, Restart::Never);
            true
        }
        Effect::RestartDocker => {
            kill_docker(state, region, instance, Restart::Never);
            ec2::start_docker(state, instance);
            true
        }
        Effect::StartDocker => {
            ec2::start_docker(state, instance);
            true
        }
        other => {
            if let Some(one) = invocation(state, command, instance) {
                say_or_sleep(one, other);
            }
            true
        }
    };
    // the exit code of a script is that of its last command
    if let Some(one) = invocation(state, command, instance).filter(|one| !happened && one.effects.is_empty())
    {
        one.errors.push_str("no such process\n");
        one.end(Status::Failed, 1);
    }
}

fn say_or_sleep(one: &mut Invocation, effect: Effect) {
    match effect {
        Effect::Say(line) => one.output.push_str(&(line + "\n")),
        Effect::Sleep(time) => one.wait = Instant::now().checked_add(time),
        _ => {}
    }
}

/// Ends dockerd with the tasks and the ECS agent, which are its containers. Whether it ran.
fn kill_docker(state: &mut State, region: &Region, instance: &str, restart: Restart) -> bool {
    let ran = state.ec2.instance(instance).is_some_and(|one| one.docker);
    if ran || restart == Restart::Never {
        ec2::stop_docker(state, region, instance, restart);
    }
    if ran {
        ecs::kill_tasks_on(
            state,
            instance,
            "The Docker daemon of the container instance ended",
        );
    }
    ran
}

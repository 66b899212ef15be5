//! Instances: what they are, and how they come and go.

use std::net::Ipv4Addr;
use std::time::Instant;

use super::kinds::Kind;
use super::subnets::no_subnet;
use super::tags::Tags;
use super::{spot, volumes};
use crate::wire::ApiError;
use crate::{Region, State, name, now};

/// Where an instance is in its life
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl InstanceState {
    /// AWS's name, such as `shutting-down`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    /// AWS's number.
    pub fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }

    /// Whether it ends, or has ended, for good.
    pub fn is_ending(self) -> bool {
        matches!(self, Self::ShuttingDown | Self::Terminated)
    }
}

/// An instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// Where it is in its life.
    pub state: InstanceState,
    /// The subnet's id.
    pub subnet: String,
    /// The VPC's id.
    pub vpc: String,
    /// The availability zone's name.
    pub zone: String,
    /// Its address; free for others once it is terminated.
    pub address: Ipv4Addr,
    /// Its tags.
    pub tags: Tags,
    /// When it was launched or started last, in seconds since 1970.
    pub launched: f64,
    /// The instance type, such as `t3.small`.
    pub kind: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// The Auto Scaling group that it belongs to.
    pub group: Option<String>,
    /// The ECS cluster that its agent joins.
    pub cluster: Option<String>,
    /// Whether dockerd runs.
    pub docker: bool,
    /// Whether its ECS agent is connected.
    pub agent_connected: bool,
    /// Whether its SSM agent answers.
    pub online: bool,
    /// When its SSM agent answered first, in seconds since 1970.
    pub registered: Option<f64>,
    /// The machine image.
    pub image: String,
    /// The launch that it came with.
    pub reservation: String,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
    /// The name of its key pair.
    pub key: Option<String>,
    /// The ARN of its instance profile.
    pub profile: Option<String>,
    /// The Spot request that it fulfils.
    pub spot_request: Option<String>,
    /// Whether `TerminateInstances` is refused.
    pub protected: bool,
    /// Its number in its launch.
    pub index: usize,
    /// Code and sentence of the last change of state that somebody asked for.
    pub reason: Option<(&'static str, &'static str)>,
    /// Since when it is in its state.
    pub(super) since: Instant,
    /// Since when dockerd and the agents are starting.
    pub(super) up_since: Instant,
    /// When a killed dockerd, or a rebooting machine, is back.
    pub(super) docker_back: Option<Instant>,
}

impl Instance {
    /// Changes the state; what is running on it ends with `Running`.
    pub(super) fn enter(&mut self, state: InstanceState) {
        self.state = state;
        self.since = Instant::now();
        self.up_since = self.since;
        self.docker_back = None;
        self.docker = state == InstanceState::Running;
        self.agent_connected = false;
        self.online = false;
    }
}

/// What to launch.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The subnet's id.
    pub subnet: String,
    /// The instance type; `t3.small` where empty.
    pub kind: String,
    /// The Auto Scaling group that launches it.
    pub group: Option<String>,
    /// The ECS cluster that its agent joins.
    pub cluster: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The machine image; of no meaning in the lab.
    pub image: Option<String>,
    /// The reservation, where several instances share one.
    pub reservation: Option<String>,
    /// Ids of its security groups; the VPC's default group where there are none.
    pub security_groups: Vec<String>,
    /// The name of its key pair.
    pub key: Option<String>,
    /// The ARN of its instance profile.
    pub profile: Option<String>,
    /// Whether it is a Spot instance.
    pub spot: bool,
    /// Whether `TerminateInstances` is refused.
    pub protected: bool,
    /// Its number in its launch.
    pub index: usize,
    /// Volumes besides the root volume.
    pub volumes: Vec<volumes::Mapping>,
}

/// What most launches ask for.
const USUAL_KIND: &str = "t3.small";
/// What is shown for an instance whose launch names no image.
const USUAL_IMAGE: &str = "ami-0c1ab0000000000000";

/// Launches an instance, and returns its id. It is running after a boot time.
///
/// # Errors
/// When the subnet does not exist or is full, and when the type is not known.
pub fn launch(state: &mut State, _region: &Region, what: Launch) -> Result<String, ApiError> {
    let state = &mut state.ec2;
    let kind = if what.kind.is_empty() {
        USUAL_KIND
    } else {
        &what.kind
    };
    let Kind { vcpus, memory_mib } = Kind::named(kind)?;
    let subnet = state
        .subnets
        .get(&what.subnet)
        .ok_or_else(|| no_subnet(&what.subnet))?;
    let (zone, vpc) = (subnet.zone.clone(), subnet.vpc.clone());
    let security_groups = state.groups_or_default(&vpc, what.security_groups)?;
    let address = state.allocate(&what.subnet)?;
    let id = name::resource("i");
    let spot_request = what.spot.then(|| spot::fulfilled(state, &id, kind, &zone));
    let instance = Instance {
        id: id.clone(),
        state: InstanceState::Pending,
        subnet: what.subnet,
        vpc,
        zone,
        address,
        tags: what.tags,
        launched: now(),
        kind: kind.to_owned(),
        vcpus,
        memory_mib,
        group: what.group,
        cluster: what.cluster,
        docker: false,
        agent_connected: false,
        online: false,
        registered: None,
        image: what.image.unwrap_or_else(|| USUAL_IMAGE.to_owned()),
        reservation: what.reservation.unwrap_or_else(|| name::resource("r")),
        security_groups,
        key: what.key,
        profile: what.profile,
        spot_request,
        protected: what.protected,
        index: what.index,
        reason: None,
        since: Instant::now(),
        up_since: Instant::now(),
        docker_back: None,
    };
    volumes::add_to(state, &instance, &what.volumes);
    state.instances.insert(id.clone(), instance);
    Ok(id)
}

/// Terminates an instance, as its owner or its group asks for. What ends already goes on ending.
///
/// # Errors
/// `InvalidInstanceID.NotFound`
pub fn terminate(state: &mut State, id: &str) -> Result<(), ApiError> {
    let instance = state
        .ec2
        .instances
        .get_mut(id)
        .ok_or_else(|| no_instance(&[id]))?;
    if !instance.state.is_ending() {
        instance.reason = Some((
            "Client.UserInitiatedShutdown",
            "Client.UserInitiatedShutdown: User initiated shutdown",
        ));
        instance.enter(InstanceState::ShuttingDown);
    }
    Ok(())
}

/// `InvalidInstanceID.NotFound`
pub(super) fn no_instance(ids: &[&str]) -> ApiError {
    let message = match ids {
        [id] => format!("The instance ID '{id}' does not exist"),
        ids => format!("The instance IDs '{}' do not exist", ids.join(", ")),
    };
    ApiError::new("InvalidInstanceID.NotFound", message)
}

/// What happens after dockerd has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// systemd starts it again, as it does after a crash.
    Soon,
    /// It stays stopped, as after `systemctl stop docker`.
    Never,
}

/// Ends dockerd on an instance, and with it the ECS agent, which is a container. The caller ends the tasks.
pub fn stop_docker(state: &mut State, region: &Region, id: &str, restart: Restart) {
    let back = Instant::now() + region.pace().of(super::lifecycle::DOCKER_RESTART);
    if let Some(instance) = state
        .ec2
        .instances
        .get_mut(id)
        .filter(|one| one.state == InstanceState::Running)
    {
        instance.docker = false;
        instance.agent_connected = false;
        instance.docker_back = (restart == Restart::Soon).then_some(back);
    }
}

/// Starts dockerd on a running instance where it does not run.
pub fn start_docker(state: &mut State, id: &str) {
    let instance = state
        .ec2
        .instances
        .get_mut(id)
        .filter(|one| one.state == InstanceState::Running);
    if let Some(instance) = instance.filter(|instance| !instance.docker) {
        instance.docker_back = Some(Instant::now());
    }
}

//! A resource that a target selects, whatever its type is.

use super::asg::{self, Group};
use super::ecs::{self, Service};
use super::elb::{self, Balancer};
use super::target::{Target, TargetType};
use super::zones::Cut;
use super::{FailAz, State};
use crate::AwsError;

/// A resource as it was when it was looked at.
pub(super) enum Resource {
    Service(Service),
    Group(Group),
    Balancer(Balancer),
}

/// Does the same for each type.
macro_rules! each {
    ($resource:expr, $inner:ident => $result:expr) => {
        match $resource {
            Resource::Service($inner) => $result,
            Resource::Group($inner) => $result,
            Resource::Balancer($inner) => $result,
        }
    };
}

impl Resource {
    pub fn kind(&self) -> TargetType {
        match self {
            Self::Service(_) => TargetType::EcsService,
            Self::Group(_) => TargetType::AutoScalingGroup,
            Self::Balancer(_) => TargetType::LoadBalancer,
        }
    }

    /// What it is saved under: the same however it was selected.
    pub fn key(&self) -> String {
        each!(self, inner => inner.key())
    }

    /// Its subnets, in its order.
    pub fn subnets(&self) -> Vec<String> {
        each!(self, inner => inner.subnets())
    }

    /// Why it must not be failed, if so.
    pub fn unfit(&self) -> Option<String> {
        each!(self, inner => inner.unfit())
    }

    /// How many subnets it must keep.
    pub fn minimum(&self) -> usize {
        match self {
            Self::Service(_) | Self::Group(_) => 1,
            Self::Balancer(_) => elb::MINIMUM,
        }
    }

    /// What its restoration needs.
    pub fn state(&self) -> Result<Vec<u8>, AwsError> {
        let json = each!(self, inner => serde_json::to_vec(&inner.state()));
        json.map_err(|error| AwsError::because(format!("the state of {self} cannot be written: {error}")))
    }

    /// Whether a state is this resource's, whatever it is saved under.
    pub fn is_of(&self, state: &State) -> bool {
        let same_type = state.kind == self.kind().name();
        same_type
            && each!(self, inner => serde_json::from_slice(&state.state).is_ok_and(|state| inner.is_of(&state)))
    }

    pub async fn fail(&self, cut: &Cut, az: &FailAz) -> Result<(), AwsError> {
        each!(self, inner => inner.fail(cut, az).await)
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind().name(), each!(self, inner => inner.name()))
    }
}

/// What a target selects.
///
/// # Errors
/// When the one that is named does not exist, or what AWS answers.
pub(super) async fn select(target: &Target, az: &FailAz) -> Result<Vec<Resource>, AwsError> {
    let aws = &az.aws;
    Ok(match target {
        Target::Service { cluster, service } => {
            vec![Resource::Service(ecs::named(&aws.ecs(), cluster, service).await?)]
        }
        Target::Group { name } => vec![Resource::Group(asg::named(&aws.autoscaling(), name).await?)],
        Target::Balancer { name } => vec![Resource::Balancer(elb::named(&aws.elbv2(), name).await?)],
        Target::Tagged { kind, tags } => match kind {
            TargetType::EcsService => wrap(Resource::Service, ecs::tagged(&aws.ecs(), tags).await?),
            TargetType::AutoScalingGroup => {
                wrap(Resource::Group, asg::tagged(&aws.autoscaling(), tags).await?)
            }
            TargetType::LoadBalancer => wrap(Resource::Balancer, elb::tagged(&aws.elbv2(), tags).await?),
        },
    })
}

fn wrap<T>(as_resource: fn(T) -> Resource, found: Vec<T>) -> Vec<Resource> {
    found.into_iter().map(as_resource).collect()
}

/// Gives a resource back what its state says.
///
/// # Errors
/// A state that cannot be read, a resource that is gone, or what AWS answers.
pub(super) async fn restore(kind: TargetType, state: &State, az: &FailAz) -> Result<(), AwsError> {
    let aws = &az.aws;
    match kind {
        TargetType::EcsService => ecs::restore(&aws.ecs(), read(state)?).await,
        TargetType::AutoScalingGroup => asg::restore(&aws.autoscaling(), read(state)?).await,
        TargetType::LoadBalancer => elb::restore(&aws.elbv2(), read(state)?).await,
    }
}

fn read<T: serde::de::DeserializeOwned>(state: &State) -> Result<T, AwsError> {
    serde_json::from_slice(&state.state)
        .map_err(|error| AwsError::because(format!("its state cannot be read: {error}")))
}

/// Whether a resource has every one of the tags.
pub(super) fn has_tags<'a>(
    wanted: &[super::Tag],
    has: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)> + Clone,
) -> bool {
    wanted.iter().all(|tag| {
        has.clone()
            .any(|(name, value)| name == Some(&tag.name) && value.unwrap_or_default() == tag.value)
    })
}

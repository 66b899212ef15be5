//! What the service knows.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use chaos_lab_balancer::{LoadBalancer, TargetGroup};
use indexmap::IndexMap;

use super::actions::Action;
use super::checks::Check;
use super::conditions::Conditions;
use super::meter::Meter;
use crate::Region;
use crate::wire::ApiError;

/// What the service knows.
#[derive(Default)]
pub struct State {
    pub(super) balancers: IndexMap<String, Balancer>,
    pub(super) groups: IndexMap<String, Group>,
    pub(super) listeners: IndexMap<String, Listener>,
    pub(super) rules: IndexMap<String, Rule>,
    meter: Option<Arc<Meter>>,
}

/// Keys and values.
pub(super) type Pairs = IndexMap<String, String>;

/// A load balancer.
pub(super) struct Balancer {
    pub(super) arn: String,
    pub(super) name: String,
    /// `app/name/id`, as metrics name it.
    pub(super) suffix: String,
    pub(super) scheme: String,
    pub(super) created: f64,
    pub(super) vpc: String,
    pub(super) subnets: Vec<Place>,
    pub(super) security_groups: Vec<String>,
    /// Which of the network's load balancer addresses it has.
    pub(super) index: u8,
    pub(super) attributes: Pairs,
    pub(super) tags: Pairs,
}

/// A subnet in its zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) subnet: String,
    pub(super) zone: String,
    pub(super) vpc: String,
}

/// What the targets of a group are named by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TargetKind {
    Instance,
    Ip,
}

/// A target group.
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) name: String,
    /// `targetgroup/name/id`, as metrics name it.
    pub(super) suffix: String,
    pub(super) port: u16,
    pub(super) vpc: Option<String>,
    pub(super) kind: TargetKind,
    pub(super) check: Check,
    pub(super) attributes: Pairs,
    pub(super) tags: Pairs,
    pub(super) plane: Arc<TargetGroup>,
    /// The ids by which targets were registered.
    pub(super) ids: IndexMap<SocketAddr, String>,
    /// What the data plane was told last, so that it hears of changes only.
    pub(super) wired: Option<(bool, BTreeSet<String>)>,
}

/// A listener; its default actions are those of its rule without priority.
pub(super) struct Listener {
    pub(super) arn: String,
    pub(super) balancer: String,
    /// As the client named it; see [`super::listeners::real_port`].
    pub(super) port: u16,
    pub(super) attributes: Pairs,
    pub(super) tags: Pairs,
    pub(super) plane: Arc<LoadBalancer>,
}

/// A rule of a listener.
pub(super) struct Rule {
    pub(super) arn: String,
    pub(super) listener: String,
    /// None for the default rule.
    pub(super) priority: Option<u32>,
    pub(super) conditions: Conditions,
    pub(super) action: Action,
    pub(super) tags: Pairs,
}

impl Group {
    /// Registers a target; the id is what the client named it by.
    pub(super) fn register(&mut self, address: SocketAddr, id: &str, zone: &str) {
        let there = self.plane.targets();
        self.ids
            .retain(|address, _| there.iter().any(|target| target.address == *address));
        self.ids.insert(address, id.to_owned());
        self.plane.register(address, zone);
    }
}

impl State {
    /// What counts requests.
    pub(super) fn meter(&mut self, region: &Arc<Region>) -> Arc<Meter> {
        self.meter
            .get_or_insert_with(|| Arc::new(Meter::new(Arc::downgrade(region))))
            .clone()
    }

    pub(super) fn balancer(&self, arn: &str) -> Result<&Balancer, ApiError> {
        self.balancers.get(arn).ok_or_else(|| no_balancer(arn))
    }

    pub(super) fn balancer_mut(&mut self, arn: &str) -> Result<&mut Balancer, ApiError> {
        self.balancers.get_mut(arn).ok_or_else(|| no_balancer(arn))
    }

    pub(super) fn group(&self, arn: &str) -> Result<&Group, ApiError> {
        self.groups.get(arn).ok_or_else(|| no_group(arn))
    }

    pub(super) fn group_mut(&mut self, arn: &str) -> Result<&mut Group, ApiError> {
        self.groups.get_mut(arn).ok_or_else(|| no_group(arn))
    }

    pub(super) fn listener(&self, arn: &str) -> Result<&Listener, ApiError> {
        self.listeners.get(arn).ok_or_else(|| no_listener(arn))
    }

    pub(super) fn rule_mut(&mut self, arn: &str) -> Result<&mut Rule, ApiError> {
        self.rules.get_mut(arn).ok_or_else(|| no_rule(arn))
    }

    /// The rules of a listener, by priority, the default rule last.
    pub(super) fn rules_of<'a>(&'a self, listener: &str) -> Vec<&'a Rule> {
        let mut rules: Vec<&Rule> = self
            .rules
            .values()
            .filter(|rule| rule.listener == listener)
            .collect();
        rules.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
        rules
    }

    /// The load balancers whose listeners forward to a group.
    pub(super) fn balancers_of<'a>(&'a self, group: &str) -> Vec<&'a Balancer> {
        let rules = self
            .rules
            .values()
            .filter(|rule| rule.action.group() == Some(group));
        let mut arns: Vec<&str> = rules
            .filter_map(|rule| Some(self.listeners.get(&rule.listener)?.balancer.as_str()))
            .collect();
        arns.sort_unstable();
        arns.dedup();
        arns.into_iter()
            .filter_map(|arn| self.balancers.get(arn))
            .collect()
    }
}

pub(super) fn no_balancer(name: &str) -> ApiError {
    ApiError::new(
        "LoadBalancerNotFound",
        format!("Load balancers '[{name}]' not found"),
    )
}

pub(super) fn no_group(name: &str) -> ApiError {
    ApiError::new(
        "TargetGroupNotFound",
        format!("Target groups '[{name}]' not found"),
    )
}

pub(super) fn no_listener(arn: &str) -> ApiError {
    ApiError::new("ListenerNotFound", format!("Listeners '[{arn}]' not found"))
}

pub(super) fn no_rule(arn: &str) -> ApiError {
    ApiError::new("RuleNotFound", format!("Rules '[{arn}]' not found"))
}

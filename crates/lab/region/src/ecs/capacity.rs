//! Where tasks run: launch types, strategies of capacity providers, and the providers themselves.

use serde_json::{Value, json};

use super::names::{invalid, last, missing, needed};
use super::{State, tags};
use crate::Region;
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchType {
    Fargate,
    Ec2,
}

impl LaunchType {
    pub fn word(self) -> &'static str {
        match self {
            LaunchType::Fargate => "FARGATE",
            LaunchType::Ec2 => "EC2",
        }
    }
}

/// Providers with their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strategy(Vec<Item>);

#[derive(Clone, Debug, PartialEq)]
struct Item {
    provider: String,
    weight: u32,
    base: u32,
}

impl Strategy {
    pub fn of(items: &[Value]) -> Strategy {
        let number = |item: &Value, name| {
            item.get(name)
                .and_then(Value::as_u64)
                .and_then(|n| u32::try_from(n).ok())
        };
        let item = |item: &Value| {
            let provider = last(text(item, "capacityProvider")?).to_owned();
            Some(Item {
                provider,
                weight: number(item, "weight").unwrap_or(0),
                base: number(item, "base").unwrap_or(0),
            })
        };
        Strategy(items.iter().filter_map(item).collect())
    }

    pub fn shown(&self) -> Value {
        let item = |item: &Item| json!({ "capacityProvider": item.provider, "weight": item.weight, "base": item.base });
        self.0.iter().map(item).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|item| item.provider.as_str())
    }

    /// The provider of the next task, where `placed` says how many each has: bases first, then by weight.
    pub fn next(&self, placed: impl Fn(&str) -> usize) -> Option<&str> {
        let short = self
            .0
            .iter()
            .find(|item| placed(&item.provider) < item.base as usize);
        let share = |item: &&Item| {
            let above = placed(&item.provider).saturating_sub(item.base as usize) + 1;
            above as f64 / f64::from(item.weight.max(1))
        };
        let by_weight = || {
            self.0
                .iter()
                .filter(|item| item.weight > 0)
                .min_by(|a, b| share(a).total_cmp(&share(b)))
        };
        short
            .or_else(by_weight)
            .or(self.0.first())
            .map(|item| item.provider.as_str())
    }
}

/// How a service or a task asks for capacity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capacity {
    pub launch: Option<LaunchType>,
    pub strategy: Strategy,
}

impl Capacity {
    /// What a request asks for; nothing where it says nothing.
    ///
    /// # Errors
    /// `InvalidParameterException` for both at once, and for what is not there.
    pub fn of(state: &State, input: &Value) -> Result<Option<Capacity>, ApiError> {
        let strategy = Strategy::of(list(input, "capacityProviderStrategy"));
        let launch = match text(input, "launchType") {
            None => None,
            Some("FARGATE") => Some(LaunchType::Fargate),
            Some("EC2") => Some(LaunchType::Ec2),
            Some(other) => return Err(invalid(format!("The lab has no launch type {other}."))),
        };
        if launch.is_some() && !strategy.is_empty() {
            return Err(invalid(
                "Specifying both a launch type and capacity provider strategy is not supported.",
            ));
        }
        if let Some(unknown) = strategy.providers().find(|name| !state.has_provider(name)) {
            return Err(invalid(format!(
                "The specified capacity provider {unknown} was not found."
            )));
        }
        Ok((launch.is_some() || !strategy.is_empty()).then_some(Capacity { launch, strategy }))
    }

    /// What a request asks for, else what its cluster does by default, else EC2.
    ///
    /// # Errors
    /// As [`Capacity::of`].
    pub fn or_default(state: &State, cluster: &str, input: &Value) -> Result<Capacity, ApiError> {
        if let Some(given) = Capacity::of(state, input)? {
            return Ok(given);
        }
        let strategy = state
            .clusters
            .get(cluster)
            .map(|cluster| cluster.strategy.clone())
            .unwrap_or_default();
        let launch = strategy.is_empty().then_some(LaunchType::Ec2);
        Ok(Capacity { launch, strategy })
    }

    /// Whether tasks run on Fargate.
    pub fn is_fargate(&self) -> bool {
        self.launch == Some(LaunchType::Fargate) || self.strategy.providers().any(is_fargate)
    }
}

/// Whether a provider is one of AWS's own.
pub fn is_fargate(provider: &str) -> bool {
    matches!(provider, "FARGATE" | "FARGATE_SPOT")
}

/// A capacity provider over an Auto Scaling group.
#[derive(Clone, Debug)]
pub struct Provider {
    pub name: String,
    pub arn: String,
    pub group: Value,
}

impl Provider {
    /// The name of its Auto Scaling group.
    pub fn group_name(&self) -> &str {
        text(&self.group, "autoScalingGroupArn")
            .map(last)
            .unwrap_or_default()
    }
}

pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let name = needed(input, "name")?;
    let group = input
        .get("autoScalingGroupProvider")
        .filter(|group| text(group, "autoScalingGroupArn").is_some());
    let group =
        group.ok_or_else(|| invalid("autoScalingGroupProvider.autoScalingGroupArn cannot be blank."))?;
    if state.has_provider(name) || name.to_lowercase().starts_with("fargate") {
        return Err(invalid(
            "The specified capacity provider already exists or its name is reserved.",
        ));
    }
    let arn = region.arn("ecs", &format!("capacity-provider/{name}"));
    let provider = Provider {
        name: name.to_owned(),
        arn: arn.clone(),
        group: group.clone(),
    };
    let answer = json!({ "capacityProvider": shown(&provider) });
    state.providers.insert(name.to_owned(), provider);
    tags::keep(state, &arn, input);
    Ok(answer)
}

pub fn delete(state: &mut State, input: &Value) -> Answer {
    let name = last(needed(input, "capacityProvider")?);
    if state
        .clusters
        .values()
        .any(|cluster| cluster.active && cluster.providers.iter().any(|one| one == name))
    {
        return Err(invalid("The capacity provider is in use by a cluster."));
    }
    let gone = state
        .providers
        .shift_remove(name)
        .ok_or_else(|| invalid("The specified capacity provider was not found."))?;
    let mut answer = shown(&gone);
    answer["status"] = json!("INACTIVE");
    Ok(json!({ "capacityProvider": answer }))
}

pub fn describe(state: &State, input: &Value) -> Answer {
    let names = texts(input, "capacityProviders");
    let own = ["FARGATE", "FARGATE_SPOT"].map(|name| json!({ "name": name, "status": "ACTIVE" }));
    let mut all = own
        .into_iter()
        .chain(state.providers.values().map(shown))
        .collect::<Vec<_>>();
    if names.is_empty() {
        return Ok(json!({ "capacityProviders": all, "failures": [] }));
    }
    let is = |one: &Value, name: &str| text(one, "name") == Some(last(name));
    let failures: Vec<Value> = names
        .iter()
        .filter(|name| !all.iter().any(|one| is(one, name)))
        .map(|name| missing(name))
        .collect();
    all.retain(|one| names.iter().any(|name| is(one, name)));
    Ok(json!({ "capacityProviders": all, "failures": failures }))
}

fn shown(provider: &Provider) -> Value {
    json!({
        "capacityProviderArn": provider.arn,
        "name": provider.name,
        "status": "ACTIVE",
        "type": "EC2_AUTOSCALING",
        "autoScalingGroupProvider": provider.group,
        "tags": [],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn tasks_go_to_bases_first_and_then_by_weight() {
        let strategy = Strategy::of(&[
            json!({ "capacityProvider": "a", "base": 2, "weight": 1 }),
            json!({ "capacityProvider": "b", "weight": 3 }),
        ]);
        let mut placed: HashMap<String, usize> = HashMap::new();
        for _ in 0..10 {
            let next = strategy
                .next(|name| placed.get(name).copied().unwrap_or(0))
                .unwrap()
                .to_owned();
            *placed.entry(next).or_default() += 1;
        }
        assert_eq!((placed["a"], placed["b"]), (4, 6));
    }
}

//! Operations on load balancers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::model::{Balancer, Place, State, no_balancer};
use super::{attributes, listeners, paging, places, tags, wiring};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, input, name, now};

/// How long AWS takes to provision a load balancer, in its own time; it is a minute or more, but nothing is learnt by waiting.
const PROVISIONING: Duration = Duration::from_secs(20);

/// The hosted zone of load balancers in us-east-1.
const HOSTED_ZONE: &str = "Z35SXDOTRQ7X7K";

/// The network has addresses for this many: the next one is the database's.
const MOST: u8 = 20;

pub(super) fn create(region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let wanted = Wanted::read(state, input)?;
    if let Some(there) = state
        .elb
        .balancers
        .values()
        .find(|balancer| balancer.name == wanted.name)
    {
        return match wanted.is(there) {
            true => Ok(json!({ "LoadBalancers": [describe_one(region, there)] })),
            false => Err(ApiError::new(
                "DuplicateLoadBalancerName",
                format!(
                    "A load balancer with the same name '{}' exists, but with different settings",
                    there.name
                ),
            )),
        };
    }
    let balancer = wanted.made(region, free_index(&state.elb)?);
    let described = describe_one(region, &balancer);
    state.elb.balancers.insert(balancer.arn.clone(), balancer);
    Ok(json!({ "LoadBalancers": [described] }))
}

/// What CreateLoadBalancer asks for.
struct Wanted {
    name: String,
    scheme: String,
    subnets: Vec<Place>,
    security_groups: Vec<String>,
    tags: super::model::Pairs,
}

impl Wanted {
    fn read(state: &crate::State, input: &Value) -> Result<Wanted, ApiError> {
        if let Some(other) = input::text(input, "Type").filter(|kind| *kind != "application") {
            let why =
                format!("chaos-lab offers application load balancers, not those of the type '{other}'.");
            return Err(ApiError::validation(why));
        }
        let scheme = input::text(input, "Scheme").unwrap_or("internet-facing");
        if !["internet-facing", "internal"].contains(&scheme) {
            return Err(ApiError::new(
                "InvalidScheme",
                format!("Scheme '{scheme}' is not valid"),
            ));
        }
        let subnets = subnets(state, input)?;
        let vpc = subnets
            .first()
            .map(|place| place.vpc.as_str())
            .unwrap_or_default();
        Ok(Wanted {
            name: valid_name(input::required(input, "Name")?, "Load balancer")?,
            scheme: scheme.to_owned(),
            security_groups: places::security_groups(state, vpc, input::texts(input, "SecurityGroups"))?,
            subnets,
            tags: tags::read(input, "Tags")?,
        })
    }

    fn is(&self, there: &Balancer) -> bool {
        self.scheme == there.scheme
            && self.subnets == there.subnets
            && self.security_groups == there.security_groups
    }

    fn made(self, region: &Region, index: u8) -> Balancer {
        let suffix = format!("app/{}/{}", self.name, name::hex(16));
        Balancer {
            arn: region.arn("elasticloadbalancing", &format!("loadbalancer/{suffix}")),
            name: self.name,
            suffix,
            scheme: self.scheme,
            created: now(),
            vpc: self
                .subnets
                .first()
                .map(|place| place.vpc.clone())
                .unwrap_or_default(),
            subnets: self.subnets,
            security_groups: self.security_groups,
            index,
            attributes: attributes::of_balancer(),
            tags: self.tags,
        }
    }
}

/// Letters, digits and inner hyphens, 32 at most.
pub(super) fn valid_name(name: &str, what: &str) -> Result<String, ApiError> {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match letters && name.len() <= 32 && !name.starts_with('-') && !name.ends_with('-') {
        true => Ok(name.to_owned()),
        false => Err(ApiError::validation(format!(
            "{what} name '{name}' must have 32 characters at most, only letters, digits and hyphens, and no hyphen at its ends"
        ))),
    }
}

fn subnets(state: &crate::State, input: &Value) -> Result<Vec<Place>, ApiError> {
    let mut ids = input::texts(input, "Subnets");
    ids.extend(
        input::list(input, "SubnetMappings")
            .iter()
            .filter_map(|one| Some(input::text(one, "SubnetId")?.to_owned())),
    );
    let found: Vec<Place> = ids
        .iter()
        .map(|id| places::subnet(state, id))
        .collect::<Result<_, _>>()?;
    let zones: BTreeSet<&str> = found.iter().map(|place| place.zone.as_str()).collect();
    if zones.len() < 2 {
        return Err(ApiError::validation(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    if zones.len() < found.len() {
        let why = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
        return Err(ApiError::new("InvalidConfigurationRequest", why));
    }
    Ok(found)
}

fn free_index(state: &State) -> Result<u8, ApiError> {
    let taken = |index: &u8| state.balancers.values().any(|balancer| balancer.index == *index);
    (0..MOST).find(|index| !taken(index)).ok_or_else(|| {
        ApiError::new(
            "TooManyLoadBalancers",
            format!("chaos-lab has addresses for {MOST} load balancers."),
        )
    })
}

pub(super) fn describe(region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let (arns, names) = (
        input::texts(input, "LoadBalancerArns"),
        input::texts(input, "Names"),
    );
    let all = &state.elb.balancers;
    if let Some(missing) = arns.iter().find(|arn| !all.contains_key(*arn)) {
        return Err(no_balancer(missing));
    }
    if let Some(missing) = names
        .iter()
        .find(|name| !all.values().any(|balancer| balancer.name == **name))
    {
        return Err(no_balancer(missing));
    }
    let chosen = |balancer: &&Balancer| {
        (arns.is_empty() && names.is_empty())
            || arns.contains(&balancer.arn)
            || names.contains(&balancer.name)
    };
    let described = all
        .values()
        .filter(chosen)
        .map(|balancer| describe_one(region, balancer))
        .collect();
    paging::page("LoadBalancers", described, input, 400)
}

fn describe_one(region: &Region, balancer: &Balancer) -> Value {
    let ready = balancer.created + region.pace().of(PROVISIONING).as_secs_f64();
    let state = if now() < ready { "provisioning" } else { "active" };
    json!({
        "LoadBalancerArn": balancer.arn,
        "LoadBalancerName": balancer.name,
        "DNSName": region.settings().network.balancer(balancer.index).ip().to_string(),
        "CanonicalHostedZoneId": HOSTED_ZONE,
        "CreatedTime": time(balancer.created),
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc,
        "State": { "Code": state },
        "Type": "application",
        "AvailabilityZones": zones(balancer),
        "SecurityGroups": balancer.security_groups,
        "IpAddressType": "ipv4",
    })
}

fn zones(balancer: &Balancer) -> Value {
    let zone = |place: &Place| json!({ "ZoneName": place.zone, "SubnetId": place.subnet, "LoadBalancerAddresses": [] });
    balancer.subnets.iter().map(zone).collect()
}

pub(super) fn delete(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "LoadBalancerArn")?;
    // deleting what is not there succeeds
    let Ok(balancer) = state.elb.balancer(arn) else {
        return Ok(json!({}));
    };
    if balancer
        .attributes
        .get(attributes::PROTECTION)
        .is_some_and(|value| value == "true")
    {
        let why = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(ApiError::new("OperationNotPermitted", why));
    }
    let own = state
        .elb
        .listeners
        .values()
        .filter(|listener| listener.balancer == arn);
    let own: Vec<String> = own.map(|listener| listener.arn.clone()).collect();
    own.iter()
        .for_each(|listener| listeners::remove(&mut state.elb, listener));
    state.elb.balancers.shift_remove(arn);
    wiring::apply(&mut state.elb);
    Ok(json!({}))
}

pub(super) fn set_subnets(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "LoadBalancerArn")?;
    state.elb.balancer(arn)?;
    let subnets = subnets(state, input)?;
    let balancer = state.elb.balancer_mut(arn)?;
    if subnets.iter().any(|place| place.vpc != balancer.vpc) {
        let why = format!("The subnets must all belong to the VPC '{}'", balancer.vpc);
        return Err(ApiError::new("InvalidSubnet", why));
    }
    balancer.subnets = subnets;
    let zones = zones(balancer);
    wiring::apply(&mut state.elb);
    Ok(json!({ "AvailabilityZones": zones, "IpAddressType": "ipv4" }))
}

pub(super) fn set_security_groups(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "LoadBalancerArn")?;
    let given = input::texts(input, "SecurityGroups");
    if given.is_empty() {
        return Err(ApiError::validation(
            "At least one security group must be specified",
        ));
    }
    let groups = places::security_groups(state, &state.elb.balancer(arn)?.vpc, given)?;
    let balancer = state.elb.balancer_mut(arn)?;
    balancer.security_groups = groups;
    Ok(json!({ "SecurityGroupIds": balancer.security_groups }))
}

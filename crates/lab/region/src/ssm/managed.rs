//! Managed instances: those whose SSM agent has answered.

use serde_json::{Value, json};

use super::targets::{fits, is_managed};
use crate::ec2::Instance;
use crate::ec2::pages::page;
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{State, now};

/// `DescribeInstanceInformation`, with both spellings of its filters.
pub fn describe(state: &State, input: &Value) -> Answer {
    let new = list(input, "Filters")
        .iter()
        .map(|filter| (text(filter, "Key"), texts(filter, "Values")));
    let old = list(input, "InstanceInformationFilterList")
        .iter()
        .map(|filter| (text(filter, "key"), texts(filter, "valueSet")));
    let filters: Vec<(&str, Vec<String>)> = new
        .chain(old)
        .map(|(key, values)| (key.unwrap_or_default(), values))
        .collect();
    let mut found = Vec::new();
    for instance in state.ec2.instances().filter(|instance| is_managed(instance)) {
        let mut meant = true;
        for (key, values) in &filters {
            meant &= has(instance, key, values)?;
        }
        found.extend(meant.then(|| view(instance)));
    }
    let (found, next) = page(found, input, "MaxResults", 50)?;
    Ok(json!({ "InstanceInformationList": found, "NextToken": next }))
}

fn has(instance: &Instance, key: &str, values: &[String]) -> Result<bool, ApiError> {
    if let Some(fits) = fits(instance, key, values) {
        return Ok(fits);
    }
    let own = match key {
        "PingStatus" => ping(instance),
        "PlatformTypes" | "PlatformType" => PLATFORM,
        "AgentVersion" => AGENT,
        "ResourceType" => "EC2Instance",
        "IamRole" | "ActivationIds" | "AssociationStatus" | "SourceTypes" | "SourceIds" => "",
        other => {
            return Err(ApiError::new(
                "InvalidInstanceInformationFilterValue",
                format!("There is no filter {other}."),
            ));
        }
    };
    Ok(values.iter().any(|value| value == own))
}

const PLATFORM: &str = "Linux";
const AGENT: &str = "3.3.0.0";

fn ping(instance: &Instance) -> &'static str {
    if instance.online {
        "Online"
    } else {
        "ConnectionLost"
    }
}

fn view(instance: &Instance) -> Value {
    json!({
        "InstanceId": instance.id,
        "PingStatus": ping(instance),
        "LastPingDateTime": time(now()),
        "AgentVersion": AGENT,
        "IsLatestVersion": true,
        "PlatformType": PLATFORM,
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "RegistrationDate": instance.registered.map(time),
        "IPAddress": instance.address,
        "ComputerName": format!("ip-{}.ec2.internal", instance.address.to_string().replace('.', "-")),
    })
}

//! `RunInstances`, and what a launch is from its parameters or a launch template.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::instance::{Launch, launch};
use super::volumes::Mapping;
use super::{describe, needed, tags, templates};
use crate::input::{flag, integer, list, text, texts};
use crate::wire::{Answer, ApiError};
use crate::{Region, State, name};

/// More instances at once are a mistake on one machine.
const MOST: i64 = 100;

/// `RunInstances`
pub fn run_instances(state: &mut State, region: &Region, input: &Value) -> Answer {
    let data = templates::merged(&state.ec2, input)?;
    let number = integer(input, "MaxCount")?
        .or(integer(input, "MinCount")?)
        .unwrap_or(1);
    if !(1..=MOST).contains(&number) {
        let message = format!("The lab launches from 1 to {MOST} instances at once, not {number}.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let mut what = launch_of(&data)?;
    what.subnet = subnet_of(state, &data)?;
    let reservation = name::resource("r");
    let mut ids = Vec::new();
    for index in 0..usize::try_from(number).unwrap_or(1) {
        let one = Launch {
            index,
            reservation: Some(reservation.clone()),
            ..what.clone()
        };
        match launch(state, region, one) {
            Ok(id) => ids.push(id),
            Err(error) => return Err(undone(state, &ids, error)),
        }
    }
    Ok(describe::reservation(&state.ec2, region, &reservation))
}

/// All instances of a call are launched, or none.
fn undone(state: &mut State, ids: &[String], error: ApiError) -> ApiError {
    for id in ids {
        // it exists: it has just been made
        let _ = super::terminate(state, id);
    }
    error
}

fn subnet_of(state: &State, data: &Value) -> Result<String, ApiError> {
    let interface = list(data, "NetworkInterface")
        .iter()
        .find_map(|interface| text(interface, "SubnetId"));
    if let Some(id) = text(data, "SubnetId").or(interface) {
        return Ok(id.to_owned());
    }
    let zone = data
        .get("Placement")
        .and_then(|placement| text(placement, "AvailabilityZone"));
    let fits = |subnet: &&super::Subnet| zone.is_none_or(|zone| zone == subnet.zone);
    let first = state.ec2.subnets.values().find(fits);
    let missing = || {
        ApiError::new(
            "MissingInput",
            "No subnets found: create one, and name it by SubnetId",
        )
    };
    first.map(|subnet| subnet.id.clone()).ok_or_else(missing)
}

/// Reads what both `RunInstances` and the data of launch templates hold; the subnet is the caller's.
///
/// # Errors
/// When members are not what they should be.
pub fn launch_of(data: &Value) -> Result<Launch, ApiError> {
    let interface = list(data, "NetworkInterface")
        .first()
        .cloned()
        .unwrap_or_default();
    let mut security_groups = texts(data, "SecurityGroupId");
    security_groups.extend(texts(&interface, "SecurityGroupId"));
    let market = data
        .get("InstanceMarketOptions")
        .and_then(|options| text(options, "MarketType"));
    let profile = data
        .get("IamInstanceProfile")
        .and_then(|profile| text(profile, "Arn").or(text(profile, "Name")));
    Ok(Launch {
        kind: text(data, "InstanceType").unwrap_or_default().to_owned(),
        cluster: text(data, "UserData").and_then(cluster_of),
        tags: tags::specified(data, "instance"),
        image: text(data, "ImageId").map(str::to_owned),
        security_groups,
        key: text(data, "KeyName").map(str::to_owned),
        profile: profile.map(str::to_owned),
        spot: market == Some("spot"),
        protected: flag(data, "DisableApiTermination").unwrap_or_default(),
        volumes: Mapping::read(data)?,
        ..Launch::default()
    })
}

/// The ECS cluster that user data (base64, or plain) makes an instance join, by a setting `ECS_CLUSTER=name` anywhere in it.
pub fn cluster_of(user_data: &str) -> Option<String> {
    let compact: String = user_data.split_whitespace().collect();
    let decoded = STANDARD
        .decode(compact)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let script = decoded.as_deref().unwrap_or(user_data);
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let lines = script.lines().filter(|line| !is_comment(line));
    // the last setting wins, as in a shell and in ecs.config
    let values =
        lines.filter_map(|line| Some(line.split_once("ECS_CLUSTER=")?.1.trim_start_matches(['"', '\''])));
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut names = values.map(|value| value.split(|letter| !is_name(letter)).next().unwrap_or_default());
    names.rfind(|name| !name.is_empty()).map(str::to_owned)
}

/// The id that a request names in `InstanceId`, as one text.
pub(super) fn one_instance(input: &Value) -> Result<&str, ApiError> {
    needed(input, "InstanceId")
}

/// A reservation with its instances.
pub(super) fn reservation_view(id: &str, account: &str, instances: Vec<Value>) -> Value {
    json!({ "reservationId": id, "ownerId": account, "groupSet": [], "instancesSet": instances })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::cluster_of;

    #[test]
    fn the_cluster_is_found_in_user_data() {
        for (script, cluster) in [
            (
                "#!/bin/bash\necho ECS_CLUSTER=live-chaos >> /etc/ecs/ecs.config\n",
                Some("live-chaos"),
            ),
            (
                "#!/bin/bash\necho 'ECS_CLUSTER=a_b'>>/etc/ecs/ecs.config",
                Some("a_b"),
            ),
            (
                "cat <<EOF > /etc/ecs/ecs.config\nECS_CLUSTER=\"one\"\nECS_CLUSTER=two\nEOF",
                Some("two"),
            ),
            ("# ECS_CLUSTER=comment\n", None),
            ("ECS_CLUSTER=\n", None),
            ("", None),
        ] {
            assert_eq!(
                cluster_of(&STANDARD.encode(script)).as_deref(),
                cluster,
                "{script}"
            );
            assert_eq!(cluster_of(script).as_deref(), cluster, "plain: {script}");
        }
    }
}

//! Availability zones and the region itself.

use serde_json::{Value, json};

use super::filters::Filters;
use super::tags::Tags;
use crate::Region;
use crate::input::texts;
use crate::wire::{Answer, ApiError};

const LETTERS: [char; 3] = ['a', 'b', 'c'];
const FILTERS: &[&str] = &[
    "group-name",
    "opt-in-status",
    "region-name",
    "state",
    "zone-id",
    "zone-name",
    "zone-type",
];

/// The names of the region's zones.
pub fn names(region: &Region) -> [String; 3] {
    LETTERS.map(|letter| format!("{}{letter}", region.settings().name))
}

/// The id of a zone, such as `use1-az1`, that does not depend on the account.
pub fn id_of(zone: &str) -> String {
    let parts: Vec<&str> = zone.split('-').collect();
    let [area, direction, last] = parts.as_slice() else {
        return zone.to_owned();
    };
    let number = last
        .chars()
        .last()
        .and_then(|letter| LETTERS.iter().position(|known| *known == letter));
    let digits: String = last.chars().filter(char::is_ascii_digit).collect();
    let direction: String = direction.chars().take(1).collect();
    format!(
        "{area}{direction}{digits}-az{}",
        number.map_or(1, |number| number + 1)
    )
}

/// `DescribeAvailabilityZones`
pub fn describe(region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, FILTERS)?;
    let (asked, ids) = (texts(input, "ZoneName"), texts(input, "ZoneId"));
    let zones = names(region);
    if let Some(unknown) = asked.iter().find(|name| !zones.contains(name)) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid availability zone: [{unknown}]"),
        ));
    }
    let name = &region.settings().name;
    let values = |zone: &String, filter: &str| match filter {
        "zone-name" => vec![zone.clone()],
        "zone-id" => vec![id_of(zone)],
        "state" => vec!["available".to_owned()],
        "region-name" => vec![name.clone()],
        "opt-in-status" => vec!["opt-in-not-required".to_owned()],
        "zone-type" => vec!["availability-zone".to_owned()],
        _ => vec![name.clone()],
    };
    let found = zones.iter().filter(|zone| {
        (asked.is_empty() || asked.contains(zone))
            && (ids.is_empty() || ids.contains(&id_of(zone)))
            && filters.fit(&Tags::new(), |filter| values(zone, filter))
    });
    let found: Vec<Value> = found.map(|zone| view(zone, name)).collect();
    Ok(json!({ "availabilityZoneInfo": found }))
}

fn view(zone: &str, region: &str) -> Value {
    json!({
        "zoneName": zone,
        "zoneId": id_of(zone),
        "zoneState": "available",
        "zoneType": "availability-zone",
        "regionName": region,
        "groupName": region,
        "networkBorderGroup": region,
        "optInStatus": "opt-in-not-required",
        "messageSet": [],
    })
}

/// `DescribeRegions`: there is one.
pub fn regions(region: &Region, _input: &Value) -> Answer {
    let name = &region.settings().name;
    let endpoint = format!("ec2.{name}.amazonaws.com");
    let view =
        json!({ "regionName": name, "regionEndpoint": endpoint, "optInStatus": "opt-in-not-required" });
    Ok(json!({ "regionInfo": [view] }))
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn ids_of_zones_look_like_those_of_amazon() {
        assert_eq!(id_of("us-east-1a"), "use1-az1");
        assert_eq!(id_of("eu-central-1c"), "euc1-az3");
        assert_eq!(id_of("odd"), "odd");
    }
}

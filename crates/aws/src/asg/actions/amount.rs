//! How many instances of a group, and which.

use chaos_engine::activity::Random;
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::text;
use crate::asg::groups::{instances, is, name};

/// A number of instances, or a percentage, which counts when both are given.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Amount {
    /// How many instances of each group.
    #[serde(default)]
    instance_count: Option<i64>,
    /// How many percent of the instances in service of each group, rounded down; instead of a number.
    #[serde(default)]
    instance_percent: Option<i64>,
}

impl Amount {
    /// The number; nothing and 0 are the same.
    pub fn count(&self) -> Option<i64> {
        self.instance_count.filter(|count| *count != 0)
    }

    /// The percentage; nothing and 0 are the same.
    pub fn percent(&self) -> Option<i64> {
        self.instance_percent.filter(|percent| *percent != 0)
    }

    /// How many of so many instances; `None` when that is less than none.
    fn of(&self, total: usize) -> Option<usize> {
        match self.percent() {
            // "as" cuts the fraction off
            Some(percent) if percent > 0 => Some((total as f64 * percent as f64 / 100.0) as usize),
            Some(_) => None,
            None => usize::try_from(self.count().unwrap_or(0)).ok(),
        }
    }

    /// Ids of so many instances of the group that are in service, chosen by chance, sorted. `purpose` is what happens to
    /// them.
    ///
    /// # Errors
    /// There are not as many.
    pub fn choose(&self, group: &Value, random: &mut Random, purpose: &str) -> Result<Vec<String>, AwsError> {
        let ids: Vec<String> = in_service(group).map(id).collect();
        let there = ids.len();
        let asg = name(group).unwrap_or_default();
        let wanted = self.of(there).ok_or_else(|| {
            let reason = format!("cannot {purpose} less than no instances of {asg}: give a positive amount");
            AwsError::because(reason)
        })?;
        if wanted > there {
            return Err(AwsError::because(format!(
                "not enough healthy instances in {asg}: attempting to {purpose} {wanted}, more instances than the \
                 {there} in service"
            )));
        }
        Ok(sorted(random.sample(ids, wanted)))
    }
}

/// Ids of the instances of the group that are in service in the zone, sorted.
///
/// # Errors
/// There is none.
pub(super) fn in_zone(group: &Value, zone: &str) -> Result<Vec<String>, AwsError> {
    let there = in_service(group).filter(|instance| is(instance, "AvailabilityZone", zone));
    let ids: Vec<String> = there.map(id).collect();
    if ids.is_empty() {
        return Err(AwsError::because(format!(
            "no instances found in availability zone {zone}: none of {} is in service there",
            name(group).unwrap_or_default()
        )));
    }
    Ok(sorted(ids))
}

fn in_service(group: &Value) -> impl Iterator<Item = &Value> {
    let all = instances(group).iter();
    all.filter(|instance| is(instance, "LifecycleState", "InService"))
}

/// The id of an instance as a group describes it.
pub(super) fn id(instance: &Value) -> String {
    text(instance, &["InstanceId"]).unwrap_or_default().to_owned()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json::parse;

    use super::*;

    fn group(size: usize) -> Value {
        let instance = |number| {
            format!(
                r#"{{"InstanceId": "i-{number:04}", "LifecycleState": "InService", "AvailabilityZone": "a"}},"#
            )
        };
        let instances: String = (0..size).map(instance).collect();
        let standby = r#"{"InstanceId": "i-x", "LifecycleState": "Standby", "AvailabilityZone": "b"}"#;
        parse(&format!(
            r#"{{"AutoScalingGroupName": "web", "Instances": [{instances}{standby}]}}"#
        ))
        .unwrap()
    }

    fn choose(count: Option<i64>, percent: Option<i64>, size: usize) -> Result<Vec<String>, AwsError> {
        let amount = Amount {
            instance_count: count,
            instance_percent: percent,
        };
        amount.choose(&group(size), &mut Random::new(1), "stop")
    }

    #[test]
    fn so_many_in_service_are_chosen_and_sorted() {
        let chosen = choose(Some(400), None, 1000).unwrap();
        assert_eq!(chosen.len(), 400);
        assert!(chosen.is_sorted());
        assert_eq!(choose(Some(3), None, 3).unwrap(), ["i-0000", "i-0001", "i-0002"]);
    }

    #[test]
    fn a_percentage_wins_and_is_rounded_down() {
        let count = |percent, size| choose(Some(1), Some(percent), size).unwrap().len();
        assert_eq!(
            [count(67, 3), count(66, 3), count(10, 3), count(100, 3)],
            [2, 1, 0, 3]
        );
        assert_eq!(choose(Some(1), Some(0), 3).unwrap().len(), 1);
    }

    #[test]
    fn there_must_be_enough() {
        let error = choose(Some(4), None, 3).unwrap_err().to_string();
        assert!(
            error.contains("not enough healthy instances in web") && error.contains('4'),
            "{error}"
        );
        assert!(choose(None, Some(150), 3).is_err());
        assert!(choose(Some(-1), None, 3).is_err());
        assert!(choose(None, Some(-1), 3).is_err());
    }

    #[test]
    fn a_zone_needs_somebody_in_service() {
        assert_eq!(in_zone(&group(2), "a").unwrap(), ["i-0000", "i-0001"]);
        let error = in_zone(&group(2), "b").unwrap_err().to_string();
        assert!(error.contains("availability zone b"), "{error}");
    }
}

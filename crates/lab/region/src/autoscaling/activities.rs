//! What groups have done.

use serde_json::{Value, json};

use super::State;
use super::group::no_group;
use crate::ec2::pages::page;
use crate::input::{text, texts};
use crate::wire::{Answer, time};
use crate::{name, now};

/// More are forgotten, the oldest first.
const KEPT: usize = 500;

/// A launch or a termination by a group.
#[derive(Clone, Debug)]
pub struct Activity {
    id: String,
    group: String,
    instance: String,
    description: String,
    cause: String,
    details: String,
    status: &'static str,
    message: Option<String>,
    started: f64,
    ended: Option<f64>,
}

impl Activity {
    /// As answers list it.
    pub fn view(&self) -> Value {
        json!({
            "ActivityId": self.id,
            "AutoScalingGroupName": self.group,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": time(self.started),
            "EndTime": self.ended.map(time),
            "StatusCode": self.status,
            "StatusMessage": self.message,
            "Progress": if self.ended.is_some() { 100 } else { 50 },
            "Details": self.details,
        })
    }
}

/// What begins.
pub struct Begun<'a> {
    /// The group's name.
    pub group: &'a str,
    /// The instance's id.
    pub instance: &'a str,
    /// What is done, such as `Launching a new EC2 instance`.
    pub what: &'a str,
    /// Why it is done; the time is put in front.
    pub why: &'a str,
    /// The subnet's id.
    pub subnet: &'a str,
    /// The availability zone's name.
    pub zone: &'a str,
}

impl State {
    /// Notes that something begins, and returns it as answers list it.
    pub(super) fn begin(&mut self, begun: &Begun<'_>) -> Value {
        let activity = Activity {
            id: name::uuid(),
            group: begun.group.to_owned(),
            instance: begun.instance.to_owned(),
            description: format!("{}: {}", begun.what, begun.instance),
            cause: format!(
                "At {} {}",
                chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ"),
                begun.why
            ),
            details: json!({ "Subnet ID": begun.subnet, "Availability Zone": begun.zone }).to_string(),
            status: "InProgress",
            message: None,
            started: now(),
            ended: None,
        };
        let view = activity.view();
        self.keep(activity);
        view
    }

    fn keep(&mut self, activity: Activity) {
        if self.activities.len() >= KEPT {
            self.activities.remove(0);
        }
        self.activities.push(activity);
    }

    /// Notes that what was begun with an instance has succeeded.
    pub(super) fn finish(&mut self, instance: &str) {
        for activity in self
            .activities
            .iter_mut()
            .filter(|one| one.instance == instance && one.ended.is_none())
        {
            activity.status = "Successful";
            activity.ended = Some(now());
        }
    }

    /// Notes a launch that failed; the same failure again only changes the time of the first.
    pub(super) fn fail(&mut self, group: &str, why: &str) {
        let same = self.activities.iter_mut().rev().find(|one| one.group == group);
        if let Some(same) = same.filter(|one| one.message.as_deref() == Some(why)) {
            same.ended = Some(now());
            return;
        }
        self.keep(Activity {
            id: name::uuid(),
            group: group.to_owned(),
            instance: String::new(),
            description: "Launching a new EC2 instance.  Status Reason: ".to_owned() + why,
            cause: format!(
                "At {} an instance was needed.",
                chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ")
            ),
            details: "{}".to_owned(),
            status: "Failed",
            message: Some(why.to_owned()),
            started: now(),
            ended: Some(now()),
        });
    }
}

/// `DescribeScalingActivities`, the newest first.
pub fn describe(state: &State, input: &Value) -> Answer {
    let (group, ids) = (text(input, "AutoScalingGroupName"), texts(input, "ActivityIds"));
    if let Some(name) = group
        .filter(|name| !state.activities.iter().any(|one| one.group == *name) && state.group(name).is_none())
    {
        return Err(no_group(name));
    }
    let meant = |one: &&Activity| {
        group.is_none_or(|name| one.group == name) && (ids.is_empty() || ids.contains(&one.id))
    };
    let found = state
        .activities
        .iter()
        .rev()
        .filter(meant)
        .map(Activity::view)
        .collect();
    let (found, next) = page(found, input, "MaxRecords", 100)?;
    Ok(json!({ "Activities": found, "NextToken": next }))
}

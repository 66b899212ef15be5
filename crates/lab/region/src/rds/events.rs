//! What happened to instances and clusters, for DescribeEvents.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::listing;
use crate::wire::{Answer, time};
use crate::{Region, input, now};

/// How many events are kept.
const KEPT: usize = 500;
/// Minutes that DescribeEvents looks back where nothing else is asked.
const LOOK_BACK: i64 = 60;

/// The latest events, oldest first.
#[derive(Default)]
pub struct Events(VecDeque<Event>);

struct Event {
    source: String,
    kind: &'static str,
    arn: String,
    message: String,
    category: &'static str,
    date: f64,
}

impl Events {
    /// Keeps what happened to an instance.
    pub fn of_instance(
        &mut self,
        region: &Region,
        id: &str,
        category: &'static str,
        message: impl Into<String>,
    ) {
        self.add(region, "db-instance", "db", id, category, message.into());
    }

    /// Keeps what happened to a cluster.
    pub fn of_cluster(
        &mut self,
        region: &Region,
        id: &str,
        category: &'static str,
        message: impl Into<String>,
    ) {
        self.add(region, "db-cluster", "cluster", id, category, message.into());
    }

    fn add(
        &mut self,
        region: &Region,
        kind: &'static str,
        part: &str,
        id: &str,
        category: &'static str,
        message: String,
    ) {
        tracing::info!(source = id, %message, "RDS");
        let arn = region.arn("rds", &format!("{part}:{id}"));
        self.0.push_back(Event {
            source: id.to_owned(),
            kind,
            arn,
            message,
            category,
            date: now(),
        });
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }
}

/// DescribeEvents
pub fn describe(region: &Region, input: &Value) -> Answer {
    let minutes = input::integer(input, "Duration")?.unwrap_or(LOOK_BACK);
    let from = input::time(input, "StartTime")?.unwrap_or_else(|| now() - minutes as f64 * 60.0);
    let to = input::time(input, "EndTime")?.unwrap_or(f64::MAX);
    let categories = input::texts(input, "EventCategories");
    let wanted = |event: &&Event| {
        (from..=to).contains(&event.date)
            && input::text(input, "SourceIdentifier").is_none_or(|id| id == event.source)
            && input::text(input, "SourceType").is_none_or(|kind| kind == event.kind)
            && (categories.is_empty() || categories.iter().any(|category| category == event.category))
    };
    let state = region.state();
    let events = state
        .rds
        .events
        .0
        .iter()
        .enumerate()
        .filter(|(_, event)| wanted(event));
    // events have no names: their numbers order the pages
    let numbered = events.map(|(number, event)| (format!("{number:08}"), described(event)));
    listing::page(input, "Events", numbered)
}

fn described(event: &Event) -> Value {
    json!({
        "SourceIdentifier": event.source,
        "SourceType": event.kind,
        "SourceArn": event.arn,
        "Message": event.message,
        "EventCategories": [event.category],
        "Date": time(event.date),
    })
}

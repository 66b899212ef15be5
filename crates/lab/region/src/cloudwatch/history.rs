//! What happened to alarms.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::alarm::Alarm;
use super::ask;
use crate::wire::{Answer, time};
use crate::{input, now};

/// How many items are kept, over all alarms.
const KEPT: usize = 5000;

/// Items, oldest first.
#[derive(Default)]
pub(super) struct History(VecDeque<Item>);

struct Item {
    alarm: String,
    at: f64,
    kind: Kind,
    summary: String,
    data: Value,
}

/// What an item tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Configuration,
    State,
    Action,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Configuration => "ConfigurationUpdate",
            Kind::State => "StateUpdate",
            Kind::Action => "Action",
        }
    }
}

impl History {
    pub(super) fn add(&mut self, alarm: &str, kind: Kind, summary: String, data: Value) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Item {
            alarm: alarm.to_owned(),
            at: now(),
            kind,
            summary,
            data,
        });
    }

    /// A change from the state of `before` to that of `alarm`.
    pub(super) fn state(&mut self, before: &Alarm, alarm: &Alarm) {
        let told = |alarm: &Alarm| {
            let data: Value = alarm
                .reason_data
                .as_deref()
                .and_then(|data| serde_json::from_str(data).ok())
                .unwrap_or_default();
            json!({ "stateValue": alarm.state.as_str(), "stateReason": alarm.reason, "stateReasonData": data })
        };
        let summary = format!(
            "Alarm updated from {} to {}",
            before.state.as_str(),
            alarm.state.as_str()
        );
        self.add(
            &alarm.name,
            Kind::State,
            summary,
            json!({ "version": "1.0", "oldState": told(before), "newState": told(alarm) }),
        );
    }

    pub(super) fn describe(&self, input: &Value) -> Answer {
        let (name, kind) = (
            input::text(input, "AlarmName"),
            input::text(input, "HistoryItemType"),
        );
        let (from, to) = (input::time(input, "StartDate")?, input::time(input, "EndDate")?);
        let chosen = self.0.iter().filter(|item| {
            name.is_none_or(|name| name == item.alarm)
                && kind.is_none_or(|kind| kind == item.kind.as_str())
                && from.is_none_or(|from| item.at >= from)
                && to.is_none_or(|to| item.at <= to)
        });
        let mut items: Vec<Value> = chosen.map(described).collect();
        if input::text(input, "ScanBy") != Some("TimestampAscending") {
            items.reverse();
        }
        Ok(Value::Object(ask::page("AlarmHistoryItems", items, input, 100)?))
    }
}

fn described(item: &Item) -> Value {
    json!({
        "AlarmName": item.alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": time(item.at),
        "HistoryItemType": item.kind.as_str(),
        "HistorySummary": item.summary,
        "HistoryData": item.data.to_string(),
    })
}

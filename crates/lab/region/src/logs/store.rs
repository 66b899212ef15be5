//! Groups, streams and events, within bounds: a stream keeps its latest 4 MiB, all streams together keep 48 MiB.

use std::collections::{BTreeMap, VecDeque};

use indexmap::IndexMap;

use super::token::Place;
use crate::wire::ApiError;

/// Bytes of events that a stream keeps.
const STREAM: usize = 4 << 20;
/// Bytes of events that all streams keep.
const ALL: usize = 48 << 20;
/// Bytes that AWS adds to each event's message.
pub const OVERHEAD: usize = 26;

/// What the service knows.
#[derive(Default)]
pub struct State {
    pub(super) groups: BTreeMap<String, Group>,
    /// The number of the latest event.
    latest: u64,
    bytes: usize,
}

pub(super) struct Group {
    pub name: String,
    /// Milliseconds since 1970.
    pub created: i64,
    pub retention: Option<i64>,
    pub tags: IndexMap<String, String>,
    pub streams: BTreeMap<String, Stream>,
}

pub(super) struct Stream {
    /// Milliseconds since 1970.
    pub created: i64,
    /// When the latest event came.
    pub ingested: Option<i64>,
    /// In the order of their places.
    pub events: VecDeque<Event>,
    pub bytes: usize,
}

pub(super) struct Event {
    pub place: Place,
    pub ingested: i64,
    pub message: String,
}

impl State {
    pub(super) fn group(&mut self, name: &str) -> Result<&mut Group, ApiError> {
        self.groups.get_mut(name).ok_or_else(|| missing("group"))
    }

    pub(super) fn stream(&mut self, group: &str, stream: &str) -> Result<&mut Stream, ApiError> {
        self.group(group)?
            .streams
            .get_mut(stream)
            .ok_or_else(|| missing("stream"))
    }

    pub(super) fn group_or_new(&mut self, name: &str, now: i64) -> &mut Group {
        let new = || Group {
            name: name.to_owned(),
            created: now,
            retention: None,
            tags: IndexMap::new(),
            streams: BTreeMap::new(),
        };
        self.groups.entry(name.to_owned()).or_insert_with(new)
    }

    /// Keeps an event of a stream that is there.
    pub(super) fn add(&mut self, group: &str, stream: &str, timestamp: i64, now: i64, message: String) {
        self.latest += 1;
        let place = Place {
            timestamp,
            number: self.latest,
        };
        let Some(stream) = self
            .groups
            .get_mut(group)
            .and_then(|group| group.streams.get_mut(stream))
        else {
            return;
        };
        let before = stream.bytes;
        stream.add(Event {
            place,
            ingested: now,
            message,
        });
        self.bytes = self.bytes - before + stream.bytes;
        if self.bytes > ALL {
            self.halve_largest();
        }
    }

    pub(super) fn remove_group(&mut self, name: &str) -> Result<(), ApiError> {
        let group = self.groups.remove(name).ok_or_else(|| missing("group"))?;
        self.bytes -= group.streams.values().map(|stream| stream.bytes).sum::<usize>();
        Ok(())
    }

    pub(super) fn remove_stream(&mut self, group: &str, stream: &str) -> Result<(), ApiError> {
        let removed = self
            .group(group)?
            .streams
            .remove(stream)
            .ok_or_else(|| missing("stream"))?;
        self.bytes -= removed.bytes;
        Ok(())
    }

    fn halve_largest(&mut self) {
        let streams = self
            .groups
            .values_mut()
            .flat_map(|group| group.streams.values_mut());
        if let Some(largest) = streams.max_by_key(|stream| stream.bytes) {
            let before = largest.bytes;
            largest.shrink(before / 2);
            self.bytes = self.bytes - before + largest.bytes;
        }
    }
}

impl Group {
    pub fn stream_or_new(&mut self, name: &str, now: i64) -> &mut Stream {
        let new = || Stream {
            created: now,
            ingested: None,
            events: VecDeque::new(),
            bytes: 0,
        };
        self.streams.entry(name.to_owned()).or_insert_with(new)
    }
}

impl Stream {
    fn add(&mut self, event: Event) {
        self.bytes += event.message.len() + OVERHEAD;
        self.ingested = Some(event.ingested);
        let at = self.events.partition_point(|other| other.place < event.place);
        self.events.insert(at, event);
        self.shrink(STREAM);
    }

    /// Drops the oldest events, but not the last one, until it has at most so many bytes.
    fn shrink(&mut self, bytes: usize) {
        while self.bytes > bytes && self.events.len() > 1 {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.message.len() + OVERHEAD;
            }
        }
    }
}

fn missing(what: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("The specified log {what} does not exist."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(events: usize, streams: &[&str]) -> State {
        let mut state = State::default();
        for name in streams {
            state.group_or_new("group", 0).stream_or_new(name, 0);
            for number in 0..events {
                state.add("group", name, number as i64, 0, "x".repeat(1000));
            }
        }
        state
    }

    #[test]
    fn a_stream_keeps_its_latest_events_and_all_together_stay_bounded() {
        let mut state = filled(5000, &["one"]);
        let stream = state.stream("group", "one").unwrap();
        assert!(
            stream.bytes <= STREAM && stream.bytes > STREAM / 2,
            "{}",
            stream.bytes
        );
        assert_eq!(stream.events.back().unwrap().place.timestamp, 4999);
        let names: Vec<String> = (0..20).map(|number| format!("stream-{number}")).collect();
        let state = filled(5000, &names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(state.bytes <= ALL, "{}", state.bytes);
        let counted: usize = state.groups["group"]
            .streams
            .values()
            .map(|stream| stream.bytes)
            .sum();
        assert_eq!(counted, state.bytes);
    }

    #[test]
    fn late_events_come_in_the_order_of_their_timestamps() {
        let mut state = filled(0, &["one"]);
        for timestamp in [5, 3, 5, 9] {
            state.add("group", "one", timestamp, 0, timestamp.to_string());
        }
        let stream = state.stream("group", "one").unwrap();
        let order: Vec<_> = stream.events.iter().map(|event| event.place.timestamp).collect();
        assert_eq!(order, [3, 5, 5, 9]);
    }
}

//! Bytes that have passed, in Prometheus' text format (METRICS.md of Toxiproxy names the counters).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::toxics::Direction;

/// By which the counters are told apart: direction, listener, proxy, upstream.
type Labels = (Direction, String, String, String);

/// The bytes of one direction of a proxy.
#[derive(Debug, Default)]
pub struct Counts {
    pub received: AtomicU64,
    pub sent: AtomicU64,
}

#[derive(Debug, Default)]
pub struct Metrics {
    counts: Mutex<BTreeMap<Labels, Arc<Counts>>>,
}

impl Metrics {
    pub fn of(&self, direction: Direction, listener: &str, proxy: &str, upstream: &str) -> Arc<Counts> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = (
            direction,
            listener.to_owned(),
            proxy.to_owned(),
            upstream.to_owned(),
        );
        Arc::clone(counts.entry(labels).or_default())
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        self.counter(&mut text, "received", |counts| &counts.received);
        self.counter(&mut text, "sent", |counts| &counts.sent);
        text
    }

    fn counter(&self, text: &mut String, name: &str, count: fn(&Counts) -> &AtomicU64) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("toxiproxy_proxy_{name}_bytes_total");
        let _ = writeln!(text, "# TYPE {name} counter");
        for ((direction, listener, proxy, upstream), counts) in counts.iter() {
            let [listener, proxy, upstream] = [listener, proxy, upstream].map(|label| escaped(label));
            let count = count(counts).load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                r#"{name}{{direction="{direction}",listener="{listener}",proxy="{proxy}",upstream="{upstream}"}} {count}"#
            );
        }
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

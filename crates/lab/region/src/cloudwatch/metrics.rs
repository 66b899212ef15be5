//! What was measured, by namespace, name and dimensions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use super::series::{Seconds, Summary};

/// Dimensions of a metric: names and values.
pub type Dimensions<'a> = &'a [(&'a str, &'a str)];

/// What a metric was in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// How many values there were.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least, 0 without values.
    pub minimum: f64,
    /// The greatest, 0 without values.
    pub maximum: f64,
}

impl Window {
    /// The mean; nothing without values.
    pub fn average(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// How many metrics are kept. Values of further ones are dropped, so that no client can fill the memory.
const MOST: usize = 20_000;

/// All metrics of the region. Each metric has a lock of its own, held for a few instructions.
#[derive(Default)]
pub struct Metrics {
    /// By the hash of what identifies them, so that looking one up allocates nothing.
    known: RwLock<HashMap<u64, Vec<Series>>>,
}

/// One metric in one unit: keep it where values come often, and [`Series::put`] them.
#[derive(Clone)]
pub struct Series(Arc<Inner>);

struct Inner {
    namespace: String,
    name: String,
    /// Sorted by name.
    dimensions: Vec<(String, String)>,
    unit: &'static str,
    seconds: Mutex<Seconds>,
}

impl Series {
    /// Keeps a value, as of now.
    pub fn put(&self, value: f64) {
        self.put_at(second(crate::now()), &Summary::of_value(value, 1));
    }

    pub(super) fn put_at(&self, second: i64, what: &Summary) {
        if what.count > 0 {
            self.0.seconds.lock().add(second, what);
        }
    }

    /// The namespace, such as `AWS/ECS`.
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// The name, such as `CPUUtilization`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Names and values, sorted by name.
    pub fn dimensions(&self) -> &[(String, String)] {
        &self.0.dimensions
    }

    /// The unit, such as `Percent`.
    pub fn unit(&self) -> &'static str {
        self.0.unit
    }

    /// The second of the newest value; nothing before the first.
    pub(super) fn newest(&self) -> Option<i64> {
        self.0.seconds.lock().newest()
    }

    pub(super) fn with<T>(&self, look: impl FnOnce(&Seconds) -> T) -> T {
        look(&self.0.seconds.lock())
    }

    fn is(&self, namespace: &str, name: &str, dimensions: Dimensions<'_>) -> bool {
        let own = &self.0;
        own.namespace == namespace
            && own.name == name
            && own.dimensions.len() == dimensions.len()
            && dimensions
                .iter()
                .all(|(name, value)| own.dimensions.iter().any(|(n, v)| n == name && v == value))
    }
}

impl Metrics {
    /// Keeps a value, as of now. Where values come often, [`Metrics::series`] saves the search.
    pub fn put(
        &self,
        namespace: &str,
        name: &str,
        dimensions: Dimensions<'_>,
        value: f64,
        unit: &'static str,
    ) {
        if let Some(series) = self.find(namespace, name, dimensions, Some(unit)) {
            return series.put(value);
        }
        self.series(namespace, name, dimensions, unit).put(value);
    }

    /// The handle of a metric in a unit (one of CloudWatch's, such as `Count`, `Seconds`, `Percent`, `None`). A metric is listed from
    /// its first value on.
    pub fn series(
        &self,
        namespace: &str,
        name: &str,
        dimensions: Dimensions<'_>,
        unit: &'static str,
    ) -> Series {
        if let Some(series) = self.find(namespace, name, dimensions, Some(unit)) {
            return series;
        }
        let mut known = self.known.write();
        let full = known.len() >= MOST;
        let there = known.get(&key(namespace, name, dimensions)).into_iter().flatten();
        if let Some(series) = there
            .into_iter()
            .find(|series| series.is(namespace, name, dimensions) && series.unit() == unit)
        {
            return series.clone();
        }
        let series = made(namespace, name, dimensions, unit);
        if full {
            tracing::warn!(
                namespace,
                name,
                "there are {MOST} metrics already: values of this one are not kept"
            );
            return series;
        }
        known
            .entry(key(namespace, name, dimensions))
            .or_default()
            .push(series.clone());
        series
    }

    /// What the metric was in the last `stretch` of real time, in whole seconds, of which the present one is the last.
    pub fn last(&self, namespace: &str, name: &str, dimensions: Dimensions<'_>, stretch: Duration) -> Window {
        let end = second(crate::now()) + 1;
        let start = end - (stretch.as_secs_f64().ceil() as i64).max(1);
        let found = self.summary(namespace, name, dimensions, None, (start, end));
        Window {
            count: found.count,
            sum: found.sum,
            minimum: found.minimum,
            maximum: found.maximum,
        }
    }

    /// What the metric was in the seconds `from..to` since 1970, in one unit or whatever units it came in.
    pub fn summary(
        &self,
        namespace: &str,
        name: &str,
        dimensions: Dimensions<'_>,
        unit: Option<&str>,
        (from, to): (i64, i64),
    ) -> Summary {
        let mut summary = Summary::default();
        for series in self.matching(namespace, name, dimensions, unit) {
            series.with(|seconds| seconds.sum_up(from, to, &mut summary));
        }
        summary
    }

    /// The metric in each of its units, or in one.
    pub(super) fn matching(
        &self,
        namespace: &str,
        name: &str,
        dimensions: Dimensions<'_>,
        unit: Option<&str>,
    ) -> Vec<Series> {
        let known = self.known.read();
        let there = known.get(&key(namespace, name, dimensions)).into_iter().flatten();
        let fits = |series: &&Series| {
            series.is(namespace, name, dimensions) && unit.is_none_or(|unit| unit == series.unit())
        };
        there.filter(fits).cloned().collect()
    }

    /// All metrics that have values, in no order.
    pub(super) fn all(&self) -> Vec<Series> {
        let known = self.known.read();
        known
            .values()
            .flatten()
            .filter(|series| series.with(|seconds| !seconds.is_empty()))
            .cloned()
            .collect()
    }

    fn find(
        &self,
        namespace: &str,
        name: &str,
        dimensions: Dimensions<'_>,
        unit: Option<&str>,
    ) -> Option<Series> {
        let known = self.known.read();
        let mut there = known.get(&key(namespace, name, dimensions))?.iter();
        there
            .find(|series| {
                series.is(namespace, name, dimensions) && unit.is_none_or(|unit| unit == series.unit())
            })
            .cloned()
    }
}

fn made(namespace: &str, name: &str, dimensions: Dimensions<'_>, unit: &'static str) -> Series {
    let mut dimensions: Vec<(String, String)> = dimensions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    dimensions.sort();
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    Series(Arc::new(Inner {
        namespace,
        name,
        dimensions,
        unit,
        seconds: Mutex::default(),
    }))
}

/// The second of a time.
pub(super) fn second(time: f64) -> i64 {
    time.floor() as i64
}

/// The same for all orders of the dimensions.
fn key(namespace: &str, name: &str, dimensions: Dimensions<'_>) -> u64 {
    let hash = |parts: (&str, &str)| {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        hasher.finish()
    };
    dimensions.iter().fold(hash((namespace, name)), |sum, dimension| {
        sum.wrapping_add(hash(*dimension))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_dimensions_does_not_matter_and_their_values_do() {
        let metrics = Metrics::default();
        metrics.put("N", "m", &[("A", "1"), ("B", "2")], 3.0, "Count");
        metrics.put("N", "m", &[("B", "2"), ("A", "1")], 4.0, "Count");
        let minute = Duration::from_secs(60);
        let window = metrics.last("N", "m", &[("A", "1"), ("B", "2")], minute);
        assert_eq!(
            (window.count, window.sum, window.minimum, window.maximum),
            (2, 7.0, 3.0, 4.0)
        );
        assert_eq!(window.average(), Some(3.5));
        assert_eq!(
            metrics.last("N", "m", &[("A", "2"), ("B", "1")], minute),
            Window::default()
        );
        assert_eq!(metrics.last("N", "m", &[("A", "1")], minute).average(), None);
        assert_eq!(metrics.all().len(), 1);
    }

    #[test]
    fn units_are_kept_apart_and_read_together() {
        let metrics = Metrics::default();
        metrics.put("N", "m", &[], 1.0, "Count");
        metrics.put("N", "m", &[], 10.0, "None");
        let now = second(crate::now());
        let of = |unit| metrics.summary("N", "m", &[], unit, (now - 60, now + 2)).sum;
        assert_eq!(
            (of(Some("Count")), of(Some("None")), of(Some("Bytes")), of(None)),
            (1.0, 10.0, 0.0, 11.0)
        );
    }

    #[test]
    fn no_value_of_many_threads_is_lost() {
        let metrics = Metrics::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let series = metrics.series("N", "m", &[("A", "1")], "Seconds");
                    (0..5000).for_each(|value| series.put(f64::from(value)));
                });
            }
        });
        assert_eq!(
            metrics
                .last("N", "m", &[("A", "1")], Duration::from_secs(3000))
                .count,
            40_000
        );
    }
}

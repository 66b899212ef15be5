use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use indexmap::IndexMap;

use super::key::{self, Key};
use super::{Contains, Expression, Kind, MetricError, MetricId, builtin};
use crate::options::Threshold;

/// All metrics of one test. Clones share them.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    state: RwLock<State>,
    /// Changes with `state`, so that a shard sees without a lock that it knows all sub-metrics.
    generation: AtomicU32,
    clock: AtomicU64,
}

#[derive(Default)]
struct State {
    metrics: Vec<Arc<Definition>>,
    names: HashMap<String, MetricId>,
    watched: Arc<Vec<Watched>>,
}

/// A metric or a sub-metric.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// Of a sub-metric with its tags, as they were written.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) contains: Contains,
    pub(crate) parent: Option<MetricId>,
    /// What a sample of the parent must have to count for a sub-metric.
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) children: Vec<MetricId>,
}

/// The thresholds of a metric or a sub-metric.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) metric: MetricId,
    pub(crate) thresholds: Vec<WatchedThreshold>,
}

#[derive(Debug)]
pub(crate) struct WatchedThreshold {
    /// The expression as it was written.
    pub(crate) source: String,
    pub(crate) expression: Expression,
    pub(crate) abort_on_fail: bool,
    pub(crate) delay_abort_eval: Duration,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// With k6's own metrics, and the one sub-metric that k6 always has: `http_req_duration{expected_response:true}`.
    pub fn new() -> Self {
        let mut state = State::default();
        let measured = builtin::ALL
            .iter()
            .map(|(_, name, kind, contains)| (*name, *kind, *contains));
        for (name, kind, contains) in measured.chain(builtin::OTHERS.iter().copied()) {
            state.push(Definition::main(name, kind, contains));
        }
        let expected = vec![("expected_response".to_owned(), "true".to_owned())];
        state.sub_metric(builtin::HTTP_REQ_DURATION, "expected_response:true", expected);
        Self(Arc::new(Inner {
            state: RwLock::new(state),
            generation: AtomicU32::new(0),
            clock: AtomicU64::new(0),
        }))
    }

    /// Defines a metric. The same definition again gives the same id, since each virtual user runs the init code.
    ///
    /// # Errors
    /// For a name that k6 refuses too, and for one that is taken by a metric of another kind or content.
    pub fn define(&self, name: &str, kind: Kind, contains: Contains) -> Result<MetricId, MetricError> {
        if !is_name(name) {
            return Err(MetricError::Name {
                name: name.to_owned(),
            });
        }
        if let Some(id) = self.find(name) {
            return self.same(id, kind, contains);
        }
        let mut state = self.write();
        match state.names.get(name).copied() {
            Some(id) => {
                drop(state);
                self.same(id, kind, contains)
            }
            None => Ok(state.push(Definition::main(name, kind, contains))),
        }
    }

    fn same(&self, id: MetricId, kind: Kind, contains: Contains) -> Result<MetricId, MetricError> {
        let Some(existing) = self.definition(id) else {
            return Ok(id);
        };
        let name = existing.name.clone();
        if existing.kind != kind {
            return Err(MetricError::Kind {
                name,
                existing: existing.kind,
                asked: kind,
            });
        }
        if existing.contains != contains {
            return Err(MetricError::Contains {
                name,
                existing: existing.contains,
                asked: contains,
            });
        }
        Ok(id)
    }

    /// The metric of this name, if there is one. Sub-metrics have no name of their own.
    pub fn find(&self, name: &str) -> Option<MetricId> {
        self.read().names.get(name).copied()
    }

    /// Takes the thresholds of the options and creates the sub-metrics that they name. To be called once, after the init
    /// code and before the load: samples that came earlier are in no sub-metric.
    ///
    /// # Errors
    /// For a key that names no metric or is malformed, an expression that cannot be read, and an aggregation that the kind
    /// of the metric has not, as k6 decides.
    pub fn watch(&self, thresholds: &IndexMap<String, Vec<Threshold>>) -> Result<(), MetricError> {
        let mut state = self.write();
        let mut watched = Vec::with_capacity(thresholds.len());
        for (written, list) in thresholds {
            let key = key::parse(written)?;
            let metric = state.named(written, &key)?;
            let kind = state.metrics[metric.index()].kind;
            let thresholds = list
                .iter()
                .map(|threshold| WatchedThreshold::parse(written, kind, threshold));
            let thresholds = thresholds.collect::<Result<_, _>>()?;
            let metric = match key.suffix {
                Some(suffix) => state.sub_metric(metric, suffix, key.tags),
                None => metric,
            };
            watched.push(Watched { metric, thresholds });
        }
        state.watched = Arc::new(watched);
        self.0.generation.fetch_add(1, Ordering::Release);
        Ok(())
    }

    pub(crate) fn watched(&self) -> Arc<Vec<Watched>> {
        Arc::clone(&self.read().watched)
    }

    pub(crate) fn definition(&self, id: MetricId) -> Option<Arc<Definition>> {
        self.read().metrics.get(id.index()).cloned()
    }

    /// All metrics and sub-metrics; a metric's index is its id.
    pub(crate) fn definitions(&self) -> Vec<Arc<Definition>> {
        self.read().metrics.clone()
    }

    pub(super) fn generation(&self) -> u32 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// Grows with each call, over all threads.
    pub(super) fn tick(&self) -> u64 {
        self.0.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, definition: Definition) -> MetricId {
        let id = MetricId::new(self.metrics.len());
        if definition.parent.is_none() {
            self.names.insert(definition.name.clone(), id);
        }
        self.metrics.push(Arc::new(definition));
        id
    }

    fn named(&self, written: &str, key: &Key<'_>) -> Result<MetricId, MetricError> {
        self.names.get(key.metric).copied().ok_or_else(|| {
            let mains = self.metrics.iter().filter(|metric| metric.parent.is_none());
            let known: Vec<_> = mains.map(|metric| metric.name.as_str()).collect();
            MetricError::Unknown {
                key: written.to_owned(),
                name: key.metric.to_owned(),
                known: known.join(", "),
            }
        })
    }

    /// The sub-metric of these tags, which is created once however its tags are written.
    fn sub_metric(&mut self, parent: MetricId, suffix: &str, tags: Vec<(String, String)>) -> MetricId {
        let main = Arc::clone(&self.metrics[parent.index()]);
        let same = |id: &&MetricId| self.metrics[id.index()].tags == tags;
        if let Some(existing) = main.children.iter().find(same) {
            return *existing;
        }
        let id = self.push(Definition {
            name: format!("{}{{{suffix}}}", main.name),
            kind: main.kind,
            contains: main.contains,
            parent: Some(parent),
            tags,
            children: Vec::new(),
        });
        Arc::make_mut(&mut self.metrics[parent.index()]).children.push(id);
        id
    }
}

impl Definition {
    fn main(name: &str, kind: Kind, contains: Contains) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            contains,
            parent: None,
            tags: Vec::new(),
            children: Vec::new(),
        }
    }
}

impl WatchedThreshold {
    fn parse(metric: &str, kind: Kind, threshold: &Threshold) -> Result<Self, MetricError> {
        Ok(Self {
            source: threshold.expression.clone(),
            expression: Expression::parse(metric, kind, &threshold.expression)?,
            abort_on_fail: threshold.abort_on_fail,
            delay_abort_eval: threshold.delay_abort_eval,
        })
    }
}

/// k6's rule for names.
fn is_name(name: &str) -> bool {
    let start = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    start && rest && (2..=129).contains(&name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(registry: &Registry, key: &str, expressions: &[&str]) -> Result<(), MetricError> {
        let threshold = |expression: &&str| Threshold {
            expression: (*expression).to_owned(),
            abort_on_fail: false,
            delay_abort_eval: Duration::ZERO,
        };
        let list = expressions.iter().map(threshold).collect();
        registry.watch(&IndexMap::from([(key.to_owned(), list)]))
    }

    #[test]
    fn builtin_ids_are_those_of_their_names() {
        let registry = Registry::new();
        for (id, name, kind, contains) in builtin::ALL {
            assert_eq!(registry.find(name), Some(*id), "{name}");
            assert_eq!(registry.define(name, *kind, *contains), Ok(*id));
        }
        assert_eq!(registry.find("http_req_duration{expected_response:true}"), None);
    }

    #[test]
    fn a_definition_is_shared_and_cannot_change() {
        let registry = Registry::new();
        let id = registry.define("my_trend", Kind::Trend, Contains::Time).unwrap();
        assert_eq!(
            registry.clone().define("my_trend", Kind::Trend, Contains::Time),
            Ok(id)
        );
        let kind = registry
            .define("my_trend", Kind::Rate, Contains::Time)
            .unwrap_err();
        assert!(
            kind.to_string()
                .contains("'my_trend' already exists as a trend, it cannot be a rate"),
            "{kind}"
        );
        let contains = registry
            .define("my_trend", Kind::Trend, Contains::Default)
            .unwrap_err();
        assert!(
            contains.to_string().contains("values of type time, not default"),
            "{contains}"
        );
        assert!(
            registry
                .define("http_reqs", Kind::Trend, Contains::Default)
                .is_err()
        );
        assert!(
            registry
                .define("ws_ping", Kind::Counter, Contains::Default)
                .is_err()
        );
    }

    #[test]
    fn names_follow_k6s_rule() {
        let registry = Registry::new();
        let long = "a".repeat(129);
        for name in ["ab", "_1", "Aa0_", long.as_str()] {
            assert!(
                registry.define(name, Kind::Counter, Contains::Default).is_ok(),
                "{name}"
            );
        }
        let longer = "a".repeat(130);
        for name in ["", "a", "1a", "a-b", "a b", "ä1", "a.b", longer.as_str()] {
            let error = registry
                .define(name, Kind::Counter, Contains::Default)
                .unwrap_err();
            assert_eq!(
                error,
                MetricError::Name {
                    name: name.to_owned()
                }
            );
        }
    }

    #[test]
    fn thresholds_of_unknown_metrics_are_refused_by_name() {
        let registry = Registry::new();
        registry
            .define("my_counter", Kind::Counter, Contains::Default)
            .unwrap();
        let error = watch(&registry, "my_count{a:b}", &["count>1"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("'my_count{a:b}'") && error.contains("my_counter"),
            "{error}"
        );
        assert!(watch(&registry, "my_counter{a:b", &["count>1"]).is_err());
        assert!(watch(&registry, "my_counter", &["count>1", "p(95)<1"]).is_err());
        assert!(registry.watched().is_empty());
    }

    #[test]
    fn sub_metrics_of_the_same_tags_are_one() {
        let registry = Registry::new();
        watch(&registry, "http_reqs{ a:b , c:'d'}", &["count>1"]).unwrap();
        let first = registry.watched()[0].metric;
        assert_eq!(registry.definition(first).unwrap().name, "http_reqs{a:b , c:'d'}");
        watch(&registry, "http_reqs{c:d,a:b}", &["count>1"]).unwrap();
        assert_eq!(registry.watched()[0].metric, first);
        watch(
            &registry,
            "http_req_duration{expected_response:true}",
            &["p(95)<1"],
        )
        .unwrap();
        assert_eq!(
            registry
                .definition(builtin::HTTP_REQ_DURATION)
                .unwrap()
                .children
                .len(),
            1
        );
    }
}

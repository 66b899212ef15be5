use std::sync::Arc;

use super::tree::Tree;
use super::{Definition, MetricId, Registry, Sink, Tags};

/// Where the virtual users of one thread add their samples. The [`Store`](super::Store) takes them from time to time.
///
/// What a trend takes here depends on the spread of its values, not on their number: some tens of KiB.
pub struct Shard {
    registry: Registry,
    generation: u32,
    /// By metric id; sub-metrics stand with their parent.
    slots: Vec<Option<Slot>>,
    tree: Tree,
}

struct Slot {
    sink: Sink,
    children: Vec<Child>,
}

struct Child {
    id: MetricId,
    definition: Arc<Definition>,
    sink: Sink,
}

impl Shard {
    /// An empty shard for the metrics of `registry`, also those that it will define later.
    pub fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            generation: registry.generation(),
            slots: Vec::new(),
            tree: Tree::default(),
        }
    }

    /// Adds a sample; times are in milliseconds, as in k6. `tags` is asked only if the metric has sub-metrics. NaN is
    /// dropped: k6 refuses it before, with a message to the script.
    pub fn add(&mut self, id: MetricId, value: f64, tags: &dyn Tags) {
        if value.is_nan() {
            return;
        }
        if self.generation != self.registry.generation() {
            self.refresh();
        }
        if self.slots.get(id.index()).is_none_or(Option::is_none) {
            self.open(id);
        }
        let Some(Some(slot)) = self.slots.get_mut(id.index()) else {
            return;
        };
        let now = || self.registry.tick();
        slot.sink.add(value, now);
        for child in &mut slot.children {
            if child.matches(tags) {
                child.sink.add(value, now);
            }
        }
    }

    /// Counts a check in the tree of groups and checks. The sample of [`CHECKS`](super::builtin::CHECKS) is the caller's
    /// to add. `group` is the path as k6 writes it: "" for the root, `::outer::inner`.
    pub fn check(&mut self, group: &str, name: &str, passed: bool) {
        self.tree.check(group, name, passed);
    }

    /// A group was entered, so that it is in the tree even without checks.
    pub fn group(&mut self, path: &str) {
        self.tree.group(path);
    }

    /// The registry has new sub-metrics. They are only ever added at the end.
    fn refresh(&mut self) {
        self.generation = self.registry.generation();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let definition = self.registry.definition(MetricId::new(index));
            if let (Some(slot), Some(definition)) = (slot, definition) {
                slot.extend(&self.registry, &definition);
            }
        }
    }

    fn open(&mut self, id: MetricId) {
        // An id of another registry may be unknown here.
        let Some(definition) = self.registry.definition(id) else {
            return;
        };
        let mut slot = Slot {
            sink: Sink::new(definition.kind),
            children: Vec::new(),
        };
        slot.extend(&self.registry, &definition);
        if self.slots.len() <= id.index() {
            self.slots.resize_with(id.index() + 1, || None);
        }
        self.slots[id.index()] = Some(slot);
    }

    /// Shows what was added since the last time, by metric and sub-metric.
    pub(super) fn sinks(&self) -> impl Iterator<Item = (MetricId, &Sink)> {
        let slots = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| Some((index, slot.as_ref()?)));
        slots.flat_map(|(index, slot)| {
            let children = slot.children.iter().map(|child| (child.id, &child.sink));
            std::iter::once((MetricId::new(index), &slot.sink)).chain(children)
        })
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) fn clear(&mut self) {
        self.tree.clear();
        for slot in self.slots.iter_mut().flatten() {
            slot.sink.clear();
            slot.children.iter_mut().for_each(|child| child.sink.clear());
        }
    }
}

impl Slot {
    fn extend(&mut self, registry: &Registry, definition: &Definition) {
        for id in &definition.children[self.children.len()..] {
            if let Some(definition) = registry.definition(*id) {
                self.children.push(Child {
                    id: *id,
                    sink: Sink::new(definition.kind),
                    definition,
                });
            }
        }
    }
}

impl Child {
    fn matches(&self, tags: &dyn Tags) -> bool {
        self.definition
            .tags
            .iter()
            .all(|(name, value)| tags.tag(name).is_some_and(|tag| tag == value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::cell::Cell;

    use super::super::{Contains, Kind, NoTags, builtin};
    use super::*;

    #[test]
    fn tags_are_asked_only_for_metrics_with_sub_metrics() {
        struct Counting(Cell<usize>);
        impl Tags for Counting {
            fn tag(&self, _name: &str) -> Option<Cow<'_, str>> {
                self.0.set(self.0.get() + 1);
                None
            }
        }
        let (mut shard, tags) = (Shard::new(&Registry::new()), Counting(Cell::new(0)));
        shard.add(builtin::HTTP_REQS, 1.0, &tags);
        assert_eq!(tags.0.get(), 0);
        shard.add(builtin::HTTP_REQ_DURATION, 1.0, &tags);
        assert_eq!(tags.0.get(), 1);
    }

    #[test]
    fn nan_and_foreign_metrics_are_dropped() {
        let foreign = Registry::new()
            .define("mine", Kind::Trend, Contains::Default)
            .unwrap();
        let mut shard = Shard::new(&Registry::new());
        shard.add(foreign, 1.0, &NoTags);
        shard.add(builtin::ITERATIONS, f64::NAN, &NoTags);
        assert!(shard.sinks().all(|(_, sink)| sink.is_empty()));
    }

    #[test]
    fn a_shard_of_all_builtin_trends_stays_below_a_mebibyte() {
        // The histograms of trends that spread from 0.1 ms to 10 s: pages of 1 KiB, four for each power of two.
        let spread = (1..=100_000).map(|step| f64::from(step) / 10.0);
        let mut shard = Shard::new(&Registry::new());
        for value in spread {
            for (id, _, kind, _) in builtin::ALL {
                if *kind == Kind::Trend {
                    shard.add(*id, value, &NoTags);
                }
            }
        }
        let pages: usize = shard.sinks().map(|(_, sink)| sink.pages()).sum();
        assert!(pages > 9 * 60 && pages < 1024, "{pages} pages of 1 KiB");
    }
}

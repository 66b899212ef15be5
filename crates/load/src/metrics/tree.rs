use indexmap::IndexMap;

/// How many checks are told apart in one test. The names of checks are meant to be few; a script that writes data into
/// them would fill the memory.
pub const MAX_CHECKS: usize = 10_000;
/// How many groups are told apart in one test.
pub const MAX_GROUPS: usize = 10_000;
/// The check that counts what is above [`MAX_CHECKS`].
pub const OTHER_CHECKS: &str = "(other checks)";
/// The group, below the root, that stands for what is above [`MAX_GROUPS`].
pub const OTHER_GROUPS: &str = "::(other groups)";

/// Deeper groups are not told apart either: reports walk the groups recursively.
const MAX_DEPTH: usize = 64;
const SEPARATOR: &str = "::";

/// Checks by the path of their group, in the order in which they were first seen.
#[derive(Default, Debug)]
pub(crate) struct Tree {
    groups: IndexMap<String, IndexMap<String, Tally>>,
    checks: usize,
    warned: bool,
}

#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passes: u64,
    pub(crate) fails: u64,
    /// The place among all checks of the test, by first appearance.
    pub(crate) order: usize,
}

impl Tree {
    pub(super) fn check(&mut self, group: &str, name: &str, passed: bool) {
        self.add(group, name, u64::from(passed), u64::from(!passed));
    }

    fn add(&mut self, group: &str, name: &str, passes: u64, fails: u64) {
        let tally = match self.groups.get_mut(group).and_then(|checks| checks.get_mut(name)) {
            Some(tally) => tally,
            None => self.insert(group, name),
        };
        tally.passes += passes;
        tally.fails += fails;
    }

    /// A group was entered.
    pub(super) fn group(&mut self, path: &str) {
        if !self.groups.contains_key(path) {
            self.admit(path);
        }
    }

    fn insert(&mut self, group: &str, name: &str) -> &mut Tally {
        let group = self.admit(group);
        let known = self
            .groups
            .get(group)
            .is_some_and(|checks| checks.contains_key(name));
        let (group, name) = match known || self.checks < MAX_CHECKS {
            true => (group, name),
            false => self.overflow("", OTHER_CHECKS),
        };
        let order = self.checks;
        let checks = self.groups.entry(group.to_owned()).or_default();
        self.checks += usize::from(!checks.contains_key(name));
        checks.entry(name.to_owned()).or_insert(Tally {
            order,
            ..Tally::default()
        })
    }

    /// The path under which a group is kept.
    fn admit<'a>(&mut self, path: &'a str) -> &'a str {
        let admitted = self.groups.contains_key(path)
            || (self.groups.len() < MAX_GROUPS && path.matches(SEPARATOR).count() <= MAX_DEPTH);
        let (path, _) = if admitted {
            (path, "")
        } else {
            self.overflow(OTHER_GROUPS, "")
        };
        if !self.groups.contains_key(path) {
            self.groups.insert(path.to_owned(), IndexMap::new());
        }
        path
    }

    fn overflow(&mut self, group: &'static str, name: &'static str) -> (&'static str, &'static str) {
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                "the script has more than {MAX_CHECKS} checks or {MAX_GROUPS} groups (or nests groups deeper than \
                 {MAX_DEPTH}); the rest is counted together: keep data out of the names of checks and groups"
            );
        }
        (group, name)
    }

    /// Adds what another tree counted, in the order in which it saw it.
    pub(super) fn merge(&mut self, other: &Self) {
        other.groups.keys().for_each(|path| self.group(path));
        for (group, name, tally) in other.checks() {
            self.add(group, name, tally.passes, tally.fails);
        }
    }

    pub(super) fn clear(&mut self) {
        self.groups.clear();
        self.checks = 0;
    }

    /// The paths of all groups, by first appearance.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// The group, the name and the tally of all checks, by first appearance.
    pub(crate) fn checks(&self) -> Vec<(&str, &str, Tally)> {
        let mut all: Vec<_> = Vec::with_capacity(self.checks);
        for (group, checks) in &self.groups {
            all.extend(
                checks
                    .iter()
                    .map(|(name, tally)| (group.as_str(), name.as_str(), *tally)),
            );
        }
        all.sort_by_key(|(_, _, tally)| tally.order);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_stand_in_the_order_of_their_first_appearance() {
        let mut tree = Tree::default();
        tree.check("", "a", true);
        tree.check("::g", "b", false);
        tree.check("", "c", true);
        tree.check("", "a", false);
        let mut merged = Tree::default();
        merged.group("::empty");
        merged.merge(&tree);
        merged.merge(&tree);
        let found: Vec<_> = merged
            .checks()
            .into_iter()
            .map(|(g, n, t)| (g, n, t.passes, t.fails))
            .collect();
        assert_eq!(found, [("", "a", 2, 2), ("::g", "b", 0, 2), ("", "c", 2, 0)]);
        assert_eq!(merged.groups().collect::<Vec<_>>(), ["::empty", "", "::g"]);
    }

    #[test]
    fn the_number_of_checks_is_capped() {
        let mut tree = Tree::default();
        for n in 0..MAX_CHECKS + 50 {
            tree.check("", &format!("user {n}"), n % 2 == 0);
        }
        tree.check("", "user 0", true);
        let checks = tree.checks();
        assert_eq!(checks.len(), MAX_CHECKS + 1);
        let (group, name, tally) = checks[MAX_CHECKS];
        assert_eq!(
            (group, name, tally.passes, tally.fails),
            ("", OTHER_CHECKS, 25, 25)
        );
        assert_eq!(checks[0].2.passes, 2);
    }

    #[test]
    fn the_number_and_the_depth_of_groups_are_capped() {
        let mut tree = Tree::default();
        for n in 0..MAX_GROUPS + 50 {
            tree.group(&format!("::{n}"));
        }
        tree.check("::unseen", "a", true);
        assert_eq!(tree.groups().count(), MAX_GROUPS + 1);
        assert_eq!(
            tree.checks(),
            [(
                OTHER_GROUPS,
                "a",
                Tally {
                    passes: 1,
                    fails: 0,
                    order: 0
                }
            )]
        );
        let mut deep = Tree::default();
        deep.group(&"::a".repeat(1000));
        assert_eq!(deep.groups().collect::<Vec<_>>(), [OTHER_GROUPS]);
    }
}

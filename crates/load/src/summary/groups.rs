use std::fmt::Write as _;

use indexmap::IndexMap;
use md5::{Digest as _, Md5};
use serde::Serialize;

use crate::metrics::{Tally, Tree};

/// A group of the tree of checks. The names are k6's.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Empty for the root.
    pub name: String,
    /// `::outer::inner`; empty for the root.
    pub path: String,
    /// The MD5 of the path, as in k6.
    pub id: String,
    pub groups: IndexMap<String, Group>,
    pub checks: IndexMap<String, Check>,
}

/// A check and how often it passed and failed.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub name: String,
    pub path: String,
    pub id: String,
    pub passes: u64,
    pub fails: u64,
}

impl Group {
    pub(super) fn root(tree: &Tree) -> Self {
        let mut root = Self::new("", String::new());
        tree.groups().for_each(|path| {
            root.descend(path);
        });
        for (path, name, tally) in tree.checks() {
            let group = root.descend(path);
            let check = Check::new(format!("{}::{name}", group.path), name, tally);
            group.checks.insert(name.to_owned(), check);
        }
        root
    }

    fn new(name: &str, path: String) -> Self {
        Self {
            name: name.to_owned(),
            id: id(&path),
            path,
            groups: IndexMap::new(),
            checks: IndexMap::new(),
        }
    }

    /// The group of a path, which is created with all above it if need be.
    fn descend(&mut self, path: &str) -> &mut Self {
        path.split("::").skip(1).fold(self, |group, name| {
            let path = format!("{}::{name}", group.path);
            group
                .groups
                .entry(name.to_owned())
                .or_insert_with(|| Self::new(name, path))
        })
    }
}

impl Check {
    fn new(path: String, name: &str, tally: Tally) -> Self {
        Self {
            name: name.to_owned(),
            id: id(&path),
            path,
            passes: tally.passes,
            fails: tally.fails,
        }
    }
}

/// All checks by name: those of the same name in several groups are one.
pub(super) fn by_name(tree: &Tree) -> IndexMap<String, Check> {
    let mut checks: IndexMap<String, Check> = IndexMap::new();
    for (group, name, tally) in tree.checks() {
        let first = || Check::new(format!("{group}::{name}"), name, Tally::default());
        let check = checks.entry(name.to_owned()).or_insert_with(first);
        check.passes += tally.passes;
        check.fails += tally.fails;
    }
    checks
}

fn id(path: &str) -> String {
    let digest = Md5::digest(path.as_bytes());
    digest.iter().fold(String::with_capacity(32), |mut id, byte| {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

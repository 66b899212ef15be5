//! From a tree of nodes to its value: tags, merge keys, keys that are not text, and aliases.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use super::YamlError;
use super::compose::{Content, Node, NodeId, Tree};
use super::resolve::Tag;
use super::scalar;
use crate::value::{Map, Moment, Value, json, python};

/// Deeper documents are refused: whatever walks a value does so recursively.
pub const MAX_DEPTH: usize = 256;

/// What aliases and merge keys may add to the nodes of a document. A few lines can otherwise fill any memory.
const MAX_EXPANSION: usize = 500_000;

/// The value of the document.
pub fn construct(tree: &Tree) -> Result<Value, YamlError> {
    let Some(root) = tree.root else {
        return Ok(Value::Null);
    };
    let mut constructor = Constructor {
        tree,
        open: vec![false; tree.nodes.len()],
        depth: 0,
        budget: MAX_EXPANSION + tree.nodes.iter().map(cost).sum::<usize>(),
    };
    constructor.value(root)
}

/// In nodes; long texts count more, for an alias copies them.
fn cost(node: &Node) -> usize {
    match &node.content {
        Content::Scalar(text) => 1 + text.len() / 64,
        Content::Sequence(_) | Content::Mapping(_) => 1,
    }
}

struct Constructor<'t> {
    tree: &'t Tree,
    /// The nodes whose value is under way: to meet one again is a recursion.
    open: Vec<bool>,
    depth: usize,
    /// Nodes that may still be built.
    budget: usize,
}

impl<'t> Constructor<'t> {
    fn value(&mut self, id: NodeId) -> Result<Value, YamlError> {
        self.enter(id)?;
        let value = self.build(id);
        self.leave(id);
        value
    }

    fn enter(&mut self, id: NodeId) -> Result<(), YamlError> {
        if self.open[id] {
            return Err(self.error(id, "this collection contains itself, through one of its aliases"));
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.error(id, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        self.spend(id, cost(&self.tree.nodes[id]))?;
        self.open[id] = true;
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self, id: NodeId) {
        self.open[id] = false;
        self.depth -= 1;
    }

    fn spend(&mut self, id: NodeId, nodes: usize) -> Result<(), YamlError> {
        self.budget = self.budget.checked_sub(nodes).ok_or_else(|| {
            let message = format!("the aliases of this document expand to more than {MAX_EXPANSION} values");
            self.error(id, message)
        })?;
        Ok(())
    }

    fn build(&mut self, id: NodeId) -> Result<Value, YamlError> {
        match &self.tree.nodes[id].tag {
            Tag::Str => Ok(Value::Text(self.text(id)?.to_owned())),
            Tag::Null => self.text(id).map(|_| Value::Null),
            Tag::Bool => self.convert(id, "a boolean", |text| scalar::boolean(text).map(Value::Bool)),
            Tag::Int => self.convert(id, "a whole number", scalar::int),
            Tag::Float => self.convert(id, "a number", |text| scalar::float(text).map(Value::Float)),
            Tag::Binary => self.convert(id, "base64", |text| scalar::binary(text).map(Value::Bytes)),
            Tag::Timestamp => self.convert(id, "a date or a time that exists", |text| {
                scalar::moment(text).map(Value::Time)
            }),
            Tag::Seq => self.items(id).map(Value::List),
            Tag::Map => self.mapping(id).map(Value::Map),
            Tag::Set => self.set(id).map(Value::List),
            Tag::Omap | Tag::Pairs => self.pairs(id).map(Value::List),
            Tag::Merge => Err(self.error(
                id,
                "`<<` can only be the key of a mapping; quote it if it is text",
            )),
            Tag::Default => {
                Err(self.error(id, "`=` can only be the key of a mapping; quote it if it is text"))
            }
            Tag::Unknown(name) => {
                let message = format!("the tag `{name}` is unknown; only the standard YAML tags can be used");
                Err(self.error(id, message))
            }
        }
    }

    /// The text of a scalar, or of the `=` entry of a mapping.
    fn text(&self, id: NodeId) -> Result<&'t str, YamlError> {
        let mut current = id;
        for _ in 0..self.tree.nodes.len() {
            let entries = match &self.tree.nodes[current].content {
                Content::Scalar(text) => return Ok(text),
                Content::Mapping(entries) => entries.as_slice(),
                Content::Sequence(_) => &[],
            };
            match entries
                .iter()
                .find(|(key, _)| self.tree.nodes[*key].tag == Tag::Default)
            {
                Some((_, value)) => current = *value,
                None => break,
            }
        }
        Err(self.expected(id, "a single value"))
    }

    fn convert(
        &self,
        id: NodeId,
        kind: &str,
        read: impl Fn(&str) -> Option<Value>,
    ) -> Result<Value, YamlError> {
        let text = self.text(id)?;
        read(text).ok_or_else(|| self.error(id, format!("`{text}` is not {kind}; quote it if it is text")))
    }

    fn items(&mut self, id: NodeId) -> Result<Vec<Value>, YamlError> {
        match &self.tree.nodes[id].content {
            Content::Sequence(items) => items.iter().map(|item| self.value(*item)).collect(),
            _ => Err(self.expected(id, "a sequence")),
        }
    }

    fn mapping(&mut self, id: NodeId) -> Result<Map, YamlError> {
        let mut map = Map::new();
        let mut names = KeyNames::default();
        for (key, value) in self.entries(id)? {
            let key = self.key(key)?;
            let value = self.value(value)?;
            map.insert(names.of(&key), value);
        }
        Ok(map)
    }

    /// The distinct keys, which is what a set holds.
    fn set(&mut self, id: NodeId) -> Result<Vec<Value>, YamlError> {
        let mut keys: indexmap::IndexMap<String, Value> = indexmap::IndexMap::new();
        for (key, value) in self.entries(id)? {
            let key = self.key(key)?;
            self.value(value)?;
            keys.entry(identity(&key)).or_insert(key);
        }
        Ok(keys.into_values().collect())
    }

    /// The entries of a mapping, those that it merges first.
    fn entries(&mut self, id: NodeId) -> Result<Vec<(NodeId, NodeId)>, YamlError> {
        let Content::Mapping(entries) = &self.tree.nodes[id].content else {
            return Err(self.expected(id, "a mapping"));
        };
        let is_merge = |(key, _): &&(NodeId, NodeId)| self.tree.nodes[*key].tag == Tag::Merge;
        let (merges, own): (Vec<_>, Vec<_>) = entries.iter().partition(is_merge);
        let mut all = Vec::new();
        for (_, source) in merges {
            all.extend(self.merged(source)?);
        }
        self.spend(id, all.len())?;
        all.extend(own);
        Ok(all)
    }

    /// What `<<: source` brings in; of a sequence, the first mapping has the last word.
    fn merged(&mut self, source: NodeId) -> Result<Vec<(NodeId, NodeId)>, YamlError> {
        let Content::Sequence(sources) = &self.tree.nodes[source].content else {
            return self.merged_mapping(source);
        };
        let mut all = Vec::new();
        for source in sources.iter().rev() {
            all.extend(self.merged_mapping(*source)?);
        }
        Ok(all)
    }

    fn merged_mapping(&mut self, source: NodeId) -> Result<Vec<(NodeId, NodeId)>, YamlError> {
        if !matches!(self.tree.nodes[source].content, Content::Mapping(_)) {
            return Err(self.error(
                source,
                "only a mapping, or a sequence of mappings, can be merged with `<<`",
            ));
        }
        self.enter(source)?;
        let entries = self.entries(source);
        self.leave(source);
        entries
    }

    fn key(&mut self, id: NodeId) -> Result<Value, YamlError> {
        if self.tree.nodes[id].tag == Tag::Default {
            return Ok(self.text(id)?.into());
        }
        match self.value(id)? {
            Value::List(_) | Value::Map(_) => Err(self.error(
                id,
                "the key of a mapping must be a single value, not a collection",
            )),
            key => Ok(key),
        }
    }

    /// A sequence of mappings with one entry each, as lists of two.
    fn pairs(&mut self, id: NodeId) -> Result<Vec<Value>, YamlError> {
        let Content::Sequence(items) = &self.tree.nodes[id].content else {
            return Err(self.expected(id, "a sequence of mappings with one entry each"));
        };
        let pair = |item: &NodeId| match &self.tree.nodes[*item].content {
            Content::Mapping(entries) if entries.len() == 1 => {
                let (key, value) = entries[0];
                Ok(Value::List(vec![self.value(key)?, self.value(value)?]))
            }
            _ => Err(self.expected(*item, "a mapping with one entry")),
        };
        items.iter().map(pair).collect()
    }

    fn expected(&self, id: NodeId, what: &str) -> YamlError {
        let found = match self.tree.nodes[id].content {
            Content::Scalar(_) => "a single value",
            Content::Sequence(_) => "a sequence",
            Content::Mapping(_) => "a mapping",
        };
        self.error(id, format!("expected {what} here, found {found}"))
    }

    fn error(&self, id: NodeId, message: impl Into<String>) -> YamlError {
        YamlError::at(self.tree.nodes[id].place, message)
    }
}

/// Texts for the keys of one mapping: as JSON writes them, and the same for keys that are equal in Python.
#[derive(Default)]
struct KeyNames {
    numbers: HashMap<String, String>,
}

impl KeyNames {
    fn of(&mut self, key: &Value) -> String {
        match key {
            Value::Text(text) => text.clone(),
            Value::Time(moment) => Moment::iso(moment, 'T'),
            Value::Bytes(_) => python::repr(key),
            Value::Null => json::compact(key),
            // `1`, `1.0` and `true` are one key, shown as it was first written
            number => {
                let shown = self.numbers.entry(identity(number));
                shown.or_insert_with(|| json::compact(number)).clone()
            }
        }
    }
}

/// The same text for values that are equal in Python.
fn identity(key: &Value) -> String {
    match key {
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::Float(number) if number.fract() == 0.0 => {
            BigInt::from_f64(*number).map_or_else(|| python::repr(key), |whole| whole.to_string())
        }
        other => python::repr(other),
    }
}

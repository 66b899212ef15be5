//! XML by the model: query, EC2's query and REST.

use chaos_engine::value::{Map, Value};
use roxmltree::{Document, Node};

use super::shapes::{Member, Operation, Place, Service};
use super::tree::unknown_to_model;
use super::{DEPTH, Found, Kind, Problem, scalar};

/// The answer to an operation, with what it says of itself.
pub(super) fn answer(service: &'static Service, operation: &Operation, text: &str) -> Result<Found, Problem> {
    let document = parse(text)?;
    let root = document.root_element();
    let wrapped = operation.wrapper.and_then(|name| child(root, name));
    let members = match operation.output {
        Some(output) => Reader { service }.members(output, wrapped.unwrap_or(root), DEPTH)?,
        None => Map::new(),
    };
    Ok(Found {
        members,
        metadata: metadata(service, root),
    })
}

/// A member that is the whole body.
pub(super) fn payload(service: &'static Service, kind: &'static str, text: &str) -> Result<Value, Problem> {
    let document = parse(text)?;
    Reader { service }.read(kind, Place::Body, &[document.root_element()], DEPTH)
}

fn parse(text: &str) -> Result<Document<'_>, Problem> {
    Document::parse(text).map_err(|error| Problem::body("XML", &error))
}

fn metadata(service: &Service, root: Node<'_, '_>) -> Map {
    let entry = |name: &str, node: Node<'_, '_>| (name.to_owned(), Value::Text(text(node)));
    if service.is_ec2() {
        return child(root, "requestId")
            .map(|id| entry("RequestId", id))
            .into_iter()
            .collect();
    }
    match child(root, "ResponseMetadata") {
        Some(metadata) if !service.is_rest() => elements(metadata)
            .map(|node| entry(node.tag_name().name(), node))
            .collect(),
        _ => Map::new(),
    }
}

struct Reader {
    service: &'static Service,
}

impl Reader {
    /// A value from the elements of its name. There are several where a list or map has no element around it.
    fn read(
        &self,
        kind: &'static str,
        place: Place,
        nodes: &[Node<'_, '_>],
        depth: usize,
    ) -> Result<Value, Problem> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Problem::value("a value at a depth that can be read"));
        };
        let Some(&first) = nodes.first() else {
            return Ok(Value::Null);
        };
        match Kind::of(kind) {
            Kind::Structure(name) => self.structure(name, first, depth),
            Kind::List(item) => self.list(item, &parts(place, nodes), depth),
            Kind::Map { key, value, item } => self.map([key, value], item, &parts(place, nodes), depth),
            kind => scalar::from_text(kind, &text(first)),
        }
    }

    fn structure(&self, name: &'static str, node: Node<'_, '_>, depth: usize) -> Result<Value, Problem> {
        if self.service.is_union(name)
            && let Some(unknown) = unknown_member(self.service.members(name), node)
        {
            return Ok(unknown);
        }
        self.members(name, node, depth).map(Value::Map)
    }

    fn members(&self, name: &'static str, node: Node<'_, '_>, depth: usize) -> Result<Map, Problem> {
        let children: Vec<(&str, Node<'_, '_>)> = elements(node)
            .map(|child| (child.tag_name().name(), child))
            .collect();
        let mut read = Map::new();
        let mut same_name = Vec::new();
        for member in self
            .service
            .members(name)
            .iter()
            .filter(|member| member.is_in_body())
        {
            same_name.clear();
            let found = children.iter().filter(|(name, _)| *name == member.wire);
            same_name.extend(found.map(|(_, child)| *child));
            if !same_name.is_empty() {
                let value = self
                    .read(member.kind, member.place, &same_name, depth)
                    .map_err(|problem| problem.within(member.name))?;
                read.insert(member.name.to_owned(), value);
            }
        }
        Ok(read)
    }

    fn list(&self, item: &'static str, nodes: &[Node<'_, '_>], depth: usize) -> Result<Value, Problem> {
        let read = |node: &Node<'_, '_>| self.read(item, Place::Body, &[*node], depth);
        let items: Result<Vec<Value>, _> = nodes.iter().map(read).collect();
        items.map(Value::List)
    }

    fn map(
        &self,
        [key, value]: [&str; 2],
        item: &'static str,
        entries: &[Node<'_, '_>],
        depth: usize,
    ) -> Result<Value, Problem> {
        let mut read = Map::new();
        for entry in entries {
            if let (Some(key), Some(value)) = (child(*entry, key), child(*entry, value)) {
                read.insert(text(key), self.read(item, Place::Body, &[value], depth)?);
            }
        }
        Ok(Value::Map(read))
    }
}

/// The items of a list or the entries of a map.
fn parts<'a, 'input>(place: Place, nodes: &[Node<'a, 'input>]) -> Vec<Node<'a, 'input>> {
    match nodes {
        [around] if place != Place::Flat => elements(*around).collect(),
        flat => flat.to_vec(),
    }
}

fn unknown_member(members: &[Member], node: Node<'_, '_>) -> Option<Value> {
    let mut set = elements(node).map(|child| child.tag_name().name());
    let tag = set.next()?;
    let known = members.iter().any(|member| member.wire == tag);
    (!known && set.all(|other| other == tag)).then(|| unknown_to_model(tag))
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}

/// The last child of that name, as botocore takes it for what may not be repeated.
fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    elements(node)
        .filter(|child| child.tag_name().name() == name)
        .last()
}

/// The text in front of the first element inside.
fn text(node: Node<'_, '_>) -> String {
    node.children()
        .take_while(|child| !child.is_element())
        .filter_map(|child| child.is_text().then(|| child.text())?)
        .collect()
}

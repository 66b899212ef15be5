//! JSON and CBOR by the model.

use chaos_engine::value::{Map, Value, map};

use super::shapes::{Member, Service};
use super::{Kind, Problem, scalar};

/// Reads values of one service in one format. No deeper than the parsers, which have a limit.
pub(super) struct Reader {
    service: &'static Service,
    /// Numbers and booleans are taken as the answer has them, as boto3 does with some.
    as_found: bool,
}

impl Reader {
    pub(super) fn json(service: &'static Service) -> Self {
        Self {
            service,
            as_found: service.keeps_json(),
        }
    }

    /// CBOR may write a float without fraction as a whole number.
    pub(super) fn cbor(service: &'static Service) -> Self {
        Self {
            service,
            as_found: false,
        }
    }

    /// The members of an output structure.
    pub(super) fn answer(&self, output: &'static str, value: Value) -> Result<Map, Problem> {
        match self.structure(output, value)? {
            Value::Map(members) => Ok(members),
            _ => Err(Problem::value("a structure")),
        }
    }

    pub(super) fn read(&self, kind: &'static str, value: Value) -> Result<Value, Problem> {
        if value.is_null() {
            return Ok(value);
        }
        match Kind::of(kind) {
            Kind::Structure(name) => self.structure(name, value),
            Kind::List(item) => self.list(item, value),
            Kind::Map { item, .. } => self.map(item, value),
            Kind::Timestamp => scalar::timestamp(&value),
            Kind::Blob => scalar::blob(value),
            Kind::Integer if !self.as_found => scalar::integer(value),
            Kind::Float if !self.as_found => scalar::float(&value),
            Kind::Boolean if !self.as_found => Ok(scalar::boolean(value)),
            _ => Ok(value),
        }
    }

    fn structure(&self, name: &'static str, value: Value) -> Result<Value, Problem> {
        let Value::Map(mut entries) = value else {
            return Err(Problem::value("a structure"));
        };
        let members = self.service.members(name);
        if self.service.is_union(name)
            && let Some(unknown) = unknown_member(members, &entries)
        {
            return Ok(unknown);
        }
        let mut read = Map::with_capacity(members.len().min(entries.len()));
        for member in members.iter().filter(|member| member.is_in_body()) {
            if let Some(value) = take(&mut entries, member) {
                let value = self
                    .read(member.kind, value)
                    .map_err(|problem| problem.within(member.name))?;
                read.insert(member.name.to_owned(), value);
            }
        }
        Ok(Value::Map(read))
    }

    fn list(&self, item: &'static str, value: Value) -> Result<Value, Problem> {
        let Value::List(items) = value else {
            return Err(Problem::value("a list"));
        };
        let items: Result<Vec<Value>, _> = items.into_iter().map(|value| self.read(item, value)).collect();
        items.map(Value::List)
    }

    fn map(&self, item: &'static str, value: Value) -> Result<Value, Problem> {
        let Value::Map(entries) = value else {
            return Err(Problem::value("a map"));
        };
        let entries: Result<Map, _> = entries
            .into_iter()
            .map(|(key, value)| Ok((key, self.read(item, value)?)))
            .collect();
        entries.map(Value::Map)
    }
}

/// By its name on the wire; by its own where that name is meant for XML only.
fn take(entries: &mut Map, member: &Member) -> Option<Value> {
    entries
        .swap_remove(member.wire)
        .or_else(|| entries.swap_remove(member.name))
        .filter(|value| !value.is_null())
}

/// What botocore shows for a member of a union that is newer than its model.
fn unknown_member(members: &[Member], entries: &Map) -> Option<Value> {
    let mut set = entries
        .iter()
        .filter(|(key, value)| *key != "__type" && !value.is_null());
    let (Some((tag, _)), None) = (set.next(), set.next()) else {
        return None;
    };
    let known = members
        .iter()
        .any(|member| member.wire == tag || member.name == tag);
    (!known).then(|| unknown_to_model(tag))
}

pub(super) fn unknown_to_model(tag: &str) -> Value {
    let name = map([("name", tag.into())]);
    map([("SDK_UNKNOWN_MEMBER", name.into())]).into()
}

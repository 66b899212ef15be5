//! What answers are made of: the files of `crates/aws/shapes`, each parsed when its service is first used.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

struct File {
    service_id: &'static str,
    json: &'static str,
    parsed: OnceLock<Option<Service>>,
}

macro_rules! files {
    ($($service_id:literal $name:literal)*) => {
        [$(File {
            service_id: $service_id,
            json: include_str!(concat!("../../shapes/", $name, ".json")),
            parsed: OnceLock::new(),
        }),*]
    };
}

/// By the SDKs' names of the services; files have boto3's.
static FILES: [File; 23] = files! {
    "Auto Scaling" "autoscaling"
    "CloudWatch" "cloudwatch"
    "DynamoDB" "dynamodb"
    "EC2" "ec2"
    "ECS" "ecs"
    "EKS" "eks"
    "EMR" "emr"
    "ElastiCache" "elasticache"
    "Elastic Load Balancing v2" "elbv2"
    "EventBridge" "events"
    "IAM" "iam"
    "Kafka" "kafka"
    "Lambda" "lambda"
    "RDS" "rds"
    "Route 53" "route53"
    "S3" "s3"
    "SNS" "sns"
    "SQS" "sqs"
    "SSM" "ssm"
    "SSM Incidents" "ssm-incidents"
    "STS" "sts"
    "XRay" "xray"
    "fis" "fis"
};

/// The service of that name, if it is described.
pub(super) fn service(service_id: &str) -> Option<&'static Service> {
    let file = FILES
        .iter()
        .find(|file| file.service_id.eq_ignore_ascii_case(service_id))?;
    file.parsed
        .get_or_init(|| serde_json::from_str(file.json).ok())
        .as_ref()
}

/// One service. `extract.py` tells what the members mean.
#[derive(Deserialize)]
pub(super) struct Service {
    protocol: &'static str,
    #[serde(borrow)]
    operations: HashMap<&'static str, Operation>,
    #[serde(borrow)]
    unions: Vec<&'static str>,
    #[serde(borrow)]
    structures: HashMap<&'static str, Members>,
}

/// What answers an operation.
#[derive(Deserialize)]
pub(super) struct Operation {
    /// Structure of the answer.
    #[serde(borrow)]
    pub output: Option<&'static str>,
    /// Element of query XML that holds it.
    #[serde(borrow)]
    pub wrapper: Option<&'static str>,
    /// Member that is the whole body.
    #[serde(borrow)]
    pub payload: Option<&'static str>,
}

impl Service {
    pub(super) fn operation(&'static self, name: &str) -> Option<&'static Operation> {
        self.operations.get(name)
    }

    /// Whether boto3 speaks a REST protocol with it.
    pub(super) fn is_rest(&self) -> bool {
        self.protocol.starts_with("rest")
    }

    /// Whether boto3 speaks EC2's own form of query XML with it.
    pub(super) fn is_ec2(&self) -> bool {
        self.protocol == "ec2"
    }

    /// Whether boto3 takes JSON's numbers and booleans as they are, whatever the model says.
    pub(super) fn keeps_json(&self) -> bool {
        self.protocol == "json"
    }

    /// Members of the answer to an operation.
    pub(super) fn output(&'static self, operation: &Operation) -> &'static [Member] {
        operation.output.map_or(&[], |name| self.members(name))
    }

    /// Members of a structure.
    pub(super) fn members(&'static self, name: &str) -> &'static [Member] {
        self.structures.get(name).map_or(&[], |members| &members.0)
    }

    /// Whether a value of that structure has one of its members only.
    pub(super) fn is_union(&self, name: &str) -> bool {
        self.unions.contains(&name)
    }
}

/// A member of a structure.
pub(super) struct Member {
    pub name: &'static str,
    /// Its type, to be read by [`Kind::of`].
    pub kind: &'static str,
    pub wire: &'static str,
    pub place: Place,
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// In the body.
    Body,
    /// In the body, without an element around all of it.
    Flat,
    /// In the header of that name.
    Header,
    /// In all headers whose names begin so.
    Headers,
    /// It is the HTTP status.
    Status,
}

impl Member {
    /// Of `TYPE [WIRE-NAME [PLACE]]`.
    fn new(name: &'static str, text: &'static str) -> Self {
        let mut words = text.split(' ');
        let kind = words.next().unwrap_or_default();
        let wire = words.next().unwrap_or(name);
        let place = match words.next() {
            Some("flat") => Place::Flat,
            Some("header") => Place::Header,
            Some("headers") => Place::Headers,
            Some("status") => Place::Status,
            _ => Place::Body,
        };
        Self {
            name,
            kind,
            wire,
            place,
        }
    }

    /// Whether the body may hold it.
    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.place, Place::Body | Place::Flat)
    }
}

/// A type. Those of items and members are names again, because structures may hold themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    String,
    Integer,
    Float,
    Boolean,
    Timestamp,
    Blob,
    Document,
    Policy,
    List(&'static str),
    Map {
        key: &'static str,
        value: &'static str,
        item: &'static str,
    },
    Structure(&'static str),
}

impl Kind {
    /// Reads a TYPE.
    pub(super) fn of(text: &'static str) -> Self {
        match text {
            "string" => Self::String,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "timestamp" => Self::Timestamp,
            "blob" => Self::Blob,
            "document" => Self::Document,
            "policy" => Self::Policy,
            _ => inside(text, '[', ']')
                .map(Self::List)
                .or_else(|| inside(text, '{', '}').map(Self::map))
                .unwrap_or(Self::Structure(text)),
        }
    }

    fn map(text: &'static str) -> Self {
        let named = text.split_once(',').and_then(|(key, rest)| {
            let (value, item) = rest.split_once(',')?;
            let plain = !key.contains(['[', '{']);
            plain.then_some(Self::Map { key, value, item })
        });
        named.unwrap_or(Self::Map {
            key: "key",
            value: "value",
            item: text,
        })
    }
}

fn inside(text: &'static str, open: char, close: char) -> Option<&'static str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

/// The members of a structure in the model's order.
struct Members(Vec<Member>);

impl<'de: 'static> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de: 'static> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the members of a structure")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, text)) = entries.next_entry()? {
                    members.push(Member::new(name, text));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: &'static str) -> Option<&'static str> {
        match Kind::of(kind) {
            Kind::List(item) | Kind::Map { item, .. } => named(item),
            Kind::Structure(name) => Some(name),
            _ => None,
        }
    }

    #[test]
    fn every_file_parses_and_names_only_structures_that_it_has() {
        for file in &FILES {
            let service = service(file.service_id).unwrap();
            let whole: serde_json::Value = serde_json::from_str(file.json).unwrap();
            assert_eq!(whole["serviceId"], file.service_id);
            let members = service.structures.values().flat_map(|members| &members.0);
            let kinds = members.map(|member| member.kind);
            let outputs = service
                .operations
                .values()
                .filter_map(|operation| operation.output);
            for name in kinds.chain(outputs).filter_map(named) {
                assert!(
                    service.structures.contains_key(name),
                    "{} {name}",
                    file.service_id
                );
            }
        }
    }

    #[test]
    fn every_wanted_operation_is_described() {
        let lines = include_str!("../../shapes/operations.txt").lines();
        let count = lines.filter(|line| !line.starts_with('#')).count();
        let described = FILES.iter().filter_map(|file| service(file.service_id));
        assert_eq!(
            described.map(|service| service.operations.len()).sum::<usize>(),
            count
        );
    }

    #[test]
    fn types_and_members_read_as_extract_writes_them() {
        assert_eq!(Kind::of("[{[Tag]}]"), Kind::List("{[Tag]}"));
        let map = |key, value, item| Kind::Map { key, value, item };
        assert_eq!(Kind::of("{[Tag]}"), map("key", "value", "[Tag]"));
        assert_eq!(
            Kind::of("{Name,Value,{A,B,string}}"),
            map("Name", "Value", "{A,B,string}")
        );
        assert_eq!(Kind::of("{{A,B,string}}"), map("key", "value", "{A,B,string}"));
        let member = Member::new("Expires", "timestamp Expires header");
        assert_eq!(
            (member.kind, member.wire, member.place),
            ("timestamp", "Expires", Place::Header)
        );
    }
}

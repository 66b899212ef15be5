//! What to fail: the input of `fail_azs` and of `chaos fail-az fail`, as aws-fail-az reads it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// The document that `chaos fail-az fail` reads. Member names may begin with a capital or be all capitals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Names of the zones that fail, such as `us-east-1b`.
    #[serde(default, alias = "Azs", alias = "AZs", alias = "AZS")]
    azs: Option<Vec<String>>,
    /// What is in them.
    #[serde(default, alias = "Targets", alias = "TARGETS")]
    targets: Option<Vec<Target>>,
}

impl Input {
    /// Zones and targets.
    pub fn into_parts(self) -> (Vec<String>, Vec<Target>) {
        (self.azs.unwrap_or_default(), self.targets.unwrap_or_default())
    }
}

/// The types of resources that can be failed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetType {
    /// A service of ECS in network mode `awsvpc`.
    #[serde(rename = "ecs-service")]
    EcsService,
    /// A group of EC2 Auto Scaling.
    #[serde(rename = "auto-scaling-group")]
    AutoScalingGroup,
    /// An application or network load balancer.
    #[serde(rename = "elbv2-load-balancer")]
    LoadBalancer,
}

impl TargetType {
    const ALL: [Self; 3] = [Self::EcsService, Self::AutoScalingGroup, Self::LoadBalancer];

    /// The name in the input and in the state table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcsService => "ecs-service",
            Self::AutoScalingGroup => "auto-scaling-group",
            Self::LoadBalancer => "elbv2-load-balancer",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The keys of its filter, all of which are needed.
    const fn filter_keys(self) -> &'static [&'static str] {
        match self {
            Self::EcsService => &["cluster", "service"],
            Self::AutoScalingGroup | Self::LoadBalancer => &["name"],
        }
    }
}

/// A tag that a resource must have.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The tag's key.
    #[serde(alias = "name", alias = "NAME")]
    pub name: String,
    /// The tag's value, which must be the same.
    #[serde(default, alias = "value", alias = "VALUE")]
    pub value: String,
}

/// Resources to fail: a type, and either a filter or tags.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WrittenTarget {
    /// The resources' type.
    #[serde(rename = "type", alias = "Type", alias = "TYPE")]
    kind: TargetType,
    /// One resource by its names: `cluster=…;service=…` (names or ARNs) for `ecs-service`, `name=…` for
    /// `auto-scaling-group` and, name or ARN, for `elbv2-load-balancer`.
    #[serde(default, alias = "Filter", alias = "FILTER")]
    filter: Option<String>,
    /// All resources of the type that have every one of these tags.
    #[serde(default, alias = "Tags", alias = "TAGS")]
    tags: Option<Vec<Tag>>,
}

/// Resources to fail, checked.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "WrittenTarget")]
pub enum Target {
    /// One service, by names or ARNs.
    Service { cluster: String, service: String },
    /// One group, by its name.
    Group { name: String },
    /// One load balancer, by name or ARN.
    Balancer { name: String },
    /// Everything of a type that has all these tags.
    Tagged { kind: TargetType, tags: Vec<Tag> },
}

impl JsonSchema for Target {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        WrittenTarget::json_schema(generator)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service { cluster, service } => {
                write!(f, "ecs-service cluster={cluster};service={service}")
            }
            Self::Group { name } => write!(f, "auto-scaling-group name={name}"),
            Self::Balancer { name } => write!(f, "elbv2-load-balancer name={name}"),
            Self::Tagged { kind, tags } => {
                write!(f, "{} with", kind.name())?;
                tags.iter()
                    .try_for_each(|tag| write!(f, " {}={}", tag.name, tag.value))
            }
        }
    }
}

/// Why a target cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("target {0}: give `filter` or `tags`, not both")]
    Both(&'static str),
    #[error("target {0}: give `filter` or `tags`")]
    Neither(&'static str),
    #[error("target {kind}: a tag has no Name")]
    NamelessTag { kind: &'static str },
    #[error("target {kind}: `{part}` of the filter `{filter}` is not of the form key=value")]
    Form {
        kind: &'static str,
        filter: String,
        part: String,
    },
    #[error("target {kind}: the filter `{filter}` has the key `{key}`; it takes {takes}")]
    Key {
        kind: &'static str,
        filter: String,
        key: String,
        takes: String,
    },
    #[error("target {kind}: the filter `{filter}` lacks `{key}`, without which it selects nothing")]
    Missing {
        kind: &'static str,
        filter: String,
        key: &'static str,
    },
}

impl TryFrom<WrittenTarget> for Target {
    type Error = TargetError;

    fn try_from(written: WrittenTarget) -> Result<Self, TargetError> {
        let kind = written.kind;
        let filter = written.filter.filter(|filter| !filter.is_empty());
        let tags = written.tags.filter(|tags| !tags.is_empty());
        match (filter, tags) {
            (Some(_), Some(_)) => Err(TargetError::Both(kind.name())),
            (None, None) => Err(TargetError::Neither(kind.name())),
            (Some(filter), None) => Filter::parse(kind, &filter)?.target(),
            (None, Some(tags)) if tags.iter().any(|tag| tag.name.is_empty()) => {
                Err(TargetError::NamelessTag { kind: kind.name() })
            }
            (None, Some(tags)) => Ok(Self::Tagged { kind, tags }),
        }
    }
}

/// The parts of a filter.
struct Filter<'a> {
    kind: TargetType,
    text: &'a str,
    parts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Filter<'a> {
    /// Parts are separated by `;`, empty ones do not count, of a repeated key the last wins.
    fn parse(kind: TargetType, text: &'a str) -> Result<Self, TargetError> {
        let mut parts = BTreeMap::new();
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (key, value) = key_and_value(part).ok_or_else(|| TargetError::Form {
                kind: kind.name(),
                filter: text.to_owned(),
                part: part.to_owned(),
            })?;
            if !kind.filter_keys().contains(&key) {
                return Err(TargetError::Key {
                    kind: kind.name(),
                    filter: text.to_owned(),
                    key: key.to_owned(),
                    takes: kind.filter_keys().join(", "),
                });
            }
            parts.insert(key, value);
        }
        Ok(Self { kind, text, parts })
    }

    fn get(&self, key: &'static str) -> Result<String, TargetError> {
        let value = self.parts.get(key).map(|value| (*value).to_owned());
        value.ok_or_else(|| TargetError::Missing {
            kind: self.kind.name(),
            filter: self.text.to_owned(),
            key,
        })
    }

    fn target(&self) -> Result<Target, TargetError> {
        Ok(match self.kind {
            TargetType::EcsService => Target::Service {
                cluster: self.get("cluster")?,
                service: self.get("service")?,
            },
            TargetType::AutoScalingGroup => Target::Group {
                name: self.get("name")?,
            },
            TargetType::LoadBalancer => Target::Balancer {
                name: self.get("name")?,
            },
        })
    }
}

/// Exactly one `=`, and something on both sides of it.
fn key_and_value(part: &str) -> Option<(&str, &str)> {
    let (key, value) = part.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty() && !value.is_empty() && !value.contains('=')).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Target, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn filters_and_tags_select() {
        assert_eq!(
            read(r#"{"type": "ecs-service", "filter": " cluster = c ;; service=s;service=t", "tags": []}"#),
            Ok(Target::Service {
                cluster: "c".to_owned(),
                service: "t".to_owned()
            })
        );
        assert_eq!(
            read(r#"{"Type": "auto-scaling-group", "filter": "name=g", "tags": null}"#),
            Ok(Target::Group { name: "g".to_owned() })
        );
        let tag = Tag {
            name: "App".to_owned(),
            value: "x".to_owned(),
        };
        assert_eq!(
            read(r#"{"type": "elbv2-load-balancer", "filter": "", "tags": [{"name": "App", "Value": "x"}]}"#),
            Ok(Target::Tagged {
                kind: TargetType::LoadBalancer,
                tags: vec![tag]
            })
        );
    }

    #[test]
    fn what_would_select_nothing_or_anything_is_refused() {
        for (json, word) in [
            (r#"{"type": "ecs-service", "filter": "cluster=c"}"#, "service"),
            (r#"{"type": "ecs-service", "filter": ";"}"#, "cluster"),
            (
                r#"{"type": "ecs-service", "filter": "cluster=c;service"}"#,
                "key=value",
            ),
            (
                r#"{"type": "ecs-service", "filter": "cluster=c;service=a=b"}"#,
                "key=value",
            ),
            (
                r#"{"type": "auto-scaling-group", "filter": "name= "}"#,
                "key=value",
            ),
            (
                r#"{"type": "auto-scaling-group", "filter": "group=g"}"#,
                "takes name",
            ),
            (r#"{"type": "auto-scaling-group"}"#, "filter"),
            (
                r#"{"type": "auto-scaling-group", "filter": "name=g", "tags": [{"Name": "a", "Value": "b"}]}"#,
                "both",
            ),
            (
                r#"{"type": "auto-scaling-group", "tags": [{"Key": "a", "Value": "b"}]}"#,
                "Key",
            ),
            (
                r#"{"type": "auto-scaling-group", "tags": [{"Name": "", "Value": "b"}]}"#,
                "Name",
            ),
            (r#"{"type": "ec2-instance", "filter": "name=g"}"#, "ecs-service"),
            (
                r#"{"type": "auto-scaling-group", "filters": "name=g"}"#,
                "filters",
            ),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(word), "{json}: {error}");
        }
    }

    #[test]
    fn the_whole_input_may_leave_its_members_out() {
        let input: Input = serde_json::from_str(r#"{"AZs": ["a"], "targets": null}"#).unwrap();
        assert_eq!(input.into_parts(), (vec!["a".to_owned()], vec![]));
    }
}

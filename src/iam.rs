//! The least-privilege IAM policy of an experiment: what its native activities and controls declare that they call.

use std::collections::{BTreeMap, BTreeSet};

use chaos_engine::activity::Catalogue;
use chaos_engine::value::{Map, Value, map};

/// Services whose requests do not go to the experiment's region, so that a condition on it would refuse them.
const GLOBAL: [&str; 4] = ["iam", "route53", "s3", "sts"];

/// What an experiment needs of AWS.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// IAM actions, such as `ecs:StopTask`.
    pub actions: BTreeSet<String>,
    /// The region of all its clients, when the configuration names it.
    pub region: Option<String>,
    /// The role that it assumes: the policy belongs to it, and the caller needs only to be let in.
    pub role: Option<String>,
    /// Functions of Python modules: nobody can tell what they call.
    pub unknown: BTreeSet<String>,
}

impl Needs {
    /// Collects what an experiment's activities, dynamic configuration and controls declare.
    pub fn of(experiment: &Map, catalogue: &Catalogue) -> Self {
        let mut needs = Self::default();
        for provider in providers(experiment) {
            needs.add(provider, catalogue);
        }
        let configured = |key: &str| {
            let value = experiment.get("configuration")?.get(key)?.as_str()?;
            Some(value.to_owned()).filter(|text| !text.is_empty() && !text.contains('$'))
        };
        needs.region = configured("aws_region");
        needs.role = configured("aws_assume_role_arn");
        needs
    }

    fn add(&mut self, provider: &Map, catalogue: &Catalogue) {
        let Some(module) = python_module(provider) else {
            return;
        };
        match declared(provider, catalogue) {
            Some(actions) => self
                .actions
                .extend(actions.iter().map(|action| (*action).to_owned())),
            None => {
                let function = provider.get("func").and_then(Value::as_str);
                let name = function.map_or(module.to_owned(), |function| format!("{module}.{function}"));
                self.unknown.insert(name);
            }
        }
    }

    /// The policy document, one statement for each service.
    pub fn to_policy(&self) -> Value {
        let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for action in &self.actions {
            let service = action.split(':').next().unwrap_or_default();
            services.entry(service).or_default().push(action);
        }
        let statements = services
            .into_iter()
            .map(|(service, actions)| self.statement(service, &actions));
        map([
            ("Version", "2012-10-17".into()),
            ("Statement", Value::List(statements.collect())),
        ])
        .into()
    }

    fn statement(&self, service: &str, actions: &[&str]) -> Value {
        let actions = actions.iter().map(|action| Value::from(*action)).collect();
        let sid = format!("Chaos{}", service.replace('-', ""));
        let mut statement = map([
            ("Sid", sid.into()),
            ("Effect", "Allow".into()),
            ("Action", Value::List(actions)),
            ("Resource", "*".into()),
        ]);
        if let Some(region) = self.region.as_ref().filter(|_| !GLOBAL.contains(&service)) {
            let requested = map([("aws:RequestedRegion", region.as_str().into())]);
            statement.insert(
                "Condition".to_owned(),
                map([("StringEquals", requested.into())]).into(),
            );
        }
        statement.into()
    }
}

/// The IAM actions of a native activity or control; `None` for what is not native.
fn declared(provider: &Map, catalogue: &Catalogue) -> Option<&'static [&'static str]> {
    let module = python_module(provider)?;
    match provider.get("func").and_then(Value::as_str) {
        Some(function) => catalogue.get(module, function).map(|entry| entry.iam),
        None => catalogue.control(module).map(|entry| entry.iam),
    }
}

fn python_module(provider: &Map) -> Option<&str> {
    let text = |key: &str| provider.get(key).and_then(Value::as_str);
    text("module").filter(|_| text("type") == Some("python"))
}

/// The providers of native activities and controls that call AWS.
pub fn aws_providers<'a>(experiment: &'a Map, catalogue: &Catalogue) -> Vec<&'a Map> {
    let mut found = providers(experiment);
    found.retain(|provider| declared(provider, catalogue).is_some_and(|actions| !actions.is_empty()));
    found
}

/// The providers of everything in an experiment that calls something.
fn providers(experiment: &Map) -> Vec<&Map> {
    let mut found = Vec::new();
    collect(experiment.values(), &mut found);
    found
}

fn collect<'a>(values: impl Iterator<Item = &'a Value>, found: &mut Vec<&'a Map>) {
    for value in values {
        match value {
            Value::Map(map) => {
                found.extend(map.get("provider").and_then(Value::as_map));
                collect(map.values(), found);
            }
            Value::List(items) => collect(items.iter(), found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    fn needs(experiment: &str) -> Needs {
        let experiment = json::parse(experiment).unwrap();
        Needs::of(experiment.as_map().unwrap(), &crate::catalogue())
    }

    #[test]
    fn a_policy_has_what_the_activities_declare_and_nothing_else() {
        let needs = needs(
            r#"{"configuration": {"aws_region": "eu-west-1"}, "method": [
                {"type": "probe", "provider": {"type": "python", "module": "chaosaws.ecs.probes", "func": "describe_cluster"}},
                {"type": "probe", "provider": {"type": "process", "path": "true"}}]}"#,
        );
        let policy = json::compact(&needs.to_policy());
        assert_eq!(
            policy,
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Chaosecs","Effect":"Allow","Action":["ecs:DescribeClusters"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}"#
        );
    }

    #[test]
    fn safeguards_rollbacks_and_roles_count_and_python_is_unknown() {
        let needs = needs(
            r#"{"configuration": {"aws_assume_role_arn": "arn:aws:iam::1:role/r", "aws_region": "${r}"},
                "rollbacks": [{"provider": {"type": "python", "module": "my.own", "func": "undo"}}]}"#,
        );
        assert_eq!(needs.role.as_deref(), Some("arn:aws:iam::1:role/r"));
        assert_eq!(needs.region, None);
        assert_eq!(needs.unknown, BTreeSet::from(["my.own.undo".to_owned()]));
    }
}

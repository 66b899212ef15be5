//! What marks everything that belongs to one power interruption, so that a rollback finds it again.
//!
//! The mark is random: no two interruptions share it, not even within a run, and their roles cannot be mistaken for
//! each other. It is left in the run's configuration before anything is created, and the id of the template before
//! the experiment begins. So it reaches the activities that come later, and a recovery of the run should it die.

use chaos_engine::activity::Context;
use chaos_engine::value::Value;

use crate::answer::text;

/// The tag that holds the mark.
pub(super) const TAG: &str = "chaostoolkit-experiment-key";

/// Begins the names of configuration entries that hold the ids of templates (empty before there is one); the mark
/// ends them.
const ENTRY: &str = "chaos_fis_power_interruption_";

/// The mark of one interruption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark(String);

/// What a run knows of an interruption that it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    pub mark: Mark,
    /// The id of the template, if it got that far.
    pub template: Option<String>,
}

impl Mark {
    /// One that nothing has.
    pub(super) fn new() -> Self {
        let mut random = uuid::Uuid::new_v4().simple().to_string();
        random.truncate(20);
        Self(random)
    }

    /// The one in the tags of an experiment, as the listing has it.
    pub(super) fn of(experiment: &Value) -> Option<Self> {
        let mark = text(experiment, &["tags", TAG])?;
        Some(Self(mark.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The role that FIS assumes.
    pub(super) fn role(&self) -> String {
        format!("ChaosToolkit-FIS-{}", self.0)
    }

    /// A policy of that role.
    pub(super) fn policy(&self, purpose: &str) -> String {
        format!("FIS-Console-{purpose}-{}", self.0)
    }

    /// True for the names of such policies.
    pub(super) fn is_of_policy(&self, name: &str) -> bool {
        name.starts_with("FIS-Console-") && name.ends_with(&format!("-{}", self.0))
    }

    /// Leaves the mark for the activities after this one.
    pub(super) fn leave(&self, context: &Context, template: &str) {
        context.leave(format!("{ENTRY}{}", self.0), template);
    }
}

impl Begun {
    /// Those of the run, in the order in which they were begun.
    pub(super) fn all(context: &Context) -> Vec<Self> {
        let read = |(name, value): (&String, &Value)| {
            let mark = Mark(name.strip_prefix(ENTRY)?.to_owned());
            let template = value.as_str().filter(|id| !id.is_empty());
            Some(Self {
                mark,
                template: template.map(str::to_owned),
            })
        };
        context.configuration.iter().filter_map(read).collect()
    }

    /// True when the experiment, as the listing has it, belongs to this interruption.
    pub(super) fn began(&self, experiment: &Value) -> bool {
        let template = text(experiment, &["experimentTemplateId"]);
        Mark::of(experiment).as_ref() == Some(&self.mark)
            || (template.is_some() && template == self.template.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    fn begun() -> Begun {
        Begun {
            mark: Mark("m1".to_owned()),
            template: Some("EXT1".to_owned()),
        }
    }

    #[test]
    fn an_experiment_is_known_by_its_tag_or_by_its_template() {
        let began = |experiment: &str| begun().began(&json::parse(experiment).unwrap());
        assert!(began(
            r#"{"experimentTemplateId": "EXT2", "tags": {"chaostoolkit-experiment-key": "m1"}}"#
        ));
        assert!(began(r#"{"experimentTemplateId": "EXT1", "tags": {}}"#));
        assert!(!began(
            r#"{"experimentTemplateId": "EXT2", "tags": {"chaostoolkit-experiment-key": "m2"}}"#
        ));
        let early = Begun {
            template: None,
            ..begun()
        };
        assert!(!early.began(&json::parse(r#"{"tags": {}}"#).unwrap()));
    }

    #[test]
    fn no_mark_is_made_twice_and_names_fit_iam() {
        let mark = Mark::new();
        assert_ne!(mark, Mark::new());
        assert!(mark.role().len() <= 64);
        assert!(mark.is_of_policy(&mark.policy("ICE")));
        assert!(!mark.is_of_policy(&Mark::new().policy("ICE")));
        assert!(!mark.is_of_policy("AWSFaultInjectionSimulatorEC2Access"));
    }
}

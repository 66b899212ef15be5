//! The native activities and controls that there are.

use indexmap::IndexMap;

use super::native::{Entry, NativeActivity};
use crate::control::{ControlEntry, NativeControl};
use crate::nearest::nearest;

/// All native activities, by module and function, and controls, by module, in the order of their registration.
#[derive(Clone, Default)]
pub struct Catalogue {
    entries: IndexMap<(String, String), Entry>,
    controls: IndexMap<&'static str, ControlEntry>,
}

impl Catalogue {
    /// An empty catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more activity, under its own module and function.
    #[must_use]
    pub fn with<A: NativeActivity>(self) -> Self {
        let module = A::MODULE;
        self.with_alias::<A>(module, A::FUNCTION)
    }

    /// With an activity under another name than its own, as a predecessor of its Python package had it.
    #[must_use]
    pub fn with_alias<A: NativeActivity>(mut self, module: &str, function: &str) -> Self {
        self.entries
            .insert((module.to_owned(), function.to_owned()), Entry::of::<A>());
        self
    }

    /// With one more control, under its own module.
    #[must_use]
    pub fn with_control<C: NativeControl>(mut self) -> Self {
        self.controls.insert(C::MODULE, ControlEntry::of::<C>());
        self
    }

    /// The activity of that name.
    pub fn get(&self, module: &str, function: &str) -> Option<&Entry> {
        self.entries.get(&(module.to_owned(), function.to_owned()))
    }

    /// True when the catalogue knows the module, so that its functions are never looked for in Python.
    pub fn has_module(&self, module: &str) -> bool {
        self.entries.keys().any(|(known, _)| known == module)
    }

    /// Every activity with the module and the function it is registered under.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Entry)> {
        self.entries
            .iter()
            .map(|((module, function), entry)| (module.as_str(), function.as_str(), entry))
    }

    /// The control of that module.
    pub fn control(&self, module: &str) -> Option<&ControlEntry> {
        self.controls.get(module)
    }

    /// Every control.
    pub fn controls(&self) -> impl Iterator<Item = &ControlEntry> {
        self.controls.values()
    }

    /// The control's module nearest to `module`, if one is near.
    pub fn nearest_control(&self, module: &str) -> Option<&'static str> {
        nearest(module, self.controls.keys().copied())
    }

    /// The registered name nearest to `module.function`, if one is near.
    pub fn nearest(&self, module: &str, function: &str) -> Option<String> {
        let known: Vec<String> = self
            .iter()
            .map(|(module, function, _)| format!("{module}.{function}"))
            .collect();
        nearest(&format!("{module}.{function}"), known.iter().map(String::as_str)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;
    use crate::activity::{ActivityError, ArgumentError, Context, Kind};
    use crate::value::{Value, json};

    /// Waits for nothing.
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Wait {
        /// Which one.
        service: String,
        /// How often.
        #[serde(default)]
        count: Option<u32>,
    }

    impl NativeActivity for Wait {
        const MODULE: &'static str = "chaosaws.ecs.probes";
        const FUNCTION: &'static str = "wait";
        const KIND: Kind = Kind::Probe;
        const RETURNS: &'static str = "nothing";
        const IAM: &'static [&'static str] = &[];

        async fn run(self, _: Context) -> Result<Value, ActivityError> {
            Ok(self.service.into())
        }
    }

    fn check(arguments: &str) -> Result<(), ArgumentError> {
        let catalogue = Catalogue::new().with::<Wait>();
        let arguments = json::parse(arguments).unwrap();
        catalogue
            .get("chaosaws.ecs.probes", "wait")
            .unwrap()
            .check(arguments.as_map().unwrap())
    }

    #[test]
    fn fitting_arguments_pass() {
        assert_eq!(check(r#"{"service": "a", "count": 2}"#), Ok(()));
        assert_eq!(check(r#"{"service": "a", "count": null}"#), Ok(()));
        assert_eq!(check(r#"{"service": "${s}", "count": "${n}"}"#), Ok(()));
    }

    #[test]
    fn an_unknown_argument_is_named_with_the_nearest() {
        let error = check(r#"{"service": "a", "cuont": 2}"#).unwrap_err().to_string();
        assert!(
            error.contains("no argument `cuont` (did you mean `count`?)"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_argument_and_a_wrong_type_are_named() {
        assert!(matches!(check("{}"), Err(ArgumentError::Missing { name, .. }) if name == "service"));
        let error = check(r#"{"service": "a", "count": "two"}"#)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`count`") && error.contains("integer") && error.contains("'two' (str)"),
            "{error}"
        );
        assert!(matches!(
            check(r#"{"service": "a", "count": -1}"#),
            Err(ArgumentError::Other { .. })
        ));
    }

    #[test]
    fn a_misspelt_activity_has_a_nearest_one() {
        let catalogue = Catalogue::new().with::<Wait>();
        assert_eq!(
            catalogue.nearest("chaosaws.ecs.probe", "wait").as_deref(),
            Some("chaosaws.ecs.probes.wait")
        );
        assert_eq!(catalogue.nearest("my.module", "other"), None);
    }
}

//! `chaosaddons.controls.bypass`.

use std::rc::Rc;

use chaos_engine::control::{Hook, Hooked, NativeControl, Scene};
use chaos_engine::value::{Map, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::warn;

/// Leaves out activities by their type or by their names: they succeed without output and without having been
/// executed, no tolerance is checked and no pause taken. The journal marks them with `dry`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Bypass {
    /// Leaves out all activities of this type.
    #[serde(default)]
    target_type: Option<Type>,
    /// Leaves out the activities of these names.
    #[serde(default)]
    target_names: Option<Vec<String>>,
}

/// A type of activities.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Type {
    Action,
    Probe,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Probe => "probe",
        }
    }
}

const MARK: &str = "dry";

impl Bypass {
    fn names(&self) -> &[String] {
        self.target_names.as_deref().unwrap_or_default()
    }

    fn means(&self, activity: &Map) -> bool {
        let text = |key: &str| activity.get(key).and_then(Value::as_str);
        let by_type = self
            .target_type
            .is_some_and(|target| text("type") == Some(target.name()));
        let by_name = text("name").is_some_and(|name| self.names().iter().any(|target| target == name));
        by_type || by_name
    }
}

impl NativeControl for Bypass {
    const MODULE: &'static str = "chaosaddons.controls.bypass";
    const HOOKS: &'static [Hook] = &[Hook::BeforeExperiment, Hook::BeforeActivity, Hook::AfterActivity];
    const IAM: &'static [&'static str] = &[];
    type Run = ();

    async fn before_experiment(self, _: Rc<()>, _: &mut Scene) -> Hooked {
        if let Some(target) = self.target_type {
            warn!("The bypass control leaves out every {}", target.name());
        }
        if !self.names().is_empty() {
            warn!("The bypass control leaves out: {}", self.names().join(", "));
        }
        Ok(())
    }

    async fn before_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        if scene.activity().is_some_and(|activity| self.means(activity)) {
            scene.leave_out();
            if let Some(activity) = scene.activity_mut() {
                activity.insert(MARK.to_owned(), true.into());
            }
        }
        Ok(())
    }

    async fn after_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        let marked = |activity: &Map| activity.get(MARK) == Some(&true.into()) && self.means(activity);
        if scene.activity().is_some_and(marked)
            && let Some(activity) = scene.activity_mut()
        {
            activity.shift_remove(MARK);
        }
        Ok(())
    }
}

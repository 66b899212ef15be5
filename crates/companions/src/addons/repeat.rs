//! `chaosaddons.controls.repeat`.

use std::rc::Rc;

use chaos_engine::control::{Hook, Hooked, NativeControl, Scene};
use chaos_engine::value::{Map, Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

/// Repeats an activity: once it has run for the first time, copies of it are played right after it, marked with
/// `iteration_index` 1, 2 and so on. They are part of the experiment from then on.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Repeat {
    /// How often the activity is played in all; below 2 it is not repeated.
    #[serde(default)]
    repeat_count: i64,
    /// Do not repeat it unless it succeeded. It does not matter what it returned. A background activity is repeated
    /// at the end of its list then, because the experiment has gone on when its end is known.
    #[serde(default)]
    break_if_previous_iteration_failed: bool,
}

const INDEX: &str = "iteration_index";

impl NativeControl for Repeat {
    const MODULE: &'static str = "chaosaddons.controls.repeat";
    const HOOKS: &'static [Hook] = &[Hook::BeforeActivity, Hook::AfterActivity];
    const IAM: &'static [&'static str] = &[];
    type Run = ();

    /// What runs in the background is repeated before it starts: inserted at its end, the copies would stand before
    /// activities that are being played by then.
    async fn before_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        let activity = self.original(scene);
        if let Some(activity) = activity.filter(is_background)
            && !self.break_if_previous_iteration_failed
        {
            self.repeat(scene, &activity, false);
        }
        Ok(())
    }

    async fn after_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        let Some(activity) = self.original(scene) else {
            return Ok(());
        };
        let background = is_background(&activity);
        if self.break_if_previous_iteration_failed {
            if scene.state.get("status").and_then(Value::as_str) == Some("succeeded") {
                self.repeat(scene, &activity, background);
            }
        } else if !background {
            self.repeat(scene, &activity, false);
        }
        Ok(())
    }
}

impl Repeat {
    /// The activity, if it is one to repeat and no copy itself.
    fn original(&self, scene: &Scene) -> Option<Map> {
        let activity = scene.activity()?;
        (self.repeat_count > 1 && !activity.contains_key(INDEX)).then(|| activity.clone())
    }

    fn repeat(&self, scene: &mut Scene, activity: &Map, at_the_end: bool) {
        for path in [
            &["steady-state-hypothesis", "probes"][..],
            &["method"],
            &["rollbacks"],
        ] {
            let Some(position) = position(&scene.experiment, path, activity) else {
                continue;
            };
            if let Some(list) = list_mut(&mut scene.experiment, path) {
                let start = if at_the_end { list.len() } else { position + 1 };
                list.splice(start..start, self.copies(activity));
            }
        }
    }

    fn copies(&self, activity: &Map) -> impl Iterator<Item = Value> {
        (1..self.repeat_count).map(|index| {
            let mut copy = activity.clone();
            copy.insert(INDEX.to_owned(), index.into());
            copy.into()
        })
    }
}

fn is_background(activity: &Map) -> bool {
    activity.get("background").is_some_and(python::truthy)
}

/// Where the activity stands in a list that has no copies of it yet.
fn position(experiment: &Map, path: &[&str], activity: &Map) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let list = rest
        .iter()
        .try_fold(experiment.get(*first)?, |value, key| value.get(key))?;
    let list = list.as_list()?;
    let named = |item: &&Value| item.get("name").is_some() && item.get("name") == activity.get("name");
    let repeated = list.iter().filter(named).any(|item| item.get(INDEX).is_some());
    if repeated {
        return None;
    }
    list.iter().position(|item| named(&item))
}

fn list_mut<'a>(experiment: &'a mut Map, path: &[&str]) -> Option<&'a mut Vec<Value>> {
    let (first, rest) = path.split_first()?;
    let list = rest.iter().try_fold(experiment.get_mut(*first)?, |value, key| {
        value.as_map_mut()?.get_mut(*key)
    })?;
    match list {
        Value::List(items) => Some(items),
        _ => None,
    }
}

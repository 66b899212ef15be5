//! `chaosaddons.controls.safeguards`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use chaos_engine::control::{Beside, ControlError, Hook, Hooked, NativeControl, Scene, Turn};
use chaos_engine::validate::{Invalid, Validator};
use chaos_engine::value::{Map, Value, python};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::task::JoinSet;
use tracing::debug;

/// Watches the system with probes, and ends the experiment as soon as one of them is outside its tolerance.
///
/// Probes run before the experiment, in parallel, and keep it waiting; those with `background` run once beside it,
/// those with `frequency` again and again, that many seconds apart. All of them end with the experiment.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Safeguards {
    /// Probes with a tolerance, whatever provides them; with `background` or `frequency` where they must not keep
    /// the experiment waiting.
    probes: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// What watches beside an experiment; ends when dropped.
#[derive(Default)]
pub(super) struct Watch {
    tasks: RefCell<JoinSet<()>>,
    tripped: Rc<Cell<bool>>,
}

impl NativeControl for Safeguards {
    const MODULE: &'static str = "chaosaddons.controls.safeguards";
    const HOOKS: &'static [Hook] = &[Hook::BeforeExperiment, Hook::AfterExperiment, Hook::Cleanup];
    const IAM: &'static [&'static str] = &[];
    type Run = Watch;

    async fn check(arguments: &Map, at: &str, validator: &Validator) -> Result<(), Invalid> {
        let Some(Value::List(probes)) = arguments.get("probes") else {
            // text that may become anything
            return Ok(());
        };
        if probes.is_empty() {
            return invalid(at, "safeguards need at least one probe");
        }
        for (index, probe) in probes.iter().enumerate() {
            let at = format!("{at}, probes[{index}]");
            check_probe(probe, &at, validator).await?;
        }
        Ok(())
    }

    async fn before_experiment(self, watch: Rc<Watch>, scene: &mut Scene) -> Hooked {
        let guards = self.probes.into_iter().enumerate().map(|(index, probe)| {
            let probe = Value::from(serde_json::Value::Object(probe));
            Guard::new(index, probe, scene.beside.clone())
        });
        let mut first = FuturesUnordered::new();
        for guard in guards {
            match guard.pace {
                Pace::First => first.push(async move { guard.look(0).await }),
                _ => {
                    let tripped = Rc::clone(&watch.tripped);
                    watch.tasks.borrow_mut().spawn_local(guard.watch(tripped));
                }
            }
        }
        while let Some(verdict) = first.next().await {
            if let Err(reason) = verdict {
                watch.tripped.set(true);
                return Err(ControlError::Interrupt(reason));
            }
        }
        Ok(())
    }

    async fn after_experiment(self, watch: Rc<Watch>, _: &mut Scene) -> Hooked {
        watch.end().await;
        Ok(())
    }

    async fn cleanup(self, watch: Rc<Watch>, _: &mut Scene) -> Hooked {
        watch.end().await;
        Ok(())
    }
}

impl Watch {
    async fn end(&self) {
        let mut tasks = self.tasks.take();
        tasks.shutdown().await;
    }
}

/// When a safeguard looks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pace {
    /// Before the experiment, which waits for it.
    First,
    /// Once, beside the experiment.
    Once,
    /// Again and again, this far apart.
    Every(Duration),
}

impl Pace {
    fn of(probe: &Map) -> Self {
        let frequency = probe.get("frequency").filter(|value| python::truthy(value));
        match frequency {
            Some(value) => {
                let seconds = value.as_f64().unwrap_or(1.0).max(0.0);
                Self::Every(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
            }
            None if probe.get("background").is_some_and(python::truthy) => Self::Once,
            None => Self::First,
        }
    }
}

/// One probe that watches.
struct Guard {
    index: usize,
    probe: Map,
    pace: Pace,
    beside: Beside,
}

impl Guard {
    fn new(index: usize, probe: Value, beside: Beside) -> Self {
        let probe = match probe {
            Value::Map(probe) => probe,
            _ => Map::new(),
        };
        Self {
            index,
            pace: Pace::of(&probe),
            probe,
            beside,
        }
    }

    /// Beside the experiment; only the first safeguard that trips has anything to end.
    async fn watch(self, tripped: Rc<Cell<bool>>) {
        for round in 0.. {
            if let Err(reason) = self.look(round).await {
                if !tripped.replace(true) {
                    self.beside.interrupt(reason);
                }
                return;
            }
            match self.pace {
                Pace::Every(pause) => tokio::time::sleep(pause).await,
                Pace::First | Pace::Once => return,
            }
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// Why the experiment is to end.
    async fn look(&self, round: u64) -> Result<(), String> {
        let turn = Turn {
            index: self.index,
            round,
        };
        let name = self.probe.get("name").map_or(String::new(), python::text);
        let met = async {
            let record = self.beside.perform(&self.probe, turn).await?;
            let output = record.get("output").cloned().unwrap_or_default();
            self.beside.tolerates(&self.probe, &output, turn).await
        };
        match met.await {
            Ok(true) => {
                debug!("The safeguard '{name}' is within its tolerance");
                Ok(())
            }
            Ok(false) => Err(format!(
                "The safeguard '{name}' is outside its tolerance: the experiment ends here"
            )),
            Err(error) => Err(format!(
                "The safeguard '{name}' cannot tell whether all is well: {error}; the experiment ends here"
            )),
        }
    }
}

async fn check_probe(probe: &Value, at: &str, validator: &Validator) -> Result<(), Invalid> {
    validator.check_activity(probe, at).await?;
    if probe.get("type").and_then(Value::as_str) != Some("probe") {
        return invalid(
            at,
            "a safeguard must be of type `probe`: it may look, but change nothing",
        );
    }
    let Some(tolerance) = probe.get("tolerance") else {
        return invalid(
            at,
            "a safeguard needs a `tolerance` that tells which output is normal",
        );
    };
    validator
        .check_tolerance(tolerance, &format!("{at}.tolerance"))
        .await?;
    let fine = |frequency: &Value| match frequency {
        Value::Text(text) => text.contains('$'),
        Value::Null | Value::Bool(false) => true,
        other => other.as_f64().is_some_and(|seconds| seconds >= 0.0),
    };
    match probe.get("frequency") {
        Some(frequency) if !fine(frequency) => {
            invalid(format!("{at}.frequency"), "it must be a number of seconds")
        }
        _ => Ok(()),
    }
}

fn invalid<T>(at: impl Into<String>, message: &str) -> Result<T, Invalid> {
    Err(Invalid {
        at: at.into(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chaos_engine::value::json;

    #[test]
    fn a_probe_says_when_it_looks() {
        let pace = |text: &str| Pace::of(json::parse(text).unwrap().as_map().unwrap());
        assert_eq!(pace("{}"), Pace::First);
        assert_eq!(pace(r#"{"background": true}"#), Pace::Once);
        assert_eq!(pace(r#"{"background": false, "frequency": 0}"#), Pace::First);
        let both = r#"{"background": true, "frequency": 0.5}"#;
        assert_eq!(pace(both), Pace::Every(Duration::from_millis(500)));
    }
}

//! The steady-state hypothesis: one check of it, and what the checks before and after the method mean.

use std::rc::Rc;

use super::activity::{Lane, Site, activity_at, activity_at_mut};
use super::event::{Event, Phase, Section};
use super::listeners::Told;
use super::plan::Dry;
use super::seed::Place;
use super::{Halt, Runner};
use crate::activity::ActivityError;
use crate::document::substitute::substitute;
use crate::journal::Status;
use crate::tolerance;
use crate::value::{Map, Value, map, python};

impl Runner {
    /// How many probes the hypothesis has.
    pub(crate) fn hypothesis_probes(&self) -> usize {
        self.count(Section::Hypothesis(Phase::Before))
    }

    /// The check before the method: may the method be played?
    pub(crate) async fn hypothesis_before(self: &Rc<Self>) -> Result<bool, Halt> {
        self.check_hypothesis(Phase::Before).await
    }

    /// The check after the method: a hypothesis that is not met any more is what an experiment is looking for.
    pub(crate) async fn hypothesis_after(self: &Rc<Self>) -> Result<(), Halt> {
        if !self.check_hypothesis(Phase::After).await? {
            self.state.borrow_mut().journal.deviated = true;
        }
        Ok(())
    }

    async fn check_hypothesis(self: &Rc<Self>, phase: Phase) -> Result<bool, Halt> {
        self.inform(Told::HypothesisStarted(phase), &Lane::Foreground)
            .await;
        let state = self.check(phase, &Lane::Foreground).await?;
        self.inform(Told::HypothesisEnded(phase, &state), &Lane::Foreground)
            .await;
        let met = is_met(&state);
        if !met {
            self.set_status(if has_failed_probe(&state) {
                Status::Failed
            } else {
                Status::Completed
            });
        }
        self.conclude(phase, state);
        Ok(met)
    }

    /// Tells of a check's state and stores it in the journal.
    pub(crate) fn conclude(&self, phase: Phase, state: Map) {
        self.say(&Event::HypothesisEnded { phase, state: &state });
        if !is_met(&state) {
            self.say(&Event::NotMet {
                phase,
                probe: &last_probe(&state),
            });
        }
        self.state.borrow_mut().journal.set_state(phase, state);
    }

    /// One check, between its hooks: the probes in order, up to the first that is not within its tolerance.
    pub(crate) async fn check(self: &Rc<Self>, phase: Phase, lane: &Lane) -> Result<Map, Halt> {
        let title = {
            let state = self.state.borrow();
            let hypothesis = state.experiment.get("steady-state-hypothesis");
            python::text(hypothesis.and_then(|h| h.get("title")).unwrap_or(&Value::Null))
        };
        self.say(&Event::HypothesisStarted { phase, title: &title });
        let mut state = map([
            ("steady_state_met", Value::Null),
            ("probes", Value::List(Vec::new())),
        ]);
        let checked = match self.hypothesis_hooks_before(lane).await {
            Ok(()) => self.check_probes(phase, lane, &mut state).await,
            Err(halt) => {
                let _ = self.hypothesis_hooks_after(None, lane).await;
                return Err(halt);
            }
        };
        let changed = self.hypothesis_hooks_after(Some(&state), lane).await;
        checked?;
        Ok(changed?.unwrap_or(state))
    }

    async fn check_probes(self: &Rc<Self>, phase: Phase, lane: &Lane, state: &mut Map) -> Result<(), Halt> {
        let section = Section::Hypothesis(phase);
        let mut index = 0;
        while index < self.count(section) {
            let met = self.check_probe(Site { section, index }, lane, state).await?;
            if !met {
                state.insert("steady_state_met".to_owned(), false.into());
                return Ok(());
            }
            index += 1;
        }
        state.insert("steady_state_met".to_owned(), true.into());
        self.say(&Event::HypothesisMet { phase });
        Ok(())
    }

    async fn check_probe(self: &Rc<Self>, site: Site, lane: &Lane, state: &mut Map) -> Result<bool, Halt> {
        let performed = self.perform(site, lane).await?;
        let (name, left_out) = (performed.name.clone(), performed.left_out);
        let mut record = performed.into_record();
        let met = if record.get("status").and_then(Value::as_str) == Some("failed") {
            self.say(&Event::ToleranceUnknown { probe: &name });
            false
        } else if left_out || self.plan.dry.is_some_and(leaves_out_probes) {
            true
        } else {
            self.is_tolerated(site, &name, &mut record, lane).await?
        };
        record.insert("tolerance_met".to_owned(), met.into());
        if let Some(Value::List(probes)) = state.get_mut("probes") {
            probes.push(record.into());
        }
        Ok(met)
    }

    async fn is_tolerated(
        self: &Rc<Self>,
        site: Site,
        name: &str,
        record: &mut Map,
        lane: &Lane,
    ) -> Result<bool, Halt> {
        let output = record.get("output").cloned().unwrap_or_default();
        // the probe's own tolerance, also where the probe is a reference to another activity
        let tolerance = {
            let state = self.state.borrow();
            activity_at(&state.experiment, site)
                .and_then(|probe| probe.get("tolerance"))
                .cloned()
        };
        let tolerance = tolerance.unwrap_or_default();
        if let Some(probe) = tolerance::probe_of(&tolerance) {
            self.show_checked_value(site, record, &with_value(probe.clone(), output.clone()));
        }
        let place = self.place(site).tolerance();
        self.is_within(name, &tolerance, &output, place, lane).await
    }

    /// Is a probe's output within its tolerance? One that cannot be checked is not met.
    pub(crate) async fn is_within(
        self: &Rc<Self>,
        name: &str,
        tolerance: &Value,
        output: &Value,
        place: Place,
        lane: &Lane,
    ) -> Result<bool, Halt> {
        if let Some(probe) = tolerance::probe_of(tolerance) {
            let probe = with_value(probe.clone(), output.clone());
            return self.is_tolerated_by(&probe, &place, lane).await;
        }
        let scope = Rc::clone(&self.state.borrow().scope);
        match tolerance::check(tolerance, output, &|value| substitute(value, &scope)) {
            Ok(met) => Ok(met),
            Err(error) => {
                self.say(&Event::ToleranceBroken {
                    probe: name,
                    reason: &error.to_string(),
                });
                Ok(false)
            }
        }
    }

    /// A tolerance that is a probe is met when that probe's result is true in the Python sense.
    async fn is_tolerated_by(self: &Rc<Self>, probe: &Map, place: &Place, lane: &Lane) -> Result<bool, Halt> {
        let call = self.call(self.next_id(), place, probe, lane);
        match self.wait(lane, call).await? {
            Ok(outcome) => Ok(python::truthy(&outcome.output)),
            Err(ActivityError::Failed(_) | ActivityError::FailedWith(..)) => Ok(false),
            Err(ActivityError::Fatal(failure)) => Err(Halt::Fatal(failure)),
            Err(ActivityError::Exit(code)) => Err(Halt::Stop(super::stop::Cause::Exit(code))),
        }
    }

    /// The value that a probe tolerance was given stays visible in the journal, as the peer leaves it there.
    fn show_checked_value(&self, site: Site, record: &mut Map, probe: &Map) {
        let probe: Value = probe.clone().into();
        if let Some(activity) = record.get_mut("activity").and_then(Value::as_map_mut) {
            activity.insert("tolerance".to_owned(), probe.clone());
        }
        let mut state = self.state.borrow_mut();
        if let Some(activity) = activity_at_mut(Rc::make_mut(&mut state.experiment), site) {
            activity.insert("tolerance".to_owned(), probe);
        }
    }
}

fn leaves_out_probes(dry: Dry) -> bool {
    matches!(dry, Dry::Probes | Dry::Activities)
}

fn with_value(mut probe: Map, value: Value) -> Map {
    if let Some(provider) = probe.get_mut("provider").and_then(Value::as_map_mut) {
        let arguments = provider
            .entry("arguments".to_owned())
            .or_insert_with(|| Map::new().into());
        if let Some(arguments) = arguments.as_map_mut() {
            arguments.insert("value".to_owned(), value);
        }
    }
    probe
}

/// Is the hypothesis met in this state?
pub(crate) fn is_met(state: &Map) -> bool {
    state.get("steady_state_met").is_some_and(python::truthy)
}

fn records(state: &Map) -> &[Value] {
    state.get("probes").and_then(Value::as_list).unwrap_or_default()
}

fn has_failed_probe(state: &Map) -> bool {
    records(state)
        .iter()
        .any(|record| record.get("status").and_then(Value::as_str) != Some("succeeded"))
}

fn last_probe(state: &Map) -> String {
    let name = records(state)
        .last()
        .and_then(|record| record.get("activity")?.get("name"));
    name.map_or(String::new(), python::text)
}

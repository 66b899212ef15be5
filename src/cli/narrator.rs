//! Tells a run's events as log lines.
//!
//! The lines that published walkthroughs of the Chaos Toolkit show, and that scripts look for, are its own to the
//! letter; every other is in our words.

use std::io;

use chaos_engine::run::event::{Activity, Event, Observer, Phase, Section, Suspicion};
use chaos_engine::run::stop::Cause;
use chaos_engine::value::{Value, python};
use tracing::{debug, error, info, warn};

use crate::critical;

/// Logs every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrator;

impl Observer for Narrator {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Running { title, .. } => info!("Running experiment: {title}"),
            Event::DryMode(dry) => warn!(
                "Dry mode '{}': what it leaves out is announced, not done",
                dry.name()
            ),
            Event::Strategies {
                hypothesis,
                rollbacks,
            } => {
                info!("Steady-state strategy: {hypothesis}");
                info!("Rollbacks strategy: {rollbacks}");
            }
            Event::ConfigurationFailed { name, reason } => {
                debug!("The probe of the configuration entry '{name}' failed: {reason}");
            }
            Event::ConfigurationIncomplete(names) => warn!(
                "The probes of these dynamic configuration entries failed, so they have no value: {}",
                names.join(", ")
            ),
            Event::NoHypothesis => info!("The experiment has no steady-state hypothesis to check"),
            Event::HypothesisSkipped => info!("The steady-state hypothesis is not checked, as requested"),
            Event::MethodStarted => info!("Playing your experiment's method now..."),
            Event::NoActivities => info!("The method has no activities"),
            Event::MethodEnded => debug!("The method ended"),
            Event::Aborted(failure) => {
                critical!(
                    "The experiment cannot go on and is aborted: {}",
                    failure.trace.join("\n")
                );
            }
            Event::Changed { .. } => debug!("The experiment, its configuration or its environment changed"),
            Event::SeedTaken { seed } => {
                info!(
                    "Random choices follow from the seed {}: chaos_seed repeats them",
                    python::text(seed)
                );
            }
            Event::HookStarted { control, hook } => debug!("Control '{control}': {hook}"),
            Event::HookEnded {
                control,
                hook,
                raised,
            } => hook_ended(control, hook, *raised),
            Event::Stopped(cause) => stopped(cause),
            Event::Ended { status, deviated } => ended(status, *deviated),
            Event::Recovering { owed: true } => warn!("Recovering a run that died: its rollbacks are owed"),
            Event::Recovering { owed: false } => info!("Recovering a run that died: it owes no rollbacks"),
            Event::HypothesisStarted { .. }
            | Event::HypothesisMet { .. }
            | Event::HypothesisEnded { .. }
            | Event::ToleranceUnknown { .. }
            | Event::ToleranceBroken { .. }
            | Event::NotMet { .. }
            | Event::ContinuousStarted { .. }
            | Event::FailFast { .. }
            | Event::ContinuousEnded => hypothesis(event),
            Event::Pausing { .. }
            | Event::ActivityStarted { .. }
            | Event::ActivityEnded { .. }
            | Event::Suspicious { .. } => activity(event),
            Event::RollbacksDecided { .. }
            | Event::RollbacksStarted
            | Event::NoRollbacks
            | Event::Rollback { .. }
            | Event::RollbackBroken { .. }
            | Event::RollbacksCut(_) => rollbacks(event),
        }
        Ok(())
    }
}

fn hypothesis(event: &Event<'_>) {
    match event {
        Event::HypothesisStarted { title, .. } => info!("Steady state hypothesis: {title}"),
        Event::HypothesisMet { .. } => info!("Steady state hypothesis is met!"),
        Event::HypothesisEnded { phase, .. } => debug!("The check of the hypothesis ended ({})", phase.key()),
        Event::ToleranceUnknown { probe } => {
            warn!("The probe '{probe}' failed, so nothing can be said of its tolerance");
        }
        Event::ToleranceBroken { probe, reason } => {
            warn!("The tolerance of the probe '{probe}' cannot be checked and counts as not met: {reason}");
        }
        Event::NotMet {
            phase: Phase::During,
            probe,
        } => {
            warn!("The probe '{probe}' left its tolerance while the method is running");
        }
        Event::NotMet {
            phase: Phase::Before,
            probe,
        } => critical!(
            "The probe '{probe}' is not within its tolerance before anything was done: the system is not in its \
             steady state, so the method is not played"
        ),
        Event::NotMet {
            phase: Phase::After,
            probe,
        } => {
            critical!("The probe '{probe}' is not within its tolerance after the method");
        }
        Event::ContinuousStarted { frequency } => {
            info!(
                "Checking the hypothesis every {} seconds while the method runs",
                python::float(*frequency)
            );
        }
        Event::FailFast { percent } => {
            info!("Ending the experiment now: {percent:.1}% of the hypothesis checks deviated");
        }
        _ => debug!("The checks of the hypothesis beside the method ended"),
    }
}

fn activity(event: &Event<'_>) {
    match event {
        Event::Pausing {
            before: true,
            seconds,
        } => {
            info!("Pausing before next activity for {}s...", python::text(seconds));
        }
        Event::Pausing {
            before: false,
            seconds,
        } => {
            info!("Pausing after activity for {}s...", python::text(seconds));
        }
        Event::ActivityStarted { activity, .. } => started(activity),
        Event::ActivityEnded {
            activity,
            record,
            failure,
        } => match failure {
            Some(failure) => {
                error!("  => failed: {}", failure.message);
                debug!("{}", failure.trace.concat());
            }
            None => debug!(
                "{} '{}': {}",
                activity.kind,
                activity.name,
                outcome(record.get("output"))
            ),
        },
        Event::Suspicious {
            activity,
            what: Suspicion::ExitCode(code),
        } => warn!(
            "'{}' ended with code {code}. If that is expected, say so with a tolerance; if not, look at its output",
            activity.name
        ),
        Event::Suspicious {
            activity,
            what: Suspicion::HttpStatus(status),
        } => warn!(
            "'{}' was answered with status {status}. If that is expected, say so with a tolerance; if not, look at \
             its body",
            activity.name
        ),
        _ => {}
    }
}

fn started(activity: &Activity<'_>) {
    let mut kind = activity.kind.to_owned();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let place = if activity.background {
        " [in background]"
    } else {
        ""
    };
    info!("{kind}: {}{place}", activity.name);
    if activity.dry && activity.section != Section::Rollbacks {
        debug!("'{}' is not executed in this dry mode", activity.name);
    }
}

/// Outputs can be large: the journal has them whole, the log their beginning.
fn outcome(output: Option<&Value>) -> String {
    const SHOWN: usize = 2_000;
    match output {
        None | Some(Value::Null) => "  => no output".to_owned(),
        Some(output) => {
            let text = python::text(output);
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("  => {}… ({} bytes in all)", &text[..end], text.len()),
                None => format!("  => {text}"),
            }
        }
    }
}

fn hook_ended(control: &str, hook: &str, raised: Option<&str>) {
    match raised {
        Some(raised) => debug!("Control '{control}': {hook} raised {raised}"),
        None => debug!("Control '{control}': {hook} ended"),
    }
}

fn stopped(cause: &Cause) {
    match cause {
        Cause::Interrupt => warn!("Interrupted (SIGINT): stopping now. A second signal skips the rollbacks"),
        Cause::Terminate => {
            warn!("Asked to terminate (SIGTERM): stopping now. A second signal skips the rollbacks");
            critical!("The experiment was interrupted by SIGTERM");
        }
        Cause::Leave => warn!("Asked to leave (exit code 20): stopping now"),
        Cause::Abandon => warn!("Asked to leave at once (exit code 30): no rollbacks are played"),
        Cause::Asked(message) => critical!("{message}"),
        Cause::Exit(code) => warn!("An activity asked to exit with code {code}: stopping now"),
        Cause::Unrecorded(reason) => {
            critical!("The write-ahead file cannot be written ({reason}): nothing more is injected");
        }
    }
}

fn rollbacks(event: &Event<'_>) {
    match event {
        Event::RollbacksDecided { strategy, play } => decided(strategy, *play),
        Event::RollbacksStarted => info!("Let's rollback..."),
        Event::NoRollbacks => info!("No declared rollbacks, let's move on."),
        Event::Rollback { name } => info!("Rollback: {}", name.unwrap_or("None")),
        Event::RollbackBroken { index, failure } => {
            error!(
                "The rollback at position {} cannot be played: {}",
                index + 1,
                failure.message
            );
        }
        Event::RollbacksCut(Cause::Asked(message)) => critical!("{message}"),
        _ => warn!("A signal ended the rollbacks: those that remain are not played"),
    }
}

fn decided(strategy: &str, play: bool) {
    match (strategy, play) {
        ("default", true) => debug!("The rollbacks are played"),
        ("default", false) => debug!("The rollbacks are not played after a failure or an interruption"),
        ("always", _) => warn!("The rollbacks are played whatever happened, as requested"),
        ("never", _) => warn!("The rollbacks are not played, as requested"),
        ("deviated", true) => warn!("The rollbacks are played because the experiment deviated"),
        ("deviated", false) => warn!("The rollbacks are not played because the experiment did not deviate"),
        (other, _) => warn!("There is no rollback strategy '{other}', so the rollbacks are not played"),
    }
}

fn ended(status: &str, deviated: bool) {
    info!(
        "Experiment ended with status: {}",
        if deviated { "deviated" } else { status }
    );
    if deviated {
        info!("The steady state did not come back: a weakness may have been found");
    }
}

//! A control written in Rust: one type, whose fields are its arguments.

use std::any::Any;
use std::future::ready;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use super::{Hook, Scene};
use crate::activity::{self, ArgumentError, Signature};
use crate::validate::{Invalid, Validator};
use crate::value::Map;

/// Why a hook did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// It is noted, and the run goes on.
    #[error("{0}")]
    Failed(String),
    /// The experiment is to end here, with status `interrupted`.
    #[error("{0}")]
    Interrupt(String),
}

/// How a hook ends.
pub type Hooked = Result<(), ControlError>;

/// A native control. Its fields are its arguments: the derives of serde and schemars make argument checking and the
/// reference page from them, and its doc comment is its documentation.
///
/// Each hook is given the arguments anew, with everything substituted, and what the control keeps for the run: one
/// [`NativeControl::Run`] for each control's name. A hook is cancelled by dropping its future.
pub trait NativeControl: DeserializeOwned + JsonSchema + 'static {
    /// The Python module by which experiments name it, for example `chaosaddons.controls.safeguards`.
    const MODULE: &'static str;
    /// The hooks that it has: no other is called.
    const HOOKS: &'static [Hook];
    /// The IAM actions that it needs, for example `s3:PutObject`; empty for what is not AWS.
    const IAM: &'static [&'static str];
    /// What it keeps between its hooks in one run; dropped when the run is over.
    type Run: Default + 'static;

    /// Checks the arguments beyond their types, as they stand in the experiment: a text with `$` may become anything.
    /// `at` says where the control stands, for the error.
    ///
    /// # Errors
    /// When the experiment must not be run with them.
    fn check(
        _arguments: &Map,
        _at: &str,
        _validator: &Validator,
    ) -> impl Future<Output = Result<(), Invalid>> {
        ready(Ok(()))
    }

    /// See [`Hook::Configure`].
    fn configure(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::BeforeExperiment`].
    fn before_experiment(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::AfterExperiment`].
    fn after_experiment(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::BeforeHypothesis`].
    fn before_hypothesis(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::AfterHypothesis`].
    fn after_hypothesis(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::BeforeMethod`].
    fn before_method(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::AfterMethod`].
    fn after_method(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::BeforeRollbacks`].
    fn before_rollbacks(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::AfterRollbacks`].
    fn after_rollbacks(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::BeforeActivity`].
    fn before_activity(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::AfterActivity`].
    fn after_activity(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }

    /// See [`Hook::Cleanup`].
    fn cleanup(self, _run: Rc<Self::Run>, _scene: &mut Scene) -> impl Future<Output = Hooked> {
        ready(Ok(()))
    }
}

type Check = for<'a> fn(&'a Map, &'a str, &'a Validator) -> LocalBoxFuture<'a, Result<(), Invalid>>;
type Play = for<'a> fn(Hook, Map, Rc<dyn Any>, &'a mut Scene) -> LocalBoxFuture<'a, Hooked>;

/// A native control in the catalogue.
#[derive(Clone, Copy)]
pub struct ControlEntry {
    /// Its Python module.
    pub module: &'static str,
    /// The hooks that it has.
    pub hooks: &'static [Hook],
    /// The JSON Schema of its arguments, with their documentation.
    pub schema: fn() -> Schema,
    /// The IAM actions that it needs.
    pub iam: &'static [&'static str],
    read: fn(&Map) -> Result<(), String>,
    check: Check,
    begin: fn() -> Rc<dyn Any>,
    play: Play,
}

impl ControlEntry {
    /// The catalogue's entry for a type.
    pub fn of<C: NativeControl>() -> Self {
        Self {
            module: C::MODULE,
            hooks: C::HOOKS,
            schema: || schemars::schema_for!(C),
            iam: C::IAM,
            read: |arguments| activity::read::<C>(arguments).map(drop),
            check: |arguments, at, validator| Box::pin(C::check(arguments, at, validator)),
            begin: || Rc::new(C::Run::default()),
            play: |hook, arguments, run, scene| Box::pin(play::<C>(hook, arguments, run, scene)),
        }
    }

    /// Checks arguments as they stand in an experiment, where a text with `$` may become anything.
    ///
    /// # Errors
    /// The first argument that is unknown, missing or of the wrong type.
    pub fn check_arguments(&self, arguments: &Map) -> Result<(), ArgumentError> {
        let signature = Signature {
            owner: self.module,
            schema: self.schema,
            read: self.read,
        };
        signature.check(arguments)
    }

    /// What the control itself has to say of its arguments.
    ///
    /// # Errors
    /// When the experiment must not be run with them.
    pub async fn check(&self, arguments: &Map, at: &str, validator: &Validator) -> Result<(), Invalid> {
        (self.check)(arguments, at, validator).await
    }

    /// What it keeps for a run that begins.
    pub(crate) fn begin(&self) -> Rc<dyn Any> {
        (self.begin)()
    }

    /// Calls a hook.
    pub(crate) async fn play(
        &self,
        hook: Hook,
        arguments: Map,
        run: Rc<dyn Any>,
        scene: &mut Scene,
    ) -> Hooked {
        (self.play)(hook, arguments, run, scene).await
    }
}

async fn play<C: NativeControl>(hook: Hook, arguments: Map, run: Rc<dyn Any>, scene: &mut Scene) -> Hooked {
    let unusable = |reason: String| {
        let message = format!("arguments of {}: {reason}", C::MODULE);
        match hook.comes_before() {
            true => ControlError::Interrupt(message),
            false => ControlError::Failed(message),
        }
    };
    let control: C = activity::read(&arguments).map_err(unusable)?;
    let Ok(run) = run.downcast::<C::Run>() else {
        return Err(ControlError::Failed(format!(
            "{} is two controls at once",
            C::MODULE
        )));
    };
    match hook {
        Hook::Configure => control.configure(run, scene).await,
        Hook::BeforeExperiment => control.before_experiment(run, scene).await,
        Hook::AfterExperiment => control.after_experiment(run, scene).await,
        Hook::BeforeHypothesis => control.before_hypothesis(run, scene).await,
        Hook::AfterHypothesis => control.after_hypothesis(run, scene).await,
        Hook::BeforeMethod => control.before_method(run, scene).await,
        Hook::AfterMethod => control.after_method(run, scene).await,
        Hook::BeforeRollbacks => control.before_rollbacks(run, scene).await,
        Hook::AfterRollbacks => control.after_rollbacks(run, scene).await,
        Hook::BeforeActivity => control.before_activity(run, scene).await,
        Hook::AfterActivity => control.after_activity(run, scene).await,
        Hook::Cleanup => control.cleanup(run, scene).await,
    }
}

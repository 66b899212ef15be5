//! An activity written in Rust: one type, whose fields are its arguments.

use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use super::arguments::{self, Signature};
use super::{ActivityError, ArgumentError, Context};
use crate::value::{Map, Value};

/// What an activity is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Changes something.
    Action,
    /// Looks at something.
    Probe,
}

impl Kind {
    /// `action` or `probe`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Probe => "probe",
        }
    }
}

/// A native activity. Its fields are its arguments: the derives of serde and schemars make argument checking,
/// `chaos discover` and the reference page from them, and its doc comment is its documentation.
pub trait NativeActivity: DeserializeOwned + JsonSchema + 'static {
    /// The Python module by which experiments name it, for example `chaosaws.ecs.actions`.
    const MODULE: &'static str;
    /// The Python function by which experiments name it.
    const FUNCTION: &'static str;
    /// Action or probe.
    const KIND: Kind;
    /// What it returns, in a sentence, for the reference page.
    const RETURNS: &'static str;
    /// The IAM actions that it needs, for example `ecs:StopTask`; empty for what is not AWS.
    const IAM: &'static [&'static str];

    /// Does it, and returns what goes into the journal.
    fn run(self, context: Context) -> impl Future<Output = Result<Value, ActivityError>>;
}

type Start = fn(Map, Context) -> LocalBoxFuture<'static, Result<Value, ActivityError>>;

/// A native activity in the catalogue.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its Python module.
    pub module: &'static str,
    /// Its Python function.
    pub function: &'static str,
    /// Action or probe.
    pub kind: Kind,
    /// The JSON Schema of its arguments, with their documentation.
    pub schema: fn() -> Schema,
    /// What it returns, in a sentence.
    pub returns: &'static str,
    /// The IAM actions that it needs.
    pub iam: &'static [&'static str],
    check: fn(&Map) -> Result<(), String>,
    start: Start,
}

impl Entry {
    /// The catalogue's entry for a type.
    pub fn of<A: NativeActivity>() -> Self {
        Self {
            module: A::MODULE,
            function: A::FUNCTION,
            kind: A::KIND,
            schema: || schemars::schema_for!(A),
            returns: A::RETURNS,
            iam: A::IAM,
            check: |arguments| arguments::read::<A>(arguments).map(drop),
            start: |arguments, context| Box::pin(start::<A>(arguments, context)),
        }
    }

    /// Checks arguments as they stand in an experiment, where a text with `$` may become anything.
    ///
    /// # Errors
    /// The first argument that is unknown, missing or of the wrong type.
    pub fn check(&self, arguments: &Map) -> Result<(), ArgumentError> {
        let signature = Signature {
            owner: &format!("{}.{}", self.module, self.function),
            schema: self.schema,
            read: self.check,
        };
        signature.check(arguments)
    }

    /// Runs the activity with arguments in which everything is substituted.
    pub async fn run(&self, arguments: Map, context: Context) -> Result<Value, ActivityError> {
        (self.start)(arguments, context).await
    }
}

async fn start<A: NativeActivity>(arguments: Map, context: Context) -> Result<Value, ActivityError> {
    let activity = arguments::read::<A>(&arguments).map_err(|error| {
        ActivityError::failed(format!("arguments of {}.{}: {error}", A::MODULE, A::FUNCTION))
    })?;
    activity.run(context).await
}

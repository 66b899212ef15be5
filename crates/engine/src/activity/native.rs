//! An activity written in Rust: one type, whose fields are its arguments.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use super::ActivityError;
use crate::host::Host;
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

/// What an activity may know of the run that it is part of.
///
/// An activity is cancelled by dropping its future: whatever it holds must clean up in `Drop`, at once.
#[derive(Clone, Debug)]
pub struct Context {
    /// The resolved configuration.
    pub configuration: Rc<Map>,
    /// The entries of the secret groups that the activity's provider names, merged. Never shown.
    pub secrets: Rc<Map>,
    /// Environment and working folder.
    pub host: Rc<Host>,
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
    pub(super) check: fn(&Map) -> Result<(), String>,
    pub(super) start: Start,
}

impl Entry {
    /// The catalogue's entry for a type.
    pub fn of<A: NativeActivity>() -> Self {
        Self {
            module: A::MODULE,
            function: A::FUNCTION,
            kind: A::KIND,
            schema: || schemars::schema_for!(A),
            check: |arguments| read::<A>(arguments).map(drop),
            start: |arguments, context| Box::pin(start::<A>(arguments, context)),
        }
    }

    /// Runs the activity with arguments in which everything is substituted.
    pub async fn run(&self, arguments: Map, context: Context) -> Result<Value, ActivityError> {
        (self.start)(arguments, context).await
    }
}

fn read<A: NativeActivity>(arguments: &Map) -> Result<A, String> {
    let json = serde_json::to_value(arguments).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| error.to_string())
}

async fn start<A: NativeActivity>(arguments: Map, context: Context) -> Result<Value, ActivityError> {
    let activity = read::<A>(&arguments).map_err(|error| {
        ActivityError::failed(format!("arguments of {}.{}: {error}", A::MODULE, A::FUNCTION))
    })?;
    activity.run(context).await
}

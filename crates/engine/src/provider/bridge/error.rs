//! What can go wrong between a run and its Python functions.

use crate::activity::{ActivityError, Failure};
use crate::value::Value;

/// The worker cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BridgeError {
    /// There is no interpreter to run.
    #[error("{0}; Python activities and controls need one: install Python 3.8 or newer, or set VIRTUAL_ENV")]
    NoInterpreter(String),
    /// It is there and could not be started.
    #[error("cannot start the Python interpreter {interpreter}: {reason}")]
    NotStarted {
        /// Path of the interpreter.
        interpreter: String,
        /// What the system said.
        reason: String,
    },
    /// The process ended, or was ended, with requests under way.
    #[error("the Python process {interpreter} {how}")]
    WorkerDied {
        /// Path of the interpreter.
        interpreter: String,
        /// How it ended, after its name: `ended (signal: 9 (SIGKILL))`.
        how: String,
    },
    /// A request too big to be sent, or an answer without sense.
    #[error("the Python process cannot be talked to: {0}")]
    Protocol(String),
}

/// A request that Python did not answer with a value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PythonError {
    /// There is no worker.
    #[error(transparent)]
    Bridge(#[from] BridgeError),
    /// The import raised an `ImportError`: the module, or one that it imports, is not installed or not in PYTHONPATH.
    #[error("the Python module '{module}' cannot be imported: {}; install it, or put its folder in PYTHONPATH", .failure.message)]
    ModuleNotFound {
        /// The module asked for.
        module: String,
        /// The `ImportError`, which names what was missing.
        failure: Failure,
    },
    /// The import raised something else: the module itself is broken.
    #[error("the Python module '{module}' raised while it was imported: {}", .failure.message)]
    ImportRaised {
        /// The module asked for.
        module: String,
        /// What it raised.
        failure: Failure,
    },
    /// The module has no such function.
    #[error("the Python module '{module}' has no function '{function}'")]
    NoFunction {
        /// The module asked for.
        module: String,
        /// The function asked for.
        function: String,
    },
    /// It cannot be told how the function is called: it is no function at all, or a builtin without a signature.
    #[error("the parameters of '{function}' in the Python module '{module}' cannot be told: {}", .failure.message)]
    NoSignature {
        /// The module asked for.
        module: String,
        /// The function asked for.
        function: String,
        /// What Python said.
        failure: Failure,
    },
    /// The function raised; the message is `Type: message`.
    #[error("{}", .failure.message)]
    Raised {
        /// Message and traceback.
        failure: Failure,
        /// The exception's own text, without its type.
        text: String,
    },
    /// The function raised `chaoslib.exceptions.InterruptExecution`, which means something in controls only.
    #[error("{text}")]
    Interrupt {
        /// Message and traceback.
        failure: Failure,
        /// The exception's own text: why the experiment is to end.
        text: String,
    },
    /// `SystemExit` with that code in Python's words, or `KeyboardInterrupt`. 20 and 30 come from `chaoslib.exit`.
    #[error("{0}")]
    Exit(String),
}

impl PythonError {
    /// From an `error` of the link, which says nothing of the module and the function that were asked for.
    pub(super) fn from_reply(error: &Value, module: &str, function: &str) -> Self {
        let (module, function) = (module.to_owned(), function.to_owned());
        let text = text_of(error, "text");
        let failure = Failure {
            message: text_of(error, "message"),
            trace: trace_of(error),
        };
        match error.get("kind").and_then(Value::as_str) {
            Some("missing") => Self::ModuleNotFound { module, failure },
            Some("import") => Self::ImportRaised { module, failure },
            Some("function") => Self::NoFunction { module, function },
            Some("signature") => Self::NoSignature {
                module,
                function,
                failure,
            },
            Some("interrupt") => Self::Interrupt { failure, text },
            Some("exit") => Self::Exit(text),
            _ => Self::Raised { failure, text },
        }
    }

    /// The traceback if Python gave one, else the message.
    fn failure(&self) -> Failure {
        let message = self.to_string();
        let trace = match self {
            Self::ModuleNotFound { failure, .. }
            | Self::ImportRaised { failure, .. }
            | Self::NoSignature { failure, .. }
            | Self::Raised { failure, .. }
            | Self::Interrupt { failure, .. } => failure.trace.clone(),
            _ => vec![message.clone()],
        };
        Failure { message, trace }
    }
}

impl From<PythonError> for ActivityError {
    /// A function that raised, or took its process with it, failed. One that was never called aborts the method.
    fn from(error: PythonError) -> Self {
        match error {
            PythonError::Raised { failure, .. } | PythonError::Interrupt { failure, .. } => {
                Self::Failed(failure)
            }
            PythonError::Exit(code) => Self::Exit(code),
            PythonError::Bridge(BridgeError::WorkerDied { .. }) => Self::Failed(error.failure()),
            _ => Self::Fatal(error.failure()),
        }
    }
}

fn text_of(error: &Value, key: &str) -> String {
    error
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn trace_of(error: &Value) -> Vec<String> {
    let lines = error.get("trace").and_then(Value::as_list).unwrap_or_default();
    lines
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

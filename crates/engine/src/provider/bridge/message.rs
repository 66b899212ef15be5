//! What the worker says without being asked.

use crate::value::Value;

/// A message of user code, in the order in which it was made.
#[derive(Clone, Debug, PartialEq)]
pub enum FromWorker {
    /// A record of the logger `chaostoolkit`.
    Log(LogRecord),
    /// User code asks for the end of the run while no foreground function is under way. With one, that function
    /// ends with [`PythonError::Exit`](super::PythonError::Exit) of 20 or 30 instead.
    Exit(ExitRequest),
}

/// How user code wants the run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitRequest {
    /// `chaoslib.exit.exit_gracefully()`: as for a SIGUSR1, rollbacks by their strategy.
    Graceful,
    /// `chaoslib.exit.exit_ungracefully()`: as for a SIGUSR2, no rollbacks.
    Ungraceful,
    /// The worker got a SIGTERM, for example by `os.kill(os.getpid(), …)`.
    Terminate,
}

/// A log record of user code.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// Python's number: 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR, 50 CRITICAL, and whatever lies between.
    pub level: i64,
    /// The message, a traceback below it where there is one.
    pub message: String,
    /// File name without folder and extension.
    pub module: String,
    /// Line in that file.
    pub line: i64,
    /// The function that logged.
    pub function: String,
}

impl FromWorker {
    /// `None` for a message that is none of these.
    pub(super) fn read(message: &Value) -> Option<Self> {
        if let Some(record) = message.get("log") {
            return Some(Self::Log(LogRecord::read(record)));
        }
        match message.get("exit")?.as_str()? {
            "graceful" => Some(Self::Exit(ExitRequest::Graceful)),
            "ungraceful" => Some(Self::Exit(ExitRequest::Ungraceful)),
            "terminate" => Some(Self::Exit(ExitRequest::Terminate)),
            _ => None,
        }
    }
}

impl LogRecord {
    fn read(record: &Value) -> Self {
        let text = |key: &str| {
            record
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let number = |key: &str| match record.get(key) {
            Some(Value::Int(number)) => *number,
            _ => 0,
        };
        Self {
            level: number("level"),
            message: text("message"),
            module: text("module"),
            line: number("line"),
            function: text("function"),
        }
    }
}

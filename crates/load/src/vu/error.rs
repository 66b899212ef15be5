//! What a script did wrong, and where.

use std::fmt;

use rquickjs::{CaughtError, Ctx, Error, Exception, Value};

/// An exception of a script, as it is shown to its author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptError {
    /// `TypeError: not a function`, or the text of what was thrown.
    pub message: String,
    /// Where, innermost first: `default (/tests/journey.js:12:7)`.
    pub stack: Vec<String>,
    /// The engine ended the script: its time was over, or the test had to stop.
    pub interrupted: bool,
    /// A function of the test's life took longer than it may.
    pub timed_out: bool,
    /// The user's memory was used up.
    pub out_of_memory: bool,
}

impl ScriptError {
    /// An error that is not from a line of the script.
    pub fn plain(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Takes the exception that an engine call left.
    #[must_use]
    pub fn caught(ctx: &Ctx<'_>, error: Error) -> Self {
        match CaughtError::from_error(ctx, error) {
            CaughtError::Exception(exception) => Self::of_exception(&exception),
            CaughtError::Value(value) if value.is_null() && is_exhausted(ctx) => Self {
                out_of_memory: true,
                ..Self::plain("out of memory")
            },
            CaughtError::Value(value) => Self::of_value(&value),
            CaughtError::Error(error) => Self::plain(error.to_string()),
        }
        .with_limit(ctx)
    }

    /// Says how much memory there was.
    fn with_limit(mut self, ctx: &Ctx<'_>) -> Self {
        if let (true, Ok(vu)) = (self.out_of_memory, super::user(ctx)) {
            let limit = vu.test.limits.user_memory >> 20;
            self.message = format!(
                "out of memory: a virtual user may use {limit} MiB (keep test data in a SharedArray, or give users more)"
            );
        }
        self
    }

    /// Describes a thrown value.
    #[must_use]
    pub fn of_value(value: &Value<'_>) -> Self {
        if let Some(exception) = value.as_object().and_then(|o| Exception::from_object(o.clone())) {
            return Self::of_exception(&exception);
        }
        Self::plain(crate::js::console::shown(value))
    }

    fn of_exception(exception: &Exception<'_>) -> Self {
        let name: Option<String> = exception.as_object().get("name").ok();
        let text = exception.message().unwrap_or_default();
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "Error".to_owned());
        let stack = exception.stack().unwrap_or_default();
        Self {
            timed_out: false,
            out_of_memory: text == "out of memory",
            interrupted: name == "InternalError" && text == "interrupted",
            message: if text.is_empty() {
                name
            } else {
                format!("{name}: {text}")
            },
            stack: frames(&stack),
        }
    }

    /// `file:line:column` of the innermost frame in a file.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        let frame = self.stack.first()?;
        let inner = frame
            .rsplit_once('(')
            .map_or(frame.as_str(), |(_, rest)| rest.trim_end_matches(')'));
        Some(inner)
    }
}

/// Whether a thrown `null` is the engine's: it throws one when not even an error fits into the memory any more. A script that
/// throws `null` itself says so.
fn is_exhausted(ctx: &Ctx<'_>) -> bool {
    super::user(ctx).is_ok_and(|vu| {
        !["throw null", "reject(null"]
            .iter()
            .any(|text| vu.test.files.mention(text))
    })
}

/// The frames of an engine's stack text, without those of native code and of our own.
fn frames(stack: &str) -> Vec<String> {
    stack
        .lines()
        .filter_map(|line| line.trim().strip_prefix("at "))
        .filter(|frame| !frame.contains("(native)") && !frame.contains("(eval_script:"))
        .map(|frame| {
            frame
                .replace("<anonymous> (", "(")
                .trim_start_matches("(/")
                .to_owned()
        })
        .map(|frame| restore(&frame))
        .collect()
}

/// An unnamed function's frame is shown as its place alone.
fn restore(frame: &str) -> String {
    if frame.ends_with(')') && !frame.contains('(') {
        return format!("/{}", frame.trim_end_matches(')'));
    }
    frame.to_owned()
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for frame in &self.stack {
            write!(f, "\n\tat {frame}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScriptError {}

//! `chaosaddons.utils.idle`.

use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

/// Waits, and touches nothing. A signal ends the wait at once.
#[derive(Deserialize, JsonSchema)]
pub(super) struct IdleFor {
    /// How many seconds.
    duration: f64,
}

impl NativeActivity for IdleFor {
    const MODULE: &'static str = "chaosaddons.utils.idle";
    const FUNCTION: &'static str = "idle_for";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, _: Context) -> Result<Value, ActivityError> {
        let wait = Duration::try_from_secs_f64(self.duration.max(0.0)).map_err(|error| {
            ActivityError::failed(format!("`duration` is no number of seconds to wait: {error}"))
        })?;
        tokio::time::sleep(wait).await;
        Ok(Value::Null)
    }
}

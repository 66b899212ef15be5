//! Mappings from event sources to functions.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};

/// Deletes an event source mapping: the function gets no more events from that source.
///
/// This cannot be undone; `toggle_event_source_mapping_state` stops the events for a while.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteEventSourceMapping {
    /// Identifier (UUID) of the mapping.
    event_uuid: String,
}

impl NativeActivity for DeleteEventSourceMapping {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_event_source_mapping";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of lambda:DeleteEventSourceMapping: the mapping, being deleted.";
    const IAM: &'static [&'static str] = &["lambda:DeleteEventSourceMapping"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda.delete_event_source_mapping().uuid(&self.event_uuid);
        Ok(answer(request.send()).await?)
    }
}

/// Enables or disables an event source mapping; a disabled one keeps its place in the source.
#[derive(Deserialize, JsonSchema)]
pub struct ToggleEventSourceMappingState {
    /// Identifier (UUID) of the mapping.
    event_uuid: String,
    /// True to enable it, false to disable it.
    enabled: bool,
}

impl NativeActivity for ToggleEventSourceMappingState {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "toggle_event_source_mapping_state";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:UpdateEventSourceMapping: the mapping.";
    const IAM: &'static [&'static str] = &["lambda:UpdateEventSourceMapping"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda
            .update_event_source_mapping()
            .uuid(&self.event_uuid)
            .enabled(self.enabled);
        Ok(answer(request.send()).await?)
    }
}

//! `chaosaddons.controls.synchronization`.

use chaos_engine::control::{Hook, NativeControl};
use schemars::JsonSchema;
use serde::Deserialize;

/// Kept so that experiments which list it run as they are: safeguards end with the experiment by themselves.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Synchronization {}

impl NativeControl for Synchronization {
    const MODULE: &'static str = "chaosaddons.controls.synchronization";
    const HOOKS: &'static [Hook] = &[];
    const IAM: &'static [&'static str] = &[];
    type Run = ();
}

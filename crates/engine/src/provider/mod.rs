//! Who makes the call of an activity: an HTTP client, a process, or Python.

pub mod bridge;
pub mod http;
pub mod process;

//! Virtual users: each has an engine of its own, and runs iterations as its executor says.

mod body;
pub mod coroutine;
mod error;
mod event_loop;
mod iteration;
mod modules;
mod state;

pub use body::{Activation, Call, Command, Exports, Reply, live};
pub use error::ScriptError;
pub use event_loop::{Callback, EventLoop};
pub use modules::{Files, absolute, as_module, resolve};
pub use state::{Activity, Interrupted, SampleTags, Stage, Vu, VuHandle, user};

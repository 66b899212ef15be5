//! Child processes that never outlive the lab, what they use, and a hog that burns CPU.
//!
//! Three things see to it that nothing is left when the lab dies, whatever kills it:
//!
//! - each child asks the kernel to be killed with the lab ([`tie_to_parent`], or [`guard`] in front of a foreign
//!   program);
//! - what the children started is known by the lab's id in its environment, and swept ([`sweep`]);
//! - a [`Warden`] sweeps when the lab can no longer do it.

mod child;
mod error;
pub mod hog;
mod launch;
mod spawner;
mod sweep;
mod tie;
mod warden;

pub use child::{Child, Exit, Usage};
pub use error::Error;
pub use hog::{CpuLimit, HogConfig, hog};
pub use launch::{LAB_ID, LAB_PARENT, Launch};
pub use spawner::Spawner;
pub use sweep::sweep;
pub use tie::{guard, guard_command, tie_to_parent};
pub use warden::{MARKER, Warden, warden};

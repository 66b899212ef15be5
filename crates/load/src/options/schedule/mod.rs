//! When virtual users start and stop, and when iterations are due. Pure arithmetic.

mod arrivals;
mod ramping;

pub use arrivals::Arrivals;
pub use ramping::{graceful_steps, ramping_steps, reserved_steps};

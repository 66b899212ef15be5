//! What every activity has in common, whatever provides it.

mod error;

pub use error::{ActivityError, Failure};

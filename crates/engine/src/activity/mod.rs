//! What every activity has in common, whatever provides it; native ones and their catalogue.

mod arguments;
mod catalogue;
mod context;
mod error;
mod native;
mod poll;
mod random;

pub use arguments::ArgumentError;
pub(crate) use arguments::{Signature, read};
pub use catalogue::Catalogue;
pub(crate) use context::Ending;
pub use context::{Context, News};
pub use error::{ActivityError, Failure};
pub use native::{Entry, Kind, NativeActivity};
pub use poll::{POLL_INTERVAL, poll};
pub use random::Random;

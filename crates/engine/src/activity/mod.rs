//! What every activity has in common, whatever provides it; native ones and their catalogue.

mod catalogue;
mod error;
mod native;

pub use catalogue::{ArgumentError, Catalogue};
pub use error::{ActivityError, Failure};
pub use native::{Context, Entry, Kind, NativeActivity};

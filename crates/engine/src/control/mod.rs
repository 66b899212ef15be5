//! Controls written in Rust.
//!
//! A control is one type that implements [`NativeControl`] and is registered with
//! [`Catalogue::with_control`](crate::activity::Catalogue::with_control). The runner calls its hooks at the same
//! moments, in the same order and with the same arguments as those of a Python control; only `configure` differs,
//! whose arguments are substituted too. A control that writes a report somewhere after the experiment, and notes in
//! the journal where:
//!
//! ```
//! use std::rc::Rc;
//!
//! use chaos_engine::control::{Hook, Hooked, NativeControl, Scene};
//! use chaos_engine::value::{Map, Value};
//!
//! /// Uploads the journal to a bucket.
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Upload {
//!     /// The bucket.
//!     bucket_name: String,
//! }
//!
//! impl NativeControl for Upload {
//!     const MODULE: &'static str = "example.upload";
//!     const HOOKS: &'static [Hook] = &[Hook::AfterExperiment];
//!     const IAM: &'static [&'static str] = &["s3:PutObject"];
//!     type Run = ();
//!
//!     async fn after_experiment(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
//!         // AWS clients are made from what an activity would be given
//!         let _context = scene.context();
//!         let url = format!("https://{}.example/journal.json", self.bucket_name);
//!         if let Value::Map(journal) = &mut *scene.state {
//!             journal.insert("extra".to_owned(), Map::from([("url".to_owned(), url.into())]).into());
//!         }
//!         Ok(())
//!     }
//! }
//! ```

mod hook;
mod native;
mod scene;

pub use crate::run::beside::{Beside, Turn};
pub use hook::Hook;
pub use native::{ControlEntry, ControlError, Hooked, NativeControl};
pub(crate) use scene::About;
pub use scene::{Live, Scene};

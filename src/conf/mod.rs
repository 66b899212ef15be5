//! `experiment.conf`: one file and a context make one [`RunRequest`].
//!
//! The way through: [`ini`] reads the file as Python's configparser does; [`keys`] knows the keys and checks each
//! value; [`request`] puts file, context and command line together; [`print`] shows the result without running it.

pub mod choice;
mod error;
pub mod ini;
mod keys;
mod print;
mod request;
mod variable;

pub use choice::Choice;
pub use error::{ConfError, OptionFault, ValueFault};
pub use print::print_run;
pub use request::{Overrides, RunRequest, Source, contexts};
pub use variable::{VarOverride, VariableFault, looks_secret, shown_value};

/// The name of the file that a folder given as CONFIG_FILE is searched for.
pub const CONFIG_NAME: &str = "experiment.conf";

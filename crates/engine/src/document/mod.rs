//! Reading an experiment's document and resolving what stands in it: sources, YAML, variables, configuration,
//! secrets and substitution.

pub mod configuration;
pub mod secrets;
pub mod source;
pub mod substitute;
pub mod variables;
pub mod yaml;

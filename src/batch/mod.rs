//! Experiments as AWS Batch jobs: each experiment.conf becomes one job of the container that runs `start-chaos`.
//!
//! What must hold: nothing is submitted unless every configuration file was read and its experiment is valid; no job is
//! submitted twice, whatever happens to AWS's answers; what was submitted and what was not is always told.

mod follow;
mod logs;
mod plan;
mod request;
mod service;
mod size;
mod submit;

pub use follow::{Ended, Follow, Teller};
pub use plan::{Order, PlanError, Planned, plan};
pub use request::{CONTEXT, Environment, EnvironmentFault, JOURNALS_BUCKET, JobRequest, Overrides, Retry};
pub use service::{Service, ServiceError};
pub use size::{Compute, Size, SizeFault};
pub use submit::{Submission, Submitted, submit};

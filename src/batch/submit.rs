//! Submitting planned jobs, one after the other.

use super::plan::Planned;
use super::service::{Service, ServiceError};

/// A job that Batch has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub name: String,
    pub id: String,
}

/// What came of submitting several jobs: the first ones were taken, and the others, if any, were not.
#[derive(Debug)]
pub struct Submission {
    /// In the order of the plan.
    pub jobs: Vec<Submitted>,
    /// Why it ended early.
    pub error: Option<ServiceError>,
}

/// Submits jobs in their order until one is refused. With `sequential` each waits for the success of the one before. `tell`
/// hears of each at once.
pub async fn submit(
    service: &Service,
    planned: &[Planned],
    sequential: bool,
    mut tell: impl FnMut(&Planned, &Submitted),
) -> Submission {
    let mut jobs: Vec<Submitted> = Vec::new();
    for one in planned {
        let mut request = one.request.clone();
        if sequential {
            request.after = jobs.last().map(|before| before.id.clone());
        }
        match service.submit(&request, &jobs).await {
            Ok(job) => {
                tell(one, &job);
                jobs.push(job);
            }
            Err(error) => {
                let error = Some(error);
                return Submission { jobs, error };
            }
        }
    }
    Submission { jobs, error: None }
}

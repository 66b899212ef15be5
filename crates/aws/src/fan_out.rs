//! The same call for many targets, some at a time.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::AwsError;

/// How many calls are under way at once. AWS throttles control planes at some tens of requests a second
/// (ECS: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>); the SDK's adaptive
/// mode slows down below this where that happens.
pub const BOUND: usize = 16;

/// Calls `act` for every target, at most [`BOUND`] at a time, begun in order; the results are in order.
///
/// # Errors
/// The first error. Calls that are under way then are dropped, later ones not begun.
pub async fn fan_out<T, R, F>(
    targets: impl IntoIterator<Item = T>,
    act: impl Fn(T) -> F,
) -> Result<Vec<R>, AwsError>
where
    F: Future<Output = Result<R, AwsError>>,
{
    stream::iter(targets.into_iter().map(act))
        .buffered(BOUND)
        .try_collect()
        .await
}

//! Before anything is touched: can AWS be spoken to, and as whom?

use aws_config::retry::RetryConfig;
use chaos_engine::activity::Context;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::client::{Aws, answer};

/// Where an experiment's calls will go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account's number.
    pub account: String,
    /// Who calls.
    pub arn: String,
    /// Where.
    pub region: String,
}

/// Asks STS who calls, which needs no permission.
///
/// Returns `None` where that says nothing against the experiment: STS answered, but with something else than an
/// identity (an endpoint of one's own that has no STS, a policy that denies even this).
///
/// # Errors
/// No region, no credentials, credentials that AWS does not know or that have expired, no way to AWS.
pub async fn preflight(context: &Context) -> Result<Option<Identity>, AwsError> {
    let aws = Aws::of(context).await?;
    // one retry: a person waits for the message
    let retries = RetryConfig::standard().with_max_attempts(2);
    let sts = aws.with_retries(retries).sts();
    match answer(sts.get_caller_identity().send()).await {
        Ok(answer) => {
            let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
            Ok(text("Account").zip(text("Arn")).map(|(account, arn)| Identity {
                account,
                arn,
                region: aws.region().to_owned(),
            }))
        }
        Err(error) if is_about_the_caller(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

fn is_about_the_caller(error: &AwsError) -> bool {
    match error {
        AwsError::Service { code, .. } => crate::error::hint(code).is_some(),
        AwsError::Wire(_) | AwsError::Request { .. } => false,
        _ => true,
    }
}

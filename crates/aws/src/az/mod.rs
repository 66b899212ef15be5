//! Simulated failures of availability zones, as the program aws-fail-az makes them, and the way back.
//!
//! Resources lose their subnets in the zones, and what runs there is stopped. What they had before is in a DynamoDB
//! table, from which any later call of this or of aws-fail-az restores it.

mod asg;
pub(crate) mod ecs;
mod elb;
mod fail;
mod log;
mod recover;
mod resource;
mod states;
mod store;
mod target;
mod zones;

use chaos_engine::activity::Context;

use crate::AwsError;
use crate::client::Aws;
pub use log::Log;
pub use states::to_json;
pub use store::{DEFAULT_TABLE, State, Store, TABLE_VARIABLES, table_name};
pub use target::{Input, Tag, Target, TargetError, TargetType};

/// Failing and recovering zones with the clients of one activity or command.
pub struct FailAz {
    pub(crate) aws: Aws,
    pub(crate) store: Store,
    context: Context,
    /// What has been done so far.
    pub log: Log,
}

impl FailAz {
    /// With the region, credentials and environment of a context; `table` as in [`table_name`].
    ///
    /// # Errors
    /// As [`Aws::of`].
    pub async fn of(context: &Context, table: Option<&str>) -> Result<Self, AwsError> {
        let aws = Aws::of(context).await?;
        let table = table_name(table, &context.host);
        Ok(Self {
            store: Store::new(&aws, table, context),
            aws,
            context: context.clone(),
            log: Log::default(),
        })
    }
}

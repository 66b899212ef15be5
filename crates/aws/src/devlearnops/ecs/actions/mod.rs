//! Other task definitions for services, for a while (`devlearnops.aws.ecs.actions`).

mod definition;
mod hog;
mod replacement;
mod restore;
mod update;

use std::time::Duration;

use aws_sdk_ecs::Client;
use chaos_engine::activity::{Catalogue, Context};

use crate::AwsError;
use crate::ecs::stable::{Patience, wait_until_stable};

const MODULE: &str = "devlearnops.aws.ecs.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<hog::InstallContainerHog>()
        .with::<update::UpdateServiceConfiguration>()
        .with::<restore::RestoreServices>()
}

fn yes() -> bool {
    true
}

/// Waits for at most 30 looks, a minute apart.
async fn wait(ecs: &Client, cluster: &str, service: &str, context: &Context) -> Result<(), AwsError> {
    let patience = Patience {
        interval: context.poll_interval(Duration::from_secs(60)),
        looks: 30,
    };
    wait_until_stable(ecs, cluster, service, patience).await
}

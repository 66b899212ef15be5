//! Clients of AWS services, made as chaosaws makes them.

mod capture;
mod credentials;
mod environment;
mod services;
mod settings;

pub use capture::{answer, output};
pub use environment::Environment;

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use chaos_engine::activity::Context;

use crate::error::AwsError;
use settings::Settings;

/// What an activity needs to speak to AWS: settings and credentials, from which clients are made at no cost.
#[derive(Clone)]
pub struct Aws {
    sdk: SdkConfig,
    settings: Settings,
}

impl Aws {
    /// Reads the configuration, secrets and environment of an activity, and assumes the role that they ask for.
    ///
    /// # Errors
    /// No region, an unknown profile, no credentials, or a role that may not be assumed.
    pub async fn of(context: &Context) -> Result<Self, AwsError> {
        let settings = Settings::read(&context.configuration, &context.secrets, &context.host)?;
        let sdk = settings.sdk_config().await?;
        let aws = Self { sdk, settings };
        match aws.settings.role.clone() {
            Some(role) => {
                let credentials = credentials::assume(&aws, &role).await?;
                let sdk = aws.sdk.into_builder().credentials_provider(credentials).build();
                Ok(Self {
                    sdk,
                    settings: aws.settings,
                })
            }
            None => Ok(aws),
        }
    }

    /// The region that requests go to.
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// The same, for another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let mut settings = self.settings.clone();
        region.clone_into(&mut settings.region);
        let sdk = self.sdk.clone().into_builder();
        Self {
            sdk: sdk.region(Region::new(region.to_owned())).build(),
            settings,
        }
    }

    /// The same, with other patience.
    #[must_use]
    pub fn with_retries(&self, retries: RetryConfig) -> Self {
        Self {
            sdk: self.sdk.clone().into_builder().retry_config(retries).build(),
            settings: self.settings.clone(),
        }
    }

    /// The settings of the SDK, for clients that no activity needs.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }
}

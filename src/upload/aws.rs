//! How this program speaks to AWS: credentials and region as every AWS tool finds them, TLS on ring, patient retries.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_types::service_config::ServiceConfigKey;

/// How often a request is sent before its failure counts: with one of three failing, one run in 10,000 gives up.
const ATTEMPTS: u32 = 8;

/// Where settings for AWS clients come from: environment, profile files, and the machine's or container's role;
/// `AWS_ENDPOINT_URL` and its per-service forms are honoured. Callers may set more on it.
pub fn loader() -> ConfigLoader {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(20));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(retries)
        .timeout_config(timeouts)
}

/// The settings as [`loader`] finds them; without any region it is us-east-1.
pub async fn sdk_config() -> SdkConfig {
    let config = loader().load().await;
    match config.region() {
        Some(_) => config,
        None => config
            .into_builder()
            .region(Region::from_static("us-east-1"))
            .build(),
    }
}

/// A client for S3 in `region` (none: the configured one). An endpoint of one's own gets path-style addresses,
/// because it rarely resolves a name for each bucket.
pub(super) fn s3(sdk: &SdkConfig, region: Option<Region>) -> aws_sdk_s3::Client {
    let mut config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(has_endpoint(sdk, "S3"));
    if region.is_some() {
        config.set_region(region);
    }
    aws_sdk_s3::Client::from_conf(config.build())
}

/// Whether requests to the service go to an endpoint named in the environment or the profile.
pub(super) fn has_endpoint(sdk: &SdkConfig, service: &str) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let special = || sdk.service_config()?.load_config(key.ok()?);
    sdk.endpoint_url().is_some() || special().is_some()
}

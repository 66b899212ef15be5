//! How uploads speak to AWS: credentials and region as every AWS tool finds them, and patient retries.

use aws_config::{Region, SdkConfig};
use aws_types::service_config::ServiceConfigKey;
use chaos_aws::AwsError;
use chaos_aws::client::Environment;
use chaos_engine::host::Host;

/// How often a request is sent before its failure counts: with one of three failing, one run in 10,000 gives up.
const ATTEMPTS: u32 = 8;

/// Settings for AWS clients from the run's environment, profile files, and the machine's or container's role;
/// `AWS_ENDPOINT_URL` and its per-service forms are honoured. There may be no region.
///
/// # Errors
/// When the certificates of `AWS_CA_BUNDLE` cannot be read.
pub async fn configured_sdk(host: &Host) -> Result<SdkConfig, AwsError> {
    let environment = Environment::of(host);
    let mut loader = environment.loader(ATTEMPTS)?;
    if let Some(region) = environment.region() {
        loader = loader.region(Region::new(region));
    }
    Ok(loader.load().await)
}

/// The same; without any region it is us-east-1, where a bucket's own region can be asked for.
///
/// # Errors
/// As [`configured_sdk`].
pub async fn sdk_config(host: &Host) -> Result<SdkConfig, AwsError> {
    let config = configured_sdk(host).await?;
    Ok(match config.region() {
        Some(_) => config,
        None => config
            .into_builder()
            .region(Region::from_static("us-east-1"))
            .build(),
    })
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

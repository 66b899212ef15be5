//! Where credentials come from, and temporary ones of a role.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use super::settings::Role;
use super::{Aws, answer};
use crate::error::AwsError;

/// The credentials of a profile of the shared files, with whatever role, SSO session or process it names.
pub(super) fn of_profile(profile: &str, chain: &ProviderConfig) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder()
        .configure(chain)
        .profile_name(profile)
        .build()
}

/// Keys given one by one; an absent session token is none.
pub(super) fn keys(id: &str, secret: &str, token: Option<&str>, source: &'static str) -> Credentials {
    Credentials::new(id, secret, token.map(str::to_owned), None, source)
}

/// Asks STS for the temporary credentials of a role.
pub(super) async fn assume(aws: &Aws, role: &Role) -> Result<SharedCredentialsProvider, AwsError> {
    let request = aws
        .sts()
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(&role.session_name)
        .set_external_id(role.external_id.clone());
    let answer = answer(request.send()).await?;
    let part = |name: &str| {
        let credentials = answer.get("Credentials")?;
        credentials.get(name)?.as_str()
    };
    match (part("AccessKeyId"), part("SecretAccessKey")) {
        (Some(id), Some(secret)) => Ok(SharedCredentialsProvider::new(keys(
            id,
            secret,
            part("SessionToken"),
            "AssumeRole",
        ))),
        _ => Err(AwsError::no_answer("AssumeRole")),
    }
}

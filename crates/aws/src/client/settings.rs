//! Settings of AWS clients, from the configuration, the secrets and the environment, as chaosaws reads them
//! (`chaosaws.aws_client`).

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use chaos_engine::host::Host;
use chaos_engine::value::{Map, Value, python};

use super::credentials;
use super::environment::Environment;
use crate::error::AwsError;

/// How often a request is sent before its failure counts, unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPTS: u32 = 6;

/// The role to assume before anything else.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
}

/// Settings of the clients of one activity.
#[derive(Clone)]
pub(super) struct Settings {
    pub region: String,
    pub profile: Option<String>,
    pub keys: Option<Credentials>,
    pub role: Option<Role>,
    pub environment: Environment,
}

impl Settings {
    /// Reads them.
    ///
    /// - configuration: `aws_region`, `aws_profile_name`, `aws_assume_role_arn`, `aws_assume_role_session_name`
    ///   (`ChaosToolkit` when absent), `aws_assume_role_external_id`;
    /// - secrets: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`;
    /// - environment: `AWS_REGION`, then `AWS_DEFAULT_REGION`, and what every AWS tool reads.
    ///
    /// # Errors
    /// When there is no region, or half a key pair.
    pub fn read(configuration: &Map, secrets: &Map, host: &Host) -> Result<Self, AwsError> {
        let configured = |key: &str| text(configuration, key);
        let environment = Environment::of(host);
        let region = configured("aws_region")
            .or_else(|| environment.region())
            .ok_or(AwsError::NoRegion)?;
        let role = configured("aws_assume_role_arn").map(|arn| Role {
            arn,
            session_name: configured("aws_assume_role_session_name")
                .unwrap_or_else(|| "ChaosToolkit".to_owned()),
            external_id: configured("aws_assume_role_external_id"),
        });
        Ok(Self {
            region,
            profile: configured("aws_profile_name"),
            keys: secret_keys(secrets)?,
            role,
            environment,
        })
    }

    /// The SDK's settings; made once a thread for the same settings.
    pub async fn sdk_config(&self) -> Result<SdkConfig, AwsError> {
        let key = self.key();
        let known = KNOWN.with_borrow(|known| known.get(&key).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let region = Region::new(self.region.clone());
        let mut loader = self.environment.loader(ATTEMPTS)?.region(region.clone());
        if let Some(profile) = &self.profile {
            let chain = ProviderConfig::without_region()
                .with_region(Some(region))
                .with_http_client(self.environment.http_client()?);
            // a named profile wins over keys of the environment, the default one does not (as in boto3)
            loader = loader
                .profile_name(profile)
                .credentials_provider(credentials::of_profile(profile, &chain));
        }
        if let Some(keys) = &self.keys {
            loader = loader.credentials_provider(keys.clone());
        }
        let sdk = loader.load().await;
        KNOWN.with_borrow_mut(|known| known.insert(key, sdk.clone()));
        Ok(sdk)
    }

    fn key(&self) -> Key {
        let keys = self.keys.as_ref().map(|keys| {
            let parts = [
                Some(keys.access_key_id()),
                Some(keys.secret_access_key()),
                keys.session_token(),
            ];
            parts.map(|part| part.map(str::to_owned))
        });
        let profile = self.profile.clone();
        (self.region.clone(), profile, keys, self.environment.clone())
    }
}

type Key = (String, Option<String>, Option<[Option<String>; 3]>, Environment);

thread_local! {
    // connections belong to the runtime of their thread
    static KNOWN: RefCell<BTreeMap<Key, SdkConfig>> = const { RefCell::new(BTreeMap::new()) };
}

fn text(map: &Map, key: &str) -> Option<String> {
    let value = map.get(key).filter(|value| python::truthy(value))?;
    match value {
        Value::Text(text) => Some(text.clone()),
        other => Some(python::text(other)),
    }
}

fn secret_keys(secrets: &Map) -> Result<Option<Credentials>, AwsError> {
    let id = text(secrets, "aws_access_key_id");
    let secret = text(secrets, "aws_secret_access_key");
    let token = text(secrets, "aws_session_token");
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Some(credentials::keys(&id, &secret, token.as_deref(), "secrets"))),
        (None, None) => Ok(None),
        _ => Err(AwsError::HalfKeys),
    }
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::map;

    use super::*;

    fn host(variables: &[(&str, &str)]) -> Host {
        let mut host = Host::current().unwrap();
        let names: Vec<String> = host
            .env
            .keys()
            .filter(|name| name.starts_with("AWS_"))
            .cloned()
            .collect();
        names.iter().for_each(|name| host.remove_var(name));
        for (name, value) in variables {
            host.set_var(*name, *value);
        }
        host
    }

    fn read(configuration: Map, secrets: Map, variables: &[(&str, &str)]) -> Result<Settings, AwsError> {
        Settings::read(&configuration, &secrets, &host(variables))
    }

    #[test]
    fn the_region_of_the_configuration_wins_and_none_is_an_error() {
        let both = [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_DEFAULT_REGION", "us-west-2"),
        ];
        let configured = map([("aws_region", "eu-west-1".into())]);
        let region = |configuration: Map, variables: &[(&str, &str)]| {
            read(configuration, Map::new(), variables).map(|settings| settings.region)
        };
        assert_eq!(region(configured, &both).unwrap(), "eu-west-1");
        assert_eq!(region(Map::new(), &both).unwrap(), "eu-central-1");
        assert_eq!(region(Map::new(), &both[1..]).unwrap(), "us-west-2");
        assert!(matches!(region(Map::new(), &[]), Err(AwsError::NoRegion)));
    }

    #[test]
    fn half_a_key_pair_is_refused_without_showing_it() {
        let secrets = map([("aws_secret_access_key", "hush-hush".into())]);
        let error = read(map([("aws_region", "a".into())]), secrets, &[])
            .err()
            .unwrap();
        assert!(matches!(error, AwsError::HalfKeys));
        assert!(!error.to_string().contains("hush-hush"));
    }

    #[test]
    fn a_role_has_a_session_name_and_perhaps_an_external_id() {
        let configuration = map([
            ("aws_region", "a".into()),
            ("aws_assume_role_arn", "arn:role".into()),
            ("aws_assume_role_external_id", "shared".into()),
        ]);
        let role = read(configuration, Map::new(), &[]).unwrap().role.unwrap();
        assert_eq!(role.session_name, "ChaosToolkit");
        assert_eq!(role.external_id.as_deref(), Some("shared"));
    }
}

//! What the environment says of AWS. It is the run's environment, which variable files add to, not only the
//! process's own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chaos_engine::host::Host;

use super::credentials;
use crate::error::AwsError;

/// The variables named `AWS_…` that are not empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of a run.
    pub fn of(host: &Host) -> Self {
        let variables = host.env.iter();
        let named = variables.filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        Self(named.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`.
    pub fn region(&self) -> Option<String> {
        let region = self.get("AWS_REGION").or_else(|| self.get("AWS_DEFAULT_REGION"));
        region.map(str::to_owned)
    }

    /// The endpoint for a service, by its name in `AWS_ENDPOINT_URL_<service>`.
    pub fn endpoint(&self, service: &str) -> Option<&str> {
        let ignored = self.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if ignored.is_some_and(|flag| flag.eq_ignore_ascii_case("true")) {
            return None;
        }
        self.get(&format!("AWS_ENDPOINT_URL_{service}"))
            .or_else(|| self.get("AWS_ENDPOINT_URL"))
    }

    /// The SDK's loader with this environment's keys and profile, patient with throttling: such requests are
    /// retried in the SDK's adaptive mode, `attempts` times in all unless `AWS_MAX_ATTEMPTS` says otherwise, while
    /// hosts that do not answer are given up soon.
    ///
    /// # Errors
    /// When the certificates of `AWS_CA_BUNDLE` cannot be read.
    pub fn loader(&self, attempts: u32) -> Result<ConfigLoader, AwsError> {
        let wanted = self.get("AWS_MAX_ATTEMPTS").and_then(|text| text.parse().ok());
        let retries = RetryConfig::adaptive()
            .with_max_attempts(wanted.filter(|wanted| *wanted > 0).unwrap_or(attempts))
            .with_initial_backoff(Duration::from_millis(200))
            .with_max_backoff(Duration::from_secs(20));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(60))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(self.http_client()?)
            .retry_config(retries)
            .timeout_config(timeouts);
        if let Some(profile) = self.get("AWS_PROFILE") {
            loader = loader.profile_name(profile);
        }
        if let Some(keys) = self.keys() {
            loader = loader.credentials_provider(keys);
        }
        Ok(loader)
    }

    fn keys(&self) -> Option<Credentials> {
        let id = self.get("AWS_ACCESS_KEY_ID")?;
        let secret = self.get("AWS_SECRET_ACCESS_KEY")?;
        let token = self.get("AWS_SESSION_TOKEN");
        Some(credentials::keys(id, secret, token, "environment"))
    }

    /// The HTTP client that all AWS clients of a thread share: TLS on ring with the system's roots and those of
    /// the PEM file that `AWS_CA_BUNDLE` names.
    pub(super) fn http_client(&self) -> Result<SharedHttpClient, AwsError> {
        let bundle = self.get("AWS_CA_BUNDLE").map(str::to_owned);
        if let Some(known) = HTTP.with_borrow(|known| known.get(&bundle).cloned()) {
            return Ok(known);
        }
        let mut roots = TrustStore::default();
        if let Some(path) = &bundle {
            let pem = std::fs::read(path).map_err(|source| AwsError::CaBundle {
                path: path.clone(),
                source,
            })?;
            roots = roots.with_pem_certificate(pem);
        }
        let tls = TlsContext::builder().with_trust_store(roots).build();
        let tls = tls.map_err(|error| AwsError::Settings(error.to_string()))?;
        let client = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build_https();
        HTTP.with_borrow_mut(|known| known.insert(bundle, client.clone()));
        Ok(client)
    }
}

thread_local! {
    // connections belong to the runtime of their thread
    static HTTP: RefCell<BTreeMap<Option<String>, SharedHttpClient>> = const { RefCell::new(BTreeMap::new()) };
}

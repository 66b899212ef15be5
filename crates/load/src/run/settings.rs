//! What a script's options say of HTTP.

use crate::http::{ClientCertificate, Settings};
use crate::options::{self, Options};

/// The settings of the HTTP client.
pub fn http(options: &Options) -> Settings {
    let defaults = Settings::default();
    let tls = options.tls_version.unwrap_or_default();
    Settings {
        insecure_skip_tls_verify: options.insecure_skip_tls_verify.unwrap_or(false),
        tls_min: tls.min,
        tls_max: tls.max,
        client_certificates: options.tls_auth.iter().flatten().map(certificate).collect(),
        hosts: options.hosts.clone().unwrap_or_default(),
        block_hostnames: options.block_hostnames.clone().unwrap_or_default(),
        blacklist_ips: options.blacklist_ips.clone().unwrap_or_default(),
        user_agent: options.user_agent.clone().unwrap_or(defaults.user_agent),
        batch_per_host: options
            .batch_per_host
            .map_or(6, |most| usize::try_from(most).unwrap_or(0)),
        no_connection_reuse: options.no_connection_reuse.unwrap_or(false),
        http_debug: options.http_debug.is_some(),
        rps: options.rps.and_then(|most| u32::try_from(most).ok()),
        ..Settings::default()
    }
}

fn certificate(auth: &options::TlsAuth) -> ClientCertificate {
    ClientCertificate {
        domains: auth.domains.clone(),
        cert_pem: auth.cert.clone(),
        key_pem: auth.key.clone(),
    }
}

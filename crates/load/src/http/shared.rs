//! What all users of a test have in common.

use super::hosts::Hosts;
use super::limit::Limit;
use super::proxy::Proxies;
use super::resolve::Resolver;
use super::settings::{Settings, SetupError};
use super::tls::Tls;

/// Settings, names, certificates and limits of all HTTP clients of one test. Kept in an `Arc`.
pub struct Shared {
    pub(super) settings: Settings,
    pub(super) hosts: Hosts,
    pub(super) tls: Tls,
    pub(super) resolver: Resolver,
    pub(super) limit: Option<Limit>,
    pub(super) proxies: Proxies,
}

impl Shared {
    /// Checks the settings. The system's root certificates are read at the first https request (`SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` count), the environment's proxies (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`) now.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        Ok(Self {
            hosts: Hosts::new(&settings),
            tls: Tls::new(&settings)?,
            resolver: Resolver::default(),
            limit: settings.rps.filter(|rps| *rps > 0).map(Limit::new),
            proxies: Proxies::from_environment(),
            settings,
        })
    }
}

//! `chaostoxi`: proxies and toxics of a Toxiproxy, over its HTTP API.
//!
//! Where it is comes from the configuration: `toxiproxy_url`, or `toxiproxy_host` and `toxiproxy_port` (8474).

mod api;
mod port;
mod probes;
mod proxy;
#[cfg(test)]
mod tests;
mod toxic;
mod toxic_kinds;

use chaos_engine::activity::Catalogue;

pub use probes::{GetProxyAttribute, ProxyExist};
pub use proxy::{CreateProxy, DeleteProxy, DisableProxy, EnableProxy, ModifyProxy, Reset};
pub use toxic::{CreateToxic, CreateToxicOf, DeleteToxic, ToxicKind};
pub use toxic_kinds::{Bandwidth, Latency, LimitData, Slicer, SlowClose, Timeout};

/// The catalogue with the activities of Toxiproxy.
#[must_use]
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<CreateProxy>()
        .with::<ModifyProxy>()
        .with::<DisableProxy>()
        .with::<EnableProxy>()
        .with::<DeleteProxy>()
        .with::<Reset>()
        .with::<ProxyExist>()
        .with::<GetProxyAttribute>()
        .with::<CreateToxic>()
        .with::<CreateToxicOf<Latency>>()
        .with::<CreateToxicOf<Bandwidth>>()
        .with::<CreateToxicOf<SlowClose>>()
        .with::<CreateToxicOf<Timeout>>()
        .with::<CreateToxicOf<Slicer>>()
        .with::<CreateToxicOf<LimitData>>()
        .with::<DeleteToxic>()
}

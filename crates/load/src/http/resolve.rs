//! The DNS, asked once in five minutes for each name, as k6 does.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::TryRng as _;
use rand::rngs::SysRng;
use tokio::sync::OnceCell;

use super::error::{HttpError, code};

const KEPT: Duration = Duration::from_secs(5 * 60);

/// The addresses of names, for all users of a test.
#[derive(Default)]
pub(super) struct Resolver {
    names: Mutex<HashMap<String, Entry>>,
}

/// One lookup; users who come while it runs wait for it instead of asking too.
struct Entry {
    asked: Instant,
    addresses: Arc<OnceCell<Vec<IpAddr>>>,
}

impl Resolver {
    /// The addresses of `host` from a random one on: IPv4, or IPv6 if there is no IPv4 (k6's `preferIPv4` and `random`).
    pub(super) async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, HttpError> {
        let cell = self.entry(host);
        let mut addresses = cell.get_or_try_init(|| ask(host)).await?.clone();
        let start = SysRng.try_next_u32().unwrap_or(0) as usize % addresses.len();
        addresses.rotate_left(start);
        Ok(addresses)
    }

    fn entry(&self, host: &str) -> Arc<OnceCell<Vec<IpAddr>>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = names.get(host)
            && entry.asked.elapsed() < KEPT
        {
            return entry.addresses.clone();
        }
        let addresses = Arc::new(OnceCell::new());
        names.insert(
            host.into(),
            Entry {
                asked: Instant::now(),
                addresses: addresses.clone(),
            },
        );
        addresses
    }
}

async fn ask(host: &str) -> Result<Vec<IpAddr>, HttpError> {
    let found = tokio::net::lookup_host((host, 0)).await.map_err(|error| {
        HttpError::new(code::NO_SUCH_HOST, "lookup: no such host")
            .with_detail(format!("lookup {host}: {error}"))
    })?;
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = found.map(|address| address.ip()).partition(IpAddr::is_ipv4);
    let mut chosen = if v4.is_empty() { v6 } else { v4 };
    chosen.sort_unstable();
    chosen.dedup();
    if chosen.is_empty() {
        return Err(HttpError::new(code::NO_SUCH_HOST, "lookup: no such host"));
    }
    Ok(chosen)
}

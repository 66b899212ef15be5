//! All proxies by their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::api::error::ApiError;
use crate::listen::Settings;
use crate::metrics::Metrics;
use crate::proxy::Proxy;

#[derive(Debug)]
pub struct Collection {
    proxies: Mutex<BTreeMap<String, Arc<Proxy>>>,
    metrics: Arc<Metrics>,
    closed: CancellationToken,
}

/// A proxy that is wanted.
#[derive(Debug)]
pub struct Wanted {
    pub name: String,
    pub settings: Settings,
    pub enabled: bool,
}

impl Collection {
    pub fn new(closed: CancellationToken) -> Self {
        Self {
            proxies: Mutex::default(),
            metrics: Arc::default(),
            closed,
        }
    }

    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// All proxies, by name.
    pub async fn all(&self) -> Vec<Arc<Proxy>> {
        self.proxies.lock().await.values().cloned().collect()
    }

    pub async fn get(&self, name: &str) -> Result<Arc<Proxy>, ApiError> {
        let proxies = self.proxies.lock().await;
        proxies.get(name).cloned().ok_or(ApiError::ProxyNotFound)
    }

    /// Adds a proxy under a new name.
    pub async fn add(&self, wanted: Wanted) -> Result<Arc<Proxy>, ApiError> {
        let mut proxies = self.proxies.lock().await;
        if proxies.contains_key(&wanted.name) {
            return Err(ApiError::ProxyAlreadyExists);
        }
        let proxy = self.start(wanted).await?;
        proxies.insert(proxy.name.clone(), Arc::clone(&proxy));
        Ok(proxy)
    }

    /// Adds a proxy, in place of one of that name that differs.
    pub async fn add_or_replace(&self, wanted: Wanted) -> Result<Arc<Proxy>, ApiError> {
        let mut proxies = self.proxies.lock().await;
        if let Some(existing) = proxies.get(&wanted.name) {
            if !existing.differs(&wanted.settings).await? {
                return Ok(Arc::clone(existing));
            }
            existing.stop().await;
        }
        let proxy = self.start(wanted).await?;
        proxies.insert(proxy.name.clone(), Arc::clone(&proxy));
        Ok(proxy)
    }

    async fn start(&self, wanted: Wanted) -> Result<Arc<Proxy>, ApiError> {
        let (metrics, closed) = (Arc::clone(&self.metrics), self.closed.clone());
        let proxy = Proxy::new(wanted.name, wanted.settings, metrics, closed);
        if wanted.enabled {
            proxy.start().await?;
        }
        Ok(proxy)
    }

    pub async fn remove(&self, name: &str) -> Result<(), ApiError> {
        let mut proxies = self.proxies.lock().await;
        let proxy = proxies.remove(name).ok_or(ApiError::ProxyNotFound)?;
        proxy.stop().await;
        Ok(())
    }

    pub async fn clear(&self) {
        for proxy in std::mem::take(&mut *self.proxies.lock().await).into_values() {
            proxy.stop().await;
        }
    }
}

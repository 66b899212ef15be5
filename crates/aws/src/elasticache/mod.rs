//! Amazon ElastiCache: cache clusters and replication groups (`chaosaws.elasticache`).

mod actions;
mod lookup;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of ElastiCache.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}

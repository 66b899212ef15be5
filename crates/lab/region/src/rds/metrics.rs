//! What CloudWatch shows of database servers.

use std::sync::Arc;
use std::time::Duration;

use crate::Region;

/// RDS puts its metrics once a minute.
const PERIOD: Duration = Duration::from_secs(60);

/// Puts `DatabaseConnections` of every server that is not just being changed, until dropped.
pub async fn measure(region: Arc<Region>) {
    loop {
        tokio::time::sleep(region.pace().of(PERIOD)).await;
        for (id, connections) in connections(&region) {
            let dimensions = [("DBInstanceIdentifier", id.as_str())];
            region.metrics.put(
                "AWS/RDS",
                "DatabaseConnections",
                &dimensions,
                connections as f64,
                "Count",
            );
        }
    }
}

fn connections(region: &Region) -> Vec<(String, usize)> {
    let servers: Vec<_> = {
        let state = &region.state().rds;
        let ids = state.instances.keys();
        ids.filter_map(|id| Some((id.clone(), state.felt_server(id)?)))
            .collect()
    };
    servers
        .into_iter()
        .filter_map(|(id, server)| Some((id, server.connections()?)))
        .collect()
}

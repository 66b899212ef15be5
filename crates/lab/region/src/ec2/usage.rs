//! How busy instances are: AWS/EC2 CPUUtilization.

use std::sync::Arc;
use std::time::Duration;

use crate::{Region, ssm};

/// Detailed monitoring sends a value each minute.
const PERIOD: Duration = Duration::from_secs(60);

pub(super) async fn keep(region: Arc<Region>) {
    loop {
        tokio::time::sleep(region.pace().of(PERIOD)).await;
        measure(&region);
    }
}

fn measure(region: &Region) {
    let mut state = region.state();
    let mut found = Vec::new();
    let running: Vec<(String, Option<String>)> = state
        .ec2
        .instances()
        .filter(|one| one.state == super::InstanceState::Running)
        .map(|one| (one.id.clone(), one.group.clone()))
        .collect();
    for (id, group) in running {
        let per_cent = ssm::utilization(&mut state, &id);
        found.push((id, group, per_cent));
    }
    drop(state);
    for (id, group, per_cent) in found {
        let put = |name: &str, value: &str| {
            region
                .metrics
                .put("AWS/EC2", "CPUUtilization", &[(name, value)], per_cent, "Percent")
        };
        put("InstanceId", &id);
        if let Some(group) = group {
            put("AutoScalingGroupName", &group);
        }
    }
}

//! Amazon EKS: clusters (`chaosaws.eks`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of EKS.
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<actions::CreateCluster>()
        .with::<actions::DeleteCluster>()
        .with::<probes::DescribeCluster>()
        .with::<probes::ListClusters>()
}

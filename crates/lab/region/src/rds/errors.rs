//! The errors of RDS, with the codes of its service model (which differ from the names of the faults).

use http::StatusCode;

use crate::wire::ApiError;

/// No such instance.
pub fn no_instance(id: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", format!("DBInstance {id} not found."))
        .with_status(StatusCode::NOT_FOUND)
}

/// No such cluster.
pub fn no_cluster(id: &str) -> ApiError {
    ApiError::new("DBClusterNotFoundFault", format!("DBCluster {id} not found."))
        .with_status(StatusCode::NOT_FOUND)
}

/// The instance's status does not allow it.
pub fn instance_state(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidDBInstanceState", message)
}

/// The cluster's status does not allow it.
pub fn cluster_state(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidDBClusterStateFault", message)
}

/// A parameter's value is wrong.
pub fn value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Parameters do not go together, or with the resource.
pub fn combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

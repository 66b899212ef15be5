//! Native AWS activities: what chaosaws and the starter pack's own modules do, without Python.

pub mod answer;
pub mod arguments;
pub mod az;
pub mod batches;
pub mod client;
mod during;
mod error;
pub mod fan_out;
mod given;
mod members;
pub mod merge;
pub mod pages;
mod preflight;
pub mod share;
mod times;
pub mod wire;

mod asg;
mod awslambda;
mod cloudwatch;
mod devlearnops;
mod docdb;
mod ec2;
mod ecs;
mod eks;
mod elasticache;
mod elbv2;
mod emr;
mod fis;
mod iam;
mod incidents;
mod msk;
mod rds;
mod route53;
mod s3;
mod ssm;
mod xray;

pub use error::AwsError;
pub use preflight::{Identity, preflight};

use chaos_engine::activity::Catalogue;

/// Adds every activity and control of this crate, service by service.
#[must_use]
pub fn register(catalogue: Catalogue) -> Catalogue {
    let services: [fn(Catalogue) -> Catalogue; 20] = [
        asg::register,
        awslambda::register,
        cloudwatch::register,
        docdb::register,
        ec2::register,
        ecs::register,
        eks::register,
        elasticache::register,
        elbv2::register,
        emr::register,
        fis::register,
        iam::register,
        incidents::register,
        msk::register,
        rds::register,
        route53::register,
        s3::register,
        ssm::register,
        xray::register,
        devlearnops::register,
    ];
    services
        .iter()
        .fold(catalogue, |catalogue, register| register(catalogue))
}

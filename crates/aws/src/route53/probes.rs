//! What Route 53 can be asked (`chaosaws.route53.probes`).

use aws_sdk_route53::types::RrType;
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::list;
use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.route53.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<GetHostedZone>()
        .with::<GetHealthCheckStatus>()
        .with::<GetDnsAnswer>()
}

/// Describes a hosted zone: its name servers, and the VPCs of a private one.
#[derive(Deserialize, JsonSchema)]
pub struct GetHostedZone {
    /// Id of the zone.
    zone_id: String,
}

impl NativeActivity for GetHostedZone {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_hosted_zone";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of route53:GetHostedZone.";
    const IAM: &'static [&'static str] = &["route53:GetHostedZone"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.route53();
        let zone = &self.zone_id;
        let found = answer(client.get_hosted_zone().id(zone).send()).await;
        Ok(found.map_err(|error| match error.code() {
            Some(_) => AwsError::because(format!("Hosted Zone {zone} not found. {error}")),
            None => error,
        })?)
    }
}

/// What the health checkers of Route 53 last saw.
#[derive(Deserialize, JsonSchema)]
pub struct GetHealthCheckStatus {
    /// Id of the health check.
    check_id: String,
}

impl NativeActivity for GetHealthCheckStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_health_check_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "The answer of route53:GetHealthCheckStatus, one observation for each checker.";
    const IAM: &'static [&'static str] = &["route53:GetHealthCheckStatus"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.route53();
        let check = &self.check_id;
        let status = answer(client.get_health_check_status().health_check_id(check).send()).await?;
        match list(&status, "HealthCheckObservations") {
            [] => Err(AwsError::because(format!(
                "there are no results for health check {check}: no checker has observed anything yet"
            ))
            .into()),
            _ => Ok(status),
        }
    }
}

/// What Route 53 would answer to a DNS query, by its own account.
#[derive(Deserialize, JsonSchema)]
pub struct GetDnsAnswer {
    /// Id of the zone.
    zone_id: String,
    /// Name of the record, for example `www.example.com`.
    record_name: String,
    /// Type of the record, for example `A`.
    record_type: String,
}

impl NativeActivity for GetDnsAnswer {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_dns_answer";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of route53:TestDNSAnswer.";
    const IAM: &'static [&'static str] = &["route53:TestDNSAnswer"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.route53();
        let request = client
            .test_dns_answer()
            .hosted_zone_id(self.zone_id)
            .record_name(self.record_name)
            .record_type(RrType::from(self.record_type.as_str()));
        Ok(answer(request.send()).await?)
    }
}

//! Load balancers, target groups and rules.

use serde_json::{Value, json};

use super::aws::{Aws, text};
use super::names;
use super::network::Network;
use crate::error::Error;

/// What a balancer's metrics and addresses are known by.
pub struct Balancer {
    /// `app/name/id`, the value of the dimension `LoadBalancer`.
    pub suffix: String,
    /// `http://address`
    pub url: String,
}

/// Both load balancers with their groups.
pub struct Balancers {
    pub public: Balancer,
    pub internal: Balancer,
    /// Target groups of web, api and spamcheck.
    pub groups: [String; 3],
    /// Where users go.
    pub web_url: String,
}

/// Health check path of each service, in the order of [`names::SERVICES`]. None needs what stands behind the service: a database
/// that is away for a moment must not take every task out of service.
const CHECKED: [&str; 3] = ["/health", "/api/health", "/spam/health"];
/// AWS's own port of the listeners; the lab listens where it may.
const PORT: u16 = 80;

/// Makes load balancers, groups, listeners and rules.
pub async fn make(aws: &Aws, network: &Network) -> Result<Balancers, Error> {
    let (public, public_arn) =
        balancer(aws, names::PUBLIC, "internet-facing", &network.public, network).await?;
    let (internal, internal_arn) =
        balancer(aws, names::INTERNAL, "internal", &network.private, network).await?;
    let mut groups = [String::new(), String::new(), String::new()];
    for (index, (short, _, port)) in names::SERVICES.into_iter().enumerate() {
        groups[index] = group(aws, short, port, CHECKED[index], network).await?;
    }
    let [web, api, spamcheck] = &groups;
    listener(
        aws,
        &public_arn,
        json!([{ "Type": "forward", "TargetGroupArn": web }]),
    )
    .await?;
    let nothing = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "" } }]);
    let listener = listener(aws, &internal_arn, nothing).await?;
    rule(aws, &listener, 1000, "/api", api).await?;
    rule(aws, &listener, 2000, "/spam", spamcheck).await?;
    let web_url = public.url.clone();
    Ok(Balancers {
        public,
        internal,
        groups,
        web_url,
    })
}

async fn balancer(
    aws: &Aws,
    name: &str,
    scheme: &str,
    subnets: &[String],
    network: &Network,
) -> Result<(Balancer, String), Error> {
    let wanted = json!({ "Name": name, "Scheme": scheme, "Type": "application", "Subnets": subnets, "SecurityGroups": [network.security_group] });
    let made = aws
        .call("elasticloadbalancing", "CreateLoadBalancer", &wanted)
        .await?;
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn")?;
    let address = text(&made, "/LoadBalancers/0/DNSName")?;
    let suffix = arn
        .split_once("loadbalancer/")
        .map_or_else(|| arn.clone(), |(_, suffix)| suffix.to_owned());
    Ok((
        Balancer {
            suffix,
            url: format!("http://{address}:8080"),
        },
        arn,
    ))
}

async fn group(aws: &Aws, short: &str, port: u16, path: &str, network: &Network) -> Result<String, Error> {
    let wanted = json!({
        "Name": names::group(short), "Protocol": "HTTP", "Port": port, "VpcId": network.vpc, "TargetType": "ip",
        "HealthCheckPath": path, "Matcher": { "HttpCode": "200,301,302" }, "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
    });
    let made = aws
        .call("elasticloadbalancing", "CreateTargetGroup", &wanted)
        .await?;
    let arn = text(&made, "/TargetGroups/0/TargetGroupArn")?;
    let drain = json!({ "TargetGroupArn": arn, "Attributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": "30" }] });
    aws.call("elasticloadbalancing", "ModifyTargetGroupAttributes", &drain)
        .await?;
    Ok(arn)
}

async fn listener(aws: &Aws, balancer: &str, default: Value) -> Result<String, Error> {
    let wanted =
        json!({ "LoadBalancerArn": balancer, "Port": PORT, "Protocol": "HTTP", "DefaultActions": default });
    text(
        &aws.call("elasticloadbalancing", "CreateListener", &wanted)
            .await?,
        "/Listeners/0/ListenerArn",
    )
}

async fn rule(aws: &Aws, listener: &str, priority: u32, prefix: &str, group: &str) -> Result<(), Error> {
    let wanted = json!({
        "ListenerArn": listener, "Priority": priority,
        "Conditions": [{ "Field": "path-pattern", "PathPatternConfig": { "Values": [prefix, format!("{prefix}/*")] } }],
        "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
    });
    aws.call("elasticloadbalancing", "CreateRule", &wanted)
        .await
        .map(drop)
}

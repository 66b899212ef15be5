//! SSM parameters, and the topic of alarms.

use serde_json::json;

use super::aws::Aws;
use super::balancers::Balancers;
use super::database::Database;
use super::names;
use super::network::Network;
use crate::error::Error;

/// Makes what experiments look up; gives the topic's ARN.
pub async fn make(
    aws: &Aws,
    network: &Network,
    balancers: &Balancers,
    database: &Database,
) -> Result<String, Error> {
    let topic = aws
        .plain
        .create_topic(names::TOPIC)
        .await
        .map_err(|source| Error::Seed {
            what: names::TOPIC.to_owned(),
            source,
        })?;
    let subscribed = aws.plain.subscribe_queue(&topic, names::QUEUE).await;
    subscribed.map_err(|source| Error::Seed {
        what: names::QUEUE.to_owned(),
        source,
    })?;
    let internal = balancers.internal.url.trim_start_matches("http://");
    let of_app: [(&str, &str, String); 9] = [
        ("web_url", "String", balancers.web_url.clone()),
        ("internal_alb_dns_name", "String", internal.to_owned()),
        ("db_username", "String", database.user.to_owned()),
        ("db_password", "SecureString", database.password.clone()),
        ("db_connection_string", "String", database.connection_string()),
        ("db_instance_address", "String", database.host.clone()),
        (
            "autoscaling_group/ondemand/name",
            "String",
            names::GROUP.to_owned(),
        ),
        ("sre/notification_topic_arn", "String", topic.clone()),
        ("db_instance_identifier", "String", names::DATABASE.to_owned()),
    ];
    for (name, kind, value) in of_app {
        put(aws, &names::parameter(name), kind, &value).await?;
    }
    let of_network = [
        ("id", network.vpc.clone()),
        ("cidr-blocks/vpc", aws.region.settings().network.cidr()),
        ("private_subnets", network.private.join(",")),
        ("public_subnets", network.public.join(",")),
    ];
    for (name, value) in of_network {
        put(
            aws,
            &format!("/{}/vpc/{name}", names::ENVIRONMENT),
            "String",
            &value,
        )
        .await?;
    }
    Ok(topic)
}

async fn put(aws: &Aws, name: &str, kind: &str, value: &str) -> Result<(), Error> {
    let parameter = json!({ "Name": name, "Type": kind, "Value": value });
    aws.plain("ssm", "AmazonSSM.PutParameter", &parameter)
        .await
        .map(drop)
}

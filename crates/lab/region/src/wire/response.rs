//! From an operation's answer to an HTTP response.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::cbor;
use super::error::ApiError;
use super::request::{Call, Protocol, RawRequest, service_of};
use super::xml::{self, Spelling};
use crate::name;

/// An HTTP response with its body.
#[derive(Clone, Debug)]
pub struct RawResponse {
    /// The status.
    pub status: StatusCode,
    /// Names and values of headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// The member that marks a time in an answer, so that each protocol writes it in its own way.
const TIME: &str = "$time";

/// A time in an answer, from seconds since 1970.
pub fn time(seconds: f64) -> Value {
    json!({ TIME: seconds })
}

/// The seconds of what [`time`] made.
pub(super) fn time_of(value: &Value) -> Option<f64> {
    let members = value.as_object()?;
    (members.len() == 1)
        .then(|| members.get(TIME)?.as_f64())
        .flatten()
}

impl RawResponse {
    /// Writes what an operation answered in the protocol of its call.
    pub fn of(call: &Call, answer: Result<Value, ApiError>) -> RawResponse {
        match answer {
            Ok(output) => success(call, &output),
            Err(error) => failure(call, &error),
        }
    }

    /// Answers a request that could not be read.
    pub fn refusal(request: &RawRequest, error: &ApiError) -> RawResponse {
        let service = service_of(request).unwrap_or_default();
        let call = Call {
            service,
            operation: String::new(),
            input: Value::Null,
            protocol: Protocol::Json("1.1"),
            access_key: None,
        };
        failure(&call, error)
    }

    fn new(status: StatusCode, kind: &str, body: impl Into<Bytes>) -> RawResponse {
        let headers = vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("x-amzn-requestid".to_owned(), name::uuid()),
        ];
        RawResponse {
            status,
            headers,
            body: body.into(),
        }
    }

    fn with(mut self, header: &str, value: &str) -> RawResponse {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }
}

fn success(call: &Call, output: &Value) -> RawResponse {
    let operation = &call.operation;
    match call.protocol {
        Protocol::Json(version) => {
            RawResponse::new(StatusCode::OK, json_kind(version), plain(output).to_string())
        }
        Protocol::Rest => RawResponse::new(StatusCode::OK, "application/json", plain(output).to_string()),
        Protocol::Cbor => RawResponse::new(StatusCode::OK, "application/cbor", cbor::write(output))
            .with("smithy-protocol", "rpc-v2-cbor"),
        Protocol::Query => {
            let members = xml::members(output, spelling(&call.service));
            let id = name::uuid();
            let body = format!(
                "<{operation}Response xmlns=\"{}\"><{operation}Result>{members}</{operation}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>",
                namespace(&call.service)
            );
            RawResponse::new(StatusCode::OK, "text/xml", body)
        }
        Protocol::Ec2 => {
            let members = xml::members(output, spelling(&call.service));
            let id = name::uuid();
            let body = format!(
                "<{operation}Response xmlns=\"{}\"><requestId>{id}</requestId>{members}</{operation}Response>",
                namespace(&call.service)
            );
            RawResponse::new(StatusCode::OK, "text/xml", body)
        }
    }
}

fn failure(call: &Call, error: &ApiError) -> RawResponse {
    let ApiError {
        code,
        message,
        status,
    } = error;
    let body = json!({ "__type": code, "message": message, "Message": message });
    let escaped = quick_xml::escape::escape(message.as_str());
    let id = name::uuid();
    match call.protocol {
        Protocol::Json(version) => {
            RawResponse::new(*status, json_kind(version), body.to_string()).with("x-amzn-errortype", code)
        }
        Protocol::Rest => {
            RawResponse::new(*status, "application/json", body.to_string()).with("x-amzn-errortype", code)
        }
        Protocol::Cbor => RawResponse::new(*status, "application/cbor", cbor::write(&body))
            .with("smithy-protocol", "rpc-v2-cbor"),
        Protocol::Query => RawResponse::new(
            *status,
            "text/xml",
            format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{escaped}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>",
                namespace(&call.service)
            ),
        ),
        Protocol::Ec2 => RawResponse::new(
            *status,
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{escaped}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
            ),
        ),
    }
}

fn json_kind(version: &str) -> &'static str {
    if version == "1.0" {
        "application/x-amz-json-1.0"
    } else {
        "application/x-amz-json-1.1"
    }
}

/// JSON with times as numbers of seconds, and without members that are not set.
fn plain(value: &Value) -> Value {
    if let Some(seconds) = time_of(value) {
        return json!(seconds);
    }
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let set = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(set.map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        other => other.clone(),
    }
}

fn namespace(service: &str) -> &'static str {
    match service {
        "ec2" => "http://ec2.amazonaws.com/doc/2016-11-15/",
        "autoscaling" => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        "elasticloadbalancing" => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        "monitoring" => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        "rds" => "http://rds.amazonaws.com/doc/2014-10-31/",
        _ => "https://amazonaws.com/",
    }
}

/// The item names that services declare for lists (RDS) or use throughout (EC2).
fn spelling(service: &str) -> Spelling {
    match service {
        "ec2" => Spelling {
            item: "item",
            items: &[],
        },
        "rds" => Spelling {
            item: "member",
            items: RDS_ITEMS,
        },
        _ => Spelling {
            item: "member",
            items: &[],
        },
    }
}

const RDS_ITEMS: &[(&str, &str)] = &[
    ("AvailabilityZones", "AvailabilityZone"),
    ("DBClusterEndpoints", "DBClusterEndpointList"),
    ("DBClusterMembers", "DBClusterMember"),
    ("DBClusterSnapshots", "DBClusterSnapshot"),
    ("DBClusters", "DBCluster"),
    ("DBInstances", "DBInstance"),
    ("DBParameterGroups", "DBParameterGroup"),
    ("DBSecurityGroups", "DBSecurityGroup"),
    ("DBSnapshots", "DBSnapshot"),
    ("DBSubnetGroups", "DBSubnetGroup"),
    ("EventCategories", "EventCategory"),
    ("Events", "Event"),
    ("OptionGroupMemberships", "OptionGroupMembership"),
    ("Subnets", "Subnet"),
    ("TagList", "Tag"),
    ("VpcSecurityGroups", "VpcSecurityGroupMembership"),
];

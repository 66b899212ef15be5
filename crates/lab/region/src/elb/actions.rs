//! What a rule does with its requests.

use std::sync::Arc;

use chaos_lab_balancer::{self as plane, TargetGroup};
use serde_json::{Value, json};

use crate::input;
use crate::wire::ApiError;

/// One action. Chains (authentication before forwarding) and weighted target groups are not offered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Forward {
        group: String,
    },
    Fixed {
        status: u16,
        content_type: String,
        body: String,
    },
    Redirect {
        status: u16,
        protocol: String,
        host: String,
        port: String,
        path: String,
        query: String,
    },
}

impl Action {
    /// Reads a list of actions, which must be of one.
    ///
    /// # Errors
    /// `ValidationError`, `InvalidLoadBalancerAction`.
    pub(super) fn read(input: &Value, member: &str) -> Result<Action, ApiError> {
        let [action] = input::list(input, member) else {
            return Err(ApiError::new(
                "InvalidLoadBalancerAction",
                format!("{member} must hold one action: forward, redirect or fixed-response."),
            ));
        };
        match input::required(action, "Type")? {
            "forward" => forward(action),
            "fixed-response" => fixed(action.get("FixedResponseConfig").unwrap_or(&Value::Null)),
            "redirect" => redirect(action.get("RedirectConfig").unwrap_or(&Value::Null)),
            other => Err(ApiError::new(
                "InvalidLoadBalancerAction",
                format!("chaos-lab does not offer actions of the type '{other}'."),
            )),
        }
    }

    /// The target group that it forwards to.
    pub(super) fn group(&self) -> Option<&str> {
        match self {
            Action::Forward { group } => Some(group),
            _ => None,
        }
    }

    /// As answers show it.
    pub(super) fn describe(&self) -> Value {
        match self {
            Action::Forward { group } => json!([{
                "Type": "forward",
                "TargetGroupArn": group,
                "Order": 1,
                "ForwardConfig": {
                    "TargetGroups": [{ "TargetGroupArn": group, "Weight": 1 }],
                    "TargetGroupStickinessConfig": { "Enabled": false },
                },
            }]),
            Action::Fixed {
                status,
                content_type,
                body,
            } => json!([{
                "Type": "fixed-response",
                "Order": 1,
                "FixedResponseConfig": {
                    "StatusCode": status.to_string(), "ContentType": content_type, "MessageBody": body,
                },
            }]),
            Action::Redirect {
                status,
                protocol,
                host,
                port,
                path,
                query,
            } => json!([{
                "Type": "redirect",
                "Order": 1,
                "RedirectConfig": {
                    "Protocol": protocol, "Host": host, "Port": port, "Path": path, "Query": query,
                    "StatusCode": format!("HTTP_{status}"),
                },
            }]),
        }
    }

    /// What the data plane does; nothing where the target group is gone.
    pub(super) fn plane(&self, find: impl Fn(&str) -> Option<Arc<TargetGroup>>) -> Option<plane::Action> {
        Some(match self {
            Action::Forward { group } => plane::Action::Forward(find(group)?),
            Action::Fixed {
                status,
                content_type,
                body,
            } => plane::Action::FixedResponse {
                status: *status,
                content_type: content_type.clone(),
                body: body.clone(),
            },
            Action::Redirect {
                status,
                protocol,
                host,
                port,
                path,
                query,
            } => plane::Action::Redirect {
                status: *status,
                location: format!("{}://{host}:{port}{path}?{query}", protocol.to_lowercase()),
            },
        })
    }
}

fn forward(action: &Value) -> Result<Action, ApiError> {
    let config = action.get("ForwardConfig").unwrap_or(&Value::Null);
    let group = match (
        input::text(action, "TargetGroupArn"),
        input::list(config, "TargetGroups"),
    ) {
        (Some(group), [] | [_]) => group,
        (None, [one]) => input::required(one, "TargetGroupArn")?,
        (None, []) => return Err(ApiError::validation("A forward action needs a TargetGroupArn.")),
        _ => {
            let why = "chaos-lab forwards to one target group; weighted target groups are not offered.";
            return Err(ApiError::new("InvalidLoadBalancerAction", why));
        }
    };
    Ok(Action::Forward {
        group: group.to_owned(),
    })
}

fn fixed(config: &Value) -> Result<Action, ApiError> {
    let status = input::required(config, "StatusCode")?.parse().ok();
    let status = status.filter(|status| matches!(status, 200..=299 | 400..=599));
    let status = status
        .ok_or_else(|| ApiError::validation("StatusCode of a fixed response must be 2XX, 4XX or 5XX."))?;
    let part = |member| input::text(config, member).unwrap_or_default().to_owned();
    Ok(Action::Fixed {
        status,
        content_type: part("ContentType"),
        body: part("MessageBody"),
    })
}

fn redirect(config: &Value) -> Result<Action, ApiError> {
    let status = match input::required(config, "StatusCode")? {
        "HTTP_301" => 301,
        "HTTP_302" => 302,
        _ => {
            return Err(ApiError::validation(
                "StatusCode of a redirect must be HTTP_301 or HTTP_302.",
            ));
        }
    };
    let part = |member, default: &str| input::text(config, member).unwrap_or(default).to_owned();
    Ok(Action::Redirect {
        status,
        protocol: part("Protocol", "#{protocol}"),
        host: part("Host", "#{host}"),
        port: part("Port", "#{port}"),
        path: part("Path", "/#{path}"),
        query: part("Query", "#{query}"),
    })
}

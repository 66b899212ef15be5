//! Rules of security groups: as requests write them, and as answers list them.

use serde_json::{Value, json};

use super::needed;
use super::security::SecurityGroup;
use crate::input::{integer, list, text};
use crate::name;
use crate::wire::ApiError;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    In,
    Out,
}

/// Who may come, or be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    Range(String),
    Range6(String),
    Group(String),
    List(String),
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    pub side: Side,
    pub protocol: String,
    /// First and last port, or type and code of ICMP; nothing for all.
    pub ports: Option<(i64, i64)>,
    pub peer: Peer,
    pub description: Option<String>,
}

impl Rule {
    /// Whether AWS takes it for the same rule.
    pub fn is_same(&self, other: &Rule) -> bool {
        self.side == other.side
            && self.protocol == other.protocol
            && self.ports == other.ports
            && self.peer == other.peer
    }
}

/// The permissions of one side, as a group lists them: rules of the same protocol and ports together.
pub fn permissions(group: &SecurityGroup, side: Side, account: &str) -> Vec<Value> {
    let mut kinds: Vec<(&str, Option<(i64, i64)>)> = Vec::new();
    for rule in group.rules.iter().filter(|rule| rule.side == side) {
        if !kinds.contains(&(&rule.protocol, rule.ports)) {
            kinds.push((&rule.protocol, rule.ports));
        }
    }
    let one = |(protocol, ports): (&str, Option<(i64, i64)>)| {
        let of: Vec<&Rule> = group
            .rules
            .iter()
            .filter(|rule| rule.side == side && rule.protocol == protocol && rule.ports == ports)
            .collect();
        let peers = |view: &dyn Fn(&Rule) -> Option<Value>| {
            of.iter().filter_map(|rule| view(rule)).collect::<Vec<_>>()
        };
        json!({
            "ipProtocol": protocol,
            "fromPort": ports.map(|ports| ports.0),
            "toPort": ports.map(|ports| ports.1),
            "ipRanges": peers(&|rule| matches!(&rule.peer, Peer::Range(_)).then(|| peer_view(rule, account))),
            "ipv6Ranges": peers(&|rule| matches!(&rule.peer, Peer::Range6(_)).then(|| peer_view(rule, account))),
            "groups": peers(&|rule| matches!(&rule.peer, Peer::Group(_)).then(|| peer_view(rule, account))),
            "prefixListIds": peers(&|rule| matches!(&rule.peer, Peer::List(_)).then(|| peer_view(rule, account))),
        })
    };
    kinds.into_iter().map(one).collect()
}

fn peer_view(rule: &Rule, account: &str) -> Value {
    let description = &rule.description;
    match &rule.peer {
        Peer::Range(range) => json!({ "cidrIp": range, "description": description }),
        Peer::Range6(range) => json!({ "cidrIpv6": range, "description": description }),
        Peer::Group(id) => json!({ "groupId": id, "userId": account, "description": description }),
        Peer::List(id) => json!({ "prefixListId": id, "description": description }),
    }
}

/// A rule by itself.
pub fn rule_view(rule: &Rule, group: &str, account: &str) -> Value {
    let mut view = json!({
        "securityGroupRuleId": rule.id,
        "groupId": group,
        "groupOwnerId": account,
        "isEgress": rule.side == Side::Out,
        "ipProtocol": rule.protocol,
        "fromPort": rule.ports.map_or(-1, |ports| ports.0),
        "toPort": rule.ports.map_or(-1, |ports| ports.1),
        "description": rule.description,
    });
    match &rule.peer {
        Peer::Range(range) => view["cidrIpv4"] = json!(range),
        Peer::Range6(range) => view["cidrIpv6"] = json!(range),
        Peer::Group(id) => view["referencedGroupInfo"] = json!({ "groupId": id, "userId": account }),
        Peer::List(id) => view["prefixListId"] = json!(id),
    }
    view
}

/// The rules that a request names, in its long form (`IpPermissions`) or its short one (`CidrIp`).
pub fn asked(input: &Value, side: Side) -> Result<Vec<Rule>, ApiError> {
    let long = list(input, "IpPermissions");
    let short = std::slice::from_ref(input);
    let from = if long.is_empty() && text(input, "IpProtocol").is_some() {
        short
    } else {
        long
    };
    let mut rules = Vec::new();
    for permission in from {
        rules.extend(rules_of(permission, side)?);
    }
    Ok(rules)
}

fn rules_of(permission: &Value, side: Side) -> Result<Vec<Rule>, ApiError> {
    let protocol = match needed(permission, "IpProtocol")? {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    let ports = integer(permission, "FromPort")?.zip(integer(permission, "ToPort")?);
    let ports = ports.filter(|_| protocol != "-1");
    if ports.is_none() && ["tcp", "udp"].contains(&protocol) {
        let message = format!(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange of {protocol}."
        );
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if let Some((from, to)) = ports
        .filter(|(from, to)| ["tcp", "udp"].contains(&protocol) && (from > to || *from < 0 || *to > 65_535))
    {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid value '{from}-{to}' for portRange."),
        ));
    }
    let peers = peers_of(permission)?;
    let rule = |(peer, description)| Rule {
        id: name::resource("sgr"),
        side,
        protocol: protocol.to_owned(),
        ports,
        peer,
        description,
    };
    Ok(peers.into_iter().map(rule).collect())
}

/// A list of a request, the member of its items, and the peer that this is.
type PeerList = (&'static str, &'static str, fn(String) -> Peer);

type Peers = Vec<(Peer, Option<String>)>;

fn peers_of(permission: &Value) -> Result<Peers, ApiError> {
    let mut peers = Peers::new();
    if let Some(range) = text(permission, "CidrIp") {
        peers.push((Peer::Range(range.to_owned()), None));
    }
    let lists: [PeerList; 4] = [
        ("IpRanges", "CidrIp", Peer::Range),
        ("Ipv6Ranges", "CidrIpv6", Peer::Range6),
        ("Groups", "GroupId", Peer::Group),
        ("PrefixListIds", "PrefixListId", Peer::List),
    ];
    for (name, member, peer) in lists {
        for item in list(permission, name) {
            let description = text(item, "Description").map(str::to_owned);
            peers.extend(text(item, member).map(|value| (peer(value.to_owned()), description)));
        }
    }
    match peers.iter().find_map(|(peer, _)| bad_range(peer)) {
        Some(range) => Err(ApiError::new(
            "InvalidParameterValue",
            format!("CIDR block {range} is malformed"),
        )),
        None => Ok(peers),
    }
}

fn bad_range(peer: &Peer) -> Option<&str> {
    let Peer::Range(range) = peer else {
        return None;
    };
    let (address, bits) = range.split_once('/').unwrap_or((range, ""));
    let is_good =
        address.parse::<std::net::Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32);
    (!is_good).then_some(range)
}

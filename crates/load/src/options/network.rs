//! Options about where requests may go: names and addresses.

use std::net::{IpAddr, SocketAddr};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::OptionsError;
use super::value::{OptionValue, object};

/// Addresses by name (`hosts`): names, or patterns that start with `*`, each perhaps with a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(IndexMap<String, HostAddress>);

/// Where a name of `hosts` leads; without a port, the request's own is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostAddress {
    pub ip: IpAddr,
    pub port: Option<u16>,
}

impl Hosts {
    /// Where a request to `host` and `port` is to go instead, if the option says so. A name with that port comes
    /// before the name alone, a full name before a pattern, and the longest pattern before others, as in k6.
    pub fn find(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let names = || self.0.keys().map(String::as_str);
        let pattern = best_match(names(), &format!("{host}:{port}")).or_else(|| best_match(names(), host))?;
        let address = self.0.get(pattern)?;
        Some(SocketAddr::new(address.ip, address.port.unwrap_or(port)))
    }
}

impl HostAddress {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(Self {
                ip: address.ip(),
                port: Some(address.port()),
            });
        }
        let ip = text.parse().ok()?;
        Some(Self { ip, port: None })
    }
}

impl OptionValue for Hosts {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let read = |(name, address): (&String, &Value)| {
            let at = format!("{at}.{name}");
            let name = pattern(name, true).ok_or_else(|| bad_pattern(&at, name))?;
            let text = String::read(address, &at)?;
            let address = HostAddress::parse(&text).ok_or_else(|| {
                OptionsError::kind(
                    &at,
                    format!("{text:?}"),
                    "an IP address, such as \"10.0.0.1\" or \"10.0.0.1:8080\"",
                )
            })?;
            Ok((name, address))
        };
        object(value, at)?
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn show(&self) -> Value {
        let shown = |(name, address): (&String, &HostAddress)| {
            let address = match address.port {
                Some(port) => SocketAddr::new(address.ip, port).to_string(),
                None => address.ip.to_string(),
            };
            (name.clone(), Value::from(address))
        };
        Value::Object(self.0.iter().map(shown).collect::<Map<_, _>>())
    }
}

/// Names that must not be called (`blockHostnames`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPatterns {
    patterns: Vec<String>,
    stated: Vec<String>,
}

impl HostPatterns {
    /// Of names, or patterns that start with `*`.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn of(stated: &[String]) -> Result<Self, String> {
        let read = |text: &String| pattern(text, false).ok_or_else(|| text.clone());
        let patterns = stated.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self {
            patterns,
            stated: stated.to_vec(),
        })
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The pattern that forbids `host`, if one does.
    pub fn find(&self, host: &str) -> Option<&str> {
        best_match(self.patterns.iter().map(String::as_str), host)
    }
}

impl OptionValue for HostPatterns {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        Self::of(&Vec::<String>::read(value, at)?).map_err(|text| bad_pattern(at, &text))
    }

    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        Self::read(&text.split(',').map(str::trim).collect(), at)
    }

    fn show(&self) -> Value {
        self.stated.show()
    }
}

fn bad_pattern(at: &str, text: &str) -> OptionsError {
    let expected = "a host name, or a pattern that starts with `*`, such as \"*.example.com\"";
    OptionsError::kind(at, format!("{text:?}"), expected)
}

/// The pattern in lower case, if it is one.
fn pattern(text: &str, with_port: bool) -> Option<String> {
    let text = text.to_lowercase();
    let name = match text.rsplit_once(':') {
        Some((name, port)) if with_port => {
            port.parse::<u16>().ok()?;
            name
        }
        _ => &text,
    };
    let rest = name
        .strip_prefix('*')
        .map_or(name, |rest| rest.strip_prefix('.').unwrap_or(rest));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    (rest.is_empty() || rest.split('.').all(is_label)).then_some(text)
}

fn best_match<'a>(patterns: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let name = name.to_lowercase();
    let fits = |pattern: &str| match pattern.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => name == pattern,
    };
    patterns
        .filter(|pattern| fits(pattern))
        .max_by_key(|pattern| (!pattern.starts_with('*'), pattern.len()))
}

/// A range of addresses (`blacklistIPs`), such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Reads `10.0.0.0/8`; bits after the prefix are cleared.
    pub fn parse(text: &str) -> Option<Self> {
        let (ip, prefix) = text.split_once('/')?;
        let (ip, prefix): (IpAddr, u8) = (ip.parse().ok()?, prefix.parse().ok()?);
        let network = masked(ip, prefix)?;
        Some(Self { network, prefix })
    }

    /// Is the address in the range?
    pub fn contains(&self, ip: IpAddr) -> bool {
        masked(ip.to_canonical(), self.prefix) == Some(self.network)
    }
}

/// The address without what follows the prefix; none when the prefix is too long for it.
fn masked(ip: IpAddr, prefix: u8) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) => {
            let shift = 32_u8.checked_sub(prefix)?;
            let mask = u32::MAX.checked_shl(shift.into()).unwrap_or(0);
            Some(IpAddr::V4((ip.to_bits() & mask).into()))
        }
        IpAddr::V6(ip) => {
            let shift = 128_u8.checked_sub(prefix)?;
            let mask = u128::MAX.checked_shl(shift.into()).unwrap_or(0);
            Some(IpAddr::V6((ip.to_bits() & mask).into()))
        }
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl OptionValue for Cidr {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        value
            .as_str()
            .and_then(Self::parse)
            .ok_or_else(|| OptionsError::kind(at, value, "a range of addresses, such as \"10.0.0.0/8\""))
    }

    fn show(&self) -> Value {
        Value::from(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_are_found_by_name_by_port_and_by_pattern() {
        let stated = json!({
            "Test.k6.io": "1.2.3.4", "test.k6.io:443": "1.2.3.4:8443", "*.grafana.com": "4.4.4.4:90",
            "*.test.grafana.com": "5.5.5.5", "six.example": "[::1]:80",
        });
        let hosts = Hosts::read(&stated, "options.hosts").unwrap();
        let found = |host, port| hosts.find(host, port).map(|address| address.to_string());
        assert_eq!(found("test.k6.io", 80).unwrap(), "1.2.3.4:80");
        assert_eq!(found("TEST.k6.io", 443).unwrap(), "1.2.3.4:8443");
        assert_eq!(found("a.grafana.com", 80).unwrap(), "4.4.4.4:90");
        assert_eq!(found("a.test.grafana.com", 80).unwrap(), "5.5.5.5:80");
        assert_eq!(found("six.example", 1).unwrap(), "[::1]:80");
        assert_eq!(found("grafana.com", 80), None);
    }

    #[test]
    fn wrong_hosts_are_named() {
        let read = |value| Hosts::read(&value, "options.hosts").unwrap_err().to_string();
        assert_eq!(
            read(json!({"a": "nope"})),
            "options.hosts.a: \"nope\" is not an IP address, such as \"10.0.0.1\" or \"10.0.0.1:8080\""
        );
        assert!(
            read(json!({"a.*.b": "1.1.1.1"}))
                .starts_with("options.hosts.a.*.b: \"a.*.b\" is not a host name")
        );
        assert!(read(json!({"a:99999": "1.1.1.1"})).contains("is not a host name"));
    }

    #[test]
    fn blocked_names_are_found() {
        let blocked = HostPatterns::read(&json!(["test.k6.io", "*.example.com", "*ads"]), "x").unwrap();
        assert_eq!(blocked.find("TEST.K6.IO"), Some("test.k6.io"));
        assert_eq!(blocked.find("a.b.example.com"), Some("*.example.com"));
        assert_eq!(blocked.find("example.com"), None);
        assert_eq!(blocked.find("moreads"), Some("*ads"));
        let all = HostPatterns::read_text("*", "K6_BLOCK_HOSTNAMES").unwrap();
        assert_eq!(all.find("anything"), Some("*"));
        assert!(HostPatterns::read(&json!(["-a.com"]), "x").is_err());
    }

    #[test]
    fn ranges_contain_their_addresses_only() {
        let contains = |range: &str, ip: &str| Cidr::parse(range).unwrap().contains(ip.parse().unwrap());
        assert!(contains("10.0.0.0/8", "10.255.1.1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("0.0.0.0/0", "200.1.1.1"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("fe80::/10", "fe80::1"));
        assert!(contains("1.2.3.4/32", "1.2.3.4"));
        assert_eq!(Cidr::parse("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
        for wrong in ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "1.1.1.1/-1"] {
            assert_eq!(Cidr::parse(wrong), None, "{wrong}");
        }
    }
}

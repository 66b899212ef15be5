//! Where names lead, and which names and addresses are not to be called.

use std::net::{IpAddr, SocketAddr};

use super::error::{HttpError, code};
use super::settings::Settings;
use crate::options;

/// k6's options `hosts`, `blockHostnames` and `blacklistIPs`.
pub(super) struct Hosts {
    leads: options::Hosts,
    blocked: options::HostPatterns,
    blacklist: Vec<options::Cidr>,
}

/// Where to connect, before the DNS is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Address(SocketAddr),
    Lookup,
}

impl Hosts {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            leads: settings.hosts.clone(),
            blocked: settings.block_hostnames.clone(),
            blacklist: settings.blacklist_ips.clone(),
        }
    }

    /// What is known of `host` without the DNS. As in k6, a blocked name is judged before it is looked up in `hosts`.
    pub(super) fn target(&self, host: &str, port: u16) -> Result<Target, HttpError> {
        let ip: Option<IpAddr> = host.parse().ok();
        if ip.is_none()
            && let Some(pattern) = self.blocked.find(host)
        {
            let detail = format!("hostname ({host}) is in a blocked pattern ({pattern})");
            return Err(HttpError::new(code::BLOCKED, "hostname is blocked").with_detail(detail));
        }
        if let Some(address) = self.leads.find(host, port) {
            return self.allow(address.ip()).map(|()| Target::Address(address));
        }
        match ip {
            Some(ip) => self
                .allow(ip)
                .map(|()| Target::Address(SocketAddr::new(ip, port))),
            None => Ok(Target::Lookup),
        }
    }

    /// Fails when the address is in the blacklist.
    pub(super) fn allow(&self, ip: IpAddr) -> Result<(), HttpError> {
        match self.blacklist.iter().find(|range| range.contains(ip)) {
            None => Ok(()),
            Some(range) => Err(HttpError::new(code::BLACKLISTED, "ip is blacklisted")
                .with_detail(format!("IP ({ip}) is in a blacklisted range ({range})"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn hosts(options: serde_json::Value) -> Hosts {
        let options = Options::from_json(&options).unwrap();
        Hosts::new(&Settings {
            hosts: options.hosts.unwrap_or_default(),
            block_hostnames: options.block_hostnames.unwrap_or_default(),
            blacklist_ips: options.blacklist_ips.unwrap_or_default(),
            ..Settings::default()
        })
    }

    fn address(text: &str) -> Target {
        Target::Address(text.parse().unwrap())
    }

    #[test]
    fn names_lead_to_addresses() {
        let hosts = hosts(serde_json::json!({"hosts": {
            "a.test": "1.1.1.1",
            "a.test:8080": "2.2.2.2:90",
            "*.b.test": "3.3.3.3",
            "x.b.test": "4.4.4.4",
            "v6.test": "[::1]:7",
        }}));
        assert_eq!(hosts.target("A.test", 80).unwrap(), address("1.1.1.1:80"));
        assert_eq!(hosts.target("a.test", 8080).unwrap(), address("2.2.2.2:90"));
        assert_eq!(hosts.target("y.b.test", 1).unwrap(), address("3.3.3.3:1"));
        assert_eq!(hosts.target("x.b.test", 1).unwrap(), address("4.4.4.4:1"));
        assert_eq!(hosts.target("b.test", 1).unwrap(), Target::Lookup);
        assert_eq!(hosts.target("v6.test", 1).unwrap(), address("[::1]:7"));
        assert_eq!(hosts.target("9.9.9.9", 1).unwrap(), address("9.9.9.9:1"));
    }

    #[test]
    fn blocked_names_and_ranges_are_refused() {
        let hosts = hosts(serde_json::json!({
            "hosts": {"in.test": "10.1.1.1"},
            "blockHostnames": ["*.bad.test"],
            "blacklistIPs": ["10.0.0.0/8", "fd00::/8"],
        }));
        assert_eq!(hosts.target("a.bad.test", 80).unwrap_err().code, code::BLOCKED);
        assert_eq!(hosts.target("in.test", 80).unwrap_err().code, code::BLACKLISTED);
        assert_eq!(
            hosts.target("10.255.0.1", 80).unwrap_err().code,
            code::BLACKLISTED
        );
        assert_eq!(hosts.target("fd12::1", 80).unwrap_err().code, code::BLACKLISTED);
        assert!(hosts.target("11.0.0.1", 80).is_ok());
        assert!(hosts.allow("::ffff:10.0.0.1".parse().unwrap()).is_err());
    }
}

//! Options about how connections are made: name resolution and TLS.

use serde_json::{Value, json};

use super::OptionsError;
use super::error::did_you_mean;
use super::value::{OptionValue, member, object, read_option};

/// How names are resolved (`dns`); each part is left to the default when it is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// `inf`, `0`, or a duration; k6's default is `5m`.
    pub ttl: Option<String>,
    /// `first`, `roundRobin` or `random`, which is the default.
    pub select: Option<String>,
    /// `preferIPv4`, which is the default, `preferIPv6`, `onlyIPv4`, `onlyIPv6` or `any`.
    pub policy: Option<String>,
}

const SELECTS: [&str; 3] = ["first", "roundRobin", "random"];
const POLICIES: [&str; 5] = ["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"];

impl Dns {
    /// Takes from `weaker` what is not set here.
    pub(super) fn or(self, weaker: Self) -> Self {
        Self {
            ttl: self.ttl.or(weaker.ttl),
            select: self.select.or(weaker.select),
            policy: self.policy.or(weaker.policy),
        }
    }

    fn checked(self, at: &str) -> Result<Self, OptionsError> {
        one_of(self.select.as_deref(), &SELECTS, &format!("{at}.select"))?;
        one_of(self.policy.as_deref(), &POLICIES, &format!("{at}.policy"))?;
        if let Some(ttl) = self.ttl.as_deref().filter(|ttl| *ttl != "inf") {
            let expected = "\"inf\", \"0\" or a duration such as \"5m\"";
            super::duration::parse(ttl)
                .map_err(|_| OptionsError::kind(&format!("{at}.ttl"), format!("{ttl:?}"), expected))?;
        }
        Ok(self)
    }
}

fn one_of(name: Option<&str>, known: &[&str], at: &str) -> Result<(), OptionsError> {
    match name {
        // k6 takes these names in any case
        Some(name) if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
            let expected = format!("one of {}{}", known.join(", "), did_you_mean(name, known));
            Err(OptionsError::kind(at, format!("{name:?}"), expected))
        }
        _ => Ok(()),
    }
}

impl OptionValue for Dns {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let stated = object(value, at)?;
        let part = |name: &str| read_option::<String>(member(stated, name), &format!("{at}.{name}"));
        let dns = Self {
            ttl: part("ttl")?,
            select: part("select")?,
            policy: part("policy")?,
        };
        dns.checked(at)
    }

    /// `ttl=5m,select=first,policy=any`.
    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        let mut dns = Self::default();
        for pair in text.split(',') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name.trim() {
                "ttl" => &mut dns.ttl,
                "select" => &mut dns.select,
                "policy" => &mut dns.policy,
                other => return Err(OptionsError::unknown(at, other, &["ttl", "select", "policy"])),
            };
            *place = Some(value.trim().to_owned());
        }
        dns.checked(at)
    }

    fn show(&self) -> Value {
        json!({"ttl": self.ttl, "select": self.select, "policy": self.policy})
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

const TLS_VERSIONS: [(&str, TlsVersion); 4] = [
    ("tls1.0", TlsVersion::Tls10),
    ("tls1.1", TlsVersion::Tls11),
    ("tls1.2", TlsVersion::Tls12),
    ("tls1.3", TlsVersion::Tls13),
];

impl OptionValue for TlsVersion {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let found = TLS_VERSIONS.iter().find(|(name, _)| value.as_str() == Some(name));
        let names = TLS_VERSIONS.map(|(name, _)| name).join(", ");
        found
            .map(|(_, version)| *version)
            .ok_or_else(|| OptionsError::kind(at, value, format!("a version of TLS, one of {names}")))
    }

    fn show(&self) -> Value {
        let named = TLS_VERSIONS.iter().find(|(_, version)| version == self);
        named.map_or(Value::Null, |(name, _)| Value::from(*name))
    }
}

/// The versions of TLS that may be used (`tlsVersion`): one, or `{min, max}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsVersions {
    pub min: Option<TlsVersion>,
    pub max: Option<TlsVersion>,
}

impl OptionValue for TlsVersions {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        if value.is_string() {
            let version = tls_version(value, at)?;
            return Ok(Self {
                min: version,
                max: version,
            });
        }
        let stated = object(value, at)?;
        if let Some(other) = stated
            .keys()
            .find(|name| !["min", "max"].contains(&name.as_str()))
        {
            return Err(OptionsError::unknown(at, other, &["min", "max"]));
        }
        Ok(Self {
            min: tls_version(member(stated, "min"), &format!("{at}.min"))?,
            max: tls_version(member(stated, "max"), &format!("{at}.max"))?,
        })
    }

    fn show(&self) -> Value {
        let shown = |version: Option<TlsVersion>| version.map_or(Value::from(""), |version| version.show());
        json!({"min": shown(self.min), "max": shown(self.max)})
    }
}

/// An empty text is any version, as in k6.
fn tls_version(value: &Value, at: &str) -> Result<Option<TlsVersion>, OptionsError> {
    match value.as_str() {
        Some("") => Ok(None),
        _ => read_option(value, at),
    }
}

/// A client certificate (`tlsAuth`), for some domains or, without any, for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsAuth {
    /// PEM.
    pub cert: String,
    /// PEM.
    pub key: String,
    /// Of the key, when it is encrypted.
    pub password: Option<String>,
    /// May start with `*.`.
    pub domains: Vec<String>,
}

impl OptionValue for TlsAuth {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        const NAMES: [&str; 4] = ["cert", "key", "password", "domains"];
        let stated = object(value, at)?;
        if let Some(other) = stated
            .keys()
            .find(|name| !NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)))
        {
            return Err(OptionsError::unknown(at, other, &NAMES));
        }
        let text = |name: &str| read_option::<String>(member(stated, name), &format!("{at}.{name}"));
        let needed =
            |name: &str| text(name)?.ok_or_else(|| OptionsError::missing(format!("{at}.{name}"), "PEM text"));
        Ok(Self {
            cert: needed("cert")?,
            key: needed("key")?,
            password: text("password")?,
            domains: read_option(member(stated, "domains"), &format!("{at}.domains"))?.unwrap_or_default(),
        })
    }

    fn show(&self) -> Value {
        json!({"cert": self.cert, "key": self.key, "password": self.password, "domains": self.domains})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_resolution_is_read_from_objects_and_text() {
        let read = Dns::read(&json!({"ttl": "1m", "select": "roundrobin"}), "options.dns").unwrap();
        let text = Dns::read_text("ttl=1m,select=roundrobin", "K6_DNS").unwrap();
        assert_eq!(read, text);
        assert_eq!(read.policy, None);
        let error = Dns::read(&json!({"policy": "onlyIPv5"}), "options.dns")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("options.dns.policy: \"onlyIPv5\" is not one of"),
            "{error}"
        );
        assert!(Dns::read_text("ttl=soon", "K6_DNS").is_err());
        assert!(
            Dns::read_text("tll=1m", "K6_DNS")
                .unwrap_err()
                .to_string()
                .contains("did you mean \"ttl\"")
        );
    }

    #[test]
    fn versions_of_tls_are_one_or_a_range() {
        let one = TlsVersions::read(&json!("tls1.2"), "x").unwrap();
        assert_eq!(
            (one.min, one.max),
            (Some(TlsVersion::Tls12), Some(TlsVersion::Tls12))
        );
        let range = TlsVersions::read(&json!({"min": "tls1.2", "max": ""}), "x").unwrap();
        assert_eq!((range.min, range.max), (Some(TlsVersion::Tls12), None));
        assert!(TlsVersions::read(&json!("tls9"), "x").is_err());
        assert!(TlsVersions::read(&json!({"mn": "tls1.2"}), "x").is_err());
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let error = TlsAuth::read(&json!({"cert": "c"}), "options.tlsAuth[0]").unwrap_err();
        assert_eq!(
            error.to_string(),
            "options.tlsAuth[0].key is missing; it must be PEM text"
        );
    }
}

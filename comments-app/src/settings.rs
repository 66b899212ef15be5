//! Settings from the environment, as the live deployment gives them.

use std::env::VarError;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::upstream::Address;

/// A setting that is missing or makes no sense. Values of secret settings are not part of the message.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// Nothing is set, and there is no default.
    #[error("{name} is not set; it must be {wanted}")]
    Missing {
        name: &'static str,
        wanted: &'static str,
    },
    /// The value has no meaning here.
    #[error("{name} must be {wanted}, not '{value}'")]
    Wrong {
        name: &'static str,
        wanted: &'static str,
        value: String,
    },
    /// The value has no meaning here, and may hold a secret.
    #[error("{name} must be {wanted}")]
    WrongSecret {
        name: &'static str,
        wanted: &'static str,
    },
}

type Lookup = dyn Fn(&str) -> Result<String, VarError> + Send + Sync;

/// Where settings are looked up.
pub struct Environment {
    lookup: Box<Lookup>,
}

/// Where a service listens, and how it ends.
#[derive(Debug)]
pub struct Listen {
    /// Address and port.
    pub at: SocketAddr,
    /// What all paths start with: empty, or `/api`.
    pub base: String,
    /// How long requests may take to finish after the service was told to stop.
    pub grace: Duration,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self {
            lookup: Box::new(|name| std::env::var(name)),
        }
    }

    #[cfg(test)]
    pub fn of(pairs: &'static [(&'static str, &'static str)]) -> Self {
        let find = |name: &str| pairs.iter().find(|(key, _)| *key == name);
        Self {
            lookup: Box::new(move |name| find(name).map(|pair| pair.1.into()).ok_or(VarError::NotPresent)),
        }
    }

    /// A text; an empty one counts as not set.
    pub fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        match (self.lookup)(name) {
            Ok(value) if value.is_empty() => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(SettingError::WrongSecret {
                name,
                wanted: "text in UTF-8",
            }),
        }
    }

    /// A text that must be there.
    pub fn needed(&self, name: &'static str, wanted: &'static str) -> Result<String, SettingError> {
        self.text(name)?.ok_or(SettingError::Missing { name, wanted })
    }

    /// A value that is parsed, or the default.
    pub fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        default: T,
        wanted: &'static str,
    ) -> Result<T, SettingError> {
        let Some(value) = self.text(name)? else {
            return Ok(default);
        };
        value
            .parse()
            .map_err(|_| SettingError::Wrong { name, wanted, value })
    }

    /// A whole number from `least` to `most`.
    pub fn number(
        &self,
        name: &'static str,
        default: u32,
        (least, most): (u32, u32),
        wanted: &'static str,
    ) -> Result<u32, SettingError> {
        let number = self.parsed(name, default, wanted)?;
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        let value = number.to_string();
        Err(SettingError::Wrong { name, wanted, value })
    }

    /// A duration in milliseconds, from one to an hour.
    pub fn milliseconds(&self, name: &'static str, default: u32) -> Result<Duration, SettingError> {
        let wanted = "milliseconds, from 1 to 3600000";
        let number = self.number(name, default, (1, 3_600_000), wanted)?;
        Ok(Duration::from_millis(number.into()))
    }

    /// The address of another service, if it is set.
    pub fn address(&self, name: &'static str) -> Result<Option<Address>, SettingError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        let wanted = "an address like http://host:8080/path, without credentials or query (and no https: there is no TLS here)";
        match Address::parse(&value) {
            Some(address) => Ok(Some(address)),
            None => Err(SettingError::WrongSecret { name, wanted }),
        }
    }

    /// `LOG_LEVEL`.
    pub fn log_level(&self) -> Result<LevelFilter, SettingError> {
        let wanted = "one of off, error, warn, info, debug, trace";
        self.parsed("LOG_LEVEL", LevelFilter::INFO, wanted)
    }

    /// `SERVER_ADDRESS`, `SERVER_PORT`, `APPLICATION_PATH_BASE` and `SHUTDOWN_GRACE_SECONDS`.
    pub fn listen(&self, default_port: u16) -> Result<Listen, SettingError> {
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let address = self.parsed("SERVER_ADDRESS", any, "an IP address")?;
        let port = self.parsed(
            "SERVER_PORT",
            default_port,
            "a port, from 0 (any free one) to 65535",
        )?;
        let grace = self.number("SHUTDOWN_GRACE_SECONDS", 10, (0, 3600), "seconds, from 0 to 3600")?;
        Ok(Listen {
            at: SocketAddr::new(address, port),
            base: self.base()?,
            grace: Duration::from_secs(grace.into()),
        })
    }

    fn base(&self) -> Result<String, SettingError> {
        let name = "APPLICATION_PATH_BASE";
        let value = self.text(name)?.unwrap_or_default();
        let base = value.trim_end_matches('/');
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/-_.~".contains(letter);
        if base.is_empty() || (base.starts_with('/') && base.chars().all(plain) && !base.contains("//")) {
            return Ok(base.to_owned());
        }
        let wanted = "a path like /api, of letters, digits and -_.~";
        Err(SettingError::Wrong { name, wanted, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_values() {
        let listen = Environment::of(&[]).listen(8080).unwrap();
        assert_eq!(
            (listen.at.to_string().as_str(), listen.base.as_str()),
            ("0.0.0.0:8080", "")
        );
        let listen = Environment::of(&[
            ("SERVER_ADDRESS", "127.77.1.4"),
            ("SERVER_PORT", "0"),
            ("APPLICATION_PATH_BASE", "/api/"),
            ("SHUTDOWN_GRACE_SECONDS", "3"),
        ])
        .listen(8080)
        .unwrap();
        assert_eq!(
            (listen.at.to_string().as_str(), listen.base.as_str()),
            ("127.77.1.4:0", "/api")
        );
        assert_eq!(listen.grace, Duration::from_secs(3));
    }

    #[test]
    fn mistakes_are_told() {
        let told = |pairs| Environment::of(pairs).listen(1).unwrap_err().to_string();
        assert_eq!(
            told(&[("SERVER_PORT", "http")]),
            "SERVER_PORT must be a port, from 0 (any free one) to 65535, not 'http'"
        );
        assert!(told(&[("SERVER_ADDRESS", "localhost")]).starts_with("SERVER_ADDRESS must be an IP address"));
        assert!(told(&[("APPLICATION_PATH_BASE", "api")]).contains("a path like /api"));
        assert!(told(&[("APPLICATION_PATH_BASE", "/{x}")]).contains("a path like /api"));
        assert!(told(&[("SHUTDOWN_GRACE_SECONDS", "-1")]).contains("seconds"));
        let level = Environment::of(&[("LOG_LEVEL", "loud")]).log_level().unwrap_err();
        assert!(level.to_string().contains("LOG_LEVEL"));
    }

    #[test]
    fn addresses_keep_their_secrets() {
        let environment = Environment::of(&[("API_URL", "http://user:secret@host/")]);
        let told = environment.address("API_URL").unwrap_err().to_string();
        assert!(told.contains("API_URL") && !told.contains("secret"), "{told}");
    }
}

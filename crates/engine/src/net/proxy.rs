//! Which proxy, if any, a call goes through.

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use super::NetError;
use crate::host::Host;

/// A proxy of scheme http or https.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    /// Without credentials.
    pub url: Url,
    /// The value of `Proxy-Authorization`.
    pub authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy that the environment names for this address. Lower-case names win, as in Python.
    pub fn of(url: &Url, host: &Host) -> Result<Option<Self>, NetError> {
        let own = variable(host, &format!("{}_proxy", url.scheme()));
        let Some(named) = own.or_else(|| variable(host, "all_proxy")) else {
            return Ok(None);
        };
        let matcher = Matcher::builder().all(named).no(exceptions(url, host)).build();
        let target = target(url)?;
        match matcher.intercept(&target) {
            Some(found) => Self::from_intercept(&found).map(Some),
            None if is_exempt(&target, &exceptions(url, host)) => Ok(None),
            None => Err(unusable(named, "it is no address of a proxy")),
        }
    }

    fn from_intercept(found: &Intercept) -> Result<Self, NetError> {
        let text = found.uri().to_string();
        match Url::parse(&text) {
            Ok(url) if super::address::is_http(&url) => Ok(Self {
                url,
                authorization: found.basic_auth().cloned(),
            }),
            _ => Err(unusable(&text, "only http and https proxies are supported")),
        }
    }
}

fn variable<'a>(host: &'a Host, lower: &str) -> Option<&'a str> {
    let value = host.var(lower).or_else(|| host.var(&lower.to_uppercase()));
    value.filter(|value| !value.is_empty())
}

/// `no_proxy` in the form that the matcher knows: entries for a port of the address lose it, `*` alone is all.
fn exceptions(url: &Url, host: &Host) -> String {
    let list = variable(host, "no_proxy").unwrap_or_default();
    let entry = |entry: &str| match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => {
            let same = port.parse().ok() == url.port_or_known_default();
            same.then(|| name.to_owned())
        }
        _ => Some(entry.to_owned()),
    };
    let entries: Vec<String> = list.split(',').map(str::trim).filter_map(entry).collect();
    if entries.iter().any(|entry| entry == "*") {
        return "*,0.0.0.0/0,::/0".to_owned();
    }
    entries.join(",")
}

/// True when the exceptions, not an unusable address, kept the proxy out.
fn is_exempt(target: &Uri, exceptions: &str) -> bool {
    let probe = Matcher::builder()
        .all("http://proxy.invalid")
        .no(exceptions)
        .build();
    probe.intercept(target).is_none()
}

fn target(url: &Url) -> Result<Uri, NetError> {
    let authority = url.host_str().unwrap_or_default();
    format!("{}://{authority}/", url.scheme())
        .parse()
        .map_err(|error: http::uri::InvalidUri| NetError::InvalidUrl {
            url: super::shown(url),
            reason: error.to_string(),
        })
}

fn unusable(proxy: &str, reason: &str) -> NetError {
    let shown = proxy.rsplit_once('@').map_or(proxy, |(_, after)| after);
    NetError::UnusableProxy {
        proxy: shown.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let env = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let host = Host {
            env: std::rc::Rc::new(env.collect()),
            cwd: "/".into(),
        };
        let found = Proxy::of(&Url::parse(url).unwrap(), &host).unwrap();
        found.map(|proxy| proxy.url.to_string())
    }

    #[test]
    fn the_scheme_has_its_own_proxy_and_lower_case_wins() {
        let variables = [
            ("HTTP_PROXY", "http://upper:1"),
            ("http_proxy", "lower:2"),
            ("ALL_PROXY", "http://all:3"),
        ];
        assert_eq!(find("http://h/", &variables).unwrap(), "http://lower:2/");
        assert_eq!(find("https://h/", &variables).unwrap(), "http://all:3/");
        assert_eq!(find("http://h/", &[]), None);
        assert_eq!(find("http://h/", &[("http_proxy", "")]), None);
    }

    #[test]
    fn exceptions_are_names_with_their_subdomains_networks_and_ports() {
        let exempt =
            |url: &str, list: &str| find(url, &[("http_proxy", "http://p:1"), ("NO_PROXY", list)]).is_none();
        assert!(exempt("http://a.example.com/", "x, .example.com"));
        assert!(exempt("http://example.com:81/", "example.com:81"));
        assert!(!exempt("http://example.com/", "example.com:81"));
        assert!(!exempt("http://notexample.com/", "example.com"));
        assert!(exempt("http://127.0.0.1:9/", "127.0.0.0/8"));
        assert!(exempt("http://127.0.0.1:9/", "*") && exempt("http://h/", "*"));
    }

    #[test]
    fn credentials_become_a_header_and_are_never_shown() {
        let host = Host {
            env: std::rc::Rc::new([("http_proxy".to_owned(), "http://jane:s3cret@p:1".to_owned())].into()),
            cwd: "/".into(),
        };
        let proxy = Proxy::of(&Url::parse("http://h/").unwrap(), &host)
            .unwrap()
            .unwrap();
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic amFuZTpzM2NyZXQ=");
        let socks = Host {
            env: std::rc::Rc::new([("http_proxy".to_owned(), "socks5://jane:s3cret@p:1".to_owned())].into()),
            cwd: "/".into(),
        };
        let error = Proxy::of(&Url::parse("http://h/").unwrap(), &socks).unwrap_err();
        assert!(!format!("{proxy:?} {error} {error:?}").contains("s3cret"));
    }
}

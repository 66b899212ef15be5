//! The cookies of one virtual user, by the rules of Go's `net/http/cookiejar` (without a list of public suffixes, as k6).

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use url::Url;

use super::cookie::{Cookie, NO_EXPIRY, expiry};

/// The cookies of one virtual user.
#[derive(Debug, Default)]
pub struct Jar {
    entries: RefCell<Vec<Entry>>,
    stored: Cell<u64>,
}

/// What may be said of a cookie when a script sets it; the default says nothing.
#[derive(Clone, Debug, Default)]
pub struct CookieAttributes {
    /// Paths from here down; empty: the folder of the URL.
    pub path: String,
    /// This name and all below; empty: the host of the URL only.
    pub domain: String,
    /// A date like `Mon, 02 Jan 2006 15:04:05 GMT`; empty: none.
    pub expires: String,
    /// Seconds; below 0: delete the cookie; 0: not given.
    pub max_age: i64,
    /// For https only.
    pub secure: bool,
    /// Kept, without effect.
    pub http_only: bool,
}

/// A cookie that cannot be set or deleted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// The date cannot be read.
    #[error("unable to parse \"expires\" date string \"{0}\"; write it like Mon, 02 Jan 2006 15:04:05 GMT")]
    Expires(String),
    /// No name to delete.
    #[error("cookie: is null; give the name of the cookie to delete")]
    NoName,
}

#[derive(Debug)]
struct Entry {
    name: String,
    value: String,
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
    ends: Option<SystemTime>,
    number: u64,
}

impl Jar {
    /// An empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a cookie as if the server at `url` had. A domain that is not the host's own is passed over, as in Go.
    pub fn set(
        &self,
        url: &Url,
        name: &str,
        value: &str,
        with: &CookieAttributes,
    ) -> Result<(), CookieError> {
        let mut cookie = Cookie {
            name: name.into(),
            value: value.into(),
            domain: with.domain.clone(),
            path: with.path.clone(),
            http_only: with.http_only,
            secure: with.secure,
            max_age: with.max_age,
            expires: NO_EXPIRY,
        };
        if !with.expires.is_empty() {
            let date = expiry(&with.expires);
            cookie.expires = date.ok_or_else(|| CookieError::Expires(with.expires.clone()))?;
        }
        self.store(url, &cookie);
        Ok(())
    }

    /// Names and values for a request to `url`: longer paths first, then older cookies.
    pub fn cookies_for(&self, url: &Url) -> Vec<(String, String)> {
        if self.entries.borrow().is_empty() || !is_http(url) {
            return Vec::new();
        }
        let now = SystemTime::now();
        let mut entries = self.entries.borrow_mut();
        entries.retain(|entry| entry.ends.is_none_or(|ends| ends > now));
        let host = host(url);
        let mut chosen: Vec<_> = entries.iter().filter(|entry| entry.is_for(url, &host)).collect();
        chosen.sort_by_key(|entry| (std::cmp::Reverse(entry.path.len()), entry.number));
        chosen
            .into_iter()
            .map(|entry| (entry.name.clone(), entry.value.clone()))
            .collect()
    }

    /// Deletes the cookies a request to `url` would carry, as far as they were set for its host and folder, as k6 does.
    pub fn clear(&self, url: &Url) {
        for (name, _) in self.cookies_for(url) {
            self.remove(url, name);
        }
    }

    /// Deletes one cookie that was set for the host and folder of `url`.
    pub fn delete(&self, url: &Url, name: &str) -> Result<(), CookieError> {
        if name.is_empty() {
            return Err(CookieError::NoName);
        }
        self.remove(url, name.into());
        Ok(())
    }

    /// Deletes all cookies, as k6 does between iterations.
    pub fn clear_all(&self) {
        self.entries.borrow_mut().clear();
    }

    fn remove(&self, url: &Url, name: String) {
        self.store(
            url,
            &Cookie {
                name,
                max_age: -1,
                expires: NO_EXPIRY,
                ..Cookie::default()
            },
        );
    }

    pub(super) fn store(&self, url: &Url, cookie: &Cookie) {
        let host = host(url);
        let Some((domain, host_only)) = domain(&host, &cookie.domain) else {
            return;
        };
        if !is_http(url) {
            return;
        }
        let path = if cookie.path.starts_with('/') {
            cookie.path.clone()
        } else {
            folder(url.path()).into()
        };
        let mut entries = self.entries.borrow_mut();
        let same = |entry: &Entry| entry.domain == domain && entry.path == path && entry.name == cookie.name;
        let old = entries.iter().position(same);
        let now = SystemTime::now();
        let ends = ends(cookie, now);
        if ends.is_some_and(|ends| ends <= now) {
            old.map(|index| entries.swap_remove(index));
            return;
        }
        let number = old.map_or(self.stored.get(), |index| entries[index].number);
        self.stored.set(self.stored.get() + 1);
        let (name, value) = (cookie.name.clone(), cookie.value.clone());
        let entry = Entry {
            name,
            value,
            domain,
            host_only,
            path,
            secure: cookie.secure,
            ends,
            number,
        };
        match old {
            Some(index) => entries[index] = entry,
            None => entries.push(entry),
        }
    }
}

impl Entry {
    fn is_for(&self, url: &Url, host: &str) -> bool {
        let domain = self.domain == host || (!self.host_only && is_below(host, &self.domain));
        let asked = url.path();
        let path = asked
            .strip_prefix(&self.path[..])
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        domain && path && (!self.secure || url.scheme() == "https" || is_loopback(host))
    }
}

/// When it ends; none: with the jar. `Max-Age` goes before `Expires`.
fn ends(cookie: &Cookie, now: SystemTime) -> Option<SystemTime> {
    match cookie.max_age {
        ..0 => Some(SystemTime::UNIX_EPOCH),
        1.. => now.checked_add(Duration::from_secs(cookie.max_age.unsigned_abs())),
        0 if cookie.expires == NO_EXPIRY => None,
        0 => match u64::try_from(cookie.expires) {
            Ok(millis) => SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis)),
            Err(_) => Some(SystemTime::UNIX_EPOCH),
        },
    }
}

/// The domain a cookie is kept under, and whether it is for that host only; none: the attribute is illegal.
fn domain(host: &str, attribute: &str) -> Option<(String, bool)> {
    if attribute.is_empty() {
        return Some((host.into(), true));
    }
    if host.parse::<IpAddr>().is_ok() {
        return (host == attribute).then(|| (host.into(), true));
    }
    let domain = attribute
        .strip_prefix('.')
        .unwrap_or(attribute)
        .to_ascii_lowercase();
    let malformed = domain.is_empty() || domain.starts_with('.') || domain.ends_with('.');
    (!malformed && (host == domain || is_below(host, &domain))).then_some((domain, false))
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|front| front.ends_with('.'))
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    host.trim_start_matches('[')
        .trim_end_matches([']', '.'])
        .to_ascii_lowercase()
}

/// Go sends secure cookies to the machine itself over http, too.
fn is_loopback(host: &str) -> bool {
    let named = host == "localhost" || host.ends_with(".localhost");
    named || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn folder(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &path[..end],
    }
}

#[cfg(test)]
mod tests;

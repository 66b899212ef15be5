//! Cookies that servers set on the way through redirects. A jar lives for one call.

use chrono::{DateTime, Utc};
use url::Url;

/// What the servers of one call asked to be told again.
#[derive(Default)]
pub(super) struct Jar(Vec<Cookie>);

struct Cookie {
    name: String,
    value: String,
    domain: String,
    subdomains: bool,
    path: String,
    secure: bool,
}

impl Jar {
    /// Takes the `Set-Cookie` lines of an answer from `url`.
    pub fn store(&mut self, url: &Url, headers: &[(String, String)]) {
        let lines = headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
        for (cookie, expired) in lines.filter_map(|(_, line)| Cookie::parse(line, url)) {
            self.0.retain(|known| !known.same_place(&cookie));
            if !expired {
                self.0.push(cookie);
            }
        }
    }

    /// The `Cookie` header for a request to `url`, longer paths first.
    pub fn header(&self, url: &Url) -> Option<String> {
        let mut cookies: Vec<&Cookie> = self.0.iter().filter(|cookie| cookie.is_for(url)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    /// The cookie, and whether it is to be forgotten.
    fn parse(line: &str, url: &Url) -> Option<(Self, bool)> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            domain: url.host_str()?.to_owned(),
            subdomains: false,
            path: default_path(url),
            secure: false,
        };
        let mut expired = false;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" => cookie.widen(value.trim())?,
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => cookie.secure = true,
                "max-age" => expired |= value.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "expires" => expired |= is_past(value),
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some((cookie, expired))
    }

    /// Lets subdomains of `domain` have it; nothing when the server may not set cookies there.
    fn widen(&mut self, domain: &str) -> Option<()> {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let allowed = domain == self.domain || (domain.contains('.') && is_below(&self.domain, &domain));
        allowed.then(|| {
            self.domain = domain;
            self.subdomains = true;
        })
    }

    fn same_place(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let host_fits = host == self.domain || (self.subdomains && is_below(host, &self.domain));
        let rest = url.path().strip_prefix(self.path.as_str());
        let path_fits =
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        host_fits && path_fits && (!self.secure || url.scheme() == "https")
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder.to_owned(),
        _ => "/".to_owned(),
    }
}

fn is_past(date: &str) -> bool {
    let date = date.replace('-', " ");
    DateTime::parse_from_rfc2822(&date).is_ok_and(|date| date < Utc::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(lines: &[&str]) -> Jar {
        let headers: Vec<(String, String)> = lines
            .iter()
            .map(|line| ("set-cookie".to_owned(), (*line).to_owned()))
            .collect();
        let mut jar = Jar::default();
        jar.store(&Url::parse("http://a.example.com/x/y").unwrap(), &headers);
        jar
    }

    fn header(jar: &Jar, url: &str) -> String {
        jar.header(&Url::parse(url).unwrap()).unwrap_or_default()
    }

    #[test]
    fn cookies_go_back_to_their_server_and_path() {
        let jar = jar(&["s=1; Path=/", "t=2; Secure; Path=/", "u=3; Path=/zzz", "v=4"]);
        assert_eq!(header(&jar, "http://a.example.com/x/c"), "v=4; s=1");
        assert_eq!(header(&jar, "https://a.example.com/"), "s=1; t=2");
        assert_eq!(header(&jar, "http://a.example.com/xx"), "s=1");
        assert_eq!(header(&jar, "http://b.example.com/x/c"), "");
    }

    #[test]
    fn a_domain_widens_a_cookie_but_not_to_strangers() {
        let jar = jar(&[
            "w=1; Domain=.example.com; Path=/",
            "x=2; Domain=other.com; Path=/",
        ]);
        assert_eq!(header(&jar, "http://b.example.com/"), "w=1");
        assert_eq!(header(&jar, "http://other.com/"), "");
        assert_eq!(header(&jar, "http://badexample.com/"), "");
    }

    #[test]
    fn expired_and_replaced_cookies_are_forgotten() {
        let jar = jar(&[
            "a=1",
            "a=2",
            "b=1",
            "b=; Max-Age=0",
            "c=1",
            "c=; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
            "nonsense",
            "=x",
        ]);
        assert_eq!(header(&jar, "http://a.example.com/x/"), "a=2");
    }
}

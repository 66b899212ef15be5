//! Listener rules: which action a request gets.

use std::sync::Arc;

use crate::TargetGroup;

/// One rule of a listener. It matches when one of its path patterns and one of its host patterns match; an empty list
/// matches everything.
#[derive(Clone)]
pub struct Rule {
    /// Rules are tried from the lowest number up.
    pub priority: u32,
    /// Patterns of the path without its query, case-sensitive: `*` is any text, `?` one character.
    pub path_patterns: Vec<String>,
    /// Patterns of the Host header without its port; case does not matter.
    pub host_patterns: Vec<String>,
    /// What a matching request gets.
    pub action: Action,
}

/// What happens with a request.
#[derive(Clone)]
pub enum Action {
    /// Sent to a target of the group.
    Forward(Arc<TargetGroup>),
    /// Answered by the load balancer.
    FixedResponse {
        /// 2XX, 4XX or 5XX.
        status: u16,
        /// Such as `text/plain`; left out when empty.
        content_type: String,
        /// The answer's body.
        body: String,
    },
    /// Redirected by the load balancer.
    Redirect {
        /// 301 or 302.
        status: u16,
        /// May hold AWS's keywords `#{protocol}`, `#{host}`, `#{port}`, `#{path}` (without its leading slash) and
        /// `#{query}`, as in `https://#{host}:443/#{path}?#{query}`.
        location: String,
    },
}

/// The rules in force, sorted.
pub(crate) struct Table {
    rules: Vec<Rule>,
    default: Action,
}

impl Table {
    pub(crate) fn new(mut rules: Vec<Rule>, default: Action) -> Table {
        rules.sort_by_key(|rule| rule.priority);
        for rule in &mut rules {
            rule.host_patterns
                .iter_mut()
                .for_each(|pattern| pattern.make_ascii_lowercase());
        }
        Table { rules, default }
    }

    /// The action of the first matching rule, or the default.
    pub(crate) fn action(&self, path: &str, host: &str) -> &Action {
        let host = without_port(host);
        let found = self.rules.iter().find(|rule| rule.matches(path, host));
        found.map_or(&self.default, |rule| &rule.action)
    }
}

impl Rule {
    fn matches(&self, path: &str, host: &str) -> bool {
        let path_fits = |pattern: &String| wildcard(pattern.as_bytes(), path.as_bytes(), false);
        let host_fits = |pattern: &String| wildcard(pattern.as_bytes(), host.as_bytes(), true);
        (self.path_patterns.is_empty() || self.path_patterns.iter().any(path_fits))
            && (self.host_patterns.is_empty() || self.host_patterns.iter().any(host_fits))
    }
}

/// The name or address in a Host header.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Matches iteratively: on a mismatch the last `*` takes one byte more, so no pattern takes exponential time.
/// With `fold`, the text's case does not matter (the pattern is lower-case then).
fn wildcard(pattern: &[u8], text: &[u8], fold: bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        let byte = if fold {
            text[seen].to_ascii_lowercase()
        } else {
            text[seen]
        };
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted == byte => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((position, taken)) => {
                    star = Some((position, taken + 1));
                    at = position + 1;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_aws() {
        let fits = |pattern: &str, text: &str| wildcard(pattern.as_bytes(), text.as_bytes(), false);
        assert!(fits("/api/*", "/api/"));
        assert!(fits("/api*", "/api/users/1"));
        assert!(!fits("/api/*", "/api"));
        assert!(!fits("/API/*", "/api/users"));
        assert!(fits("/a?c", "/abc"));
        assert!(!fits("/a?c", "/ac"));
        assert!(fits("*/img/*.png", "/x/img/img/a.png"));
        assert!(!fits("*.png", "/a.png.txt"));
        assert!(fits("*", ""));
        assert!(!fits("", "/"));
        assert!(!fits(&"*a".repeat(30), &"b".repeat(2000)));
    }

    #[test]
    fn rules_go_by_priority_and_hosts_have_no_case_and_no_port() {
        let fixed = |status| Action::FixedResponse {
            status,
            content_type: String::new(),
            body: String::new(),
        };
        let rule = |priority, path: &str, host: &str, status| Rule {
            priority,
            path_patterns: if path.is_empty() {
                vec![]
            } else {
                vec![path.into()]
            },
            host_patterns: if host.is_empty() {
                vec![]
            } else {
                vec![host.into()]
            },
            action: fixed(status),
        };
        let table = Table::new(
            vec![
                rule(20, "/api/*", "", 220),
                rule(10, "/api/v1*", "", 210),
                rule(30, "", "*.Example.com", 230),
            ],
            fixed(200),
        );
        let status = |path, host| match table.action(path, host) {
            Action::FixedResponse { status, .. } => *status,
            _ => 0,
        };
        assert_eq!(status("/api/v1", "x"), 210);
        assert_eq!(status("/api/v2", "x"), 220);
        assert_eq!(status("/", "WWW.example.COM:8080"), 230);
        assert_eq!(status("/", "example.com"), 200);
    }
}

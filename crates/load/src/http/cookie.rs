//! Cookies as headers tell them, read and written as Go does.

use chrono::NaiveDateTime;

/// `expires` of a cookie that has none: what k6 shows, Go's zero time in milliseconds after it overflowed.
pub const NO_EXPIRY: i64 = -6_795_364_578_871;

/// A cookie of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value, without quotes around it.
    pub value: String,
    /// The attribute as it came, or empty.
    pub domain: String,
    /// The attribute as it came, or empty.
    pub path: String,
    /// Not for scripts.
    pub http_only: bool,
    /// For https only.
    pub secure: bool,
    /// Seconds; 0: not given; -1: delete it.
    pub max_age: i64,
    /// Milliseconds since 1970; [`NO_EXPIRY`]: not given.
    pub expires: i64,
}

impl Cookie {
    /// Of one `Set-Cookie` header; none if it is malformed.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let value = clean_value(unquote(value.trim()))?;
        let mut cookie = Self {
            name: name.into(),
            value,
            expires: NO_EXPIRY,
            ..Self::default()
        };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            cookie.attribute(&name.to_ascii_lowercase(), value);
        }
        Some(cookie)
    }

    fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "domain" => self.domain = value.into(),
            "path" => self.path = value.into(),
            "httponly" => self.http_only = true,
            "secure" => self.secure = true,
            "max-age" => self.max_age = max_age(value).unwrap_or(self.max_age),
            "expires" => self.expires = expiry(value).unwrap_or(self.expires),
            _ => {}
        }
    }
}

fn max_age(text: &str) -> Option<i64> {
    let seconds: i64 = text.parse().ok()?;
    Some(if seconds <= 0 { -1 } else { seconds })
}

/// Milliseconds since 1970 of `Mon, 02 Jan 2006 15:04:05 GMT` or `Mon, 02-Jan-2006 15:04:05 GMT`. As in Go the day of
/// the week may be wrong, and any zone is taken for GMT.
pub(super) fn expiry(text: &str) -> Option<i64> {
    let (_, date) = text.split_once(", ")?;
    let (date, zone) = date.rsplit_once(' ')?;
    if !zone.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let formats = ["%d %b %Y %H:%M:%S", "%d-%b-%Y %H:%M:%S"];
    let time = formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(date, format).ok())?;
    Some(time.and_utc().timestamp_millis())
}

fn unquote(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
}

fn clean_value(value: &str) -> Option<String> {
    value.bytes().all(is_value).then(|| value.to_string())
}

fn is_value(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && !matches!(byte, b'"' | b';' | b'\\')
}

/// A character of names of methods, headers and cookies.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Adds `name=value` to a `Cookie` header. As Go does, it drops what is illegal and quotes what has a space or comma.
pub(super) fn append(header: &mut String, name: &str, value: &str) {
    if !header.is_empty() {
        header.push_str("; ");
    }
    header.extend(name.chars().map(|letter| {
        if matches!(letter, '\r' | '\n') {
            '-'
        } else {
            letter
        }
    }));
    header.push('=');
    let legal = || value.bytes().filter(|byte| is_value(*byte)).map(char::from);
    if legal().any(|letter| matches!(letter, ' ' | ',')) {
        header.push('"');
        header.extend(legal());
        header.push('"');
    } else {
        header.extend(legal());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read() {
        let line = "id=\"a b\"; Max-Age=50; Path=/x; Domain=.a.test; HttpOnly; SECURE; SameSite=Lax; \
                    Expires=Wed, 21 Oct 2030 07:28:00 GMT";
        let cookie = Cookie::parse(line).unwrap();
        let wanted = Cookie {
            name: "id".into(),
            value: "a b".into(),
            domain: ".a.test".into(),
            path: "/x".into(),
            http_only: true,
            secure: true,
            max_age: 50,
            expires: 1_918_798_080_000,
        };
        assert_eq!(cookie, wanted);
    }

    #[test]
    fn odd_lines() {
        assert_eq!(Cookie::parse("a=b; max-age=0").unwrap().max_age, -1);
        assert_eq!(Cookie::parse("a=b; max-age=x").unwrap().max_age, 0);
        assert_eq!(
            Cookie::parse("a=b; expires=Wed, 21-Oct-2030 07:28:00 GMT")
                .unwrap()
                .expires,
            1_918_798_080_000
        );
        assert_eq!(Cookie::parse("a=b; expires=soon").unwrap().expires, NO_EXPIRY);
        assert_eq!(Cookie::parse("a=").unwrap().value, "");
        for line in ["", "a", "=b", "a b=c", "a=\u{1}"] {
            assert_eq!(Cookie::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn values_are_cleaned_when_written() {
        let mut header = String::new();
        append(&mut header, "a", "b c,d;e\"f");
        append(&mut header, "x\n", "é1");
        assert_eq!(header, "a=\"b c,def\"; x-=1");
    }
}

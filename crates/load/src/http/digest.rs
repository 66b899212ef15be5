//! Digest authentication: RFC 2617, with SHA-256 as RFC 7616 adds it.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// What a server asks to be answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Option<String>,
    qop: Option<&'static str>,
}

/// What an answer is about.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) uri: &'a str,
    pub(super) body: &'a [u8],
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

impl Challenge {
    /// The first Digest challenge that can be answered.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .find_map(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let mut challenge = Self::default();
        for (name, value) in members(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => challenge.realm = value,
                "nonce" => challenge.nonce = value,
                "opaque" => challenge.opaque = Some(value),
                "algorithm" => challenge.algorithm = Some(value),
                "qop" => challenge.qop = Some(qop(&value)?),
                _ => {}
            }
        }
        challenge.hash("")?;
        Some(challenge)
    }

    /// The `Authorization` header. `cnonce` is a text nobody could guess.
    pub(super) fn answer(&self, asked: &Asked, cnonce: &str) -> Option<String> {
        let mut ha1 = self.hash(&format!("{}:{}:{}", asked.user, self.realm, asked.password))?;
        if self.is_session() {
            ha1 = self.hash(&format!("{ha1}:{}:{cnonce}", self.nonce))?;
        }
        let mut ha2 = format!("{}:{}", asked.method, asked.uri);
        if self.qop == Some("auth-int") {
            ha2 = format!("{ha2}:{}", self.hash_bytes(asked.body)?);
        }
        let ha2 = self.hash(&ha2)?;
        let middle = self
            .qop
            .map(|qop| format!("00000001:{cnonce}:{qop}:"))
            .unwrap_or_default();
        let response = self.hash(&format!("{ha1}:{}:{middle}{ha2}", self.nonce))?;
        Some(self.header(asked, cnonce, &response))
    }

    fn header(&self, asked: &Asked, cnonce: &str, response: &str) -> String {
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\"",
            escape(asked.user),
            escape(&self.realm),
            escape(&self.nonce),
            asked.uri
        );
        if let Some(algorithm) = &self.algorithm {
            header += &format!(", algorithm={algorithm}");
        }
        if let Some(opaque) = &self.opaque {
            header += &format!(", opaque=\"{}\"", escape(opaque));
        }
        match self.qop {
            Some(qop) => header + &format!(", qop={qop}, nc=00000001, cnonce=\"{cnonce}\""),
            None if self.is_session() => header + &format!(", cnonce=\"{cnonce}\""),
            None => header,
        }
    }

    fn is_session(&self) -> bool {
        self.algorithm
            .as_deref()
            .is_some_and(|name| name.to_ascii_lowercase().ends_with("-sess"))
    }

    fn hash(&self, text: &str) -> Option<String> {
        self.hash_bytes(text.as_bytes())
    }

    fn hash_bytes(&self, bytes: &[u8]) -> Option<String> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self
            .algorithm
            .as_deref()
            .unwrap_or("MD5")
            .to_ascii_uppercase()
            .as_str()
        {
            "MD5" | "MD5-SESS" => Some(hex(&Md5::digest(bytes))),
            "SHA-256" | "SHA-256-SESS" => Some(hex(&Sha256::digest(bytes))),
            _ => None,
        }
    }
}

fn qop(offered: &str) -> Option<&'static str> {
    let offers = |wanted: &str| {
        offered
            .split(',')
            .any(|one| one.trim().eq_ignore_ascii_case(wanted))
    };
    ["auth", "auth-int"].into_iter().find(|wanted| offers(wanted))
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `name=value` pairs; quoted values may have commas in them.
fn members(mut rest: &str) -> Vec<(String, String)> {
    let mut members = Vec::new();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_string();
        let after = after.trim_start();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_string(), &after[end..])
            }
        };
        members.push((name, value));
        rest = left;
    }
    members
}

/// What is up to the closing quote, and what is behind it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        method: "GET",
        uri: "/dir/index.html",
        body: b"",
        user: "Mufasa",
        password: "Circle Of Life",
    };

    #[test]
    fn the_example_of_rfc_2617() {
        let text = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                    nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let answer = Challenge::parse(text)
            .unwrap()
            .answer(&ASKED, "0a4f113b")
            .unwrap();
        assert!(
            answer.contains("response=\"6629fae49393a05397450978507c4ef1\""),
            "{answer}"
        );
        assert!(
            answer.ends_with("qop=auth, nc=00000001, cnonce=\"0a4f113b\""),
            "{answer}"
        );
    }

    #[test]
    fn the_example_of_rfc_7616() {
        let text = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let asked = Asked {
            password: "Circle of Life",
            ..ASKED
        };
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let answer = Challenge::parse(text).unwrap().answer(&asked, cnonce).unwrap();
        let wanted = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert!(answer.contains(wanted), "{answer}");
    }

    #[test]
    fn odd_challenges() {
        let challenge = Challenge::parse("digest realm=\"a, \\\"b\\\"\" ,nonce=x").unwrap();
        assert_eq!(challenge.realm, "a, \"b\"");
        assert_eq!(challenge.nonce, "x");
        assert_eq!(challenge.qop, None);
        assert!(!challenge.answer(&ASKED, "c").unwrap().contains("cnonce"));
        for text in [
            "Basic realm=\"x\"",
            "Digest nonce=x, algorithm=SHA-512",
            "Digest nonce=x, qop=\"other\"",
            "Digest",
        ] {
            assert_eq!(Challenge::parse(text), None, "{text}");
        }
    }
}

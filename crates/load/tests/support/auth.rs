//! Basic and Digest authentication.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Response};
use md5::Md5;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::connection::{Body, whole};
use super::routes::{empty, json_answer};

const NONCE: &str = "dcd98b7102dd2f0e8b11d0f600bfb0c0";
const OPAQUE: &str = "5ccc069c403ebaf9f0171e9517f40e41";

pub fn basic(headers: &HeaderMap, user: &str, password: &str, hidden: bool) -> Response<Body> {
    let wanted = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if authorization(headers) == wanted {
        return json_answer(json!({"authenticated": true, "user": user}));
    }
    if hidden {
        return empty(404);
    }
    denied("Basic realm=\"Fake Realm\"".into())
}

pub fn bearer(headers: &HeaderMap) -> Response<Body> {
    match authorization(headers).strip_prefix("Bearer ") {
        Some(token) => json_answer(json!({"authenticated": true, "token": token})),
        None => denied("Bearer".into()),
    }
}

/// RFC 2617 with MD5, and SHA-256 as RFC 7616 has it.
pub struct DigestRoute<'a> {
    pub qop: &'a str,
    pub user: &'a str,
    pub password: &'a str,
    pub algorithm: &'a str,
    pub method: &'a str,
    pub uri: &'a str,
    pub body: &'a [u8],
}

impl DigestRoute<'_> {
    pub fn answer(&self, headers: &HeaderMap) -> Response<Body> {
        match authorization(headers).strip_prefix("Digest ") {
            Some(given) if self.accepts(given) => {
                json_answer(json!({"authenticated": true, "user": self.user}))
            }
            _ => denied(self.challenge()),
        }
    }

    fn challenge(&self) -> String {
        format!(
            "Digest realm=\"me@kennethreitz.com\", nonce=\"{NONCE}\", qop=\"{}\", opaque=\"{OPAQUE}\", \
             algorithm={}, stale=FALSE",
            self.qop, self.algorithm
        )
    }

    fn accepts(&self, given: &str) -> bool {
        let get = |name: &str| attribute(given, name).unwrap_or_default();
        let ha1 = self.hash(&format!(
            "{}:{}:{}",
            self.user, "me@kennethreitz.com", self.password
        ));
        let entity = if get("qop") == "auth-int" {
            format!(":{}", self.hash_bytes(self.body))
        } else {
            String::new()
        };
        let ha2 = self.hash(&format!("{}:{}{entity}", self.method, get("uri")));
        let middle = match get("qop").as_str() {
            "" => String::new(),
            qop => format!("{}:{}:{qop}:", get("nc"), get("cnonce")),
        };
        let wanted = self.hash(&format!("{ha1}:{NONCE}:{middle}{ha2}"));
        get("uri") == self.uri
            && get("nonce") == NONCE
            && get("opaque") == OPAQUE
            && get("response") == wanted
    }

    fn hash(&self, text: &str) -> String {
        self.hash_bytes(text.as_bytes())
    }

    fn hash_bytes(&self, bytes: &[u8]) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.algorithm == "SHA-256" {
            hex(&Sha256::digest(bytes))
        } else {
            hex(&Md5::digest(bytes))
        }
    }
}

fn authorization(headers: &HeaderMap) -> &str {
    headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

/// One member of a Digest header; spaces and quotes around it are dropped.
fn attribute(given: &str, name: &str) -> Option<String> {
    given.split(',').find_map(|member| {
        let (key, value) = member.trim().split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_string())
    })
}

fn denied(challenge: String) -> Response<Body> {
    Response::builder()
        .status(401)
        .header("www-authenticate", challenge)
        .body(whole(""))
        .unwrap()
}

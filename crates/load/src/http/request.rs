//! What a user asks for.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

/// One request, with what follows from it: redirects and the second leg of Digest authentication.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method as it goes over the wire.
    pub method: String,
    /// Where to; user and password in it become Basic authentication, or Digest if `auth` says so.
    pub url: Url,
    /// The URL as its author wrote it, if that is not how `url` has it: it is what is shown and what tags say, as in k6.
    pub written: Option<String>,
    /// Headers by any case of their names; the last of one name wins, as in k6.
    pub headers: Vec<(String, String)>,
    /// The body; empty: none.
    pub body: Bytes,
    /// For the whole request, with redirects and the reading of the body.
    pub timeout: Duration,
    /// How many redirects to follow.
    pub redirects: u32,
    /// How to authenticate.
    pub auth: Option<Auth>,
    /// How to compress the body, in this order.
    pub compression: Vec<Compression>,
    /// What becomes of the response's body.
    pub response: ResponseType,
    /// The `Host` header, if not the host of the URL.
    pub host: Option<String>,
    /// Name, value, and whether it replaces cookies of the jar with that name.
    pub cookies: Vec<(String, String, bool)>,
}

impl Request {
    /// With k6's defaults: no headers, no body, 60 s, 10 redirects, the body kept.
    pub fn new(method: impl Into<String>, url: Url) -> Self {
        Self {
            method: method.into(),
            url,
            written: None,
            headers: Vec::new(),
            body: Bytes::new(),
            timeout: Duration::from_secs(60),
            redirects: 10,
            auth: None,
            compression: Vec::new(),
            response: ResponseType::Text,
            host: None,
            cookies: Vec::new(),
        }
    }
}

impl Request {
    /// The URL as its author wrote it.
    pub fn full_url(&self) -> String {
        self.written.clone().unwrap_or_else(|| self.url.to_string())
    }

    /// The same without its password, as k6 does in tags.
    pub fn shown_url(&self) -> String {
        masked(&self.full_url())
    }
}

/// A URL with user and password masked.
pub(super) fn masked(url: &str) -> String {
    match split_at_user(url) {
        None => url.to_owned(),
        Some((scheme, user, rest)) => {
            let mask = if user.contains(':') { "****:****" } else { "****" };
            format!("{scheme}://{mask}@{rest}")
        }
    }
}

/// A URL without user and password.
pub(super) fn without_user(url: &str) -> String {
    split_at_user(url).map_or_else(
        || url.to_owned(),
        |(scheme, _, rest)| format!("{scheme}://{rest}"),
    )
}

/// What is before the user, the user, and what is after the `@`.
fn split_at_user(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (user, _) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
    Some((scheme, user, &rest[user.len() + 1..]))
}

/// How to authenticate with the user and password of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// RFC 7617; a URL with a user does that anyway.
    Basic,
    /// RFC 2617 and 7616: MD5 and SHA-256, qop `auth`, `auth-int` or none.
    Digest,
    /// Not supported: the request fails and says so.
    Ntlm,
}

/// An encoding of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// `gzip`
    Gzip,
    /// `deflate`, in the zlib format
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
}

impl Compression {
    /// By its name in `Content-Encoding`, in any case.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd]
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// Its name in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// What becomes of a response's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// Kept, for a string.
    #[default]
    Text,
    /// Kept, for bytes.
    Binary,
    /// Read and thrown away.
    None,
}

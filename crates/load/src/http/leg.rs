//! What goes to the server next.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, HOST, HeaderName,
    PROXY_AUTHORIZATION, REFERER, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Full;
use url::{Position, Url};

use super::compression;
use super::cookie;
use super::error::{HttpError, code};
use super::header;
use super::jar::Jar;
use super::pool::{Connection, Origin};
use super::proxy;
use super::redirect::{self, Redirect};
use super::request::{Auth, Request, masked, without_user};
use super::settings::Settings;

/// One exchange to make; a redirect turns it into the next.
pub(super) struct Leg {
    pub(super) method: String,
    pub(super) url: Url,
    /// See [`Request::written`]; none after a redirect.
    written: Option<String>,
    pub(super) body: Bytes,
    /// How many redirects led here.
    pub(super) redirects: u32,
    /// User and password for Digest.
    pub(super) digest: Option<(String, String)>,
    /// The challenge of this server was answered.
    pub(super) answered: bool,
    /// Headers of the script, `User-Agent`, `Cookie`; not those that belong to the connection.
    headers: HeaderMap,
    /// Headers as the script gave them.
    given: Vec<(String, String)>,
    host: Option<String>,
    /// `Referer` is the script's own.
    referer_given: bool,
    first: Option<Url>,
}

impl Leg {
    /// Takes what it can from the request; nothing is checked yet.
    pub(super) fn first(request: &mut Request) -> Self {
        let mut url = request.url.clone();
        let mut digest = None;
        if request.auth == Some(Auth::Digest) {
            digest = Some(proxy::credentials(&url));
            let _ = url.set_username("");
            let _ = url.set_password(None);
            request.written = request.written.take().map(|text| without_user(&text));
        }
        let given = std::mem::take(&mut request.headers);
        let in_headers = given
            .iter()
            .rev()
            .find(|(name, _)| name.eq_ignore_ascii_case("host"));
        Self {
            method: std::mem::take(&mut request.method),
            url,
            written: request.written.take(),
            body: std::mem::take(&mut request.body),
            redirects: 0,
            digest,
            answered: false,
            headers: HeaderMap::new(),
            host: request
                .host
                .take()
                .or_else(|| in_headers.map(|(_, value)| value.clone())),
            given,
            referer_given: false,
            first: None,
        }
    }

    /// Checks the headers, compresses the body, adds the cookies.
    pub(super) fn prepare(
        &mut self,
        request: &Request,
        settings: &Settings,
        jar: &Jar,
    ) -> Result<(), HttpError> {
        if self.method.is_empty() {
            self.method.push_str("GET");
        }
        header::method(&self.method)?;
        self.headers.reserve(self.given.len() + 6);
        for (name, value) in &self.given {
            if let Some((name, value)) = header::field(name, value)? {
                self.headers.insert(name, value);
            }
        }
        self.referer_given = self.headers.contains_key(REFERER);
        if !self.headers.contains_key(USER_AGENT) {
            self.set(USER_AGENT, &settings.user_agent)?;
        }
        self.compress(request)?;
        self.add_cookies(request, jar);
        Ok(())
    }

    fn compress(&mut self, request: &Request) -> Result<(), HttpError> {
        if self.body.is_empty() || request.compression.is_empty() {
            return Ok(());
        }
        let packed = compression::compress(&request.compression, &self.body);
        let (body, names) =
            packed.map_err(|error| HttpError::new(code::DEFAULT, format!("compression: {error}")))?;
        self.body = body;
        // A header of the script's own wins, as in k6, even if it is wrong.
        if self
            .headers
            .get(CONTENT_ENCODING)
            .is_none_or(HeaderValue::is_empty)
        {
            self.set(CONTENT_ENCODING, &names)?;
        }
        Ok(())
    }

    fn set(&mut self, name: HeaderName, value: &str) -> Result<(), HttpError> {
        if let Some((name, value)) = header::field(name.as_str(), value)? {
            self.headers.insert(name, value);
        }
        Ok(())
    }

    /// Cookies of the request, then those of the jar that none of them replaces.
    fn add_cookies(&mut self, request: &Request, jar: &Jar) {
        let stored = jar.cookies_for(&self.url);
        if request.cookies.is_empty() && stored.is_empty() {
            return;
        }
        let mut line = self.headers.get(COOKIE).map(header::text).unwrap_or_default();
        for (name, value, _) in &request.cookies {
            cookie::append(&mut line, name, value);
        }
        let replaced = |name: &str| {
            request
                .cookies
                .iter()
                .any(|(other, _, replace)| *replace && other == name)
        };
        for (name, value) in stored.iter().filter(|(name, _)| !replaced(name)) {
            cookie::append(&mut line, name, value);
        }
        if let Ok(value) = HeaderValue::from_str(&line) {
            self.headers.insert(COOKIE, value);
        }
    }

    /// Follows a redirect.
    pub(super) fn turn(&mut self, redirect: Redirect, request: &Request, jar: &Jar) {
        let last = std::mem::replace(&mut self.url, redirect.url);
        self.written = None;
        self.redirects += 1;
        if redirect.becomes_get {
            self.method = "GET".into();
        }
        if !redirect.keeps_body {
            self.body = Bytes::new();
        }
        if !redirect.same_host {
            self.host = None;
        }
        if self.url.origin() != last.origin() {
            self.digest = None;
        }
        let first = self.first.get_or_insert_with(|| last.clone());
        redirect::strip(
            &mut self.headers,
            first,
            &self.url,
            redirect.keeps_body && !self.body.is_empty(),
        );
        if self.answered {
            self.headers.remove(AUTHORIZATION);
            self.answered = false;
        }
        if !self.referer_given {
            redirect::refer(&mut self.headers, &last, &self.url);
        }
        self.headers.remove(COOKIE);
        self.add_cookies(request, jar);
    }

    /// Answers a challenge from now on.
    pub(super) fn authorize(&mut self, authorization: String) -> Result<(), HttpError> {
        self.answered = true;
        self.set(AUTHORIZATION, &authorization)
    }

    /// All headers of the next request.
    pub(super) fn headers(&self, origin: &Origin, settings: &Settings) -> Result<HeaderMap, HttpError> {
        let mut headers = self.headers.clone();
        let host = match &self.host {
            None => origin.authority.clone(),
            Some(host) => HeaderValue::from_str(host)
                .map_err(|_| HttpError::new(code::DEFAULT, "net/http: invalid Host header"))?,
        };
        headers.insert(HOST, host);
        if headers.get(USER_AGENT).is_some_and(HeaderValue::is_empty) {
            headers.remove(USER_AGENT);
        }
        if !self.body.is_empty() || matches!(&self.method[..], "POST" | "PUT" | "PATCH") {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        let has_user = !self.url.username().is_empty() || self.url.password().is_some();
        if has_user && !headers.contains_key(AUTHORIZATION) {
            headers.insert(AUTHORIZATION, value(&proxy::basic(&self.url))?);
        }
        if settings.no_connection_reuse {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(authorization) = origin.forwarded().and_then(|proxy| proxy.authorization()) {
            headers.insert(PROXY_AUTHORIZATION, value(&authorization)?);
        }
        Ok(headers)
    }

    /// The request in the form its connection wants.
    pub(super) fn wire(
        &self,
        mut headers: HeaderMap,
        connection: &Connection,
        origin: &Origin,
    ) -> Result<http::Request<Full<Bytes>>, HttpError> {
        let uri = match connection {
            Connection::Http1(_) if origin.forwarded().is_none() => self.target().to_string(),
            _ => {
                let host = headers.get(HOST).unwrap_or(&origin.authority);
                format!("{}://{}{}", self.url.scheme(), header::text(host), self.target())
            }
        };
        if matches!(connection, Connection::Http2(_)) {
            // It is the `:authority` of HTTP/2; Connection has no meaning there.
            headers.remove(HOST);
            headers.remove(CONNECTION);
        }
        let bad = |error: &dyn std::fmt::Display| {
            HttpError::new(code::DEFAULT, format!("invalid request: {error}"))
        };
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = header::method(&self.method)?;
        *request.uri_mut() = Uri::try_from(uri).map_err(|error| bad(&error))?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Path and query.
    pub(super) fn target(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// Whether it may be sent twice, as Go judges.
    pub(super) fn is_replayable(&self) -> bool {
        matches!(&self.method[..], "GET" | "HEAD" | "OPTIONS" | "TRACE")
            || ["idempotency-key", "x-idempotency-key"]
                .iter()
                .any(|name| self.headers.contains_key(*name))
    }

    /// The URL, as its author wrote it.
    pub(super) fn full_url(&self) -> String {
        self.written.clone().unwrap_or_else(|| self.url.to_string())
    }

    /// The URL with user and password masked, as k6 does in tags.
    pub(super) fn shown_url(&self) -> String {
        match &self.written {
            None if self.url.username().is_empty() && self.url.password().is_none() => self.url.to_string(),
            _ => masked(&self.full_url()),
        }
    }

    /// The headers a script sees as its request's.
    pub(super) fn shown(&self) -> Vec<(String, String)> {
        let mut shown = header::list(&self.headers);
        // What the transport writes by itself is not sent as given, but shown, as k6 does.
        for (name, value) in &self.given {
            if ["host", "transfer-encoding", "trailer"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own))
            {
                shown.push((header::canonical_text(name), value.clone()));
            }
        }
        shown
    }

    /// The cookies a script sees as its request's.
    pub(super) fn shown_cookies(&self) -> Vec<(String, String)> {
        let line = self.headers.get(COOKIE).map(header::text).unwrap_or_default();
        let pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs
            .map(|(name, value)| (name.to_string(), value.trim_matches('"').to_string()))
            .collect()
    }
}

fn value(text: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::from_str(text)
        .map_err(|error| HttpError::new(code::DEFAULT, format!("Authorization: {error}")))
}

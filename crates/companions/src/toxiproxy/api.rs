//! Calls of Toxiproxy's HTTP API.

use std::rc::Rc;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Failure};
use chaos_engine::host::Host;
use chaos_engine::net::{self, NetError, Request, Response};
use chaos_engine::value::{Map, Value, json, python};

/// How long a connection, and then any part of an answer, may take. Toxiproxy gives up on a call after 25 seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// The port of Toxiproxy's API when the configuration names none.
const PORT: &str = "8474";
/// As much of an answer that is not JSON as an error shows.
const LONGEST_REASON: usize = 300;

/// Why an activity of Toxiproxy failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToxiproxyError {
    /// Nothing says where it is.
    #[error(
        "where is Toxiproxy? Put `toxiproxy_url`, or `toxiproxy_host` and perhaps `toxiproxy_port`, into the configuration"
    )]
    NoAddress,
    /// No connection, no whole answer, or an address that is none.
    #[error(transparent)]
    Net(#[from] NetError),
    /// An answer that is not 2xx.
    #[error("Toxiproxy refused {call}: {reason} (status {status})")]
    Refused {
        call: String,
        status: u16,
        reason: String,
    },
    /// A 2xx answer that cannot be read.
    #[error("the answer to {call} cannot be used: {reason}; is it Toxiproxy that listens there?")]
    Answer { call: String, reason: String },
    /// The proxy listens on something that has no number.
    #[error("the proxy `{proxy}` listens on `{listen}`, which does not end with a port number")]
    NoPort { proxy: String, listen: String },
    /// `env:NAME` without that variable.
    #[error("the environment variable `{0}`, which an argument names by `env:{0}`, is not set")]
    NoVariable(String),
    /// The proxy has no such attribute.
    #[error("the proxy `{proxy}` has no attribute `{attribute}`; it has {known}")]
    NoAttribute {
        proxy: String,
        attribute: String,
        known: String,
    },
}

impl From<ToxiproxyError> for ActivityError {
    fn from(error: ToxiproxyError) -> Self {
        Self::Failed(Failure::from_error(&error))
    }
}

/// The Toxiproxy that the configuration names.
pub(super) struct Api {
    base: Request,
    host: Rc<Host>,
}

impl Api {
    /// Reads where it is.
    ///
    /// # Errors
    /// When the configuration does not say it, or says what is no http address.
    pub fn of(context: &Context) -> Result<Self, ToxiproxyError> {
        let mut base = Request::new("GET", net::parse_url(&address(&context.configuration)?)?);
        base.connect_timeout = Some(PATIENCE);
        base.read_timeout = Some(PATIENCE);
        Ok(Self {
            base,
            host: Rc::clone(&context.host),
        })
    }

    /// Makes a call and returns its answer, whatever its status. `path` are the segments, unescaped.
    ///
    /// # Errors
    /// When there is no connection or no whole answer.
    pub async fn call(
        &self,
        method: &str,
        path: &[&str],
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, ToxiproxyError> {
        let mut request = self.base.clone();
        request.method = method.to_owned();
        request.url.set_query(None);
        if let Ok(mut segments) = request.url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if let Some(body) = body {
            let json = ("Content-Type".to_owned(), "application/json".to_owned());
            request.headers.push(json);
            request.body = Some(body.to_string().into());
        }
        let call = format!("{method} {}", net::shown(&request.url));
        let response = net::send(&request, &self.host).await?;
        tracing::debug!("{call}: status {}", response.status);
        Ok(Answer { call, response })
    }
}

fn address(configuration: &Map) -> Result<String, ToxiproxyError> {
    let said = |key: &str| {
        let value = configuration.get(key).filter(|value| python::truthy(value));
        value.map(python::text)
    };
    if let Some(url) = said("toxiproxy_url") {
        return Ok(url);
    }
    let host = said("toxiproxy_host").ok_or(ToxiproxyError::NoAddress)?;
    let port = said("toxiproxy_port").unwrap_or_else(|| PORT.to_owned());
    Ok(format!("http://{host}:{port}"))
}

/// What Toxiproxy answered to a call.
pub(super) struct Answer {
    call: String,
    response: Response,
}

impl Answer {
    /// True for a 2xx status.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// Whether Toxiproxy did what it was asked; a refusal is logged with its reason.
    pub fn accepted(&self) -> bool {
        if !self.is_success() {
            tracing::warn!("{}", self.refusal());
        }
        self.is_success()
    }

    /// The object in a 2xx answer.
    ///
    /// # Errors
    /// When Toxiproxy refused, or when the body is no JSON object.
    pub fn object(&self) -> Result<Map, ToxiproxyError> {
        if !self.is_success() {
            return Err(self.refusal());
        }
        match json::parse(&self.response.text()) {
            Ok(Value::Map(object)) => Ok(object),
            Ok(other) => Err(self.unusable(&format!("{} instead of an object", python::repr(&other)))),
            Err(error) => Err(self.unusable(&error.to_string())),
        }
    }

    /// The text at `key` of an object that this answer held.
    ///
    /// # Errors
    /// When there is none.
    pub fn text<'a>(&self, object: &'a Map, key: &str) -> Result<&'a str, ToxiproxyError> {
        let text = object.get(key).and_then(Value::as_str);
        text.ok_or_else(|| self.unusable(&format!("it has no text `{key}`")))
    }

    /// The error for an answer that is not 2xx, with what Toxiproxy says of it.
    pub fn refusal(&self) -> ToxiproxyError {
        ToxiproxyError::Refused {
            call: self.call.clone(),
            status: self.response.status,
            reason: self.reason(),
        }
    }

    /// Its first version puts the reason at `title`, its second at `error`.
    fn reason(&self) -> String {
        let text = self.response.text();
        let told = json::parse(&text).ok().and_then(|answer| {
            let reason = answer.get("error").or_else(|| answer.get("title"));
            reason.and_then(Value::as_str).map(str::to_owned)
        });
        match told {
            Some(reason) => reason,
            None if text.trim().is_empty() => "it does not say why".to_owned(),
            None => text.trim().chars().take(LONGEST_REASON).collect(),
        }
    }

    fn unusable(&self, reason: &str) -> ToxiproxyError {
        ToxiproxyError::Answer {
            call: self.call.clone(),
            reason: reason.to_owned(),
        }
    }
}

//! Notifications: which channels of the settings want an event, and what they are to be sent. Sending is another's
//! matter, and its failures never touch a run.

use std::time::Duration;

use chaos_engine::value::{Map, Value, map, python};

#[cfg(test)]
mod tests;

/// How long a channel may take to accept a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a channel may take to answer.
pub const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// What happened, in the names that settings use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventName {
    /// `discovery-started`, payload: the package's name.
    DiscoveryStarted,
    /// `discovery-failed`, payload: the package's name.
    DiscoveryFailed,
    /// `discovery-completed`, payload: the discovery.
    DiscoveryCompleted,
    /// `init-started`, no payload.
    InitStarted,
    /// `init-failed`, no payload.
    InitFailed,
    /// `init-completed`, payload: the experiment.
    InitCompleted,
    /// `run-started`, payload: the experiment, before it is validated.
    RunStarted,
    /// `run-completed`, payload: the journal, with status completed.
    RunCompleted,
    /// `run-failed`, payload: the journal, with any other status.
    RunFailed,
    /// `run-deviated`, payload: the journal; after one of the other two.
    RunDeviated,
    /// `validate-started`, payload: the experiment.
    ValidateStarted,
    /// `validate-completed`, payload: the experiment.
    ValidateCompleted,
    /// `validate-failed`, payload: the experiment; with an error.
    ValidateFailed,
}

impl EventName {
    /// The name in settings and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DiscoveryStarted => "discovery-started",
            Self::DiscoveryFailed => "discovery-failed",
            Self::DiscoveryCompleted => "discovery-completed",
            Self::InitStarted => "init-started",
            Self::InitFailed => "init-failed",
            Self::InitCompleted => "init-completed",
            Self::RunStarted => "run-started",
            Self::RunCompleted => "run-completed",
            Self::RunFailed => "run-failed",
            Self::RunDeviated => "run-deviated",
            Self::ValidateStarted => "validate-started",
            Self::ValidateCompleted => "validate-completed",
            Self::ValidateFailed => "validate-failed",
        }
    }

    /// `discovery`, `init`, `run` or `validate`.
    pub fn phase(self) -> &'static str {
        let name = self.as_str();
        name.split_once('-').map_or(name, |(phase, _)| phase)
    }

    /// The events that end a run, in their order, from its journal's status and deviation.
    pub fn of_run(status: &str, deviated: bool) -> Vec<Self> {
        let end = if status == "completed" {
            Self::RunCompleted
        } else {
            Self::RunFailed
        };
        std::iter::once(end)
            .chain(deviated.then_some(Self::RunDeviated))
            .collect()
    }
}

/// One event, ready to be told.
#[derive(Clone)]
pub struct Event {
    /// What happened.
    pub name: EventName,
    /// The experiment, the journal, …; see [`EventName`].
    pub payload: Value,
    /// See [`raised`].
    pub error: Option<String>,
    /// Seconds since 1970, UTC.
    pub ts: f64,
}

impl Event {
    /// As channels get it: `name`, `payload`, `phase`, `ts`, and `error` if there is one.
    pub fn to_value(&self) -> Value {
        let mut event = map([
            ("name", self.name.as_str().into()),
            ("payload", self.payload.clone()),
            ("phase", self.name.phase().into()),
            ("ts", self.ts.into()),
        ]);
        if let Some(error) = &self.error {
            event.insert("error".to_owned(), error.as_str().into());
        }
        Value::Map(event)
    }
}

/// The `error` of an event, in the words that receivers of Chaos Toolkit events parse: the kind of the exception,
/// such as `InvalidExperiment`, and its message.
pub fn raised(kind: &str, message: &str) -> String {
    format!(
        "An exception was raised: {kind}({})",
        python::repr(&message.into())
    )
}

/// One thing to send.
#[derive(Clone, PartialEq)]
pub enum Delivery {
    /// An HTTP request; a status above 399 is a failed delivery.
    Http {
        /// `POST` with a body, `GET` without.
        method: &'static str,
        /// As in the settings.
        url: String,
        /// Those of the settings, and `Content-Type: application/json` with a body unless the settings say otherwise.
        headers: Vec<(String, String)>,
        /// False accepts any certificate.
        verify_tls: bool,
        /// The event, to be sent as JSON.
        body: Option<Value>,
    },
    /// A call of the Python function `func(channel, event)` of that module.
    Plugin {
        /// Dotted module.
        module: String,
        /// Function in it.
        func: String,
        /// The channel as in the settings.
        channel: Value,
        /// The event.
        event: Value,
    },
}

impl std::fmt::Debug for Delivery {
    /// Headers, addresses and payloads may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http { method, .. } => write!(f, "Http({method})"),
            Self::Plugin { module, func, .. } => write!(f, "Plugin({module}.{func})"),
        }
    }
}

/// What the `notifications` of these settings want sent for `event`, in their order.
///
/// Channels that cannot be used are named in a DEBUG line and left out.
pub fn deliveries(settings: &Value, event: &Event) -> Vec<Delivery> {
    let Some(channels) = settings.get("notifications").and_then(Value::as_list) else {
        return Vec::new();
    };
    let mut event_value = None;
    let mut deliveries = Vec::new();
    for (index, channel) in channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| wants(channel, event.name))
    {
        let event = event_value.get_or_insert_with(|| event.to_value());
        match delivery(channel, event) {
            Ok(delivery) => deliveries.push(delivery),
            Err(reason) => {
                tracing::debug!("Notification channel {index} of the settings is skipped: {reason}")
            }
        }
    }
    deliveries
}

/// A channel without `events`, or with an empty list, wants all of them.
fn wants(channel: &Value, name: EventName) -> bool {
    let name = name.as_str();
    match channel.get("events") {
        None => true,
        Some(events) if !python::truthy(events) => true,
        Some(Value::Text(events)) => events.contains(name),
        Some(Value::List(events)) => events.iter().any(|event| event.as_str() == Some(name)),
        Some(_) => false,
    }
}

fn delivery(channel: &Value, event: &Value) -> Result<Delivery, &'static str> {
    let entries = channel.as_map().ok_or("it is not a mapping")?;
    match entries.get("type").and_then(Value::as_str) {
        Some("http") => http(entries, event),
        Some("plugin") => plugin(entries, event),
        _ => Err("its type is neither http nor plugin"),
    }
}

fn http(channel: &Map, event: &Value) -> Result<Delivery, &'static str> {
    let url = channel
        .get("url")
        .and_then(Value::as_str)
        .filter(|url| !url.is_empty());
    let flag = |name| channel.get(name).is_none_or(python::truthy);
    let body = flag("forward_event_payload").then(|| event.clone());
    let mut headers: Vec<(String, String)> = match channel.get("headers") {
        Some(Value::Map(headers)) => headers
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), python::text(value)))
            .collect(),
        _ => Vec::new(),
    };
    if body.is_some()
        && !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    Ok(Delivery::Http {
        method: if body.is_some() { "POST" } else { "GET" },
        url: url.ok_or("it has no url")?.to_owned(),
        headers,
        verify_tls: flag("verify_tls"),
        body,
    })
}

fn plugin(channel: &Map, event: &Value) -> Result<Delivery, &'static str> {
    let text = |name| {
        channel
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    Ok(Delivery::Plugin {
        module: text("module").ok_or("it has no module")?.to_owned(),
        func: text("func").unwrap_or("notify").to_owned(),
        channel: Value::Map(channel.clone()),
        event: event.clone(),
    })
}

//! Telling the settings' notification channels of a run. A channel that fails never matters.

use chaos_engine::net;
use chaos_engine::value::{Value, json, python};
use tracing::debug;

use super::{Finished, LaunchError, Session};
use crate::notify::{self, CONNECT_TIMEOUT, Delivery, Event, EventName, READ_TIMEOUT};

impl Session {
    /// Tells the channels that want it of an event.
    pub async fn notify(&self, name: EventName, payload: &Value, error: Option<&LaunchError>) {
        let settings = self.settings();
        if !settings.contains_key("notifications") {
            return;
        }
        let error = error
            .map(LaunchError::as_raised)
            .map(|(class, message)| notify::raised(class, &message));
        let ts = chrono::Utc::now().timestamp_micros() as f64 / 1e6;
        let event = Event {
            name,
            payload: payload.clone(),
            error,
            ts,
        };
        for delivery in notify::deliveries(&settings.into(), &event) {
            if let Err(reason) = self.deliver(delivery).await {
                debug!(
                    "A notification channel could not be told of '{}': {reason}",
                    name.as_str()
                );
            }
        }
    }

    /// Tells the channels how a run ended.
    pub async fn notify_end(&self, finished: &Finished) {
        if !self.settings().contains_key("notifications") {
            return;
        }
        // channels get the whole journal, as it was written
        let written = std::fs::read_to_string(&finished.path).unwrap_or_default();
        let payload = json::parse(&written).unwrap_or_else(|_| finished.journal.clone().into());
        let deviated = finished.journal.get("deviated").is_some_and(python::truthy);
        for name in EventName::of_run(finished.status(), deviated) {
            self.notify(name, &payload, None).await;
        }
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), String> {
        match delivery {
            Delivery::Http {
                method,
                url,
                headers,
                verify_tls,
                body,
            } => {
                let url = net::parse_url(&url).map_err(|error| error.to_string())?;
                let mut request = net::Request::new(method, url);
                request.headers = headers;
                request.verify_tls = verify_tls;
                request.connect_timeout = Some(CONNECT_TIMEOUT);
                request.read_timeout = Some(READ_TIMEOUT);
                request.body = body.map(|body| json::compact(&body).into());
                let host = self.host.borrow().clone();
                net::send(&request, &host)
                    .await
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
            Delivery::Plugin {
                module,
                func,
                channel,
                event,
            } => self
                .bridge
                .notify(&module, &func, &channel, &event)
                .await
                .map_err(|error| error.to_string()),
        }
    }
}

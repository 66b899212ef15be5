//! Waiting for a web service.

use std::cell::RefCell;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Failure, Kind, NativeActivity, poll};
use chaos_engine::host::Host;
use chaos_engine::net::{self, NetError, Request};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

/// Calls a web address again and again until it answers with the wanted status, and fails when that takes too long.
/// Redirects are followed and certificates are checked; refused, broken and untrusted connections count as not yet
/// active.
#[derive(Deserialize, JsonSchema)]
pub struct WaitForServiceActive {
    /// The address to call, with http or https.
    url: String,
    /// How long to wait, in seconds. 0 fails without a call.
    #[serde(default = "a_minute")]
    timeout: f64,
    /// The status code that counts as active.
    #[serde(default = "ok")]
    status: u16,
}

fn a_minute() -> f64 {
    60.0
}

fn ok() -> u16 {
    200
}

/// Between two calls, unless the configuration says otherwise.
const INTERVAL: Duration = Duration::from_secs(5);

/// Why the service does not count as active.
#[derive(Debug, thiserror::Error)]
enum WaitError {
    #[error("{url} did not answer with status {status} within the timeout of {timeout} seconds; {last}")]
    Timeout {
        url: String,
        status: u16,
        timeout: f64,
        last: LastSeen,
    },
    #[error(transparent)]
    Call(#[from] NetError),
}

/// What came of the last call that has ended.
#[derive(Debug, Default, thiserror::Error)]
enum LastSeen {
    #[default]
    #[error("no call has ended in that time")]
    Nothing,
    #[error("the last answer had status {0}")]
    Status(u16),
    #[error("the last call failed: {0}")]
    Failure(NetError),
}

impl From<WaitError> for ActivityError {
    fn from(error: WaitError) -> Self {
        Self::Failed(Failure::from_error(&error))
    }
}

impl WaitForServiceActive {
    async fn wait(&self, host: &Host, interval: Duration) -> Result<(), WaitError> {
        let request = Request::new("GET", net::parse_url(&self.url)?);
        let last = RefCell::default();
        let limit = limit(self.timeout);
        let call = async || {
            let seen = match net::send(&request, host).await {
                Ok(response) if response.status == self.status => return Ok(Some(())),
                Ok(response) => LastSeen::Status(response.status),
                Err(error) if error.is_failure() => LastSeen::Failure(error),
                Err(error) => return Err(error),
            };
            tracing::debug!("{}: {seen}", net::shown(&request.url));
            last.replace(seen);
            Ok(None)
        };
        let active = match limit.is_zero() {
            true => None,
            false => poll(interval, limit, call).await?,
        };
        active.ok_or_else(|| WaitError::Timeout {
            url: net::shown(&request.url),
            status: self.status,
            timeout: self.timeout,
            last: last.take(),
        })
    }
}

/// No time at all for what is below 0, no limit for what is too large for a clock.
fn limit(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

impl NativeActivity for WaitForServiceActive {
    const MODULE: &'static str = "devlearnops.http.probes";
    const FUNCTION: &'static str = "wait_for_service_active";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True once the status is the wanted one.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.wait(&context.host, context.poll_interval(INTERVAL)).await?;
        Ok(true.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Server, message, run, vacant_port};
    use chaos_engine::value::Value;
    use serde_json::{Value as Json, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn wait(arguments: Json) -> Result<Value, String> {
        let name = "devlearnops.http.probes.wait_for_service_active";
        run(name, arguments, json!({"chaos_poll_interval": 0.01}))
            .await
            .map_err(message)
    }

    #[tokio::test]
    async fn it_waits_until_the_status_is_the_wanted_one() {
        let server = Server::start(&[(503, ""), (404, ""), (204, "")]).await;
        let arguments = json!({"url": server.url("/health?a=b"), "status": 204});
        assert_eq!(wait(arguments).await, Ok(true.into()));
        assert_eq!(server.lines(), ["GET /health?a=b"; 3]);
    }

    #[tokio::test]
    async fn a_timeout_tells_the_last_status() {
        let server = Server::start(&[(500, "")]).await;
        let error = wait(json!({"url": server.url("/?k=s3cret"), "timeout": 0.3})).await;
        let error = error.unwrap_err();
        assert!(
            error.contains("timeout") && error.contains("last answer had status 500"),
            "{error}"
        );
        assert!(!error.contains("s3cret"), "{error}");
        assert!(server.lines().len() > 1);
    }

    #[tokio::test]
    async fn a_timeout_tells_the_last_connection_error() {
        let url = format!("http://jane:s3cret@127.0.0.1:{}/", vacant_port());
        let error = wait(json!({"url": url, "timeout": 0.2})).await;
        let error = error.unwrap_err();
        assert!(
            error.contains("timeout") && error.contains("connection refused"),
            "{error}"
        );
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[tokio::test]
    async fn a_broken_secure_connection_is_not_yet_active() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 400 Speak TLS\r\n\r\n").await;
            }
        });
        let error = wait(json!({"url": url, "timeout": 0.3})).await;
        let error = error.unwrap_err();
        assert!(
            error.contains("timeout") && error.contains("no secure connection"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn without_time_nothing_is_called() {
        for timeout in [0, -3] {
            let server = Server::start(&[(200, "")]).await;
            let error = wait(json!({"url": server.url("/"), "timeout": timeout})).await;
            let error = error.unwrap_err();
            assert!(
                error.contains("timeout") && error.contains("no call has ended"),
                "{error}"
            );
            assert!(server.lines().is_empty());
        }
    }

    #[tokio::test]
    async fn a_server_that_never_answers_does_not_outlast_the_timeout() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let error = wait(json!({"url": url, "timeout": 0.2})).await.unwrap_err();
        assert!(error.contains("no call has ended"), "{error}");
    }

    #[tokio::test]
    async fn redirects_are_followed() {
        let server = Server::start(&[(302, "Location: /there\r\n"), (200, "")]).await;
        assert_eq!(wait(json!({"url": server.url("/")})).await, Ok(true.into()));
        assert_eq!(server.lines(), ["GET /", "GET /there"]);
    }

    #[tokio::test]
    async fn what_can_never_work_fails_at_once() {
        for (url, word) in [("ftp://127.0.0.1/", "ftp"), ("no address", "no address")] {
            let error = wait(json!({"url": url, "timeout": 1e300})).await;
            let error = error.unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}

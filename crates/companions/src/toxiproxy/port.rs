//! The port of a proxy, as later activities find it.

use chaos_engine::activity::Context;
use chaos_engine::value::Map;

use super::api::{Answer, ToxiproxyError};

/// What stands after the last colon of a proxy's `listen`: a number once the proxy has listened, else what it was
/// given.
///
/// # Errors
/// When the answer does not say where the proxy listens.
pub(super) fn port_of<'a>(answer: &Answer, proxy: &'a Map) -> Result<&'a str, ToxiproxyError> {
    let listen = answer.text(proxy, "listen")?;
    Ok(listen.rsplit(':').next().unwrap_or(listen))
}

/// Leaves the port to later activities as `<proxy>_PORT`, which is text, in the configuration and in the environment.
pub(super) fn leave_port(context: &Context, proxy: &str, port: &str) {
    let key = format!("{proxy}_PORT");
    context.leave(key.as_str(), port);
    context.leave_variable(&key, port);
}

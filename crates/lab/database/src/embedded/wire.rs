//! MySQL's client/server protocol, the server's side, as far as clients of one schema use it.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>
//!
//! The crate for this would be opensrv-mysql. Its last release (0.7) marks bytes as text, answers 1698 instead of 1045 to a
//! wrong password, panics on broken parameters, and builds bindgen and cmake, which it does not need.

pub(super) mod handshake;
pub(super) mod packet;
pub(super) mod parameters;
pub(super) mod reply;

//! The HTTP client of one virtual user: HTTP/1.1 and HTTP/2, with the timings, error codes and redirects of k6.
//!
//! A [`Client`] keeps the connections of its user, a [`Jar`] the cookies; [`Shared`] is what all users of a test have in
//! common. Nothing here needs `Send`: a user lives on one thread, in a `tokio::task::LocalSet`.

mod body;
mod client;
mod compression;
mod cookie;
mod dial;
mod digest;
mod error;
mod header;
mod hosts;
mod http1;
mod http2;
mod jar;
mod leg;
mod limit;
mod outcome;
mod pool;
mod proxy;
mod redirect;
mod request;
mod resolve;
mod run;
mod settings;
mod shared;
mod stream;
mod tls;
mod trace;
mod verify;

pub use client::Client;
pub use cookie::{Cookie, NO_EXPIRY};
pub use error::{HttpError, code};
pub use jar::{CookieAttributes, CookieError, Jar};
pub use outcome::{Hop, Outcome, Response, Timings, TlsInfo};
pub use request::{Auth, Compression, Request, ResponseType};
pub use settings::{ClientCertificate, Settings, SetupError};
pub use shared::Shared;

//! The wire formats of AWS: requests become an operation's name and one JSON value, answers the other way round, so that services
//! are written once. Sources: the protocol pages of the Smithy documentation (awsJson 1.0/1.1, awsQuery, ec2Query, restJson1, rpcv2Cbor).

mod cbor;
mod error;
mod query;
mod request;
mod response;
mod xml;

pub use error::ApiError;
pub use request::{Call, Protocol, RawRequest, access_key_of, service_of};
pub use response::{RawResponse, time};

/// What an operation answers: the members of its output.
pub type Answer = Result<serde_json::Value, ApiError>;

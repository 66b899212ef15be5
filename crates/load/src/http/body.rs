//! Reading the bodies of answers.

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};

use super::error::{self, HttpError, code};
use super::pool::Connection;

/// What of a body is kept.
#[derive(Clone, Copy)]
pub(super) enum Keep {
    /// All, up to so many bytes.
    All(usize),
    /// Nothing; it is read to its end.
    Nothing,
    /// Nothing; after so many bytes reading stops with an error, which costs the connection.
    Skip(usize),
}

/// Shorter pieces are copied, so that they do not keep the read buffer of their connection from being used again.
const COPIED: usize = 4096;

/// Reads to the end.
pub(super) async fn read(
    connection: &mut Connection,
    mut body: Incoming,
    keep: Keep,
) -> Result<Bytes, HttpError> {
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    let mut length = 0;
    while !body.is_end_stream() {
        let Some(frame) = connection.frame(&mut body).await else {
            break;
        };
        let Ok(data) = frame.map_err(|error| error::of_hyper(&error, true))?.into_data() else {
            continue;
        };
        length += data.len();
        check(length, keep)?;
        match keep {
            Keep::All(_) if first.is_empty() && rest.is_empty() && data.len() > COPIED => first = data,
            Keep::All(_) => {
                if rest.is_empty() {
                    rest.extend_from_slice(&std::mem::take(&mut first));
                }
                rest.extend_from_slice(&data);
            }
            Keep::Nothing | Keep::Skip(_) => {}
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

fn check(length: usize, keep: Keep) -> Result<(), HttpError> {
    match keep {
        Keep::All(most) | Keep::Skip(most) if length > most => Err(HttpError::new(
            code::DEFAULT,
            format!("response body is larger than {most} bytes"),
        )),
        _ => Ok(()),
    }
}

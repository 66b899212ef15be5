//! Places among events, and the tokens that clients page with.

use super::bad;
use crate::wire::ApiError;

/// Where an event is: events are in the order of their timestamps, then of their coming. As a token it is the gap after that event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Counts all events of the region from 1.
    pub number: u64,
}

/// Where a page is to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// The events after a gap.
    Forward(Place),
    /// The events before a gap.
    Backward(Place),
}

impl Place {
    /// The gap before all events.
    pub const START: Place = Place {
        timestamp: 0,
        number: 0,
    };

    /// The gap before the event at this place.
    pub fn before(self) -> Place {
        Place {
            number: self.number.saturating_sub(1),
            ..self
        }
    }

    /// 56 digits, as AWS's tokens and event ids have.
    pub fn digits(self) -> String {
        format!("{:028}{:028}", self.timestamp.max(0), self.number)
    }

    fn parse(digits: &str) -> Option<Place> {
        let (timestamp, number) = digits.split_at_checked(28)?;
        Some(Place {
            timestamp: timestamp.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl Token {
    /// As GetLogEvents spells it.
    pub fn text(self) -> String {
        match self {
            Token::Forward(place) => format!("f/{}/s", place.digits()),
            Token::Backward(place) => format!("b/{}/s", place.digits()),
        }
    }

    /// Reads what [`Token::text`] wrote.
    ///
    /// # Errors
    /// `InvalidParameterException`
    pub fn parse(text: &str) -> Result<Token, ApiError> {
        let mut parts = text.splitn(3, '/');
        let (direction, place) = (parts.next(), parts.next().and_then(Place::parse));
        match (direction, place) {
            (Some("f"), Some(place)) => Ok(Token::Forward(place)),
            (Some("b"), Some(place)) => Ok(Token::Backward(place)),
            _ => Err(bad("The specified nextToken is invalid.")),
        }
    }
}

/// Reads a place that [`Place::digits`] wrote.
///
/// # Errors
/// `InvalidParameterException`
pub fn place(text: &str) -> Result<Place, ApiError> {
    Place::parse(text).ok_or_else(|| bad("The specified nextToken is invalid."))
}

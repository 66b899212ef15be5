//! Ids, drawn by the api and not by the database, so that an insert can be repeated.

use chrono::Utc;
use uuid::Uuid;

/// 1 January 2025, in milliseconds since 1970.
const BEGIN: i64 = 1_735_689_600_000;
/// What is left of 53 bits, the whole numbers that a JavaScript client can tell apart, when 41 hold milliseconds (until 2094).
const CHANCE_BITS: u32 = 12;
/// The greatest id that a client may give.
pub const MOST: i64 = (1 << 53) - 1;

/// An id that is greater than those drawn before, but for ones of the same millisecond and clocks that differ. It may be taken:
/// whoever inserts it must be ready to draw another.
pub fn draw() -> i64 {
    let milliseconds = now().saturating_sub(BEGIN).max(1);
    let chance = Uuid::new_v4().as_u128() & ((1 << CHANCE_BITS) - 1);
    let chance = i64::try_from(chance).unwrap_or_default();
    ((milliseconds << CHANCE_BITS) | chance) & MOST
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    Utc::now().timestamp_millis()
}

/// A name for a request that brought none.
pub fn token() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_a_browser_can_tell_them_apart() {
        let first = draw();
        let until = now() + 2;
        while now() < until {
            std::hint::spin_loop();
        }
        let second = draw();
        assert!(0 < first && first < second && second <= MOST, "{first} {second}");
    }
}

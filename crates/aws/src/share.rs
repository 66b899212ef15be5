//! How many a percentage is.

use crate::AwsError;

/// So many percent of `total`, to the nearest whole number; of a half, to the even one, as Python rounds. `argument`
/// names the percentage in the error.
///
/// # Errors
/// It is less than none of them, or more than all.
pub fn share(total: usize, percent: i64, argument: &str) -> Result<usize, AwsError> {
    let count = (total as f64 * percent as f64 / 100.0).round_ties_even();
    if percent < 0 || count > total as f64 {
        return Err(AwsError::because(format!(
            "{argument} is {percent}, but it must be between 0 and 100 (percent)"
        )));
    }
    // not negative, and at most a length
    Ok(count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_number() {
        let of = |total, percent| share(total, percent, "volume").unwrap();
        assert_eq!([of(3, 50), of(5, 50), of(1, 50)], [2, 2, 0]);
        assert_eq!([of(0, 50), of(1000, 100), of(7, 33)], [0, 1000, 2]);
    }

    #[test]
    fn what_is_no_share_is_told() {
        for percent in [-1, 150] {
            let error = share(4, percent, "volume").unwrap_err().to_string();
            assert!(error.contains("between 0 and 100"), "{error}");
        }
    }
}

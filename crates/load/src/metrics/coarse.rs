use super::trend::{self, Trend};

const FRACTION_BITS: u32 = 4;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - FRACTION_BITS;

/// A small histogram of times for one row of the time series: buckets are 1/16 of a power of two wide, so percentiles of
/// rows that were put together are right to about 3 %. A bucket takes 8 bytes, and a second of requests has some dozens.
#[derive(Clone, Default, Debug)]
pub(super) struct Coarse {
    /// Sorted by bucket.
    counts: Vec<(u16, u32)>,
}

impl Coarse {
    pub(super) fn of(trend: &Trend) -> Self {
        let mut coarse = Self::default();
        for (value, count) in trend.buckets() {
            let bucket = (value.max(0.0).to_bits() >> SHIFT) as u16;
            coarse.push(bucket, u32::try_from(count).unwrap_or(u32::MAX));
        }
        coarse
    }

    fn push(&mut self, bucket: u16, count: u32) {
        match self.counts.last_mut().filter(|(last, _)| *last == bucket) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.counts.push((bucket, count)),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut both: Vec<_> = self.counts.iter().chain(&other.counts).copied().collect();
        both.sort_unstable_by_key(|(bucket, _)| *bucket);
        self.counts = Vec::with_capacity(both.len());
        both.into_iter()
            .for_each(|(bucket, count)| self.push(bucket, count));
        self.counts.shrink_to_fit();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// A percentile (0 to 100), not above `max`.
    pub(super) fn percentile(&self, percent: f64, max: f64) -> f64 {
        let count = self.counts.iter().map(|(_, count)| u64::from(*count)).sum();
        trend::percentile(percent, count, |rank| self.at(rank)).min(max)
    }

    fn at(&self, rank: u64) -> f64 {
        let mut passed = 0;
        let found = self.counts.iter().find(|(_, count)| {
            passed += u64::from(*count);
            passed > rank
        });
        let bound = |bucket: u16| f64::from_bits(u64::from(bucket) << SHIFT);
        found.map_or(0.0, |(bucket, _)| match bucket {
            0 => 0.0,
            bucket => f64::midpoint(bound(*bucket), bound(bucket.saturating_add(1))),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Coarse {
        let mut trend = Trend::default();
        values.iter().for_each(|value| trend.add(*value));
        Coarse::of(&trend)
    }

    proptest! {
        #[test]
        fn percentiles_of_merged_rows_are_within_4_percent(
            a in prop::collection::vec(0.001..60_000.0, 1..200), b in prop::collection::vec(0.001..10.0, 1..200), percent in 0.0..=100.0,
        ) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let mut exact = [a, b].concat();
            exact.sort_by(f64::total_cmp);
            let expected = trend::percentile(percent, exact.len() as u64, |rank| exact[rank as usize]);
            let found = merged.percentile(percent, f64::INFINITY);
            prop_assert!((found - expected).abs() <= expected * 0.04, "{found}, not {expected}");
        }
    }

    #[test]
    fn a_row_is_small() {
        let values: Vec<f64> = (1..100_000).map(f64::from).collect();
        assert!(of(&values).counts.len() <= 17 * 16 + 1);
    }

    #[test]
    fn zeros_stay_zero() {
        assert_eq!(of(&[0.0, 0.0]).percentile(50.0, 0.0), 0.0);
    }
}

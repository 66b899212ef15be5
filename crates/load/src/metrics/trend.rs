use super::histogram::Histogram;

/// All samples of a trend. Count, sum and extremes are exact.
#[derive(Clone, Default, Debug)]
pub(crate) struct Trend {
    histogram: Histogram,
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Trend {
    pub(super) fn add(&mut self, value: f64) {
        self.widen(value, value);
        self.count += 1;
        self.sum += value;
        self.histogram.record(value);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.widen(other.min, other.max);
        self.count += other.count;
        self.sum += other.sum;
        self.histogram.merge(&other.histogram);
    }

    pub(super) fn clear(&mut self) {
        self.histogram.clear();
        (self.count, self.sum, self.min, self.max) = (0, 0.0, 0.0, 0.0);
    }

    fn widen(&mut self, min: f64, max: f64) {
        if self.count == 0 {
            (self.min, self.max) = (min, max);
        } else {
            (self.min, self.max) = (self.min.min(min), self.max.max(max));
        }
    }

    /// 0 without samples, as in k6.
    pub(super) fn avg(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }

    /// A percentile (0 to 100) by k6's definition: the sorted samples at rank `percent / 100 * (count - 1)`, with linear
    /// interpolation between the two neighbours of a rank that is not whole. The neighbours come from the histogram, so
    /// each is right to three significant digits; the first and the last sample are exact. 0 without samples, as in k6.
    pub(super) fn percentile(&self, percent: f64) -> f64 {
        percentile(percent, self.count, |rank| self.at(rank))
    }

    fn at(&self, rank: u64) -> f64 {
        if rank == 0 {
            return self.min;
        }
        let inner = (rank + 1 < self.count).then(|| self.histogram.at(rank)).flatten();
        inner.map_or(self.max, |value| value.clamp(self.min, self.max))
    }

    #[cfg(test)]
    pub(super) fn pages(&self) -> usize {
        self.histogram.pages()
    }

    /// Non-empty buckets by value: the bound nearer to zero, and the count.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.histogram.buckets().map(|bucket| (bucket.near, bucket.count))
    }
}

/// The percentile of `count` sorted samples that `at` gives by rank.
pub(super) fn percentile(percent: f64, count: u64, at: impl Fn(u64) -> f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let rank = percent / 100.0 * (count - 1) as f64;
    let (below, above) = (at(rank.floor() as u64), at(rank.ceil() as u64));
    // Equal infinite neighbours have no difference to interpolate.
    if below == above {
        below
    } else {
        below + (above - below) * rank.fract()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Trend {
        let mut trend = Trend::default();
        values.iter().for_each(|value| trend.add(*value));
        trend
    }

    /// k6's definition on a list.
    fn reference(values: &[f64], percent: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rank = percent / 100.0 * (sorted.len() - 1) as f64;
        let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
        below + (above - below) * (rank - rank.floor())
    }

    #[test]
    fn percentiles_of_k6() {
        let samples: Vec<f64> = (1..=10).map(f64::from).collect();
        let trend = of(&samples);
        for (percent, value) in [(0.0, 1.0), (50.0, 5.5), (90.0, 9.1), (95.0, 9.55), (100.0, 10.0)] {
            assert!((trend.percentile(percent) - value).abs() < 1e-12, "p({percent})");
        }
        assert_eq!((of(&[]).percentile(95.0), of(&[]).avg()), (0.0, 0.0));
        assert_eq!(of(&[1234.5678]).percentile(95.0), 1234.5678);
        assert_eq!(of(&[f64::INFINITY; 3]).percentile(40.0), f64::INFINITY);
    }

    #[test]
    fn a_cleared_trend_starts_again() {
        let mut trend = of(&[5.0, -1.0]);
        trend.clear();
        trend.add(3.0);
        assert_eq!(
            (
                trend.count,
                trend.sum,
                trend.min,
                trend.max,
                trend.percentile(50.0)
            ),
            (1, 3.0, 3.0, 3.0, 3.0)
        );
    }

    proptest! {
        #[test]
        fn percentiles_agree_with_sorted_lists(
            values in prop::collection::vec(prop_oneof![0.0..5000.0, 0.0..0.01, -1e3..1e9, Just(0.0)], 1..300),
            percent in 0.0..=100.0,
        ) {
            let (found, expected) = (of(&values).percentile(percent), reference(&values, percent));
            // Interpolation between numbers of both signs can cancel; the neighbours themselves are within 0.1 %.
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = percent / 100.0 * (sorted.len() - 1) as f64;
            let scale = sorted[rank.floor() as usize].abs().max(sorted[rank.ceil() as usize].abs());
            prop_assert!((found - expected).abs() <= scale / 1000.0, "p({percent}) {found}, not {expected}");
        }

        #[test]
        fn sums_and_extremes_are_exact_after_merging(
            a in prop::collection::vec(-1000_i32..1000, 0..40), b in prop::collection::vec(-1000_i32..1000, 1..40),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().map(f64::from).collect(), b.into_iter().map(f64::from).collect());
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let all = [a, b].concat();
            prop_assert_eq!(merged.count as usize, all.len());
            prop_assert_eq!(merged.sum, all.iter().sum::<f64>());
            prop_assert_eq!(merged.min, all.iter().copied().fold(f64::INFINITY, f64::min));
            prop_assert_eq!(merged.max, all.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
    }
}

//! A histogram of any finite numbers with high dynamic range (HDR): three significant digits everywhere.
//!
//! A bucket is named by the exponent and the first ten bits of the fraction of a floating point number, so each is less
//! than 0.1 % wide, for fractions of a microsecond as for hours, on both sides of zero. (The usual HDR histogram counts
//! integers: below a thousand of its units its precision fades, and finer units make it larger.) Counters stand in pages
//! that exist only where samples fell: a spread from 0.1 ms to 10 s takes about 70 KiB.

const FRACTION_BITS: u32 = 10;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - FRACTION_BITS;
const PAGE: usize = 256;

/// Counters saturate at 4.29 billion samples in one bucket.
type Page = [u32; PAGE];

/// Counts of samples by value.
#[derive(Clone, Default, Debug)]
pub(super) struct Histogram {
    negative: Side,
    zero: u64,
    positive: Side,
}

/// One side of zero, by growing magnitude.
#[derive(Clone, Default, Debug)]
struct Side {
    /// The page number of the first entry of `pages`.
    first: usize,
    pages: Vec<Option<Box<Page>>>,
}

/// A bucket: from its bound nearer to zero (inside) to the other one (outside), and the samples in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    pub(super) near: f64,
    pub(super) far: f64,
    pub(super) count: u64,
}

impl Histogram {
    /// Counts a sample; the caller has dropped NaN. What is smaller than 2.3e-308 counts as zero.
    pub(super) fn record(&mut self, value: f64) {
        let magnitude = value.abs();
        if magnitude < f64::MIN_POSITIVE {
            self.zero += 1;
            return;
        }
        let side = if value < 0.0 {
            &mut self.negative
        } else {
            &mut self.positive
        };
        let bucket = (magnitude.to_bits() >> SHIFT) as usize;
        let counter = &mut side.page(bucket / PAGE)[bucket % PAGE];
        *counter = counter.saturating_add(1);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.zero += other.zero;
        self.negative.merge(&other.negative);
        self.positive.merge(&other.positive);
    }

    /// Sets all counters to zero and keeps the pages, since the next samples are likely to fall there too.
    pub(super) fn clear(&mut self) {
        self.zero = 0;
        for page in self
            .negative
            .pages
            .iter_mut()
            .chain(&mut self.positive.pages)
            .flatten()
        {
            page.fill(0);
        }
    }

    #[cfg(test)]
    pub(super) fn pages(&self) -> usize {
        self.negative
            .pages
            .iter()
            .chain(&self.positive.pages)
            .flatten()
            .count()
    }

    /// All buckets that have samples, from the smallest value to the largest.
    pub(super) fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let negative = self.negative.buckets().rev();
        let zero = Bucket {
            near: 0.0,
            far: 0.0,
            count: self.zero,
        };
        let below = negative.map(|bucket| Bucket {
            near: -bucket.near,
            far: -bucket.far,
            ..bucket
        });
        below
            .chain((self.zero > 0).then_some(zero))
            .chain(self.positive.buckets())
    }

    /// The value of the sample that would stand at `rank` (from 0) if all were sorted.
    pub(super) fn at(&self, rank: u64) -> Option<f64> {
        let mut passed = 0;
        let bucket = self.buckets().find(|bucket| {
            passed += bucket.count;
            passed > rank
        })?;
        Some(simplest(bucket.near, bucket.far))
    }
}

impl Side {
    fn page(&mut self, number: usize) -> &mut Page {
        if self.pages.is_empty() {
            self.first = number;
        }
        if number < self.first {
            self.pages.splice(0..0, (number..self.first).map(|_| None));
            self.first = number;
        }
        let index = number - self.first;
        if index >= self.pages.len() {
            self.pages.resize_with(index + 1, || None);
        }
        self.pages[index].get_or_insert_with(|| Box::new([0; PAGE]))
    }

    fn merge(&mut self, other: &Self) {
        for (index, page) in other.pages.iter().enumerate() {
            let Some(page) = page.as_ref().filter(|page| page.iter().any(|count| *count > 0)) else {
                continue;
            };
            for (own, count) in self.page(other.first + index).iter_mut().zip(page.iter()) {
                *own = own.saturating_add(*count);
            }
        }
    }

    fn buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        let bound = |bucket: usize| f64::from_bits((bucket as u64) << SHIFT);
        self.pages.iter().enumerate().flat_map(move |(index, page)| {
            let start = (self.first + index) * PAGE;
            let counts = page.iter().flat_map(|page| page.iter().enumerate());
            counts
                .filter(|(_, count)| **count > 0)
                .map(move |(offset, count)| Bucket {
                    near: bound(start + offset),
                    far: bound(start + offset + 1),
                    count: u64::from(*count),
                })
        })
    }
}

/// The number with the fewest digits in a bucket. So what was written with three digits, and whole numbers below 2,048,
/// come back as they were.
pub(super) fn simplest(near: f64, far: f64) -> f64 {
    if !far.is_finite() || near == far {
        return near;
    }
    let middle = f64::midpoint(near, far);
    let exponent = far.abs().log10().floor() as i32;
    (0..6)
        .find_map(|digits| multiple(near, far, middle, exponent - digits))
        .unwrap_or(middle)
}

/// The multiple of ten to the power of `exponent` within the bucket that is nearest to its middle.
fn multiple(near: f64, far: f64, middle: f64, exponent: i32) -> Option<f64> {
    let unit = 10_f64.powi(exponent);
    let rounded = (middle / unit).round();
    let candidates = [rounded, rounded - rounded.signum()];
    // Read from text: a product with a power of ten is not always the nearest number to what is meant.
    let exact = candidates
        .into_iter()
        .filter_map(|count| format!("{count}e{exponent}").parse::<f64>().ok());
    exact
        .into_iter()
        .find(|value| value.abs() >= near.abs() && value.abs() < far.abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.record(*value));
        histogram
    }

    #[test]
    fn three_digits_and_small_integers_come_back_exactly() {
        let integers = (0..2048).map(f64::from);
        let fractions = (100..1000).flat_map(|n| [format!("{n}e-9"), format!("{n}e-2"), format!("{n}e17")]);
        for value in integers.chain(fractions.map(|text| text.parse().unwrap())) {
            assert_eq!(of(&[value]).at(0), Some(value));
            assert_eq!(of(&[-value]).at(0), Some(-value));
        }
    }

    #[test]
    fn order_spans_zero() {
        let histogram = of(&[3.0, -1.0, 0.0, -0.0, -200.0, 0.001, f64::INFINITY]);
        let sorted: Vec<_> = (0..7).map(|rank| histogram.at(rank).unwrap()).collect();
        assert_eq!(sorted, [-200.0, -1.0, 0.0, 0.0, 0.001, 3.0, f64::INFINITY]);
        assert_eq!(histogram.at(7), None);
    }

    #[test]
    fn pages_grow_to_both_ends_and_stay_few() {
        let mut histogram = of(&[1.0, 1e300, 1e-300, 5e-324, f64::MAX]);
        assert_eq!(histogram.buckets().map(|bucket| bucket.count).sum::<u64>(), 5);
        assert_eq!(histogram.pages(), 4);
        histogram.clear();
        assert_eq!(histogram.buckets().count(), 0);
    }

    proptest! {
        #[test]
        fn each_sample_is_within_a_tenth_of_a_percent(value in prop_oneof![any::<f64>(), -1e6..1e6, 0.0..1e-3]) {
            prop_assume!(value.is_finite() && (value == 0.0 || value.abs() >= f64::MIN_POSITIVE));
            let found = of(&[value]).at(0).unwrap();
            prop_assert!((found - value).abs() <= value.abs() / 1024.0, "{found} for {value}");
        }

        #[test]
        fn merging_is_recording_both(a in prop::collection::vec(-1e4..1e4, 0..50), b in prop::collection::vec(-1e4..1e4, 0..50)) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let both = of(&[a, b].concat());
            prop_assert!(merged.buckets().eq(both.buckets()));
        }
    }
}

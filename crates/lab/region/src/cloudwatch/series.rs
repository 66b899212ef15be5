//! The values of one metric, by seconds.

use std::collections::VecDeque;

use super::spread::Spread;

/// How many seconds with values are kept: an hour of a metric that has one each second, longer for others.
const KEPT: usize = 3600;

/// What a metric was in a stretch of time, with what percentiles need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many values there were.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least, 0 without values.
    pub minimum: f64,
    /// The greatest, 0 without values.
    pub maximum: f64,
    /// Left empty as long as all values are the same, which those of counters are.
    spread: Spread,
    /// Some came in sum, so that their spread is not known.
    blurred: bool,
}

impl Summary {
    /// Many values in sum, as a statistic set has them.
    pub(super) fn of_set(count: u64, sum: f64, minimum: f64, maximum: f64) -> Summary {
        Summary {
            count,
            sum,
            minimum,
            maximum,
            spread: Spread::default(),
            blurred: minimum != maximum,
        }
    }

    /// A value that occurred `count` times.
    pub(super) fn of_value(value: f64, count: u64) -> Summary {
        Summary::of_set(count, value * count as f64, value, value)
    }

    fn is_uniform(&self) -> bool {
        self.spread.is_empty() && self.minimum == self.maximum
    }

    /// Adds what another one holds.
    pub(super) fn merge(&mut self, other: &Summary) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        let same = self.is_uniform() && other.is_uniform() && self.minimum == other.minimum;
        if !same && !self.blurred && !other.blurred {
            self.spread_out();
            match other.spread.is_empty() {
                true => self.spread.add(other.minimum, other.count),
                false => self.spread.merge(&other.spread),
            }
        }
        self.blurred |= other.blurred;
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    fn spread_out(&mut self) {
        if self.spread.is_empty() {
            self.spread.add(self.minimum, self.count);
        }
    }

    /// A percentile; nothing without values, and nothing where values came in sum.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        if self.count == 0 || self.blurred {
            return None;
        }
        if self.is_uniform() {
            return Some(self.minimum);
        }
        self.spread
            .percentile(percent)
            .map(|value| value.clamp(self.minimum, self.maximum))
    }
}

/// Seconds with values, oldest first.
#[derive(Default)]
pub(super) struct Seconds(VecDeque<(i64, Summary)>);

impl Seconds {
    /// Adds to a second. Values mostly come in order; a client may put some of the past.
    pub(super) fn add(&mut self, second: i64, what: &Summary) {
        match self.0.back_mut() {
            Some((last, summary)) if *last == second => summary.merge(what),
            Some((last, _)) if *last > second => self.add_late(second, what),
            _ => self.0.push_back((second, what.clone())),
        }
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    fn add_late(&mut self, second: i64, what: &Summary) {
        match self.0.binary_search_by_key(&second, |(second, _)| *second) {
            Ok(at) => self.0[at].1.merge(what),
            Err(at) => self.0.insert(at, (second, what.clone())),
        }
    }

    /// Adds the seconds of `from..to` to a summary.
    pub(super) fn sum_up(&self, from: i64, to: i64, into: &mut Summary) {
        let first = self.0.partition_point(|(second, _)| *second < from);
        for (_, summary) in self.0.range(first..).take_while(|(second, _)| *second < to) {
            into.merge(summary);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The newest second.
    pub(super) fn newest(&self) -> Option<i64> {
        self.0.back().map(|(second, _)| *second)
    }

    /// The periods of `from..to` that have values, by their first seconds.
    pub(super) fn periods(&self, from: i64, to: i64, period: i64, mut each: impl FnMut(i64, &Summary)) {
        let first = self.0.partition_point(|(second, _)| *second < from);
        for (second, summary) in self.0.range(first..).take_while(|(second, _)| *second < to) {
            each(from + (second - from).div_euclid(period) * period, summary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(seconds: &Seconds, from: i64, to: i64) -> Summary {
        let mut summary = Summary::default();
        seconds.sum_up(from, to, &mut summary);
        summary
    }

    #[test]
    fn windows_hold_what_came_in_them_also_late() {
        let mut seconds = Seconds::default();
        for (second, value) in [(10, 1.0), (12, 3.0), (12, 5.0), (11, 2.0)] {
            seconds.add(second, &Summary::of_value(value, 1));
        }
        let all = window(&seconds, 10, 13);
        assert_eq!(
            (all.count, all.sum, all.minimum, all.maximum),
            (4, 11.0, 1.0, 5.0)
        );
        assert_eq!(window(&seconds, 11, 12).sum, 2.0);
        assert_eq!(window(&seconds, 13, 99), Summary::default());
    }

    #[test]
    fn only_so_many_seconds_are_kept() {
        let mut seconds = Seconds::default();
        (0..5000).for_each(|second| seconds.add(second, &Summary::of_value(1.0, 1)));
        assert_eq!(window(&seconds, 0, 5000).count, KEPT as u64);
        assert_eq!(seconds.newest(), Some(4999));
    }

    #[test]
    fn values_in_sum_have_no_percentiles_unless_they_are_all_the_same() {
        let mut mixed = Summary::of_set(3, 6.0, 1.0, 3.0);
        assert_eq!(mixed.percentile(50.0), None);
        mixed.merge(&Summary::of_value(9.0, 1));
        assert_eq!((mixed.count, mixed.percentile(50.0)), (4, None));
        assert_eq!(Summary::of_set(3, 6.0, 2.0, 2.0).percentile(50.0), Some(2.0));
    }
}

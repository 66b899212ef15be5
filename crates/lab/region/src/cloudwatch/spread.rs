//! How values are spread, for percentiles: counts of values that are the same within one per cent.

/// The ratio between the bounds of a step. One per cent is what percentiles are off at most.
const STEP: f64 = 1.01;

/// Steps are counted from here, so that those of positive numbers are positive and zero stays free for zero.
const ORIGIN: i32 = 40_000;

/// The outermost steps; values beyond (1e-138, 1e138) count as these.
const OUTERMOST: f64 = 32_000.0;

/// Values by steps, in the order of the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spread(Vec<(i32, u32)>);

impl Spread {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a value `times` times.
    pub(super) fn add(&mut self, value: f64, times: u64) {
        self.add_step(step_of(value), u32::try_from(times).unwrap_or(u32::MAX));
    }

    /// Counts all that another one counted.
    pub(super) fn merge(&mut self, other: &Spread) {
        for (step, times) in &other.0 {
            self.add_step(*step, *times);
        }
    }

    fn add_step(&mut self, step: i32, times: u32) {
        match self.0.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(times),
            Err(at) => self.0.insert(at, (step, times)),
        }
    }

    /// The value below or at which `percent` of all values are, by nearest rank; nothing where there are no values.
    pub(super) fn percentile(&self, percent: f64) -> Option<f64> {
        let total: u64 = self.0.iter().map(|(_, times)| u64::from(*times)).sum();
        let rank = ((percent / 100.0 * total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let step = self.0.iter().find(|(_, times)| {
            seen += u64::from(*times);
            seen >= rank
        });
        step.or(self.0.last()).map(|(step, _)| value_of(*step))
    }
}

fn step_of(value: f64) -> i32 {
    if value == 0.0 {
        return 0;
    }
    let steps = (value.abs().ln() / STEP.ln())
        .floor()
        .clamp(-OUTERMOST, OUTERMOST) as i32
        + ORIGIN;
    if value < 0.0 { -steps } else { steps }
}

/// The middle of a step.
fn value_of(step: i32) -> f64 {
    match step {
        0 => 0.0,
        _ => f64::from(step.signum()) * STEP.powf(f64::from(step.abs() - ORIGIN) + 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_off_by_a_per_cent_at_most() {
        let mut spread = Spread::default();
        for value in 1..=1000 {
            spread.add(f64::from(value) / 1000.0, 1);
        }
        for (percent, expected) in [(50.0, 0.5), (90.0, 0.9), (99.0, 0.99), (100.0, 1.0), (0.0, 0.001)] {
            let found = spread.percentile(percent).unwrap();
            assert!((found / expected - 1.0).abs() < 0.01, "p{percent} is {found}");
        }
    }

    #[test]
    fn negative_numbers_and_zero_keep_their_order() {
        let mut spread = Spread::default();
        [5.0, -5.0, 0.0, -0.1]
            .iter()
            .for_each(|value| spread.add(*value, 1));
        assert!((spread.percentile(25.0).unwrap() + 5.0).abs() < 0.05);
        assert!(spread.percentile(50.0).unwrap() < 0.0);
        assert_eq!(spread.percentile(75.0), Some(0.0));
        assert_eq!(Spread::default().percentile(50.0), None);
    }
}

//! When iterations of an arrival rate are due.

use std::time::Duration;

use crate::options::plan::Executor;
use crate::options::stage::Stage;

/// The offsets from a scenario's start at which iterations are due, in order.
///
/// The number of iterations due by a moment is the area under the rate until then, as in k6; the sums are whole
/// numbers, so that nothing drifts however long the test is.
#[derive(Clone, Debug)]
pub struct Arrivals(Course);

#[derive(Clone, Debug)]
enum Course {
    Constant(Constant),
    Ramping(Ramp),
}

impl Arrivals {
    /// `rate` iterations every `time_unit`, for `duration`: the first at zero, and none at the end, as in k6.
    pub fn constant(rate: u64, time_unit: Duration, duration: Duration) -> Self {
        Self(Course::Constant(Constant {
            rate: rate.into(),
            unit: time_unit.as_nanos(),
            duration,
            next: 0,
        }))
    }

    /// The rate moves evenly through the stages, from `start_rate` on; the first iteration is due when the first whole
    /// one has added up, as in k6.
    pub fn ramping(start_rate: u64, time_unit: Duration, stages: &[Stage]) -> Self {
        Self(Course::Ramping(Ramp::new(start_rate, time_unit, stages)))
    }

    /// Those of an executor with an arrival rate.
    pub fn of(executor: &Executor) -> Option<Self> {
        match executor {
            Executor::ConstantArrivalRate {
                rate,
                time_unit,
                duration,
                ..
            } => Some(Self::constant(*rate, *time_unit, *duration)),
            Executor::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
                ..
            } => Some(Self::ramping(*start_rate, *time_unit, stages)),
            _ => None,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match &mut self.0 {
            Course::Constant(course) => course.next(),
            Course::Ramping(course) => course.next(),
        }
    }
}

#[derive(Clone, Debug)]
struct Constant {
    rate: u128,
    /// Nanoseconds.
    unit: u128,
    duration: Duration,
    /// Counted from 0.
    next: u64,
}

impl Constant {
    fn next(&mut self) -> Option<Duration> {
        let nanos = (u128::from(self.next) * self.unit).checked_div(self.rate)?;
        let at = Duration::from_nanos(u64::try_from(nanos).ok()?);
        self.next += 1;
        (at < self.duration).then_some(at)
    }
}

#[derive(Clone, Debug)]
struct Ramp {
    stages: std::vec::IntoIter<Rates>,
    current: Option<Rates>,
    /// Where the current stage starts, in nanoseconds.
    start: u128,
    /// The due iteration, counted from 1.
    next: u128,
    /// Twice the area before the current stage, in iterations times `unit`.
    done: u128,
    /// The time unit in nanoseconds.
    unit: u128,
}

/// A stage, from one rate to another.
#[derive(Clone, Copy, Debug)]
struct Rates {
    from: u64,
    to: u64,
    /// Nanoseconds.
    duration: u128,
}

impl Ramp {
    fn new(start_rate: u64, time_unit: Duration, stages: &[Stage]) -> Self {
        let mut from = start_rate;
        let rates = stages.iter().map(|stage| Rates {
            from: std::mem::replace(&mut from, stage.target),
            to: stage.target,
            duration: stage.duration.as_nanos(),
        });
        let mut stages = rates.collect::<Vec<_>>().into_iter();
        Self {
            current: stages.next(),
            stages,
            start: 0,
            next: 1,
            done: 0,
            unit: time_unit.as_nanos().max(1),
        }
    }

    fn next(&mut self) -> Option<Duration> {
        loop {
            let stage = self.current?;
            let due = self.next.saturating_mul(2).saturating_mul(self.unit);
            if due <= self.done.saturating_add(stage.area()) {
                self.next += 1;
                let at = self.start + stage.time_of(due.saturating_sub(self.done));
                return Some(Duration::from_nanos(u64::try_from(at).unwrap_or(u64::MAX)));
            }
            self.done = self.done.saturating_add(stage.area());
            self.start += stage.duration;
            self.current = self.stages.next();
        }
    }
}

impl Rates {
    /// Twice the area under this stage.
    fn area(self) -> u128 {
        self.duration
            .saturating_mul(u128::from(self.from) + u128::from(self.to))
    }

    /// When `area` (twice, as [`Rates::area`]) has passed since the stage's start, in nanoseconds.
    ///
    /// The time `x` solves `area = 2·from·x + (to − from)·x²/duration`. Of the two ways to write the solution, this one
    /// has no difference of nearly equal numbers when the rate hardly changes, and no division by zero when it does not.
    fn time_of(self, area: u128) -> u128 {
        let (from, duration) = (self.from as f64, self.duration as f64);
        let root = self.discriminant(area).max(0.0).sqrt();
        let x = area as f64 * duration / (from * duration + root);
        (x as u128).min(self.duration)
    }

    /// `duration·(from²·duration + area·(to − from))`, in whole numbers as far as they reach: near a rate of zero the
    /// terms cancel out.
    fn discriminant(self, area: u128) -> f64 {
        let exact = || {
            let (from, change) = (i128::from(self.from), i128::from(self.to) - i128::from(self.from));
            let duration = i128::try_from(self.duration).ok()?;
            let first = from.checked_mul(from)?.checked_mul(duration)?;
            let second = i128::try_from(area).ok()?.checked_mul(change)?;
            first.checked_add(second)
        };
        let (from, change) = (self.from as f64, self.to as f64 - self.from as f64);
        let duration = self.duration as f64;
        let inner = exact().map_or_else(|| from * from * duration + area as f64 * change, |sum| sum as f64);
        duration * inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ramp(start: u64, unit: Duration, stages: &[(u64, u64)]) -> Vec<f64> {
        let stage = |(millis, target): &(u64, u64)| Stage {
            duration: Duration::from_millis(*millis),
            target: *target,
        };
        let stages: Vec<_> = stages.iter().map(stage).collect();
        Arrivals::ramping(start, unit, &stages)
            .map(|at| at.as_secs_f64())
            .collect()
    }

    #[test]
    fn a_constant_rate_starts_at_once_and_does_not_drift() {
        let at: Vec<_> = Arrivals::constant(4, SECOND, SECOND)
            .map(|at| at.as_millis())
            .collect();
        assert_eq!(at, [0, 250, 500, 750]);
        let hourly = Arrivals::constant(1, Duration::from_secs(3600), Duration::from_secs(86_400));
        assert_eq!(hourly.count(), 24);
        let fast = Arrivals::constant(70_000, SECOND, Duration::from_secs(10));
        assert_eq!(fast.clone().count(), 700_000);
        assert_eq!(fast.last().map(|at| at.as_nanos()), Some(9_999_985_714));
        assert_eq!(Arrivals::constant(0, SECOND, SECOND).count(), 0);
    }

    #[test]
    fn a_ramp_makes_the_area_under_it() {
        // 0 to 10 per second in a second: the n-th is due when 5·t² = n
        let at = ramp(0, SECOND, &[(1000, 10)]);
        assert_eq!(at.len(), 5);
        for (n, at) in at.iter().enumerate() {
            let exact = ((n as f64 + 1.0) / 5.0).sqrt();
            assert!((at - exact).abs() < 2e-9, "{at} is not {exact}");
        }
    }

    #[test]
    fn what_a_stage_leaves_over_counts_in_the_next() {
        // 4.9 s at 2 per second are 9.8 iterations; the tenth comes 0.1 s into the next stage
        let at = ramp(2, SECOND, &[(4900, 2), (1000, 2)]);
        assert_eq!(at.len(), 11);
        assert_eq!(at[9], 5.0);
    }

    #[test]
    fn jumps_and_rests_are_kept() {
        let at = ramp(
            0,
            SECOND,
            &[(0, 2), (1000, 2), (0, 0), (10_000, 0), (0, 4), (1000, 4)],
        );
        assert_eq!(at, [0.5, 1.0, 11.25, 11.5, 11.75, 12.0]);
        assert_eq!(ramp(0, SECOND, &[(1000, 0)]).len(), 0);
        assert_eq!(ramp(5, SECOND, &[]).len(), 0);
    }

    #[test]
    fn a_ramp_to_zero_ends_in_time() {
        let at = ramp(10, SECOND, &[(10_000, 0)]);
        assert_eq!(at.len(), 50);
        assert_eq!(at.last(), Some(&10.0));
        assert!(at.is_sorted());
    }

    #[test]
    fn long_and_fast_ramps_stay_exact() {
        // a minute at one hundred thousand per second, the rate moving by one: 6,000,030 iterations
        let stages = [Stage {
            duration: Duration::from_secs(60),
            target: 100_001,
        }];
        let all: Vec<_> = Arrivals::ramping(100_000, SECOND, &stages).collect();
        assert_eq!(all.len(), 6_000_030);
        assert!(all.is_sorted());
        // half of the time has 15 iterations less than half of the area
        let half = all.iter().take_while(|at| at.as_secs() < 30).count();
        assert!((3_000_007..=3_000_008).contains(&half), "{half}");
        let daily = ramp(1, Duration::from_secs(3600), &[(86_400_000, 1)]);
        assert_eq!(daily.len(), 24);
        assert_eq!(daily.last(), Some(&86_400.0));
    }

    #[test]
    fn absurd_numbers_do_not_panic() {
        let stages = [Stage {
            duration: crate::options::duration::LONGEST,
            target: u64::MAX,
        }];
        let first = Arrivals::ramping(u64::MAX, Duration::from_nanos(1), &stages).next();
        assert_eq!(first, Some(Duration::ZERO));
        let slow = Arrivals::ramping(
            1,
            crate::options::duration::LONGEST,
            &[Stage {
                duration: SECOND,
                target: 1,
            }],
        )
        .next();
        assert_eq!(slow, None);
    }

    /// The area under the rates until a moment: how many iterations are due.
    fn area_until(at: f64, start: u64, unit: f64, stages: &[Stage]) -> f64 {
        let (mut from, mut begin, mut area) = (start as f64, 0.0, 0.0);
        for stage in stages {
            let (length, to) = (stage.duration.as_secs_f64(), stage.target as f64);
            let passed = (at - begin).clamp(0.0, length);
            if length > 0.0 {
                area += (from + (to - from) * passed / length / 2.0) * passed / unit;
            }
            (from, begin) = (to, begin + length);
        }
        area
    }

    #[test]
    fn each_iteration_is_due_when_its_area_has_passed() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..200 {
            let unit = Duration::from_millis(1 + random(5_000));
            let stages: Vec<Stage> = (0..1 + random(6))
                .map(|_| Stage {
                    duration: Duration::from_millis(random(3) * random(4_000)),
                    target: random(3) * random(300),
                })
                .collect();
            let start = random(100);
            let at: Vec<f64> = Arrivals::ramping(start, unit, &stages)
                .map(|at| at.as_secs_f64())
                .collect();
            let end: f64 = stages.iter().map(|stage| stage.duration.as_secs_f64()).sum();
            let area = |at: f64| area_until(at, start, unit.as_secs_f64(), &stages);
            assert!(at.is_sorted());
            assert!(
                (area(end) - at.len() as f64) < 1.0 + 1e-9,
                "{} of {}",
                at.len(),
                area(end)
            );
            for (place, at) in at.iter().enumerate() {
                // offsets are whole nanoseconds, at rates of up to 600 per millisecond
                let due = (place + 1) as f64;
                assert!(
                    (area(*at) - due).abs() < 1e-3,
                    "{due} is due at {at}, area {}",
                    area(*at)
                );
            }
        }
    }
}

//! The steps of a changing number of virtual users.

use std::time::Duration;

use crate::options::stage::{Stage, total};

/// When the number of virtual users changes, and to what: the first step is at zero, the last one is zero virtual
/// users at the end of the stages. The steps are exactly those of k6's executor `ramping-vus`: the number moves by one
/// each time, a virtual user is added when its share of the stage has passed, and is taken away when the next lower
/// number is due.
pub fn ramping_steps(start: u64, stages: &[Stage]) -> Vec<(Duration, u64)> {
    let mut steps = raw_steps(start, stages);
    if steps.last().is_some_and(|(_, vus)| *vus != 0) {
        steps.push((total(stages), 0));
    }
    steps
}

fn raw_steps(start: u64, stages: &[Stage]) -> Vec<(Duration, u64)> {
    let mut steps = vec![(Duration::ZERO, start)];
    let mut end = Duration::ZERO;
    let mut from = start;
    for stage in stages {
        end = end.saturating_add(stage.duration);
        if stage.duration.is_zero() {
            add(&mut steps, end, stage.target);
        } else if stage.target < from {
            // a virtual user stays until the time of the number below its own
            (stage.target..from).rev().for_each(|vus| {
                let left = share(stage.duration, vus - stage.target, from - stage.target);
                add(&mut steps, end.saturating_sub(left), vus);
            });
        } else {
            (from..=stage.target).for_each(|vus| {
                let left = share(stage.duration, stage.target - vus, stage.target - from);
                add(&mut steps, end.saturating_sub(left), vus);
            });
        }
        from = stage.target;
    }
    steps
}

fn add(steps: &mut Vec<(Duration, u64)>, at: Duration, vus: u64) {
    if steps.last().is_none_or(|(_, last)| *last != vus) {
        steps.push((at, vus));
    }
}

/// `duration * part / whole`, in whole nanoseconds.
fn share(duration: Duration, part: u64, whole: u64) -> Duration {
    let nanos = duration.as_nanos() * u128::from(part) / u128::from(whole.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The virtual users that k6 keeps for [`ramping_steps`]: a virtual user that is taken away counts for `ramp_down` longer,
/// because its iteration may still run, but not beyond `stop` after the last stage. This is how many there may be.
pub fn reserved_steps(
    start: u64,
    stages: &[Stage],
    ramp_down: Duration,
    stop: Duration,
) -> Vec<(Duration, u64)> {
    let end = total(stages).saturating_add(stop);
    let mut steps = raw_steps(start, stages);
    if !ramp_down.is_zero() {
        steps = graceful_steps(&steps, ramp_down, end);
    }
    if steps.last().is_some_and(|(_, vus)| *vus != 0) {
        steps.push((end, 0));
    }
    steps
}

/// The steps with each way down delayed by `ramp_down`: a lower number counts only when for that long nothing as high
/// as before came again. Steps at or after `end` are left out.
pub fn graceful_steps(steps: &[(Duration, u64)], ramp_down: Duration, end: Duration) -> Vec<(Duration, u64)> {
    let as_high_again = next_as_high(steps);
    let mut result: Vec<(Duration, u64)> = Vec::new();
    let mut place = 0;
    while let Some(&(at, vus)) = steps.get(place) {
        place += 1;
        match result.last() {
            Some((_, last)) if vus == *last => {}
            Some((_, last)) if vus < *last => {
                let until = at.saturating_add(ramp_down);
                let high = as_high_again.get(place.saturating_sub(2)).copied().flatten();
                match high.filter(|high| steps.get(*high).is_some_and(|(at, _)| *at <= until)) {
                    Some(high) => place = high,
                    None if until >= end => break,
                    None => result.push((until, vus)),
                }
            }
            _ => result.push((at, vus)),
        }
    }
    result
}

/// For each step, the next one that is at least as high.
fn next_as_high(steps: &[(Duration, u64)]) -> Vec<Option<usize>> {
    let mut next = vec![None; steps.len()];
    let mut waiting: Vec<(usize, u64)> = Vec::new();
    for (place, (_, vus)) in steps.iter().enumerate() {
        while let Some((lower, _)) = waiting.pop_if(|(_, waits)| *waits <= *vus) {
            if let Some(found) = next.get_mut(lower) {
                *found = Some(place);
            }
        }
        waiting.push((place, *vus));
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(stated: &[(u64, u64)]) -> Vec<Stage> {
        let stage = |(seconds, target): &(u64, u64)| Stage {
            duration: Duration::from_secs(*seconds),
            target: *target,
        };
        stated.iter().map(stage).collect()
    }

    fn in_seconds(steps: &[(Duration, u64)]) -> Vec<(u64, u64)> {
        steps.iter().map(|(at, vus)| (at.as_secs(), *vus)).collect()
    }

    /// The example of k6's own documentation of the executor.
    fn example() -> Vec<Stage> {
        stages(&[(2, 6), (5, 1), (0, 1), (4, 5), (4, 1), (0, 5), (0, 2), (0, 6)])
    }

    #[test]
    fn users_come_when_due_and_go_when_the_next_lower_number_is() {
        let steps = ramping_steps(4, &stages(&[(2, 6), (5, 1), (4, 5), (4, 1), (3, 4), (3, 1)]));
        let expected = [
            (0, 4),
            (1, 5),
            (2, 6),
            (3, 5),
            (4, 4),
            (5, 3),
            (6, 2),
            (7, 1),
            (8, 2),
            (9, 3),
            (10, 4),
            (11, 5),
            (12, 4),
            (13, 3),
            (14, 2),
            (15, 1),
            (16, 2),
            (17, 3),
            (18, 4),
            (19, 3),
            (20, 2),
            (21, 1),
            (21, 0),
        ];
        assert_eq!(in_seconds(&steps), expected);
    }

    #[test]
    fn stages_without_duration_jump() {
        let steps = ramping_steps(4, &example());
        let expected = [
            (0, 4),
            (1, 5),
            (2, 6),
            (3, 5),
            (4, 4),
            (5, 3),
            (6, 2),
            (7, 1),
            (8, 2),
            (9, 3),
            (10, 4),
            (11, 5),
            (12, 4),
            (13, 3),
            (14, 2),
            (15, 1),
            (15, 5),
            (15, 2),
            (15, 6),
            (15, 0),
        ];
        assert_eq!(in_seconds(&steps), expected);
        assert_eq!(
            in_seconds(&ramping_steps(0, &stages(&[(0, 3), (10, 3)]))),
            [(0, 0), (0, 3), (10, 0)]
        );
        assert_eq!(
            in_seconds(&ramping_steps(3, &stages(&[(10, 0), (5, 0)]))),
            [(0, 3), (3, 2), (6, 1), (10, 0)]
        );
    }

    #[test]
    fn users_are_kept_for_iterations_that_end_late() {
        let waves = stages(&[(2, 6), (5, 1), (4, 5), (4, 1), (3, 4), (2, 4), (0, 1), (3, 1)]);
        let kept = |ramp_down, stop| {
            let (ramp_down, stop) = (Duration::from_secs(ramp_down), Duration::from_secs(stop));
            in_seconds(&reserved_steps(4, &waves, ramp_down, stop))
        };
        let start = [(0, 4), (1, 5), (2, 6)];
        let then = |rest: &[(u64, u64)]| [&start[..], rest].concat();
        assert_eq!(kept(30, 30), then(&[(33, 5), (42, 4), (50, 1), (53, 0)]));
        assert_eq!(kept(30, 80), then(&[(33, 5), (42, 4), (50, 1), (103, 0)]));
        assert_eq!(kept(30, 3), then(&[(26, 0)]));
        assert_eq!(kept(30, 0), then(&[(23, 0)]));
        let raw = in_seconds(&ramping_steps(4, &waves));
        assert_eq!(kept(0, 0), raw);
    }

    #[test]
    fn a_long_way_down_is_quick() {
        let long = [Stage {
            duration: Duration::from_secs(3600),
            target: 0,
        }];
        let steps = reserved_steps(
            300_000,
            &long,
            Duration::from_secs(3600),
            Duration::from_secs(7200),
        );
        assert_eq!(steps.len(), 300_001);
    }
}

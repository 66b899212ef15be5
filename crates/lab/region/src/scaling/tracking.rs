//! The arithmetic of target tracking: from measurements to a number of tasks.
//!
//! Sources: "How target tracking scaling for Application Auto Scaling works" in the user guide (proportional, rounded up, in slowly, out
//! fast, cooldowns), and the alarms that AWS makes for it (3 minutes above the target, 15 minutes below 90 % of it).

use std::collections::VecDeque;

/// Minutes above the target before a service is scaled out.
pub const OUT_POINTS: usize = 3;
/// Minutes below [`LOW`] of the target before it is scaled in.
pub const IN_POINTS: usize = 15;
/// The part of the target below which a service is scaled in.
pub const LOW: f64 = 0.9;

/// What one policy wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// As many as this at least.
    Out(usize),
    /// As few as this.
    In(usize),
    /// Neither.
    Stay,
}

/// What the measurements (a minute each, the newest last) ask for, from `base` tasks.
pub fn wish(points: &VecDeque<Option<f64>>, target: f64, base: usize) -> Wish {
    let newest = |count: usize| {
        points
            .iter()
            .rev()
            .take(count)
            .copied()
            .collect::<Option<Vec<f64>>>()
    };
    let all = |count: usize, fits: &dyn Fn(f64) -> bool| {
        newest(count).filter(|values| values.len() == count && values.iter().all(|value| fits(*value)))
    };
    if let Some(values) = all(OUT_POINTS, &|value| value > target) {
        return Wish::Out(share(base, values.first(), target).max(base + 1));
    }
    match all(IN_POINTS, &|value| value < target * LOW) {
        Some(values) => Wish::In(slowly(base, share(base, values.first(), target))),
        None => Wish::Stay,
    }
}

/// How many tasks would bring the newest value to the target.
fn share(base: usize, value: Option<&f64>, target: f64) -> usize {
    let wanted = base as f64 * value.copied().unwrap_or(target) / target;
    // a tenth of a per cent too much is no reason for one more
    (wanted - 0.001).ceil().max(0.0) as usize
}

/// AWS scales in "more gradually" without telling how; the lab takes a tenth at a time, but one at least.
fn slowly(base: usize, wanted: usize) -> usize {
    wanted.max(base.saturating_sub((base / 10).max(1)))
}

/// What all policies of a service together want: out if one does, and then the most; in only if all do, and then the least of it.
pub fn together(wishes: &[Wish], base: usize) -> Option<usize> {
    let out = wishes
        .iter()
        .filter_map(|wish| {
            if let Wish::Out(count) = wish {
                Some(*count)
            } else {
                None
            }
        })
        .max();
    let inwards = || {
        let counts: Option<Vec<usize>> = wishes
            .iter()
            .map(|wish| {
                if let Wish::In(count) = wish {
                    Some(*count)
                } else {
                    None
                }
            })
            .collect();
        counts?.into_iter().max()
    };
    out.or_else(inwards).filter(|count| *count != base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> VecDeque<Option<f64>> {
        values.iter().map(|value| Some(*value)).collect()
    }

    #[test]
    fn three_minutes_above_scale_out_in_proportion() {
        assert_eq!(wish(&points(&[60.0, 60.0, 100.0]), 50.0, 2), Wish::Out(4));
        assert_eq!(wish(&points(&[60.0, 60.0, 51.0]), 50.0, 2), Wish::Out(3));
        assert_eq!(wish(&points(&[60.0, 50.0, 60.0]), 50.0, 2), Wish::Stay);
        assert_eq!(wish(&points(&[60.0, 60.0]), 50.0, 2), Wish::Stay);
        let mut gap = points(&[60.0, 60.0, 60.0]);
        gap[1] = None;
        assert_eq!(wish(&gap, 50.0, 2), Wish::Stay);
    }

    #[test]
    fn fifteen_minutes_below_scale_in_slowly() {
        assert_eq!(wish(&points(&[10.0; 15]), 50.0, 6), Wish::In(5));
        assert_eq!(wish(&points(&[10.0; 15]), 50.0, 40), Wish::In(36));
        assert_eq!(wish(&points(&[10.0; 14]), 50.0, 6), Wish::Stay);
        assert_eq!(wish(&points(&[46.0; 15]), 50.0, 6), Wish::Stay);
        assert_eq!(wish(&points(&[0.0; 15]), 50.0, 1), Wish::In(0));
    }

    #[test]
    fn policies_agree_on_the_most() {
        assert_eq!(together(&[Wish::Out(4), Wish::Out(6), Wish::In(1)], 2), Some(6));
        assert_eq!(together(&[Wish::In(3), Wish::In(2)], 4), Some(3));
        assert_eq!(together(&[Wish::In(3), Wish::Stay], 4), None);
        assert_eq!(together(&[], 4), None);
    }
}

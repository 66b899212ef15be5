//! `[start:end:step]`, with the ends cut to the list but the step not turned round: `[::-1]` is empty.

use crate::value::{Value, python};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: Option<i64>,
}

impl Slice {
    /// The indices it picks from a list of that length, in its order. A step of 0 picks none.
    pub(super) fn indices(&self, length: usize) -> Vec<usize> {
        let length = length as i128;
        let start = self.start.map_or(0, |at| from_end(at, length).max(0));
        let end = self.end.map_or(length, |at| from_end(at, length));
        let step = i128::from(self.step.unwrap_or(1));
        match step {
            0 => Vec::new(),
            1.. => picked(start, length, |at| at < end.min(length), step),
            _ => {
                // the first of its indices that is inside the list
                let outside = (start - (length - 1)).max(0);
                let skipped = (outside + -step - 1) / -step;
                let end = end.max(-length - 1);
                picked(start + skipped * step, length, |at| at > end, step)
            }
        }
    }
}

fn from_end(at: i64, length: i128) -> i128 {
    let at = i128::from(at);
    if at < 0 { at + length } else { at }
}

fn picked(first: i128, length: i128, inside: impl Fn(i128) -> bool, step: i128) -> Vec<usize> {
    std::iter::successors(Some(first), |at| Some(at + step))
        .take_while(|at| inside(*at))
        .filter_map(|at| position(at, length))
        .collect()
}

fn position(at: i128, length: i128) -> Option<usize> {
    let at = if at < 0 { at + length } else { at };
    (0..length).contains(&at).then_some(at as usize)
}

/// The position that `index` means in a list of that length: negative ones count from its end.
pub(super) fn within(index: i64, length: usize) -> Option<usize> {
    position(i128::from(index), length as i128)
}

/// The bounds of Python's `text[from:to]` in a text of that length.
pub(super) fn bounds(from: i64, to: Option<i64>, length: usize) -> std::ops::Range<usize> {
    let length = length as i128;
    let cut = |at: i64| from_end(at, length).clamp(0, length) as usize;
    let (from, to) = (cut(from), to.map_or(length as usize, cut));
    from..to.max(from)
}

/// A whole number as one of 64 bits; larger ones become the largest, which no list or text reaches.
pub(super) fn saturated(number: &Value) -> i64 {
    python::as_index(number).unwrap_or_else(|| match number.as_f64() {
        Some(number) if number < 0.0 => i64::MIN,
        _ => i64::MAX,
    })
}

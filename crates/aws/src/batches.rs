//! Targets in as many calls as AWS's limits ask for.

/// The items, at most `most` at a time. No items are one empty batch: the call is made all the same, and AWS says what
/// it thinks of it.
pub fn batches<T>(items: &[T], most: usize) -> Vec<&[T]> {
    match items {
        [] => vec![items],
        items => items.chunks(most.max(1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_one_batch() {
        let sizes = |items: &[u8]| batches(items, 2).into_iter().map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0]);
        assert_eq!(sizes(&[1, 2, 3]), [2, 1]);
    }
}

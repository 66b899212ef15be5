use std::convert::Infallible;
use std::time::Duration;

use crate::stub::{Chunk, Stop, Stub};

/// Cuts each chunk into pieces of `average` bytes give or take `variation`, with a delay in microseconds after each. An
/// interruption lets go of what is left.
pub async fn slice(stub: &mut Stub, average: i64, variation: i64, delay: i64) -> Result<Infallible, Stop> {
    let delay = Duration::from_micros(delay.max(0).unsigned_abs());
    let size = |number: i64| usize::try_from(number).unwrap_or(0);
    let (average, variation) = (size(average).max(1), size(variation));
    loop {
        let mut chunk = stub.next_chunk().await?;
        let mut sizes = Vec::new();
        cut(chunk.data.len(), average, variation, &mut sizes);
        for size in sizes {
            let piece = Chunk {
                data: chunk.data.split_to(size),
                at: chunk.at,
            };
            let sent = stub.send(piece).await;
            let waited = match sent {
                Ok(()) => stub.sleep(delay).await,
                Err(stop) => Err(stop),
            };
            if let Err(stop) = waited {
                stub.leave(chunk);
                return Err(stop);
            }
        }
    }
}

/// Halves until the pieces are small enough, so that small ones are not all at the end.
fn cut(length: usize, average: usize, variation: usize, sizes: &mut Vec<usize>) {
    if length <= average.saturating_add(variation) || length < 2 {
        sizes.push(length);
        return;
    }
    let middle = (length / 2).saturating_add(fastrand::usize(0..=variation.saturating_mul(2)));
    let middle = middle.saturating_sub(variation).clamp(1, length - 1);
    cut(middle, average, variation, sizes);
    cut(length - middle, average, variation, sizes);
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn pieces_make_up_the_whole_and_keep_to_the_size() {
        for (length, average, variation) in [
            (1, 1, 0),
            (100, 20, 10),
            (32_768, 1, 0),
            (1000, 7, 900),
            (5, 9, 0),
        ] {
            let mut sizes = Vec::new();
            cut(length, average, variation, &mut sizes);
            assert_eq!(sizes.iter().sum::<usize>(), length);
            assert!(
                sizes.iter().all(|size| (1..=average + variation).contains(size)),
                "{sizes:?}"
            );
        }
    }
}

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::{Error, HogConfig};

/// A thread burns for a part of each slice and sleeps for the rest.
const SLICE: Duration = Duration::from_millis(50);

/// How much CPU may be burned, in cores: the vCPU of a task, such as 0.25.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuLimit(f64);

impl CpuLimit {
    /// So many cores; what is no positive number is 0.
    pub fn cores(cores: f64) -> Self {
        Self(if cores.is_finite() { cores.max(0.0) } else { 0.0 })
    }
}

/// How a load is spread over threads.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    threads: usize,
    /// Which part of each slice each thread burns.
    duty: f64,
}

impl Plan {
    /// No more threads than processors: with more than one to each, the same load comes from fewer.
    fn of(config: &HogConfig, limit: CpuLimit, processors: usize) -> Self {
        let processors = processors.max(1);
        let workers = if config.cpus == 0 { processors } else { config.cpus };
        let threads = workers.min(processors);
        let wanted = workers as f64 * f64::from(config.load) / 100.0;
        let duty = wanted.min(limit.0) / threads as f64;
        Self {
            threads,
            duty: duty.min(1.0),
        }
    }
}

/// Burns CPU on this and more threads: after the delay, until the time is over, or for ever. Never burns more than
/// `limit` over all threads, whatever the configuration asks for.
///
/// # Errors
/// When the operating system gives no threads.
pub fn hog(config: &HogConfig, limit: CpuLimit) -> Result<(), Error> {
    std::thread::sleep(config.delay);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let plan = Plan::of(config, limit, processors);
    let until = config
        .timeout
        .and_then(|timeout| Instant::now().checked_add(timeout));
    std::thread::scope(|scope| {
        for _ in 1..plan.threads {
            let thread = std::thread::Builder::new().name("hog".to_owned());
            let started = thread.spawn_scoped(scope, || burn(plan.duty, until));
            started.map_err(Error::HogThread)?;
        }
        burn(plan.duty, until);
        Ok(())
    })
}

/// Counts by the clock on the wall: a thread that waits for a processor burns less than its share, never more.
fn burn(duty: f64, until: Option<Instant>) {
    let busy = SLICE.mul_f64(duty);
    loop {
        let start = Instant::now();
        let left = until.map_or(SLICE, |until| until.saturating_duration_since(start));
        if left.is_zero() {
            return;
        }
        while start.elapsed() < busy.min(left) {
            work();
        }
        std::thread::sleep(SLICE.min(left).saturating_sub(start.elapsed()));
    }
}

fn work() {
    let mixed = (0..1000_u64).fold(1, |sum: u64, next| sum.rotate_left(5) ^ black_box(next));
    black_box(mixed);
}

#[cfg(test)]
mod tests {
    use super::{CpuLimit, Plan};
    use crate::HogConfig;

    fn plan(cpus: usize, load: u8, limit: f64) -> Plan {
        let config = HogConfig {
            cpus,
            load,
            ..HogConfig::default()
        };
        Plan::of(&config, CpuLimit::cores(limit), 4)
    }

    #[test]
    fn a_load_is_spread_over_as_many_threads() {
        assert_eq!(
            plan(2, 50, 8.0),
            Plan {
                threads: 2,
                duty: 0.5
            }
        );
        assert_eq!(
            plan(0, 100, 8.0),
            Plan {
                threads: 4,
                duty: 1.0
            }
        );
        assert_eq!(
            plan(8, 25, 8.0),
            Plan {
                threads: 4,
                duty: 0.5
            }
        );
        assert_eq!(
            plan(9, 100, 100.0),
            Plan {
                threads: 4,
                duty: 1.0
            }
        );
        assert_eq!(plan(3, 0, 1.0).duty, 0.0);
    }

    #[test]
    fn no_plan_exceeds_the_limit() {
        for cpus in [0, 1, 2, 5, 1_000_000] {
            for limit in [0.0, 0.25, 1.0, 3.0, -1.0, f64::NAN] {
                let plan = plan(cpus, 100, limit);
                let burned = plan.duty * plan.threads as f64;
                assert!(
                    burned <= limit.max(0.0) + 1e-9,
                    "{cpus} CPUs burn {burned} of {limit}"
                );
            }
        }
    }
}

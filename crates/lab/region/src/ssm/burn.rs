//! Burned CPU: real processes, inside a limit.

use chaos_lab_processes::{Child, HogConfig, Launch};

use super::State;
use super::invocation::{Burning, Invocation, Status};
use crate::Region;

/// An instance's share of the host, in cores: what burns on it altogether is no more. It stands for all processors of the instance.
const SHARE: f64 = 0.5;

/// A process that is to be started.
pub struct Order {
    /// The command's id.
    pub command: String,
    /// The instance's id.
    pub instance: String,
    /// What it burns.
    pub launch: Launch,
}

/// Which part of the instance's share a configuration asks for, from 0 to 1.
fn asked(config: &HogConfig, vcpus: u32) -> f64 {
    let vcpus = f64::from(vcpus.max(1));
    let workers = if config.cpus == 0 {
        vcpus
    } else {
        (config.cpus as f64).min(vcpus)
    };
    workers / vcpus * f64::from(config.load) / 100.0
}

/// The process for a configuration, and its share of the host in cores; `taken` is what burns on the instance already.
pub fn plan(region: &Region, instance: &str, vcpus: u32, config: &HogConfig, taken: f64) -> (Launch, f64) {
    let cores = (asked(config, vcpus) * SHARE).min(SHARE - taken).max(0.0);
    let folder = region.settings().folder.clone();
    let mut options = format!("--cpu 1 --cpu-load {}", (cores * 100.0).round());
    if let Some(timeout) = config.timeout {
        options.push_str(&format!(" --timeout {}", timeout.as_secs_f64()));
    }
    let launch = Launch {
        program: region.settings().program.clone(),
        args: vec!["hog".into()],
        env: vec![("HOG_CONFIG".to_owned(), options)],
        log: folder.join(format!("{instance}.log")),
        folder,
        inherit_env: false,
    };
    (launch, cores)
}

impl Burning {
    /// What will run once it is started.
    pub fn planned(cores: f64) -> Burning {
        Burning { child: None, cores }
    }
}

impl State {
    fn burning_on(&mut self, instance: &str) -> impl Iterator<Item = &mut Invocation> {
        let all = self
            .commands
            .values_mut()
            .flat_map(|command| &mut command.invocations);
        all.filter(move |one| one.instance == instance && one.burning.is_some())
    }

    /// What burns on an instance, in cores of the host.
    pub(super) fn taken(&mut self, instance: &str) -> f64 {
        self.burning_on(instance)
            .filter_map(|one| Some(one.burning.as_ref()?.cores))
            .sum()
    }

    /// Kills what burns on an instance; the commands that burned it fail, as those do whose processes are killed. Whether there was any.
    pub(super) fn put_out(&mut self, instance: &str) -> bool {
        let mut any = false;
        for one in self.burning_on(instance) {
            one.errors.push_str("stress-ng was killed\n");
            one.end(Status::Failed, KILLED);
            any = true;
        }
        any
    }
}

/// The exit code of what SIGKILL has ended.
pub(super) const KILLED: i32 = 137;

/// Which part of an instance's CPU its living processes burn, in per cent. It is the part that they were started to burn: on a host that
/// is busy with other things they get less, which the instance's own system would call stolen, and not idle.
pub fn utilization(state: &mut crate::State, instance: &str) -> f64 {
    let burning = state
        .ssm
        .burning_on(instance)
        .filter_map(|one| one.burning.as_ref());
    let alive = burning.filter(|burning| burning.child.as_ref().is_some_and(|child| child.exit().is_none()));
    // not `sum`: that of nothing is -0.0
    let cores = alive.fold(0.0, |sum, burning| sum + burning.cores);
    (cores / SHARE * 100.0).min(100.0)
}

/// Kills everything that burns, and returns it.
pub fn end_all(state: &mut State) -> Vec<Child> {
    let all = state
        .commands
        .values_mut()
        .flat_map(|command| &mut command.invocations);
    let mut ended = Vec::new();
    for one in all.filter(|one| one.burning.is_some()) {
        ended.extend(one.burning.as_ref().and_then(|burning| burning.child.clone()));
        one.end(Status::Cancelled, -1);
    }
    ended
}

#[cfg(test)]
mod tests {
    use chaos_lab_processes::HogConfig;

    use super::asked;

    #[test]
    fn all_workers_at_full_load_are_the_whole_share() {
        for (options, part) in [
            ("--cpu 0", 1.0),
            ("--cpu 1", 0.5),
            ("--cpu 8 --cpu-load 50", 0.5),
            ("--cpu 1 --cpu-load 10", 0.05),
            ("--cpu 0 --cpu-load 0", 0.0),
        ] {
            let config = HogConfig::parse(options).unwrap();
            assert!((asked(&config, 2) - part).abs() < 1e-9, "{options}");
        }
    }
}

//! How much of a machine a job gets.

use clap::ValueEnum;

/// What a queue's compute environments are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Compute {
    /// Fargate and Fargate Spot, which offer some sizes only
    #[default]
    Fargate,
    /// EC2 instances, on which a job may have any size that fits
    Ec2,
}

/// A job's vCPUs and memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// vCPUs; a quarter or a half, or a whole number.
    pub vcpu: f64,
    /// Memory in MiB.
    pub memory: u32,
}

/// The sizes that Fargate offers: vCPUs, least and most MiB, and the step between.
/// <https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html>
const FARGATE: [(f64, u32, u32, u32); 7] = [
    // 512, 1024 and 2048: a step of 512 would offer 1536, which `offered` leaves out
    (0.25, 512, 2048, 512),
    (0.5, 1024, 4096, 1024),
    (1.0, 2048, 8192, 1024),
    (2.0, 4096, 16384, 1024),
    (4.0, 8192, 30720, 1024),
    (8.0, 16384, 61440, 4096),
    (16.0, 32768, 122_880, 8192),
];

/// A size that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SizeFault {
    /// Fargate has it not.
    #[error(
        "Fargate offers no job of {} vCPU and {} MiB; the nearest that it offers: --vcpu {} --memory {} (for a queue on EC2: --compute ec2)",
        asked.vcpu, asked.memory, nearest.vcpu, nearest.memory
    )]
    NotOnFargate { asked: Size, nearest: Size },
    /// Batch on EC2 takes whole vCPUs.
    #[error("a job on EC2 has a whole number of vCPUs, 1 or more, and at least 4 MiB; not {} vCPU and {} MiB", .0.vcpu, .0.memory)]
    NotOnEc2(Size),
}

impl Size {
    /// Can a job of this size be had?
    ///
    /// # Errors
    /// When it cannot, with the nearest size that Fargate offers.
    pub fn check(self, compute: Compute) -> Result<(), SizeFault> {
        match compute {
            Compute::Ec2 if self.vcpu >= 1.0 && self.vcpu.fract() == 0.0 && self.memory >= 4 => Ok(()),
            Compute::Ec2 => Err(SizeFault::NotOnEc2(self)),
            Compute::Fargate if offered().any(|size| size == self) => Ok(()),
            Compute::Fargate => Err(SizeFault::NotOnFargate {
                asked: self,
                nearest: self.nearest(),
            }),
        }
    }

    /// Twice as much of one thing counts as far as half as much; of two that are as near, the larger.
    fn nearest(self) -> Size {
        let ratio = |a: f64, b: f64| (a.max(f64::MIN_POSITIVE) / b).ln().abs();
        let far =
            |size: &Size| ratio(self.vcpu, size.vcpu) + ratio(f64::from(self.memory), f64::from(size.memory));
        let mut best = Size {
            vcpu: 1.0,
            memory: 2048,
        };
        for size in offered() {
            // equal distances differ by rounding
            if far(&size) <= far(&best) + 1e-9 {
                best = size;
            }
        }
        best
    }
}

/// All sizes of Fargate, the smaller ones first.
fn offered() -> impl Iterator<Item = Size> {
    FARGATE
        .into_iter()
        .flat_map(|(vcpu, least, most, step)| {
            let steps = (least..=most).step_by(step as usize);
            steps.map(move |memory| Size { vcpu, memory })
        })
        .filter(|size| size.memory != 1536)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(vcpu: f64, memory: u32) -> (f64, u32) {
        match (Size { vcpu, memory }).check(Compute::Fargate) {
            Err(SizeFault::NotOnFargate { nearest, .. }) => (nearest.vcpu, nearest.memory),
            other => panic!("{vcpu} vCPU, {memory} MiB: {other:?}"),
        }
    }

    #[test]
    fn what_fargate_offers_is_taken() {
        for (vcpu, memory) in [
            (0.25, 512),
            (0.25, 2048),
            (0.5, 3072),
            (1.0, 2048),
            (1.0, 8192),
            (4.0, 30720),
            (8.0, 20480),
            (16.0, 122_880),
        ] {
            assert_eq!(
                (Size { vcpu, memory }).check(Compute::Fargate),
                Ok(()),
                "{vcpu} {memory}"
            );
        }
    }

    #[test]
    fn of_what_it_does_not_the_nearest_is_told() {
        assert_eq!(nearest(1.0, 1024), (1.0, 2048));
        assert_eq!(nearest(1.0, 2047), (1.0, 2048));
        assert_eq!(nearest(0.25, 1536), (0.25, 2048));
        assert_eq!(nearest(3.0, 8192), (4.0, 8192));
        assert_eq!(nearest(8.0, 17000), (8.0, 16384));
        assert_eq!(nearest(64.0, 500_000), (16.0, 122_880));
        assert_eq!(nearest(0.0, 0), (0.25, 512));
    }

    #[test]
    fn ec2_takes_whole_processors() {
        let check = |vcpu, memory| (Size { vcpu, memory }).check(Compute::Ec2);
        assert_eq!(check(3.0, 1000), Ok(()));
        assert!(check(0.5, 1000).is_err());
        assert!(check(1.0, 3).is_err());
    }
}

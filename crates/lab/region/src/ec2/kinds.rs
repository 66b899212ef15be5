//! Instance types.

use serde_json::{Value, json};

use crate::input::texts;
use crate::wire::{Answer, ApiError};

/// What an instance type offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
}

/// What people use for small clusters. Source: the specifications of general purpose, compute and memory optimised types in the EC2
/// instance types guide.
const GIB: u32 = 1024;
const BURSTABLE: [(&str, u32, u32); 7] = [
    ("nano", 2, GIB / 2),
    ("micro", 2, GIB),
    ("small", 2, 2 * GIB),
    ("medium", 2, 4 * GIB),
    ("large", 2, 8 * GIB),
    ("xlarge", 4, 16 * GIB),
    ("2xlarge", 8, 32 * GIB),
];
const SIZES: [(&str, u32); 5] = [
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
];

impl Kind {
    /// The type of this name.
    ///
    /// # Errors
    /// `InvalidParameterValue` for one that the lab does not know.
    pub fn named(name: &str) -> Result<Kind, ApiError> {
        let refused = || {
            let message = format!(
                "Invalid value '{name}' for InstanceType. The lab knows t2, t3, t3a and t4g (nano to 2xlarge), and c, m and r of generations 4 to 7 (large to 8xlarge)."
            );
            ApiError::new("InvalidParameterValue", message)
        };
        let (family, size) = name.split_once('.').ok_or_else(refused)?;
        Kind::of(family, size).ok_or_else(refused)
    }

    fn of(family: &str, size: &str) -> Option<Kind> {
        if ["t2", "t3", "t3a", "t4g"].contains(&family) {
            let (_, vcpus, memory_mib) = *BURSTABLE.iter().find(|(name, ..)| *name == size)?;
            let single = family == "t2" && memory_mib <= 2 * GIB;
            return Some(Kind {
                vcpus: if single { 1 } else { vcpus },
                memory_mib,
            });
        }
        let mut letters = family.chars();
        let per_vcpu = match letters.next()? {
            'c' => 2 * GIB,
            'm' => 4 * GIB,
            'r' => 8 * GIB,
            _ => return None,
        };
        let _generation = letters.next().filter(|digit| ('4'..='7').contains(digit))?;
        let (_, vcpus) = *SIZES.iter().find(|(name, _)| *name == size)?;
        Some(Kind {
            vcpus,
            memory_mib: vcpus * per_vcpu,
        })
    }
}

/// `DescribeInstanceTypes`, for the types that are named.
pub fn describe(input: &Value) -> Answer {
    let one = |name: String| {
        let kind = Kind::named(&name)?;
        Ok(json!({
            "instanceType": name,
            "vCpuInfo": { "defaultVCpus": kind.vcpus },
            "memoryInfo": { "sizeInMiB": kind.memory_mib },
        }))
    };
    let kinds: Result<Vec<Value>, ApiError> = texts(input, "InstanceType").into_iter().map(one).collect();
    Ok(json!({ "instanceTypeSet": kinds? }))
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn types_have_what_amazon_gives_them() {
        for (name, vcpus, memory_mib) in [
            ("t2.micro", 1, 1024),
            ("t3.small", 2, 2048),
            ("m5.large", 2, 8192),
            ("c6g.xlarge", 4, 8192),
        ] {
            assert_eq!(Kind::named(name).unwrap(), Kind { vcpus, memory_mib }, "{name}");
        }
        for name in ["", "t3", "t3.huge", "m5.nano", "x1.large", "m.large"] {
            assert_eq!(
                Kind::named(name).unwrap_err().code,
                "InvalidParameterValue",
                "{name}"
            );
        }
    }
}

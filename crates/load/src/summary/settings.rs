use serde::Serialize;

use crate::metrics::{Aggregation, parse_percentile};

/// How a summary shows trends and times.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SummarySettings {
    /// `summaryTrendStats`: avg, min, med, max, count and `p(number)`, in the order of the columns.
    pub trend_stats: Vec<String>,
    /// `summaryTimeUnit`: s, ms or us; `None` for what fits each time.
    pub time_unit: Option<String>,
}

/// Why settings are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("summaryTrendStats has '{0}': write avg, min, med, max, count or p(number)")]
    Stat(String),
    #[error("summaryTrendStats has '{0}': a percentile is a number between 0 and 100, such as p(99.9)")]
    Percentile(String),
    #[error("summaryTimeUnit is '{0}': write 's', 'ms' or 'us'")]
    TimeUnit(String),
}

impl Default for SummarySettings {
    fn default() -> Self {
        let trend_stats = ["avg", "min", "med", "max", "p(90)", "p(95)"]
            .map(str::to_owned)
            .to_vec();
        Self {
            trend_stats,
            time_unit: None,
        }
    }
}

impl SummarySettings {
    /// Refuses what k6 refuses. (k6 looks at the unit only where it is an argument; a script's wrong unit it ignores.)
    pub fn validate(&self) -> Result<(), SettingsError> {
        for stat in &self.trend_stats {
            if aggregation(stat).is_none() {
                let percentile = stat.starts_with("p(") && stat.ends_with(')');
                let refuse = if percentile {
                    SettingsError::Percentile
                } else {
                    SettingsError::Stat
                };
                return Err(refuse(stat.clone()));
            }
        }
        match self.time_unit.as_deref() {
            None | Some("" | "s" | "ms" | "us") => Ok(()),
            Some(unit) => Err(SettingsError::TimeUnit(unit.to_owned())),
        }
    }
}

/// What a name in `summaryTrendStats` means.
pub(super) fn aggregation(stat: &str) -> Option<Aggregation> {
    Some(match stat {
        "avg" => Aggregation::Avg,
        "min" => Aggregation::Min,
        "med" => Aggregation::Med,
        "max" => Aggregation::Max,
        "count" => Aggregation::Count,
        _ => Aggregation::Percentile(parse_percentile(stat)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(list: &[&str]) -> Result<(), SettingsError> {
        let trend_stats = list.iter().map(|stat| (*stat).to_owned()).collect();
        SummarySettings {
            trend_stats,
            time_unit: None,
        }
        .validate()
    }

    #[test]
    fn trend_stats_follow_k6s_rules() {
        assert_eq!(stats(&[]), Ok(()));
        assert_eq!(
            stats(&["avg", "min", "med", "max", "p(0)", "p(99.999)", "count"]),
            Ok(())
        );
        for stat in ["p(err)", "p(-1)", "p(101)", "p()"] {
            assert_eq!(
                stats(&["avg", stat]),
                Err(SettingsError::Percentile(stat.to_owned()))
            );
        }
        for stat in ["p90", "p(90", " avg", "avg ", "", "nil", "rate", "value"] {
            assert_eq!(stats(&[stat]), Err(SettingsError::Stat(stat.to_owned())));
        }
    }

    #[test]
    fn time_units_are_three() {
        for (unit, ok) in [
            ("s", true),
            ("ms", true),
            ("us", true),
            ("", true),
            ("m", false),
            ("S", false),
        ] {
            let settings = SummarySettings {
                time_unit: Some(unit.to_owned()),
                ..SummarySettings::default()
            };
            assert_eq!(settings.validate().is_ok(), ok, "{unit}");
        }
    }
}

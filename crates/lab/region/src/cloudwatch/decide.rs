//! From data points to a state. Source: "Configuring how CloudWatch alarms treat missing data" and "Evaluating an alarm" of the CloudWatch
//! user guide, whose tables the tests hold.

use super::alarm::AlarmState;
use crate::wire::ApiError;

/// How many periods before those that are evaluated are looked at where some of them have no data.
pub(super) const EARLIER: usize = 2;

/// How a value is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
}

impl Comparison {
    const ALL: [(Comparison, &str, &str); 4] = [
        (
            Comparison::GreaterOrEqual,
            "GreaterThanOrEqualToThreshold",
            "greater than or equal to",
        ),
        (Comparison::Greater, "GreaterThanThreshold", "greater than"),
        (Comparison::Less, "LessThanThreshold", "less than"),
        (
            Comparison::LessOrEqual,
            "LessThanOrEqualToThreshold",
            "less than or equal to",
        ),
    ];

    /// # Errors
    /// `ValidationError`; comparisons with anomaly bands are not offered.
    pub(super) fn read(written: &str) -> Result<Comparison, ApiError> {
        let found = Comparison::ALL.iter().find(|(_, name, _)| *name == written);
        found.map(|(comparison, ..)| *comparison).ok_or_else(|| {
            let names: Vec<&str> = Comparison::ALL.iter().map(|(_, name, _)| *name).collect();
            ApiError::validation(format!(
                "ComparisonOperator must be one of {}, not '{written}'.",
                names.join(", ")
            ))
        })
    }

    pub(super) fn as_str(self) -> &'static str {
        Comparison::ALL
            .iter()
            .find(|(comparison, ..)| *comparison == self)
            .map_or("", |(_, name, _)| name)
    }

    /// In words, as reasons have them.
    pub(super) fn words(self) -> &'static str {
        Comparison::ALL
            .iter()
            .find(|(comparison, ..)| *comparison == self)
            .map_or("", |(.., words)| words)
    }

    pub(super) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterOrEqual => value >= threshold,
            Comparison::Greater => value > threshold,
            Comparison::Less => value < threshold,
            Comparison::LessOrEqual => value <= threshold,
        }
    }
}

/// What periods without data count as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Treatment {
    /// Not said, which means `missing`.
    Unsaid,
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Treatment {
    const ALL: [(Treatment, &str); 4] = [
        (Treatment::Missing, "missing"),
        (Treatment::Ignore, "ignore"),
        (Treatment::Breaching, "breaching"),
        (Treatment::NotBreaching, "notBreaching"),
    ];

    /// # Errors
    /// `ValidationError` for other words.
    pub(super) fn read(written: Option<&str>) -> Result<Treatment, ApiError> {
        let Some(written) = written else {
            return Ok(Treatment::Unsaid);
        };
        let found = Treatment::ALL.iter().find(|(_, name)| *name == written);
        let why = "TreatMissingData must be breaching, notBreaching, ignore or missing.";
        found
            .map(|(missing, _)| *missing)
            .ok_or_else(|| ApiError::validation(why))
    }

    pub(super) fn as_written(self) -> Option<&'static str> {
        Treatment::ALL
            .iter()
            .find(|(missing, _)| *missing == self)
            .map(|(_, name)| *name)
    }
}

/// The rule of an alarm: `needed` of `periods` must breach.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) periods: usize,
    pub(super) needed: usize,
    pub(super) missing: Treatment,
}

/// Decides by which of the latest periods breach: newest first, nothing where there is no data; `EARLIER` more than are evaluated.
/// Answers nothing where the state is kept.
pub(super) fn decide(points: &[Option<bool>], rule: Rule) -> Option<AlarmState> {
    let known: Vec<bool> = points.iter().flatten().copied().take(rule.periods).collect();
    let lacking = rule.periods - known.len();
    let breaching = known.iter().filter(|breaches| **breaches).count();
    let filled = if rule.missing == Treatment::Breaching {
        lacking
    } else {
        0
    };
    if breaching + filled >= rule.needed {
        return Some(AlarmState::Alarm);
    }
    let decided = lacking == 0 || known.contains(&false);
    match rule.missing {
        Treatment::Breaching | Treatment::NotBreaching => Some(AlarmState::Ok),
        Treatment::Missing | Treatment::Unsaid if known.is_empty() => Some(AlarmState::InsufficientData),
        Treatment::Missing | Treatment::Unsaid
            if known.len() < rule.needed && breached_long_enough(points, rule.needed) =>
        {
            Some(AlarmState::Alarm)
        }
        _ => decided.then_some(AlarmState::Ok),
    }
}

/// A breach that is as old as the alarm needs, with nothing but breaches and gaps since, is an alarm even with too few data points; younger ones
/// wait for more.
fn breached_long_enough(points: &[Option<bool>], needed: usize) -> bool {
    let since: Vec<Option<bool>> = points
        .iter()
        .copied()
        .take_while(|point| *point != Some(false))
        .collect();
    since
        .iter()
        .rposition(|point| *point == Some(true))
        .is_some_and(|oldest| oldest + 1 >= needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points as the guide writes them, oldest first: `0` is fine, `X` breaches, `-` is missing. The letters of the answer are for missing,
    /// ignore, breaching and notBreaching: `O`K, `A`larm, `I`nsufficient data, `R`etained.
    fn states(points: &str, needed: usize) -> String {
        let read = |letter| match letter {
            'X' => Some(true),
            '0' => Some(false),
            _ => None,
        };
        let points: Vec<Option<bool>> = points.chars().rev().map(read).collect();
        let letter = |state| match state {
            Some(AlarmState::Ok) => 'O',
            Some(AlarmState::Alarm) => 'A',
            Some(AlarmState::InsufficientData) => 'I',
            None => 'R',
        };
        let all = [
            Treatment::Missing,
            Treatment::Ignore,
            Treatment::Breaching,
            Treatment::NotBreaching,
        ];
        all.iter()
            .map(|missing| {
                letter(decide(
                    &points,
                    Rule {
                        periods: 3,
                        needed,
                        missing: *missing,
                    },
                ))
            })
            .collect()
    }

    #[test]
    fn three_of_three_as_in_the_guide() {
        assert_eq!(states("0-X-X", 3), "OOOO");
        assert_eq!(states("0----", 3), "OOOO");
        assert_eq!(states("-----", 3), "IRAO");
        assert_eq!(states("0XX-X", 3), "AAAA");
        assert_eq!(states("--X--", 3), "ARAO");
    }

    #[test]
    fn two_of_three_as_in_the_guide() {
        assert_eq!(states("0-X-X", 2), "AAAA");
        assert_eq!(states("00X0X", 2), "AAAA");
        assert_eq!(states("0-X--", 2), "OOAO");
        assert_eq!(states("----0", 2), "OOAO");
        assert_eq!(states("---X-", 2), "ARAO");
    }

    #[test]
    fn a_young_breach_waits_for_more_data() {
        assert_eq!(states("----X", 3), "RRAO");
        assert_eq!(states("---XX", 3), "RRAO");
        assert_eq!(states("--XXX", 3), "AAAA");
        assert_eq!(states("0000X", 3), "OOOO");
    }
}

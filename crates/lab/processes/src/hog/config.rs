use std::time::Duration;

use crate::Error;

/// The options of the hog, for its errors.
pub(crate) const KNOWN: &str =
    "--cpu N (-c), --cpu-load PER_CENT (-l) and --timeout SECONDS (-t, with s, m, h or d behind it)";

/// What the hog is to burn. By default one whole core without an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HogConfig {
    /// How many workers; 0 for as many as there are processors.
    pub cpus: usize,
    /// Which part of a core each worker burns, in per cent.
    pub load: u8,
    /// For how long.
    pub timeout: Option<Duration>,
    /// For how long it first does nothing.
    pub delay: Duration,
}

impl Default for HogConfig {
    fn default() -> Self {
        Self {
            cpus: 1,
            load: 100,
            timeout: None,
            delay: Duration::ZERO,
        }
    }
}

impl HogConfig {
    /// Reads options of stress-ng (stress-ng(1)), such as `--cpu 2 --cpu-load 80 -t 60s`. Without `--cpu` nothing is
    /// burned.
    ///
    /// # Errors
    /// When there is an option that the hog does not have, or one without a value that it can use.
    pub fn parse(options: &str) -> Result<Self, Error> {
        let mut config = Self::default();
        let mut burns = false;
        let mut words = options.split_ascii_whitespace();
        if words.clone().next() == Some("stress-ng") {
            words.next();
        }
        while let Some(word) = words.next() {
            let (option, value) = match split(word) {
                (option, Some(value)) => (option, Some(value)),
                (option, None) => (option, words.next()),
            };
            config.set(option, value)?;
            burns |= matches!(option, "--cpu" | "-c");
        }
        if !burns {
            config.load = 0;
        }
        Ok(config)
    }

    /// Reads the options from `HOG_CONFIG` and the delay, in seconds, from `HOG_DELAY`.
    ///
    /// # Errors
    /// As [`HogConfig::parse`], and when the delay is no number.
    pub fn from_environment() -> Result<Self, Error> {
        let mut config = Self::parse(&std::env::var("HOG_CONFIG").unwrap_or_default())?;
        if let Ok(delay) = std::env::var("HOG_DELAY") {
            config.delay = duration(delay.trim()).map_err(|reason| wrong("HOG_DELAY", reason))?;
        }
        Ok(config)
    }

    fn set(&mut self, option: &str, value: Option<&str>) -> Result<(), Error> {
        let value = |kind: &str| value.ok_or_else(|| wrong(option, format!("{kind} must follow it")));
        match option {
            "--cpu" | "-c" => self.cpus = number(option, value("a number of workers")?)?,
            "--cpu-load" | "-l" => self.load = load(option, value("a load in per cent")?)?,
            "--timeout" | "-t" => {
                let timeout = duration(value("a time")?).map_err(|reason| wrong(option, reason))?;
                // 0 means for ever, as in stress-ng
                self.timeout = (!timeout.is_zero()).then_some(timeout);
            }
            unknown => return Err(wrong(unknown, "there is no such option".to_owned())),
        }
        Ok(())
    }
}

/// `--cpu=2` and `-c2` have their values within.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some((option, value)) = word.split_once('=') {
        return (option, Some(value));
    }
    match word.split_at_checked(2) {
        Some((option, value)) if !word.starts_with("--") && !value.is_empty() => (option, Some(value)),
        _ => (word, None),
    }
}

fn number(option: &str, value: &str) -> Result<usize, Error> {
    let number = value.parse();
    number.map_err(|_| wrong(option, format!("`{value}` is no whole number from 0 up")))
}

fn load(option: &str, value: &str) -> Result<u8, Error> {
    let load = value
        .trim_end_matches('%')
        .parse()
        .ok()
        .filter(|load| *load <= 100);
    load.ok_or_else(|| wrong(option, format!("`{value}` is no whole number from 0 to 100")))
}

fn duration(value: &str) -> Result<Duration, String> {
    let (number, unit) = match value.char_indices().last() {
        Some((end, 's')) => (&value[..end], 1),
        Some((end, 'm')) => (&value[..end], 60),
        Some((end, 'h')) => (&value[..end], 60 * 60),
        Some((end, 'd')) => (&value[..end], 24 * 60 * 60),
        _ => (value, 1),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * f64::from(unit));
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| format!("`{value}` is no time such as 60, 90s, 5m, 1h or 1d"))
}

fn wrong(option: &str, reason: String) -> Error {
    Error::Hog {
        option: option.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::HogConfig;

    fn parsed(options: &str) -> (usize, u8, Option<u64>) {
        let config = HogConfig::parse(options).unwrap();
        (
            config.cpus,
            config.load,
            config.timeout.map(|timeout| timeout.as_secs()),
        )
    }

    #[test]
    fn options_are_those_of_stress_ng() {
        assert_eq!(parsed("--cpu 1"), (1, 100, None));
        assert_eq!(parsed("--cpu 2 --cpu-load 80 --timeout 60"), (2, 80, Some(60)));
        assert_eq!(parsed("--cpu=0  --timeout=5m --cpu-load=0"), (0, 0, Some(300)));
        assert_eq!(parsed("stress-ng -c 4 -l 50 -t 1h"), (4, 50, Some(3600)));
        assert_eq!(parsed("-c4 -l50% -t2d"), (4, 50, Some(172_800)));
        assert_eq!(parsed("-c 1 --timeout 0"), (1, 100, None));
    }

    /// So is a hog for memory told, by the action that installs it.
    #[test]
    fn without_workers_nothing_is_burned() {
        for options in ["", " --timeout 90", "--cpu-load 80"] {
            assert_eq!(HogConfig::parse(options).unwrap().load, 0, "{options}");
        }
    }

    #[test]
    fn times_may_be_parts_of_a_second() {
        let config = HogConfig::parse("-t 0.5s").unwrap();
        assert_eq!(config.timeout, Some(Duration::from_millis(500)));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_known() {
        for (options, said) in [
            ("--vm 2", "`--vm`"),
            ("2", "`2`"),
            ("-x", "`-x`"),
            ("--cpu", "must follow"),
            ("--cpu -1", "`-1`"),
            ("--cpu-load 101", "0 to 100"),
            ("--timeout soon", "`soon`"),
            ("--timeout -5", "`-5`"),
            ("--timeout NaN", "`NaN`"),
            ("--timeout é", "`é`"),
            ("-é", "`-é`"),
        ] {
            let error = HogConfig::parse(options).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.contains("--cpu-load"),
                "{options}: {error}"
            );
        }
    }
}

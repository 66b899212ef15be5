//! The seed of a run's random choices, and what each activity's own choices follow from.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::Runner;
use super::activity::Site;
use super::event::{Event, Phase, Section};
use crate::value::{Map, Value, python};

/// The configuration key by which a run's random choices are repeated, and the journal's key that names it.
pub const SEED_KEY: &str = "chaos_seed";

/// `chaos_seed` is something that no seed can be made of.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("it must be a whole number, or text of one, not {0}")]
pub struct SeedError(String);

/// The number that all random choices of a run follow from.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed(Value);

impl Seed {
    /// The one that a resolved configuration names.
    ///
    /// # Errors
    /// When it names something else than a whole number.
    pub fn declared(configuration: &Map) -> Result<Option<Self>, SeedError> {
        configuration.get(SEED_KEY).map(Self::of).transpose()
    }

    /// From a whole number, or text of one.
    ///
    /// # Errors
    /// When it is something else.
    pub fn of(value: &Value) -> Result<Self, SeedError> {
        let refused = || match value {
            Value::Map(_) | Value::List(_) => SeedError(python::type_name(value).to_owned()),
            _ => SeedError(format!("{} ({})", python::repr(value), python::type_name(value))),
        };
        match value {
            Value::Int(_) | Value::BigInt(_) => Ok(Self(value.clone())),
            Value::Text(text) => python::parse_int(text).map(Self).ok_or_else(refused),
            _ => Err(refused()),
        }
    }

    /// One that nobody chose, of a size that every reader of JSON keeps.
    pub fn fresh() -> Self {
        let random = rand::make_rng::<ChaCha8Rng>().next_u64();
        Self(Value::Int((random >> 11) as i64))
    }

    /// The number, as the journal shows it.
    pub fn number(&self) -> &Value {
        &self.0
    }

    /// The seed of the activity at that place. It must stay the same in every release, or journals would name seeds
    /// that repeat nothing.
    pub(crate) fn at(&self, place: &Place) -> u64 {
        let mut hash = Fnv::new();
        hash.write(python::text(&self.0).as_bytes());
        hash.write(&[0]);
        hash.write(place.part.as_bytes());
        hash.write(&[0]);
        hash.write(&place.index.to_le_bytes());
        hash.write(&place.round.to_le_bytes());
        mixed(hash.0)
    }
}

/// Where a call stands in an experiment, so that no other call has the same random choices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The list that it is played from.
    pub part: String,
    /// Its position there.
    pub index: u64,
    /// Which of the checks while the method runs, from 1; 0 elsewhere.
    pub round: u64,
}

impl Place {
    /// Of the probe that is the tolerance of the one at this place.
    pub fn tolerance(mut self) -> Self {
        self.part.push_str("/tolerance");
        self
    }
}

impl Runner {
    /// The place of the activity that is played from `site` now.
    pub(crate) fn place(&self, site: Site) -> Place {
        let part = match site.section {
            Section::Hypothesis(phase) => format!("hypothesis/{}", phase.key()),
            Section::Method => "method".to_owned(),
            Section::Rollbacks => "rollbacks".to_owned(),
        };
        let during = site.section == Section::Hypothesis(Phase::During);
        Place {
            part,
            index: site.index as u64,
            round: if during { self.checks.get() } else { 0 },
        }
    }

    /// An activity makes random choices: from now on the journal names the seed.
    pub(super) fn take_seed(&self) {
        if !self.seed_taken.replace(true) {
            let seed = self.seed.number();
            self.say(&Event::SeedTaken { seed });
        }
    }

    /// Puts the seed into a journal that is over, if anything followed from it.
    pub(super) fn note_seed(&self) {
        if self.seed_taken.get() {
            let seed = self.seed.number().clone();
            let footer = &mut self.state.borrow_mut().journal.footer;
            footer.insert(SEED_KEY.to_owned(), seed);
        }
    }
}

/// The FNV-1a hash, 64 bits.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The last step of SplitMix64, which spreads a small difference over all bits.
fn mixed(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, map};

    fn place(part: &str, index: u64, round: u64) -> Place {
        Place {
            part: part.to_owned(),
            index,
            round,
        }
    }

    #[test]
    fn seeds_are_whole_numbers_or_texts_of_them() {
        let declared = |value: &str| Seed::declared(&map([(SEED_KEY, json::parse(value).unwrap())]));
        assert_eq!(declared("42"), Ok(Some(Seed(Value::Int(42)))));
        assert_eq!(declared("\" -7 \""), Ok(Some(Seed(Value::Int(-7)))));
        assert!(declared("123456789012345678901234567890").is_ok());
        assert_eq!(Seed::declared(&Map::new()), Ok(None));
        for refused in ["1.0", "true", "null", "\"x\"", "\"\"", "{\"a\": 1}", "[1]"] {
            let error = declared(refused).unwrap_err().to_string();
            assert!(error.contains("whole number"), "{error}");
        }
    }

    #[test]
    fn seeds_of_activities_stay_the_same_in_every_release() {
        let seed = Seed(Value::Int(42));
        assert_eq!(seed.at(&place("method", 0, 0)), 17_254_262_998_188_043_781);
        assert_eq!(
            seed.at(&place("hypothesis/during", 1, 3)),
            6_886_102_629_355_716_164
        );
    }

    #[test]
    fn no_two_places_have_the_same_seed() {
        let seed = Seed(Value::Int(1));
        let parts = ["method", "rollbacks", "hypothesis/before", "hypothesis/during"];
        let places = parts.into_iter().flat_map(|part| {
            (0..20).flat_map(move |index| (0..5).map(move |round| place(part, index, round)))
        });
        let seeds: Vec<u64> = places.map(|place| seed.at(&place)).collect();
        let different: std::collections::HashSet<_> = seeds.iter().collect();
        assert_eq!(different.len(), seeds.len());
        assert_ne!(
            seed.at(&place("method", 0, 0)),
            Seed(Value::Int(2)).at(&place("method", 0, 0))
        );
        assert_ne!(Seed::fresh(), Seed::fresh());
    }
}

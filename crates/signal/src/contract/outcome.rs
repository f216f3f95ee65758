//! What a stage says, in words and numbers that can be compared.

use std::fmt::Debug;

use super::Change;

/// How far a number may be from the same number of another recording, and why.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// Of the same samples: rounding.
    pub samples: f64,
    /// Of a sensor turned on its segment.
    pub turn: f64,
    /// Of sensors with another rate.
    pub rate: f64,
    /// On a grid of another rate.
    pub grid: f64,
    /// Why not nearer.
    pub because: &'static str,
}

/// All that a stage says of a session.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    words: Vec<(String, String)>,
    numbers: Vec<(String, f64, Within)>,
    verdicts: usize,
}

impl Outcome {
    /// That it cannot, and why not.
    pub fn unable(why: impl Debug) -> Self {
        let mut outcome = Self::default();
        outcome.word("unable", why);
        outcome
    }

    /// Something that is the same or not.
    pub fn word(&mut self, name: impl Into<String>, said: impl Debug) {
        self.words.push((name.into(), format!("{said:?}")));
    }

    /// A verdict on a repetition.
    pub fn verdict(&mut self, name: impl Into<String>, said: impl Debug) {
        self.verdicts += 1;
        self.word(name, said);
    }

    /// A number.
    pub fn number(&mut self, name: impl Into<String>, value: f64, within: Within) {
        self.numbers.push((name.into(), value, within));
    }

    /// Several of one kind.
    pub fn numbers(&mut self, name: &str, values: impl IntoIterator<Item = f64>, within: Within) {
        for (i, value) in values.into_iter().enumerate() {
            self.number(format!("{name} {i}"), value, within);
        }
    }

    pub fn is_nothing(&self) -> bool {
        self.numbers.is_empty() && self.words.is_empty()
    }

    pub fn has_verdicts(&self) -> bool {
        self.verdicts > 0
    }

    /// The numbers that are none.
    pub fn not_numbers(&self) -> Vec<String> {
        let bad = self.numbers.iter().filter(|(_, value, _)| !value.is_finite());
        bad.map(|(name, value, _)| format!("{name} is {value}")).collect()
    }

    /// What another outcome says otherwise.
    pub fn differences(&self, other: &Self, change: Change) -> Vec<String> {
        let names = |outcome: &Self| -> Vec<String> {
            let words = outcome.words.iter().map(|(name, word)| format!("{name} {word}"));
            words.chain(outcome.numbers.iter().map(|(name, ..)| name.clone())).collect()
        };
        let (these, those) = (names(self), names(other));
        let twice = |names: &[String]| names.iter().collect::<std::collections::BTreeSet<_>>().len() < names.len();
        assert!(!twice(&these), "two things of one name: {these:?}");
        let mut differ = Vec::new();
        differ.extend(these.iter().filter(|name| !those.contains(name)).map(|name| format!("{name} is gone")));
        differ.extend(those.iter().filter(|name| !these.contains(name)).map(|name| format!("{name} is new")));
        for (name, value, within) in &self.numbers {
            let Some((_, varied, _)) = other.numbers.iter().find(|(other, ..)| other == name) else { continue };
            let most = match change {
                Change::Samples => within.samples,
                Change::Turn => within.turn,
                Change::Rate => within.rate,
                Change::Grid => within.grid,
            };
            let apart = (varied - value).abs();
            // Not a number is not near anything.
            if apart.is_nan() || apart > most {
                differ.push(format!(
                    "{name} is {varied}, was {value}: {apart:e} apart, at most {most} ({})",
                    within.because
                ));
            }
        }
        differ
    }
}

//! What a report is made from.

use truehinge_core::trend::{FormLoss, Symmetry, Trend};
use truehinge_core::{AthleteId, SessionAnalysis, Side};

use super::Say;

/// What a report is made from: analyses and what was computed over them. Nothing of it is computed again.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    /// Whose it is.
    pub athlete: &'a AthleteId,
    /// What is known of the person beside the recordings.
    pub person: Person,
    /// The sessions that are shown, in order of time: all of one day.
    pub sessions: &'a [SessionAnalysis],
    /// Earlier sessions that the trends rest on, in order of time.
    pub earlier: &'a [&'a SessionAnalysis],
    /// Over all sessions up to these.
    pub trends: &'a [Trend],
    /// What the trends are read against.
    pub against: Against,
    /// Left against right on this day.
    pub symmetry: &'a [Symmetry],
    /// Within the sets, of each session that is shown.
    pub form: &'a [Vec<FormLoss>],
    /// Earlier sessions that are not compared, because the exercise or what it is judged by differs.
    pub not_compared: usize,
    /// Who hands it out.
    pub clinic: Clinic,
    /// How it is said.
    pub say: Say,
}

/// What is known of a person beside the recordings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    /// The leg that symmetry is asked of.
    pub injured: Option<Side>,
    /// What the person may do at present, in the words of whoever wrote the card.
    pub note: Option<String>,
}

/// What the last session is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Against {
    /// The person's first sessions together.
    #[default]
    Baseline,
    /// The first session.
    First,
    /// The session before.
    Last,
}

impl Against {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::First, Self::Last];

    /// Its name in provenance.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// Who hands the pages out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clinic {
    /// Its name; no line without one.
    pub name: String,
    /// Its logo: a PNG, JPEG or SVG file's bytes.
    pub logo: Option<Logo>,
}

/// A picture, and the ending that says what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logo {
    /// `png`, `jpg` or `svg`.
    pub extension: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of it, lower-case hexadecimal.
    pub sha256: String,
}

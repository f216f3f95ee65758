//! What a repetition was.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the repetition was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Hips went back far enough, knee stayed.
    TrueHinge,
    /// The knee travelled forward beyond the limit.
    KneeForwardDrift,
    /// The hips hardly moved back.
    InsufficientHipTravel,
    /// The numbers do not allow to say, with the reason; never counts against the athlete.
    Indeterminate,
}

impl Verdict {
    /// All, in table order.
    pub const ALL: [Self; 4] =
        [Self::TrueHinge, Self::KneeForwardDrift, Self::InsufficientHipTravel, Self::Indeterminate];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TrueHinge => "true_hinge",
            Self::KneeForwardDrift => "knee_forward_drift",
            Self::InsufficientHipTravel => "insufficient_hip_travel",
            Self::Indeterminate => "indeterminate",
        }
    }

    /// Its letter on pages.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::TrueHinge => "H",
            Self::KneeForwardDrift => "K",
            Self::InsufficientHipTravel => "S",
            Self::Indeterminate => "?",
        }
    }

    /// Name on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::TrueHinge => "true hinge",
            Self::KneeForwardDrift => "knee-forward drift",
            Self::InsufficientHipTravel => "too little hip travel",
            Self::Indeterminate => "not sure",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

//! What several sessions, two legs or the repetitions of a set say together: values only, `truehinge_session::trend` computes them.

use serde::Serialize;

use crate::body::Side;
use crate::id::SessionId;
use crate::reliability::Reliability;
use crate::rep::{Metric, Reading};
use crate::start::LocalStart;
use crate::summary::Spread;

/// A number of one leg over the sessions of a person, all judged by the same rules.
#[derive(Clone, PartialEq, Debug)]
pub struct Trend {
    /// Which leg.
    pub side: Option<Side>,
    /// Which number.
    pub metric: Metric,
    /// One for each session, in order of time.
    pub points: Vec<TrendPoint>,
    /// What the person's sessions before the last one were like; `None` for fewer than three.
    pub baseline: Option<Baseline>,
    /// How it went over real dates; `None` where there are too few sessions to tell a direction.
    pub slope: Option<Slope>,
    /// What became of it in the last session.
    pub change: Change,
}

/// A session in a [`Trend`].
#[derive(Clone, PartialEq, Debug)]
pub struct TrendPoint {
    /// Which session.
    pub session: SessionId,
    /// When it was, on the clock on the wall; `None` where that is not known.
    pub start: Option<LocalStart>,
    /// Days since the first session of the trend; `None` where the date is not known.
    pub day: Option<f64>,
    /// What its repetitions measured.
    pub spread: Spread,
    /// Standard error of the session's median: what repetitions differ by, and what the measurement may be wrong by in all of them.
    pub error: f64,
    /// 95 % interval of the session's median.
    pub interval: (f64, f64),
}

/// The sessions of a person that later ones are compared with.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Baseline {
    /// How many: the first ones, at most eight.
    pub sessions: usize,
    /// Mean of their medians.
    pub mean: f64,
    /// Typical error: what sessions of the same person differ by, one standard deviation.
    pub typical_error: f64,
    /// The smallest change of one session against the baseline that is beyond that with 95 % certainty.
    pub mdc95: f64,
}

/// A robust slope.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Slope {
    /// Per week between sessions, per repetition within a set.
    pub value: f64,
    /// 95 % interval; `None` where so few points have none.
    pub interval: Option<(f64, f64)>,
}

/// What became of a number since the baseline.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Change {
    /// Not known: it takes three sessions before the last one.
    Unknown {
        /// How many there are.
        earlier: usize,
    },
    /// Within what sessions of this person differ by.
    Unclear {
        /// The last session less the baseline.
        by: f64,
    },
    /// Beyond it.
    Changed {
        /// The last session less the baseline.
        by: f64,
    },
}

/// A number of the left leg against the right one's.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Symmetry {
    /// Which number.
    pub metric: Metric,
    /// Median of the left leg, with its standard error.
    pub left: Reading,
    /// Of the right leg.
    pub right: Reading,
    /// Left less right, with its standard error.
    pub difference: Reading,
    /// The smallest difference that is beyond the error with 95 % certainty.
    pub mdc95: f64,
    /// Limb symmetry index, per cent: injured over uninjured leg where one is named, else left over right. `None` for numbers near
    /// zero, whose ratio says nothing.
    pub index: Option<f64>,
}

/// How far two sessions of each of several people agree: what a change of somebody else of this squad has to exceed.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Retest {
    /// Which number.
    pub metric: Metric,
    /// How far, in its unit.
    pub found: Reliability,
}

/// How a number went within a set.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct FormLoss {
    /// Which set.
    pub set: u32,
    /// Which leg.
    pub side: Option<Side>,
    /// Which number.
    pub metric: Metric,
    /// Repetitions.
    pub n: usize,
    /// Per repetition.
    pub slope: Slope,
    /// Whether it became worse beyond chance: the slope's interval is on the worse side of zero.
    pub lost: bool,
}

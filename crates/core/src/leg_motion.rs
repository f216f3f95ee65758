//! How the pelvis and the supporting leg were oriented over a set: what a moving picture of the leg is made of.

use crate::body::Side;
use crate::frame::{Displacement, Earth, Pelvis, Rotation, Shank, Thigh};
use crate::quantity::{Angle, Length};
use crate::time::SessionTime;

/// The orientations of one set, at the points of the analysis' grid where both required sensors have data.
///
/// Headings are relative: in the first quiet stance of the set pelvis and shank face the same way, along Earth's x axis. Sensors without a
/// magnetometer know no other heading.
#[derive(Clone, PartialEq, Debug)]
pub struct LegMotion {
    /// Number of the set within the session, from 1.
    pub set: u32,
    /// Supporting leg, if known.
    pub side: Option<Side>,
    /// What the thigh's orientation was made from.
    pub thigh: ThighSource,
    /// Knee joint to ankle joint.
    pub shank_length: Length,
    /// Hip joint to knee joint.
    pub thigh_length: Length,
    /// The moments, in order of time, 10 ms apart but where data are missing.
    pub moments: Vec<LegMoment>,
}

/// The orientations of one moment: each maps the segment's axes (ISB: anterior, proximal, right) to Earth's, z up and x forward.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LegMoment {
    /// When, on the session's timeline.
    pub at: SessionTime,
    /// The pelvis.
    pub pelvis: Rotation<Pelvis, Earth>,
    /// The thigh of the supporting leg; upright where nothing says it.
    pub thigh: Rotation<Thigh, Earth>,
    /// Whether something says it.
    pub thigh_is_known: bool,
    /// The shank of the supporting leg.
    pub shank: Rotation<Shank, Earth>,
}

impl LegMotion {
    /// Where ankle, knee and hip joint are, m in Earth, with the ankle at rest in the origin.
    pub fn joints(&self, moment: &LegMoment) -> [[f64; 3]; 3] {
        let knee = moment.shank.apply(Displacement::<Shank>::new(0.0, self.shank_length.metres(), 0.0));
        let thigh = moment.thigh.apply(Displacement::<Thigh>::new(0.0, self.thigh_length.metres(), 0.0));
        [[0.0; 3], knee.to_array(), (knee + thigh).to_array()]
    }
}

/// What a thigh's orientation rests on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ThighSource {
    /// Its own sensor.
    Sensor,
    /// The leg as a chain: travel of hip and knee over the length of the thigh, within repetitions; it stands upright between them. In the stance before each the thigh
    /// is taken to stand upright, and in the frontal plane and about the vertical to go with the shank.
    Chain {
        /// Largest standard uncertainty of the change of its lean in a repetition.
        sigma: Angle,
    },
    /// Nothing: no repetition of the set says it.
    Unknown,
}

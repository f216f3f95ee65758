//! People, sides, and where sensors sit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::InvalidId;
use crate::quantity::{Length, Measured};

/// Left or right leg.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person's left.
    Left,
    /// The person's right.
    Right,
}

impl Side {
    /// `left` or `right`, as written in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// +1 when the side's lateral direction is the ISB z axis (right), -1 when it is opposite (left).
    pub const fn lateral_sign(self) -> f64 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Side {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.trim().to_ascii_lowercase().as_str() {
            "left" | "l" => Ok(Self::Left),
            "right" | "r" => Ok(Self::Right),
            _ => Err(InvalidId { found: text.to_owned(), need: "left or right" }),
        }
    }
}

/// Which part of the body a sensor measures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SensorRole {
    /// On the pelvis: sacrum or iliac crest, on a stiff belt. Required.
    Hip,
    /// On the shank of the supporting leg. Required.
    Shank,
    /// On the thigh of the supporting leg. Optional: makes knee and hip angles directly observable.
    Thigh,
    /// On the trunk. Optional: neutral spine.
    Trunk,
}

impl SensorRole {
    /// All roles, in table order.
    pub const ALL: [Self; 4] = [Self::Hip, Self::Shank, Self::Thigh, Self::Trunk];

    /// `hip`, `shank`, `thigh` or `trunk`, as written in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hip => "hip",
            Self::Shank => "shank",
            Self::Thigh => "thigh",
            Self::Trunk => "trunk",
        }
    }
}

impl fmt::Display for SensorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SensorRole {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.trim().to_ascii_lowercase().as_str() {
            "hip" | "pelvis" | "waist" | "sacrum" => Ok(Self::Hip),
            "shank" | "shin" | "tibia" | "calf" => Ok(Self::Shank),
            "thigh" | "femur" => Ok(Self::Thigh),
            "trunk" | "torso" | "chest" => Ok(Self::Trunk),
            _ => Err(InvalidId { found: text.to_owned(), need: "hip, shank, thigh or trunk" }),
        }
    }
}

/// Where on the segment a sensor sits: a prior for its alignment, never trusted blindly.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountSite {
    /// Back of the pelvis, outward normal backwards.
    Sacrum,
    /// Side of the pelvis over the iliac crest on the supporting side, outward normal lateral.
    LateralHip,
    /// Flat antero-medial face of the tibia, outward normal about 37 degrees medial of forward.
    TibiaAnteromedial,
    /// Outer side of the shank, outward normal lateral.
    ShankLateral,
    /// Outer side of the thigh, outward normal lateral.
    ThighLateral,
    /// Anywhere: solved from the movement alone.
    #[serde(other)]
    Unknown,
}

/// Body measures, each only if somebody measured it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[serde(default)]
pub struct Anthropometry {
    /// Standing height.
    pub stature: Option<Measured<crate::quantity::Metres>>,
    /// Knee joint line to lateral malleolus.
    pub shank_length: Option<Measured<crate::quantity::Metres>>,
    /// Greater trochanter to knee joint line.
    pub thigh_length: Option<Measured<crate::quantity::Metres>>,
    /// Distance between the hip joint centres.
    pub hip_width: Option<Measured<crate::quantity::Metres>>,
    /// Body mass, kg.
    pub mass_kg: Option<f64>,
}

/// Relative standard uncertainty of a segment length taken from stature (SCIENCE §5).
const FROM_STATURE_SIGMA: f64 = 0.035;
/// Shank length as a share of stature \[`DrillisContini1964`\].
const SHANK_PER_STATURE: f64 = 0.246;
/// Thigh length as a share of stature \[`DrillisContini1964`\].
const THIGH_PER_STATURE: f64 = 0.245;
/// Stature assumed when nothing is known; its standard uncertainty covers adults of both sexes.
const UNKNOWN_STATURE: Measured<crate::quantity::Metres> =
    Measured { value: Length::from_metres(1.72), sigma: Length::from_metres(0.10) };

/// Standard uncertainty of a height that somebody wrote down.
const WRITTEN_SIGMA: Length = Length::from_millimetres(5.0);

impl Anthropometry {
    /// Somebody of this standing height, of whom nothing else is known.
    pub fn standing(height: Length) -> Self {
        Self { stature: Some(Measured::new(height, WRITTEN_SIGMA)), ..Self::default() }
    }

    /// Shank length (knee joint centre to ankle joint centre): measured, else from stature, else from an average adult; with the
    /// uncertainty that costs.
    pub fn shank(&self) -> Measured<crate::quantity::Metres> {
        self.shank_length.unwrap_or_else(|| self.length_from_stature(SHANK_PER_STATURE))
    }

    /// Thigh length (hip joint centre to knee joint centre): measured, else from stature, else from an average adult.
    pub fn thigh(&self) -> Measured<crate::quantity::Metres> {
        self.thigh_length.unwrap_or_else(|| self.length_from_stature(THIGH_PER_STATURE))
    }

    /// Standing height: measured, else that of an average adult with the spread of adults.
    pub fn stature(&self) -> Measured<crate::quantity::Metres> {
        self.stature.unwrap_or(UNKNOWN_STATURE)
    }

    fn length_from_stature(&self, share: f64) -> Measured<crate::quantity::Metres> {
        let stature = self.stature();
        let value = stature.value * share;
        let sigma = (stature.sigma.si() * share).hypot(value.si() * FROM_STATURE_SIGMA);
        Measured::new(value, Length::from_metres(sigma))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fall_back_to_stature_with_wider_uncertainty() {
        let mut body = Anthropometry {
            stature: Some(Measured::new(Length::from_metres(1.80), Length::from_metres(0.005))),
            ..Anthropometry::default()
        };
        let estimated = body.shank();
        assert!((estimated.value.metres() - 0.4428).abs() < 1e-9);
        assert!((estimated.sigma / estimated.value - 0.035).abs() < 0.001);
        body.shank_length = Some(Measured::new(Length::from_metres(0.43), Length::from_metres(0.004)));
        assert_eq!(body.shank(), body.shank_length.expect("set above"));
        assert!(Anthropometry::default().shank().sigma > estimated.sigma);
    }
}

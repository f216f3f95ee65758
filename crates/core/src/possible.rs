//! What a body can measure and do. A number outside is refused by its name wherever it comes from: a slip of the pen in the length of a
//! shank turns a drift of the knee into a hinge.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::body::Anthropometry;
use crate::explained::Explained;
use crate::quantity::{Measured, Metres};

/// A number that no body can have or do.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{field} is {}{unit}, possible is {} to {}{unit}", number(*value), number(*low), number(*high))]
pub struct Impossible {
    /// Which one, by its name in files, such as `shank_length`.
    pub field: String,
    /// What it is.
    pub value: f64,
    /// The unit of all three, with a space in front.
    pub unit: &'static str,
    /// The smallest that can be.
    pub low: f64,
    /// The largest that can be.
    pub high: f64,
    /// What to do.
    pub next: &'static str,
}

impl Explained for Impossible {
    fn code(&self) -> &'static str {
        "impossible_value"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(self.next.into())
    }
}

/// Without the three hundred zeros of a number that is far from any body.
pub(crate) fn number(value: f64) -> String {
    if value.abs() > 1e6 && value.is_finite() { format!("{value:e}") } else { value.to_string() }
}

/// Standing heights of people who exercise, m.
pub const STATURE_M: RangeInclusive<f64> = 0.8..=2.6;
/// A sixth of the smallest of them to more than a quarter of the tallest \[`DrillisContini1964`\], m.
const SHANK_M: RangeInclusive<f64> = 0.13..=0.75;
/// As long as shanks, m.
const THIGH_M: RangeInclusive<f64> = 0.13..=0.75;
/// Half and twice the usual distance of 170 mm, m.
const HIP_WIDTH_M: RangeInclusive<f64> = 0.08..=0.35;
/// Mass of a body, kg.
const MASS_KG: RangeInclusive<f64> = 10.0..=400.0;
/// Nobody measures a body worse than that, as a share of the value.
const MOST_SIGMA: f64 = 0.2;
const MEASURE_AGAIN: &str = "measure it again, or leave it out";

impl Anthropometry {
    /// Refuses measures that no person has.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Impossible> {
        length("stature", self.stature, &STATURE_M)?;
        length("shank_length", self.shank_length, &SHANK_M)?;
        length("thigh_length", self.thigh_length, &THIGH_M)?;
        length("hip_width", self.hip_width, &HIP_WIDTH_M)?;
        self.mass_kg.map_or(Ok(()), |mass| within("mass_kg", mass, " kg", &MASS_KG, MEASURE_AGAIN))
    }

    /// The measures that a person can have; the others are left out.
    #[must_use]
    pub fn possible(&self) -> Self {
        let only = |measure: Option<Measured<Metres>>, range| measure.filter(|m| length("", Some(*m), range).is_ok());
        Self {
            stature: only(self.stature, &STATURE_M),
            shank_length: only(self.shank_length, &SHANK_M),
            thigh_length: only(self.thigh_length, &THIGH_M),
            hip_width: only(self.hip_width, &HIP_WIDTH_M),
            mass_kg: self.mass_kg.filter(|mass| MASS_KG.contains(mass)),
        }
    }
}

fn length(field: &str, measured: Option<Measured<Metres>>, range: &RangeInclusive<f64>) -> Result<(), Impossible> {
    let Some(measured) = measured else { return Ok(()) };
    let value = measured.value.metres();
    within(field, value, " m", range, MEASURE_AGAIN)?;
    within(&format!("{field}.sigma"), measured.sigma.metres(), " m", &(0.0..=MOST_SIGMA * value), MEASURE_AGAIN)
}

/// A number that is none is outside every range.
pub(crate) fn within(
    field: &str,
    value: f64,
    unit: &'static str,
    range: &RangeInclusive<f64>,
    next: &'static str,
) -> Result<(), Impossible> {
    let (low, high) = (*range.start(), *range.end());
    // Values that came from another unit are off in their last digit.
    let hair = f64::EPSILON * (low.abs() + high.abs());
    if (low - hair..=high + hair).contains(&value) {
        return Ok(());
    }
    Err(Impossible { field: field.to_owned(), value, unit, low, high, next })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Length;

    fn metres(value: f64) -> Measured<Metres> {
        Measured::new(Length::from_metres(value), Length::from_metres(0.004))
    }

    #[test]
    fn a_body_outside_human_range_is_refused_by_the_name_of_its_measure() {
        type Set = fn(&mut Anthropometry, f64);
        let measures: [(&str, Set); 5] = [
            ("stature", |body, value| body.stature = Some(metres(value))),
            ("shank_length", |body, value| body.shank_length = Some(metres(value))),
            ("thigh_length", |body, value| body.thigh_length = Some(metres(value))),
            ("hip_width", |body, value| body.hip_width = Some(metres(value))),
            ("mass_kg", |body, value| body.mass_kg = Some(value)),
        ];
        for (name, set) in measures {
            for value in [0.0, -0.43, 5.0, f64::NAN, 1e308, f64::INFINITY] {
                let mut body = Anthropometry { stature: Some(metres(1.74)), ..Anthropometry::default() };
                set(&mut body, value);
                let error = body.check().expect_err(name);
                assert_eq!((error.field.as_str(), error.value.to_bits()), (name, value.to_bits()));
                assert!(body.possible().check().is_ok());
                assert_eq!(body.possible().stature.is_some(), name != "stature", "the others stay");
            }
        }
        let body =
            Anthropometry { stature: Some(metres(1.74)), shank_length: Some(metres(0.43)), ..Anthropometry::default() };
        assert_eq!(body.check(), Ok(()));
        assert_eq!(body.possible(), body);
        assert_eq!(Anthropometry::default().check(), Ok(()), "nobody measured");
    }

    #[test]
    fn an_uncertainty_is_neither_negative_nor_larger_than_a_fifth() {
        let value = Length::from_metres(0.5);
        let of = |sigma| {
            let measured = Measured { value, sigma: Length::from_metres(sigma) };
            Anthropometry { shank_length: Some(measured), ..Anthropometry::default() }.check()
        };
        assert!(of(0.0).is_ok() && of(0.1).is_ok());
        for sigma in [-1.0, 0.101, 1e9, f64::NAN] {
            assert_eq!(of(sigma).expect_err("no uncertainty").field, "shank_length.sigma");
        }
    }

    #[test]
    fn a_sentence_says_value_range_and_what_to_do() {
        let body = Anthropometry { shank_length: Some(metres(1e308)), ..Anthropometry::default() };
        let said = body.check().expect_err("impossible").in_full();
        assert_eq!(said, "shank_length is 1e308 m, possible is 0.13 to 0.75 m: measure it again, or leave it out");
    }
}

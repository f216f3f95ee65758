//! Where a number's uncertainty comes from: named standard uncertainties that add in quadrature.
//!
//! A [`Budget`] is carried through the same operations as the number's standard uncertainty. Contributions from one source are
//! put together in quadrature; those that depend on each other must be joined by the caller before (a shank angle that enters
//! twice is [`Budget`]` * 2.0`, not two terms).

use std::ops::{Div, Mul};

/// What makes a number uncertain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorSource {
    /// Attitude from the orientation filter.
    Orientation,
    /// Skin, muscle and strap between sensor and bone, in proportion to the movement.
    SoftTissue,
    /// The same, however small the movement.
    Wobble,
    /// Direction of the segment's medio-lateral axis in the sensor.
    Axis,
    /// Length of a segment.
    SegmentLength,
    /// Where the hip joint lies, seen from the pelvis sensor.
    LeverArm,
    /// Velocity and place in the rests, which are taken for zero: people sway.
    Zero,
    /// Level, bias and whatever else integration over time adds up.
    Drift,
    /// Gain of the gyroscope.
    Scale,
    /// The leg is no linkage of two rigid bars, and nobody keeps balance exactly.
    BodyModel,
    /// What missing samples hide.
    Gap,
    /// A sensor that may have slid under its strap.
    Slip,
    /// When the movement began.
    Onset,
    /// Noise of a single reading.
    Noise,
}

impl ErrorSource {
    /// All, in the order of tables.
    pub const ALL: [Self; 14] = [
        Self::Orientation,
        Self::SoftTissue,
        Self::Wobble,
        Self::Axis,
        Self::SegmentLength,
        Self::LeverArm,
        Self::Zero,
        Self::Drift,
        Self::Scale,
        Self::BodyModel,
        Self::Gap,
        Self::Slip,
        Self::Onset,
        Self::Noise,
    ];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orientation => "orientation",
            Self::SoftTissue => "soft_tissue",
            Self::Wobble => "wobble",
            Self::Axis => "axis",
            Self::SegmentLength => "segment_length",
            Self::LeverArm => "lever_arm",
            Self::Zero => "zero",
            Self::Drift => "drift",
            Self::Scale => "scale",
            Self::BodyModel => "body_model",
            Self::Gap => "gap",
            Self::Slip => "slip",
            Self::Onset => "onset",
            Self::Noise => "noise",
        }
    }

    /// Name for readers.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SoftTissue => "soft tissue",
            Self::Axis => "sensor axis",
            Self::SegmentLength => "segment length",
            Self::LeverArm => "place of the hip joint",
            Self::Zero => "sway at rest",
            Self::Scale => "gyroscope gain",
            Self::BodyModel => "model of the body",
            Self::Gap => "missing data",
            Self::Slip => "slipped sensor",
            Self::Onset => "time of the onset",
            _ => self.name(),
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// A standard uncertainty and what it is made of. SI unit of the number it belongs to.
///
/// The whole is computed by the operations that its formula has, the contributions beside it: their root sum square is the
/// whole but for rounding.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
pub struct Budget {
    sigma: f64,
    by_source: [f64; ErrorSource::ALL.len()],
}

impl Budget {
    /// One source; the sign of `sigma` does not count.
    pub fn of(source: ErrorSource, sigma: f64) -> Self {
        let mut by_source = [0.0; ErrorSource::ALL.len()];
        by_source[source.index()] = sigma.abs();
        Self { sigma: sigma.abs(), by_source }
    }

    /// Two that have nothing to do with each other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let by_source = std::array::from_fn(|k| self.by_source[k].hypot(other.by_source[k]));
        Self { sigma: self.sigma.hypot(other.sigma), by_source }
    }

    /// Several that have nothing to do with each other.
    pub fn sum(terms: &[Self]) -> Self {
        let root = |of: &dyn Fn(&Self) -> f64| terms.iter().map(|term| of(term) * of(term)).sum::<f64>().sqrt();
        Self { sigma: root(&|term| term.sigma), by_source: std::array::from_fn(|k| root(&|term| term.by_source[k])) }
    }

    /// A standard uncertainty that is known as a whole: its variance is divided among `parts` by their weights, and within each
    /// part in the proportions of its own budget.
    pub fn divided(sigma: f64, parts: impl IntoIterator<Item = (f64, Self)>) -> Self {
        let mut variances = [0.0; ErrorSource::ALL.len()];
        for (weight, part) in parts.into_iter().filter(|(_, part)| part.sigma > 0.0) {
            for (variance, term) in variances.iter_mut().zip(part.by_source) {
                *variance += weight * (term / part.sigma).powi(2);
            }
        }
        let whole: f64 = variances.iter().sum();
        let share = |variance: f64| if whole > 0.0 { (variance / whole).max(0.0).sqrt() } else { 0.0 };
        Self { sigma: sigma.abs(), by_source: variances.map(|variance| sigma.abs() * share(variance)) }
    }

    /// The standard uncertainty.
    pub const fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The standard uncertainty from one source alone.
    pub const fn sigma_of(&self, source: ErrorSource) -> f64 {
        self.by_source[source.index()]
    }

    /// The part of the variance that one source makes, from 0 to 1.
    pub fn share(&self, source: ErrorSource) -> f64 {
        if self.sigma > 0.0 { (self.sigma_of(source) / self.sigma).powi(2) } else { 0.0 }
    }

    /// Standard uncertainty from each source that contributes, in the order of [`ErrorSource::ALL`].
    pub fn terms(&self) -> impl Iterator<Item = (ErrorSource, f64)> + '_ {
        ErrorSource::ALL.into_iter().map(|source| (source, self.sigma_of(source))).filter(|(_, sigma)| *sigma > 0.0)
    }

    /// The `most` largest of them, largest first.
    pub fn largest(&self, most: usize) -> Vec<(ErrorSource, f64)> {
        let mut terms: Vec<_> = self.terms().collect();
        terms.sort_by(|a, b| b.1.total_cmp(&a.1));
        terms.truncate(most);
        terms
    }

    fn each(self, change: impl Fn(f64) -> f64) -> Self {
        Self { sigma: change(self.sigma).abs(), by_source: self.by_source.map(|term| change(term).abs()) }
    }
}

impl Mul<f64> for Budget {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        self.each(|sigma| sigma * factor)
    }
}

impl Div<f64> for Budget {
    type Output = Self;
    fn div(self, divisor: f64) -> Self {
        self.each(|sigma| sigma / divisor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorSource::{Axis, Drift, Gap, Orientation, SoftTissue, Wobble};

    fn is_whole(budget: &Budget) {
        let root = budget.terms().map(|(_, sigma)| sigma * sigma).sum::<f64>().sqrt();
        assert!((root / budget.sigma() - 1.0).abs() < 1e-9, "{root} {budget:?}");
    }

    #[test]
    fn the_whole_has_the_bits_of_its_formula_and_the_terms_add_up_to_it() {
        let (a, b, c, d) = (0.1, -0.37, 0.023, 1.7);
        let base = Budget::of(Orientation, a).and(Budget::of(Wobble, b));
        let all = Budget::sum(&[base, Budget::of(SoftTissue, c), Budget::of(Wobble, d), Budget::of(Axis, 0.0)]);
        let scaled = all * -3.1 / 0.7;
        let base: f64 = a.hypot(b);
        let whole = ((base * base + c * c) + d * d).sqrt();
        assert_eq!(all.sigma().to_bits(), whole.to_bits());
        assert_eq!(scaled.sigma().to_bits(), (whole * 3.1 / 0.7).to_bits());
        assert!((all.sigma_of(Wobble) - b.hypot(d)).abs() < 1e-15);
        is_whole(&base_and(scaled));
    }

    fn base_and(budget: Budget) -> Budget {
        budget.and(Budget::of(Gap, 0.4)).and(Budget::default())
    }

    #[test]
    fn a_known_whole_is_divided_by_weight_and_within_a_part_by_its_budget() {
        let part = Budget::of(SoftTissue, 3.0).and(Budget::of(Axis, 4.0));
        let divided = Budget::divided(10.0, [(1.0, part), (3.0, Budget::of(Drift, 7.0)), (9.0, Budget::default())]);
        is_whole(&divided);
        assert!((divided.share(Drift) - 0.75).abs() < 1e-12);
        assert!((divided.share(SoftTissue) - 0.25 * 9.0 / 25.0).abs() < 1e-12);
        assert!((divided.sigma_of(Drift) - 10.0 * 0.75_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Budget::divided(1.0, []).terms().count(), 0);
    }

    #[test]
    fn the_largest_come_first_and_what_is_zero_is_not_named() {
        let budget = Budget::sum(&[Budget::of(Gap, 0.1), Budget::of(Axis, 0.3), Budget::of(Drift, 0.2)]);
        assert_eq!(budget.largest(2), vec![(Axis, 0.3), (Drift, 0.2)]);
        assert_eq!(budget.terms().map(|(source, _)| source).collect::<Vec<_>>(), [Axis, Drift, Gap]);
    }

    #[test]
    fn sources_stand_at_their_place_and_are_called_what_their_serial_form_is_called() {
        for (i, source) in ErrorSource::ALL.into_iter().enumerate() {
            assert_eq!(source.index(), i);
            let name = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(source.name());
            assert_eq!(<ErrorSource as serde::Deserialize>::deserialize(name), Ok(source));
        }
    }
}

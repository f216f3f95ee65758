//! How far repeated measurements of the same people agree: values only, `truehinge_session::statistics` computes them.

use serde::Serialize;

/// An intraclass correlation with its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Icc {
    /// The estimate; null in JSON where nothing varies.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub value: f64,
    /// Lower end of the interval; null in JSON where nothing varies.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub low: f64,
    /// Upper end; null in JSON where nothing varies.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub high: f64,
}

/// Reliability of `k` measurements of each of `n` targets.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reliability {
    /// How many targets.
    pub targets: usize,
    /// ICC(2,1): a single measurement, absolute agreement.
    #[serde(rename = "icc21")]
    pub agreement: Icc,
    /// ICC(3,1): a single measurement, consistency.
    #[serde(rename = "icc31")]
    pub consistency: Icc,
    /// Standard error of measurement, in the measurements' unit.
    pub sem: f64,
    /// Smallest change that is beyond the error of two measurements with 95 % certainty.
    pub mdc95: f64,
}

//! Agreement of two ways to measure: difference against mean, with bias and limits of agreement \[`BlandAltman1986`\].

use plotters::prelude::Circle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, FINE, Panel, anchored, bold, fine, svg, text, whole_ticks, write};
use crate::ReportError;
use crate::theme::{DOT, INK};

/// One metric's panel.
#[derive(Clone, PartialEq, Debug)]
pub struct AgreementPanel {
    /// What is compared, with its unit.
    pub title: String,
    /// Mean of both ways and their difference.
    pub points: Vec<(f64, f64)>,
    /// Mean difference.
    pub bias: f64,
    /// Limits of agreement.
    pub limits: (f64, f64),
}

const NAME: &str = "agreement";
/// Panels in a row, and the size of one.
const COLUMNS: usize = 3;
const SIZE: (i32, i32) = (300, 236);

/// Draws the panels in rows of three.
///
/// # Errors
/// A fault of this program.
pub fn draw_agreement(panels: &[AgreementPanel], axes: (&str, &str)) -> Result<String, ReportError> {
    let rows = i32::try_from(panels.len().div_ceil(COLUMNS)).unwrap_or(1);
    let width = SIZE.0 * i32::try_from(COLUMNS).unwrap_or(1);
    svg(NAME, (width.unsigned_abs(), (rows * SIZE.1 + 26).unsigned_abs()), |area| {
        for (index, panel) in (0_i32..).zip(panels) {
            let columns = i32::try_from(COLUMNS).unwrap_or(1);
            one(area, panel, (index % columns * SIZE.0, index / columns * SIZE.1))?;
        }
        let caption = format!("horizontal: {}; vertical: {}; lines: bias and 95 % limits of agreement", axes.0, axes.1);
        let at = (fine(width / 2), fine(rows * SIZE.1 + 6));
        write(area, &caption, at, anchored(&text(11), HPos::Center, VPos::Top))
    })
}

fn one(area: &Area<'_>, panel: &AgreementPanel, (left, top): (i32, i32)) -> Result<(), String> {
    let x = around(panel.points.iter().map(|point| point.0));
    // As far above zero as below, so that a bias shows.
    let most = panel.points.iter().map(|point| point.1.abs()).fold(panel.limits.0.abs().max(panel.limits.1), f64::max);
    let y = (-1.1 * most.max(1e-9), 1.1 * most.max(1e-9));
    let plot = Panel::new(area, (left + 44, top + 28, left + 290, top + 206), x, y);
    plot.axes(&whole_ticks(&ticks(x)), &whole_ticks(&ticks(y)))?;
    for &(mean, difference) in &panel.points {
        let dot = Circle::new(plot.at(mean, difference), fine(2), DOT.mix(0.55).filled());
        area.draw(&dot).map_err(|error| error.to_string())?;
    }
    let dash = |value: f64| (0..=60).map(|i| (x.0 + (x.1 - x.0) * f64::from(i) / 60.0, value)).collect::<Vec<_>>();
    plot.line(&[(x.0, panel.bias), (x.1, panel.bias)], DOT.stroke_width(FINE))?;
    for limit in [panel.limits.0, panel.limits.1] {
        plot.dashed(&dash(limit), INK.stroke_width(FINE))?;
    }
    write(area, &panel.title, (fine(left + 44), fine(top + 8)), anchored(&bold(12), HPos::Left, VPos::Top))
}

/// The range of values with a margin.
fn around(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if !low.is_finite() {
        return (0.0, 1.0);
    }
    let margin = 0.05 * (high - low).max(1.0);
    (low - margin, high + margin)
}

/// Round numbers within a range: four to nine of them.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let rough = (high - low) / 6.0;
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let step = step.max(1.0);
    #[allow(clippy::cast_possible_truncation, reason = "axis ticks are few")]
    let (first, last) = ((low / step).ceil() as i32, (high / step).floor() as i32);
    (first..=last).map(|i| f64::from(i) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks((-11.0, 11.0)), [-10.0, -5.0, 0.0, 5.0, 10.0]);
        assert_eq!(ticks((-0.9, 2.2)), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn the_same_numbers_give_the_same_drawing() {
        let panel = AgreementPanel {
            title: "Knee-forward travel, mm".to_owned(),
            points: vec![(1.0, 0.5), (20.0, -0.5)],
            bias: 0.0,
            limits: (-1.0, 1.0),
        };
        let draw = || draw_agreement(std::slice::from_ref(&panel), ("mean", "difference")).expect("draws");
        assert_eq!(draw(), draw());
        assert!(draw().contains("Knee-forward travel, mm"));
    }
}

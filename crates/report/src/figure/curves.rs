//! The six signals over the repetition: a column a leg; mean and spread of the true hinges, faults as single lines with their number.

use std::fmt::Write;

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use truehinge_core::{Side, Signal};

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, fine, svg, text, whole_ticks, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep, Say};
use crate::theme::{FAULT_ZONE, INK, LEFT, RIGHT, mark};

pub const NAME: &str = "curves";

/// Fewest true hinges that have a mean.
const FEWEST: usize = 3;
/// Size of a panel with its head, of the head above all panels and of the words below them.
const CELL: (i32, i32) = (350, 124);
const HEAD: i32 = 30;
const FOOT: i32 = 18;

/// Where a page may end in the figure of two legs, as a share of its height: below half of the rows.
pub fn half() -> f64 {
    let rows = i32::try_from(Signal::ALL.len()).unwrap_or(0);
    f64::from(HEAD + rows / 2 * CELL.1) / f64::from(HEAD + rows * CELL.1 + FOOT)
}

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let legs = legs(data);
    // One leg takes both columns.
    let rows = if legs.len() == 1 { Signal::ALL.len().div_ceil(2) } else { Signal::ALL.len() };
    let height = HEAD + i32::try_from(rows).unwrap_or(0) * CELL.1 + FOOT;
    svg(NAME, (700, height.unsigned_abs()), |area| {
        for (row, signal) in (0_i32..).zip(Signal::ALL) {
            for (column, leg) in (0_i32..).zip(&legs) {
                let (column, row) = if legs.len() == 1 { (row % 2, row / 2) } else { (column, row) };
                panel(area, data, signal, *leg, (column * CELL.0, HEAD + row * CELL.1), say)?;
            }
        }
        for (column, leg) in (0_i32..).zip(&legs) {
            let reps = data.reps.iter().filter(|rep| rep.side == *leg && rep.counts);
            let (hinges, all) = (reps.clone().filter(|rep| rep.is_hinge()).count(), reps.count());
            let words = format!("{}: n = {hinges} + {}", say.leg(*leg), all - hinges);
            let at = (fine(46 + column * CELL.0), fine(6));
            write(area, &words, at, anchored(&bold(13), HPos::Left, VPos::Top))?;
        }
        let below = anchored(&text(SMALL), HPos::Center, VPos::Bottom);
        write(area, &say.label("percent-of-rep"), (fine(350), fine(height - 2)), below)
    })
}

fn legs(data: &FigureData) -> Vec<Option<Side>> {
    let sides = [Some(Side::Left), Some(Side::Right), None];
    sides.into_iter().filter(|side| data.reps.iter().any(|rep| rep.side == *side)).take(2).collect()
}

const fn colour(side: Option<Side>) -> RGBColor {
    match side {
        Some(Side::Left) => LEFT,
        Some(Side::Right) => RIGHT,
        None => INK,
    }
}

fn panel(
    area: &Area<'_>,
    data: &FigureData,
    signal: Signal,
    side: Option<Side>,
    (left, top): (i32, i32),
    say: Say,
) -> Result<(), String> {
    let scale = scale::curve(signal, data, say);
    let panel = Panel::new(area, (left + 46, top + 20, left + 326, top + 104), (0.0, 100.0), scale.range);
    if signal == Signal::KneeForward {
        panel.zone((0.0, 100.0), (data.knee_limits.1, scale.range.1), FAULT_ZONE)?;
    }
    panel.axes(&whole_ticks(&[0.0, 25.0, 50.0, 75.0, 100.0]), &scale.ticks)?;
    let of_leg = || data.reps.iter().filter(|rep| rep.side == side && rep.counts);
    let hinges: Vec<&[f64]> = of_leg().filter(|rep| rep.is_hinge()).filter_map(|rep| rep.curve(signal)).collect();
    let (colour, thin) = (colour(side), colour(side).stroke_width(FINE * 3 / 5));
    if hinges.len() >= FEWEST {
        band(&panel, &hinges, colour)?;
    }
    for values in &hinges {
        panel.line(&points(values), thin)?;
    }
    if hinges.len() >= FEWEST {
        let mean: Vec<(f64, f64)> = statistics(&hinges).into_iter().map(|(x, mean, _)| (x, mean)).collect();
        panel.line(&mean, colour.stroke_width(FINE * 5 / 2))?;
    }
    let faults: Vec<&FigureRep> = of_leg().filter(|rep| !rep.is_hinge()).collect();
    for rep in &faults {
        let Some(values) = rep.curve(signal) else { continue };
        panel.dashed(&points(values), mark(rep.verdict).colour.stroke_width(FINE))?;
    }
    name_peaks(area, &panel, &faults, signal)?;
    let title = format!("{}, {}", say.metric(signal.metric()), say.unit_name(signal.metric()));
    write(area, &title, (fine(left + 46), fine(top + 14)), anchored(&text(SMALL), HPos::Left, VPos::Bottom))
}

fn points(values: &[f64]) -> Vec<(f64, f64)> {
    (0..).map(f64::from).zip(values.iter().copied()).collect()
}

/// Percent, mean and standard deviation.
fn statistics(curves: &[&[f64]]) -> Vec<(f64, f64, f64)> {
    let n = curves.len() as f64;
    (0_u32..101)
        .map(|percent| {
            let at = |values: &[f64]| values.get(percent as usize).copied().unwrap_or(0.0);
            let mean = curves.iter().map(|values| at(values)).sum::<f64>() / n;
            let variance = curves.iter().map(|values| (at(values) - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (f64::from(percent), mean, variance.sqrt())
        })
        .collect()
}

fn band(panel: &Panel<'_, '_>, curves: &[&[f64]], colour: RGBColor) -> Result<(), String> {
    let statistics = statistics(curves);
    let edge = |sign: f64| statistics.iter().map(move |(x, mean, sd)| (*x, mean + sign * sd));
    let outline: Vec<(f64, f64)> = edge(1.0).chain(edge(-1.0).collect::<Vec<_>>().into_iter().rev()).collect();
    panel.fill(&outline, colour.mix(0.2).filled())
}

/// The numbers of the faults stand at their largest value, as far as there is room.
fn name_peaks(area: &Area<'_>, panel: &Panel<'_, '_>, faults: &[&FigureRep], signal: Signal) -> Result<(), String> {
    let mut taken: Vec<(i32, i32)> = Vec::new();
    for rep in faults {
        let values = rep.curve(signal).unwrap_or_default();
        let peak = values.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let Some((percent, value)) = peak else { continue };
        let (x, y) = panel.at(percent as f64, *value);
        let near =
            |at: (i32, i32), other: &(i32, i32)| (at.0 - other.0).abs() < fine(22) && (at.1 - other.1).abs() < fine(11);
        let places = [(0, 0), (26, 0), (-26, 0), (52, 4), (-52, 4)];
        let free = places
            .into_iter()
            .map(|(dx, dy)| (x + fine(dx), y + fine(dy)))
            .find(|at| !taken.iter().any(|o| near(*at, o)));
        if let Some(at) = free {
            taken.push(at);
            write(area, &rep.name, at, anchored(&text(SMALL), HPos::Center, VPos::Center))?;
        }
    }
    Ok(())
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("rep,side,verdict,phase_pct");
    for signal in Signal::ALL {
        let _ = write!(text, ",{}_{}", signal.name(), signal.unit());
    }
    text.push('\n');
    for rep in &data.reps {
        for percent in 0..rep.curves.iter().map(Vec::len).max().unwrap_or(0) {
            let side = rep.side.map_or("", Side::name);
            let _ = write!(text, "{},{side},{},{percent}", rep.name, rep.verdict.name());
            for curve in &rep.curves {
                let value = curve.get(percent).map_or_else(String::new, |value| format!("{value:.3}"));
                let _ = write!(text, ",{value}");
            }
            text.push('\n');
        }
    }
    text
}

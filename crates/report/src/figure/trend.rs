//! Over the sessions: middle repetition of each on its real date, with the person's own baseline and what is beyond it.

use std::fmt::Write;

use plotters::prelude::Circle;
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use truehinge_core::trend::{Change, Trend};
use truehinge_core::{Metric, Side};

use super::canvas::{Area, FINE, Panel, SMALL, Tick, anchored, bold, draw_mark, fine, svg, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, Say};
use crate::theme::{DOT, INK, LEFT, Mark, RIGHT, SKIN_SOFT, Shape};

pub const NAME: &str = "trend";
/// What is shown: the two travels of the verdict.
const SHOWN: [Metric; 2] = [Metric::KneeForwardTurn, Metric::HipBack];
const CELL: (i32, i32) = (350, 170);

/// The trends that have a course: more than one session.
fn shown(data: &FigureData) -> Vec<&Trend> {
    data.trends.iter().filter(|trend| SHOWN.contains(&trend.metric) && trend.points.len() > 1).collect()
}

/// Whether there is a course to draw.
pub fn is_drawable(data: &FigureData) -> bool {
    !shown(data).is_empty()
}

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let trends = shown(data);
    let rows = i32::try_from(trends.len().div_ceil(2)).unwrap_or(1).max(1);
    svg(NAME, (700, (rows * CELL.1).unsigned_abs()), |area| {
        for (index, trend) in (0_i32..).zip(&trends) {
            panel(area, trend, (index % 2 * CELL.0, index / 2 * CELL.1), say)?;
        }
        Ok(())
    })
}

fn panel(area: &Area<'_>, trend: &Trend, (left, top): (i32, i32), say: Say) -> Result<(), String> {
    let days = days(trend);
    let length = days.iter().copied().fold(0.0, f64::max).max(1.0);
    let x = (-0.04 * length, 1.04 * length);
    let highest = trend.points.iter().map(|point| point.interval.1);
    let scale = scale::holding(trend.metric, highest, say);
    let panel = Panel::new(area, (left + 46, top + 24, left + 314, top + 142), x, scale.range);
    if let Some(baseline) = trend.baseline {
        panel.zone(x, (baseline.mean - baseline.mdc95, baseline.mean + baseline.mdc95), SKIN_SOFT)?;
        panel.dashed(
            &(0..=40).map(|i| (x.0 + (x.1 - x.0) * f64::from(i) / 40.0, baseline.mean)).collect::<Vec<_>>(),
            INK.stroke_width(FINE),
        )?;
    }
    panel.axes(&ticks(trend, &days), &scale.ticks)?;
    let colour = colour(trend.side);
    let medians: Vec<(f64, f64)> = days.iter().copied().zip(trend.points.iter().map(|p| p.spread.median)).collect();
    if trend.side == Some(Side::Right) {
        broken(&panel, &medians, colour)?;
    } else {
        panel.line(&medians, colour.stroke_width(FINE))?;
    }
    for (day, point) in days.iter().zip(&trend.points) {
        panel.line(&[(*day, point.interval.0), (*day, point.interval.1)], colour.stroke_width(FINE))?;
        let at = panel.at(*day, point.spread.median);
        let shape = if trend.side == Some(Side::Right) { Shape::Triangle } else { Shape::Circle };
        draw_mark(area, at, fine(4), Mark { colour, letter: "", shape })?;
    }
    if let (Change::Changed { .. }, Some(last)) = (trend.change, medians.last()) {
        let ring = Circle::new(panel.at(last.0, last.1), fine(9), INK.stroke_width(FINE * 3 / 2));
        area.draw(&ring).map_err(|error| error.to_string())?;
    }
    let title = format!("{}: {}, {}", say.leg(trend.side), say.metric(trend.metric), say.unit_name(trend.metric));
    write(area, &title, (fine(left + 46), fine(top + 18)), anchored(&bold(SMALL), HPos::Left, VPos::Bottom))
}

/// The line of the right leg: dashes between the sessions.
fn broken(panel: &Panel<'_, '_>, points: &[(f64, f64)], colour: RGBColor) -> Result<(), String> {
    let between = |pair: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let along =
            |share: f64| (pair[0].0 + (pair[1].0 - pair[0].0) * share, pair[0].1 + (pair[1].1 - pair[0].1) * share);
        (0..=24).map(|i| along(f64::from(i) / 24.0)).collect()
    };
    points.windows(2).try_for_each(|pair| panel.dashed(&between(pair), colour.stroke_width(FINE)))
}

const fn colour(side: Option<Side>) -> RGBColor {
    match side {
        Some(Side::Left) => LEFT,
        Some(Side::Right) => RIGHT,
        None => DOT,
    }
}

/// Days since the first session; their order where a date is missing.
fn days(trend: &Trend) -> Vec<f64> {
    let dated: Option<Vec<f64>> = trend.points.iter().map(|point| point.day).collect();
    dated.unwrap_or_else(|| (0_u32..).take(trend.points.len()).map(f64::from).collect())
}

/// The dates of the first and the last session, and of some between that do not touch them.
fn ticks(trend: &Trend, days: &[f64]) -> Vec<Tick> {
    let span = days.last().copied().unwrap_or(0.0).max(1.0);
    let mut ticks: Vec<Tick> = Vec::new();
    let ends = [0, days.len() - 1];
    for index in ends.into_iter().chain(1..days.len() - 1) {
        let Some(start) = trend.points[index].start else { continue };
        if ticks.iter().all(|(at, _)| (at - days[index]).abs() > 0.3 * span) {
            ticks.push((days[index], start.date()));
        }
    }
    ticks
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("side,metric,unit,session,date,n,median,low_95,high_95,baseline,mdc95\n");
    for trend in &data.trends {
        for point in &trend.points {
            let quoted = point.session.as_str().replace('"', "\"\"");
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.3}"));
            let _ = writeln!(
                text,
                "{},{},{},\"{quoted}\",{},{},{:.3},{:.3},{:.3},{},{}",
                trend.side.map_or("", Side::name),
                trend.metric.name(),
                trend.metric.unit(),
                point.start.map_or_else(String::new, |start| start.date()),
                point.spread.n,
                point.spread.median,
                point.interval.0,
                point.interval.1,
                number(trend.baseline.map(|baseline| baseline.mean)),
                number(trend.baseline.map(|baseline| baseline.mdc95)),
            );
        }
    }
    text
}

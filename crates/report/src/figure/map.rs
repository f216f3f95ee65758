//! Hinge or drift: knee-forward travel against hip-back travel, one mark per repetition, zones of the verdict behind.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use truehinge_core::{Metric, Verdict};

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep, Say};
use crate::theme::{FAULT_ZONE, GOOD_ZONE, mark};

pub const NAME: &str = "hinge_map";

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    svg(NAME, (500, 360), |area| {
        let (hip, knee) = (scale::hip(data, say), scale::knee(data, say));
        let ((left, right), (bottom, top)) = (hip.range, knee.range);
        let panel = Panel::new(area, (62, 14, 486, 290), hip.range, knee.range);
        let ((knee_good, knee_fault), (hip_good, hip_fault)) = (data.knee_limits, data.hip_limits);
        panel.zone(hip.range, (knee_fault, top), FAULT_ZONE)?;
        panel.zone((left, hip_fault), (bottom, knee_fault), FAULT_ZONE)?;
        panel.zone((hip_good, right), (bottom, knee_good), GOOD_ZONE)?;
        panel.axes(&hip.ticks, &knee.ticks)?;
        let label = |verdict, x: f64, y: f64, h: HPos| {
            let at = panel.at(left + x * (right - left), bottom + y * (top - bottom));
            write(area, &say.verdict(verdict), at, anchored(&bold(SMALL), h, VPos::Center))
        };
        label(Verdict::KneeForwardDrift, 0.0125, 0.957, HPos::Left)?;
        label(Verdict::TrueHinge, 0.9875, 0.05, HPos::Right)?;
        let mut labels: Vec<(i32, i32)> = Vec::new();
        for rep in data.reps.iter().filter(|rep| rep.counts) {
            point(area, &panel, rep, &mut labels)?;
        }
        let axis = |key: &str, metric| format!("{}, {}", say.label(key), say.unit_name(metric));
        let below = anchored(&text(SMALL), HPos::Center, VPos::Top);
        write(area, &axis("hips-back", Metric::HipBack), (fine(274), fine(308)), below)?;
        let rotated = text(SMALL).transform(plotters::style::FontTransform::Rotate270);
        let beside = anchored(&rotated, HPos::Center, VPos::Top);
        write(area, &axis("knee-forward", Metric::KneeForward), (fine(10), fine(152)), beside)?;
        legend(area, say)
    })
}

fn point(area: &Area<'_>, panel: &Panel<'_, '_>, rep: &FigureRep, labels: &mut Vec<(i32, i32)>) -> Result<(), String> {
    let (Some(knee), Some(hip)) = (rep.knee, rep.hip) else { return Ok(()) };
    let mark = mark(rep.verdict);
    let whisker = mark.colour.stroke_width(FINE);
    panel.line(&[(hip.value - hip.sigma, knee.value), (hip.value + hip.sigma, knee.value)], whisker)?;
    panel.line(&[(hip.value, knee.value - knee.sigma), (hip.value, knee.value + knee.sigma)], whisker)?;
    let (x, y) = panel.at(hip.value, knee.value);
    draw_mark(area, (x, y), fine(5), mark)?;
    // Repetitions alike lie on top of each other: their labels go around the mark, then further and further away.
    let taken = |at: &(i32, i32)| labels.iter().any(|l| (l.0 - at.0).abs() < fine(24) && (l.1 - at.1).abs() < fine(11));
    let around = |ring: i32| {
        let (right, left) = (x + fine(7), x - fine(25));
        let (above, below) = (y - fine(12 + 10 * ring), y + fine(12 + 10 * ring));
        [(right, above), (right, below), (left, above), (left, below)]
    };
    let Some(at) = (0..4).flat_map(around).find(|at| !taken(at)) else { return Ok(()) };
    labels.push(at);
    write(area, &rep.name, at, anchored(&text(SMALL), HPos::Left, VPos::Center))
}

fn legend(area: &Area<'_>, say: Say) -> Result<(), String> {
    for (index, verdict) in (0_i32..).zip(Verdict::ALL) {
        let (x, y) = (fine(62 + 220 * (index % 2)), fine(330 + 18 * (index / 2)));
        draw_mark(area, (x + fine(5), y), fine(5), mark(verdict))?;
        write(area, &say.verdict(verdict), (x + fine(15), y), anchored(&text(SMALL), HPos::Left, VPos::Center))?;
    }
    Ok(())
}

pub fn csv(data: &FigureData) -> String {
    let mut text =
        String::from("rep,side,verdict,counts,hip_back_mm,hip_back_sigma_mm,knee_forward_mm,knee_forward_sigma_mm\n");
    for rep in &data.reps {
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2}"));
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{}",
            rep.name,
            rep.side.map_or("", truehinge_core::Side::name),
            rep.verdict.name(),
            rep.counts,
            number(rep.hip.map(|r| r.value)),
            number(rep.hip.map(|r| r.sigma)),
            number(rep.knee.map(|r| r.value)),
            number(rep.knee.map(|r| r.sigma))
        );
    }
    text
}

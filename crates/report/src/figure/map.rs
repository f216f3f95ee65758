//! Hinge or drift: knee-forward travel against hip-back travel, one mark per repetition, zones of the verdict behind.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use truehinge_core::Verdict;

use super::canvas::{FINE, Panel, anchored, bold, draw_mark, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep};
use crate::theme::{FAULT_ZONE, GOOD_ZONE, mark};

const NAME: &str = "hinge_map";

pub fn draw(data: &FigureData) -> Result<String, ReportError> {
    svg(NAME, (500, 360), |area| {
        let (hip, knee) = (scale::hip(data), scale::knee(data));
        let ((left, right), (bottom, top)) = (hip.range, knee.range);
        let panel = Panel::new(area, (62, 14, 486, 290), hip.range, knee.range);
        let ((knee_good, knee_fault), (hip_good, hip_fault)) = (data.knee_limits, data.hip_limits);
        panel.zone(hip.range, (knee_fault, top), FAULT_ZONE)?;
        panel.zone((left, hip_fault), (bottom, knee_fault), FAULT_ZONE)?;
        panel.zone((hip_good, right), (bottom, knee_good), GOOD_ZONE)?;
        panel.axes(hip.ticks, knee.ticks)?;
        let (width, height) = (right - left, top - bottom);
        let label = |words: &str, x: f64, y: f64, h: HPos| {
            let at = panel.at(left + x * width, bottom + y * height);
            write(area, words, at, anchored(&bold(11), h, VPos::Center))
        };
        label("knee-forward drift", 0.0125, 0.957, HPos::Left)?;
        label("true hinge", 0.9875, 0.05, HPos::Right)?;
        label("too little", 0.0125, 0.093, HPos::Left)?;
        label("hip travel", 0.0125, 0.036, HPos::Left)?;
        let mut labels: Vec<(i32, i32)> = Vec::new();
        for rep in &data.reps {
            point(area, &panel, rep, &mut labels)?;
        }
        let bottom = anchored(&text(12), HPos::Center, VPos::Top);
        write(area, "hips back, mm", (fine(274), fine(312)), bottom)?;
        let rotated = text(12).transform(plotters::style::FontTransform::Rotate270);
        write(area, "knee forward, mm", (fine(10), fine(152)), anchored(&rotated, HPos::Center, VPos::Top))?;
        legend(area)
    })
}

fn point(
    area: &super::canvas::Area<'_>,
    panel: &Panel<'_, '_>,
    rep: &FigureRep,
    labels: &mut Vec<(i32, i32)>,
) -> Result<(), String> {
    let (Some(knee), Some(hip)) = (rep.knee, rep.hip) else { return Ok(()) };
    let mark = mark(rep.verdict);
    let whisker = mark.colour.stroke_width(FINE);
    panel.line(&[(hip.value - hip.sigma, knee.value), (hip.value + hip.sigma, knee.value)], whisker)?;
    panel.line(&[(hip.value, knee.value - knee.sigma), (hip.value, knee.value + knee.sigma)], whisker)?;
    let (x, y) = panel.at(hip.value, knee.value);
    draw_mark(area, (x, y), fine(5), mark)?;
    let words = format!("{}.{}", rep.set, rep.number);
    // Repetitions alike lie on top of each other: their labels go around the mark, then further and further away.
    let taken = |at: &(i32, i32)| labels.iter().any(|l| (l.0 - at.0).abs() < fine(20) && (l.1 - at.1).abs() < fine(10));
    let around = |ring: i32| {
        let (right, left) = (x + fine(7), x - fine(23));
        let (above, below) = (y - fine(12 + 10 * ring), y + fine(12 + 10 * ring));
        [(right, above), (right, below), (left, above), (left, below)]
    };
    let at = (0..10).flat_map(around).find(|at| !taken(at)).unwrap_or((x, y));
    labels.push(at);
    write(area, &words, at, anchored(&text(10), HPos::Left, VPos::Center))
}

fn legend(area: &super::canvas::Area<'_>) -> Result<(), String> {
    let mut x = 58;
    for (verdict, width) in Verdict::ALL.into_iter().zip([90, 132, 140, 80]) {
        draw_mark(area, (fine(x + 5), fine(344)), fine(5), mark(verdict))?;
        write(area, verdict.title(), (fine(x + 15), fine(344)), anchored(&text(11), HPos::Left, VPos::Center))?;
        x += width;
    }
    Ok(())
}

pub fn csv(data: &FigureData) -> String {
    let mut text =
        String::from("set,rep,side,verdict,hip_back_mm,hip_back_sigma_mm,knee_forward_mm,knee_forward_sigma_mm\n");
    for rep in &data.reps {
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2}"));
        let side = rep.side.map_or("", truehinge_core::Side::name);
        let _ = writeln!(
            text,
            "{},{},{side},{},{},{},{},{}",
            rep.set,
            rep.number,
            rep.verdict.name(),
            number(rep.hip.map(|r| r.value)),
            number(rep.hip.map(|r| r.sigma)),
            number(rep.knee.map(|r| r.value)),
            number(rep.knee.map(|r| r.sigma))
        );
    }
    text
}

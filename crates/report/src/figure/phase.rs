//! Hips against knee: the path of each repetition in the plane of the two travels that make the verdict.

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use truehinge_core::Signal;

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep, Say};
use crate::theme::{FAULT_ZONE, INK, mark};

pub const NAME: &str = "phase";
/// Panels in a row, their size, and the most of them.
const COLUMNS: usize = 5;
const CELL: (i32, i32) = (138, 112);
const MOST: usize = 20;

/// The repetitions that are drawn: all, or where there are too many the first ones, true hinges last.
fn drawn(data: &FigureData) -> Vec<&FigureRep> {
    let has = |rep: &&FigureRep| rep.curve(Signal::HipBack).is_some() && rep.curve(Signal::KneeForward).is_some();
    let mut reps: Vec<&FigureRep> = data.reps.iter().filter(|rep| rep.counts).filter(has).collect();
    reps.sort_by_key(|rep| rep.is_hinge());
    reps.truncate(MOST);
    reps.sort_by_key(|rep| rep.place);
    reps
}

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let reps = drawn(data);
    let rows = i32::try_from(reps.len().div_ceil(COLUMNS)).unwrap_or(1).max(1);
    svg(NAME, (700, (rows * CELL.1 + 24).unsigned_abs()), |area| {
        for (index, rep) in reps.iter().enumerate() {
            let cell = |value: usize| i32::try_from(value).unwrap_or(0);
            let (column, row) = (cell(index % COLUMNS), cell(index / COLUMNS));
            panel(area, data, rep, (10 + column * CELL.0, row * CELL.1), say)?;
        }
        let words = format!("→ {}    ↑ {}", say.label("hips-back"), say.label("knee-forward"));
        let at = (fine(10), fine(rows * CELL.1 + 14));
        write(area, &words, at, anchored(&text(SMALL), HPos::Left, VPos::Center))
    })
}

fn panel(area: &Area<'_>, data: &FigureData, rep: &FigureRep, (left, top): (i32, i32), say: Say) -> Result<(), String> {
    let (hip, knee) = (scale::curve(Signal::HipBack, data, say), scale::curve(Signal::KneeForward, data, say));
    let panel = Panel::new(area, (left, top + 18, left + 128, top + 104), hip.range, knee.range);
    panel.zone(hip.range, (data.knee_limits.1, knee.range.1), FAULT_ZONE)?;
    panel.frame()?;
    let (Some(hips), Some(knees)) = (rep.curve(Signal::HipBack), rep.curve(Signal::KneeForward)) else { return Ok(()) };
    let path: Vec<(f64, f64)> = hips.iter().copied().zip(knees.iter().copied()).collect();
    let mark = mark(rep.verdict);
    let turn = rep.turn.min(path.len() - 1);
    // The way out is a line, the way back is dashed.
    panel.line(&path[..=turn], mark.colour.stroke_width(FINE * 2))?;
    panel.dashed(&path[turn..], mark.colour.stroke_width(FINE * 3 / 2))?;
    let start = panel.at(path[0].0, path[0].1);
    area.draw(&plotters::prelude::Circle::new(start, fine(3), INK.filled())).map_err(|error| error.to_string())?;
    draw_mark(area, (fine(left + 6), fine(top + 9)), fine(4), mark)?;
    write(area, &rep.name, (fine(left + 14), fine(top + 9)), anchored(&bold(SMALL), HPos::Left, VPos::Center))
}

/// The same numbers as the curves'.
pub fn csv(data: &FigureData) -> String {
    super::curves::csv(data)
}

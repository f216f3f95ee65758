//! What happened when: repetitions, quiet stances, what was not counted and what a reader must know, along each session.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, whole_ticks, write};
use crate::ReportError;
use crate::model::{FigureData, Say};
use crate::theme::{FAULT_ZONE, GRID, INK, mark};

pub const NAME: &str = "timeline";
const ROW: i32 = 84;

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let rows = i32::try_from(data.timelines.len()).unwrap_or(0).max(1);
    svg(NAME, (700, (rows * ROW + 6).unsigned_abs()), |area| {
        for (row, timeline) in (0_i32..).zip(&data.timelines) {
            let top = row * ROW;
            let length = timeline.length_s.max(1.0);
            let panel = Panel::new(area, (108, top + 8, 690, top + 58), (0.0, length), (0.0, 1.0));
            for (start, end) in &timeline.findings {
                panel.zone((*start, *end), (0.0, 1.0), FAULT_ZONE)?;
            }
            for (start, end) in &timeline.quiet {
                panel.zone((*start, *end), (0.4, 1.0), GRID)?;
            }
            for (start, end, verdict) in &timeline.reps {
                let mark = mark(*verdict);
                panel.zone((*start, *end), (0.45, 0.95), mark.colour)?;
                draw_mark(
                    area,
                    panel.at(f64::midpoint(*start, *end), 0.62),
                    fine(3),
                    crate::theme::Mark { colour: plotters::style::WHITE, ..mark },
                )?;
            }
            for (start, end) in &timeline.rejected {
                panel.line(&[(*start, 0.2), (*end, 0.2)], INK.stroke_width(FINE * 3))?;
            }
            let step = [10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0]
                .into_iter()
                .find(|step| length / step <= 12.0)
                .unwrap_or(3600.0);
            let ticks: Vec<f64> = (0_u32..1000).map(|i| f64::from(i) * step).take_while(|at| *at <= length).collect();
            panel.axes(&whole_ticks(&ticks), &[])?;
            names(area, &panel, &timeline.letter, top, say)?;
        }
        Ok(())
    })
}

fn names(area: &Area<'_>, panel: &Panel<'_, '_>, letter: &str, top: i32, say: Say) -> Result<(), String> {
    let side = anchored(&text(SMALL), HPos::Right, VPos::Center);
    for (y, words) in [(0.7, say.label("repetitions")), (0.2, say.label("rejected"))] {
        write(area, &words, (fine(102), panel.at(0.0, y).1), side.clone())?;
    }
    write(area, letter, (fine(6), fine(top + 8)), anchored(&bold(SMALL), HPos::Left, VPos::Top))?;
    write(area, &say.label("seconds"), (fine(690), fine(top + 76)), anchored(&text(SMALL), HPos::Right, VPos::Center))
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("session,what,start_s,end_s,verdict\n");
    for timeline in &data.timelines {
        let letter = &timeline.letter;
        for (what, spans) in
            [("quiet", &timeline.quiet), ("rejected", &timeline.rejected), ("finding", &timeline.findings)]
        {
            for (start, end) in spans {
                let _ = writeln!(text, "{letter},{what},{start:.3},{end:.3},");
            }
        }
        for (start, end, verdict) in &timeline.reps {
            let _ = writeln!(text, "{letter},rep,{start:.3},{end:.3},{}", verdict.name());
        }
    }
    text
}

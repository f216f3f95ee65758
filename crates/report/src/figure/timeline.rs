//! What happened when: repetitions, quiet stances, what was not counted and what a reader must know, along each session.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, whole_ticks, write};
use crate::ReportError;
use crate::model::{FigureData, Say, Timeline};
use crate::theme::{COVERED, FAULT_ZONE, GRID, INK, mark};

pub const NAME: &str = "timeline";
/// Height of a session without the lanes of its sensors, and of one of these.
const ROW: i32 = 84;
const LANE: i32 = 13;
/// Height of the panel above the lanes.
const PANEL: i32 = 50;

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let whole: i32 = data.timelines.iter().map(height).sum();
    svg(NAME, (700, (whole.max(ROW) + 6).unsigned_abs()), |area| {
        let mut top = 0;
        for timeline in &data.timelines {
            let length = timeline.length_s.max(1.0);
            // Lanes lie below zero.
            let lane = f64::from(LANE) / f64::from(PANEL);
            let lowest = -lane * timeline.sensors.len() as f64;
            let bottom = top + height(timeline) - (ROW - PANEL - 8);
            let panel = Panel::new(area, (108, top + 8, 690, bottom), (0.0, length), (lowest, 1.0));
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
            for (row, (role, covered)) in timeline.sensors.iter().enumerate() {
                let y = -lane * (row as f64 + 0.5);
                for (start, end) in covered {
                    panel.zone((*start, end.min(length)), (y - 0.3 * lane, y + 0.3 * lane), COVERED)?;
                }
                let at = (fine(102), panel.at(0.0, y).1);
                write(area, &say.sensor(*role), at, anchored(&text(SMALL), HPos::Right, VPos::Center))?;
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
            names(area, &panel, &timeline.letter, (top, bottom), say)?;
            top += height(timeline);
        }
        Ok(())
    })
}

/// Height of a session in the figure.
fn height(timeline: &Timeline) -> i32 {
    ROW + LANE * i32::try_from(timeline.sensors.len()).unwrap_or(0)
}

fn names(
    area: &Area<'_>,
    panel: &Panel<'_, '_>,
    letter: &str,
    (top, bottom): (i32, i32),
    say: Say,
) -> Result<(), String> {
    let side = anchored(&text(SMALL), HPos::Right, VPos::Center);
    for (y, words) in [(0.7, say.label("repetitions")), (0.2, say.label("rejected"))] {
        write(area, &words, (fine(102), panel.at(0.0, y).1), side.clone())?;
    }
    write(area, letter, (fine(6), fine(top + 8)), anchored(&bold(SMALL), HPos::Left, VPos::Top))?;
    write(
        area,
        &say.label("seconds"),
        (fine(690), fine(bottom + 18)),
        anchored(&text(SMALL), HPos::Right, VPos::Center),
    )
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
        for (role, covered) in &timeline.sensors {
            for (start, end) in covered {
                let _ = writeln!(text, "{letter},data of {},{start:.3},{end:.3},", role.name());
            }
        }
        for (start, end, verdict) in &timeline.reps {
            let _ = writeln!(text, "{letter},rep,{start:.3},{end:.3},{}", verdict.name());
        }
    }
    text
}

//! What happened when: repetitions, quiet stances, what was not counted and what a reader must know, along each session.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, whole_ticks, write};
use crate::ReportError;
use crate::model::{FigureData, Lane, Say, Timeline};
use crate::theme::{COVERED, FAULT_ZONE, GRID, INK, mark};

pub const NAME: &str = "timeline";
/// Height of a session without the lanes of its sensors.
const ROW: i32 = 84;
/// Height of a sensor's lane, and of one that also shows how late its packets came.
const LANE: i32 = 13;
const TALL_LANE: i32 = 26;
/// Height of the panel above the lanes.
const PANEL: i32 = 50;
/// Left and right end of the panel.
const SIDES: (i32, i32) = (108, 648);
/// Scales of the packets' delay, ms: the smallest that holds all is taken, the last is cut.
const SCALES_MS: [f64; 8] = [20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let whole: i32 = data.timelines.iter().map(height).sum();
    let scale_ms = scale_ms(data);
    svg(NAME, (700, (whole.max(ROW) + 6).unsigned_abs()), |area| {
        let mut top = 0;
        for timeline in &data.timelines {
            session(area, timeline, top, scale_ms, say)?;
            top += height(timeline);
        }
        Ok(())
    })
}

/// Delay at the top of every lane, the same for all sensors and sessions, ms.
fn scale_ms(data: &FigureData) -> f64 {
    let lanes = data.timelines.iter().flat_map(|timeline| &timeline.sensors);
    let most = lanes.flat_map(|lane| &lane.delays).map(|delay| delay.2).fold(0.0, f64::max);
    SCALES_MS.into_iter().find(|scale| most <= *scale).unwrap_or(SCALES_MS[SCALES_MS.len() - 1])
}

fn session(area: &Area<'_>, timeline: &Timeline, top: i32, scale_ms: f64, say: Say) -> Result<(), String> {
    let length = timeline.length_s.max(1.0);
    // Lanes lie below zero.
    let lowest = -f64::from(timeline.sensors.iter().map(lane_height).sum::<i32>()) / f64::from(PANEL);
    let bottom = top + height(timeline) - (ROW - PANEL - 8);
    let panel = Panel::new(area, (SIDES.0, top + 8, SIDES.1, bottom), (0.0, length), (lowest, 1.0));
    for (start, end) in &timeline.findings {
        panel.zone((*start, *end), (0.0, 1.0), FAULT_ZONE)?;
    }
    for (start, end) in &timeline.quiet {
        panel.zone((*start, *end), (0.4, 1.0), GRID)?;
    }
    for (start, end, verdict) in &timeline.reps {
        let mark = mark(*verdict);
        panel.zone((*start, *end), (0.45, 0.95), mark.colour)?;
        let white = crate::theme::Mark { colour: plotters::style::WHITE, ..mark };
        draw_mark(area, panel.at(f64::midpoint(*start, *end), 0.62), fine(3), white)?;
    }
    let mut below = 0.0;
    for sensor in &timeline.sensors {
        let deep = f64::from(lane_height(sensor)) / f64::from(PANEL);
        lane(area, &panel, sensor, (below - deep, below), (length, scale_ms), say)?;
        below -= deep;
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
    names(area, &panel, &timeline.letter, (top, bottom), say)
}

/// A sensor: where it has data, and over that how late its packets came.
fn lane(
    area: &Area<'_>,
    panel: &Panel<'_, '_>,
    lane: &Lane,
    (low, high): (f64, f64),
    (length, scale_ms): (f64, f64),
    say: Say,
) -> Result<(), String> {
    let strip = f64::from(LANE) / f64::from(PANEL);
    let middle = low + strip / 2.0;
    for (start, end) in &lane.covered {
        panel.zone((*start, end.min(length)), (middle - 0.3 * strip, middle + 0.3 * strip), COVERED)?;
    }
    let at = |y: f64| (fine(SIDES.0 - 6), panel.at(0.0, y).1);
    write(area, &say.sensor(lane.role), at(middle), anchored(&text(SMALL), HPos::Right, VPos::Center))?;
    if lane.delays.is_empty() {
        return Ok(());
    }
    let (floor, ceiling) = (low + strip, high - 0.2 * strip);
    panel.line(&[(0.0, ceiling), (length, ceiling)], GRID.stroke_width(FINE / 2))?;
    for (start, end, most_ms) in &lane.delays {
        let tall = (ceiling - floor) * (most_ms / scale_ms).min(1.0);
        panel.zone((*start, end.min(length)), (floor, floor + tall), COVERED)?;
    }
    let (_, y) = panel.at(0.0, ceiling);
    let words = format!("{scale_ms:.0} ms");
    write(area, &words, (fine(SIDES.1 + 6), y), anchored(&text(SMALL), HPos::Left, VPos::Center))
}

fn lane_height(lane: &Lane) -> i32 {
    if lane.delays.is_empty() { LANE } else { TALL_LANE }
}

/// Height of a session in the figure.
fn height(timeline: &Timeline) -> i32 {
    ROW + timeline.sensors.iter().map(lane_height).sum::<i32>()
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
        write(area, &words, (fine(SIDES.0 - 6), panel.at(0.0, y).1), side.clone())?;
    }
    write(area, letter, (fine(6), fine(top + 8)), anchored(&bold(SMALL), HPos::Left, VPos::Top))?;
    write(
        area,
        &say.label("seconds"),
        (fine(SIDES.1), fine(bottom + 18)),
        anchored(&text(SMALL), HPos::Right, VPos::Center),
    )
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("session,what,start_s,end_s,verdict,latest_packet_ms\n");
    for timeline in &data.timelines {
        let letter = &timeline.letter;
        for (what, spans) in
            [("quiet", &timeline.quiet), ("rejected", &timeline.rejected), ("finding", &timeline.findings)]
        {
            for (start, end) in spans {
                let _ = writeln!(text, "{letter},{what},{start:.3},{end:.3},,");
            }
        }
        for Lane { role, covered, delays } in &timeline.sensors {
            for (start, end) in covered {
                let _ = writeln!(text, "{letter},data of {},{start:.3},{end:.3},,", role.name());
            }
            for (start, end, most_ms) in delays {
                let _ = writeln!(text, "{letter},packets of {},{start:.3},{end:.3},,{most_ms:.1}", role.name());
            }
        }
        for (start, end, verdict) in &timeline.reps {
            let _ = writeln!(text, "{letter},rep,{start:.3},{end:.3},{},", verdict.name());
        }
    }
    text
}

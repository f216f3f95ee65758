//! Curves over the repetition: six signals, one thin line per repetition, thick mean and one standard deviation per leg.

use std::fmt::Write;

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use truehinge_core::{Side, Signal, Verdict};

use super::canvas::{Area, FINE, Panel, anchored, bold, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep};
use crate::theme::{FAULT_ZONE, INK, LEFT, RIGHT};

const NAME: &str = "curves";

const LEGS: [(Option<Side>, RGBColor, &str); 3] =
    [(Some(Side::Left), LEFT, "left leg"), (Some(Side::Right), RIGHT, "right leg"), (None, INK, "leg not named")];

pub fn draw(data: &FigureData) -> Result<String, ReportError> {
    svg(NAME, (700, 772), |area| {
        for (index, signal) in (0..).zip(Signal::ALL) {
            let (column, row) = (index % 2, index / 2);
            let frame = (46 + column * 350, 34 + row * 236, 330 + column * 350, 206 + row * 236);
            panel(area, data, signal, frame)?;
        }
        legend(area, data)
    })
}

fn panel(area: &Area<'_>, data: &FigureData, signal: Signal, frame: (i32, i32, i32, i32)) -> Result<(), String> {
    let scale::Scale { range: y, ticks } = scale::curve(signal, data);
    let panel = Panel::new(area, frame, (0.0, 100.0), y);
    if signal == Signal::KneeForward {
        panel.zone((0.0, 100.0), (data.knee_limits.1, y.1), FAULT_ZONE)?;
    }
    panel.axes(&[0.0, 25.0, 50.0, 75.0, 100.0], ticks)?;
    let index = Signal::ALL.iter().position(|s| *s == signal).unwrap_or(0);
    for (side, colour, _) in LEGS {
        let reps: Vec<&FigureRep> = data
            .reps
            .iter()
            .filter(|rep| rep.side == side && rep.curves.get(index).is_some_and(|c| !c.is_empty()))
            .collect();
        if reps.len() >= 3 {
            band(&panel, &reps, index, colour)?;
        }
        for rep in &reps {
            let points: Vec<(f64, f64)> = (0..).map(f64::from).zip(rep.curves[index].iter().copied()).collect();
            let thin = colour.stroke_width(FINE * 3 / 5);
            // Repetitions that are no true hinge are dashed.
            if rep.verdict == Verdict::TrueHinge { panel.line(&points, thin)? } else { panel.dashed(&points, thin)? }
        }
        if reps.len() >= 3 {
            let mean: Vec<(f64, f64)> = statistics(&reps, index).into_iter().map(|(x, mean, _)| (x, mean)).collect();
            panel.line(&mean, colour.stroke_width(FINE * 5 / 2))?;
        }
        number_ends(area, &panel, &reps, index)?;
    }
    let unit = if signal.unit() == "deg" { "degrees" } else { "mm" };
    let title = format!("{}, {unit}", signal.metric().title().trim_end_matches(" change"));
    let (left, top, _, bottom) = frame;
    write(area, &title, (fine(left), fine(top - 8)), anchored(&bold(12), HPos::Left, VPos::Bottom))?;
    write(area, "% of repetition", (fine(left + 142), fine(bottom + 18)), anchored(&text(10), HPos::Center, VPos::Top))
}

/// Percent, mean and standard deviation.
fn statistics(reps: &[&FigureRep], index: usize) -> Vec<(f64, f64, f64)> {
    let n = reps.len() as f64;
    (0_u32..101)
        .map(|percent| {
            let at = |rep: &FigureRep| rep.curves[index].get(percent as usize).copied().unwrap_or(0.0);
            let mean = reps.iter().map(|rep| at(rep)).sum::<f64>() / n;
            let variance = reps.iter().map(|rep| (at(rep) - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (f64::from(percent), mean, variance.sqrt())
        })
        .collect()
}

fn band(panel: &Panel<'_, '_>, reps: &[&FigureRep], index: usize, colour: RGBColor) -> Result<(), String> {
    let statistics = statistics(reps, index);
    let edge = |sign: f64| statistics.iter().map(move |(x, mean, sd)| (*x, mean + sign * sd));
    let outline: Vec<(f64, f64)> = edge(1.0).chain(edge(-1.0).collect::<Vec<_>>().into_iter().rev()).collect();
    panel.fill(&outline, colour.mix(0.2).filled())
}

/// Numbers at the middle of the curves would hide them: they stand at the largest value.
fn number_ends(area: &Area<'_>, panel: &Panel<'_, '_>, reps: &[&FigureRep], index: usize) -> Result<(), String> {
    if reps.len() > 6 {
        return Ok(());
    }
    for rep in reps {
        let peak = rep.curves[index].iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let Some((percent, value)) = peak else { continue };
        let (x, y) = panel.at(percent as f64, *value);
        let shift = if *value < 0.0 { fine(6) } else { fine(-6) };
        write(area, &rep.number.to_string(), (x, y + shift), anchored(&text(9), HPos::Center, VPos::Center))?;
    }
    Ok(())
}

fn legend(area: &Area<'_>, data: &FigureData) -> Result<(), String> {
    let mut x = 46;
    for (side, colour, name) in LEGS {
        let n = data.reps.iter().filter(|rep| rep.side == side).count();
        if n == 0 {
            continue;
        }
        let line = plotters::prelude::PathElement::new(
            vec![(fine(x), fine(744)), (fine(x + 26), fine(744))],
            colour.stroke_width(FINE * 5 / 2),
        );
        area.draw(&line).map_err(|error| error.to_string())?;
        let words = format!("{name}, n = {n}");
        write(area, &words, (fine(x + 32), fine(744)), anchored(&text(11), HPos::Left, VPos::Center))?;
        x += 150;
    }
    let words = "thin: repetitions (dashed: not a true hinge); thick and band: mean and SD from 3 repetitions";
    write(area, words, (fine(46), fine(762)), anchored(&text(10), HPos::Left, VPos::Center))
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("set,rep,side,phase_pct");
    for signal in Signal::ALL {
        let _ = write!(text, ",{}_{}", signal.name(), signal.unit());
    }
    text.push('\n');
    for rep in &data.reps {
        for percent in 0..rep.curves.first().map_or(0, Vec::len) {
            let _ = write!(text, "{},{},{},{percent}", rep.set, rep.number, rep.side.map_or("", Side::name));
            for curve in &rep.curves {
                let _ = write!(text, ",{:.3}", curve.get(percent).copied().unwrap_or(f64::NAN));
            }
            text.push('\n');
        }
    }
    text
}

//! Left against right on one day: a line for each number.

use std::fmt::Write;

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use truehinge_core::rep::Reading;

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, Say};
use crate::theme::{INK, LEFT, Mark, RIGHT, Shape};

pub const NAME: &str = "sides";
const ROW: i32 = 46;

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let rows = i32::try_from(data.symmetry.len()).unwrap_or(0).max(1);
    svg(NAME, (700, (rows * ROW + 4).unsigned_abs()), |area| {
        for (row, symmetry) in (0_i32..).zip(&data.symmetry) {
            let top = row * ROW;
            let ends = [symmetry.left, symmetry.right].map(|reading| reading.value + reading.sigma);
            let scale = scale::holding(symmetry.metric, ends, say);
            let panel = Panel::new(area, (250, top + 4, 690, top + 26), scale.range, (0.0, 1.0));
            panel.axes(&scale.ticks, &[])?;
            let title = format!("{}, {}", say.metric(symmetry.metric), say.unit_name(symmetry.metric));
            write(area, &title, (fine(238), fine(top + 15)), anchored(&text(SMALL), HPos::Right, VPos::Center))?;
            leg(area, &panel, symmetry.left, 0.7, (Shape::Circle, LEFT), &say.label("left-letter"))?;
            leg(area, &panel, symmetry.right, 0.3, (Shape::Triangle, RIGHT), &say.label("right-letter"))?;
        }
        Ok(())
    })
}

fn leg(
    area: &Area<'_>,
    panel: &Panel<'_, '_>,
    reading: Reading,
    y: f64,
    (shape, colour): (Shape, plotters::style::RGBColor),
    letter: &str,
) -> Result<(), String> {
    let half = 1.96 * reading.sigma;
    panel.line(&[(reading.value - half, y), (reading.value + half, y)], colour.stroke_width(FINE * 3 / 2))?;
    let at = panel.at(reading.value, y);
    draw_mark(area, at, fine(4), Mark { colour, letter: "", shape })?;
    let beyond = panel.at(reading.value + half, y);
    let style = anchored(&bold(SMALL), HPos::Left, VPos::Center).color(&INK);
    write(area, letter, (beyond.0 + fine(5), beyond.1), style)
}

pub fn csv(data: &FigureData) -> String {
    let mut text = String::from("metric,unit,left,left_sigma,right,right_sigma,difference,mdc95,index_pct\n");
    for symmetry in &data.symmetry {
        let _ = writeln!(
            text,
            "{},{},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3},{}",
            symmetry.metric.name(),
            symmetry.metric.unit(),
            symmetry.left.value,
            symmetry.left.sigma,
            symmetry.right.value,
            symmetry.right.sigma,
            symmetry.difference.value,
            symmetry.mdc95,
            symmetry.index.map_or_else(String::new, |index| format!("{index:.1}"))
        );
    }
    text
}

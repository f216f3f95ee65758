//! A small course: the medians of a person's last sessions.

use plotters::style::Color;
use truehinge_core::{Metric, Side};

use super::canvas::{FINE, Panel, draw_mark, fine, svg};
use super::scale;
use crate::ReportError;
use crate::model::Say;
use crate::theme::{GRID, LEFT, Mark, RIGHT, Shape};

pub fn draw(sparks: &[(Option<Side>, Vec<f64>)], limit: f64) -> Result<String, ReportError> {
    svg("spark", (180, 30), |area| {
        let values = sparks.iter().flat_map(|(_, medians)| medians.iter().copied());
        let scale = scale::holding(Metric::KneeForwardTurn, values, Say::default());
        let most = sparks.iter().map(|(_, medians)| medians.len()).max().unwrap_or(1);
        let panel = Panel::new(area, (2, 2, 172, 28), (0.0, (most.max(2) - 1) as f64), scale.range);
        panel.line(&[(0.0, 0.0), (1e3, 0.0)], GRID.stroke_width(FINE))?;
        panel.line(&[(0.0, limit), (1e3, limit)], GRID.stroke_width(FINE))?;
        for (side, medians) in sparks {
            // The last session of both legs is at the right.
            let first = most - medians.len();
            let points: Vec<(f64, f64)> = medians.iter().enumerate().map(|(i, mm)| ((first + i) as f64, *mm)).collect();
            let (colour, shape) =
                if *side == Some(Side::Right) { (RIGHT, Shape::Triangle) } else { (LEFT, Shape::Circle) };
            panel.line(&points, colour.stroke_width(FINE * 3 / 2))?;
            if let Some(last) = points.last() {
                draw_mark(area, panel.at(last.0, last.1), fine(3), Mark { colour, letter: "", shape })?;
            }
        }
        Ok(())
    })
}

//! A number of a leg as a bar: zones, the range of the repetitions, their middle with its error, and the session it is compared with.

use plotters::prelude::{Circle, Rectangle};
use plotters::style::Color;

use super::canvas::{FINE, Panel, fine, svg};
use super::scale;
use crate::ReportError;
use crate::model::{Bullet, Say};
use crate::theme::{DOT, FAULT_ZONE, GOOD_ZONE, GRID, INK};

/// Size of a bar, in units.
const SIZE: (u32, u32) = (190, 20);

pub fn draw(bullet: &Bullet, say: Say) -> Result<String, ReportError> {
    svg("bar", SIZE, |area| {
        let spread = bullet.spread;
        let scale = scale::holding(bullet.metric, [spread.highest + spread.sigma], say);
        let panel = Panel::new(area, (1, 2, 189, 18), scale.range, (0.0, 1.0));
        let zone = |from: f64, to: f64, colour| panel.zone((from, to), (0.0, 1.0), colour);
        if let Some((good, fault)) = bullet.limits {
            let (low, high) = scale.range;
            if good < fault {
                zone(low, good, GOOD_ZONE)?;
                zone(fault, high, FAULT_ZONE)?;
            } else {
                zone(low, fault, FAULT_ZONE)?;
                zone(good, high, GOOD_ZONE)?;
            }
        }
        let corners = [panel.at(scale.range.0, 1.0), panel.at(scale.range.1, 0.0)];
        let say_error = |error: plotters::drawing::DrawingAreaErrorKind<std::io::Error>| error.to_string();
        area.draw(&Rectangle::new(corners, GRID.stroke_width(FINE / 2))).map_err(say_error)?;
        panel.line(&[(0.0, 0.0), (0.0, 1.0)], INK.stroke_width(FINE / 2))?;
        if let Some(before) = bullet.before {
            panel.line(&[(before, 0.1), (before, 0.9)], INK.stroke_width(FINE * 2))?;
        }
        panel.line(&[(spread.lowest, 0.5), (spread.highest, 0.5)], DOT.stroke_width(FINE * 2))?;
        let (low, high) = (spread.median - spread.sigma, spread.median + spread.sigma);
        panel.line(&[(low, 0.2), (low, 0.8)], DOT.stroke_width(FINE))?;
        panel.line(&[(high, 0.2), (high, 0.8)], DOT.stroke_width(FINE))?;
        area.draw(&Circle::new(panel.at(spread.median, 0.5), fine(4), DOT.filled())).map_err(say_error)
    })
}

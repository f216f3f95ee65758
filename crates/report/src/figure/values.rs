//! Values per repetition: knee-forward and hip-back travel with their 95 % intervals and limits, in order of time.

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use truehinge_core::Metric;
use truehinge_core::rep::Reading;

use super::canvas::{Area, FINE, Panel, SMALL, anchored, bold, draw_mark, fine, svg, text, write};
use super::scale;
use crate::ReportError;
use crate::model::{FigureData, FigureRep, Say};
use crate::theme::{FAULT_ZONE, GOOD_ZONE, INK, mark};

pub const NAME: &str = "values";

pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    svg(NAME, (700, 230), |area| {
        let slots = data.reps.len().max(1) as f64;
        let x = (0.5, slots + 0.5);
        let scale = scale::knee(data, say);
        let knee = Panel::new(area, (44, 34, 340, 208), x, scale.range);
        let (good, fault) = data.knee_limits;
        knee.zone(x, (fault, scale.range.1), FAULT_ZONE)?;
        knee.zone(x, (scale.range.0, good), GOOD_ZONE)?;
        knee.axes(&[], &scale.ticks)?;
        series(area, &knee, data, scale.range.0, |rep| rep.knee)?;
        let scale = scale::hip(data, say);
        let hip = Panel::new(area, (396, 34, 692, 208), x, scale.range);
        let (good, fault) = data.hip_limits;
        hip.zone(x, (scale.range.0, fault), FAULT_ZONE)?;
        hip.zone(x, (good, scale.range.1), GOOD_ZONE)?;
        hip.axes(&[], &scale.ticks)?;
        series(area, &hip, data, scale.range.0, |rep| rep.hip)?;
        for (metric, left) in [(Metric::KneeForward, 44), (Metric::HipBack, 396)] {
            let title = format!("{}, {}", say.metric(metric), say.unit_name(metric));
            write(area, &title, (fine(left), fine(10)), anchored(&bold(SMALL), HPos::Left, VPos::Top))?;
        }
        Ok(())
    })
}

fn series(
    area: &Area<'_>,
    panel: &Panel<'_, '_>,
    data: &FigureData,
    bottom: f64,
    reading: impl Fn(&FigureRep) -> Option<Reading>,
) -> Result<(), String> {
    // Many repetitions: every label would overlap the next.
    let every = data.reps.len().div_ceil(11).max(1);
    for (slot, rep) in (0_u32..).zip(&data.reps) {
        let x = f64::from(slot) + 1.0;
        if usize::try_from(slot).is_ok_and(|slot| slot.is_multiple_of(every)) {
            let (px, py) = panel.at(x, bottom);
            write(area, &rep.name, (px, py + fine(4)), anchored(&text(SMALL), HPos::Center, VPos::Top))?;
        }
        let Some(reading) = reading(rep).filter(|_| rep.counts) else { continue };
        let half = 1.96 * reading.sigma;
        panel.line(&[(x, reading.value - half), (x, reading.value + half)], INK.stroke_width(FINE))?;
        draw_mark(area, panel.at(x, reading.value), fine(5), mark(rep.verdict))?;
    }
    Ok(())
}

/// The same numbers as the map's.
pub fn csv(data: &FigureData) -> String {
    super::map::csv(data)
}

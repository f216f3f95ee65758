//! Figures: final numbers in, plotters drawings out.

mod agreement;
mod bars;
mod body;
mod canvas;
mod curves;
mod map;
mod phase;
#[cfg(feature = "pdf")]
mod picture;
mod placement;
mod scale;
mod sides;
mod spark;
mod timeline;
mod trend;
mod values;

pub use agreement::{AgreementPanel, draw_agreement};
#[cfg(feature = "pdf")]
pub use picture::{NamedFigure, rasterise, render_figures};
pub use placement::draw_placement;

use crate::ReportError;
use crate::model::{FigureData, ReportModel, Say};
use crate::squad::SquadModel;
pub use curves::half as curves_half;

/// How a figure is drawn, whether there is anything to draw, and its numbers.
struct Figure {
    name: &'static str,
    is_drawable: fn(&FigureData) -> bool,
    draw: fn(&FigureData, Say) -> Result<String, ReportError>,
    csv: fn(&FigureData) -> String,
}

fn has_travel(data: &FigureData) -> bool {
    data.reps.iter().any(|rep| rep.counts && rep.knee.is_some() && rep.hip.is_some())
}

fn has_curves(data: &FigureData) -> bool {
    data.reps.iter().any(|rep| rep.counts && rep.curves.iter().any(|curve| !curve.is_empty()))
}

const FIGURES: [Figure; 9] = [
    Figure { name: map::NAME, is_drawable: has_travel, draw: map::draw, csv: map::csv },
    Figure { name: values::NAME, is_drawable: has_travel, draw: values::draw, csv: values::csv },
    Figure { name: curves::NAME, is_drawable: has_curves, draw: curves::draw, csv: curves::csv },
    Figure { name: phase::NAME, is_drawable: has_curves, draw: phase::draw, csv: phase::csv },
    Figure { name: body::NAME, is_drawable: body::is_drawable, draw: body::draw, csv: body::csv },
    Figure { name: body::STRIP, is_drawable: body::is_drawable, draw: body::draw_strip, csv: body::csv },
    Figure { name: sides::NAME, is_drawable: |data| !data.symmetry.is_empty(), draw: sides::draw, csv: sides::csv },
    Figure { name: trend::NAME, is_drawable: trend::is_drawable, draw: trend::draw, csv: trend::csv },
    Figure {
        name: timeline::NAME,
        is_drawable: |data| !data.timelines.is_empty(),
        draw: timeline::draw,
        csv: timeline::csv,
    },
];

/// Name, vector form and numbers of each figure that there is something to draw of.
pub(crate) fn svgs(model: &ReportModel) -> Result<Vec<(&'static str, String, String)>, ReportError> {
    let (data, say) = (&model.figures, model.say);
    let drawable = FIGURES.iter().filter(|figure| (figure.is_drawable)(data));
    drawable.map(|figure| Ok((figure.name, (figure.draw)(data, say)?, (figure.csv)(data)))).collect()
}

/// The bars of the first page, the places of the sensors, and the exercise: vectors that only documents have, by their names.
///
/// # Errors
/// A fault of this program.
pub fn pictures(model: &ReportModel) -> Result<Vec<(String, String)>, ReportError> {
    let (data, say) = (&model.figures, model.say);
    let mut pictures = Vec::new();
    for (name, bullet) in &data.bars {
        pictures.push((name.clone(), bars::draw(bullet, say)?));
    }
    pictures.push((placement::NAME.to_owned(), draw_placement(say)?));
    pictures.push((body::HOME.to_owned(), body::draw_exercise(data, say)?));
    Ok(pictures)
}

/// The sparklines of a squad, by their names.
///
/// # Errors
/// A fault of this program.
pub fn sparks(model: &SquadModel) -> Result<Vec<(String, String)>, ReportError> {
    let rows = model.rows.iter().filter_map(|row| Some((row.spark.clone()?, &row.sparks)));
    rows.map(|(name, sparks)| Ok((name, spark::draw(sparks, model.knee_limit_mm)?))).collect()
}

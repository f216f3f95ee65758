//! Figures: final numbers in, plotters drawings out.

mod agreement;
mod canvas;
mod curves;
mod map;
mod scale;
mod values;

pub use agreement::{AgreementPanel, draw_agreement};

use crate::ReportError;
use crate::model::ReportModel;

/// A figure in every form.
#[derive(Clone, PartialEq, Debug)]
pub struct NamedFigure {
    /// Name, also of its files.
    pub name: &'static str,
    /// Vector form.
    pub svg: String,
    /// Picture, 300 dots per inch of its printed size.
    pub png: Vec<u8>,
    /// The numbers behind it.
    pub csv: String,
}

/// Draws all figures of a report.
///
/// # Errors
/// A fault of this program.
pub fn render_figures(model: &ReportModel) -> Result<Vec<NamedFigure>, ReportError> {
    svgs(model)?
        .into_iter()
        .map(|(name, svg, csv)| Ok(NamedFigure { name, png: canvas::rasterise(name, &svg)?, svg, csv }))
        .collect()
}

/// Name, vector form and numbers of each figure.
pub(crate) fn svgs(model: &ReportModel) -> Result<Vec<(&'static str, String, String)>, ReportError> {
    let data = &model.figures;
    Ok(vec![
        ("hinge_map", map::draw(data)?, map::csv(data)),
        ("values", values::draw(data)?, values::csv(data)),
        ("curves", curves::draw(data)?, curves::csv(data)),
    ])
}

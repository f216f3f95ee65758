//! Figures as pictures, for those who cannot use vectors.

use std::sync::Arc;

use resvg::{tiny_skia, usvg};

use super::svgs;
use crate::ReportError;
use crate::model::ReportModel;
use crate::theme::{FONT_NAME, FONT_REGULAR, FONT_SEMIBOLD};

/// Figure units (CSS pixels, 96 to the inch) to pixels of a 300 dpi picture.
const PNG_SCALE: f32 = 300.0 / 96.0;

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

/// Draws all figures of a report, each only where there is something to draw.
///
/// # Errors
/// A fault of this program.
pub fn render_figures(model: &ReportModel) -> Result<Vec<NamedFigure>, ReportError> {
    svgs(model)?
        .into_iter()
        .map(|(name, svg, csv)| Ok(NamedFigure { name, png: rasterise(name, &svg)?, svg, csv }))
        .collect()
}

/// A picture of a drawing, 300 dots per inch.
///
/// # Errors
/// A fault of this program.
pub fn rasterise(name: &'static str, svg: &str) -> Result<Vec<u8>, ReportError> {
    let failed = |reason: String| ReportError::Figure { figure: name, reason };
    let mut database = usvg::fontdb::Database::new();
    database.load_font_data(FONT_REGULAR.to_vec());
    database.load_font_data(FONT_SEMIBOLD.to_vec());
    let options =
        usvg::Options { fontdb: Arc::new(database), font_family: FONT_NAME.to_owned(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let size =
        tree.size().to_int_size().scale_by(PNG_SCALE).ok_or_else(|| failed("the figure has no size".to_owned()))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| failed("the figure is too large".to_owned()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(PNG_SCALE, PNG_SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| failed(error.to_string()))
}

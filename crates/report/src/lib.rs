//! # truehinge-report: analysis to figures and pages
//!
//! | step | module | in | out |
//! |---|---|---|---|
//! | 1 | [`model`] | analyses | every number, label and sentence the pages show |
//! | 2 | [`figure`] | the model | plotters drawings as SVG, PNG and the CSV behind them |
//! | 3 | [`pdf`] | the model and its figures | documents: summary, report, quality, home |
//! | 3 | [`html`] | the same | one page for a browser |
//! | | [`provenance`] | a document | what it was made from, as it is attached to it |
//! | | [`squad`] | several people's days | the sheet of a squad |
//!
//! Without the feature `pdf` there are the model, figures as vectors and the page for a browser alone; nothing links typst then.
//!
//! Depends on `truehinge-core` alone. Nothing is computed while drawing; equal models give equal bytes. Colours, marks and
//! fonts live in [`theme`] and nowhere else; [`font`] knows which letters can be drawn.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

#[cfg(feature = "pdf")]
mod attached;
pub mod figure;
pub mod font;
pub mod html;
pub mod model;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod provenance;
pub mod squad;
pub mod theme;

#[cfg(feature = "pdf")]
pub use attached::{NoProvenance, attached_to};
#[cfg(feature = "pdf")]
pub use figure::{NamedFigure, render_figures};
pub use html::render_html;
pub use model::{Content, ReportModel};
#[cfg(feature = "pdf")]
pub use pdf::{Document, Laid, Paper, PdfOptions, Pictures, lay_out, lay_out_squad};
pub use provenance::Provenance;
pub use squad::SquadModel;

use std::borrow::Cow;

use truehinge_core::Explained;

/// A report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A figure cannot be drawn; a fault of this program.
    #[error("figure {figure} cannot be drawn: {reason}")]
    Figure {
        /// Which figure.
        figure: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// The document cannot be laid out; a fault of the template.
    #[error("the document cannot be laid out: {reason}")]
    Document {
        /// What the typesetter said.
        reason: String,
    },
}

impl Explained for ReportError {
    fn code(&self) -> &'static str {
        match self {
            Self::Figure { .. } => "report_figure",
            Self::Document { .. } => "report_document",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some("report this: it is a defect of the program".into())
    }
}

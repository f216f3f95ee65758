//! The document: a typst template laid over the model, figures as vectors, fonts embedded, a fixed date.
//!
//! The model reaches the template as data (a JSON file of a virtual project), never as markup: a pseudonym or a remark that
//! looks like markup stays what it is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::Timestamp;

use crate::ReportError;
use crate::figure;
use crate::font::{BOOK, FONTS};
use crate::model::ReportModel;

const TEMPLATE: &str = include_str!("../templates/report.typ");
const MAIN: &str = "main.typ";

/// Paper sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paper {
    /// 210 x 297 mm.
    #[default]
    A4,
    /// 8.5 x 11 in.
    Letter,
}

/// How the document is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PdfOptions {
    /// Paper size.
    pub paper: Paper,
}

/// Lays out the report. Equal models give equal bytes.
///
/// # Errors
/// A fault of this program or its template.
pub fn render_pdf(model: &ReportModel, options: &PdfOptions) -> Result<Vec<u8>, ReportError> {
    let project = Project::new(model, *options)?;
    let document: PagedDocument = typst::compile(&project).output.map_err(|errors| said(&errors))?;
    let timestamp = model.date_parts.and_then(|(year, month, day)| {
        Datetime::from_ymd_hms(i32::try_from(year).ok()?, month, day, 0, 0, 0).map(Timestamp::new_utc)
    });
    let options = typst_pdf::PdfOptions {
        ident: Smart::Custom(format!("{}/{}", model.file_stem, model.footer)),
        creator: Smart::Custom(Some("truehinge".to_owned())),
        timestamp,
        ..typst_pdf::PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| said(&errors))
}

fn said(errors: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
    ReportError::Document { reason: messages.join("; ") }
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));

/// A project that exists in memory only: no file system, no network, no packages.
struct Project {
    main: FileId,
    source: Source,
    files: BTreeMap<String, Bytes>,
}

fn id(path: &str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(path).map_err(|error| ReportError::Document { reason: format!("{error:?}") })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl Project {
    fn new(model: &ReportModel, options: PdfOptions) -> Result<Self, ReportError> {
        let broken = |error: serde_json::Error| ReportError::Document { reason: error.to_string() };
        let mut files = BTreeMap::new();
        for (name, svg, _) in figure::svgs(model)? {
            files.insert(format!("{name}.svg"), Bytes::from_string(svg));
        }
        files.insert("model.json".to_owned(), Bytes::new(serde_json::to_vec(model).map_err(broken)?));
        let paper = match options.paper {
            Paper::A4 => "a4",
            Paper::Letter => "us-letter",
        };
        files.insert("page.json".to_owned(), Bytes::from_string(format!("{{\"paper\":\"{paper}\"}}")));
        let main = id(MAIN)?;
        Ok(Self { main, source: Source::new(main, TEMPLATE.to_owned()), files })
    }
}

impl World for Project {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main { Ok(self.source.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_without_slash();
        self.files.get(path).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

//! Documents: a typst template laid over a model, figures as vectors, fonts embedded, a fixed date, tagged for screen readers (PDF/UA-1).
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
use typst_pdf::{PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::ReportError;
use crate::figure;
use crate::model::ReportModel;
use crate::provenance;
use crate::squad::SquadModel;
use crate::theme::{FONT_REGULAR, FONT_SEMIBOLD};

/// The fonts of the document, in the order of the book.
static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| [FONT_REGULAR, FONT_SEMIBOLD].into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect());
/// What is known of them.
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Paper sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paper {
    /// 210 x 297 mm.
    #[default]
    A4,
    /// 8.5 x 11 in.
    Letter,
}

impl Paper {
    /// Its name on the command line and in provenance.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Letter => "letter",
        }
    }
}

/// How documents are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PdfOptions {
    /// Paper size.
    pub paper: Paper,
}

/// What is made of one person's sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Document {
    /// One page for the athlete.
    Summary,
    /// Everything, for the professional.
    Report,
    /// How good the data are.
    Quality,
    /// The exercise for home, with a diary.
    Home,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Summary, Self::Report, Self::Quality, Self::Home];

    /// End of its file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Report => "report",
            Self::Quality => "quality",
            Self::Home => "home",
        }
    }

    const fn template(self) -> &'static str {
        match self {
            Self::Summary => include_str!("../templates/summary.typ"),
            Self::Report => include_str!("../templates/report.typ"),
            Self::Quality => include_str!("../templates/quality.typ"),
            Self::Home => include_str!("../templates/home.typ"),
        }
    }
}

/// Of typography.
const POINTS_PER_INCH: f64 = 72.0;
const COMMON: &str = include_str!("../templates/common.typ");
const SQUAD: &str = include_str!("../templates/squad.typ");

/// What the figures of a model look like: drawn once, used by every document of it.
#[derive(Clone, Debug)]
pub struct Pictures {
    files: BTreeMap<String, Bytes>,
}

impl Pictures {
    /// Draws them.
    ///
    /// # Errors
    /// A fault of this program.
    pub fn of(model: &ReportModel) -> Result<Self, ReportError> {
        let mut files = BTreeMap::new();
        for (name, svg, _) in figure::svgs(model)? {
            files.insert(format!("{name}.svg"), Bytes::from_string(svg));
        }
        for (name, svg) in figure::pictures(model)? {
            files.insert(format!("{name}.svg"), Bytes::from_string(svg));
        }
        if let Some(logo) = &model.logo_file {
            files.insert(format!("logo.{}", logo.extension), Bytes::new(logo.bytes.clone()));
        }
        Ok(Self { files })
    }
}

/// A document that is laid out: what can be written of it. Equal models give equal bytes.
#[derive(Debug)]
pub struct Laid {
    made: PagedDocument,
    ident: String,
    date: Option<(i64, u8, u8)>,
}

impl Laid {
    /// Number of pages.
    pub fn pages(&self) -> usize {
        self.made.pages().len()
    }

    /// As a PDF.
    ///
    /// # Errors
    /// A fault of this program or its template.
    pub fn pdf(&self) -> Result<Vec<u8>, ReportError> {
        export(&self.made, self.ident.clone(), self.date)
    }

    /// Each page as a picture, PNG, with so many dots per inch.
    ///
    /// # Errors
    /// A fault of this program.
    pub fn pngs(&self, dots_per_inch: f64) -> Result<Vec<Vec<u8>>, ReportError> {
        let options =
            RenderOptions { pixel_per_pt: (dots_per_inch / POINTS_PER_INCH).into(), ..RenderOptions::default() };
        let png = |page| {
            let picture = typst_render::render(page, &options);
            picture.encode_png().map_err(|error| ReportError::Document { reason: error.to_string() })
        };
        self.made.pages().iter().map(png).collect()
    }
}

/// Lays out a document of one person.
///
/// # Errors
/// A fault of this program or its template.
pub fn lay_out(
    model: &ReportModel,
    pictures: &Pictures,
    document: Document,
    options: PdfOptions,
) -> Result<Laid, ReportError> {
    let made = compile(model, with_provenance(model, pictures, document, options)?, document.template(), options)?;
    let ident = format!("{}/{}/{}", document.name(), model.file_stem, model.footer);
    Ok(Laid { made, ident, date: model.date_parts })
}

/// Lays out the sheet of a squad.
///
/// # Errors
/// A fault of this program or its template.
pub fn lay_out_squad(model: &SquadModel, options: PdfOptions) -> Result<Laid, ReportError> {
    let files = figure::sparks(model)?
        .into_iter()
        .map(|(name, svg)| (format!("{name}.svg"), Bytes::from_string(svg)))
        .collect();
    let made = compile(model, files, SQUAD, options)?;
    Ok(Laid { made, ident: format!("squad/{}/{}", model.title, model.footer), date: model.date_parts })
}

/// The files of a document: its pictures, and what it is made from.
fn with_provenance(
    model: &ReportModel,
    pictures: &Pictures,
    document: Document,
    options: PdfOptions,
) -> Result<BTreeMap<String, Bytes>, ReportError> {
    let provenance = model.provenance.for_document(document.name(), options.paper.name());
    let mut files = pictures.files.clone();
    files.insert(
        provenance::FILE.to_owned(),
        Bytes::new(serde_json::to_vec_pretty(&provenance).map_err(|error| broken(&error))?),
    );
    Ok(files)
}

fn broken(error: &serde_json::Error) -> ReportError {
    ReportError::Document { reason: error.to_string() }
}

fn compile(
    model: &impl serde::Serialize,
    files: BTreeMap<String, Bytes>,
    template: &'static str,
    options: PdfOptions,
) -> Result<PagedDocument, ReportError> {
    let project = Project::new(model, files, template, options)?;
    typst::compile(&project).output.map_err(|errors| said(&errors))
}

fn export(document: &PagedDocument, ident: String, date: Option<(i64, u8, u8)>) -> Result<Vec<u8>, ReportError> {
    let timestamp = date.and_then(|(year, month, day)| {
        Datetime::from_ymd_hms(i32::try_from(year).ok()?, month, day, 0, 0, 0).map(Timestamp::new_utc)
    });
    let standards = PdfStandards::new(&[PdfStandard::Ua_1])
        .map_err(|reason| ReportError::Document { reason: reason.message().to_string() })?;
    let options = typst_pdf::PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("truehinge".to_owned())),
        timestamp,
        standards,
        ..typst_pdf::PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| said(&errors))
}

fn said(errors: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
    ReportError::Document { reason: messages.join("; ") }
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));

/// A project that exists in memory only: no file system, no network, no packages.
struct Project {
    main: FileId,
    sources: Vec<(FileId, Source)>,
    files: BTreeMap<String, Bytes>,
}

fn id(path: &str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(path).map_err(|error| ReportError::Document { reason: format!("{error:?}") })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl Project {
    fn new(
        model: &impl serde::Serialize,
        mut files: BTreeMap<String, Bytes>,
        template: &'static str,
        options: PdfOptions,
    ) -> Result<Self, ReportError> {
        let paper = match options.paper {
            Paper::A4 => "a4",
            Paper::Letter => "us-letter",
        };
        let page = serde_json::json!({ "paper": paper, "curves_half": figure::curves_half() });
        let page = serde_json::to_vec(&page).map_err(|error| broken(&error))?;
        let names: Vec<&String> = files.keys().collect();
        let names = serde_json::to_vec(&names).map_err(|error| broken(&error))?;
        files.insert("files.json".to_owned(), Bytes::new(names));
        files.insert("model.json".to_owned(), Bytes::new(serde_json::to_vec(model).map_err(|error| broken(&error))?));
        files.insert("page.json".to_owned(), Bytes::new(page));
        let (main, common) = (id("main.typ")?, id("common.typ")?);
        let source = |id, text: &str| (id, Source::new(id, text.to_owned()));
        Ok(Self { main, sources: vec![source(main, template), source(common, COMMON)], files })
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
        let found = self.sources.iter().find(|(of, _)| *of == id);
        found.map(|(_, source)| source.clone()).ok_or(FileError::NotSource)
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

//! What is attached to a PDF of this program, read back.

use std::borrow::Cow;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Stream, String as PdfString};
use truehinge_core::Explained;

use crate::provenance::{FILE, Provenance, SCHEMA};

/// Deepest tree of attachments that is followed: those of this program have one level.
const DEEPEST: usize = 4;
/// Largest attachment that is read; of a thousand sessions it has half a megabyte.
const MOST_BYTES: usize = 16 << 20;

/// Why a document says nothing of what it was made from.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoProvenance {
    /// It cannot be read as a PDF.
    #[error("this is no PDF, or a damaged one")]
    NoPdf,
    /// Nothing of the name is attached to it.
    #[error("nothing is attached to it that says what it was made from")]
    NotAttached,
    /// It is attached, but not as this version of the program writes it.
    #[error("what is attached to it cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl Explained for NoProvenance {
    fn code(&self) -> &'static str {
        match self {
            Self::NoPdf => "report_no_pdf",
            Self::NotAttached => "report_nothing_attached",
            Self::Unreadable { .. } => "report_attached_unreadable",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::NoPdf | Self::NotAttached => {
                "give a summary, report, quality or home PDF as it was made: printing it to a file again loses what is attached".into()
            }
            Self::Unreadable { .. } => "make the pages again from the recordings".into(),
        })
    }
}

/// What is attached to a document.
///
/// # Errors
/// [`NoProvenance`].
pub fn attached_to(document: Vec<u8>) -> Result<Provenance, NoProvenance> {
    let pdf = Pdf::new(document).map_err(|_| NoProvenance::NoPdf)?;
    let catalog: Option<Dict<'_>> = pdf.xref().get(pdf.xref().root_id());
    let names = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("Names"));
    let tree = names.and_then(|names| names.get::<Dict<'_>>("EmbeddedFiles")).ok_or(NoProvenance::NotAttached)?;
    let bytes = embedded(&tree, DEEPEST).ok_or(NoProvenance::NotAttached)?;
    let unreadable = |reason: String| NoProvenance::Unreadable { reason };
    if bytes.len() > MOST_BYTES {
        return Err(unreadable(format!("{} bytes are too many", bytes.len())));
    }
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => serde_json::from_value(value).map_err(|error| unreadable(error.to_string())),
        Some(other) => Err(unreadable(format!("its form is {other}, this program reads {SCHEMA}"))),
        None => Err(NoProvenance::NotAttached),
    }
}

/// The file of our name in a tree of names.
fn embedded(tree: &Dict<'_>, deepest: usize) -> Option<Vec<u8>> {
    if let Some(names) = tree.get::<Array<'_>>("Names") {
        let mut entries = names.flex_iter();
        while let Some(name) = entries.next::<PdfString<'_>>() {
            let file = entries.next::<Dict<'_>>()?;
            if name.as_bytes() == FILE.as_bytes() {
                let file = file.get::<Dict<'_>>("EF")?;
                return file.get::<Stream<'_>>("F")?.decoded().ok().map(Cow::into_owned);
            }
        }
    }
    let kids = tree.get::<Array<'_>>("Kids").filter(|_| deepest > 0)?;
    kids.iter::<Dict<'_>>().find_map(|kid| embedded(&kid, deepest - 1))
}

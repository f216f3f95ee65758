//! What pages look like, as the command line says it.

use std::path::Path;

use truehinge_core::words::Language;
use truehinge_dataset::atomic::sha256;
use truehinge_dataset::cards::Cards;
use truehinge_report::Paper;
use truehinge_report::model::{Against, Clinic, LengthUnit, Logo, Say};
use truehinge_report::provenance::StyleOf;

use super::settings::Settings;
use crate::Outcome;
use crate::args::{Compare, PageLanguage, Paper as PaperSize, StyleArgs, Units};
use crate::failure::Failure;

/// What pages look like.
#[derive(Clone, Debug)]
pub struct Style {
    /// Language and unit.
    pub say: Say,
    /// Paper.
    pub paper: Paper,
    /// What the last session is compared with.
    pub against: Against,
    /// Who hands them out.
    pub clinic: Clinic,
}

/// Largest logo: pages stay small.
const LOGO_BYTES: u64 = 2 << 20;

impl Style {
    /// As the command line says it, or the settings of the library; reads the logo.
    pub fn of(args: &StyleArgs, compare: Option<Compare>, cards: Option<&Cards>) -> anyhow::Result<Self> {
        let settings = Settings::of(cards)?;
        let path = args.logo.as_ref().or(settings.logo.as_ref());
        Ok(Self {
            say: Say {
                language: match args.language.or(settings.language).unwrap_or(PageLanguage::En) {
                    PageLanguage::En => Language::English,
                    PageLanguage::De => Language::German,
                },
                unit: match args.units.or(settings.units).unwrap_or(Units::Cm) {
                    Units::Cm => LengthUnit::Centimetres,
                    Units::Mm => LengthUnit::Millimetres,
                    Units::In => LengthUnit::Inches,
                },
            },
            paper: match args.paper.or(settings.paper).unwrap_or(PaperSize::A4) {
                PaperSize::A4 => Paper::A4,
                PaperSize::Letter => Paper::Letter,
            },
            against: match compare {
                None => Against::Baseline,
                Some(Compare::First) => Against::First,
                Some(Compare::Last) => Against::Last,
            },
            clinic: Clinic {
                name: args.clinic.clone().or(settings.clinic).unwrap_or_default(),
                logo: path.map(|path| logo(path)).transpose()?,
            },
        })
    }

    /// That of a document that says what it looks like; `None` if this program knows no such looks.
    pub fn of_document(style: &StyleOf, logo: Option<Logo>) -> Option<Self> {
        let units = [LengthUnit::Centimetres, LengthUnit::Millimetres, LengthUnit::Inches];
        Some(Self {
            say: Say {
                language: Language::ALL.into_iter().find(|language| language.code() == style.language)?,
                unit: units.into_iter().find(|unit| unit.symbol() == style.length_unit)?,
            },
            paper: [Paper::A4, Paper::Letter].into_iter().find(|paper| paper.name() == style.paper)?,
            against: Against::ALL.into_iter().find(|against| against.name() == style.compared_with)?,
            clinic: Clinic { name: style.clinic.clone(), logo },
        })
    }
}

/// Reads a logo.
///
/// # Errors
/// It is not there, too large, or no picture that pages can show.
pub fn logo(path: &Path) -> anyhow::Result<Logo> {
    let failed = |found: String, hint: &'static str| {
        Failure::new(Outcome::WrongUsage, "report_logo", format!("{}: {found}", path.display())).hint(hint)
    };
    let kind = "give a PNG, JPEG or SVG file of at most 2 MB";
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let extension = if extension == "jpeg" { "jpg".to_owned() } else { extension };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string(), "check the path"))?.len();
    if size > LOGO_BYTES {
        return Err(failed(format!("{size} bytes are too many for a logo"), kind).into());
    }
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string(), "check the path"))?;
    let is_what_it_says = match extension.as_str() {
        "png" => bytes.starts_with(b"\x89PNG"),
        "jpg" => bytes.starts_with(b"\xff\xd8"),
        "svg" => bytes.windows(4).take(4096).any(|four| four == b"<svg"),
        _ => false,
    };
    if !is_what_it_says {
        return Err(failed("is no picture of a kind that pages can show".to_owned(), kind).into());
    }
    Ok(Logo { extension, sha256: sha256(&bytes), bytes })
}

//! `pages.toml` of a library: what its pages look like unless the command line says otherwise.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use truehinge_dataset::cards::Cards;

use crate::Outcome;
use crate::args::{PageLanguage, Paper, Units};
use crate::failure::Failure;

/// Its name in the library.
const FILE: &str = "pages.toml";

/// What stands in it.
#[derive(Debug, Default)]
pub struct Settings {
    /// Who hands the pages out.
    pub clinic: Option<String>,
    /// Their logo.
    pub logo: Option<PathBuf>,
    /// Language.
    pub language: Option<PageLanguage>,
    /// Unit of lengths.
    pub units: Option<Units>,
    /// Paper size.
    pub paper: Option<Paper>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    clinic: Option<String>,
    logo: Option<PathBuf>,
    language: Option<String>,
    units: Option<String>,
    paper: Option<String>,
}

impl Settings {
    /// Of the library of these cards; nothing where there is no such file.
    pub fn of(cards: Option<&Cards>) -> anyhow::Result<Self> {
        let Some(library) = cards.and_then(Cards::library) else { return Ok(Self::default()) };
        let path = library.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::read(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(refused(&path, &error.to_string()).into()),
        }
    }

    fn read(path: &Path, text: &str) -> anyhow::Result<Self> {
        let Written { clinic, logo, language, units, paper } =
            toml::from_str(text).map_err(|error| refused(path, error.to_string().trim_end()))?;
        Ok(Self {
            clinic,
            logo: logo.map(|logo| path.with_file_name(logo)),
            language: language.map(|value| one_of(path, "language", &value)).transpose()?,
            units: units.map(|value| one_of(path, "units", &value)).transpose()?,
            paper: paper.map(|value| one_of(path, "paper", &value)).transpose()?,
        })
    }
}

fn one_of<T: ValueEnum>(path: &Path, key: &str, value: &str) -> anyhow::Result<T> {
    let known = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = known.map(|name| name.get_name().to_owned()).collect();
    T::from_str(value, false)
        .map_err(|_| refused(path, &format!("{key} = \"{value}\": it is one of {}", names.join(", "))).into())
}

fn refused(path: &Path, found: &str) -> Failure {
    Failure::new(Outcome::WrongUsage, "report_settings", format!("{}: {found}", path.display()))
        .hint("put the line right: clinic, logo, language, units and paper can stand there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_says_what_its_pages_look_like() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cards = Cards::of_library(folder.path());
        assert!(Settings::of(Some(&cards)).expect("nothing there").clinic.is_none());
        let write = |text: &str| std::fs::write(folder.path().join(FILE), text).expect("writes");
        write("clinic = \"Praxis\"\nlogo = \"logo.png\"\nlanguage = \"de\"\nunits = \"mm\"\npaper = \"letter\"\n");
        let read = Settings::of(Some(&cards)).expect("reads");
        assert_eq!(read.clinic.as_deref(), Some("Praxis"));
        assert_eq!(read.logo, Some(folder.path().join("logo.png")));
        assert_eq!(
            (read.language, read.units, read.paper),
            (Some(PageLanguage::De), Some(Units::Mm), Some(Paper::Letter))
        );
        for (text, named) in
            [("units = \"feet\"", "it is one of cm, mm, in"), ("clinc = \"x\"", "clinc"), ("a", "pages.toml")]
        {
            write(text);
            let error = Settings::of(Some(&cards)).expect_err("is refused").to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}

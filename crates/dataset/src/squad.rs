//! A squad from a table: a person a row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use truehinge_core::{AthleteCard, AthleteId, Explained, Facts, Injured, Length};

use crate::files::read_text;

/// Columns that a table of a squad may have; `id` is needed.
pub const COLUMNS: [&str; 9] =
    ["id", "height_cm", "shank_cm", "thigh_cm", "hip_width_cm", "mass_kg", "injured_side", "readiness", "squad"];

/// Why nothing is taken from a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SquadError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// Its header is not that of a squad.
    #[error("{}: {found}", path.display())]
    Header {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// A row that cannot be.
    #[error("{}: row {row}: {found}", path.display())]
    Row {
        /// Which file.
        path: PathBuf,
        /// 1-based, the header included, as a spreadsheet counts.
        row: usize,
        /// Column and value, and what is wrong with them.
        found: String,
    },
}

impl Explained for SquadError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "squad_io",
            Self::Header { .. } => "squad_header",
            Self::Row { .. } => "squad_row",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Io { .. } => None,
            Self::Header { .. } => Some(format!("name the columns {}; only id is needed", COLUMNS.join(", ")).into()),
            Self::Row { .. } => Some("correct the row; nothing of the table was taken".into()),
        }
    }
}

/// The cards that a table of a squad stands for, in its order. Columns are separated by commas, semicolons or tabs; with semicolons numbers may
/// have decimal commas.
///
/// # Errors
/// See [`SquadError`]: one bad row refuses the whole table.
pub fn read_squad(path: &Path) -> Result<Vec<AthleteCard>, SquadError> {
    let text = read_text(path).map_err(|source| SquadError::Io { path: path.to_owned(), source })?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter =
        *[b',', b';', b'\t'].iter().max_by_key(|d| first.bytes().filter(|b| b == *d).count()).unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let refused = |found: String| SquadError::Header { path: path.to_owned(), found };
    let header = reader.headers().map_err(|error| refused(error.to_string()))?.clone();
    check_header(&header).map_err(refused)?;
    let mut squad = Squad::default();
    for (index, record) in reader.records().enumerate() {
        let row = index + 2;
        let taken = record.map_err(|error| error.to_string()).and_then(|record| squad.take(&header, &record, row));
        taken.map_err(|found| SquadError::Row { path: path.to_owned(), row, found })?;
    }
    Ok(squad.cards)
}

fn check_header(header: &csv::StringRecord) -> Result<(), String> {
    let unknown = header.iter().find(|name| !COLUMNS.contains(name));
    let mut seen = BTreeSet::new();
    match (unknown, header.iter().find(|name| !seen.insert(*name))) {
        (Some(unknown), _) => Err(format!("there is a column \"{unknown}\", which is none of a squad")),
        (None, Some(twice)) => Err(format!("there are two columns \"{twice}\"")),
        _ if !seen.contains("id") => Err("there is no column id".to_owned()),
        _ => Ok(()),
    }
}

#[derive(Default)]
struct Squad {
    cards: Vec<AthleteCard>,
    /// Row of each person, by what others must not be called.
    rows: BTreeMap<String, usize>,
}

impl Squad {
    fn take(&mut self, header: &csv::StringRecord, record: &csv::StringRecord, row: usize) -> Result<(), String> {
        let cell = |name: &str| {
            let found = header.iter().position(|column| column == name).and_then(|index| record.get(index));
            found.filter(|text| !text.is_empty())
        };
        let id = cell("id").unwrap_or_default();
        let athlete = AthleteId::new(id).map_err(|error| format!("id {}", error.in_full()))?;
        if let Some(earlier) = self.rows.insert(athlete.folded(), row) {
            return Err(format!("id \"{athlete}\" is that of row {earlier}, or looks like it"));
        }
        let length = |name: &str| number(name, cell(name)).map(|cm| cm.map(|cm| Length::from_millimetres(10.0 * cm)));
        let facts = Facts {
            stature: length("height_cm")?,
            shank_length: length("shank_cm")?,
            thigh_length: length("thigh_cm")?,
            hip_width: length("hip_width_cm")?,
            mass_kg: number("mass_kg", cell("mass_kg"))?,
            injured_side: cell("injured_side").map(injured).transpose()?,
            readiness: cell("readiness").map(str::to_owned),
            squads: cell("squad").map(|squads| squads.split('|').map(|squad| squad.trim().to_owned()).collect()),
            ..Facts::default()
        };
        facts.check().map_err(|error| error.in_full())?;
        let mut card = AthleteCard { athlete, entries: Vec::new() };
        card.learn(None, &facts);
        self.cards.push(card);
        Ok(())
    }
}

fn number(name: &str, text: Option<&str>) -> Result<Option<f64>, String> {
    let Some(text) = text else { return Ok(None) };
    let number = text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(Some).ok_or_else(|| format!("{name} is \"{text}\", which is no number"))
}

fn injured(text: &str) -> Result<Injured, String> {
    let all = [Injured::Left, Injured::Right, Injured::Both, Injured::None];
    let known = all.into_iter().find(|side| side.name().eq_ignore_ascii_case(text));
    known.ok_or_else(|| format!("injured_side is \"{text}\", must be left, right, both or none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<AthleteCard>, SquadError> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("squad.csv");
        std::fs::write(&path, text).expect("writes");
        read_squad(&path)
    }

    #[test]
    fn a_table_of_a_squad_is_a_card_for_each_row() {
        for text in [
            "id,height_cm,shank_cm,squad\nP1,178.5,43,U18|first\nP2,,,\n",
            "\u{feff}squad;id;height_cm;shank_cm\r\nU18 | first;P1;178,5;43\r\n;P2;;\r\n",
        ] {
            let cards = read(text).expect("a squad");
            let facts = cards[0].facts();
            assert_eq!((cards.len(), cards[1].entries.len()), (2, 0), "{text}");
            assert!(facts.stature.is_some_and(|stature| (stature.millimetres() - 1785.0).abs() < 1e-9));
            assert_eq!(facts.squads, Some(["U18", "first"].map(str::to_owned).into()));
        }
    }

    #[test]
    fn one_bad_row_refuses_the_table_with_row_and_value() {
        for (text, code, named) in [
            ("id,height_cm\nP1,178\nP2,1.78\n", "squad_row", "row 3: stature is 0.0178 m"),
            ("id,height_cm\nP1,tall\n", "squad_row", "row 2: height_cm is \"tall\", which is no number"),
            ("id,height_cm\nP1,178\np1,180\n", "squad_row", "row 3: id \"p1\" is that of row 2"),
            ("id,height_cm\n,178\n", "squad_row", "row 2: id"),
            ("id,injured_side\nP1,upper\n", "squad_row", "injured_side is \"upper\""),
            ("id,height_cm\nP1\n", "squad_row", "row 2:"),
            ("name,height\nP1,178\n", "squad_header", "a column \"name\""),
            ("height_cm\n178\n", "squad_header", "no column id"),
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}

//! A row for each leg and session, with the repetitions side by side: what repeated-measures analyses in R and SPSS begin with.
//!
//! First the columns of the table `sides`, then for each repetition of the leg, in order of time, the columns of [`REPETITION`] with
//! `_r01`, `_r02`, ... behind their names, and last the version of the tables, as in each of them. As many repetitions have columns as the leg
//! with most has; others are empty there. Names are lower-case ASCII letters, digits and underscores, at most 64, beginning with a letter and
//! ending with none but these: SPSS takes them. Yes and no are 1 and 0.
//!
//! | file | what |
//! |---|---|
//! | `wide.csv` | the table |
//! | `wide_dictionary.csv` | every column: unit, type, decimals, meaning |
//! | `wide.sps` | SPSS (and PSPP) syntax that reads it, with types and labels |

use std::path::Path;

use truehinge_core::SessionAnalysis;

use super::{ExportError, Folder, Whole};
use crate::table::{
    Column, CsvLocale, Kind, Named, RepRow, Row, SCHEMA_VERSION, SideRow, Tabulate, VERSION_COLUMN, Value,
};

/// What stands of each repetition: columns of the table `reps`.
pub const REPETITION: [&str; 18] = [
    "set",
    "rep",
    "label",
    "probability",
    "excluded",
    "descent_s",
    "knee_forward_mm",
    "knee_forward_sigma_mm",
    "knee_forward_turn_mm",
    "knee_forward_turn_sigma_mm",
    "hip_back_mm",
    "hip_back_sigma_mm",
    "shank_tilt_deg",
    "shank_tilt_sigma_deg",
    "pelvis_tilt_deg",
    "pelvis_tilt_sigma_deg",
    "knee_flexion_deg",
    "knee_flexion_sigma_deg",
];

/// A column of the wide table.
struct Variable {
    name: String,
    column: Column,
    /// Of which repetition of the leg, from 1.
    rep: Option<usize>,
}

/// The table as text: cells by variables.
struct Wide {
    variables: Vec<Variable>,
    rows: Vec<Vec<String>>,
}

/// Writes the table of these sessions with what describes it.
///
/// # Errors
/// As [`Folder::commit`].
pub fn write<'a>(
    target: &Path,
    sessions: impl Iterator<Item = &'a SessionAnalysis>,
    locale: CsvLocale,
) -> Result<(), ExportError> {
    let wide = Wide::of(sessions);
    let mut folder = Folder::new(target, "wide", Whole::Yes)?;
    folder.write("wide.csv", wide.csv(locale))?;
    folder.write("wide_dictionary.csv", wide.dictionary(locale))?;
    folder.write("wide.sps", wide.syntax(locale))?;
    folder.commit().map(drop)
}

/// A stored value as its cell says it.
fn cell(column: &Column, value: Value<'_>) -> String {
    let mut text = String::new();
    let value = match value {
        Value::Bool(yes) => Value::Integer(i64::from(yes)),
        other => column.stored(other),
    };
    column.format(&value, &mut text);
    text
}

/// All cells of a row, with their columns.
fn cells<R: Row>(row: &R) -> Vec<(&'static Column, String)> {
    let mut columns = R::COLUMNS.iter();
    let mut cells = Vec::new();
    row.values(|value| cells.extend(columns.next().map(|column| (column, cell(column, value)))));
    cells
}

impl Wide {
    fn of<'a>(sessions: impl Iterator<Item = &'a SessionAnalysis>) -> Self {
        let mut legs: Vec<(SideRow, Vec<RepRow>)> = Vec::new();
        for analysis in sessions {
            let named = Named::plainly(analysis);
            let reps = RepRow::rows(&named);
            for leg in SideRow::rows(&named) {
                let own = reps.iter().filter(|rep| rep.side == leg.side).cloned().collect();
                legs.push((leg, own));
            }
        }
        let order = |leg: &SideRow| {
            (leg.athlete_id.clone(), leg.start_utc, leg.session.clone(), leg.session_id.clone(), leg.side)
        };
        legs.sort_by_key(|(leg, _)| order(leg));
        let most = legs.iter().map(|(_, reps)| reps.len()).max().unwrap_or(0);
        let of_rep: Vec<&Column> =
            REPETITION.iter().filter_map(|name| RepRow::COLUMNS.iter().find(|column| column.name == *name)).collect();
        let plain = |column: &Column| Variable { name: column.name.to_owned(), column: *column, rep: None };
        let mut variables: Vec<Variable> = SideRow::COLUMNS.iter().map(plain).collect();
        for rep in 1..=most {
            let named = |column: &&Column| Variable {
                name: format!("{}_r{rep:02}", column.name),
                column: **column,
                rep: Some(rep),
            };
            variables.extend(of_rep.iter().map(named));
        }
        variables.push(plain(&VERSION_COLUMN));
        let row = |(leg, reps): &(SideRow, Vec<RepRow>)| {
            let mut row: Vec<String> = cells(leg).into_iter().map(|(_, cell)| cell).collect();
            for rep in reps {
                let all = cells(rep);
                let found =
                    |column: &&Column| all.iter().find(|(of, _)| of.name == column.name).map(|(_, cell)| cell.clone());
                row.extend(of_rep.iter().filter_map(found));
            }
            row.resize(variables.len() - 1, String::new());
            row.push(cell(&VERSION_COLUMN, Value::Integer(SCHEMA_VERSION)));
            row
        };
        let rows = legs.iter().map(row).collect();
        Self { variables, rows }
    }

    fn csv(&self, locale: CsvLocale) -> Vec<u8> {
        let number = |(variable, cell): (&Variable, &String)| match variable.column.kind {
            Kind::Float if locale == CsvLocale::German => cell.replace('.', ","),
            _ => cell.clone(),
        };
        let rows = self.rows.iter().map(|row| self.variables.iter().zip(row).map(number).collect());
        csv(locale, [self.variables.iter().map(|variable| variable.name.clone()).collect()].into_iter().chain(rows))
    }

    fn dictionary(&self, locale: CsvLocale) -> Vec<u8> {
        let header = ["table", "column", "unit", "data_type", "decimals", "description", VERSION_COLUMN.name];
        let line = |variable: &Variable| {
            let Column { unit, kind, .. } = variable.column;
            let decimals = if kind == Kind::Float { unit.decimals.to_string() } else { String::new() };
            let version = SCHEMA_VERSION.to_string();
            let kind = if kind == Kind::Bool { Kind::Integer } else { kind };
            vec![
                "wide".into(),
                variable.name.clone(),
                unit.symbol.into(),
                kind.name().into(),
                decimals,
                variable.label(),
                version,
            ]
        };
        csv(locale, [header.map(str::to_owned).to_vec()].into_iter().chain(self.variables.iter().map(line)))
    }

    /// Syntax that reads the table where it lies, with types and labels.
    fn syntax(&self, locale: CsvLocale) -> String {
        let (decimal, separator) = match locale {
            CsvLocale::English => ("DOT", ","),
            CsvLocale::German => ("COMMA", ";"),
        };
        let width =
            |place: usize| self.rows.iter().filter_map(|row| row.get(place)).map(String::len).max().unwrap_or(0).max(1);
        let format = |place: usize, variable: &Variable| match variable.column.kind {
            Kind::Float => format!("F12.{}", variable.column.unit.decimals),
            Kind::Integer | Kind::Bool => "F8.0".to_owned(),
            _ => format!("A{}", width(place)),
        };
        let mut text = format!(
            "* Reads wide.csv, which lies in the same folder: set that folder with CD first.\nSET DECIMAL={decimal}.\n\
             GET DATA /TYPE=TXT /FILE='wide.csv' /ENCODING='UTF8' /ARRANGEMENT=DELIMITED /DELIMITERS='{separator}' /QUALIFIER='\"'\n  /FIRSTCASE=2 /VARIABLES=\n"
        );
        for (place, variable) in self.variables.iter().enumerate() {
            text += &format!("  {} {}\n", variable.name, format(place, variable));
        }
        text += "  .\n";
        for variable in &self.variables {
            text += &format!("VARIABLE LABELS {} '{}'.\n", variable.name, variable.label().replace('\'', "''"));
        }
        text + "EXECUTE.\n"
    }
}

impl Variable {
    /// What it means.
    fn label(&self) -> String {
        match self.rep {
            Some(rep) => format!("Repetition {rep} of the leg: {}", self.column.description),
            None => self.column.description.to_owned(),
        }
    }
}

fn csv(locale: CsvLocale, rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .delimiter(locale.separator())
        .from_writer(Vec::new());
    for row in rows {
        // Rows have one length, and memory takes all of them.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_repetition_is_one_of_its_table_and_spss_takes_every_name() {
        for name in REPETITION {
            assert!(RepRow::COLUMNS.iter().any(|column| column.name == name), "{name}");
        }
        let names = SideRow::COLUMNS.iter().map(|column| column.name.to_owned());
        for name in names.chain(REPETITION.iter().map(|name| format!("{name}_r99"))) {
            let legal = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            assert!(
                legal && name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('_'),
                "{name}"
            );
        }
    }
}

//! Declared columns: name, unit, type and description in one place, from which data frame and dictionary are made.

use polars::prelude::{Column as Series, DataFrame, NamedFrom, PolarsResult, Series as PolarsSeries};

/// One value.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Words.
    Text(Option<String>),
    /// A number, rounded to this many decimals when stored.
    Float(Option<f64>, u32),
    /// A count.
    Integer(Option<i64>),
    /// Yes or no.
    Bool(Option<bool>),
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// Length in mm: a hundredth.
    pub fn mm(value: impl Into<Option<f64>>) -> Self {
        Self::Float(value.into(), 2)
    }

    /// Angle in degrees: a thousandth.
    pub fn deg(value: impl Into<Option<f64>>) -> Self {
        Self::Float(value.into(), 3)
    }

    /// Time in seconds: a tenth of a millisecond.
    pub fn seconds(value: impl Into<Option<f64>>) -> Self {
        Self::Float(value.into(), 4)
    }

    /// A probability or share.
    pub fn share(value: impl Into<Option<f64>>) -> Self {
        Self::Float(value.into(), 4)
    }

    /// A count.
    pub fn count(value: impl TryInto<i64>) -> Self {
        Self::Integer(value.try_into().ok())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Float(..) => "float",
            Self::Integer(_) => "integer",
            Self::Bool(_) => "boolean",
        }
    }
}

/// A line of the data dictionary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Describe {
    /// Which table.
    pub table: &'static str,
    /// Which column.
    pub column: String,
    /// Its unit, empty for words and counts.
    pub unit: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// What it means.
    pub description: String,
}

/// A declared column and its values.
struct Column {
    name: String,
    unit: &'static str,
    description: String,
    /// Says the type of an empty column.
    sample: Cell,
    values: Vec<Cell>,
}

/// A table under construction.
#[derive(Default)]
pub struct Frame {
    columns: Vec<Column>,
}

impl Frame {
    /// Declares a column: its name with the unit in it, the unit, what it means, and how to get it from a row. `sample` gives
    /// the type when there is no row.
    pub fn column<R>(
        &mut self,
        rows: &[R],
        (name, unit, description): (impl Into<String>, &'static str, impl Into<String>),
        sample: Cell,
        get: impl Fn(&R) -> Cell,
    ) {
        let values = rows.iter().map(get).collect();
        self.columns.push(Column { name: name.into(), unit, description: description.into(), sample, values });
    }

    /// The dictionary's lines.
    pub fn describe(&self, table: &'static str) -> Vec<Describe> {
        self.columns
            .iter()
            .map(|column| Describe {
                table,
                column: column.name.clone(),
                unit: column.unit,
                kind: column.sample.kind(),
                description: column.description.clone(),
            })
            .collect()
    }

    /// The table as polars has it.
    pub fn to_polars(&self) -> PolarsResult<DataFrame> {
        DataFrame::new_infer_height(self.columns.iter().map(Column::series).collect())
    }
}

impl Column {
    fn series(&self) -> Series {
        let name = self.name.as_str().into();
        match self.sample {
            Cell::Text(_) => PolarsSeries::new(name, self.values.iter().map(text_of).collect::<Vec<_>>()),
            Cell::Float(..) => PolarsSeries::new(name, self.values.iter().map(float_of).collect::<Vec<_>>()),
            Cell::Integer(_) => PolarsSeries::new(name, self.values.iter().map(integer_of).collect::<Vec<_>>()),
            Cell::Bool(_) => PolarsSeries::new(name, self.values.iter().map(bool_of).collect::<Vec<_>>()),
        }
        .into()
    }
}

fn text_of(cell: &Cell) -> Option<String> {
    if let Cell::Text(text) = cell { text.as_deref().map(guarded) } else { None }
}

/// Not a number is missing, and so is infinity; rounding removes digits that mean nothing.
fn float_of(cell: &Cell) -> Option<f64> {
    let Cell::Float(value, decimals) = cell else { return None };
    let scale = 10_f64.powi(i32::try_from(*decimals).unwrap_or(0));
    // Adding zero turns -0 into 0.
    value.filter(|v| v.is_finite()).map(|v| (v * scale).round() / scale + 0.0)
}

fn integer_of(cell: &Cell) -> Option<i64> {
    if let Cell::Integer(value) = cell { *value } else { None }
}

fn bool_of(cell: &Cell) -> Option<bool> {
    if let Cell::Bool(value) = cell { *value } else { None }
}

/// Words that a spreadsheet would take for a formula get an apostrophe before them.
pub fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_rounded() {
        assert_eq!(guarded("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(guarded("left knee"), "left knee");
        assert_eq!(float_of(&Cell::mm(12.345_678)), Some(12.35));
        assert_eq!(float_of(&Cell::mm(-0.001)).map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert_eq!(float_of(&Cell::mm(f64::NAN)), None);
    }
}

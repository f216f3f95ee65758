//! The small tables of a data set: people, sessions, events.

use std::path::{Path, PathBuf};

use super::DEPTH;
use crate::import::ImportError;
use crate::import::cells::number;
use crate::import::files::file_name;
use crate::import::text::Text;
use crate::table::unguarded;

/// A tab-separated table with a line of names.
pub(super) struct Table {
    names: Vec<String>,
    lines: Vec<String>,
}

/// A line of it.
pub(super) struct Row {
    names: Vec<String>,
    cells: Vec<String>,
}

impl Table {
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let text = Text::read(path)?;
        let mut lines = text.lines().map(|line| String::from_utf8_lossy(line).into_owned());
        let names = lines.next().unwrap_or_default().split('\t').map(str::to_owned).collect();
        Ok(Self { names, lines: lines.filter(|line| !line.trim().is_empty()).collect() })
    }

    pub fn rows(&self) -> impl Iterator<Item = Row> {
        self.lines
            .iter()
            .map(|line| Row { names: self.names.clone(), cells: line.split('\t').map(str::to_owned).collect() })
    }

    /// The line that has this in a column.
    pub fn row(&self, column: &str, value: &str) -> Option<Row> {
        self.rows().find(|row| row.cell(column) == Some(value))
    }
}

impl Row {
    /// What stands in a column, unless nothing does.
    pub fn cell(&self, column: &str) -> Option<&str> {
        let place = self.names.iter().position(|name| name == column)?;
        self.cells.get(place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty() && *cell != "n/a")
    }

    /// The same as somebody's words.
    pub fn words(&self, column: &str) -> Option<String> {
        self.cell(column).map(|cell| unguarded(cell).to_owned())
    }

    pub fn number(&self, column: &str) -> Option<f64> {
        number(self.cell(column)?.as_bytes(), b'.').filter(|value| value.is_finite())
    }

    /// All of it, for messages.
    pub fn line(&self) -> String {
        self.cells.join(" ").chars().take(120).collect()
    }
}

/// A file of the data set that lies in one of the folders above one of its tables.
pub(super) fn above(path: &Path, name: &str) -> Option<PathBuf> {
    path.ancestors().skip(1).take(DEPTH + 1).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The same, read.
pub(super) fn table_above(path: &Path, name: &str) -> Option<Table> {
    Table::read(&above(path, name)?).ok()
}

/// `sub-01` of `sub-01_task-hinge_motion.tsv`.
pub(super) fn subject(path: &Path) -> Option<String> {
    file_name(path).split('_').find(|part| part.starts_with("sub-")).map(str::to_owned)
}

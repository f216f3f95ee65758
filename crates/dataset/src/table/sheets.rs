//! All tables of many sessions at once, fed session by session: no table, and no analysis but the one at hand, has to fit in memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::column::Row;
#[cfg(feature = "polars")]
use super::parquet::ParquetSheet;
use super::rows::{
    AthleteRow, BudgetRow, CurveRow, EventRow, EvidenceRow, QualityRow, RepMetricRow, RepRow, SessionRow, SetRow,
    SideRow,
};
use super::sheet::{CsvSheet, Sheet};
use super::tabulate::{Athlete, Named, Tabulate};
use super::{Layout, Stage, TableError, TableFormats};

/// Where a table is written, and which forms of it.
#[derive(Clone, Copy)]
struct Place<'a> {
    stage: &'a Stage,
    formats: TableFormats,
    /// Its number, of a table in parts.
    part: Option<usize>,
}

impl Place<'_> {
    /// Below the folder of the tables.
    fn name(&self, table: &str, extension: &str) -> PathBuf {
        match self.part {
            None => format!("{table}.{extension}").into(),
            Some(number) => Path::new(table).join(format!("part-{number:05}.{extension}")),
        }
    }
}

/// A table that is being written, in all its forms.
struct Table<R> {
    sheets: Vec<Box<dyn Sheet<R> + Send>>,
    /// What is named where it cannot be written.
    path: PathBuf,
}

impl<R: Row + Send + 'static> Table<R> {
    fn new(place: Place<'_>) -> Result<Self, TableError> {
        let csv = place.name(R::TABLE, "csv");
        let mut table = Self { sheets: Vec::new(), path: place.stage.target().join(&csv) };
        if place.part.is_none() && place.formats.has_csv(R::TABLE) {
            table.begin(place, &csv, |path| Ok(Box::new(CsvSheet::new(path, place.formats.locale)?)))?;
        }
        #[cfg(feature = "polars")]
        if place.formats.parquet {
            let parquet = place.name(R::TABLE, "parquet");
            table.begin(place, &parquet, |path| Ok(Box::new(ParquetSheet::new(path)?)))?;
        }
        Ok(table)
    }

    fn begin(
        &mut self,
        place: Place<'_>,
        name: &Path,
        sheet: impl FnOnce(&Path) -> io::Result<Box<dyn Sheet<R> + Send>>,
    ) -> Result<(), TableError> {
        self.path = place.stage.target().join(name);
        let path = place.stage.folder().join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| sheet(&path));
        self.sheets.push(made.map_err(|source| TableError::Io { path: self.path.clone(), source })?);
        Ok(())
    }

    fn push(&mut self, row: &R) -> Result<(), TableError> {
        let pushed = self.sheets.iter_mut().try_for_each(|sheet| sheet.push(row));
        pushed.map_err(|source| TableError::Io { path: self.path.clone(), source })
    }

    fn finish(self) -> Result<(), TableError> {
        let finished = self.sheets.into_iter().try_for_each(Sheet::finish);
        finished.map_err(|source| TableError::Io { path: self.path, source })
    }
}

/// A table of any rows.
trait Open: Send {
    fn add(&mut self, sessions: &[Named<'_>]) -> Result<(), TableError>;
    fn finish(self: Box<Self>) -> Result<(), TableError>;
}

impl<R: Tabulate + Send + 'static> Open for Table<R> {
    fn add(&mut self, sessions: &[Named<'_>]) -> Result<(), TableError> {
        sessions.iter().flat_map(R::rows).try_for_each(|row| self.push(&row))
    }

    fn finish(self: Box<Self>) -> Result<(), TableError> {
        Self::finish(*self)
    }
}

/// People: a row when the sessions of one are over.
struct People {
    table: Table<AthleteRow>,
    current: Option<Athlete>,
}

impl Open for People {
    fn add(&mut self, sessions: &[Named<'_>]) -> Result<(), TableError> {
        for named in sessions {
            match self.current.as_mut().filter(|athlete| athlete.is_of(named)) {
                Some(athlete) => athlete.add(named),
                None => {
                    if let Some(athlete) = self.current.replace(Athlete::new(named)) {
                        self.table.push(&athlete.row())?;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), TableError> {
        if let Some(athlete) = self.current.take() {
            self.table.push(&athlete.row())?;
        }
        self.table.finish()
    }
}

/// All tables that are made from sessions.
pub struct Sheets<'a> {
    stage: &'a Stage,
    formats: TableFormats,
    people: Box<dyn Open>,
    tables: Vec<Box<dyn Open>>,
    /// Sessions in the part that is being written, and which it is.
    in_part: usize,
    part: usize,
}

impl<'a> Sheets<'a> {
    /// Begins all tables.
    pub fn new(stage: &'a Stage, formats: TableFormats) -> Result<Self, TableError> {
        let part = 1;
        let place = Place { stage, formats, part: None };
        let people = Box::new(People { table: Table::new(place)?, current: None });
        let tables = begin(&Place { part: formats.layout.in_parts().map(|_| part), ..place })?;
        Ok(Self { stage, formats, people, tables, in_part: 0, part })
    }

    /// Adds sessions, those of a person one after the other. Each table is written by a thread of its own, where there are any.
    pub fn add(&mut self, mut sessions: &[Named<'_>]) -> Result<(), TableError> {
        while !sessions.is_empty() {
            let free = match self.formats.layout.in_parts() {
                Some(most) if self.in_part == most => {
                    self.next_part()?;
                    most
                }
                Some(most) => most - self.in_part,
                None => sessions.len(),
            };
            let (now, later) = sessions.split_at(free.min(sessions.len()));
            self.people.add(now)?;
            self.tables.par_iter_mut().try_for_each(|table| table.add(now))?;
            self.in_part += now.len();
            sessions = later;
        }
        Ok(())
    }

    fn next_part(&mut self) -> Result<(), TableError> {
        self.part += 1;
        self.in_part = 0;
        let place = Place { stage: self.stage, formats: self.formats, part: Some(self.part) };
        std::mem::replace(&mut self.tables, begin(&place)?).into_iter().try_for_each(Open::finish)
    }

    /// Writes what is still held back.
    pub fn finish(self) -> Result<(), TableError> {
        self.people.finish()?;
        self.tables.into_iter().try_for_each(Open::finish)
    }
}

fn begin(place: &Place<'_>) -> Result<Vec<Box<dyn Open>>, TableError> {
    fn table<R: Tabulate + Send + 'static>(place: &Place<'_>) -> Result<Box<dyn Open>, TableError> {
        Ok(Box::new(Table::<R>::new(*place)?))
    }
    let all = [
        table::<SessionRow>,
        table::<SideRow>,
        table::<SetRow>,
        table::<RepRow>,
        table::<RepMetricRow>,
        table::<BudgetRow>,
        table::<EvidenceRow>,
        table::<CurveRow>,
        table::<EventRow>,
        table::<QualityRow>,
    ];
    all.into_iter().map(|table| table(place)).collect()
}

impl Layout {
    /// Sessions of a part.
    const fn in_parts(self) -> Option<usize> {
        match self {
            Self::Whole => None,
            #[cfg(feature = "polars")]
            Self::Parts => Some(SESSIONS_OF_A_PART),
        }
    }
}

/// Sessions of a part: few enough that a part is read at once, and enough that a hundred thousand are some hundred files.
#[cfg(feature = "polars")]
const SESSIONS_OF_A_PART: usize = 500;

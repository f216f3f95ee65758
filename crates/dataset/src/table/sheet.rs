//! Rows to bytes: one sheet per file format, fed row by row so that a table never has to fit in memory.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::path::Path;

use super::column::{Column, CsvLocale, Row, SCHEMA_VERSION, VERSION_COLUMN, Value};

/// All columns of a table in order, with the version.
pub fn columns<R: Row>() -> impl Iterator<Item = &'static Column> {
    R::COLUMNS.iter().chain([&VERSION_COLUMN])
}

/// A file that rows are put into.
pub trait Sheet<R: Row> {
    /// Adds a row.
    fn push(&mut self, row: &R) -> io::Result<()>;
    /// Writes what is still held back.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// UTF-8, LF; quotes only where needed; every number with its column's decimals.
pub struct CsvSheet<R> {
    writer: csv::Writer<File>,
    locale: CsvLocale,
    field: String,
    rows: PhantomData<R>,
}

impl<R: Row> CsvSheet<R> {
    /// Writes the header.
    pub fn new(path: &Path, locale: CsvLocale) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .delimiter(locale.separator())
            .from_writer(File::create(path)?);
        writer.write_record(columns::<R>().map(|column| column.name)).map_err(told)?;
        Ok(Self { writer, locale, field: String::new(), rows: PhantomData })
    }
}

/// What the file system said, as it said it: a full disk stays one.
fn told(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<R: Row> Sheet<R> for CsvSheet<R> {
    fn push(&mut self, row: &R) -> io::Result<()> {
        let mut columns = columns::<R>();
        let mut outcome = Ok(());
        let mut write = |value: Value<'_>| {
            if let (Some(column), Ok(())) = (columns.next(), &outcome) {
                self.field.clear();
                let value = column.stored(value);
                column.format(&value, &mut self.field);
                if self.locale == CsvLocale::German && matches!(value, Value::Float(_)) {
                    self.field = self.field.replace('.', ",");
                }
                outcome = self.writer.write_field(&self.field);
            }
        };
        row.values(&mut write);
        write(Value::Integer(SCHEMA_VERSION));
        outcome.map_err(told)?;
        // An empty record ends the line of fields written one by one.
        self.writer.write_record(None::<&[u8]>).map_err(told)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_data()
    }
}

//! Which folder the tables of one session go to: that of its name, unless another recording's tables are there.

use std::path::{Path, PathBuf};

use truehinge_core::SessionAnalysis;
use truehinge_core::id::short_hash;

use super::column::{CsvLocale, Row, unguarded};
use super::rows::SessionRow;
use crate::files::read_text;
use crate::names::other_case;

/// The folder below `out` for the tables of a session; that of the same recording if it was written before.
pub fn of(out: &Path, analysis: &SessionAnalysis) -> PathBuf {
    let name = analysis.info.session.file_name();
    if is_free(out, &name, analysis) {
        return out.join(name);
    }
    let info = &analysis.info;
    let hash = short_hash([info.athlete.as_str(), info.session.as_str(), &analysis.provenance.content_sha256]);
    out.join(format!("{name}-{hash}"))
}

fn is_free(out: &Path, name: &str, analysis: &SessionAnalysis) -> bool {
    let table = out.join(name).join(format!("{}.csv", SessionRow::TABLE));
    !other_case(out, name) && (!table.exists() || is_of(&table, analysis).unwrap_or(false))
}

/// Whether a table of sessions, of this or an earlier version, is that of this person, session and recording. Earlier ones do not say
/// which recording.
fn is_of(table: &Path, analysis: &SessionAnalysis) -> Option<bool> {
    let text = read_text(table).ok()?;
    let separator = CsvLocale::of_header(text.lines().next()?.as_bytes()).separator();
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let row = reader.records().next()?.ok()?;
    let cell = |name: &str| row.get(header.iter().position(|column| column == name)?).map(unguarded);
    let (info, content) = (&analysis.info, analysis.provenance.content_sha256.as_str());
    Some(
        cell("athlete_id")? == info.athlete.as_str()
            && cell("session").or(cell("session_id"))? == info.session.as_str()
            && cell("content_sha256").is_none_or(|found| found == content),
    )
}

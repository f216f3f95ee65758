//! Many sessions to one set of tables.

use std::path::Path;
use std::sync::Arc;

use truehinge_core::{AthleteId, SessionAnalysis};

use super::rows::Failure;
use super::tabulate::Named;
use super::{TableError, TableFormats, write_csv, write_tables};
use crate::atomic::sha256;

/// What a session brings into a [`TableSet`].
#[derive(Clone, Debug)]
pub struct SessionTables {
    analysis: SessionAnalysis,
    /// Tells recordings of equal names and equal data apart.
    source: String,
    /// Other files with the same recording.
    copies: Vec<String>,
}

impl SessionTables {
    /// Takes what the tables need of an analysis. `source` is the file or folder it came from; `copies` are others with the same
    /// recording, which are left out.
    pub fn new(analysis: SessionAnalysis, source: &str, copies: Vec<String>) -> Self {
        Self { analysis, source: source.to_owned(), copies }
    }
}

impl From<&SessionAnalysis> for SessionTables {
    fn from(analysis: &SessionAnalysis) -> Self {
        Self { analysis: analysis.clone(), source: String::new(), copies: Vec::new() }
    }
}

/// Tables of many sessions. The order in which sessions are added leaves no trace in the files.
///
/// It holds the analyses, about 50 kB for a session of ten repetitions; rows are made while writing, one session at a time.
#[derive(Clone, Debug, Default)]
pub struct TableSet {
    sessions: Vec<SessionTables>,
}

/// What [`TableSet::write`] did beyond the plain case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Sessions in the tables.
    pub sessions: usize,
    /// Recordings of one person that shared a session name, and the name each got.
    pub renamed: Vec<Renamed>,
    /// Sessions left out because the same analysis was added more than once.
    pub repeated: usize,
}

/// A session that is in the tables under another name, because its own is not unique.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renamed {
    /// Pseudonym of the person.
    pub athlete_id: String,
    /// Name of the session.
    pub session: String,
    /// File or folder it came from.
    pub source: String,
    /// What it is called in the column `session`.
    pub renamed: String,
}

impl TableSet {
    /// Adds a session: a `&SessionAnalysis`, or [`SessionTables`] where the source is known.
    pub fn push(&mut self, session: impl Into<SessionTables>) {
        self.sessions.push(session.into());
    }

    /// Number of sessions added.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether no session was added.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Writes all tables in all formats, `failures.csv` and `data_dictionary.csv` into a folder; each file appears whole or
    /// not at all, and replaces an older one.
    ///
    /// Sessions are in order of person and name. Recordings of one person under one session name get the first eight digits
    /// of their input's hash after the name, so that the keys stay unique; an analysis added twice is written once.
    ///
    /// # Errors
    /// [`TableError::Io`]: the file system said no.
    pub fn write(&self, folder: &Path, failures: &[Failure]) -> Result<Written, TableError> {
        self.write_as(folder, failures, TableFormats::ALL)
    }

    /// As [`Self::write`], in chosen formats. Files of a format that is not chosen are left as they are.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_as(&self, folder: &Path, failures: &[Failure], formats: TableFormats) -> Result<Written, TableError> {
        let (named, written) = self.named();
        write_tables(folder, formats, &named)?;
        let mut failures = failures.to_vec();
        failures.sort_by(|a, b| (&a.source, &a.code, &a.reason).cmp(&(&b.source, &b.code, &b.reason)));
        failures.dedup();
        write_csv(folder, formats.locale, failures)?;
        Ok(written)
    }

    /// The sessions in order, under unique names.
    fn named(&self) -> (Vec<Named<'_>>, Written) {
        let mut sessions: Vec<&SessionTables> = self.sessions.iter().collect();
        sessions.sort_by_key(|session| session.key());
        let (mut named, mut written) = (Vec::with_capacity(sessions.len()), Written::default());
        for group in sessions.chunk_by(|a, b| a.key() == b.key()) {
            let group = distinct(group);
            for (session, name) in &group {
                if group.len() > 1 {
                    written.renamed.push(Renamed {
                        athlete_id: session.analysis.info.athlete.to_string(),
                        session: session.analysis.info.session.to_string(),
                        source: session.source.clone(),
                        renamed: name.clone(),
                    });
                }
                named.push(Named {
                    session: Arc::from(name.as_str()),
                    copies: &session.copies,
                    ..Named::plainly(&session.analysis)
                });
            }
        }
        written.sessions = named.len();
        written.repeated = sessions.len() - named.len();
        (named, written)
    }
}

impl SessionTables {
    fn key(&self) -> (&AthleteId, &str) {
        (&self.analysis.info.athlete, self.analysis.info.session.as_str())
    }

    fn input(&self) -> &str {
        &self.analysis.provenance.input_sha256
    }

    /// Hash of everything the analysis says. It has no map with keys other than text, so it always serialises.
    fn content(&self) -> String {
        sha256(&serde_json::to_vec(&self.analysis).unwrap_or_default())
    }
}

/// Different analyses of one person and one session name, in order of their input, each with a name of its own: the start
/// of the input's hash tells them apart, and where even the input is the same, a number does.
fn distinct<'a>(group: &[&'a SessionTables]) -> Vec<(&'a SessionTables, String)> {
    let own_name = |session: &SessionTables| session.analysis.info.session.to_string();
    if let [only] = group {
        return vec![(only, own_name(only))];
    }
    let mut sorted: Vec<(&SessionTables, String)> = group.iter().map(|session| (*session, session.content())).collect();
    sorted.sort_by(|(a, a_content), (b, b_content)| {
        (a.input(), a_content, &a.source).cmp(&(b.input(), b_content, &b.source))
    });
    sorted.dedup_by(|a, b| a.1 == b.1);
    if let [(only, _)] = sorted.as_slice() {
        return vec![(only, own_name(only))];
    }
    let mut distinct: Vec<(&SessionTables, String)> = Vec::with_capacity(sorted.len());
    for (session, _) in sorted {
        let name = format!("{}-{}", own_name(session), session.input().get(..8).unwrap_or("copy"));
        let taken = |name: &String| distinct.iter().any(|(_, taken)| taken == name);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or_default();
        distinct.push((session, free));
    }
    distinct
}

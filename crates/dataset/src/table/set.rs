//! Many sessions to one set of tables.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use truehinge_core::SessionAnalysis;

use super::rows::Failure;
use super::sheets::Sheets;
use super::stage::Stage;
use super::tabulate::Named;
use super::{TableError, TableFormats, write_beside};
use crate::atomic::sha256;

/// Sessions that are in memory at once while tables are written.
const AT_ONCE: usize = 32;

/// Sessions that tables are made of, given one by one, each as often as it is asked for.
pub trait Sessions: Sync {
    /// Why one cannot be given.
    type Error: From<TableError> + Send;

    /// How many there are.
    fn count(&self) -> usize;

    /// Whose a session is, and what it is called.
    fn who(&self, index: usize) -> (&str, &str);

    /// A session.
    ///
    /// # Errors
    /// It cannot be given: no table is written then.
    fn session(&self, index: usize) -> Result<SessionTables<'_>, Self::Error>;
}

/// What a session brings into tables.
#[derive(Clone, Debug)]
pub struct SessionTables<'a> {
    analysis: Cow<'a, SessionAnalysis>,
    /// Tells recordings of equal names and equal data apart.
    source: String,
    /// Other files with the same recording.
    copies: Vec<String>,
}

impl SessionTables<'_> {
    /// Takes what the tables need of an analysis. `source` is the file or folder it came from; `copies` are others with the same
    /// recording, which are left out.
    pub fn new(analysis: SessionAnalysis, source: &str, copies: Vec<String>) -> Self {
        Self { analysis: Cow::Owned(analysis), source: source.to_owned(), copies }
    }
}

impl From<&SessionAnalysis> for SessionTables<'static> {
    fn from(analysis: &SessionAnalysis) -> Self {
        Self { analysis: Cow::Owned(analysis.clone()), source: String::new(), copies: Vec::new() }
    }
}

/// Tables of sessions that are all in memory, about 50 kB each. The order in which sessions are added leaves no trace in the files.
#[derive(Clone, Debug, Default)]
pub struct TableSet {
    sessions: Vec<SessionTables<'static>>,
}

/// What [`write_sessions`] did beyond the plain case.
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
    pub fn push(&mut self, session: impl Into<SessionTables<'static>>) {
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

    /// As [`write_sessions`], in all formats.
    ///
    /// # Errors
    /// [`TableError::Io`]: the file system said no.
    pub fn write(&self, folder: &Path, failures: &[Failure]) -> Result<Written, TableError> {
        self.write_as(folder, failures, TableFormats::ALL)
    }

    /// As [`Self::write`], in chosen formats.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_as(&self, folder: &Path, failures: &[Failure], formats: TableFormats) -> Result<Written, TableError> {
        write_sessions(self, failures, Stage::new(folder, folder)?, formats)
    }
}

impl Sessions for TableSet {
    type Error = TableError;

    fn count(&self) -> usize {
        self.sessions.len()
    }

    fn who(&self, index: usize) -> (&str, &str) {
        let info = &self.sessions[index].analysis.info;
        (info.athlete.as_str(), info.session.as_str())
    }

    fn session(&self, index: usize) -> Result<SessionTables<'_>, TableError> {
        let SessionTables { analysis, source, copies } = &self.sessions[index];
        Ok(SessionTables { analysis: Cow::Borrowed(analysis), source: source.clone(), copies: copies.clone() })
    }
}

/// Writes all tables, `failures.csv` and `data_dictionary.csv`. They replace those of an earlier run, all together, when all of them are
/// whole; tables of other formats or another layout that are there are removed.
///
/// Sessions are in order of person and name. Recordings of one person under one session name get the first eight digits of their
/// input's hash after the name, so that the keys stay unique; an analysis that is there twice is written once. Neither the order in which
/// sessions are given nor the number of threads leaves a trace in the files.
///
/// # Errors
/// Of the sessions; [`TableError::Io`]: the file system said no. Earlier tables stay as they were then.
pub fn write_sessions<S: Sessions>(
    sessions: &S,
    failures: &[Failure],
    stage: Stage,
    formats: TableFormats,
) -> Result<Written, S::Error> {
    let (named, written) = named(sessions)?;
    let mut sheets = Sheets::new(&stage, formats)?;
    for some in named.chunks(AT_ONCE) {
        let loaded: Vec<SessionTables<'_>> =
            some.par_iter().map(|one| sessions.session(one.index)).collect::<Result<_, _>>()?;
        let named: Vec<Named<'_>> = some.iter().zip(&loaded).map(|(one, of)| one.of(of)).collect();
        sheets.add(&named)?;
    }
    sheets.finish()?;
    let mut failures = failures.to_vec();
    failures.sort_by(|a, b| (&a.source, &a.code, &a.reason).cmp(&(&b.source, &b.code, &b.reason)));
    failures.dedup();
    write_beside(&stage, formats.locale, Some(&failures))?;
    stage.commit()?;
    Ok(written)
}

/// A session, and what it is called in the tables where that is not its own name.
struct Name {
    index: usize,
    name: Option<Arc<str>>,
}

impl Name {
    fn of<'a>(&self, session: &'a SessionTables<'_>) -> Named<'a> {
        let plain = Named::plainly(&session.analysis);
        let name = self.name.as_ref().map_or_else(|| Arc::clone(&plain.session), Arc::clone);
        Named { session: name, copies: &session.copies, ..plain }
    }
}

/// The sessions in order, under unique names.
fn named<S: Sessions>(sessions: &S) -> Result<(Vec<Name>, Written), S::Error> {
    let who = |index: &usize| sessions.who(*index);
    let mut order: Vec<usize> = (0..sessions.count()).collect();
    order.sort_by_key(who);
    let (mut named, mut written) = (Vec::with_capacity(order.len()), Written::default());
    for group in order.chunk_by(|a, b| who(a) == who(b)) {
        let mut distinct = match group {
            [only] => vec![Member { index: *only, ..Member::default() }],
            several => distinct(sessions, several)?,
        };
        let (athlete, session) = who(&group[0]);
        if distinct.len() > 1 {
            rename(session, &mut distinct);
            written.renamed.extend(distinct.iter().map(|member| Renamed {
                athlete_id: athlete.to_string(),
                session: session.to_owned(),
                source: member.source.clone(),
                renamed: member.name.as_deref().unwrap_or_default().to_owned(),
            }));
        }
        named.extend(distinct.into_iter().map(|member| Name { index: member.index, name: member.name }));
    }
    written.sessions = named.len();
    written.repeated = order.len() - named.len();
    Ok((named, written))
}

/// What tells recordings of one person and one session name apart.
#[derive(Default)]
struct Member {
    /// Hash of the input.
    input: String,
    /// Hash of everything the analysis says.
    content: String,
    source: String,
    index: usize,
    name: Option<Arc<str>>,
}

/// Different analyses of one person and one session name, in order of their input.
fn distinct<S: Sessions>(sessions: &S, group: &[usize]) -> Result<Vec<Member>, S::Error> {
    let member = |index: &usize| -> Result<Member, S::Error> {
        let session = sessions.session(*index)?;
        // An analysis has no map with keys other than text, so it always serialises.
        let content = sha256(&serde_json::to_vec(&*session.analysis).unwrap_or_default());
        let input = session.analysis.provenance.input_sha256.clone();
        Ok(Member { input, content, source: session.source, index: *index, name: None })
    };
    let mut members: Vec<Member> = group.par_iter().map(member).collect::<Result<_, _>>()?;
    members.sort_by(|a, b| (&a.input, &a.content, &a.source).cmp(&(&b.input, &b.content, &b.source)));
    members.dedup_by(|a, b| a.content == b.content);
    Ok(members)
}

/// Each a name of its own: the start of the input's hash tells them apart, and where even the input is the same, a number does.
fn rename(session: &str, members: &mut [Member]) {
    let mut taken = BTreeSet::new();
    for member in members {
        let name = format!("{session}-{}", member.input.get(..8).unwrap_or("copy"));
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
        member.name = Some(Arc::from(free.as_str()));
        taken.insert(free);
    }
}

//! Motion-BIDS: raw samples as they were measured, and what came of them in a data set derived from it.
//!
//! | file | holds |
//! |---|---|
//! | `dataset_description.json`, `README.md`, `participants.tsv` | what it is, who made it, who takes part |
//! | `sub-A/sub-A_sessions.tsv` | sessions: their own names, start, leg, protocol, body measures |
//! | `sub-A/ses-B/sub-A_ses-B_scans.tsv` | when each file's recording began |
//! | `.../motion/..._tracksys-ROLE_motion.tsv` | samples of one sensor, a row each, with `_channels.tsv` and `_motion.json` |
//! | `.../motion/..._events.tsv` | markers that somebody set while it was recorded |
//! | `derivatives/truehinge/.../..._events.tsv` | repetitions with verdicts and numbers, and what was not counted |
//!
//! Every sensor is a tracking system of its own, because each has its own clock: no sample is moved, invented or left out. `LATENCY` is
//! the time of a sample since the recording's start, by the fit of the sensor's clock; the sensor's own stamp and the arrival stand
//! beside it, so a better fit can be made later. Lost samples are no rows; the channel `lost_before` counts those that a counter shows.
//!
//! The importer of this crate reads the same recording back, sample for sample: `import::format::bids`.

mod derived;
mod samples;
mod session;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use truehinge_core::{SessionAnalysis, SessionInfo, id::session_key};

pub(crate) use self::samples::{ARRIVAL, DEVICE_TIME, LOST_BEFORE, Own};
use super::tsv::{Tsv, words};
use super::{ExportError, Folder, Recorded, Whole};
use crate::names::labels;
#[cfg(feature = "polars")]
use crate::table::unguarded;

/// Version of the standard that is written.
const BIDS_VERSION: &str = "1.11.1";
/// Where the data set of results lies.
const DERIVED: &str = "derivatives/truehinge";

/// A data set that grows session by session.
pub struct Bids {
    folder: Folder,
    version: String,
    sessions: Vec<Labels>,
    /// Who takes part, by the labels.
    people: BTreeMap<String, Person>,
}

/// Who takes part.
struct Person {
    /// What the recordings call them.
    athlete: String,
    /// The rows of their sessions, by the labels.
    sessions: BTreeMap<String, Vec<String>>,
}

/// What a session is called in the data set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Labels {
    subject: String,
    session: String,
    /// What they were made from.
    athlete: String,
    own_session: String,
}

/// What tells a session from others.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    /// Its names, as they go out.
    pub info: &'a SessionInfo,
    /// SHA-256 over roles and samples, as in the provenance of results.
    pub content_sha256: &'a str,
}

impl<'a> From<&'a SessionAnalysis> for Title<'a> {
    fn from(analysis: &'a SessionAnalysis) -> Self {
        Self { info: &analysis.info, content_sha256: &analysis.provenance.content_sha256 }
    }
}

impl Labels {
    /// Where its files lie.
    fn folder(&self) -> String {
        format!("sub-{0}/ses-{1}", self.subject, self.session)
    }

    /// What its files begin with.
    fn stem(&self) -> String {
        format!("sub-{}_ses-{}", self.subject, self.session)
    }
}

impl Bids {
    /// A data set of these sessions, in a folder of its own; [`Bids::add`] each of them in this order. `version` is that of the program.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub fn new<'a>(
        target: &Path,
        version: &str,
        sessions: impl Iterator<Item = Title<'a>>,
    ) -> Result<Self, ExportError> {
        let folder = Folder::new(target, "bids", Whole::Yes)?;
        Ok(Self {
            folder,
            version: version.to_owned(),
            sessions: labelled(&sessions.collect::<Vec<_>>()),
            people: BTreeMap::new(),
        })
    }

    /// Writes the session with this place among those of [`Bids::new`]; of one that could not be analysed the code of why.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub fn add(
        &mut self,
        index: usize,
        recorded: &Recorded,
        results: Result<&SessionAnalysis, &'static str>,
    ) -> Result<(), ExportError> {
        let Some(labels) = self.sessions.get(index) else { return Ok(()) };
        session::write(&mut self.folder, labels, recorded, results.ok())?;
        if let Ok(analysis) = results {
            derived::write(&mut self.folder, labels, analysis)?;
        }
        let person = self.people.entry(labels.subject.clone());
        let person = person.or_insert_with(|| Person { athlete: labels.athlete.clone(), sessions: BTreeMap::new() });
        person.sessions.insert(labels.session.clone(), session::row(labels, &recorded.recording.info, results.err()));
        Ok(())
    }

    /// Writes what all sessions have in common, and puts the data set in place.
    ///
    /// # Errors
    /// As [`Folder::commit`].
    pub fn finish(mut self) -> Result<(), ExportError> {
        let mut table = Tsv::named(PEOPLE.map(|(name, _)| name));
        for (subject, person) in std::mem::take(&mut self.people) {
            session::list(&mut self.folder, &subject, person.sessions.into_values())?;
            table.push([
                format!("sub-{subject}"),
                words(&person.athlete),
                "homo sapiens".into(),
                String::new(),
                String::new(),
                String::new(),
            ]);
        }
        self.folder.write("participants.tsv", table.into_text())?;
        self.folder.write("participants.json", described(&PEOPLE))?;
        self.folder.write("README.md", README)?;
        self.folder.write("dataset_description.json", self.description("raw", RAW))?;
        self.folder.write(&format!("{DERIVED}/README.md"), DERIVED_README)?;
        let derived = self.description("derivative", RESULTS);
        self.folder.write(&format!("{DERIVED}/dataset_description.json"), derived)?;
        self.folder.commit().map(drop)
    }

    fn description(&self, kind: &str, (name, what): (&str, &str)) -> String {
        pretty(&json!({
            "Name": name,
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": kind,
            "GeneratedBy": [{ "Name": "truehinge", "Version": self.version, "Description": what }],
        }))
    }
}

const RAW: (&str, &str) =
    ("Hip hinges with inertial sensors", "Samples as they were recorded, neither filtered nor resampled");
const RESULTS: (&str, &str) =
    ("Repetitions of hip hinges", "Repetitions found in the samples, with numbers, uncertainty and verdicts");

/// Columns of `participants.tsv`, and what they mean.
const PEOPLE: [(&str, &str); 6] = [
    ("participant_id", "label of the person in this data set"),
    ("athlete", "pseudonym of the person in the recordings, letter for letter"),
    ("species", "binomial name"),
    ("age", "years; not recorded by the sensors: fill it in"),
    ("sex", "not recorded by the sensors: fill it in"),
    ("handedness", "not recorded by the sensors: fill it in"),
];

/// The folder of a person in a data set, by the text of its `participants.tsv`.
#[cfg(feature = "polars")]
pub(crate) fn subject_of(participants: &str, athlete: &str) -> Option<String> {
    let mut lines = participants.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next()?;
    let place = |name: &str| names.iter().position(|found| *found == name);
    let (id, own) = (place("participant_id")?, place("athlete")?);
    let row = lines.find(|row| row.get(own).is_some_and(|cell| unguarded(cell) == athlete))?;
    row.get(id).map(|id| (*id).to_owned())
}

/// Labels that are legal and of which no disk takes two for one.
fn labelled(sessions: &[Title<'_>]) -> Vec<Labels> {
    let people = labels(sessions.iter().map(|title| title.info.athlete.as_str()));
    let mut own: BTreeMap<&str, Vec<&Title<'_>>> = BTreeMap::new();
    sessions.iter().for_each(|title| own.entry(title.info.athlete.as_str()).or_default().push(title));
    // Two recordings of one name are told apart by their samples.
    let name = |title: &Title<'_>, among: &[&Title<'_>]| {
        let session = title.info.session.as_str();
        let several = among.iter().filter(|other| other.info.session.as_str() == session).count() > 1;
        if several { format!("{session} {}", session_key(title.content_sha256)) } else { session.to_owned() }
    };
    let of_sessions: BTreeMap<&str, BTreeMap<String, String>> = own
        .iter()
        .map(|(athlete, among)| {
            let names: Vec<String> = among.iter().map(|title| name(title, among)).collect();
            (*athlete, labels(names.iter().map(String::as_str)))
        })
        .collect();
    let label = |title: &Title<'_>| {
        let athlete = title.info.athlete.as_str();
        let session = of_sessions.get(athlete).zip(own.get(athlete));
        let session = session.and_then(|(labels, among)| labels.get(&name(title, among)));
        Labels {
            subject: people.get(athlete).cloned().unwrap_or_default(),
            session: session.cloned().unwrap_or_default(),
            athlete: athlete.to_owned(),
            own_session: title.info.session.as_str().to_owned(),
        }
    };
    sessions.iter().map(label).collect()
}

/// What columns mean, as BIDS has it.
fn described(columns: &[(&str, &str)]) -> String {
    let columns = columns.iter().map(|(name, what)| ((*name).to_owned(), meaning(name, what)));
    pretty(&serde_json::Value::Object(columns.collect()))
}

/// What a column means; with its unit, where it is one of numbers.
fn meaning(name: &str, what: &str) -> serde_json::Value {
    let unit = match name {
        "onset" | "duration" | "turn" => "s",
        "age" => "year",
        name if name.ends_with("_m") => "m",
        name if name.ends_with("_kg") => "kg",
        _ => return json!({ "Description": what }),
    };
    json!({ "Description": what, "Units": unit })
}

fn pretty(json: &serde_json::Value) -> String {
    format!("{json:#}\n")
}

const README: &str = include_str!("README.md");
const DERIVED_README: &str = include_str!("derived.md");

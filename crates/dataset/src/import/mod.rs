//! Other programs' files to recordings, without resampling and without dropping anything silently.
//!
//! Every importer says what it recognised, guessed and left out ([`ImportReport`]); what cannot be a recording of a person is
//! refused (`plausible`), and what is no measurement becomes a gap (`missing`).
//!
//! The formats are in `format`, a file each; any other CSV is read by a TOML mapping file (`docs/import-mapping.md`, [`mapping`]).
//!
//! [`sniff()`](sniff::sniff) tells what a path is; [`guess`] makes a mapping for a table nobody knows.

mod agreement;
pub mod by_folder;
mod cells;
mod columns;
pub mod error;
mod files;
mod format;
mod group;
pub mod guess;
mod many;
mod mapped;
pub mod mapping;
mod missing;
mod names;
mod places;
mod plausible;
pub mod report;
pub mod roles;
mod scales;
mod sheet;
pub mod sniff;
mod stamp;
mod started;
pub(crate) mod text;
mod time;
mod together;
mod tracks;
mod trials;
mod whose;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use truehinge_core::{
    Anthropometry, AthleteId, Fact, HostTime, Length, Marker, MarkerKind, Recording, SampleRate, SensorRole,
    SessionInfo, Side, Source, SourceFile, Track, Zone,
};

use crate::atomic::sha256;
use crate::leg::{Sets, sets_when_named};
pub(crate) use error::Complaint;
pub use error::ImportError;
pub use format::{About, formats};
pub use guess::{Confidence, Guess, Guessed, guess_mapping};
pub use mapping::Mapping;
pub use report::{ImportReport, TrackSummary};
pub use sniff::{Recognised, sniff};

use format::{OneSensor, PerSensor};
use group::{Group, SensorFiles};
use roles::Candidate;
use sniff::{Folders, Looked, look};
use started::Start;
use text::Text;
use whose::anonymous;

pub(crate) use files::is_json;
pub(crate) use files::{file_name, is_table, list};
pub(crate) use group::groups;
pub(crate) use sniff::{is_one_session, worth_a_try};
pub(crate) use trials::trials;
pub(crate) use whose::{session as session_named, tell_apart};

/// What a person says about files beside what is in them.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// What the columns mean.
    pub mapping: Option<Mapping>,
    /// Which file, device or sensor is where. With any role given, one sensor is enough.
    pub roles: Vec<(String, SensorRole)>,
    /// Whose recording it is.
    pub athlete: Option<AthleteId>,
    /// Supporting leg: unless its sets are marked, the whole recording is one on it.
    pub side: Option<Side>,
    /// Standing height.
    pub height: Option<Length>,
    /// Rows per second, where the file does not say.
    pub rate: Option<SampleRate>,
    /// What is known of folders with many files.
    pub many: ManyFiles,
}

/// What is known of folders with many files. Copies share it; it changes nothing about how a file is read.
#[derive(Clone, Default)]
pub struct ManyFiles {
    /// The sessions in their files.
    groups: many::Found<Vec<Group>>,
    /// The trials in their tables that a mapping describes.
    trials: many::Found<Vec<Vec<PathBuf>>>,
}

/// Says nothing: results are kept under what the options say.
impl fmt::Debug for ManyFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManyFiles")
    }
}

impl ManyFiles {
    /// The sessions in the files of a folder; `None` where they are few.
    pub(crate) fn groups(&self, folder: &Path) -> Result<Option<Arc<Vec<Group>>>, ImportError> {
        self.groups.find(folder, String::new(), || groups(folder))
    }

    /// The trials in the tables of a folder that a mapping describes, as `search` finds them.
    pub(crate) fn trials(
        &self,
        folder: &Path,
        mapping: &Mapping,
        search: impl Fn() -> Result<Vec<Vec<PathBuf>>, ImportError>,
    ) -> Result<Arc<Vec<Vec<PathBuf>>>, ImportError> {
        match self.trials.find(folder, format!("{mapping:?}"), &search)? {
            Some(trials) => Ok(trials),
            None => search().map(Arc::new),
        }
    }
}

/// What an importer of a format gives: tracks, and what it knows about the session.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub format: &'static str,
    pub recognised: String,
    pub tracks: Vec<Track>,
    /// What was marked, where the files say it.
    pub markers: Vec<Marker>,
    pub info: Option<SessionInfo>,
    /// Whose it is, where the files say it.
    pub athlete: Option<AthleteId>,
    /// What the dates in the files say of their clock.
    pub zone: Zone,
    pub files: Vec<SourceFile>,
    pub notes: Vec<String>,
    pub warnings: Vec<String>,
    /// Unit of the time column, where a person said it.
    pub time_unit: Option<mapping::TimeUnit>,
    /// Nothing in the files says the unit of the gyroscopes.
    pub open_rate_unit: bool,
}

/// Imports a file or folder. One file of several that belong together opens them all.
///
/// # Errors
/// The format is unknown, or the files are not what they seem; see [`ImportError`].
pub fn import(path: &Path, options: &ImportOptions) -> Result<(Recording, ImportReport), ImportError> {
    let settled = by_folder::settled(path, options)?;
    let mut imported = match &settled.mapping {
        Some(mapping) => mapped::read(path, mapping, options)?,
        None => read(path, options)?,
    };
    if matches!(settled, Cow::Owned(_)) {
        imported.notes.push(by_folder::note(path)?);
    }
    finish(path, imported, options)
}

/// The files that [`import`] reads, without reading them to their end.
///
/// # Errors
/// The format is unknown, or a file cannot be looked at.
pub(crate) fn files_of(path: &Path, options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    if let Some(mapping) = &by_folder::settled(path, options)?.mapping {
        return mapped::files(path, mapping, options);
    }
    match look(path, options)? {
        Looked::Whole(format) => format.files(path),
        Looked::Folders(Folders { sensors, .. }) => Ok(sensors.into_iter().flat_map(|sensor| sensor.files).collect()),
        Looked::Group(_, group) => Ok(group.files()),
        Looked::Table => Ok(vec![path.to_owned()]),
    }
}

fn read(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    match look(path, options)? {
        Looked::Whole(format) => format.read(path, options),
        Looked::Folders(Folders { format, sensors }) => {
            let mut imported = read_sensors(path, format, &sensors, options)?;
            if format.file_in_folder().is_none() {
                imported.recognised += ", one folder per sensor";
            }
            Ok(imported)
        }
        Looked::Group(format, group) => read_group(path, format, &group, options),
        Looked::Table => {
            let found = "its columns look like those of inertial sensors, but nothing says so for sure".to_owned();
            Err(ImportError::Unknown { path: path.to_owned(), found })
        }
    }
}

fn read_group(
    path: &Path,
    format: &dyn PerSensor,
    group: &Group,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let mut imported = read_sensors(path, format, &group.sensors(), options)?;
    imported.notes.extend(group.twice.iter().map(|(copy, of)| format!("{copy} is the same file as {of}: taken once")));
    if let (Some(info), Some(session)) = (&mut imported.info, &group.session) {
        info.session = whose::session(session, &mut imported.notes);
    }
    if let Some(info) = imported.info.as_mut().filter(|info| info.start_utc_ns.is_none()) {
        let start = group.start.map(|utc_ns| Start { utc_ns, zone: Zone::Unstated });
        started::settle(info, start, &mut imported.notes);
    }
    Ok(imported)
}

/// Files for every sensor: gives each its role and reads those that have one.
fn read_sensors(
    path: &Path,
    format: &dyn PerSensor,
    sensors: &[SensorFiles],
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let about = format.about();
    let mut imported = Imported { format: about.format, recognised: about.words.to_owned(), ..Imported::default() };
    let candidates: Vec<Candidate> = sensors.iter().map(|sensor| sensor.candidate.clone()).collect();
    let assigned = roles::assign(path, &candidates, options, &mut imported.notes)?;
    let mut starts = Vec::new();
    for (index, role) in assigned.chosen {
        starts.push(read_sensor(&sensors[index], role, options, &mut imported)?);
    }
    together::one_unit(&mut imported);
    format.together(&mut imported, &starts);
    let mut info = SessionInfo { stance_side: assigned.side, ..anonymous(path, &mut imported.notes) };
    started::settle(&mut info, starts.into_iter().flatten().min(), &mut imported.notes);
    imported.info = Some(info);
    Ok(imported)
}

/// Reads one sensor; gives its start, where its files say it.
fn read_sensor(
    sensor: &SensorFiles,
    role: SensorRole,
    options: &ImportOptions,
    imported: &mut Imported,
) -> Result<Option<Start>, ImportError> {
    let texts = sensor.files.iter().map(|file| Text::read(file)).collect::<Result<Vec<_>, _>>()?;
    let Some((file, others)) = texts.split_first() else { return Ok(None) };
    // Folders of one session may hold different formats.
    let Some((format, _)) = format::of_sensor(file) else {
        return Err(ImportError::Unknown { path: file.path().to_owned(), found: file.summary() });
    };
    let (mut track, start) = format.read(&OneSensor { file, others, role, options }, imported)?;
    track.device.serial.clone_from(&sensor.candidate.name);
    imported.tracks.push(track);
    imported.files.extend(texts.iter().map(|text| source_file(text.path(), text.bytes())));
    Ok(start)
}

/// Joins what the format knows with what the person said, and checks the result.
fn finish(path: &Path, imported: Imported, options: &ImportOptions) -> Result<(Recording, ImportReport), ImportError> {
    let Imported {
        format,
        recognised,
        mut tracks,
        markers,
        info,
        athlete,
        zone,
        files,
        mut notes,
        mut warnings,
        time_unit,
        ..
    } = imported;
    tracks.sort_by_key(|track| track.role);
    for track in &mut tracks {
        let before = track.samples.len();
        missing::leave_out(track, &mut warnings);
        if before >= sheet::MIN_ROWS && track.samples.len() < sheet::MIN_ROWS {
            let found = format!("the {} sensor says the same in all its {before} rows", track.role);
            return Err(Complaint::new(found, "export it again").of(path));
        }
    }
    // Repeated rows are counted once, so a file with enough rows may still hold too few samples.
    if let Some(track) = tracks.iter().find(|track| track.samples.len() < sheet::MIN_ROWS) {
        let found = track.samples.len();
        return Err(ImportError::TooFewRows { path: path.to_owned(), found, need: sheet::MIN_ROWS });
    }
    let mut info = info.unwrap_or_else(|| anonymous(path, &mut notes));
    if info.start_utc_ns.is_none() {
        let earliest = tracks.iter().filter_map(|track| tracks::start_after_2000(track, zone)).min();
        started::settle(&mut info, earliest, &mut notes);
    }
    info.athlete = athlete.unwrap_or_else(|| whose::nobody(&files));
    let mut recording = Recording { info, tracks, markers };
    let mut report = ImportReport { recognised, notes, warnings, ..ImportReport::default() };
    plausible::check(path, &recording, time_unit, &mut report)?;
    let notes = report.notes.iter().chain(&report.warnings).cloned().collect();
    let protocol_file = recording.info.source.protocol_file.take();
    recording.info.source = Source { format: format.to_owned(), files, notes, protocol_file, ..Source::default() };
    options.tell(&mut recording);
    Ok((recording, report))
}

impl ImportOptions {
    /// What a person says beats what the file says. With a height from somebody who knows it, measures that no person has are left out.
    pub(crate) fn tell(&self, recording: &mut Recording) {
        let info = &mut recording.info;
        info.source.told.extend(self.height.map(|_| Fact::Stature));
        if let Some(athlete) = &self.athlete {
            info.athlete = athlete.clone();
        }
        if let Some(height) = self.height {
            if let Err(body) = (Anthropometry { stature: None, ..info.body.clone() }).check() {
                info.source.notes.push(format!("left out of the file: {body}"));
            }
            info.body = Anthropometry { stature: Anthropometry::standing(height).stature, ..info.body.possible() };
        }
        if let Some(side) = self.side {
            name_the_leg(recording, side);
        }
    }
}

/// A mapping is for all files of a study and marks nothing; a person names the leg of this recording.
fn name_the_leg(recording: &mut Recording, side: Side) {
    let before = recording.info.stance_side.replace(side);
    let mut sets: Vec<&mut Side> = recording.markers.iter_mut().filter_map(leg_of_set).collect();
    let marked: Vec<Option<Side>> = sets.iter().map(|side| Some(**side)).collect();
    match sets_when_named(before, &marked) {
        Sets::AllIsOne => {
            recording.markers.insert(0, Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side } });
        }
        Sets::Follow => sets.iter_mut().for_each(|of_set| **of_set = side),
        Sets::Stay => {}
    }
}

fn leg_of_set(marker: &mut Marker) -> Option<&mut Side> {
    match &mut marker.kind {
        MarkerKind::SetStart { side } | MarkerKind::SearchStart { side, .. } => Some(side),
        _ => None,
    }
}

/// A file as a source of a recording.
pub(crate) fn source_file(path: &Path, bytes: &[u8]) -> SourceFile {
    SourceFile { name: file_name(path), bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

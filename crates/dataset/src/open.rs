//! Any path to a recording, and every recording below a folder.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, Impossible, Recording, SensorRole, Track};

use crate::atomic::Hashed;
use crate::export::opensim::is_storage;
use crate::export::view::is_view;
use crate::files::check_readable;
use crate::import::{self, ImportError, ImportOptions, ImportReport};
use crate::recording::{self, RecordingError, UNFINISHED_SUFFIX, is_running};
use crate::unread::{self, Unread, Why};

/// A path cannot be opened as a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// One of our own recordings.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A file of another program.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A body measure in it is none.
    #[error("{}: {body}", path.display())]
    Body {
        /// Which file.
        path: PathBuf,
        /// Which measure.
        body: Impossible,
    },
    /// What was said of its sensors cannot be.
    #[error("{}: {found}", path.display())]
    Roles {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
        /// What to do.
        hint: &'static str,
    },
}

impl Explained for DatasetError {
    fn code(&self) -> &'static str {
        match self {
            Self::Recording(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Body { .. } => "recording_impossible_body",
            Self::Roles { .. } => "recording_roles",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Recording(error) => return error.hint(),
            Self::Import(error) => return error.hint(),
            Self::Body { body, .. } => format!("{}; a standing height that is given takes its place", body.next).into(),
            Self::Roles { hint, .. } => (*hint).into(),
        })
    }
}

/// Opens a recording of ours, or imports anything else. The report is there for imports. Body measures that no person has are refused;
/// with a standing height from somebody who knows it they are left out.
///
/// # Errors
/// See [`DatasetError`].
pub fn open(path: &Path, options: &ImportOptions) -> Result<(Recording, Option<ImportReport>), DatasetError> {
    if path.exists() {
        check_readable(path).map_err(|source| RecordingError::Io { path: path.to_owned(), source })?;
    }
    if is_recording(path) {
        return Ok((as_told(path, recording::read(path)?, options)?, None));
    }
    let (recording, report) = import::import(path, options)?;
    check_body(path, &recording)?;
    Ok((recording, Some(report)))
}

/// As [`open`], of a recording of ours that is in memory already. `name` is what it is called where it comes from.
///
/// # Errors
/// See [`DatasetError`].
pub fn open_bytes(name: &Path, bytes: &[u8], options: &ImportOptions) -> Result<Recording, DatasetError> {
    as_told(name, recording::read_bytes(name, bytes)?, options)
}

/// As [`open`], of a recording of ours that was hashed.
///
/// # Errors
/// See [`DatasetError`].
pub fn open_hashed(path: &Path, file: &Hashed, options: &ImportOptions) -> Result<Recording, DatasetError> {
    as_told(path, recording::read_hashed(path, file)?, options)
}

/// A recording of ours that was read, with what a person says of it.
///
/// # Errors
/// [`DatasetError::Roles`], [`DatasetError::Body`].
pub fn as_told(name: &Path, mut recording: Recording, options: &ImportOptions) -> Result<Recording, DatasetError> {
    let refused = |(found, hint)| DatasetError::Roles { path: name.to_owned(), found, hint };
    wear(&mut recording, &options.roles).map_err(refused)?;
    import::tell_apart(&mut recording.info);
    options.tell(&mut recording);
    check_body(name, &recording)?;
    Ok(recording)
}

fn check_body(path: &Path, recording: &Recording) -> Result<(), DatasetError> {
    recording.info.body.check().map_err(|body| DatasetError::Body { path: path.to_owned(), body })
}

/// The files that [`open`] reads, without reading them to their end.
///
/// # Errors
/// The format is unknown, or a file cannot be looked at.
pub fn files(path: &Path, options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    if is_recording(path) { Ok(vec![path.to_owned()]) } else { import::files_of(path, options) }
}

/// Gives sensors of a recording other roles: each named by its role, its serial number or its model. Roles that nobody names stay.
fn wear(recording: &mut Recording, said: &[(String, SensorRole)]) -> Result<(), (String, &'static str)> {
    let is = |track: &Track, name: &str| {
        let names = [track.role.name(), &track.device.serial, &track.device.model];
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let mut now: Vec<SensorRole> = recording.tracks.iter().map(|track| track.role).collect();
    for (name, role) in said {
        let named: Vec<usize> = (0..now.len()).filter(|index| is(&recording.tracks[*index], name)).collect();
        let [index] = named[..] else {
            let known: Vec<String> =
                recording.tracks.iter().map(|track| format!("{} ({})", track.role, track.device.serial)).collect();
            let found = format!("{} sensors are called {name}; it has {}", named.len(), known.join(", "));
            return Err((found, "name each sensor by its role, its serial number or its model"));
        };
        now[index] = *role;
    }
    if let Some(twice) = now.iter().find(|role| now.iter().filter(|other| other == role).count() > 1) {
        return Err((format!("two sensors would be at the {twice}"), "say where each of them is"));
    }
    recording.tracks.iter_mut().zip(now).for_each(|(track, role)| track.role = role);
    recording.tracks.sort_by_key(|track| track.role);
    Ok(())
}

/// Whether the name is that of one of our recordings.
pub fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(recording::EXTENSION))
}

/// Every recording below a folder, in order of path: what [`open`] can be tried on. A folder stands for the session in it;
/// where a folder holds several, one file stands for each.
///
/// Files that are plainly something else (documents, tables of results, pictures) are left out. Damaged recordings, empty or
/// binary files with a table's name, and tables of inertial sensors that nobody knows are kept, so that opening them gives
/// the reason. With a mapping, the tables that have its columns are found, or all tables if none has.
///
/// # Errors
/// A folder cannot be listed.
pub fn discover(folder: &Path, options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    Ok(survey(folder, options)?.sources)
}

/// What is below a folder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Survey {
    /// What [`open`] can be tried on, in order of path.
    pub sources: Vec<PathBuf>,
    /// Folders with what looks like sensor data, from which nothing is read.
    pub unread: Vec<Unread>,
}

impl Survey {
    /// Whether there is nothing to read and nothing to name.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.unread.is_empty()
    }
}

/// As [`discover`], with what is left out.
///
/// # Errors
/// As [`discover`].
pub fn survey(folder: &Path, options: &ImportOptions) -> Result<Survey, ImportError> {
    let mut found = Found::default();
    if folder.is_dir() {
        walk(folder, options, &mut found)?;
    } else {
        found.sources.push(folder.to_owned());
    }
    let Found { mut sources, other_tables, mut unread, .. } = found;
    if sources.is_empty() && !other_tables.is_empty() {
        (sources, unread) = (other_tables, Vec::new());
    }
    sources.sort();
    unread.sort();
    Ok(Survey { sources, unread })
}

#[derive(Default)]
struct Found {
    sources: Vec<PathBuf>,
    /// Tables that lack the columns of the mapping.
    other_tables: Vec<PathBuf>,
    unread: Vec<Unread>,
    /// Folders that were walked, as they are without links.
    walked: BTreeSet<PathBuf>,
}

fn walk(folder: &Path, options: &ImportOptions, found: &mut Found) -> Result<(), ImportError> {
    let by_folder = if options.mapping.is_none() { import::by_folder::of(folder)? } else { None };
    let paths = import::list(folder)?;
    let described = by_folder.map(|mapping| (import::by_folder::fitting(&paths, &mapping), mapping));
    let described = described.filter(|(tables, _)| !tables.is_empty());
    if options.mapping.is_none() && described.is_none() && import::is_one_session(folder)? {
        found.sources.push(folder.to_owned());
        return Ok(());
    }
    // Links may lead in circles.
    if !found.walked.insert(fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())) {
        return Ok(());
    }
    let before = found.sources.len();
    for path in &paths {
        // Folders with a dot belong to other programs.
        if path.is_dir() && !starts_with_dot(path) {
            walk(path, options, found)?;
        }
    }
    let below = found.sources.len() > before;
    let own = found.sources.len();
    match (&options.mapping, described) {
        (Some(mapping), _) => mapped(folder, &paths, mapping, found),
        (None, Some((tables, mapping))) => {
            known(folder, &paths, &tables, options, found)?;
            take(folder, tables, &mapping, found);
        }
        (None, None) => known(folder, &paths, &[], options, found)?,
    }
    if found.sources.len() == own {
        // Beside folders with recordings lie lists and results: only long tables are looked at there.
        let files = paths.into_iter().filter(|path| path.is_file() && !starts_with_dot(path));
        let files: Vec<PathBuf> = files.filter(|path| !below || import::is_table(path)).collect();
        found.unread.extend(unread::in_folder(folder, &files, options.mapping.is_some()));
    }
    Ok(())
}

fn starts_with_dot(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Recordings, and files of known formats; all but those that a mapping describes.
fn known(
    folder: &Path,
    paths: &[PathBuf],
    described: &[PathBuf],
    options: &ImportOptions,
    found: &mut Found,
) -> Result<(), ImportError> {
    let mut groups = match options.many.groups(folder)? {
        Some(groups) => groups.to_vec(),
        None => import::groups(folder)?,
    };
    groups.retain(|group| !group.files().iter().any(|file| described.contains(file)));
    match groups.as_slice() {
        [_] if described.is_empty() => found.sources.push(folder.to_owned()),
        several => found.sources.extend(several.iter().filter_map(|group| group.first()).map(Path::to_owned)),
    }
    let others = paths.iter().filter(|path| !described.contains(path));
    for path in others.filter(|path| path.is_file() && !starts_with_dot(path)) {
        if is_recording(path) && path.to_string_lossy().ends_with(UNFINISHED_SUFFIX) {
            let why = if is_running(path) { Why::Running } else { Why::Unfinished };
            found.unread.push(Unread { path: path.clone(), why });
        } else if is_view(path) || is_storage(path) {
            // Made of a recording that is counted by itself.
        } else if is_recording(path) || import::worth_a_try(path) {
            found.sources.push(path.clone());
        }
    }
    Ok(())
}

/// Tables that have the columns of the mapping.
fn mapped(folder: &Path, paths: &[PathBuf], mapping: &import::Mapping, found: &mut Found) {
    let mut fitting = Vec::new();
    let tables = |path: &&PathBuf| import::is_table(path) && !import::is_json(path) && !starts_with_dot(path);
    for path in paths.iter().filter(tables) {
        match mapping.fits(path) {
            Ok(true) => fitting.push(path.clone()),
            Ok(false) => found.other_tables.push(path.clone()),
            // Opening it gives the reason.
            Err(_) => found.sources.push(path.clone()),
        }
    }
    take(folder, fitting, mapping, found);
}

/// Tables that a mapping describes: a recording each, or a sensor each.
fn take(folder: &Path, fitting: Vec<PathBuf>, mapping: &import::Mapping, found: &mut Found) {
    if mapping.one_sensor_per_file() && !fitting.is_empty() {
        match import::trials(fitting).as_slice() {
            [_] => found.sources.push(folder.to_owned()),
            several => found.sources.extend(several.iter().filter_map(|trial| trial.first().cloned())),
        }
    } else {
        found.sources.extend(fitting);
    }
}

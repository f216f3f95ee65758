//! What a file or folder is, before it is read.

use std::path::Path;

use serde::Serialize;

use super::files::is_json;
use super::format::{self, Beginning, PerSensor, Place, Whole};
use super::group::{Group, SensorFiles, file_name, folder_of, group_of, groups, is_table, list};
use super::guess::{self, Confidence};
use super::places::place;
use super::roles::Candidate;
use super::text::Text;
use super::{ImportError, ImportOptions};

/// What was recognised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Recognised {
    /// Its name in recordings; nothing for a table nobody knows, with accelerometer and gyroscope columns: it needs a mapping.
    pub format: Option<&'static str>,
    /// How sure.
    pub confidence: Confidence,
    /// What was seen: sensors, or guesses about columns.
    pub seen: Vec<String>,
}

/// Looks at a file or folder, without reading all of it (but for unknown tables, whose values tell the units).
///
/// # Errors
/// It cannot be read, is empty or binary, is nothing known, or holds more than one session.
pub fn sniff(path: &Path) -> Result<Recognised, ImportError> {
    let certain =
        |format: &'static str, seen| Recognised { format: Some(format), confidence: Confidence::Certain, seen };
    let names = |sensors: Vec<SensorFiles>| sensors.into_iter().map(|sensor| sensor.candidate.name).collect();
    match look(path, &ImportOptions::default())? {
        Looked::Whole(whole) => Ok(certain(whole.about().format, whole.seen(path)?)),
        Looked::Folders(Folders { format, sensors }) => Ok(certain(format.about().format, names(sensors))),
        Looked::Group(format, group) => Ok(certain(format.about().format, names(group.sensors()))),
        Looked::Table => {
            let guessed = guess::guess(path)?;
            let confidence = guessed.guesses.iter().map(|guess| guess.confidence).min().unwrap_or(Confidence::Open);
            let seen = guessed.guesses.iter().map(ToString::to_string).collect();
            Ok(Recognised { format: None, confidence, seen })
        }
    }
}

/// The one decision about what a path is.
#[derive(Debug)]
pub(crate) enum Looked {
    Whole(&'static dyn Whole),
    Folders(Folders),
    Group(&'static dyn PerSensor, Group),
    Table,
}

/// A folder for every sensor.
#[derive(Debug)]
pub(crate) struct Folders {
    pub format: &'static dyn PerSensor,
    pub sensors: Vec<SensorFiles>,
}

pub(crate) fn look(path: &Path, options: &ImportOptions) -> Result<Looked, ImportError> {
    if path.is_dir() {
        return look_at_folder(path);
    }
    let text = Text::beginning(path)?;
    if text.is_blank() {
        return Err(ImportError::TooFewRows { path: path.to_owned(), found: 0, need: super::sheet::MIN_ROWS });
    }
    if let Some(whole) = format::by_extension(path).or_else(|| format::whole(Place::File(&Beginning::of(&text)))) {
        return Ok(Looked::Whole(whole));
    }
    // One sensor's file of a session of folders: its name is its folder's.
    if let Some((format, folder)) = format::in_folders(&file_name(path)).zip(path.parent()) {
        let sensors = vec![folder_of_sensor(folder, path)];
        return Ok(Looked::Folders(Folders { format, sensors }));
    }
    if let Some((format, group)) = group_beside(path, options)?.and_then(with_format) {
        return Ok(Looked::Group(format, group));
    }
    if guess::looks_inertial(&text) {
        return Ok(Looked::Table);
    }
    Err(ImportError::Unknown { path: path.to_owned(), found: text.summary() })
}

/// The session that a file belongs to.
fn group_beside(path: &Path, options: &ImportOptions) -> Result<Option<Group>, ImportError> {
    match options.many.groups(folder_of(path))? {
        Some(groups) => Ok(groups.iter().find(|group| group.holds(path)).cloned()),
        None => group_of(path),
    }
}

fn with_format(group: Group) -> Option<(&'static dyn PerSensor, Group)> {
    Some((group.format()?, group))
}

fn look_at_folder(folder: &Path) -> Result<Looked, ImportError> {
    if let Some(whole) = format::whole(Place::Folder(folder)) {
        return Ok(Looked::Whole(whole));
    }
    for (format, name) in format::names_in_folders() {
        let file = folder.join(name);
        if file.is_file() {
            let sensors = vec![folder_of_sensor(folder, &file)];
            return Ok(Looked::Folders(Folders { format, sensors }));
        }
    }
    if let Some(folders) = folder_sensors(folder)? {
        return Ok(Looked::Folders(folders));
    }
    let mut found = groups(folder)?;
    if found.len() > 1 {
        let sessions = found.iter().map(|g| g.session.clone().or(g.first().map(file_name)).unwrap_or_default());
        return Err(ImportError::SeveralSessions { path: folder.to_owned(), sessions: sessions.collect() });
    }
    found.pop().and_then(with_format).map(|(format, group)| Looked::Group(format, group)).ok_or_else(|| {
        let found = "no file in this folder has a known header".to_owned();
        ImportError::Unknown { path: folder.to_owned(), found }
    })
}

/// A sensor whose one file lies in its folder.
fn folder_of_sensor(folder: &Path, file: &Path) -> SensorFiles {
    let candidate = Candidate { name: file_name(folder), files: vec![file_name(file)] };
    SensorFiles { candidate, files: vec![file.to_owned()] }
}

/// The sensors of a folder that has a folder for each of them: with a file whose name is that of its format, or named for its
/// place, with files that are named for what they hold.
fn folder_sensors(folder: &Path) -> Result<Option<Folders>, ImportError> {
    let folders: Vec<_> = list(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    for (format, name) in format::names_in_folders() {
        let with_file = folders.iter().map(|folder| (folder, folder.join(name))).filter(|(_, file)| file.is_file());
        let sensors: Vec<SensorFiles> = with_file.map(|(folder, file)| folder_of_sensor(folder, &file)).collect();
        if !sensors.is_empty() {
            return Ok(Some(Folders { format, sensors }));
        }
    }
    let mut sensors = Vec::new();
    let mut format = None;
    for path in folders.into_iter().filter(|path| place(&file_name(path)).is_some()) {
        let Ok([group]) = <[Group; 1]>::try_from(groups(&path)?) else { continue };
        // Files that name a place themselves are a session of their own.
        if group.sensors().iter().any(|sensor| place(&sensor.candidate.name).is_some()) {
            continue;
        }
        format = format.or(group.format());
        sensors.push(group.as_one_sensor(&file_name(&path)));
    }
    Ok(format.filter(|_| !sensors.is_empty()).map(|format| Folders { format, sensors }))
}

/// Whether a folder is one session, and not one of several or of none.
pub(crate) fn is_one_session(folder: &Path) -> Result<bool, ImportError> {
    Ok(format::whole(Place::Folder(folder)).is_some() || folder_sensors(folder)?.is_some())
}

/// Whether a file that belongs to no group should be offered all the same: a whole session, the columns of inertial sensors, or
/// what is a table or another known form by its name and is empty or cannot be read.
pub(crate) fn worth_a_try(path: &Path) -> bool {
    let by_name = format::by_extension(path).is_some();
    if !by_name && (!is_table(path) || is_json(path)) {
        return false;
    }
    let Ok(text) = Text::beginning(path) else { return true };
    match format::whole(Place::File(&Beginning::of(&text))) {
        Some(whole) => whole.stands_for(path),
        None => text.is_blank() || !by_name && format::of_sensor(&text).is_none() && guess::looks_inertial(&text),
    }
}

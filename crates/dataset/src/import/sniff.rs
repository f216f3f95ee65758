//! What a file or folder is, before it is read.

use std::path::Path;

use serde::Serialize;

use super::files::is_json;
use super::group::{Group, SensorFiles, file_name, group_of, groups, is_table, list};
use super::guess::{self, Confidence};
use super::kind::Kind;
use super::known::{self, Known};
use super::places::place;
use super::text::Text;
use super::{ImportError, bench, sto};

/// A format that can be imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// Folder of the OpenSim bench.
    OpenSimBench,
    /// OpenSim storage file with orientations.
    OpenSimSto,
    /// Xsens/Movella DOT app CSV.
    MovellaDot,
    /// Xsens MT Manager or MTw text.
    XsensMtw,
    /// MbientLab MetaBase CSV pairs.
    MbientLab,
    /// x-IMU3 log, one folder per sensor.
    XImu3Log,
    /// x-io Technologies inertial CSV.
    XIoCsv,
    /// Accelerometer and gyroscope in a file each: phyphox, Sensor Logger, Polar.
    TwoFiles,
    /// Movesense JSON log.
    Movesense,
    /// Shimmer ConsensysPRO CSV.
    Shimmer,
    /// A table of a maker with several sensors in it: WitMotion, Delsys.
    SeveralSensors,
    /// A table nobody knows, with accelerometer and gyroscope columns: needs a mapping.
    Table,
}

impl Format {
    /// In words, as the report says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OpenSimBench => "OpenSim bench session",
            Self::OpenSimSto => "OpenSim storage file with sensor orientations",
            Self::MovellaDot => "Xsens/Movella DOT app CSV",
            Self::XsensMtw => "Xsens MT Manager / MTw text export",
            Self::MbientLab => "MbientLab MetaBase CSV pairs (two rates)",
            Self::XImu3Log => "x-IMU3 log (one folder per sensor)",
            Self::XIoCsv => "x-io Technologies inertial CSV",
            Self::TwoFiles => "accelerometer and gyroscope in a file each",
            Self::Movesense => "Movesense JSON log",
            Self::Shimmer => "Shimmer ConsensysPRO table",
            Self::SeveralSensors => "table of several sensors",
            Self::Table => "table with accelerometer and gyroscope columns",
        }
    }

    pub(crate) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Dot => Self::MovellaDot,
            Kind::Mtw => Self::XsensMtw,
            Kind::MetaAccelerometer | Kind::MetaGyroscope => Self::MbientLab,
            Kind::XIo => Self::XIoCsv,
            Kind::HalfForce | Kind::HalfRate => Self::TwoFiles,
            Kind::Movesense => Self::Movesense,
            Kind::Shimmer => Self::Shimmer,
        }
    }
}

/// What was recognised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Recognised {
    /// The format.
    pub format: Format,
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
    let certain = |format, seen| Ok(Recognised { format, confidence: Confidence::Certain, seen });
    match look(path)? {
        Looked::Bench => certain(Format::OpenSimBench, folder_names(&list(path)?)),
        Looked::Sto => certain(Format::OpenSimSto, vec![file_name(path)]),
        Looked::XImu3(folders) => certain(Format::XImu3Log, folder_names(&folders)),
        Looked::Folders(kind, sensors) => {
            certain(Format::of(kind), sensors.into_iter().map(|sensor| sensor.candidate.name).collect())
        }
        Looked::Group(group) => {
            let format = group.kind().map_or(Format::Table, Format::of);
            certain(format, group.sensors().into_iter().map(|sensor| sensor.candidate.name).collect())
        }
        Looked::Known(known) => certain(Format::SeveralSensors, vec![known.words.to_owned()]),
        Looked::Table => {
            let guessed = guess::guess(path)?;
            let confidence = guessed.guesses.iter().map(|guess| guess.confidence).min().unwrap_or(Confidence::Open);
            let seen = guessed.guesses.iter().map(ToString::to_string).collect();
            Ok(Recognised { format: Format::Table, confidence, seen })
        }
    }
}

fn folder_names(paths: &[std::path::PathBuf]) -> Vec<String> {
    paths.iter().map(|path| file_name(path)).collect()
}

/// The one decision about what a path is.
#[derive(Debug)]
pub(crate) enum Looked {
    Bench,
    Sto,
    XImu3(Vec<std::path::PathBuf>),
    /// A folder for every sensor.
    Folders(Kind, Vec<SensorFiles>),
    Group(Group),
    Known(Box<Known>),
    Table,
}

pub(crate) fn look(path: &Path) -> Result<Looked, ImportError> {
    if path.is_dir() {
        return look_at_folder(path);
    }
    let text = Text::beginning(path)?;
    if text.is_blank() {
        return Err(ImportError::TooFewRows { path: path.to_owned(), found: 0, need: super::sheet::MIN_ROWS });
    }
    let is_sto = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sto"));
    if is_sto || sto::has_orientations(&text) {
        return Ok(Looked::Sto);
    }
    // One sensor's file of an x-IMU3 log: its name is its folder's.
    if let Some(folder) = path.parent().filter(|_| file_name(path) == INERTIAL) {
        return Ok(Looked::XImu3(vec![folder.to_owned()]));
    }
    if let Some(group) = group_of(path)? {
        return Ok(Looked::Group(group));
    }
    if let Some(known) = known::known(&text) {
        return Ok(Looked::Known(Box::new(known)));
    }
    if guess::looks_inertial(&text) {
        return Ok(Looked::Table);
    }
    Err(ImportError::Unknown { path: path.to_owned(), found: text.summary() })
}

/// The inertial file in each sensor folder of an x-IMU3 log.
pub(crate) const INERTIAL: &str = "Inertial.csv";

fn look_at_folder(folder: &Path) -> Result<Looked, ImportError> {
    if bench::is_session(folder) {
        return Ok(Looked::Bench);
    }
    if folder.join(INERTIAL).is_file() {
        return Ok(Looked::XImu3(vec![folder.to_owned()]));
    }
    let sensors = ximu3_sensors(folder)?;
    if !sensors.is_empty() {
        return Ok(Looked::XImu3(sensors));
    }
    if let Some((kind, sensors)) = folder_sensors(folder)? {
        return Ok(Looked::Folders(kind, sensors));
    }
    let mut found = groups(folder)?;
    if found.len() > 1 {
        let sessions = found.iter().map(|g| g.session.clone().or(g.first().map(file_name)).unwrap_or_default());
        return Err(ImportError::SeveralSessions { path: folder.to_owned(), sessions: sessions.collect() });
    }
    found.pop().map(Looked::Group).ok_or_else(|| {
        let found = "no file in this folder has a known header".to_owned();
        ImportError::Unknown { path: folder.to_owned(), found }
    })
}

/// The sensor folders of an x-IMU3 log.
pub(crate) fn ximu3_sensors(folder: &Path) -> Result<Vec<std::path::PathBuf>, ImportError> {
    Ok(list(folder)?.into_iter().filter(|path| path.join(INERTIAL).is_file()).collect())
}

/// The sensors of a folder that has a folder for each of them: named for its place, with files that are named for what they
/// hold.
pub(crate) fn folder_sensors(folder: &Path) -> Result<Option<(Kind, Vec<SensorFiles>)>, ImportError> {
    let mut sensors = Vec::new();
    let mut kind = None;
    for path in list(folder)?.into_iter().filter(|path| path.is_dir() && place(&file_name(path)).is_some()) {
        let Ok([group]) = <[Group; 1]>::try_from(groups(&path)?) else { continue };
        // Files that name a place themselves are a session of their own.
        if group.sensors().iter().any(|sensor| place(&sensor.candidate.name).is_some()) {
            continue;
        }
        kind = kind.or(group.kind());
        sensors.push(group.as_one_sensor(&file_name(&path)));
    }
    Ok(kind.zip(Some(sensors).filter(|sensors| !sensors.is_empty())))
}

/// Whether a file that belongs to no group should be offered all the same: orientations, the columns of inertial sensors, or
/// a table or storage file that is empty or cannot be read.
pub(crate) fn worth_a_try(path: &Path) -> bool {
    let is_sto = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sto"));
    match Text::beginning(path) {
        _ if !is_sto && (!is_table(path) || is_json(path)) => false,
        Err(_) => true,
        Ok(text) if is_sto => text.is_blank() || sto::has_orientations(&text),
        Ok(text) => {
            let known = || known::known(&text).is_some() || guess::looks_inertial(&text);
            text.is_blank() || super::kind::recognise(&text).is_none() && known()
        }
    }
}

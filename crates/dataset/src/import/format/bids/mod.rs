//! Motion-BIDS: `sub-..._motion.tsv` without a header, its columns described row by row in `..._channels.tsv` and its rate in
//! `..._motion.json`; the start, if somebody wrote it down, in `..._scans.tsv`.
//!
//! Read are the channels of types `ACCEL` and `GYRO` (components x, y, z) of each tracked point, and the times of `LATENCY`, if
//! there are any. From the BIDS specification, "Motion".
//!
//! Tables of one recording that differ in their tracking system only are one session. What this crate exported is read back as it was
//! (`own`).

mod own;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use truehinge_core::{SensorRole, Side};

use self::table::subject;
use super::by_mapping::{layout, mapping, sensor, time};
use super::{About, Place, Whole};
use crate::import::cells::number;
use crate::import::files::{file_name, list};
use crate::import::mapping::{FileLayout, ForceUnit, Mapping, RateUnit, SensorColumns, Session, Time, TimeUnit};
use crate::import::roles::{Candidate, assign};
use crate::import::sheet::{Layout, Sheet};
use crate::import::started::Start;
use crate::import::text::Text;
use crate::import::{Complaint, ImportError, ImportOptions, Imported, mapped, stamp, started};

/// See the module.
pub(super) struct MotionBids;

impl Whole for MotionBids {
    fn about(&self) -> About {
        About {
            format: "motion-bids",
            words: "Motion-BIDS table",
            written_by: "Motion-BIDS",
            files: "`_motion.tsv` with `_channels.tsv` and `_motion.json`; channels ACCEL and GYRO",
        }
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::File(file) if beside(file.text.path(), CHANNELS).is_some_and(|path| path.is_file()))
    }

    fn stands_for(&self, path: &Path) -> bool {
        siblings(path).first().is_none_or(|first| file_name(first) == file_name(path))
    }

    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError> {
        Ok(systems(path)?.into_iter().flat_map(|system| system.points).collect())
    }

    fn files(&self, path: &Path) -> Result<Vec<PathBuf>, ImportError> {
        let described = |path: PathBuf| [beside(&path, CHANNELS), sidecar(&path), Some(path)];
        let mut files: Vec<PathBuf> =
            siblings(path).into_iter().flat_map(described).flatten().chain(scans(path)).collect();
        files.extend(own::beside(path));
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        let all = siblings(path);
        if own::is_own(&all) {
            return own::read(&self.about(), path, &all, options);
        }
        let systems = systems(path)?;
        let points: Vec<(&System, &String)> =
            systems.iter().flat_map(|system| system.points.iter().map(move |point| (system, point))).collect();
        let mut notes = Vec::new();
        let candidate = |(system, name): &(&System, &String)| Candidate {
            files: vec![file_name(&system.path)],
            ..Candidate::named(name)
        };
        let candidates: Vec<Candidate> = points.iter().map(candidate).collect();
        let assigned = assign(path, &candidates, options, &mut notes)?;
        let mut imported = Imported::default();
        for system in &systems {
            let of_it = assigned.chosen.iter().filter(|(index, _)| std::ptr::eq(points[*index].0, system));
            let chosen: Vec<(&String, SensorRole)> = of_it.map(|(index, role)| (points[*index].1, *role)).collect();
            if !chosen.is_empty() {
                self.read_system(system, &chosen, assigned.side, options, &mut imported)?;
            }
        }
        imported.notes.splice(0..0, notes);
        if let Some(info) = &mut imported.info {
            started::settle(info, start(path), &mut imported.notes);
        }
        Ok(imported)
    }
}

impl MotionBids {
    /// The sensors of one table.
    fn read_system(
        &self,
        system: &System,
        chosen: &[(&String, SensorRole)],
        side: Option<Side>,
        options: &ImportOptions,
        all: &mut Imported,
    ) -> Result<(), ImportError> {
        let System { path, channels, .. } = system;
        let sensors = chosen.iter().map(|(point, role)| columns(path, channels, point, *role));
        let file = FileLayout { header_rows: usize::from(has_header(path)?), ..layout('\t', 0, 0) };
        let session = Session { side, athlete: subject(path), ..Session::default() };
        let mapping = Mapping { session, ..mapping(file, clock(path, channels)?, sensors.collect::<Result<_, _>>()?) };
        let mut imported = mapped::read_as(self.about().name(), path, &mapping, options)?;
        for (track, (point, _)) in imported.tracks.iter_mut().zip(chosen) {
            track.device.serial.clone_from(point);
            "Motion-BIDS".clone_into(&mut track.device.model);
        }
        if all.tracks.is_empty() {
            *all = imported;
            return Ok(());
        }
        if !channels.iter().any(|channel| channel.kind == TIMES) {
            all.notes.push(format!("{}: no channel says its times: taken to begin with the others", file_name(path)));
        }
        all.tracks.append(&mut imported.tracks);
        all.files.append(&mut imported.files);
        all.notes.append(&mut imported.notes);
        all.warnings.append(&mut imported.warnings);
        Ok(())
    }
}

/// A table with sensors.
struct System {
    path: PathBuf,
    channels: Vec<Channel>,
    points: Vec<String>,
}

/// The tables of the recording that one of them is of; those of cameras and the like have no sensors.
fn systems(path: &Path) -> Result<Vec<System>, ImportError> {
    let system = |path: PathBuf| {
        let channels = channels(&path)?;
        let points = points(&channels);
        Ok(System { path, channels, points })
    };
    siblings(path).into_iter().map(system).collect()
}

/// A table's name without its tracking system and its ending; `None` of other files.
fn tracking_systems_apart(path: &Path) -> Option<String> {
    let name = file_name(path);
    let parts = name.strip_suffix(MOTION)?.split('_').filter(|part| !part.starts_with("tracksys-"));
    Some(parts.collect::<Vec<_>>().join("_"))
}

/// The tables of one recording, in the order of their names: all that differ in their tracking system only, and have an accelerometer.
fn siblings(path: &Path) -> Vec<PathBuf> {
    let alone = || vec![path.to_owned()];
    let Some((own, folder)) = tracking_systems_apart(path).zip(path.parent()) else { return alone() };
    let is_described = |file: &PathBuf| {
        let has_sensor = |channels: Vec<Channel>| {
            channels.iter().any(|channel| channel.kind == ACCELEROMETER || channel.kind == ORIENTATION)
        };
        file_name(file) == file_name(path) || channels(file).is_ok_and(has_sensor)
    };
    let is_other = |file: &PathBuf| tracking_systems_apart(file).as_ref() == Some(&own) && is_described(file);
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let found: Vec<PathBuf> = list(folder).unwrap_or_default().into_iter().filter(is_other).collect();
    if found.is_empty() { alone() } else { found }
}

const MOTION: &str = "_motion.tsv";
const CHANNELS: &str = "_channels.tsv";
const SIDECAR: &str = "_motion.json";

/// The file with another ending beside a `_motion.tsv`; nothing beside other files.
fn beside(path: &Path, ending: &str) -> Option<PathBuf> {
    Some(path.with_file_name(format!("{}{ending}", file_name(path).strip_suffix(MOTION)?)))
}

/// One column of the table.
struct Channel {
    name: String,
    kind: String,
    component: String,
    point: String,
    units: String,
}

fn wrong(path: &Path, found: impl Into<String>, hint: impl Into<String>) -> ImportError {
    Complaint::new(found, hint).of(path)
}

fn channels(path: &Path) -> Result<Vec<Channel>, ImportError> {
    let missing =
        || wrong(path, format!("its columns have no names: there is no {CHANNELS} beside it"), "add that file");
    let described = beside(path, CHANNELS).ok_or_else(missing)?;
    let text = Text::read(&described)?;
    let sheet = Sheet::new(&text, Layout::new(0, b'\t'))?;
    let [name, kind, component, point, units] = [
        sheet.index("name")?,
        sheet.index("type")?,
        sheet.index("component")?,
        sheet.index("tracked_point")?,
        sheet.index("units")?,
    ];
    let rows = text.lines().skip(1).map(|line| String::from_utf8_lossy(line).into_owned());
    let rows = rows.filter(|line| !line.trim().is_empty());
    Ok(rows
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let cell = |index: usize| cells.get(index).copied().unwrap_or_default().to_owned();
            Channel {
                name: cell(name),
                kind: cell(kind),
                component: cell(component),
                point: cell(point),
                units: cell(units),
            }
        })
        .collect())
}

/// The tracked points with an accelerometer, in order.
fn points(channels: &[Channel]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let with = channels.iter().filter(|channel| channel.kind == ACCELEROMETER);
    with.filter(|channel| seen.insert(&channel.point)).map(|channel| channel.point.clone()).collect()
}

const ACCELEROMETER: &str = "ACCEL";
const ORIENTATION: &str = "ORNT";
const GYROSCOPE: &str = "GYRO";
const TIMES: &str = "LATENCY";

/// The six columns of a tracked point and their units.
fn columns(path: &Path, channels: &[Channel], point: &str, role: SensorRole) -> Result<SensorColumns, ImportError> {
    let find = |kind: &str, component: &str| {
        let is = |channel: &Channel| channel.kind == kind && channel.component == component && channel.point == point;
        let at = channels.iter().position(is);
        at.ok_or_else(|| {
            wrong(path, format!("{point} has no channel {kind} {component}"), "a sensor needs all six: export it again")
        })
    };
    let three = |kind: &str| Ok([find(kind, "x")?, find(kind, "y")?, find(kind, "z")?]);
    let (force, rate): ([usize; 3], [usize; 3]) = (three(ACCELEROMETER)?, three(GYROSCOPE)?);
    let unknown = |kind: &str, units: &str, known: &str| {
        wrong(path, format!("{kind} of {point} is in \"{units}\""), format!("say {known} in {CHANNELS}"))
    };
    let force_unit = match channels[force[0]].units.as_str() {
        "m/s^2" | "m/s2" | "m/s²" | "m/s/s" => ForceUnit::Si,
        "g" => ForceUnit::G,
        "mg" => ForceUnit::MilliG,
        other => return Err(unknown(ACCELEROMETER, other, "m/s^2, g or mg")),
    };
    let rate_unit = match channels[rate[0]].units.as_str() {
        "rad/s" => RateUnit::Si,
        "deg/s" | "degree/s" | "°/s" | "dps" => RateUnit::Degrees,
        other => return Err(unknown(GYROSCOPE, other, "rad/s or deg/s")),
    };
    let from_one = |columns: [usize; 3]| columns.map(|index| index + 1);
    Ok(SensorColumns { role: Some(role), ..sensor(from_one(force), force_unit, from_one(rate), rate_unit) })
}

/// What `_motion.json` is read for.
#[derive(Deserialize)]
struct Sidecar {
    #[serde(rename = "SamplingFrequency")]
    hertz: f64,
}

/// A column of times, or the rate.
fn clock(path: &Path, channels: &[Channel]) -> Result<Time, ImportError> {
    if let Some(at) = channels.iter().position(|channel| channel.kind == TIMES) {
        let unit = match channels[at].units.as_str() {
            "s" => TimeUnit::S,
            "ms" => TimeUnit::Ms,
            other => {
                return Err(wrong(path, format!("{TIMES} is in \"{other}\""), format!("say s or ms in {CHANNELS}")));
            }
        };
        return Ok(time(Some(at + 1), Some(unit), None));
    }
    let missing = || wrong(path, format!("no {SIDECAR} says its SamplingFrequency"), "add that file");
    let found = sidecar(path).ok_or_else(missing)?;
    let text = Text::read(&found)?;
    let sidecar: Sidecar = serde_json::from_slice(text.content())
        .map_err(|error| wrong(&found, format!("it does not say the SamplingFrequency: {error}"), "correct it"))?;
    if sidecar.hertz.is_finite() && sidecar.hertz > 0.0 {
        return Ok(Time { rate_hz: Some(sidecar.hertz), ..time(None, None, None) });
    }
    Err(wrong(&found, format!("SamplingFrequency is {}", sidecar.hertz), "correct it"))
}

/// Folders of a data set lie so deep: data set, person, session, motion.
const DEPTH: usize = 4;

/// The nearest sidecar: beside the table or further up, for all tables that have what is in its name.
fn sidecar(path: &Path) -> Option<PathBuf> {
    let name = file_name(path);
    let parts: Vec<&str> = name.strip_suffix(MOTION)?.split('_').collect();
    let is_for_it = |file: &PathBuf| {
        let name = file_name(file);
        name.strip_suffix(SIDECAR).is_some_and(|stem| stem.split('_').all(|part| parts.contains(&part)))
            || name == SIDECAR.trim_start_matches('_')
    };
    path.ancestors().skip(1).take(DEPTH).find_map(|folder| list(folder).ok()?.into_iter().rfind(is_for_it))
}

/// Lists of a person's or a session's recordings.
fn scans(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    let is_list = |file: &PathBuf| file_name(file).ends_with("_scans.tsv");
    path.ancestors().skip(2).take(2).filter_map(|folder| list(folder).ok()).flatten().filter(is_list)
}

/// `acq_time` of the file in the list of its person's or session's recordings.
fn start(path: &Path) -> Option<Start> {
    let name = file_name(path);
    scans(path).filter_map(|list| Text::read(&list).ok()).find_map(|text| {
        let sheet = Sheet::new(&text, Layout::new(0, b'\t')).ok()?;
        let (file, acquired) = (sheet.find("filename")?, sheet.find("acq_time")?);
        let row = text.lines().skip(1).find_map(|line| {
            let cells: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
            let is_own = cells.get(file)?.trim_ascii().ends_with(name.as_bytes());
            is_own.then(|| cells.get(acquired).copied()).flatten()
        })?;
        let stamp = stamp::read(row.trim_ascii(), None).filter(|stamp| !stamp.of_day)?;
        Some(Start { utc_ns: stamp.nanos, zone: stamp.zone })
    })
}

/// Whether the table begins with names, as drafts of the specification had it.
fn has_header(path: &Path) -> Result<bool, ImportError> {
    let text = Text::beginning(path)?;
    let is_number = |cell: &[u8]| number(cell, b'.').is_some();
    Ok(text.lines().next().is_some_and(|line| !line.split(|&byte| byte == b'\t').any(is_number)))
}

//! Motion-BIDS: `sub-..._motion.tsv` without a header, its columns described row by row in `..._channels.tsv` and its rate in
//! `..._motion.json`; the start, if somebody wrote it down, in `..._scans.tsv`.
//!
//! Read are the channels of types `ACCEL` and `GYRO` (components x, y, z) of each tracked point, and the times of `LATENCY`, if
//! there are any. From the BIDS specification, "Motion".

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use truehinge_core::SensorRole;

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

    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError> {
        Ok(points(&channels(path)?))
    }

    fn files(&self, path: &Path) -> Result<Vec<PathBuf>, ImportError> {
        let described = [Some(path.to_owned()), beside(path, CHANNELS), sidecar(path)];
        Ok(described.into_iter().flatten().chain(scans(path)).collect())
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        let channels = channels(path)?;
        let points = points(&channels);
        let mut notes = Vec::new();
        let candidates: Vec<Candidate> = points.iter().map(|name| Candidate::named(name)).collect();
        let assigned = assign(path, &candidates, options, &mut notes)?;
        let sensors = assigned.chosen.iter().map(|(index, role)| columns(path, &channels, &points[*index], *role));
        let file = FileLayout { header_rows: usize::from(has_header(path)?), ..layout('\t', 0, 0) };
        let session = Session { side: assigned.side, athlete: subject(path), ..Session::default() };
        let mapping = Mapping { session, ..mapping(file, clock(path, &channels)?, sensors.collect::<Result<_, _>>()?) };
        let mut imported = mapped::read_as(self.about().name(), path, &mapping, options)?;
        for (track, (index, _)) in imported.tracks.iter_mut().zip(&assigned.chosen) {
            track.device.serial.clone_from(&points[*index]);
            "Motion-BIDS".clone_into(&mut track.device.model);
        }
        imported.notes.splice(0..0, notes);
        if let Some(info) = &mut imported.info {
            started::settle(info, start(path), &mut imported.notes);
        }
        Ok(imported)
    }
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
    let [kind, component, point, units] =
        [sheet.index("type")?, sheet.index("component")?, sheet.index("tracked_point")?, sheet.index("units")?];
    let rows = text.lines().skip(1).map(|line| String::from_utf8_lossy(line).into_owned());
    let rows = rows.filter(|line| !line.trim().is_empty());
    Ok(rows
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let cell = |index: usize| cells.get(index).copied().unwrap_or_default().to_owned();
            Channel { kind: cell(kind), component: cell(component), point: cell(point), units: cell(units) }
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

/// `sub-01` of `sub-01_task-hinge_motion.tsv`.
fn subject(path: &Path) -> Option<String> {
    let name = file_name(path);
    name.split('_').find(|part| part.starts_with("sub-")).map(str::to_owned)
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

//! Data sets that this crate exported: the same recording, sample for sample. What people may change stands in the tables of the
//! standard (names, dates, legs, body measures, markers) and is read from there; the sidecars say of each sensor what no table does.

use std::path::{Path, PathBuf};

use nalgebra::{Quaternion, UnitQuaternion};
use serde::Deserialize;
use serde_json::json;
use truehinge_core::{
    AngularRate, Anthropometry, DeviceTime, FreeAcceleration, HostTime, InertialSample, Length, Marker, MarkerKind,
    Measured, OrientationSample, Rotation, SequenceGap, SpecificForce, Track, TrackSamples,
};

use super::table::{Table, subject, table_above};
use super::{About, Channel, channels, siblings, sidecar, start, tracking_systems_apart};
use crate::export::bids::{ARRIVAL, DEVICE_TIME, LOST_BEFORE, Own};
use crate::import::cells::{nanoseconds, number};
use crate::import::files::file_name;
use crate::import::roles::{Candidate, assign};
use crate::import::sheet::{Layout, Sheet, Wanted};
use crate::import::text::Text;
use crate::import::whose::{self, anonymous};
use crate::import::{Complaint, ImportError, ImportOptions, Imported, source_file, started};

#[derive(Deserialize)]
struct Sidecar {
    #[serde(rename = "Truehinge")]
    own: Option<Own>,
}

/// What the sidecar of a table says beyond the standard; `None` of other programs' files.
fn said(path: &Path) -> Option<Own> {
    let text = Text::read(&sidecar(path)?).ok()?;
    serde_json::from_slice::<Sidecar>(text.content()).ok()?.own
}

/// Whether all sensors of a session were exported by this crate.
pub(super) fn is_own(systems: &[PathBuf]) -> bool {
    systems.iter().all(|path| said(path).is_some())
}

const SECOND: i64 = 1_000_000_000;

/// Reads a session from the tables of its sensors.
pub(super) fn read(
    about: &About,
    path: &Path,
    systems: &[PathBuf],
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let (format, words) = about.name();
    let mut imported = Imported { format, recognised: format!("{words} that was exported"), ..Imported::default() };
    let owns: Vec<(&PathBuf, Own)> = systems.iter().filter_map(|system| Some((system, said(system)?))).collect();
    let candidate = |(path, own): &(&PathBuf, Own)| Candidate {
        name: own.role.name().to_owned(),
        files: vec![file_name(path), own.device.serial.clone()],
    };
    let candidates: Vec<Candidate> = owns.iter().map(candidate).collect();
    let assigned = assign(path, &candidates, options, &mut imported.notes)?;
    let mut info = anonymous(path, &mut imported.notes);
    for (index, role) in assigned.chosen {
        let (path, own) = &owns[index];
        let text = Text::read(path)?;
        let read = samples(&text, &channels(path)?, &mut imported.warnings)?;
        imported.files.push(source_file(path, text.bytes()));
        info.source.protocol_file = info.source.protocol_file.or_else(|| own.protocol_file.clone());
        imported.tracks.push(Track {
            role,
            device: own.device.clone(),
            clock: own.clock,
            samples: read.0,
            sequence_gaps: read.1,
        });
    }
    let of_person = table_above(path, "participants.tsv");
    let person = subject(path).zip(of_person).and_then(|(id, table)| table.row("participant_id", &id));
    let named = person.and_then(|row| row.words("athlete")).or_else(|| subject(path));
    imported.athlete = named.and_then(|name| whose::person(&name, &mut imported.notes));
    if let Some(row) = session_row(path) {
        if let Some(name) = row.words("session") {
            info.session = whose::session(&name, &mut imported.notes);
        }
        info.stance_side = row.words("stance_side").and_then(|side| side.parse().ok());
        info.protocol = row.words("protocol").unwrap_or(info.protocol);
        info.body = body(&row);
    }
    info.stance_side = options.side.or(info.stance_side);
    started::settle(&mut info, start(path), &mut imported.notes);
    imported.markers = markers(path)?;
    imported.info = Some(info);
    Ok(imported)
}

fn session_row(path: &Path) -> Option<super::table::Row> {
    let name = file_name(path);
    let session = name.split('_').find(|part| part.starts_with("ses-"))?;
    table_above(path, &format!("{}_sessions.tsv", subject(path)?))?.row("session_id", session)
}

fn body(row: &super::table::Row) -> Anthropometry {
    let length = |name: &str| {
        let metres = Length::from_metres(row.number(&format!("{name}_m"))?);
        let sigma = Length::from_metres(row.number(&format!("{name}_sigma_m"))?);
        Some(Measured::new(metres, sigma))
    };
    Anthropometry {
        stature: length("stature"),
        shank_length: length("shank_length"),
        thigh_length: length("thigh_length"),
        hip_width: length("hip_width"),
        mass_kg: row.number("mass_kg"),
    }
}

/// The table of what was marked, beside those of the sensors.
pub(super) fn events(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}_events.tsv", tracking_systems_apart(path).unwrap_or_default()))
}

fn markers(path: &Path) -> Result<Vec<Marker>, ImportError> {
    let path = events(path);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let marker = |row: super::table::Row| {
        let at = row.cell("onset").and_then(|cell| nanoseconds(cell.as_bytes(), SECOND, b'.'));
        let part = |name: &str| row.words(name);
        let count = |name: &str| row.words(name).and_then(|words| words.parse::<u32>().ok());
        let kind = json!({
            "kind": part("trial_type"), "side": part("side"), "role": part("role"), "text": part("text").unwrap_or_default(),
            "least": count("least"), "most": count("most")
        });
        let kind: Option<MarkerKind> = serde_json::from_value(kind).ok().filter(|kind| *kind != MarkerKind::Unknown);
        let unreadable = || {
            let found = format!("an event is none that is known: {}", row.line());
            Complaint::new(found, "correct it, or leave the row out").of(&path)
        };
        let (at, kind) = at.zip(kind).ok_or_else(unreadable)?;
        Ok(Marker { at: HostTime::from_nanos(at), kind })
    };
    Table::read(&path)?.rows().map(marker).collect()
}

type Samples = (TrackSamples, Vec<SequenceGap>);

fn samples(text: &Text, channels: &[Channel], warnings: &mut Vec<String>) -> Result<Samples, ImportError> {
    let path = text.path();
    let index = |name: &str| {
        let missing = || Complaint::new(format!("it has no channel {name}"), "export it again").of(path);
        channels.iter().position(|channel| channel.name == name).ok_or_else(missing)
    };
    let sheet = Sheet::new(text, Layout { header_rows: 0, ..Layout::new(0, b'\t') })?;
    let arrival = index(ARRIVAL)?;
    let arrives = text.lines().next().and_then(|line| line.split(|byte| *byte == b'\t').nth(arrival));
    let arrives = arrives.is_some_and(|cell| number(cell, b'.').is_some_and(f64::is_finite));
    let mut times = vec![(index(DEVICE_TIME)?, SECOND)];
    times.extend(arrives.then_some((arrival, SECOND)));
    let oriented = channels.iter().any(|channel| channel.kind == "ORNT");
    let names: &[&str] = if oriented {
        &["quat_w", "quat_x", "quat_y", "quat_z", "free_acc_x", "free_acc_y", "free_acc_z", LOST_BEFORE]
    } else {
        &["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z", LOST_BEFORE]
    };
    let numbers: Vec<usize> = names.iter().map(|name| index(name)).collect::<Result<_, _>>()?;
    let mut rows = sheet.read(Wanted { numbers: &numbers, times: &times, ..Wanted::default() })?;
    rows.warn(&file_name(path), warnings);
    let lost = rows.numbers.pop().unwrap_or_default();
    let row = |row: usize| {
        let values: Vec<f64> = rows.numbers.iter().map(|column| column[row]).collect();
        let arrival = arrives.then(|| HostTime::from_nanos(rows.times[1][row]));
        (DeviceTime::from_nanos(rows.times[0][row]), arrival, values)
    };
    let all = (0..rows.len()).map(row);
    let samples = if oriented {
        let turned: Option<Vec<_>> = all.map(|(time, arrival, values)| orientation(time, arrival, &values)).collect();
        let none = || Complaint::new("a quaternion is no rotation", "export it again").of(path);
        TrackSamples::Orientation(turned.ok_or_else(none)?)
    } else {
        TrackSamples::Inertial(all.map(|(time, arrival, values)| inertial(time, arrival, &values)).collect())
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count; the cast saturates")]
    let gap = |(before_sample, lost): (usize, &f64)| {
        (*lost >= 1.0).then_some(SequenceGap { before_sample, lost: *lost as u64 })
    };
    Ok((samples, lost.iter().enumerate().filter_map(gap).collect()))
}

fn inertial(device_time: DeviceTime, arrival: Option<HostTime>, v: &[f64]) -> InertialSample {
    InertialSample {
        device_time,
        arrival,
        specific_force: SpecificForce::new(v[0], v[1], v[2]),
        angular_rate: AngularRate::new(v[3], v[4], v[5]),
    }
}

/// A quaternion nearer to length 1 is kept as it is, to the last bit.
const EXACT: f64 = 1e-12;

fn orientation(device_time: DeviceTime, arrival: Option<HostTime>, v: &[f64]) -> Option<OrientationSample> {
    let wxyz = Quaternion::new(v[0], v[1], v[2], v[3]);
    let rotation = if (wxyz.norm() - 1.0).abs() < EXACT {
        // CLAIM: the export writes the components of a rotation from sensor to Earth.
        Rotation::assert_maps(UnitQuaternion::new_unchecked(wxyz))
    } else {
        Rotation::from_wxyz([v[0], v[1], v[2], v[3]])?
    };
    let free = v[4..7].iter().all(|value| value.is_finite());
    let free_acceleration = free.then(|| FreeAcceleration::new(v[4], v[5], v[6]));
    Some(OrientationSample { device_time, arrival, rotation, free_acceleration })
}

/// The files beside the tables of sensors that are read.
pub(super) fn beside(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        [super::table::above(path, "participants.tsv"), Some(events(path))].into_iter().flatten().collect();
    files.extend(subject(path).and_then(|subject| super::table::above(path, &format!("{subject}_sessions.tsv"))));
    files.retain(|file| file.is_file());
    files.extend(siblings(path).iter().filter_map(|system| sidecar(system)));
    files
}

//! OpenSim `.sto` files with sensor orientations: a header, then time and one quaternion (w,x,y,z) per sensor and row.
//!
//! The quaternions are taken as the sensor's own: Earth with z up. That is what OpenSense writes and reads; it turns z up to
//! its y up only when a model is placed (`sensor_to_opensim_rotations`). Checked on a recording that exists as the maker's
//! file and as `.sto`: they agree to 1e-6. A file written from a simulated model may have y up; nothing in it says so.

use std::path::Path;

use truehinge_core::{
    ClockKind, DeviceTime, Earth, OrientationSample, Rotation, Sensor, SensorRole, Track, TrackSamples,
};

use super::{About, Place, Whole};
use crate::import::cells::{nanoseconds, number};
use crate::import::files::file_name;
use crate::import::roles::{Candidate, assign};
use crate::import::sheet::MIN_ROWS;
use crate::import::text::Text;
use crate::import::time::{steps, usual_rate};
use crate::import::tracks::track;
use crate::import::whose::anonymous;
use crate::import::{Complaint, ImportError, ImportOptions, Imported, source_file};

/// See the module.
pub(super) struct Sto;

impl Whole for Sto {
    fn about(&self) -> About {
        About {
            format: "opensim-sto",
            words: "OpenSim storage file with sensor orientations",
            written_by: "OpenSim `.sto`",
            files: "orientations",
        }
    }

    fn extension(&self) -> Option<&'static str> {
        Some("sto")
    }

    fn recognise(&self, place: Place<'_>) -> bool {
        matches!(place, Place::File(file) if has_orientations(file.text))
    }

    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError> {
        Ok(vec![file_name(path)])
    }

    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        read(&Text::read(path)?, options)
    }
}

/// The header ends within this many lines.
const HEADER_WITHIN: usize = 200;
const SECOND: i64 = 1_000_000_000;

/// The header of a storage file.
struct Header {
    /// Line of the column names, from 0.
    names_line: usize,
    sensors: Vec<String>,
    hertz: Option<f64>,
}

/// Whether the header of a storage file speaks of orientations.
fn has_orientations(text: &Text) -> bool {
    text.head(HEADER_WITHIN).iter().any(|line| {
        line.trim().strip_prefix("DataType=").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("Quaternion"))
    })
}

fn read(text: &Text, options: &ImportOptions) -> Result<Imported, ImportError> {
    let path = text.path();
    let header = read_header(text)?;
    let mut notes = Vec::new();
    let candidates: Vec<Candidate> = header.sensors.iter().map(|name| Candidate::named(name)).collect();
    let assigned = assign(path, &candidates, options, &mut notes)?;
    let columns: Vec<usize> = assigned.chosen.iter().map(|(sensor, _)| sensor + 1).collect();
    let (times, rotations) = read_rows(text, &header, &columns)?;
    notes.push(
        "orientations of the maker's filter, taken with z up; without accelerations there is no hip travel".to_owned(),
    );
    if let (Some(seen), Some(said)) = (usual_rate(steps(&times)), header.hertz)
        && (seen / said - 1.0).abs() > 0.1
    {
        notes.push(format!("the header says {said} Hz, the times {seen:.2} Hz: the times were used"));
    }
    let tracks = assigned.chosen.iter().zip(rotations).map(|((sensor, role), rotations)| {
        oriented_track(*role, &header.sensors[*sensor], header.hertz, &times, &rotations)
    });
    let info = truehinge_core::SessionInfo { stance_side: assigned.side, ..anonymous(path, &mut notes) };
    Ok(Imported {
        format: "opensim-sto",
        recognised: "OpenSim storage file with sensor orientations".to_owned(),
        tracks: tracks.collect(),
        info: Some(info),
        files: vec![source_file(path, text.bytes())],
        notes,
        ..Imported::default()
    })
}

type Orientation = Rotation<Sensor, Earth>;

fn oriented_track(role: SensorRole, name: &str, hertz: Option<f64>, times: &[i64], rotations: &[Orientation]) -> Track {
    let samples = times.iter().zip(rotations).map(|(&time, &rotation)| OrientationSample {
        device_time: DeviceTime::from_nanos(time),
        arrival: None,
        rotation,
        free_acceleration: None,
    });
    let samples = TrackSamples::Orientation(samples.collect());
    let mut track = track(role, "OpenSim orientations", hertz, ClockKind::Shared, samples);
    name.clone_into(&mut track.device.serial);
    track
}

fn read_header(text: &Text) -> Result<Header, ImportError> {
    let wrong = |found: &str| Complaint::new(found, "export it again").of(text.path());
    let head = text.head(HEADER_WITHIN);
    let end = head.iter().position(|line| line.trim().eq_ignore_ascii_case("endheader"));
    let end = end.ok_or_else(|| wrong("not a whole OpenSim storage file: there is no endheader line"))?;
    let value = |key: &str| head[..end].iter().find_map(|line| line.trim().strip_prefix(key));
    if !value("DataType=").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("Quaternion")) {
        let hint = "export sensor orientations: joint angles and forces cannot be imported";
        return Err(Complaint::new("DataType is not Quaternion", hint).of(text.path()));
    }
    let names = head.get(end + 1).ok_or_else(|| wrong("there are no column names after endheader"))?;
    let names: Vec<String> = names.trim_end().split('\t').map(|name| name.trim().to_owned()).collect();
    match names.split_first() {
        Some((time, sensors)) if time.eq_ignore_ascii_case("time") && !sensors.is_empty() => Ok(Header {
            names_line: end + 1,
            sensors: sensors.to_vec(),
            hertz: value("DataRate=").and_then(|rate| rate.trim().parse().ok()).filter(|rate| *rate > 0.0),
        }),
        _ => Err(wrong("the column names after endheader do not begin with time")),
    }
}

fn read_rows(
    text: &Text,
    header: &Header,
    columns: &[usize],
) -> Result<(Vec<i64>, Vec<Vec<Orientation>>), ImportError> {
    let expected = header.sensors.len() + 1;
    let mut times: Vec<i64> = Vec::new();
    let mut rotations = vec![Vec::new(); columns.len()];
    for (line, row) in text.lines().enumerate().skip(header.names_line + 1) {
        if row.trim_ascii().is_empty() {
            continue;
        }
        let line = line + 1;
        let cells: Vec<&[u8]> = row.trim_ascii_end().split(|&byte| byte == b'\t').collect();
        if cells.len() != expected {
            return Err(ImportError::Ragged { path: text.path().to_owned(), line, found: cells.len(), expected });
        }
        let bad = |column: &str, cell: &[u8], need| ImportError::BadCell {
            path: text.path().to_owned(),
            line,
            column: column.to_owned(),
            found: String::from_utf8_lossy(cell.get(..60).unwrap_or(cell)).into_owned(),
            need,
            hint: "correct the cell, or leave the row out",
        };
        let time = nanoseconds(cells[0], SECOND, b'.').ok_or_else(|| bad("time", cells[0], "a time in seconds"))?;
        if let Some(&before) = times.last().filter(|&&before| time <= before) {
            let (before, after) = (before as f64 * 1e-9, time as f64 * 1e-9);
            return Err(ImportError::TimeGoesBack { path: text.path().to_owned(), line, before, after });
        }
        times.push(time);
        for (&column, rotations) in columns.iter().zip(&mut rotations) {
            let rotation = quaternion(cells[column]);
            let need = "a quaternion w,x,y,z of length 1";
            rotations.push(rotation.ok_or_else(|| bad(&header.sensors[column - 1], cells[column], need))?);
        }
    }
    if times.len() < MIN_ROWS {
        return Err(ImportError::TooFewRows { path: text.path().to_owned(), found: times.len(), need: MIN_ROWS });
    }
    Ok((times, rotations))
}

/// A quaternion further from length 1 than this is no rotation but another kind of cell.
const UNIT_TOLERANCE: f64 = 1e-2;

fn quaternion(cell: &[u8]) -> Option<Orientation> {
    let mut parts = cell.split(|&byte| byte == b',').map(|part| number(part, b'.'));
    let wxyz = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    let length = wxyz.iter().map(|x| x * x).sum::<f64>().sqrt();
    // CLAIM: OpenSense stores each sensor's rotation from sensor axes to the ground of the recording.
    if parts.next().is_none() && (length - 1.0).abs() < UNIT_TOLERANCE { Rotation::from_wxyz(wxyz) } else { None }
}

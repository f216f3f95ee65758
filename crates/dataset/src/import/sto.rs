//! OpenSim `.sto` files with sensor orientations: a header, then time and one quaternion (w,x,y,z) per sensor and row.

use std::path::Path;

use truehinge_core::{ClockKind, DeviceInfo, DeviceTime, OrientationSample, Rotation, SampleRate, Track, TrackSamples};

use super::sheet::Text;
use super::{ImportError, ImportOptions, Imported, roles, source_file};

/// OpenSim's vertical is y; ours is z: a quarter turn about x.
fn to_z_up(wxyz: [f64; 4]) -> Option<Rotation<truehinge_core::Sensor, truehinge_core::Earth>> {
    let y_up = Rotation::<truehinge_core::Sensor, truehinge_core::Earth>::from_wxyz(wxyz)?.quaternion();
    let quarter = nalgebra::UnitQuaternion::from_axis_angle(&nalgebra::Vector3::x_axis(), std::f64::consts::FRAC_PI_2);
    // CLAIM: the file's rotation maps sensor axes to a ground with y up; the quarter turn takes y to z.
    Some(Rotation::assert_maps(quarter * y_up))
}

pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let text = Text::read(path)?;
    let wrong = |reason: &str| ImportError::Description { path: path.to_owned(), reason: reason.to_owned() };
    let head = text.head(200);
    let end = head.iter().position(|line| line.trim().eq_ignore_ascii_case("endheader"));
    let end = end.ok_or_else(|| wrong("no endheader line: not an OpenSim storage file"))?;
    let header = |key: &str| head[..end].iter().find_map(|line| line.strip_prefix(key).map(|v| v.trim().to_owned()));
    if !header("DataType=").is_some_and(|kind| kind.eq_ignore_ascii_case("Quaternion")) {
        return Err(wrong("its DataType is not Quaternion: only sensor orientations can be imported"));
    }
    let names: Vec<String> =
        head.get(end + 1).map(|l| l.split('\t').map(|n| n.trim().to_owned()).collect()).unwrap_or_default();
    let (_, sensors) = names.split_first().ok_or_else(|| wrong("no column names after endheader"))?;
    let mut notes = Vec::new();
    let (chosen, side) = roles::assign(path, sensors, options, &mut notes)?;
    let mut samples = vec![Vec::new(); chosen.len()];
    let mut previous = f64::NEG_INFINITY;
    let rate = header("DataRate=").and_then(|rate| rate.parse().ok()).and_then(SampleRate::from_hertz);
    for (row, line) in text.lines().enumerate().skip(end + 2) {
        let line = String::from_utf8_lossy(line);
        if line.trim().is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() < names.len() {
            let (found, expected) = (cells.len(), names.len());
            return Err(ImportError::Ragged { path: path.to_owned(), line: row + 1, found, expected });
        }
        let bad = |column: usize, found: &str| ImportError::NotANumber {
            path: path.to_owned(),
            line: row + 1,
            column: names[column].clone(),
            found: found.chars().take(40).collect(),
        };
        let time: f64 = cells[0].trim().parse().map_err(|_| bad(0, cells[0]))?;
        if time <= previous {
            return Err(ImportError::TimeGoesBack {
                path: path.to_owned(),
                line: row + 1,
                before: previous,
                after: time,
            });
        }
        previous = time;
        for ((sensor, _), samples) in chosen.iter().zip(&mut samples) {
            let cell = cells[sensor + 1];
            let parts: Vec<f64> = cell.split(',').filter_map(|part| part.trim().parse().ok()).collect();
            let rotation = <[f64; 4]>::try_from(parts).ok().and_then(to_z_up).ok_or_else(|| bad(sensor + 1, cell))?;
            samples.push((time, rotation));
        }
    }
    let usable = samples.first().map_or(0, Vec::len);
    if usable < 2 {
        return Err(ImportError::TooFewRows { path: path.to_owned(), found: usable, need: 2 });
    }
    // Some writers count rows where others give seconds; the declared rate tells which.
    let step = samples[0][1].0 - samples[0][0].0;
    let counts = rate.filter(|rate| (step - 1.0).abs() < 1e-9 && rate.hertz() > 2.0);
    if let Some(rate) = counts {
        notes.push(format!("the time column counts rows; the header's {} Hz were used", rate.hertz()));
    }
    let seconds = |time: f64| counts.map_or(time, |rate| time * rate.period_seconds());
    let tracks = chosen
        .iter()
        .zip(samples)
        .map(|((sensor, role), samples)| Track {
            role: *role,
            device: DeviceInfo { model: sensors[*sensor].clone(), nominal_rate: rate, ..DeviceInfo::default() },
            clock: ClockKind::Shared,
            samples: TrackSamples::Orientation(
                samples
                    .into_iter()
                    .map(|(time, rotation)| OrientationSample {
                        device_time: DeviceTime::from_seconds(seconds(time)),
                        arrival: None,
                        rotation,
                        free_acceleration: None,
                    })
                    .collect(),
            ),
            sequence_gaps: Vec::new(),
        })
        .collect();
    notes.push("orientations only: hip travel cannot be computed from them".to_owned());
    let mut imported = Imported {
        format: "opensim-sto",
        recognised: "OpenSim storage file with sensor orientations (y up)".to_owned(),
        tracks,
        files: vec![source_file(path, text.bytes())],
        notes,
        info: None,
    };
    imported.info = side.map(|side| truehinge_core::SessionInfo { stance_side: Some(side), ..super::anonymous(path) });
    Ok(imported)
}

//! Any CSV through a mapping.

use std::path::{Path, PathBuf};

use truehinge_core::{ClockKind, HostTime, Length, Measured, SensorRole, SessionInfo, Track, TrackSamples};

use super::group::{file_name, is_table, list, stem, trials};
use super::mapping::{Mapping, SensorColumns, Session};
use super::roles::{Candidate, assign};
use super::sheet::{Rows, Sheet, Wanted};
use super::text::Text;
use super::time::{Counted, counted, steps, unwrap, usual_rate};
use super::tracks::{Scales, inertial, track};
use super::{ImportError, ImportOptions, Imported, anonymous, known_athlete, safe_name, source_file};

/// Standard deviation of a stature somebody wrote down, mm.
pub(crate) const STATURE_SIGMA_MM: f64 = 5.0;

/// Reads a file that holds all sensors, or a folder (or file) of files with one sensor each.
pub(crate) fn read(path: &Path, mapping: &Mapping, options: &ImportOptions) -> Result<Imported, ImportError> {
    mapping.check().map_err(|reason| ImportError::Description { path: path.to_owned(), reason })?;
    let mut imported = Imported {
        format: "csv-mapping",
        recognised: "table through a mapping file".to_owned(),
        info: Some(session(path, &mapping.session)),
        time_unit: mapping.time.unit,
        ..Imported::default()
    };
    if !mapping.one_sensor_per_file() {
        if path.is_dir() {
            let hint = "give a file, or leave the role out of the mapping when every file holds one sensor".to_owned();
            return Err(ImportError::Roles { path: path.to_owned(), found: "a folder".to_owned(), hint });
        }
        read_file(path, mapping, None, ClockKind::Shared, &mut imported)?;
        return Ok(imported);
    }
    let files = if path.is_dir() { fitting(path, mapping)? } else { trial_of(path, mapping)? };
    let candidates: Vec<Candidate> =
        files.iter().map(|file| Candidate { name: stem(file), files: vec![file_name(file)] }).collect();
    if candidates.is_empty() {
        let found = "no file in this folder has the columns of the mapping".to_owned();
        return Err(ImportError::Unknown { path: path.to_owned(), found });
    }
    let assigned = assign(path, &candidates, options, &mut imported.notes)?;
    let clock = if mapping.time.column.is_some() { ClockKind::Device } else { ClockKind::SampleIndex };
    for (index, role) in assigned.chosen {
        read_file(&files[index], mapping, Some(role), clock, &mut imported)?;
    }
    if let Some(info) = &mut imported.info {
        info.stance_side = info.stance_side.or(assigned.side);
    }
    Ok(imported)
}

/// The tables of a folder that have the columns of the mapping.
fn fitting(folder: &Path, mapping: &Mapping) -> Result<Vec<PathBuf>, ImportError> {
    Ok(list(folder)?.into_iter().filter(|p| is_table(p) && mapping.fits(p).unwrap_or(false)).collect())
}

/// The files of a trial by one of them; a file whose name says nothing but the place stands alone.
fn trial_of(path: &Path, mapping: &Mapping) -> Result<Vec<PathBuf>, ImportError> {
    let alone = vec![path.to_owned()];
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else { return Ok(alone) };
    let trials = trials(fitting(folder, mapping)?);
    let own =
        trials.iter().find(|trial| trials.len() > 1 && trial.iter().any(|file| file_name(file) == file_name(path)));
    Ok(own.cloned().unwrap_or(alone))
}

/// One file with one sensor of the role given, or with the sensors of the mapping.
fn read_file(
    path: &Path,
    mapping: &Mapping,
    role: Option<SensorRole>,
    clock: ClockKind,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let wrong = |reason: String| ImportError::Description { path: path.to_owned(), reason };
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let Read { rows, times, arrivals, counted } = read_columns(&sheet, mapping)?;
    let label = stem(path);
    rows.warn(&file_name(path), &mut imported.warnings);
    if counted.stuck > 0 {
        imported.notes.push(format!("{label}: the sequence repeats or goes back in {} rows, all kept", counted.stuck));
    }
    // Arrival times are there to fit each clock with.
    let clock = if arrivals.is_some() { ClockKind::Device } else { clock };
    let hertz = mapping.time.rate_hz.or_else(|| usual_rate(steps(&times)));
    for (sensor, columns) in mapping.sensor.iter().zip(rows.numbers.chunks_exact(6)) {
        let Some(role) = role.or(sensor.role) else { continue };
        let columns =
            <&[Vec<f64>; 6]>::try_from(columns).map_err(|_| wrong("a sensor needs six columns".to_owned()))?;
        let scales = Scales { force: sensor.force_scale().map_err(wrong)?, rate: sensor.rate_scale().map_err(wrong)? };
        let mut samples = inertial(&times, columns, scales);
        if let (TrackSamples::Inertial(samples), Some(arrivals)) = (&mut samples, &arrivals) {
            for (sample, &arrival) in samples.iter_mut().zip(arrivals) {
                sample.arrival = Some(HostTime::from_nanos(arrival));
            }
        }
        imported.tracks.push(Track {
            sequence_gaps: counted.gaps.clone(),
            ..with_name(track(role, "imported by mapping", hertz, clock, samples), &label, sensor)
        });
    }
    let used: Vec<usize> = mapping.columns().filter_map(|column| column.find(&sheet).ok()).collect();
    let unused = (0..sheet.names().len()).filter(|index| !used.contains(index)).count();
    imported.notes.push(format!("{label}: {unused} of {} columns were not asked for", sheet.names().len()));
    imported.files.push(source_file(path, text.bytes()));
    Ok(())
}

fn with_name(mut track: Track, file: &str, sensor: &SensorColumns) -> Track {
    let columns = match &sensor.acc[0] {
        super::mapping::Column::Name(name) => name.clone(),
        super::mapping::Column::Number(number) => format!("column {number}"),
    };
    track.device.serial = if sensor.role.is_some() { columns } else { file.to_owned() };
    track
}

struct Read {
    rows: Rows,
    times: Vec<i64>,
    arrivals: Option<Vec<i64>>,
    counted: Counted,
}

/// Values of the sensors, six columns each, with times, arrivals and losses.
fn read_columns(sheet: &Sheet<'_>, mapping: &Mapping) -> Result<Read, ImportError> {
    let mut numbers = Vec::new();
    for column in mapping.sensor.iter().flat_map(|sensor| sensor.acc.iter().chain(&sensor.gyr)) {
        numbers.push(column.find(sheet)?);
    }
    if let Some(sequence) = &mapping.sequence {
        numbers.push(sequence.column.find(sheet)?);
    }
    let unit = mapping.time.unit.map_or(1, super::mapping::TimeUnit::nanos);
    let mut wanted_times = Vec::new();
    if let Some(column) = &mapping.time.column {
        wanted_times.push((column.find(sheet)?, unit));
    }
    if let Some(arrival) = &mapping.arrival {
        wanted_times.push((arrival.column.find(sheet)?, arrival.unit.nanos()));
    }
    let mut rows =
        sheet.read(Wanted { numbers: &numbers, times: &wanted_times, format: mapping.time.format.as_deref() })?;
    let counter = mapping.sequence.as_ref().and_then(|sequence| Some((sequence, rows.numbers.pop()?)));
    let counted = counter.map_or_else(Counted::default, |(sequence, counter)| {
        counted(&counter, 1_i64 << sequence.wrap_bits.unwrap_or(32).min(62))
    });
    let arrivals = mapping.arrival.as_ref().and_then(|_| rows.times.pop());
    let times = match rows.times.pop() {
        Some(mut times) => {
            let wrap = mapping.time.wrap_bits.and_then(|bits| 1_i64.checked_shl(bits)?.checked_mul(unit));
            unwrap(sheet.text().path(), &mut times, &rows.lines, wrap)?;
            times
        }
        None => by_rate(rows.len(), &counted, mapping.time.rate_hz.unwrap_or(1.0)),
    };
    Ok(Read { rows, times, arrivals, counted })
}

/// Row number over rate; lost rows count where a sequence shows them.
fn by_rate(rows: usize, counted: &Counted, hertz: f64) -> Vec<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
    let at = |step: f64| (step * 1e9 / hertz).round() as i64;
    if counted.steps.len() == rows {
        counted.steps.iter().map(|&step| at(step as f64)).collect()
    } else {
        (0..rows).map(|row| at(row as f64)).collect()
    }
}

fn session(path: &Path, session: &Session) -> SessionInfo {
    let stem = stem(path);
    let mut info = anonymous(path);
    if let Some(parts) = session.name_parts {
        let mut names: Vec<String> =
            path.with_extension("").iter().rev().take(parts.max(1)).map(|p| p.to_string_lossy().into_owned()).collect();
        names.reverse();
        info.session = safe_name(&names.join("-"));
    }
    if let Some(mark) = &session.athlete_until {
        info.athlete = known_athlete(stem.split(mark.as_str()).next().unwrap_or(&stem));
    }
    if let Some(athlete) = &session.athlete {
        info.athlete = known_athlete(athlete);
    }
    if let Some(protocol) = &session.protocol {
        info.protocol.clone_from(protocol);
    }
    info.stance_side = session.side;
    info.body.stature = session
        .stature_m
        .filter(|metres| metres.is_finite() && *metres > 0.0)
        .map(|metres| Measured::new(Length::from_metres(metres), Length::from_millimetres(STATURE_SIGMA_MM)));
    info
}

//! Any CSV through a mapping.

use std::path::{Path, PathBuf};

use truehinge_core::{ClockKind, HostTime, SensorRole, Track, TrackSamples};

use super::files::{file_name, is_table, list, stem};
use super::mapping::{Column, Mapping, SensorColumns, Session};
use super::places::named;
use super::roles::{Candidate, assign};
use super::sheet::{Rows, Sheet, Wanted};
use super::text::Text;
use super::time::{Counted, counted, steps, unwrap, usual_rate};
use super::tracks::{Channel, Scales, inertial, measured, merge, track};
use super::trials::trials;
use super::whose::{self, anonymous};
use super::{Complaint, ImportError, ImportOptions, Imported, ManyFiles, source_file};

/// As [`read`], of a format whose files a mapping describes.
pub(crate) fn read_as(
    (format, words): (&'static str, &'static str),
    path: &Path,
    mapping: &Mapping,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    Ok(Imported { format, recognised: words.to_owned(), ..read(path, mapping, options)? })
}

/// Reads a file that holds all sensors, or a folder (or file) of files with one sensor each.
pub(crate) fn read(path: &Path, mapping: &Mapping, options: &ImportOptions) -> Result<Imported, ImportError> {
    mapping.check().map_err(|complaint| complaint.of(path))?;
    let mut imported = Imported {
        format: "csv-mapping",
        recognised: "table through a mapping file".to_owned(),
        time_unit: mapping.time.unit,
        ..Imported::default()
    };
    session(path, &mapping.session, &mut imported);
    if mapping.file.device.is_some() && !path.is_dir() {
        read_devices(path, mapping, options, &mut imported)?;
        return Ok(imported);
    }
    if !mapping.one_sensor_per_file() {
        if path.is_dir() {
            let hint = "give a file, or leave the role out of the mapping when every file holds one sensor";
            return Err(Complaint::new("a folder, and the mapping is for one file", hint).of(path));
        }
        refuse_devices(path, mapping)?;
        read_file(path, mapping, (None, None), ClockKind::Shared, &mut imported)?;
        return Ok(imported);
    }
    let files = files(path, mapping, options)?;
    let candidates: Vec<Candidate> =
        files.iter().map(|file| Candidate { name: stem(file), files: vec![file_name(file)] }).collect();
    if candidates.is_empty() {
        let found = "no file in this folder has the columns of the mapping".to_owned();
        return Err(ImportError::Unknown { path: path.to_owned(), found });
    }
    let assigned = assign(path, &candidates, options, &mut imported.notes)?;
    let clock = if mapping.time.column.is_some() { ClockKind::Device } else { ClockKind::SampleIndex };
    for (index, role) in assigned.chosen {
        refuse_devices(&files[index], mapping)?;
        read_file(&files[index], mapping, (Some(role), None), clock, &mut imported)?;
    }
    if let Some(info) = &mut imported.info {
        info.stance_side = info.stance_side.or(assigned.side);
    }
    Ok(imported)
}

/// More devices than anybody wears: a column with more words says something else.
const MOST_DEVICES: usize = 16;

/// A table with the rows of several devices: each is a sensor.
fn read_devices(
    path: &Path,
    mapping: &Mapping,
    options: &ImportOptions,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let Some(column) = &mapping.file.device else { return Ok(()) };
    let column = column.find(&sheet)?;
    let devices = sheet.words(column, MOST_DEVICES).filter(|devices| !devices.is_empty()).ok_or_else(|| {
        let found = format!("the column of devices holds no names, or more than {MOST_DEVICES}");
        Complaint::new(found, "check the mapping's device").of(path)
    })?;
    let candidates: Vec<Candidate> = devices.iter().map(|name| Candidate::named(name)).collect();
    let assigned = assign(path, &candidates, options, &mut imported.notes)?;
    for (index, role) in assigned.chosen {
        // One program wrote all rows: their times are of one clock.
        read_file(path, mapping, (Some(role), Some((column, &devices[index]))), ClockKind::Shared, imported)?;
    }
    imported.files.dedup();
    if let Some(info) = &mut imported.info {
        info.stance_side = info.stance_side.or(assigned.side);
    }
    Ok(())
}

/// A column that says two or more names in turn mixes sensors.
fn refuse_devices(path: &Path, mapping: &Mapping) -> Result<(), ImportError> {
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let Some((_, name, words)) = device_column(&sheet) else { return Ok(()) };
    let found = format!("the column \"{name}\" says {} in turn", words.join(", "));
    let hint = format!("say device = \"{name}\" under [file] of the mapping: rows of several sensors are in one table");
    Err(Complaint::new(found, hint).of(path))
}

/// The column that says whose each row is, of a table with the rows of several sensors, and what it says: it is called after
/// sensors, or names places they sit at.
pub(super) fn device_column<'a>(sheet: &'a Sheet<'_>) -> Option<(usize, &'a str, Vec<String>)> {
    sheet.names().iter().enumerate().find_map(|(index, name)| {
        let words = sheet.words(index, MOST_DEVICES)?;
        let are_names = words.len() > 1 && words.iter().all(|word| word.parse::<f64>().is_err());
        let lower = name.to_lowercase();
        let places = words.iter().filter(|word| named(word).0.is_some()).count();
        let says_whose = lower.contains("device") || lower.contains("sensor") || places > 1;
        (are_names && says_whose).then_some((index, name.as_str(), words))
    })
}

/// One file of a sensor, through a mapping that is made of its header.
pub(crate) fn read_known(
    path: &Path,
    mapping: &Mapping,
    role: SensorRole,
    imported: &mut Imported,
) -> Result<Track, ImportError> {
    let tracks = std::mem::take(&mut imported.tracks);
    let files = imported.files.clone();
    read_file(path, mapping, (Some(role), None), ClockKind::Device, imported)?;
    let track = imported.tracks.pop();
    // Whoever asked for the track counts tracks and files.
    (imported.tracks, imported.files) = (tracks, files);
    track.ok_or_else(|| ImportError::NoValues { path: path.to_owned(), role, what: "accelerometer" })
}

/// The files that [`read`] reads.
pub(crate) fn files(path: &Path, mapping: &Mapping, options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    if path.is_dir() {
        fitting(path, mapping)
    } else if mapping.one_sensor_per_file() && mapping.file.device.is_none() {
        trial_of(path, mapping, &options.many)
    } else {
        Ok(vec![path.to_owned()])
    }
}

/// The tables of a folder that have the columns of the mapping.
fn fitting(folder: &Path, mapping: &Mapping) -> Result<Vec<PathBuf>, ImportError> {
    Ok(list(folder)?.into_iter().filter(|p| is_table(p) && mapping.fits(p).unwrap_or(false)).collect())
}

/// The files of a trial by one of them; a file whose name says nothing but the place stands alone.
fn trial_of(path: &Path, mapping: &Mapping, many: &ManyFiles) -> Result<Vec<PathBuf>, ImportError> {
    let alone = vec![path.to_owned()];
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else { return Ok(alone) };
    let trials = many.trials(folder, mapping, || Ok(trials(fitting(folder, mapping)?)))?;
    let own =
        trials.iter().find(|trial| trials.len() > 1 && trial.iter().any(|file| file_name(file) == file_name(path)));
    Ok(own.cloned().unwrap_or(alone))
}

/// One file with one sensor of the role given, or with the sensors of the mapping.
fn read_file(
    path: &Path,
    mapping: &Mapping,
    (role, only): (Option<SensorRole>, Option<(usize, &str)>),
    clock: ClockKind,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    if mapping.times_of_quantities() {
        return read_quantities(path, mapping, role, clock, imported);
    }
    let wrong = |complaint: Complaint| complaint.of(path);
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let Read { rows, times, arrivals, counted } = read_columns(&sheet, mapping, only)?;
    imported.zone = imported.zone.max(rows.zone);
    let label = only.map_or_else(|| stem(path), |(_, device)| device.to_owned());
    rows.warn(&file_name(path), &mut imported.warnings);
    if counted.stuck > 0 {
        imported.notes.push(format!("{label}: the sequence repeats or goes back in {} rows, all kept", counted.stuck));
    }
    // Arrival times are there to fit each clock with.
    let clock = if arrivals.is_some() { ClockKind::Device } else { clock };
    let hertz = mapping.time.rate_hz.or_else(|| usual_rate(steps(&times)));
    for (sensor, columns) in mapping.sensor.iter().zip(rows.numbers.chunks_exact(6)) {
        let Some(role) = role.or(sensor.role) else { continue };
        let columns = <&[Vec<f64>; 6]>::try_from(columns)
            .map_err(|_| wrong(Complaint::new("a sensor needs six columns", "correct the mapping")))?;
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
    let used: Vec<usize> = mapping.columns().filter_map(|column| Some(column.find_axis(&sheet).ok()?.0)).collect();
    let unused = (0..sheet.names().len()).filter(|index| !used.contains(index)).count();
    if unused > 0 {
        imported.notes.push(format!("{label}: {unused} of {} columns were not asked for", sheet.names().len()));
    }
    imported.files.push(source_file(path, text.bytes()));
    Ok(())
}

fn with_name(mut track: Track, file: &str, sensor: &SensorColumns) -> Track {
    let columns = match &sensor.acc[0] {
        Column::Name(name) => name.clone(),
        Column::Number(number) => format!("column {number}"),
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
fn read_columns(sheet: &Sheet<'_>, mapping: &Mapping, only: Option<(usize, &str)>) -> Result<Read, ImportError> {
    let (mut numbers, mut signs) = (Vec::new(), Vec::new());
    for column in mapping.sensor.iter().flat_map(|sensor| sensor.acc.iter().chain(&sensor.gyr)) {
        let (index, sign) = column.find_axis(sheet)?;
        numbers.push(index);
        signs.push(sign);
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
    let format = mapping.time.format.as_deref();
    let mut rows = sheet.read(Wanted { numbers: &numbers, times: &wanted_times, format, only })?;
    for (column, sign) in rows.numbers.iter_mut().zip(signs).filter(|(_, sign)| *sign < 0.0) {
        column.iter_mut().for_each(|value| *value *= sign);
    }
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

/// One file whose quantities have their own times: rows of both in order of time.
fn read_quantities(
    path: &Path,
    mapping: &Mapping,
    role: Option<SensorRole>,
    clock: ClockKind,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let wrong = |complaint: Complaint| complaint.of(path);
    let text = Text::read(path)?;
    let sheet = Sheet::new(&text, mapping.layout())?;
    let unit = mapping.time.unit.map_or(1, super::mapping::TimeUnit::nanos);
    for sensor in &mapping.sensor {
        let Some(role) = role.or(sensor.role) else { continue };
        let mut channel = |axes: &[Column; 3], time: &Option<Column>, scale: f64| {
            read_channel(&sheet, axes, time.as_ref(), (scale, unit), &mut imported.warnings)
        };
        let forces = channel(&sensor.acc, &sensor.acc_time, sensor.force_scale().map_err(wrong)?)?;
        let rates = channel(&sensor.gyr, &sensor.gyr_time, sensor.rate_scale().map_err(wrong)?)?;
        let samples = TrackSamples::Inertial(merge(&forces, &rates));
        imported.tracks.push(with_name(track(role, "imported by mapping", None, clock, samples), &stem(path), sensor));
    }
    imported.files.push(source_file(path, text.bytes()));
    Ok(())
}

/// Values with their own time; a row whose time is empty is none.
fn read_channel(
    sheet: &Sheet<'_>,
    axes: &[Column; 3],
    time: Option<&Column>,
    (scale, unit): (f64, i64),
    warnings: &mut Vec<String>,
) -> Result<Channel, ImportError> {
    let Some(time) = time else { return Ok(Channel::new()) };
    let [x, y, z] = [axes[0].find_axis(sheet)?, axes[1].find_axis(sheet)?, axes[2].find_axis(sheet)?];
    let rows = sheet.read(Wanted { numbers: &[x.0, y.0, z.0, time.find(sheet)?], ..Wanted::default() })?;
    rows.warn(&file_name(sheet.text().path()), warnings);
    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
    let row = |i: usize| {
        let values = [(0, x.1), (1, y.1), (2, z.1)].map(|(axis, sign)| measured(rows.numbers[axis][i] * sign * scale));
        ((rows.numbers[3][i] * unit as f64).round() as i64, values)
    };
    let with_time = (0..rows.len()).filter(|&i| rows.numbers[3][i].is_finite());
    let (mut channel, lines): (Channel, Vec<usize>) = with_time.map(|i| (row(i), rows.line(i))).unzip();
    let mut times: Vec<i64> = channel.iter().map(|row| row.0).collect();
    unwrap(sheet.text().path(), &mut times, &lines, None)?;
    channel.iter_mut().zip(times).for_each(|(row, time)| row.0 = time);
    Ok(channel)
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

fn session(path: &Path, session: &Session, imported: &mut Imported) {
    let stem = stem(path);
    let mut info = anonymous(path, &mut imported.notes);
    if let Some(parts) = session.name_parts {
        let mut names: Vec<String> =
            path.with_extension("").iter().rev().take(parts.max(1)).map(|p| p.to_string_lossy().into_owned()).collect();
        names.reverse();
        info.session = whose::session(&names.join("-"), &mut imported.notes);
    }
    if let Some(mark) = &session.athlete_until {
        imported.athlete = whose::person(stem.split(mark.as_str()).next().unwrap_or(&stem), &mut imported.notes);
    }
    if let Some(athlete) = &session.athlete {
        imported.athlete = whose::person(athlete, &mut imported.notes);
    }
    if let Some(protocol) = &session.protocol {
        info.protocol.clone_from(protocol);
    }
    info.stance_side = session.side;
    info.body = session.body();
    imported.info = Some(info);
}

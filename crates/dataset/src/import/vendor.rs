//! Exports of sensor makers' programs: one file (or pair, or folder) per sensor, recognised by their headers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use truehinge_core::{
    AngularRate, ClockKind, DeviceInfo, DeviceTime, Earth, FreeAcceleration, InertialSample, OrientationSample,
    Rotation, STANDARD_GRAVITY, SampleRate, Sensor, SensorRole, SequenceGap, SpecificForce, Track, TrackSamples,
};

use super::sheet::{Layout, Sheet, Text};
use super::{ImportError, ImportOptions, Imported, guess, roles, source_file};

/// Formats told by the header of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Movella/Xsens DOT app CSV.
    Dot,
    /// Xsens MT Manager or MTw text.
    Mtw,
    /// MbientLab accelerometer file.
    MetaAccelerometer,
    /// MbientLab gyroscope file.
    MetaGyroscope,
    /// x-IMU3 (or Fusion) inertial CSV.
    XImu3,
}

impl Kind {
    const fn format(self) -> (&'static str, &'static str) {
        match self {
            Self::Dot => ("movella-dot-csv", "Xsens/Movella DOT app CSV"),
            Self::Mtw => ("xsens-mtw-txt", "Xsens MT Manager / MTw text export"),
            Self::MetaAccelerometer | Self::MetaGyroscope => ("mbientlab-csv", "MbientLab MetaBase CSV (two rates)"),
            Self::XImu3 => ("x-io-csv", "x-io Technologies inertial CSV"),
        }
    }
}

/// What kind of file it is, and where its header stands.
pub(crate) fn recognise(text: &Text) -> Option<(Kind, Layout)> {
    let head = text.head(40);
    let layout = |skip: usize, delimiter: u8| Layout { skip, header_rows: 1, delimiter };
    head.iter().enumerate().find_map(|(skip, line)| {
        let line = line.trim_start_matches('\u{feff}');
        if line.starts_with("PacketCounter,SampleTimeFine") {
            Some((Kind::Dot, layout(skip, b',')))
        } else if line.starts_with("PacketCounter\t") {
            Some((Kind::Mtw, layout(skip, b'\t')))
        } else if line.starts_with("epoch (ms),") && line.contains("x-axis (g)") {
            Some((Kind::MetaAccelerometer, layout(skip, b',')))
        } else if line.starts_with("epoch (ms),") && line.contains("x-axis (deg/s)") {
            Some((Kind::MetaGyroscope, layout(skip, b',')))
        } else if line.starts_with("Time") && line.contains("Gyroscope X (deg/s)") {
            Some((Kind::XImu3, layout(skip, b',')))
        } else {
            None
        }
    })
}

/// One file alone.
pub(crate) fn read_file(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let text = Text::read(path)?;
    let Some((kind, _)) = recognise(&text) else {
        if text.bytes().is_empty() {
            return Err(ImportError::TooFewRows { path: path.to_owned(), found: 0, need: 2 });
        }
        return Err(ImportError::Unknown { path: path.to_owned(), found: guess::describe(&text) });
    };
    if matches!(kind, Kind::MetaAccelerometer | Kind::MetaGyroscope) {
        let partner = metabase_partner(path, kind)?;
        return join(path, &[path.to_owned(), partner], options);
    }
    join(path, &[path.to_owned()], options)
}

/// All files of a folder that belong together.
pub(crate) fn read_folder(folder: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut files: Vec<PathBuf> = list(folder)?.into_iter().filter(|path| path.is_file()).collect();
    files.retain(|path| Text::read(path).is_ok_and(|text| recognise(&text).is_some()));
    if files.is_empty() {
        let found = "no file in this folder has a known header".to_owned();
        return Err(ImportError::Unknown { path: folder.to_owned(), found });
    }
    join(folder, &files, options)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let failed = |source| ImportError::Io { path: folder.to_owned(), source };
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// The sensor folders of an x-IMU3 log.
pub(crate) fn ximu3_folders(folder: &Path) -> Vec<PathBuf> {
    list(folder).unwrap_or_default().into_iter().filter(|path| path.join("Inertial.csv").is_file()).collect()
}

pub(crate) fn read_ximu3(folder: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let files: Vec<PathBuf> = ximu3_folders(folder).iter().map(|path| path.join("Inertial.csv")).collect();
    let mut imported = join(folder, &files, options)?;
    imported.recognised = "x-IMU3 log (one folder per sensor)".to_owned();
    Ok(imported)
}

/// The name that tells a sensor's place: its folder for `Inertial.csv`, its file otherwise.
fn sensor_name(path: &Path) -> String {
    let named =
        if path.file_name().is_some_and(|name| name == "Inertial.csv") { path.parent().unwrap_or(path) } else { path };
    named.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Groups files by sensor, gives each its role and reads it.
fn join(path: &Path, files: &[PathBuf], options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut sensors: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        // The two files of a MetaBase pair differ after the name of what they hold.
        let name = sensor_name(file);
        let key = ["_Accelerometer", "_Gyroscope"]
            .iter()
            .find_map(|part| name.split_once(part))
            .map_or(name.clone(), |p| p.0.to_owned());
        sensors.entry(key).or_default().push(file.clone());
    }
    let names: Vec<String> = sensors.keys().cloned().collect();
    let mut imported = Imported::default();
    let (chosen, side) = roles::assign(path, &names, options, &mut imported.notes)?;
    for (index, role) in chosen {
        let files = &sensors[&names[index]];
        read_sensor(files, role, &names[index], &mut imported)?;
    }
    let mut info = super::anonymous(path);
    info.stance_side = side;
    imported.info = Some(info);
    Ok(imported)
}

fn read_sensor(files: &[PathBuf], role: SensorRole, name: &str, imported: &mut Imported) -> Result<(), ImportError> {
    let mut texts = Vec::new();
    for file in files {
        let text = Text::read(file)?;
        imported.files.push(source_file(file, text.bytes()));
        texts.push(text);
    }
    let [text, rest @ ..] = texts.as_slice() else { return Ok(()) };
    let Some((kind, layout)) = recognise(text) else {
        return Err(ImportError::Unknown { path: text.path().to_owned(), found: guess::describe(text) });
    };
    let (format, recognised) = kind.format();
    (imported.format, imported.recognised) = (format, recognised.to_owned());
    let mut track = match kind {
        Kind::Dot | Kind::Mtw => xsens(text, kind, layout, &mut imported.notes)?,
        Kind::XImu3 => x_io(text, layout)?,
        Kind::MetaAccelerometer | Kind::MetaGyroscope => {
            let other = rest.first().ok_or_else(|| ImportError::Roles {
                path: text.path().to_owned(),
                found: "only one file of the accelerometer and gyroscope pair".to_owned(),
                hint: "put both files into one folder".to_owned(),
            })?;
            metabase(text, other, &mut imported.notes)?
        }
    };
    track.role = role;
    track.device.serial = name.to_owned();
    if track.clock == ClockKind::Device {
        imported.notes.push(format!("{role}: own clock, no arrival times: sensors are taken to have started together"));
    }
    imported.tracks.push(track);
    Ok(())
}

fn base(samples: TrackSamples, model: &str, rate: Option<f64>, clock: ClockKind) -> Track {
    Track {
        role: SensorRole::Hip,
        device: DeviceInfo {
            model: model.to_owned(),
            nominal_rate: rate.and_then(SampleRate::from_hertz),
            ..DeviceInfo::default()
        },
        clock,
        samples,
        sequence_gaps: Vec::new(),
    }
}

/// Continuous microseconds from a 32-bit counter; other counters must not go back.
pub(crate) fn unwrapped(
    sheet: &Sheet<'_>,
    path: &Path,
    stamps: &[f64],
    wrap: Option<f64>,
) -> Result<Vec<f64>, ImportError> {
    let mut turns = 0.0;
    let mut out: Vec<f64> = Vec::with_capacity(stamps.len());
    for (row, &stamp) in stamps.iter().enumerate() {
        let mut value = stamp + turns;
        if let Some(&before) = out.last()
            && value < before
        {
            match wrap.filter(|wrap| before - value > 0.5 * wrap) {
                Some(wrap) => {
                    turns += wrap;
                    value += wrap;
                }
                None => {
                    let line = sheet.line_of(row);
                    return Err(ImportError::TimeGoesBack { path: path.to_owned(), line, before, after: value });
                }
            }
        }
        out.push(value);
    }
    Ok(out)
}

/// Losses shown by a packet counter of 16 bits (or more).
fn counted_gaps(counter: &[f64]) -> Vec<SequenceGap> {
    let step = |a: f64, b: f64| if b >= a { b - a } else { b - a + 65_536.0 };
    counter
        .windows(2)
        .zip(1..)
        .filter_map(|(pair, before_sample)| {
            let ahead = step(pair[0], pair[1]);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below 65536")]
            let lost = (ahead - 1.0) as u64;
            (ahead > 1.0 && ahead < 32_768.0).then_some(SequenceGap { before_sample, lost })
        })
        .collect()
}

const WRAP_32: f64 = 4_294_967_296.0;

/// DOT and MTw share their column names; what is there differs by export options.
fn xsens(text: &Text, kind: Kind, layout: Layout, notes: &mut Vec<String>) -> Result<Track, ImportError> {
    let sheet = Sheet::new(text, layout)?;
    let find = |name: &str| sheet.index(name).ok();
    let all = |names: &[&str]| names.iter().map(|name| find(name)).collect::<Option<Vec<_>>>();
    let force = all(&["Acc_X", "Acc_Y", "Acc_Z"]);
    let rate = all(&["Gyr_X", "Gyr_Y", "Gyr_Z"]);
    let quaternion =
        all(&["Quat_W", "Quat_X", "Quat_Y", "Quat_Z"]).or_else(|| all(&["Quat_q0", "Quat_q1", "Quat_q2", "Quat_q3"]));
    let matrix = all(&[
        "Mat[1][1]",
        "Mat[2][1]",
        "Mat[3][1]",
        "Mat[1][2]",
        "Mat[2][2]",
        "Mat[3][2]",
        "Mat[1][3]",
        "Mat[2][3]",
        "Mat[3][3]",
    ]);
    let free = all(&["FreeAcc_X", "FreeAcc_Y", "FreeAcc_Z"]);
    let counter = sheet.columns(&[sheet.index("PacketCounter")?])?.remove(0);
    let (hertz, seconds, clock) = xsens_times(text, kind, &sheet, &counter)?;
    let samples = if let (Some(force), Some(rate)) = (&force, &rate) {
        // DOT writes degrees per second, MT Manager radians.
        let scale = if kind == Kind::Dot { 1_f64.to_radians() } else { 1.0 };
        let c = sheet.columns(&[force.clone(), rate.clone()].concat())?;
        inertial(&seconds, &c, 1.0, scale)
    } else if let Some(quaternion) = quaternion {
        notes.push("no angular rate in the file: the maker's orientation is used".to_owned());
        let c = sheet.columns(&quaternion)?;
        let free = free.map(|free| sheet.columns(&free)).transpose()?;
        oriented(
            &sheet,
            text,
            &seconds,
            |i| Rotation::from_wxyz([c[0][i], c[1][i], c[2][i], c[3][i]]),
            |i, _| free.as_ref().map(|f| FreeAcceleration::new(f[0][i], f[1][i], f[2][i])),
        )?
    } else if let (Some(matrix), Some(force)) = (matrix, force) {
        notes.push("no angular rate in the file: the maker's orientation is used".to_owned());
        let c = sheet.columns(&[matrix, force].concat())?;
        let gravity = FreeAcceleration::new(0.0, 0.0, STANDARD_GRAVITY);
        oriented(
            &sheet,
            text,
            &seconds,
            |i| rotation_of(&c, i),
            |i, rotation| {
                let force = FreeAcceleration::new(c[9][i], c[10][i], c[11][i]);
                Some(rotation.apply(force) - gravity)
            },
        )?
    } else {
        let found = format!("columns {}", sheet.names().join(", "));
        return Err(ImportError::Unknown { path: text.path().to_owned(), found });
    };
    let model = if kind == Kind::Dot { "Movella DOT" } else { "Xsens MTw" };
    let mut track = base(samples, model, hertz, clock);
    track.sequence_gaps = counted_gaps(&counter);
    Ok(track)
}

/// Rate, times and clock: from the fine time stamps where there are any, else from the packet counter and the header's rate.
fn xsens_times(
    text: &Text,
    kind: Kind,
    sheet: &Sheet<'_>,
    counter: &[f64],
) -> Result<(Option<f64>, Vec<f64>, ClockKind), ImportError> {
    let digits = |line: &String| -> Option<f64> {
        let number: String = line.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        number.parse().ok()
    };
    let head = text.head(20);
    let declared = head.iter().find(|l| l.contains("OutputRate") || l.contains("Update Rate")).and_then(digits);
    let fine = sheet.index("SampleTimeFine").and_then(|index| sheet.columns(&[index])).map(|mut c| c.remove(0));
    if let Ok(fine) = fine.as_ref()
        && fine.iter().all(|t| t.is_finite())
    {
        // DOT counts microseconds, MT Manager tenths of a millisecond.
        let tick = if kind == Kind::Dot { 1e-6 } else { 1e-4 };
        let stamps = unwrapped(sheet, text.path(), fine, Some(WRAP_32))?;
        return Ok((declared, stamps.iter().map(|t| t * tick).collect(), ClockKind::Shared));
    }
    let rate = declared.ok_or_else(|| ImportError::Description {
        path: text.path().to_owned(),
        reason: "neither time stamps nor an update rate in the header: export with SampleTimeFine".to_owned(),
    })?;
    let counts = unwrapped(sheet, text.path(), counter, Some(65_536.0))?;
    Ok((declared, counts.iter().map(|c| c / rate).collect(), ClockKind::Shared))
}

fn rotation_of(c: &[Vec<f64>], i: usize) -> Option<Rotation<Sensor, Earth>> {
    let m = nalgebra::Matrix3::from_fn(|row, column| c[3 * column + row][i]);
    if !m.iter().all(|x| x.is_finite()) {
        return None;
    }
    // CLAIM: the manual gives the matrix as sensor to Earth, column by column; orthonormality is restored.
    Some(Rotation::assert_maps(nalgebra::UnitQuaternion::from_matrix(&m)))
}

fn inertial(seconds: &[f64], c: &[Vec<f64>], force: f64, rate: f64) -> TrackSamples {
    let sample = |i: usize| InertialSample {
        device_time: DeviceTime::from_seconds(seconds[i]),
        arrival: None,
        specific_force: SpecificForce::new(c[0][i] * force, c[1][i] * force, c[2][i] * force),
        angular_rate: AngularRate::new(c[3][i] * rate, c[4][i] * rate, c[5][i] * rate),
    };
    TrackSamples::Inertial((0..seconds.len()).map(sample).collect())
}

fn oriented(
    sheet: &Sheet<'_>,
    text: &Text,
    seconds: &[f64],
    rotation: impl Fn(usize) -> Option<Rotation<Sensor, Earth>>,
    free: impl Fn(usize, Rotation<Sensor, Earth>) -> Option<FreeAcceleration<Earth>>,
) -> Result<TrackSamples, ImportError> {
    let sample = |(i, &time): (usize, &f64)| {
        let rotation = rotation(i).ok_or_else(|| ImportError::NotANumber {
            path: text.path().to_owned(),
            line: sheet.line_of(i),
            column: "orientation".to_owned(),
            found: "no rotation".to_owned(),
        })?;
        Ok(OrientationSample {
            device_time: DeviceTime::from_seconds(time),
            arrival: None,
            rotation,
            free_acceleration: free(i, rotation),
        })
    };
    Ok(TrackSamples::Orientation(seconds.iter().enumerate().map(sample).collect::<Result<_, _>>()?))
}

/// x-io: gyroscope first, then accelerometer; microseconds or seconds by the header.
fn x_io(text: &Text, layout: Layout) -> Result<Track, ImportError> {
    let sheet = Sheet::new(text, layout)?;
    let names = [
        "Accelerometer X (g)",
        "Accelerometer Y (g)",
        "Accelerometer Z (g)",
        "Gyroscope X (deg/s)",
        "Gyroscope Y (deg/s)",
        "Gyroscope Z (deg/s)",
    ];
    let mut indices = vec![0];
    for name in names {
        indices.push(sheet.index(name)?);
    }
    let mut c = sheet.columns(&indices)?;
    let tick = if sheet.names()[0].contains("(us)") { 1e-6 } else { 1.0 };
    let stamps = c.remove(0);
    let seconds: Vec<f64> = unwrapped(&sheet, text.path(), &stamps, None)?.iter().map(|t| t * tick).collect();
    Ok(base(inertial(&seconds, &c, STANDARD_GRAVITY, 1_f64.to_radians()), "x-io", None, ClockKind::Device))
}

/// The file with the other half of a MetaBase recording.
fn metabase_partner(path: &Path, kind: Kind) -> Result<PathBuf, ImportError> {
    let (own, other) = if kind == Kind::MetaAccelerometer {
        ("_Accelerometer", "_Gyroscope")
    } else {
        ("_Gyroscope", "_Accelerometer")
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split_once(own).map_or(name.as_str(), |(stem, _)| stem).to_owned();
    let folder = path.parent().unwrap_or(Path::new("."));
    let begins = format!("{stem}{other}");
    list(folder)?
        .into_iter()
        .find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&begins)))
        .ok_or_else(|| ImportError::Roles {
            path: path.to_owned(),
            found: format!("the file {begins}*.csv that belongs to it is missing"),
            hint: "put both files into one folder".to_owned(),
        })
}

/// Time and, of accelerometer and gyroscope, what was measured then.
type TwoRateRow = (f64, Option<[f64; 3]>, Option<[f64; 3]>);

/// Both files on one time line, nothing resampled: a row of one channel has NaN in the other. The analysis fills in.
fn metabase(first: &Text, second: &Text, notes: &mut Vec<String>) -> Result<Track, ImportError> {
    let mut rows: Vec<TwoRateRow> = Vec::new();
    let mut counts = [0, 0];
    for text in [first, second] {
        let Some((kind, layout)) = recognise(text) else { continue };
        let sheet = Sheet::new(text, layout)?;
        let x = sheet.names().iter().position(|name| name.starts_with("x-axis")).unwrap_or(0);
        let c = sheet.columns(&[0, x, x + 1, x + 2])?;
        let epoch = unwrapped(&sheet, text.path(), &c[0], None)?;
        let force = kind == Kind::MetaAccelerometer;
        counts[usize::from(!force)] += epoch.len();
        for (i, epoch) in epoch.iter().enumerate() {
            let value = [c[1][i], c[2][i], c[3][i]];
            rows.push((epoch * 1e-3, force.then_some(value), (!force).then_some(value)));
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup_by(|b, a| {
        let same = a.0.to_bits() == b.0.to_bits() && a.1.is_some() != b.1.is_some();
        if same {
            (a.1, a.2) = (a.1.or(b.1), a.2.or(b.2));
        }
        same
    });
    let [accelerometer, gyroscope] = counts;
    notes.push(format!(
        "two rates: {accelerometer} accelerometer and {gyroscope} gyroscope rows, joined by time, none resampled"
    ));
    let samples = rows
        .into_iter()
        .map(|(time, force, rate)| {
            let [ax, ay, az] = force.unwrap_or([f64::NAN; 3]).map(|v| v * STANDARD_GRAVITY);
            let [gx, gy, gz] = rate.unwrap_or([f64::NAN; 3]).map(f64::to_radians);
            InertialSample {
                device_time: DeviceTime::from_seconds(time),
                arrival: None,
                specific_force: SpecificForce::new(ax, ay, az),
                angular_rate: AngularRate::new(gx, gy, gz),
            }
        })
        .collect();
    Ok(base(TrackSamples::Inertial(samples), "MbientLab MetaMotion", None, ClockKind::Shared))
}

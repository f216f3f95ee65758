//! Other programs' files to recordings, without resampling and without dropping anything silently.
//!
//! Every importer says what it recognised, guessed and left out ([`ImportReport`]), and checks that gravity is about 9.81.
//!
//! | format | files | module |
//! |---|---|---|
//! | OpenSim bench session | folder with `meta.json`, `hip.csv`, `shank.csv` | [`mod@bench`] |
//! | OpenSim orientations | `.sto` | [`sto`] |
//! | Xsens/Movella DOT app | one CSV per sensor | [`vendor`] |
//! | Xsens MT Manager, MTw | one text file per sensor | [`vendor`] |
//! | MbientLab MetaBase | CSV pair per sensor, two rates | [`vendor`] |
//! | x-IMU3 log | folder per sensor with `Inertial.csv` | [`vendor`] |
//! | any CSV | TOML mapping file (`docs/import-mapping.md`) | [`mapping`] |

pub mod bench;
pub mod guess;
pub mod mapping;
pub mod roles;
pub mod sheet;
pub mod sto;
pub mod vendor;

use std::fmt;
use std::path::{Path, PathBuf};

use truehinge_core::{
    AthleteId, Length, Recording, STANDARD_GRAVITY, SensorRole, SessionInfo, Side, Source, SourceFile, Track,
    TrackSamples,
};

use crate::atomic::sha256;
pub use mapping::Mapping;

/// A file cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Not a text file.
    #[error("{}: not a text file: byte {offset} is {byte:#04x}: check that it is a CSV or text export", path.display())]
    Binary {
        /// Which file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What was found.
        byte: u8,
    },
    /// Larger than any recording.
    #[error("{}: {bytes} bytes are more than a recording has (limit {limit}): split the file", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// There is nothing in it.
    #[error("{}: {found} rows of data, a recording needs at least {need}: export it again", path.display())]
    TooFewRows {
        /// Which file.
        path: PathBuf,
        /// Rows found.
        found: usize,
        /// Rows needed.
        need: usize,
    },
    /// None of the known formats.
    #[error("{}: not a known export ({found}): give a mapping file with --mapping (see `truehinge import --help`)", path.display())]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What was seen.
        found: String,
    },
    /// A column is not there.
    #[error("{}: there is no column \"{column}\"; there are: {available}", path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// The one needed.
        column: String,
        /// The ones found.
        available: String,
    },
    /// A row with too few or too many cells.
    #[error("{}, line {line}: {found} cells, the header has {expected}: the file may be cut off there", path.display())]
    Ragged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Cells found.
        found: usize,
        /// Cells expected.
        expected: usize,
    },
    /// A cell that is no number.
    #[error("{}, line {line}, column \"{column}\": \"{found}\" is not a number: correct the cell or the mapping", path.display())]
    NotANumber {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: String,
        /// What was found.
        found: String,
    },
    /// Time goes back.
    #[error("{}, line {line}: time goes from {before} to {after}: sort the file, or give the counter's wrap_bits in a mapping", path.display())]
    TimeGoesBack {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Time of the row before, as in the file.
        before: f64,
        /// Time of this row.
        after: f64,
    },
    /// All values of a sensor are missing.
    #[error("{}: the {role} sensor has no usable value: check the columns of the mapping", path.display())]
    NoValues {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
    },
    /// The unit cannot be right.
    #[error("{}: the {role} sensor reads {found:.3} m/s2 at rest instead of 9.81: {hint}", path.display())]
    Unit {
        /// Which file.
        path: PathBuf,
        /// Which sensor.
        role: SensorRole,
        /// Norm of the specific force at rest.
        found: f64,
        /// What it may be.
        hint: String,
    },
    /// Which sensor is which cannot be told.
    #[error("{}: {found}: {hint}", path.display())]
    Roles {
        /// Which file or folder.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A mapping or description file is wrong.
    #[error("{}: {reason}", path.display())]
    Description {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What a person says about files beside what is in them.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// What the columns mean.
    pub mapping: Option<Mapping>,
    /// Which file, device or sensor is where.
    pub roles: Vec<(String, SensorRole)>,
    /// Whose recording it is.
    pub athlete: Option<AthleteId>,
    /// Supporting leg.
    pub side: Option<Side>,
    /// Standing height.
    pub height: Option<Length>,
}

/// What an importer recognised and guessed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ImportReport {
    /// The format in words.
    pub recognised: String,
    /// One line per sensor.
    pub sensors: Vec<String>,
    /// Guesses and everything left out.
    pub notes: Vec<String>,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "recognised: {}", self.recognised)?;
        for (title, lines) in [("sensor", &self.sensors), ("note", &self.notes), ("warning", &self.warnings)] {
            for line in lines {
                writeln!(f, "  {title}: {line}")?;
            }
        }
        Ok(())
    }
}

/// What an importer of a format gives: tracks, and what it knows about the session.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub format: &'static str,
    pub recognised: String,
    pub tracks: Vec<Track>,
    pub info: Option<SessionInfo>,
    pub files: Vec<SourceFile>,
    pub notes: Vec<String>,
}

/// Imports a file or folder.
///
/// # Errors
/// The format is unknown, or the files are not what they seem.
pub fn import(path: &Path, options: &ImportOptions) -> Result<(Recording, ImportReport), ImportError> {
    let imported = read(path, options)?;
    finish(path, imported, options)
}

fn read(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    if let Some(mapping) = &options.mapping {
        return mapping::read(path, mapping);
    }
    if path.is_dir() {
        return if path.join("meta.json").is_file() {
            bench::read(path)
        } else if vendor::ximu3_folders(path).is_empty() {
            vendor::read_folder(path, options)
        } else {
            vendor::read_ximu3(path, options)
        };
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("sto") => sto::read(path, options),
        _ => vendor::read_file(path, options),
    }
}

/// Joins what the format knows with what the person said, and checks the result.
fn finish(path: &Path, imported: Imported, options: &ImportOptions) -> Result<(Recording, ImportReport), ImportError> {
    let Imported { format, recognised, mut tracks, info, files, notes } = imported;
    tracks.sort_by_key(|track| track.role);
    if let Some(pair) = tracks.windows(2).find(|pair| pair[0].role == pair[1].role) {
        return Err(ImportError::Roles {
            path: path.to_owned(),
            found: format!("two sensors have the role {}", pair[0].role),
            hint: "give each sensor its own with --role NAME=ROLE".to_owned(),
        });
    }
    let mut report = ImportReport { recognised, notes: notes.clone(), ..ImportReport::default() };
    for track in &tracks {
        check_track(path, track, &mut report)?;
    }
    let mut info = info.unwrap_or_else(|| anonymous(path));
    if let Some(athlete) = &options.athlete {
        info.athlete = athlete.clone();
    }
    info.stance_side = options.side.or(info.stance_side);
    if let Some(height) = options.height {
        info.body.stature = Some(truehinge_core::Measured::new(height, Length::from_millimetres(5.0)));
    }
    let mut all_notes = notes;
    all_notes.extend(report.warnings.iter().cloned());
    info.source = Source { format: format.to_owned(), files, notes: all_notes };
    Ok((Recording { info, tracks, markers: Vec::new() }, report))
}

/// A session nobody said anything about: named after its file.
fn anonymous(path: &Path) -> SessionInfo {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    SessionInfo {
        session: safe_name(&stem),
        athlete: known_athlete("unknown"),
        start_utc_ns: None,
        stance_side: None,
        protocol: "single-leg-hip-hinge".to_owned(),
        body: truehinge_core::Anthropometry::default(),
        source: Source::default(),
    }
}

/// A pseudonym from words found in files: what is not allowed becomes a dash.
pub(crate) fn known_athlete(text: &str) -> AthleteId {
    AthleteId::new(safe_name(text)).unwrap_or_else(|_| known_athlete("unknown"))
}

/// Letters, digits, dots, dashes and underlines; at most 64.
pub(crate) fn safe_name(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = text.chars().map(allowed).take(64).collect();
    let name = name.trim_start_matches('.').to_owned();
    if name.is_empty() { "session".to_owned() } else { name }
}

/// A file as a source of a recording.
pub(crate) fn source_file(path: &Path, bytes: &[u8]) -> SourceFile {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    SourceFile { name, bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

/// Off by more than this the unit must be another one; an accelerometer's worst bias is far less.
const WRONG_UNIT: f64 = 2.5;
/// Off by more than this somebody should look.
const SUSPICIOUS: f64 = 0.05;

fn check_track(path: &Path, track: &Track, report: &mut ImportReport) -> Result<(), ImportError> {
    let rate = track.device.nominal_rate.map_or_else(|| "unknown rate".to_owned(), |r| format!("{:.1} Hz", r.hertz()));
    let gaps: u64 = track.sequence_gaps.iter().map(|gap| gap.lost).sum();
    let mut line = format!("{}: {} samples, {rate}", track.role, track.samples.len());
    if gaps > 0 {
        line.push_str(&format!(", {gaps} lost in {} gaps", track.sequence_gaps.len()));
    }
    if let TrackSamples::Inertial(samples) = &track.samples {
        let forces: Vec<f64> = samples.iter().map(|s| s.specific_force.norm()).filter(|f| f.is_finite()).collect();
        let rates = samples.iter().any(|s| s.angular_rate.is_finite());
        if forces.is_empty() || !rates {
            return Err(ImportError::NoValues { path: path.to_owned(), role: track.role });
        }
        let gravity = rest_norm(&forces);
        line.push_str(&format!(", gravity {gravity:.2} m/s2"));
        let ratio = gravity / STANDARD_GRAVITY;
        if ratio > WRONG_UNIT || ratio < WRONG_UNIT.recip() {
            let hint = guess::unit_hint(gravity);
            return Err(ImportError::Unit { path: path.to_owned(), role: track.role, found: gravity, hint });
        }
        if (ratio - 1.0).abs() > SUSPICIOUS {
            report.warnings.push(format!(
                "{}: gravity reads {gravity:.2} m/s2 instead of 9.81: the accelerometer has a large offset; the analysis \
                 corrects it where it can",
                track.role
            ));
        }
    }
    report.sensors.push(line);
    Ok(())
}

/// Median norm over the steadiest hundred samples.
pub(crate) fn rest_norm(norms: &[f64]) -> f64 {
    let window = 100.min(norms.len());
    let spread = |w: &[f64]| {
        let mean = w.iter().sum::<f64>() / w.len() as f64;
        w.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
    };
    let steadiest = norms
        .windows(window)
        .step_by(window.div_ceil(4))
        .min_by(|a, b| spread(a).total_cmp(&spread(b)))
        .unwrap_or(norms);
    let mut sorted = steadiest.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

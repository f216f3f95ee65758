//! Importers on real samples, on damaged and foreign files, and on everything at once.

mod bad_input;
mod bench_session;
mod bids;
mod by_folder;
mod fuzz;
mod guessing;
mod layouts;
mod mapping;
mod mvnx;
mod opening;
mod person;
mod plausible;
mod samples;
mod shared_data;
mod whose;

use std::fs;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, InertialSample, OrientationSample, Recording, SensorRole, Side, TrackSamples};
use truehinge_dataset::import::{ImportError, ImportReport, import};
use truehinge_dataset::{ImportOptions, import::Mapping};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn samples_folder() -> PathBuf {
    root().join("datasets/samples")
}

/// A part of the data beside the repository.
fn shared(part: &str) -> PathBuf {
    let path = root().join("../shared").join(part);
    assert!(path.exists(), "this needs the data beside the repository: {}", path.display());
    path
}

fn read(path: &Path) -> Result<(Recording, ImportReport), ImportError> {
    import(path, &ImportOptions::default())
}

fn read_side(path: &Path, side: Side) -> Result<(Recording, ImportReport), ImportError> {
    import(path, &ImportOptions { side: Some(side), ..ImportOptions::default() })
}

fn with_roles(roles: &[(&str, SensorRole)]) -> ImportOptions {
    let roles = roles.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect();
    ImportOptions { roles, ..ImportOptions::default() }
}

fn with_mapping(toml: &str) -> ImportOptions {
    let mapping: Mapping = toml::from_str(toml).expect("the mapping parses");
    ImportOptions { mapping: Some(mapping), ..ImportOptions::default() }
}

fn inertial(recording: &Recording, role: SensorRole) -> &[InertialSample] {
    match recording.track(role).map(|track| &track.samples) {
        Some(TrackSamples::Inertial(samples)) => samples,
        other => panic!("no inertial {role} track but {other:?}"),
    }
}

fn orientations(recording: &Recording, role: SensorRole) -> &[OrientationSample] {
    match recording.track(role).map(|track| &track.samples) {
        Some(TrackSamples::Orientation(samples)) => samples,
        other => panic!("no {role} track of orientations but {other:?}"),
    }
}

fn lost(recording: &Recording, role: SensorRole) -> (u64, usize) {
    let gaps = recording.track(role).map(|track| track.sequence_gaps.clone()).unwrap_or_default();
    (gaps.iter().map(|gap| gap.lost).sum(), gaps.len())
}

/// A folder that goes away with its files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("creates the folder");
        fs::write(&path, content).expect("writes");
        path
    }
}

/// The message of an error without the folder, which differs from run to run.
fn message(error: &ImportError, folder: &Folder) -> String {
    error
        .in_full()
        .replace(&format!("{}/", folder.path().display()), "")
        .replace(&folder.path().display().to_string(), "FOLDER")
}

/// One sensor of a hinge-like movement at 100 Hz: a second of rest, then slow swings about y; m/s² and rad/s. The lateral
/// axis has noise, as that of every sensor: values that do not change at all are none.
fn swing(rows: usize) -> Vec<[f64; 6]> {
    (0..rows)
        .map(|i| {
            let t = i as f64 / 100.0;
            let moving = if t < 1.0 { 0.0 } else { 1.0 };
            let (angle, rate) = (moving * 0.4 * (2.0 * (t - 1.0)).sin(), moving * 0.8 * (2.0 * (t - 1.0)).cos());
            [-9.81 * angle.sin(), 0.1 + 1e-3 * (i * i % 97) as f64, 9.81 * angle.cos(), 0.001, rate, -0.002]
        })
        .collect()
}

//! What the checks of an import cost: the files of a session imported, with everything that is looked at (gravity, axes, units, rate,
//! gaps, the sensors against each other), beside a plain reader of the same tables: the `csv` crate and eight numbers a row. The
//! goal is at most twice.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use truehinge_core::{SensorRole, TrackSamples};
use truehinge_dataset::{ImportOptions, import};
use truehinge_sim::Scenario;

const HEAD: &str = "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z";

/// A session as two exports of a DOT, acceleration in m/s², angular rate in deg/s, time in µs.
fn write_session(folder: &Path) -> Vec<PathBuf> {
    let recording = Scenario::typical(1).run().expect("runs").recording();
    let mut files = Vec::new();
    for (role, name) in [(SensorRole::Hip, "hip"), (SensorRole::Shank, "left_shank")] {
        let track = recording.tracks.iter().find(|track| track.role == role).expect("is there");
        let TrackSamples::Inertial(samples) = &track.samples else { panic!("no inertial samples") };
        let mut text = format!("{HEAD}\n");
        for (counter, sample) in samples.iter().enumerate() {
            let micros = sample.device_time.seconds() * 1e6;
            let _ = write!(text, "{counter},{micros:.0}");
            sample.specific_force.to_array().iter().for_each(|a| write!(text, ",{a:.6}").expect("memory"));
            let degrees = sample.angular_rate.to_array().map(f64::to_degrees);
            degrees.iter().for_each(|w| write!(text, ",{w:.6}").expect("memory"));
            text.push('\n');
        }
        let path = folder.join(format!("{name}.csv"));
        fs::write(&path, text).expect("writes");
        files.push(path);
    }
    files
}

/// Rows of a table, and nothing else.
fn plain(path: &Path) -> Vec<[f64; 8]> {
    let mut reader = csv::Reader::from_path(path).expect("is there");
    let numbers = |row: csv::StringRecord| {
        let mut numbers = [0.0; 8];
        for (number, field) in numbers.iter_mut().zip(&row) {
            *number = field.parse().expect("is a number");
        }
        numbers
    };
    reader.records().map(|row| numbers(row.expect("is a row"))).collect()
}

fn imports(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_session(folder.path());
    let options = ImportOptions::default();
    let (recording, report) = import::import(folder.path(), &options).expect("is imported");
    assert_eq!((recording.tracks.len(), report.warnings.len()), (2, 0), "{report:?}");
    let mut group = c.benchmark_group("58 s of two sensors, 120 Hz, from CSV");
    group.bench_function("a plain reader", |b| {
        b.iter(|| files.iter().map(|file| plain(black_box(file))).collect::<Vec<_>>());
    });
    group.bench_function("imported and checked", |b| b.iter(|| import::import(black_box(folder.path()), &options)));
    group.finish();
}

criterion_group!(benches, imports);
criterion_main!(benches);

//! Orientation against optics: trials of the BROAD benchmark, beside the figures of the filter's own authors.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use rayon::prelude::*;
use truehinge_core::frame::Direction;
use truehinge_core::{AngularRate, Earth, Rotation, SampleRate, Sensor, SpecificForce, run};
use truehinge_signal::Method;
use truehinge_signal::orientation::{OnlineOrientation, OrientationEstimate, offline};
use truehinge_signal::timebase::ImuSample;

/// Turns the trials into plain numbers.
const CONVERT: &str = include_str!("broad.py");
/// Inclination errors of the authors' package on the same trials, degrees (`vqf_reference.py`).
const REFERENCE: &str = include_str!("broad_reference.csv");
/// Samples per second of all trials.
const HERTZ: f64 = 2000.0 / 7.0;

struct Trial {
    samples: Vec<ImuSample>,
    /// Optical truth, where the cameras saw the sensor, and whether it is the phase that counts.
    truth: Vec<(Option<Rotation<Sensor, Earth>>, bool)>,
}

/// The section of the page; `None` without the data or without what reads them.
pub fn section(python: &Path, folder: &Path) -> anyhow::Result<Option<String>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let scratch = tempfile::tempdir()?;
    if let Err(error) = convert(python, folder, scratch.path()) {
        eprintln!("BROAD is left out: {error:#}");
        return Ok(None);
    }
    let mut text = String::from(
        "## BROAD: orientation against optics\n\n\
         Inclination error over the movement phase, root mean square, of real recordings (D. Laidig, M. Caruso, A. Cereatti, T. Seel, Data \
         2021, 6, 72; CC BY 4.0). Reference: the filter's authors' own package, version 2.1.2.\n\n\
         | trial | live, deg | reference | afterwards, deg | reference |\n|---|---|---|---|---|\n",
    );
    let rows: Vec<(&str, f64, f64)> = REFERENCE.lines().skip(1).filter_map(row).collect();
    let measured: Vec<Option<(f64, f64)>> = rows
        .par_iter()
        .map(|(name, ..)| errors(&scratch.path().join(format!("{name}.f32"))))
        .collect::<Result<_, _>>()?;
    for ((name, live, after), measured) in rows.iter().zip(measured) {
        if let Some((ours_live, ours_after)) = measured {
            let _ = writeln!(text, "| {name} | {ours_live:.3} | {live:.3} | {ours_after:.3} | {after:.3} |");
        }
    }
    text.push('\n');
    Ok(Some(text))
}

fn row(line: &'static str) -> Option<(&'static str, f64, f64)> {
    let mut fields = line.split(',');
    Some((fields.next()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn convert(python: &Path, folder: &Path, out: &Path) -> anyhow::Result<()> {
    let output = Command::new(python)
        .args(["-c", CONVERT])
        .args([folder, out])
        .output()
        .with_context(|| format!("{} cannot be run", python.display()))?;
    ensure!(output.status.success(), "{} with h5py and numpy is needed", python.display());
    Ok(())
}

/// Live and afterwards, degrees; `None` if there is no such trial.
fn errors(path: &Path) -> anyhow::Result<Option<(f64, f64)>> {
    if !path.is_file() {
        return Ok(None);
    }
    let trial = read(path)?;
    let rate = SampleRate::from_hertz(HERTZ).context("a positive rate")?;
    let method = Method::default();
    let mut filter = OnlineOrientation::new(&method, rate)?;
    let live = run(&mut filter, trial.samples.iter().copied());
    let after = offline::estimate(&trial.samples, rate, &method)?;
    Ok(Some((inclination_error(&live, &trial), inclination_error(&after, &trial))))
}

fn read(path: &Path) -> anyhow::Result<Trial> {
    let bytes = std::fs::read(path)?;
    let (words, _) = bytes.as_chunks::<4>();
    let numbers: Vec<f64> = words.iter().map(|word| f64::from(f32::from_le_bytes(*word))).collect();
    let rows = numbers.as_chunks::<11>().0;
    let sample = |row: &[f64; 11]| ImuSample {
        angular_rate: AngularRate::new(row[0], row[1], row[2]),
        specific_force: SpecificForce::new(row[3], row[4], row[5]),
    };
    let truth = |row: &[f64; 11]| (Rotation::from_wxyz([row[6], row[7], row[8], row[9]]), row[10] > 0.5);
    Ok(Trial { samples: rows.iter().map(sample).collect(), truth: rows.iter().map(truth).collect() })
}

/// RMS angle between the two verticals over the movement phase, degrees.
fn inclination_error(estimates: &[OrientationEstimate], trial: &Trial) -> f64 {
    let up =
        |rotation: Rotation<Sensor, Earth>| rotation.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector();
    let counted = estimates.iter().zip(&trial.truth).filter_map(|(estimate, (truth, moving))| {
        let truth = (*truth).filter(|_| *moving)?;
        Some((up(estimate.rotation), up(truth)))
    });
    let squares: Vec<f64> = counted.map(|(a, b)| a.cross(&b).norm().atan2(a.dot(&b)).powi(2)).collect();
    (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt().to_degrees()
}

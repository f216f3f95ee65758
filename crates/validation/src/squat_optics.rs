//! Real squats of one person with optical joint angles of the same rows: how far the pelvis tilts, by its sensor alone.
//!
//! Each file is one repetition cut out without any rest around it, so there is nothing to align or to count by; what can be
//! compared is the turn of the vertical in the sensor against the change of the optical pelvic tilt.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use truehinge_core::{Earth, Recording, SensorRole, frame::Direction};
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::prepare;
use truehinge_signal::scoring::median;
use truehinge_signal::scoring::rms;
use truehinge_signal::{clock, orientation};

use crate::left_out::{self, LeftOut};
use truehinge_session::Judge;

const MAPPING: &str = include_str!("../../../datasets/mappings/cmu_exercise.toml");

/// Exercises in which the pelvis tilts in the sagittal plane on two legs, with what people call them.
const EXERCISES: [(&str, &str); 4] =
    [("SqHalfDL", "half squat"), ("SqDL", "squat"), ("DeclineSq", "decline squat"), ("SumoSq", "sumo squat")];

/// The section of the page, and the files that could not be used; empty without the data.
pub fn section(folder: &Path, judge: &Judge) -> anyhow::Result<(String, Vec<LeftOut>)> {
    if !folder.is_dir() {
        return Ok(Default::default());
    }
    let mut left_out = Vec::new();
    let mapping: Mapping = toml::from_str(MAPPING)?;
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let mut text = String::from(
        "## cmu_exercise: real squats of one person against optics\n\n\
         Tilt of the pelvis since the first row, sensor against optics. The files hold one repetition each, no rest and no date.\n\n\
         | exercise | files | difference over the repetition, RMS, deg (median of files) | largest tilt, optics, deg | largest tilt, sensor, deg |\n\
         |---|---|---|---|---|\n",
    );
    for (name, words) in EXERCISES {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder.join("imu").join(name))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.sort();
        let tried: Vec<_> =
            files.par_iter().map(|file| (file.display().to_string(), one(file, &options, judge))).collect();
        let (compared, bad): (Vec<Compared>, _) = left_out::sorted(tried);
        left_out.extend(bad);
        let middle =
            |get: fn(&Compared) -> f64| median(&compared.iter().map(get).collect::<Vec<_>>()).unwrap_or(f64::NAN);
        let _ = writeln!(
            text,
            "| {words} | {} | {:.1} | {:.1} | {:.1} |",
            compared.len(),
            middle(|c| c.difference),
            middle(|c| c.optics),
            middle(|c| c.sensor)
        );
    }
    text.push_str(
        "\nOn two legs a pelvis sensor reads less than optics: soft tissue, and skin over a bending spine.\n\n",
    );
    Ok((text, left_out))
}

/// One repetition, degrees.
struct Compared {
    difference: f64,
    optics: f64,
    sensor: f64,
}

fn one(file: &Path, options: &ImportOptions, judge: &Judge) -> anyhow::Result<Compared> {
    let (recording, _) = open(file, options)?;
    let sensor = tilt_of_sensor(&recording, judge)?;
    let name = file.file_name().context("a file has a name")?;
    let exercise = file.parent().and_then(Path::file_name).context("a file has a folder")?;
    let optics = file.ancestors().nth(3).context("the data set has folders")?.join("optical").join(exercise).join(name);
    let optics = tilt_by_optics(&optics)?;
    anyhow::ensure!(sensor.len() == optics.len(), "{}: {} and {} rows", file.display(), sensor.len(), optics.len());
    let largest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    Ok(Compared {
        difference: rms(sensor.iter().zip(&optics).map(|(a, b)| a - b)),
        optics: largest(&optics),
        sensor: largest(&sensor),
    })
}

/// Angle between the vertical at each row and at the first one, resolved in the sensor.
fn tilt_of_sensor(recording: &Recording, judge: &Judge) -> anyhow::Result<Vec<f64>> {
    let method = &judge.method();
    let index = recording.tracks.iter().position(|track| track.role == SensorRole::Hip).context("no pelvis sensor")?;
    let clocks = clock::fit(recording, &method.clock)?;
    let oriented = prepare(&recording.tracks[index], &clocks[index], method)?.oriented;
    let up = |estimate: &orientation::OrientationEstimate| {
        estimate.rotation.inverse().apply(Direction::<Earth>::new(0.0, 0.0, 1.0)).vector()
    };
    let all: Vec<_> = oriented.runs.iter().flat_map(|run| &run.estimates).map(up).collect();
    let first = all.first().context("no samples")?;
    Ok(all.iter().map(|now| first.angle(now).to_degrees()).collect())
}

/// Magnitude of the pelvic tilt's change since the first row, degrees.
fn tilt_by_optics(file: &Path) -> anyhow::Result<Vec<f64>> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (segments, _, axes) = (lines.next(), lines.next(), lines.next());
    let (segments, axes) = (segments.context("no header")?, axes.context("no header")?);
    let column = (0..segments.len())
        .find(|&i| segments[i] == "PelvisAngle" && axes.get(i) == Some(&"X"))
        .context("no sagittal angle of the pelvis")?;
    let angles: Vec<f64> = lines
        .filter(|cells| cells.len() > column)
        .map(|cells| cells[column].trim().parse::<f64>().with_context(|| format!("\"{}\" is no number", cells[column])))
        .collect::<Result<_, _>>()?;
    let first = *angles.first().context("no rows")?;
    Ok(angles.iter().map(|angle| (angle - first).abs()).collect())
}

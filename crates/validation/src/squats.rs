//! Real sets of ten squats with hand-cut repetitions: counts and boundaries from waist and calf.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;
use truehinge_core::{Recording, Rep, SensorRole, SessionTime, Span, TrackSamples};
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::scoring::median;
use truehinge_signal::scoring::{SCORED, Score, TrueRep};

use crate::left_out::{self, LeftOut};
use truehinge_session::Judge;
use truehinge_session::statistics::share;

const MAPPING: &str = include_str!("../../../datasets/mappings/squat3imu.toml");

#[derive(Deserialize)]
struct Labels {
    windows: Vec<Window>,
}

#[derive(Deserialize)]
struct Window {
    start_sample: usize,
    num_samples: usize,
}

/// The section of the page, and the sets that could not be used; empty without the data.
pub fn section(folder: &Path, judge: &Judge) -> anyhow::Result<(String, Vec<LeftOut>)> {
    if !folder.is_dir() {
        return Ok(Default::default());
    }
    let mapping: Mapping = toml::from_str(MAPPING)?;
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let mut sets = csv_files(folder)?;
    sets.sort();
    let name = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let tried: Vec<_> = sets.par_iter().map(|path| (name(path), one(path, &options, judge))).collect();
    let (scored, left_out): (Vec<Set>, _) = left_out::sorted(tried);
    let exact = scored.iter().filter(|set| set.score.exact == 1).count();
    let mut text =
        format!("## squat3imu: {} real sets of squats on two legs, waist and calf sensors\n\n", scored.len());
    let mut dates: Vec<String> = sets.iter().filter_map(|path| date(path)).collect();
    dates.sort();
    if let (Some(first), Some(last)) = (dates.first(), dates.last()) {
        let _ = writeln!(
            text,
            "Data of {first} to {last}. The hand labels lie without a gap between them: each takes in the pauses beside it, so that a \
             boundary is a cut somewhere in a pause. What answers to it of ours is the middle of the pause between two repetitions.\n"
        );
    }
    let errors = |get: fn(&Score) -> &Vec<f64>| {
        let all: Vec<f64> = scored.iter().flat_map(|set| get(&set.score)).map(|x| 1e3 * x.abs()).collect();
        median(&all).unwrap_or(f64::NAN)
    };
    let distances = |of: fn(&Cut) -> f64| -> Vec<f64> {
        scored.iter().flat_map(|set| &set.cuts).map(|cut| 1e3 * of(cut)).collect()
    };
    let (outside, from_middle) = (distances(|cut| cut.outside), distances(|cut| cut.from_middle));
    let within = outside.iter().filter(|distance| **distance == 0.0).count();
    let _ = writeln!(
        text,
        "| figure | measured | gate |\n|---|---|---|\n| sets with the exact count | {exact} of {} | >= 27 of 30 |\n\
         | start, median absolute error against hand labels, ms | {:.0} | - |\n| end, median absolute error, ms | {:.0} | - |\n\
         | cuts between repetitions within our pause | {} | - |\n| cuts, median distance from our pause, ms | {:.0} | - |\n\
         | cuts, median distance from the middle of our pause, ms | {:.0} | <= 120 |\n",
        scored.len(),
        errors(|s| &s.start),
        errors(|s| &s.end),
        share(within, outside.len()),
        median(&outside).unwrap_or(f64::NAN),
        median(&from_middle).unwrap_or(f64::NAN)
    );
    for set in scored.iter().filter(|set| set.score.exact == 0) {
        let (missed, many) = (set.score.missed, set.score.invented);
        let _ = writeln!(text, "* {}: {} counted, {missed} missed, {many} too many", set.name, set.found);
    }
    text.push('\n');
    Ok((text, left_out))
}

/// Day of a set, from its first row's time stamp.
fn date(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().nth(1)?.get(..10).map(str::to_owned)
}

fn csv_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for class in fs::read_dir(folder)? {
        let class = class?.path();
        if class.is_dir() {
            for entry in fs::read_dir(&class)? {
                let path = entry?.path();
                if path.extension().is_some_and(|e| e == "csv") {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}

/// A set, scored.
struct Set {
    name: String,
    score: Score,
    found: usize,
    /// Distances of the labels' cuts from the pauses between repetitions, s.
    cuts: Vec<Cut>,
}

/// Where a cut between two labels lies against the nearest pause between the repetitions found, s.
#[derive(Clone, Copy)]
struct Cut {
    outside: f64,
    from_middle: f64,
}

fn cuts(truth: &[TrueRep], reps: &[&Rep]) -> Vec<Cut> {
    let pauses: Vec<Span> = reps.windows(2).map(|pair| Span::new(pair[0].span.end, pair[1].span.start)).collect();
    let against = |cut: SessionTime, pause: &Span| {
        let (before, after) = ((pause.start - cut).seconds(), (cut - pause.end).seconds());
        Cut { outside: before.max(after).max(0.0), from_middle: 0.5 * (before - after).abs() }
    };
    let nearest = |cut: SessionTime| {
        pauses.iter().map(|pause| against(cut, pause)).min_by(|a, b| a.from_middle.total_cmp(&b.from_middle))
    };
    truth.windows(2).filter_map(|pair| nearest(pair[1].span.start)).collect()
}

fn one(path: &Path, options: &ImportOptions, judge: &Judge) -> anyhow::Result<Set> {
    let (mut recording, _) = open(path, options)?;
    // The product's own pair: the thigh sensor is left out.
    recording.tracks.retain(|track| track.role != SensorRole::Thigh);
    let truth = labels(path, &recording)?;
    let analysis = judge.analyse_recording(&recording)?;
    let reps: Vec<_> = analysis.reps().map(|(_, rep)| rep).collect();
    let mut score = Score::default();
    score.add(&reps, &truth);
    Ok(Set { name: recording.info.session.to_string(), score, found: reps.len(), cuts: cuts(&truth, &reps) })
}

fn labels(path: &Path, recording: &Recording) -> anyhow::Result<Vec<TrueRep>> {
    let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let labels: Labels = serde_json::from_slice(&fs::read(path.with_file_name(format!("{name}_metadata.json")))?)?;
    let Some(TrackSamples::Inertial(samples)) = recording.track(SensorRole::Hip).map(|track| &track.samples) else {
        anyhow::bail!("{name}: no waist samples");
    };
    // The hand labels count rows; the session's zero is the first sample.
    let at = |row: usize| {
        let row = row.min(samples.len() - 1);
        SessionTime::from_nanos((samples[row].device_time - samples[0].device_time).nanos())
    };
    let rep = |window: &Window| {
        let span = Span::new(at(window.start_sample), at(window.start_sample + window.num_samples));
        TrueRep {
            span,
            bottom: span,
            values: [f64::NAN; SCORED.len()],
            verdict: None,
            flags: Vec::new(),
            optional: false,
        }
    };
    Ok(labels.windows.iter().map(rep).collect())
}

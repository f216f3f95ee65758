//! Gestures of the leg: how often they are seen where nobody makes one, and what becomes of those that simulated people make.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use truehinge_core::{Interval, Recording, STANDARD_GRAVITY, SampleRate, Stored, story};
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, open};
use truehinge_session::statistics::share;
use truehinge_signal::live::{Gesture, GestureFinder, Gestured};
use truehinge_signal::method::Method;
use truehinge_sim::Scenario;
use truehinge_sim::imu::Chip;
use truehinge_sim::scenario::{Sign, Signs, When};

use crate::scorer::unpack;

const SQUATS: &str = include_str!("../../../datasets/mappings/squat3imu.toml");
const EXERCISES: &str = include_str!("../../../datasets/mappings/cmu_exercise.toml");

/// People who make each gesture, and each mistake.
const PEOPLE: u64 = 100;
/// Simulated people without gestures, under each condition.
const WITHOUT: u64 = 6;
/// A gesture that was told belongs to the one that was made so near, s.
const NEAR: f64 = 5.0;

/// What was seen where nobody makes a gesture.
#[derive(Default)]
struct Quiet {
    name: String,
    recordings: usize,
    hours: f64,
    gestures: usize,
    not_understood: usize,
}

impl Quiet {
    fn of(name: &str, heard: impl IntoIterator<Item = (Vec<Gestured>, f64)>) -> Self {
        let mut quiet = Self { name: name.to_owned(), ..Self::default() };
        for (told, seconds) in heard {
            quiet.recordings += 1;
            quiet.hours += seconds / 3600.0;
            quiet.gestures += told.iter().filter(|made| made.gesture.is_some()).count();
            quiet.not_understood += told.iter().filter(|made| made.gesture.is_none()).count();
        }
        quiet
    }
}

/// What a finder tells of recordings, one after the other as if they were one, and how long they are, s.
fn heard(recordings: &[Recording]) -> (Vec<Gestured>, f64) {
    let mut finder = GestureFinder::new(&Method::default());
    let (mut told, mut seconds) = (Vec::new(), 0.0);
    for recording in recordings {
        let later = Interval::from_seconds(seconds);
        let mut end = 0.0_f64;
        for (at, stored) in story(recording) {
            let Stored::Sample(role, mut sample) = stored else { continue };
            end = end.max(at.seconds());
            sample.arrival = Some(at + later);
            // A rep of a longer recording begins where the one before it ended; other recordings stand alone.
            if recordings.len() > 1 {
                sample.device_time = truehinge_core::DeviceTime::from_seconds((at + later).seconds());
            }
            told.extend(finder.push(role, &sample));
        }
        seconds += end;
    }
    (told, seconds)
}

/// Files or folders below one, in order.
fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Of recordings that can be read; those that are refused could not be recorded either.
fn read(paths: &[PathBuf], mapping: Option<Mapping>) -> Vec<Recording> {
    let options = ImportOptions { mapping, ..ImportOptions::default() };
    paths.par_iter().filter_map(|path| Some(open(path, &options).ok()?.0)).collect()
}

fn each(recordings: &[Recording]) -> Vec<(Vec<Gestured>, f64)> {
    recordings.par_iter().map(|recording| heard(std::slice::from_ref(recording))).collect()
}

/// The data sets that are there.
fn of_data(root: &Path, python: &Path) -> anyhow::Result<Vec<Quiet>> {
    let mut all = Vec::new();
    for (folder, name) in [
        ("bench/opensim-hinge/dataset/dev", "bench, dev part"),
        ("bench/opensim-wide/dataset/wide", "bench, wide part, also where nobody hinges"),
    ] {
        if root.join(folder).is_dir() {
            all.push(Quiet::of(name, each(&read(&below(&root.join(folder))?, None))));
        }
    }
    for (folder, name) in [("umafall", "UMAFall: waist and ankle, 20 Hz"), ("voisard", "Voisard: walks, back and foot")]
    {
        let of = root.join("data").join(folder);
        if !of.is_dir() {
            continue;
        }
        let scratch = tempfile::tempdir()?;
        unpack(python, &of.join("csv.tar.gz"), scratch.path())?;
        let mapping = Mapping::read(&of.join(format!("{folder}.toml")))?;
        all.push(Quiet::of(name, each(&read(&below(&scratch.path().join("csv"))?, Some(mapping)))));
    }
    let squats = root.join("data/squat3imu");
    if squats.is_dir() {
        let mut sets = Vec::new();
        for class in below(&squats)? {
            sets.extend(below(&class)?.into_iter().filter(|path| path.extension().is_some_and(|of| of == "csv")));
        }
        all.push(Quiet::of("squat3imu: squats", each(&read(&sets, Some(toml::from_str(SQUATS)?)))));
    }
    let exercises = root.join("data/cmu_exercise/imu");
    if exercises.is_dir() {
        // Either shin: in a lunge they do not do the same.
        for (name, mapping) in [("right", EXERCISES.to_owned()), ("left", EXERCISES.replace("Right", "Left"))] {
            let mapping: Mapping = toml::from_str(&mapping)?;
            let mut joined = Vec::new();
            for exercise in below(&exercises)? {
                joined.push(heard(&read(&below(&exercise)?, Some(mapping.clone()))));
            }
            all.push(Quiet::of(&format!("squats, lunges, step-ups, one after the other, {name} shin"), joined));
        }
    }
    Ok(all)
}

/// Simulated people without gestures, and the demo.
fn simulated() -> Vec<Quiet> {
    let people: Vec<Scenario> = (0..WITHOUT).flat_map(Scenario::conditions).collect();
    let run = |scenario: &Scenario| heard(&[scenario.run().ok()?.recording()]).into();
    let of = |scenarios: &[Scenario]| scenarios.par_iter().filter_map(run).collect::<Vec<_>>();
    vec![Quiet::of("simulated, all conditions", of(&people)), Quiet::of("demo", of(&[Scenario::demo()]))]
}

/// What became of gestures of one kind.
#[derive(Clone, Copy, Default)]
struct Made {
    as_meant: usize,
    not_understood: usize,
    silent: usize,
    confused: usize,
}

fn made(signs: &[Sign], meant: Option<Gesture>, change: &(dyn Fn(&mut Scenario) + Sync)) -> Made {
    let one = |seed: u64| {
        let rates = [50.0, 60.0, 100.0, 120.0, 200.0];
        let when = [When::Before, When::Within, When::After];
        let place = |of: usize| usize::try_from(seed).unwrap_or_default() % of;
        let mut scenario = Scenario::typical(seed);
        scenario.blocks.iter_mut().for_each(|(_, kinds)| kinds.truncate(1));
        scenario.rate = SampleRate::from_hertz(rates[place(rates.len())]).unwrap_or(scenario.rate);
        scenario.quarter_turns = u8::try_from(place(4)).unwrap_or_default();
        scenario.signs = vec![Signs { block: 0, when: when[place(when.len())], signs: signs.to_vec() }];
        change(&mut scenario);
        let session = scenario.run().ok()?;
        let began = session.truth.signs.first()?.span.start.seconds();
        let (told, _) = heard(&[session.recording()]);
        let (here, elsewhere): (Vec<Gestured>, Vec<Gestured>) =
            told.into_iter().partition(|told| (told.began.seconds() - began).abs() < NEAR);
        let is_confused = elsewhere.iter().chain(&here).any(|told| told.gesture.is_some() && told.gesture != meant);
        Some(match here[..] {
            _ if is_confused => Made { confused: 1, ..Made::default() },
            [] => Made { silent: 1, ..Made::default() },
            [only] if only.gesture == meant => Made { as_meant: 1, ..Made::default() },
            _ => Made { not_understood: 1, ..Made::default() },
        })
    };
    (0..PEOPLE).into_par_iter().filter_map(one).reduce(Made::default, |a, b| Made {
        as_meant: a.as_meant + b.as_meant,
        not_understood: a.not_understood + b.not_understood,
        silent: a.silent + b.silent,
        confused: a.confused + b.confused,
    })
}

/// The section of the page.
pub fn section(root: &Path, python: &Path) -> anyhow::Result<String> {
    let mut text = String::from(
        "## Gestures\n\nSets can be begun, ended and undone with the leg that wears the shin sensor (decision 0027). Where nobody makes a \
         gesture:\n\n| data | recordings | hours | gestures | not understood |\n|---|---|---|---|---|\n",
    );
    let quiet: Vec<Quiet> = of_data(root, python)?.into_iter().chain(simulated()).collect();
    for Quiet { name, recordings, hours, gestures, not_understood } in &quiet {
        let _ = writeln!(text, "| {name} | {recordings} | {hours:.2} | {gestures} | {not_understood} |");
    }
    let _ = write!(
        text,
        "| all | {} | {:.2} | {} | {} |\n\nSimulated people who make one, standing on the other leg: {PEOPLE} people each, 50 to 200 Hz, sensors turned \
         in their place, before, in and after a set. Nothing is a gesture in mistakes: one sign left out or one too many must not be \
         understood.\n\n| made | sensors | as meant | not understood | nothing told | another gesture |\n|---|---|---|---|---|---|\n",
        quiet.iter().map(|of| of.recordings).sum::<usize>(),
        quiet.iter().map(|of| of.hours).sum::<f64>(),
        quiet.iter().map(|of| of.gestures).sum::<usize>(),
        quiet.iter().map(|of| of.not_understood).sum::<usize>(),
    );
    for (sensors, change) in SENSORS {
        for (name, signs, meant) in MADE {
            let made = made(signs, meant, &change);
            let Made { as_meant, not_understood, silent, confused } = made;
            let all = as_meant + not_understood + silent + confused;
            let _ = writeln!(
                text,
                "| {name} | {sensors} | {} | {not_understood} | {silent} | {confused} |",
                share(as_meant, all)
            );
        }
    }
    text.push('\n');
    Ok(text)
}

const UP: Sign = Sign::HeelUp;
const OUT: Sign = Sign::ToesOut;

/// Gestures and mistakes: name, signs, and what they mean.
const MADE: [(&str, &[Sign], Option<Gesture>); 12] = [
    ("start", &[UP, UP], Some(Gesture::Start)),
    ("end", &[OUT, OUT], Some(Gesture::End)),
    ("undo", &[UP, OUT], Some(Gesture::Undo)),
    ("heel", &[UP], None),
    ("toes", &[OUT], None),
    ("toes heel", &[OUT, UP], None),
    ("heel heel heel", &[UP, UP, UP], None),
    ("heel heel toes", &[UP, UP, OUT], None),
    ("heel toes heel", &[UP, OUT, UP], None),
    ("heel toes toes", &[UP, OUT, OUT], None),
    ("toes toes heel", &[OUT, OUT, UP], None),
    ("toes toes toes", &[OUT, OUT, OUT], None),
];

/// A change of a scenario.
type Change = fn(&mut Scenario);

/// Which sensors, and how they are worn.
const SENSORS: [(&str, Change); 3] = [
    ("good, firm", |_| {}),
    ("cheap, loose straps", |scenario| {
        (scenario.chip, scenario.soft_tissue) = (Chip::cheap(), 2.0);
    }),
    ("4 g and 500 deg/s, swaying, 15 degrees askew", |scenario| {
        scenario.chip.range = (4.0 * STANDARD_GRAVITY, 500.0_f64.to_radians());
        (scenario.sway, scenario.mounting_error) = (0.010, 15.0_f64.to_radians());
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_counted_by_what_became_of_it() {
        let change = |_: &mut Scenario| {};
        let Made { as_meant, confused, .. } = made(&[UP, UP], Some(Gesture::Start), &change);
        assert!(as_meant * 20 >= 19 * usize::try_from(PEOPLE).expect("few") && confused == 0, "{as_meant}, {confused}");
        // What is no gesture is never one, and what means another thing than was meant is told.
        assert_eq!(made(&[UP, UP], Some(Gesture::End), &change).as_meant, 0);
    }
}

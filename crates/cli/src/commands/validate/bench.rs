//! The OpenSim bench: its sessions, what truly happened in them and what the analysis says.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use serde::Deserialize;
use truehinge_core::{Flag, HingeCriteria, Length, Protocol, Recording, Rep, SessionAnalysis, Span};
use truehinge_dataset::ImportOptions;
use truehinge_signal::scoring::{Score, TrueRep};

use super::left_out::{self, LeftOut};
use super::live::Heard;
use crate::analysis::Config;
use crate::reading::read;

/// A session as it lies in the bench.
pub struct Recorded {
    /// Its name there.
    pub name: String,
    /// The kind of trouble its sensors had.
    pub tag: String,
    /// Whether somebody hinges in it.
    pub kind: Kind,
    /// How long it is, in minutes.
    pub minutes: f64,
    /// What truly happened.
    pub truth: Vec<TrueRep>,
    /// Those of them that were given up.
    pub broken_off: Vec<bool>,
    /// What is done in it beside hinges.
    pub activities: Vec<Activity>,
    /// What was read, unless the file was refused.
    recording: anyhow::Result<Recording>,
}

/// What is done in a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Sets of hinges, and what lies between them.
    #[default]
    Hinge,
    /// Everyday movement: every repetition that is reported is a false one.
    NoHinge,
}

/// Something that is done for a while.
#[derive(Clone, Debug, Deserialize)]
pub struct Activity {
    /// What.
    #[serde(rename = "activity")]
    pub name: String,
    /// From when, in seconds of the session.
    pub start_s: f64,
    /// Until when.
    pub end_s: f64,
}

impl Activity {
    /// How long it lasts.
    pub fn minutes(&self) -> f64 {
        (self.end_s - self.start_s) / 60.0
    }

    /// Whether it is done at this time.
    pub fn covers(&self, seconds: f64) -> bool {
        (self.start_s..=self.end_s).contains(&seconds)
    }
}

/// A session and what the analysis says of it.
pub struct Session<'a> {
    /// The session.
    pub of: &'a Recorded,
    /// What the analysis says, unless the session was refused.
    pub analysis: Option<SessionAnalysis>,
    /// Why it was refused.
    pub refused: Option<String>,
}

impl Session<'_> {
    /// The repetitions that were reported.
    pub fn reps(&self) -> Vec<&Rep> {
        self.analysis.iter().flat_map(SessionAnalysis::reps).map(|(_, rep)| rep).collect()
    }
}

/// A part of the bench, read once.
pub struct Part {
    /// The bench's folder.
    pub bench: PathBuf,
    /// Its name: `dev` or `wide`.
    pub name: &'static str,
    sessions: Vec<Recorded>,
    /// Sessions whose truth cannot be read.
    pub left_out: Vec<LeftOut>,
}

impl Part {
    /// Reads every session of a part, in parallel.
    ///
    /// # Errors
    /// The part's folder cannot be read. A session whose truth cannot be read is left out; a recording that is refused counts as one
    /// without repetitions.
    pub fn read(bench: &Path, name: &'static str) -> anyhow::Result<Self> {
        let limits = Protocol::default().criteria;
        let folder = bench.join("dataset").join(name);
        let entries = std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        folders.sort();
        let truths = bench.join("truth").join(name);
        let tried: Vec<_> =
            folders.par_iter().map(|folder| (name_of(folder), recorded(folder, &truths, &limits))).collect();
        let (sessions, left_out) = left_out::sorted(tried);
        Ok(Self { bench: bench.to_owned(), name, sessions, left_out })
    }

    /// Analyses all sessions, in parallel.
    pub fn analyse(&self, config: &Config) -> Vec<Session<'_>> {
        self.sessions.par_iter().map(|of| analysed(of, config)).collect()
    }
}

fn analysed<'a>(of: &'a Recorded, config: &Config) -> Session<'a> {
    let read = of.recording.as_ref().map_err(|error| format!("{error:#}"));
    let analysed = read.and_then(|recording| config.analyse(recording).map_err(|error| format!("{error:#}")));
    let refused = analysed.as_ref().err().cloned();
    Session { of, analysis: analysed.ok(), refused }
}

fn recorded(folder: &Path, truths: &Path, limits: &HingeCriteria) -> anyhow::Result<Recorded> {
    let name = name_of(folder);
    let truth = truths.join(&name);
    let (reps, hidden): (RepsFile, Hidden) = (json(&truth, "reps.json")?, json(&truth, "hidden.json")?);
    let recording = read(folder, &ImportOptions::default()).map(|(recording, _)| recording);
    Ok(Recorded {
        tag: hidden.tag,
        kind: hidden.kind,
        minutes: minutes(&truth)?,
        activities: hidden.activities,
        broken_off: reps.reps.iter().map(|rep| rep.label == "aborted").collect(),
        truth: reps.reps.into_iter().map(|rep| rep.into_truth(limits)).collect(),
        recording,
        name,
    })
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The time of the last row of the truth's course.
fn minutes(truth: &Path) -> anyhow::Result<f64> {
    let path = truth.join("truth.csv");
    let course = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let last = course.lines().last().and_then(|line| line.split(',').next());
    let seconds: Option<f64> = last.and_then(|cell| cell.parse().ok());
    Ok(seconds.with_context(|| format!("{} has no time in its last row", path.display()))? / 60.0)
}

fn json<T: for<'de> Deserialize<'de>>(folder: &Path, name: &str) -> anyhow::Result<T> {
    let path = folder.join(name);
    let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} has an unexpected form", path.display()))
}

/// Everything of some sessions in one score.
pub fn total<'a>(sessions: impl IntoIterator<Item = &'a Session<'a>>) -> Score {
    let mut score = Score::default();
    for session in sessions {
        score.add(&session.reps(), &session.of.truth);
    }
    score
}

/// Recordings that were not refused, and what they say.
pub fn played<'a>(sessions: impl IntoIterator<Item = &'a Session<'a>>) -> Vec<Heard<'a>> {
    let both = |session: &'a Session<'a>| {
        Some((Cow::Borrowed(session.of.recording.as_ref().ok()?), Cow::Borrowed(session.analysis.as_ref()?)))
    };
    sessions.into_iter().filter_map(both).collect()
}

#[derive(Deserialize)]
struct Hidden {
    tag: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    activities: Vec<Activity>,
}

#[derive(Deserialize)]
struct RepsFile {
    reps: Vec<BenchRep>,
}

#[derive(Deserialize)]
struct BenchRep {
    start_s: f64,
    end_s: f64,
    turn_lo_s: f64,
    turn_hi_s: f64,
    knee_forward_mm: f64,
    hip_back_mm: f64,
    shank_tilt_deg: f64,
    pelvis_tilt_deg: f64,
    knee_flexion_deg: f64,
    pelvis_drop_deg: f64,
    pelvis_rot_abs_deg: f64,
    faults: Vec<String>,
    label: String,
}

impl BenchRep {
    fn into_truth(self, limits: &HingeCriteria) -> TrueRep {
        let aborted = self.label == "aborted";
        // Seen by neither sensor: the bench's own rule.
        let visible = self.pelvis_tilt_deg >= 4.0
            || self.shank_tilt_deg >= 3.0
            || self.hip_back_mm >= 20.0
            || self.knee_flexion_deg >= 8.0;
        let mm = Length::from_millimetres;
        let verdict = limits.of_truth(mm(self.knee_forward_mm), mm(self.hip_back_mm));
        let flags = vec![
            (Flag::KneeBend, self.knee_flexion_deg > limits.knee_flexion.fault.degrees()),
            (Flag::PelvisDrop, self.pelvis_drop_deg > limits.pelvis_drop.fault.degrees()),
            (Flag::PelvisRotation, self.pelvis_rot_abs_deg > limits.pelvis_rotation.fault.degrees()),
            (Flag::BalanceLoss, self.faults.iter().any(|fault| fault == "balance_loss")),
        ];
        TrueRep {
            span: Span::from_seconds(self.start_s, self.end_s),
            bottom: Span::from_seconds(self.turn_lo_s, self.turn_hi_s),
            values: [
                self.knee_forward_mm,
                self.hip_back_mm,
                self.shank_tilt_deg,
                self.pelvis_tilt_deg,
                self.knee_flexion_deg,
            ],
            verdict,
            flags,
            optional: aborted || !visible,
        }
    }
}

//! The OpenSim bench: its sessions, what truly happened in them and what the analysis says.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use serde::Deserialize;
use truehinge_core::{
    Flag, HingeCriteria, HostTime, Interval, Length, Marker, MarkerKind, Protocol, Recording, Rep, SessionAnalysis,
    Span,
};
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::scoring::{Score, TrueRep};

use crate::left_out::{self, LeftOut};
use crate::live::Heard;
use truehinge_session::Judge;

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
    pub fn analyse(&self, judge: &Judge) -> Vec<Session<'_>> {
        self.sessions.par_iter().map(|of| analysed(of, judge, Cow::Borrowed)).collect()
    }

    /// The same after a change to each recording.
    pub fn analyse_otherwise(&self, judge: &Judge, change: impl Fn(&mut Recording) + Sync) -> Vec<Session<'_>> {
        let changed = |recording: &Recording| {
            let mut recording = recording.clone();
            change(&mut recording);
            Cow::Owned(recording)
        };
        self.sessions.par_iter().map(|of| analysed(of, judge, changed)).collect()
    }
}

fn analysed<'a>(of: &'a Recorded, judge: &Judge, heard: impl Fn(&'a Recording) -> Cow<'a, Recording>) -> Session<'a> {
    let read = of.recording.as_ref().map_err(|error| format!("{error:#}"));
    let analysed =
        read.and_then(|recording| judge.analyse_recording(&heard(recording)).map_err(|error| format!("{error:#}")));
    let refused = analysed.as_ref().err().cloned();
    Session { of, analysis: analysed.ok(), refused }
}

fn recorded(folder: &Path, truths: &Path, limits: &HingeCriteria) -> anyhow::Result<Recorded> {
    let name = name_of(folder);
    let truth = truths.join(&name);
    let (reps, hidden): (RepsFile, Hidden) = (json(&truth, "reps.json")?, json(&truth, "hidden.json")?);
    let course = Course::read(&truth)?;
    let recording = open(folder, &ImportOptions::default()).map(|(recording, _)| recording).map_err(Into::into);
    Ok(Recorded {
        tag: hidden.tag,
        kind: hidden.kind,
        minutes: course.seconds.last().copied().unwrap_or_default() / 60.0,
        activities: hidden.activities,
        broken_off: reps.reps.iter().map(|rep| rep.label == "aborted").collect(),
        truth: reps.reps.into_iter().map(|rep| rep.into_truth(&course, limits)).collect(),
        recording,
        name,
    })
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What truly happened from moment to moment.
struct Course {
    seconds: Vec<f64>,
    knee_mm: Vec<f64>,
    hip_mm: Vec<f64>,
}

impl Course {
    fn read(truth: &Path) -> anyhow::Result<Self> {
        let path = truth.join("truth.csv");
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        anyhow::ensure!(rows.len() > 1, "{} has no two rows", path.display());
        let column = |name: &str| -> anyhow::Result<Vec<f64>> {
            let at = header.iter().position(|column| *column == name);
            let at = at.with_context(|| format!("{} has no column {name}", path.display()))?;
            let cell = |(i, row): (usize, &Vec<&str>)| {
                let number = row.get(at).and_then(|cell| cell.parse().ok());
                number.with_context(|| format!("{}, line {}: column {name} is no number", path.display(), i + 2))
            };
            rows.iter().enumerate().map(cell).collect()
        };
        Ok(Self { seconds: column("t_s")?, knee_mm: column("knee_forward_mm")?, hip_mm: column("hip_back_mm")? })
    }

    /// A value of the course at a time, between its rows.
    fn at(&self, values: &[f64], seconds: f64) -> f64 {
        let after = self.seconds.partition_point(|t| *t < seconds).clamp(1, self.seconds.len() - 1);
        let [(t0, v0), (t1, v1)] = [after - 1, after].map(|i| (self.seconds[i], values[i]));
        v0 + (v1 - v0) * (seconds - t0) / (t1 - t0)
    }

    /// The largest value from a time to another.
    fn peak(&self, values: &[f64], from: f64, to: f64) -> f64 {
        let ends = [from, to].map(|seconds| self.at(values, seconds));
        let within = self.seconds.iter().zip(values).filter(|(t, _)| (from..=to).contains(t)).map(|(_, value)| *value);
        within.chain(ends).fold(f64::NEG_INFINITY, f64::max)
    }
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

/// The same recordings as [`played`], with the marks of somebody who presses a key for each set, and what the analysis says of them then.
pub fn played_marked<'a>(sessions: impl IntoIterator<Item = &'a Session<'a>>, judge: &Judge) -> Vec<Heard<'a>> {
    let sessions: Vec<_> = sessions.into_iter().collect();
    let marked = |session: &&'a Session<'a>| {
        let recording = session.of.marked()?;
        let analysis = judge.analyse_recording(&recording).ok()?;
        Some((Cow::Owned(recording), Cow::Owned(analysis)))
    };
    sessions.par_iter().filter_map(marked).collect()
}

impl Recorded {
    /// The recording with the marks of a session that is recorded: a set begins with it, and another one [`KEY_S`] after the last repetition of
    /// the one before.
    fn marked(&self) -> Option<Recording> {
        let mut recording = self.recording.as_ref().ok()?.clone();
        let side = recording.info.stance_side?;
        let ends =
            self.truth.windows(2).filter(|pair| (pair[1].span.start - pair[0].span.end).seconds() >= SET_PAUSE_S);
        let key = Interval::from_seconds(KEY_S);
        recording.markers.push(Marker { at: HostTime::ZERO, kind: MarkerKind::SetStart { side } });
        for at in ends.map(|pair| (pair[0].span.end + key).on_host()) {
            recording
                .markers
                .extend([MarkerKind::SetEnd, MarkerKind::SetStart { side }].map(|kind| Marker { at, kind }));
        }
        Some(recording)
    }
}

/// How long after a set somebody presses the key, s.
const KEY_S: f64 = 2.0;
/// So long a pause lies between two sets, s.
const SET_PAUSE_S: f64 = 8.0;

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
    fn into_truth(self, course: &Course, limits: &HingeCriteria) -> TrueRep {
        let aborted = self.label == "aborted";
        // Seen by neither sensor: the bench's own rule.
        let visible = self.pelvis_tilt_deg >= 4.0
            || self.shank_tilt_deg >= 3.0
            || self.hip_back_mm >= 20.0
            || self.knee_flexion_deg >= 8.0;
        let mm = Length::from_millimetres;
        let verdict = limits.of_truth(mm(self.knee_forward_mm), mm(self.hip_back_mm));
        let part = |from: f64, to: f64| course.peak(&course.knee_mm, from, to);
        let (knee, hip) = (&course.knee_mm, &course.hip_mm);
        let turn_s = f64::midpoint(self.turn_lo_s, self.turn_hi_s);
        // The stance it is measured from is where its scored peak has it.
        let knee_base = part(self.start_s, self.end_s) - self.knee_forward_mm;
        let hip_base = course.peak(hip, self.start_s, self.end_s) - self.hip_back_mm;
        let (knee_turn, hip_turn) = (course.at(knee, turn_s) - knee_base, course.at(hip, turn_s) - hip_base);
        let on_the_way = |from, to| limits.is_drift_on_the_way(mm(part(from, to) - knee_base), mm(knee_turn));
        let flags = vec![
            (Flag::EarlyDrift, on_the_way(self.start_s, turn_s)),
            (Flag::LateDrift, on_the_way(turn_s, self.end_s)),
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
                knee_turn,
                100.0 * knee_turn / hip_turn,
            ],
            verdict,
            flags,
            optional: aborted || !visible,
        }
    }
}

//! What inputs hold before anything is made of it: formats, sensors, rates, gaps; and which of them are one recording.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;
use std::path::Path;

use serde::Serialize;
use truehinge_core::{LocalStart, Marker, MarkerKind, Recording, Side};
use truehinge_dataset::import::TrackSummary;
use truehinge_dataset::same::{Fingerprint, Hash};
use truehinge_dataset::{ImportReport, Survey, open};
use truehinge_signal::content_hash;

use crate::Error;
use crate::batch::{Batch, Step, Watch};
use crate::once::{Failed, Notice, once, source};

/// What an input holds.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Inspected {
    /// The input.
    pub input: String,
    /// Name of its format.
    pub format: String,
    /// Pseudonym of the person, as the input says it or as it is made up.
    pub athlete_id: String,
    /// Name of the session.
    pub session: String,
    /// When it began, on the clock on the wall where that is known.
    pub start: Option<String>,
    /// Name of the exercise protocol.
    pub protocol: String,
    /// Supporting legs, as the recording and its sets say.
    pub sides: Vec<Side>,
    /// Sets that are marked, by a person or by the set finder.
    pub n_sets: usize,
    /// What was recognised, the sensors, and what should be looked at.
    #[serde(flatten)]
    pub report: ImportReport,
    /// The input that holds the same recording, and counts instead.
    pub same_as: Option<String>,
}

impl Inspected {
    /// Of a recording that was opened, with what its import says; a recording of ours has no such report.
    pub fn of(input: String, recording: &Recording, report: Option<ImportReport>) -> Self {
        let info = &recording.info;
        let side = |marker: &Marker| match marker.kind {
            MarkerKind::SetStart { side } | MarkerKind::SearchStart { side, .. } => Some(side),
            _ => None,
        };
        let is_set = |marker: &&Marker| matches!(marker.kind, MarkerKind::SetStart { .. } | MarkerKind::SetFound);
        let sides: BTreeSet<Side> = recording.markers.iter().filter_map(side).chain(info.stance_side).collect();
        Self {
            input,
            format: info.source.format.clone(),
            athlete_id: info.athlete.to_string(),
            session: info.session.to_string(),
            start: info.start_utc_ns.and_then(|utc_ns| LocalStart::of(utc_ns, info.zone)).map(|start| start.words()),
            protocol: info.protocol.clone(),
            sides: sides.into_iter().collect(),
            n_sets: recording.markers.iter().filter(is_set).count(),
            report: report.unwrap_or_else(|| ImportReport::of(recording)),
            same_as: None,
        }
    }

    /// Length of the longest sensor, s.
    pub fn duration_s(&self) -> f64 {
        self.report.sensors.iter().map(|sensor| sensor.seconds).fold(0.0, f64::max)
    }
}

/// What all inputs hold.
#[derive(Debug, Default)]
pub struct Study {
    /// Of each input that can be read, in their order.
    pub inputs: Vec<Inspected>,
    /// What cannot be read.
    pub failures: Vec<Failed>,
    /// Which are the same, or were made from one another.
    pub notices: Vec<Notice>,
    /// The work was stopped: not all of it is here.
    pub interrupted: bool,
}

impl Batch<'_> {
    /// What all that was found holds, in parallel; each recording is in memory only while it is looked at.
    ///
    /// # Errors
    /// [`Error::Threads`]. What cannot be read is listed in the outcome.
    pub fn inspect(&self, found: Survey, watch: &Watch<'_>) -> Result<Study, Error> {
        let (all, failures) = self.each(found, watch, |_, path| self.look(path))?;
        let (mut inputs, fingerprints): (Vec<Inspected>, Vec<Fingerprint>) = all.into_iter().unzip();
        let unused: Vec<(&Path, &[Hash])> = failures.iter().map(|f| (f.path.as_path(), f.files.as_slice())).collect();
        let of_all: Vec<&Fingerprint> = fingerprints.iter().collect();
        let once = once(&of_all, &unused);
        for (kept, copies) in &once.kept {
            let counts = inputs[*kept].input.clone();
            copies.iter().for_each(|copy| inputs[*copy].same_as = Some(counts.clone()));
        }
        let imported = once.of_unused.into_iter().flatten();
        let notices = once.notices.into_iter().chain(imported).collect();
        Ok(Study { inputs, failures, notices, interrupted: watch.is_stopped() })
    }

    fn look(&self, path: &Path) -> Result<(Option<Step>, (Inspected, Fingerprint)), Error> {
        let (recording, report) = open(path, self.options)?;
        let fingerprint = Fingerprint::new(path, &recording, &content_hash(&recording));
        let inspected = Inspected::of(source(self.root, path), &recording, report);
        Ok((Some(Step::Analysed), (inspected, fingerprint)))
    }
}

/// What a study is made of, to be said in a few lines.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// Recordings that can be read, each once.
    pub n_recordings: usize,
    /// People, as the inputs say it.
    pub n_athletes: usize,
    /// Inputs that hold the same recording as another one.
    pub n_copies: usize,
    /// Inputs that cannot be read.
    pub n_failed: usize,
    /// Length of all recordings, s.
    pub duration_s: f64,
    /// Recordings of each format.
    pub formats: BTreeMap<String, usize>,
    /// Recordings with each set of sensors and their rates.
    pub sensors: BTreeMap<String, usize>,
    /// Recordings that something is to be looked at of.
    pub n_to_look_at: usize,
}

impl Overview {
    /// Of a study.
    pub fn of(study: &Study) -> Self {
        let counted = || study.inputs.iter().filter(|input| input.same_as.is_none());
        let athletes: BTreeSet<&str> = counted().map(|input| input.athlete_id.as_str()).collect();
        let mut overview = Self {
            n_recordings: counted().count(),
            n_athletes: athletes.len(),
            n_copies: study.inputs.len() - counted().count(),
            n_failed: study.failures.len(),
            duration_s: counted().map(Inspected::duration_s).fold(0.0, Add::add),
            n_to_look_at: counted().filter(|input| !input.report.warnings.is_empty()).count(),
            ..Self::default()
        };
        for input in counted() {
            *overview.formats.entry(input.format.clone()).or_default() += 1;
            *overview.sensors.entry(sensors_in_words(&input.report.sensors)).or_default() += 1;
        }
        overview
    }
}

/// Sensors with their rates: `hip 100, shank 100 Hz`; orientations without inertial samples are marked.
pub fn sensors_in_words(sensors: &[TrackSummary]) -> String {
    let one = |sensor: &TrackSummary| {
        let rate = sensor.seen_hz.map_or_else(|| "?".to_owned(), |hz| format!("{hz:.0}"));
        let kind = if sensor.orientation_only { " (orientations)" } else { "" };
        format!("{} {rate}{kind}", sensor.role)
    };
    if sensors.is_empty() {
        return "none".to_owned();
    }
    sensors.iter().map(one).collect::<Vec<_>>().join(", ") + " Hz"
}

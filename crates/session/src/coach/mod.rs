//! What an athlete is told during the session: the live analysis, put into words and lines.

use std::mem::{Discriminant, discriminant};
use std::sync::mpsc;
use std::thread::JoinHandle;

use serde_json::{Value, json};
use truehinge_ble::recorder::RecorderEvent;
use truehinge_core::{HostTime, Marker, MarkerKind, Metric, SensorRole, SessionAnalysis, SessionInfo, Side, Stored};
use truehinge_session::Judge;
use truehinge_signal::live::{LiveEvent, LiveRep, LiveSession};
use truehinge_signal::watch::calibration::Lack;

use crate::{hints, output, unusable, words};

/// Something to tell.
#[derive(Clone, Debug)]
pub struct Told {
    /// Arrival of the sample after which it was known.
    pub at: HostTime,
    /// What it is.
    pub what: What,
}

/// What is told.
#[derive(Clone, Debug)]
pub enum What {
    /// Of the movements.
    Movement(Box<LiveEvent>),
    /// What the calibration still lacks, in words; empty when it is accepted.
    Calibration(Vec<String>),
}

/// A live session that says what is new. The same story gives the same words, whether it is being recorded or replayed.
pub struct Coach {
    live: LiveSession,
    at: HostTime,
    /// What was said last of the calibration.
    calibration: Option<Vec<Kind>>,
}

/// What a calibration lacks, without the numbers: they change with every look.
type Kind = (Discriminant<Lack>, Option<SensorRole>);

fn kind(lack: &Lack) -> Kind {
    let role = match lack {
        Lack::Stillness { .. } => None,
        Lack::Movements { role, .. } | Lack::Crooked { role, .. } | Lack::Unrepeatable { role, .. } => Some(*role),
    };
    (discriminant(lack), role)
}

impl Coach {
    /// For a session.
    pub fn new(info: &SessionInfo, judge: &Judge) -> anyhow::Result<Self> {
        info.body.check().map_err(unusable)?;
        let protocol = judge.protocol(info).map_err(|error| hints::of_session(error.into()))?;
        let live = LiveSession::new(info.clone(), judge.method().clone(), protocol);
        Ok(Self { live, at: HostTime::ZERO, calibration: None })
    }

    /// Takes the next thing that was stored.
    pub fn hear(&mut self, stored: &Stored, tell: &mut dyn FnMut(Told)) {
        match stored {
            // Each set is calibrated on its own.
            Stored::Marker(Marker { kind: MarkerKind::SetStart { .. }, .. }) => self.calibration = None,
            Stored::Sample(_, sample) => self.at = sample.arrival.map_or(self.at, |arrival| arrival.max(self.at)),
            _ => {}
        }
        let at = self.at;
        self.live.hear(stored, &mut |event| tell(Told { at, what: What::Movement(Box::new(event)) }));
        if matches!(stored, Stored::Sample(..)) {
            self.tell_calibration(tell);
        }
    }

    fn tell_calibration(&mut self, tell: &mut dyn FnMut(Told)) {
        let Some(lacks) = self.live.calibration() else { return };
        let kinds: Vec<Kind> = lacks.iter().map(kind).collect();
        if self.calibration.as_ref() != Some(&kinds) {
            self.calibration = Some(kinds);
            let lacks = lacks.iter().map(words::lack).collect();
            tell(Told { at: self.at, what: What::Calibration(lacks) });
        }
    }

    /// The analysis of the stored recording has the last word.
    pub fn settle(&mut self, analysis: &SessionAnalysis, tell: &mut dyn FnMut(Told)) {
        let at = self.at;
        self.live.finish(analysis, &mut |event| tell(Told { at, what: What::Movement(Box::new(event)) }));
    }
}

/// What the recorder stores, as a story.
pub fn stored(event: &RecorderEvent<'_>) -> Vec<Stored> {
    match event {
        RecorderEvent::Samples(role, samples) => samples.iter().map(|sample| Stored::Sample(*role, *sample)).collect(),
        RecorderEvent::Gap(role, lost) => vec![Stored::Gap(*role, *lost)],
        RecorderEvent::Marker(marker) => vec![Stored::Marker((*marker).clone())],
        _ => Vec::new(),
    }
}

/// A coach on a thread of its own: the recorder never waits for an analysis.
pub struct Beside {
    // Without a bound: it empties a hundred times faster than two sensors fill it.
    story: mpsc::Sender<Stored>,
    thread: JoinHandle<Coach>,
}

impl Beside {
    /// Starts it.
    pub fn start(mut coach: Coach, mut tell: impl FnMut(Told) + Send + 'static) -> Self {
        let (story, heard) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for stored in heard {
                coach.hear(&stored, &mut tell);
            }
            coach
        });
        Self { story, thread }
    }

    /// Passes something on.
    pub fn hear(&self, stored: Stored) {
        // Should the coach have failed, the recording goes on.
        let _ = self.story.send(stored);
    }

    /// Waits for what is still being analysed; `None` if the coach has failed.
    pub fn end(self) -> Option<Coach> {
        drop(self.story);
        self.thread.join().ok()
    }
}

impl Told {
    /// For programs.
    pub fn json(&self) -> Value {
        let (event, rest) = match &self.what {
            What::Movement(movement) => movement_json(movement),
            What::Calibration(lacks) => ("calibration", json!({ "accepted": lacks.is_empty(), "lacks": lacks })),
        };
        let mut line = json!({ "event": event, "t_s": self.at.seconds() });
        if let (Value::Object(line), Value::Object(rest)) = (&mut line, rest) {
            line.extend(rest);
        }
        line
    }

    /// For people.
    pub fn words(&self) -> String {
        let said = match &self.what {
            What::Movement(movement) => movement_words(movement),
            What::Calibration(lacks) if lacks.is_empty() => "calibration accepted".to_owned(),
            What::Calibration(lacks) => format!("calibration: {}", lacks.join("; ")),
        };
        format!("{:7.1} s  {said}", self.at.seconds())
    }
}

fn movement_json(movement: &LiveEvent) -> (&'static str, Value) {
    match movement {
        LiveEvent::KneeForward(cue) => {
            ("knee_forward", json!({ "knee_forward_mm": millimetres(cue.knee_forward.value) }))
        }
        LiveEvent::KneeBack(cue) => ("knee_back", json!({ "knee_forward_mm": millimetres(cue.knee_forward.value) })),
        LiveEvent::Repetition(told) => ("repetition", rep_json(told)),
        LiveEvent::Revised(told) => ("revised", rep_json(told)),
        LiveEvent::Withdrawn(span) => {
            ("withdrawn", json!({ "start_s": span.start.seconds(), "end_s": span.end.seconds() }))
        }
        LiveEvent::Worn(finding) => ("worn", json!(finding)),
        LiveEvent::WornWell(finding) => ("worn_well", json!(finding)),
        _ => ("other", json!({})),
    }
}

fn movement_words(movement: &LiveEvent) -> String {
    match movement {
        LiveEvent::KneeForward(_) => "knee forward: push the hips back".to_owned(),
        LiveEvent::KneeBack(_) => "knee back in place".to_owned(),
        LiveEvent::Repetition(told) => rep_words(told),
        LiveEvent::Revised(told) => format!("corrected: {}", rep_words(told)),
        LiveEvent::Withdrawn(span) => format!("the movement at {:.1} s was no repetition", span.start.seconds()),
        LiveEvent::Worn(finding) => words::remark(finding),
        LiveEvent::WornWell(finding) => format!("cleared: {}", words::remark(finding)),
        _ => String::new(),
    }
}

fn millimetres(length: truehinge_core::Length) -> f64 {
    length.metres() * 1e3
}

fn side(side: Option<Side>) -> String {
    side.map_or_else(|| "?".to_owned(), |side| side.to_string())
}

fn rep_json(LiveRep { side, rep }: &LiveRep) -> Value {
    let flags: Vec<&str> = rep.judgement.flags.iter().map(|flag| flag.name()).collect();
    json!({
        "side": side,
        "number": rep.number,
        "start_s": rep.span.start.seconds(),
        "end_s": rep.span.end.seconds(),
        "verdict": rep.judgement.verdict.name(),
        "probability": rep.judgement.probability,
        "cause": rep.judgement.cause.name(),
        "flags": flags,
        "metrics": rep.metrics,
    })
}

fn rep_words(LiveRep { side: leg, rep }: &LiveRep) -> String {
    let of = |metric: Metric| output::reading(rep.metrics.reading(metric), metric);
    format!(
        "repetition {}, {}: {} (P {:.2}); knee {}, hips {} back; {}",
        rep.number,
        side(*leg),
        rep.judgement.verdict.title(),
        rep.judgement.probability,
        of(Metric::KneeForward),
        of(Metric::HipBack),
        output::reason(&rep.judgement)
    )
}

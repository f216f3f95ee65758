//! One thing that an athlete is told, as a value and as a JSON object.

use serde::{Serialize, Serializer};
use truehinge_core::{Finding, HostTime, RepMetrics, Side};
use truehinge_signal::live::{Cue, LiveEvent, LiveRep};
use truehinge_signal::watch::calibration::Lack;

use super::words;

/// Something to tell. In JSON one flat object: `event`, `t_s`, and what belongs to the event.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Arrival of the sample after which it was known.
    pub at: HostTime,
    /// What it is about.
    pub subject: Subject,
}

/// What is told.
#[derive(Clone, PartialEq, Debug)]
pub enum Subject {
    /// Of the movements, and of how sensors are worn.
    Movement(Box<LiveEvent>),
    /// What the calibration still lacks; empty when it is accepted.
    Calibration(Vec<Lack>),
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Line { t_s: self.at.seconds(), event: Event::of(&self.subject) }.serialize(serializer)
    }
}

/// A message in JSON.
#[derive(Serialize)]
struct Line<'a> {
    t_s: f64,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    KneeForward { knee_forward_mm: f64 },
    KneeBack { knee_forward_mm: f64 },
    Repetition(Repetition<'a>),
    Revised(Repetition<'a>),
    Withdrawn { start_s: f64, end_s: f64 },
    Worn(&'a Finding),
    WornWell(&'a Finding),
    Calibration { accepted: bool, lacks: Vec<String> },
    Other {},
}

#[derive(Serialize)]
struct Repetition<'a> {
    side: Option<Side>,
    number: u32,
    start_s: f64,
    end_s: f64,
    verdict: &'static str,
    probability: f64,
    cause: &'static str,
    flags: Vec<&'static str>,
    metrics: &'a RepMetrics,
}

impl<'a> Event<'a> {
    fn of(subject: &'a Subject) -> Self {
        match subject {
            Subject::Movement(movement) => Self::of_movement(movement),
            Subject::Calibration(lacks) => {
                Self::Calibration { accepted: lacks.is_empty(), lacks: lacks.iter().map(words::lack).collect() }
            }
        }
    }

    fn of_movement(movement: &'a LiveEvent) -> Self {
        let millimetres = |cue: &Cue| cue.knee_forward.value.metres() * 1e3;
        match movement {
            LiveEvent::KneeForward(cue) => Self::KneeForward { knee_forward_mm: millimetres(cue) },
            LiveEvent::KneeBack(cue) => Self::KneeBack { knee_forward_mm: millimetres(cue) },
            LiveEvent::Repetition(rep) => Self::Repetition(Repetition::of(rep)),
            LiveEvent::Revised(rep) => Self::Revised(Repetition::of(rep)),
            LiveEvent::Withdrawn(span) => Self::Withdrawn { start_s: span.start.seconds(), end_s: span.end.seconds() },
            LiveEvent::Worn(finding) => Self::Worn(finding),
            LiveEvent::WornWell(finding) => Self::WornWell(finding),
            _ => Self::Other {},
        }
    }
}

impl<'a> Repetition<'a> {
    fn of(LiveRep { side, rep }: &'a LiveRep) -> Self {
        Self {
            side: *side,
            number: rep.number,
            start_s: rep.span.start.seconds(),
            end_s: rep.span.end.seconds(),
            verdict: rep.judgement.verdict.name(),
            probability: rep.judgement.probability,
            cause: rep.judgement.cause.name(),
            flags: rep.judgement.flags.iter().map(|flag| flag.name()).collect(),
            metrics: &rep.metrics,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{FindingKind, SensorRole, SessionTime, Span};

    fn json(subject: Subject) -> String {
        serde_json::to_string(&Message { at: HostTime::from_seconds(1.5), subject }).expect("JSON")
    }

    #[test]
    fn a_message_is_one_flat_object() {
        let movement = |event| json(Subject::Movement(Box::new(event)));
        let (start, end) = (SessionTime::from_nanos(0), SessionTime::from_nanos(2_000_000_000));
        assert_eq!(
            movement(LiveEvent::Withdrawn(Span { start, end })),
            r#"{"t_s":1.5,"event":"withdrawn","start_s":0.0,"end_s":2.0}"#
        );
        assert_eq!(
            json(Subject::Calibration(vec![Lack::Stillness { longest_s: 2.0 }])),
            r#"{"t_s":1.5,"event":"calibration","accepted":false,"lacks":["stand still for 3 s (longest so far: 2.0 s)"]}"#
        );
        let worn = movement(LiveEvent::Worn(Finding::of_sensor(SensorRole::Hip, FindingKind::Uneven)));
        assert!(worn.starts_with(r#"{"t_s":1.5,"event":"worn","grade":"fair","role":"hip","code":"uneven""#), "{worn}");
    }
}

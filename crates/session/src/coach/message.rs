//! One thing that an athlete is told, as a value and as a JSON object.

use serde::{Serialize, Serializer};
use truehinge_core::{Cause, Finding, Flag, HostTime, RepMetrics, Side, Verdict};
use truehinge_signal::live::{Cue, LiveEvent, LiveRep};
use truehinge_signal::watch::calibration::Lack;

use super::{FormLost, words};

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
    /// The form of the running set is lost: time to rest.
    FormLost(FormLost),
    /// Where the knee is by the shin's lean, many times a second: for who draws it. A log leaves it out.
    Knee(Cue),
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Line { t_s: self.at.seconds(), event: Event::of(&self.subject) }.serialize(serializer)
    }
}

/// Something that the athlete is told.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Line<'a> {
    /// Arrival of the sample after which it was known, s of the host's clock since the beginning.
    t_s: f64,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Event<'a> {
    /// The knee is too far forward.
    KneeForward {
        /// How far it is, mm.
        knee_forward_mm: f64,
    },
    /// The knee is back in place.
    KneeBack {
        /// How far forward it is, mm.
        knee_forward_mm: f64,
    },
    /// Where the knee is.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Knee {
        /// How far forward it is, mm.
        knee_forward_mm: f64,
    },
    /// A repetition.
    Repetition(Repetition<'a>),
    /// A repetition told before, as it is known now.
    Revised(Repetition<'a>),
    /// What was told as a repetition was none.
    Withdrawn {
        /// When it began, s.
        start_s: f64,
        /// When it ended, s.
        end_s: f64,
    },
    /// Sets are looked for, and the running one is over.
    SetOver {
        /// Since when, s.
        since_s: f64,
    },
    /// Sets are looked for, and nothing counts until a change from two legs to one was seen.
    StanceUnseen {},
    /// The form of the running set is lost: a number became worse beyond chance, and the last repetition has the fault that belongs to it.
    FormLost {
        /// Which number: `knee_forward` or `hip_back`.
        metric: &'static str,
        /// By how much it changes with every repetition, mm.
        slope_mm: f64,
    },
    /// Something is wrong with how a sensor is worn.
    Worn(&'a Finding),
    /// It is not wrong any more.
    WornWell(&'a Finding),
    /// The guided calibration has ended.
    Calibration {
        /// Whether it is good enough.
        accepted: bool,
        /// What it lacks, in words.
        lacks: Vec<String>,
    },
    /// Something that this version has no name for.
    Other {},
}

/// A repetition as it is known while the session runs.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Repetition<'a> {
    /// Supporting leg, if known.
    side: Option<Side>,
    /// 1-based number within its set.
    rep: u32,
    /// Onset, s.
    start_s: f64,
    /// Return, s.
    end_s: f64,
    /// What it was.
    label: Verdict,
    /// Probability of the verdict, for indeterminate of the likeliest one.
    probability: f64,
    /// Why.
    cause: Cause,
    /// What else was seen.
    flags: &'a [Flag],
    /// Numbers without opinion.
    metrics: &'a RepMetrics,
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Message {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Message".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Line::json_schema(generator)
    }
}

impl<'a> Event<'a> {
    fn of(subject: &'a Subject) -> Self {
        match subject {
            Subject::Movement(movement) => Self::of_movement(movement),
            Subject::Calibration(lacks) => {
                Self::Calibration { accepted: lacks.is_empty(), lacks: lacks.iter().map(words::lack).collect() }
            }
            Subject::FormLost(FormLost { metric, slope_mm }) => {
                Self::FormLost { metric: metric.name(), slope_mm: *slope_mm }
            }
            Subject::Knee(cue) => Self::Knee { knee_forward_mm: millimetres(cue) },
        }
    }

    fn of_movement(movement: &'a LiveEvent) -> Self {
        match movement {
            LiveEvent::KneeForward(cue) => Self::KneeForward { knee_forward_mm: millimetres(cue) },
            LiveEvent::KneeBack(cue) => Self::KneeBack { knee_forward_mm: millimetres(cue) },
            LiveEvent::Repetition(rep) => Self::Repetition(Repetition::of(rep)),
            LiveEvent::Revised(rep) => Self::Revised(Repetition::of(rep)),
            LiveEvent::Withdrawn(span) => Self::Withdrawn { start_s: span.start.seconds(), end_s: span.end.seconds() },
            LiveEvent::SetOver(since) => Self::SetOver { since_s: since.seconds() },
            LiveEvent::StanceUnseen => Self::StanceUnseen {},
            LiveEvent::Worn(finding) => Self::Worn(finding),
            LiveEvent::WornWell(finding) => Self::WornWell(finding),
            _ => Self::Other {},
        }
    }
}

fn millimetres(cue: &Cue) -> f64 {
    cue.knee_forward.value.metres() * 1e3
}

impl<'a> Repetition<'a> {
    fn of(LiveRep { side, rep }: &'a LiveRep) -> Self {
        Self {
            side: *side,
            rep: rep.number,
            start_s: rep.span.start.seconds(),
            end_s: rep.span.end.seconds(),
            label: rep.judgement.verdict,
            probability: rep.judgement.probability,
            cause: rep.judgement.cause,
            flags: &rep.judgement.flags,
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
        assert!(
            worn.starts_with(r#"{"t_s":1.5,"event":"worn","grade":"fair","sensor":"hip","code":"uneven""#),
            "{worn}"
        );
    }
}

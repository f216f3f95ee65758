//! What somebody is to do now, in large letters: a value, and its words in every language.

use truehinge_core::words::{Args, Language};
use truehinge_core::{Cause, Metric, SensorRole, Side, Verdict};
use truehinge_signal::watch::calibration::Lack;

use super::sets::{Asked, Command};
use crate::coach::words::lack_in;

/// What came of signs that were made with the leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A set has begun.
    Started {
        /// Its number.
        set: u32,
        /// Its supporting leg.
        side: Side,
    },
    /// The set has ended.
    Ended {
        /// Its number.
        set: u32,
    },
    /// The last set does not count.
    Undone,
    /// They mean nothing.
    NotUnderstood,
    /// No set runs that could end.
    NoneRuns,
    /// There is no set that could be undone.
    NoneToUndo,
    /// Sets begin by themselves.
    ByThemselves,
}

impl Answer {
    /// To what was asked for, if that was understood.
    pub const fn to(asked: Option<Asked>) -> Self {
        let Some(Asked { command, done, set, side, .. }) = asked else { return Self::NotUnderstood };
        match command {
            Command::StartSet if done => Self::Started { set, side },
            Command::StartSet => Self::ByThemselves,
            // Where sets are looked for the next one runs already; which one has ended, people know.
            Command::EndSet if done => Self::Ended { set },
            Command::EndSet => Self::NoneRuns,
            Command::UndoSet if done => Self::Undone,
            Command::UndoSet => Self::NoneToUndo,
            _ => Self::NotUnderstood,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Ended { .. } => "ended",
            Self::Undone => "undone",
            Self::NotUnderstood => "not_understood",
            Self::NoneRuns => "none_runs",
            Self::NoneToUndo => "none_to_undo",
            Self::ByThemselves => "by_themselves",
        }
    }

    /// Its arguments in a sentence.
    pub(super) fn args(self, language: Language) -> Args {
        let args = Args::new(language).text("answer", self.name());
        match self {
            Self::Started { set, side } => args.count("set", set.into()).text("side", side.name()),
            Self::Ended { set } => args.count("set", set.into()),
            _ => args,
        }
    }
}

/// What to do now.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing came of a sensor yet.
    #[default]
    Waiting,
    /// All sensors send.
    Begin,
    /// The knee is too far forward.
    KneeForward,
    /// The knee is back in place.
    KneeBack,
    /// A repetition ended: what to change, or to keep.
    Judged {
        /// What it was.
        verdict: Verdict,
        /// Why.
        cause: Cause,
    },
    /// Another set on the same leg.
    Set {
        /// Its number.
        set: u32,
        /// Its supporting leg.
        side: Side,
    },
    /// All sensors send, and somebody else wears them now.
    PutOn,
    /// All sensors send, and a set begins when somebody makes the signs for it.
    BeginByGesture,
    /// Signs were made with the leg.
    Gesture(Answer),
    /// All sensors send, and sets are looked for.
    BeginSearch,
    /// Sets are looked for, and nothing counts until a change from two legs to one was seen.
    StanceUnseen,
    /// The set finder has seen that a set is over.
    SetOver {
        /// Its number.
        set: u32,
        /// How many it has.
        repetitions: usize,
    },
    /// The form of the set is lost: to rest.
    FormLost {
        /// What became worse.
        metric: Metric,
    },
    /// Another set, on the other leg.
    OtherLeg {
        /// Its supporting leg.
        side: Side,
    },
    /// The set does not count and is done again.
    Again {
        /// Its number.
        set: u32,
        /// Its supporting leg.
        side: Side,
    },
    /// The guided calibration has begun.
    Calibrate,
    /// It was ended before anything was seen of it.
    Calibrated,
    /// It was good enough.
    CalibrationAccepted,
    /// It was not.
    CalibrationLacks(Lack),
    /// The shin sensor is to be tapped.
    Tap,
    /// A sensor was tapped.
    Tapped {
        /// Which.
        role: SensorRole,
    },
    /// The sensors are to be knocked against each other.
    Knock,
    /// The session is over.
    Ended {
        /// What the analysis of all of it counts.
        repetitions: usize,
    },
    /// The session is over, and its recording cannot be analysed.
    NotAnalysed,
    /// The storage failed, and the session with it.
    EndedEarly,
}

/// How urgent a prompt is, and whether it is good news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Now.
    Alarm,
    /// Something to do, or to do otherwise.
    Ask,
    /// Well done.
    Good,
    /// To be read when there is time.
    Calm,
}

impl Prompt {
    /// How urgent it is.
    pub const fn tone(self) -> Tone {
        match self {
            Self::KneeForward | Self::EndedEarly => Tone::Alarm,
            Self::KneeBack
            | Self::CalibrationAccepted
            | Self::Judged { verdict: Verdict::TrueHinge, .. }
            | Self::Gesture(Answer::Started { .. })
            | Self::Tapped { role: SensorRole::Shank } => Tone::Good,
            Self::Waiting
            | Self::Ended { .. }
            | Self::SetOver { .. }
            | Self::Gesture(Answer::Ended { .. })
            | Self::Judged { verdict: Verdict::Indeterminate, .. } => Tone::Calm,
            _ => Tone::Ask,
        }
    }

    /// The verdict that it tells, if it does.
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Judged { verdict, .. } => Some(verdict),
            _ => None,
        }
    }

    /// In words. None names a key, a button or an option: each front end has its own.
    pub fn words(self, language: Language) -> String {
        let args = Args::new(language);
        let side = |args: Args, side: Side| args.text("side", side.name());
        let (key, args) = match self {
            Self::Waiting => ("prompt-waiting", args),
            Self::Begin => ("prompt-begin", args),
            Self::KneeForward => ("prompt-knee-forward", args),
            Self::KneeBack => ("prompt-knee-back", args),
            Self::Judged { verdict, cause } => {
                ("prompt-judged", args.text("verdict", verdict.name()).text("cause", cause.name()))
            }
            Self::Set { set, side: leg } => ("prompt-set", side(args.count("set", set.into()), leg)),
            Self::PutOn => ("prompt-put-on", args),
            Self::BeginByGesture => ("prompt-begin-by-gesture", args),
            Self::Gesture(answer) => ("prompt-gesture", answer.args(language)),
            Self::BeginSearch => ("prompt-begin-search", args),
            Self::StanceUnseen => ("prompt-stance-unseen", args),
            Self::SetOver { set, repetitions } => {
                ("prompt-set-over", args.count("set", set.into()).count("repetitions", repetitions as u64))
            }
            Self::FormLost { metric } => ("prompt-form-lost", args.text("metric", metric.name())),
            Self::OtherLeg { side: leg } => ("prompt-other-leg", side(args, leg)),
            Self::Again { set, side: leg } => ("prompt-again", side(args.count("set", set.into()), leg)),
            Self::Calibrate => ("prompt-calibrate", args),
            Self::Calibrated => ("prompt-calibrated", args),
            Self::CalibrationAccepted => ("prompt-calibration-accepted", args),
            Self::CalibrationLacks(lack) => ("prompt-calibration-lacks", args.text("lack", lack_in(&lack, language))),
            Self::Tap => ("prompt-tap", args),
            Self::Tapped { role: SensorRole::Shank } => ("prompt-tapped-shank", args),
            Self::Tapped { role } => ("prompt-tapped-other", args.text("sensor", language.worn(role))),
            Self::Knock => ("prompt-knock", args),
            Self::NotAnalysed => ("prompt-not-analysed", args),
            Self::EndedEarly => ("prompt-ended-early", args),
            Self::Ended { repetitions } => ("prompt-ended", args.count("repetitions", repetitions as u64)),
        };
        language.say(key, &args)
    }
}

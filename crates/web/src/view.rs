//! The board of a session as JSON, in a language: sections, of which only those are sent that changed.

use serde::Serialize;
use serde_json::{Value, json};
use truehinge_core::words::{Args, Language, LengthUnit};
use truehinge_core::{AthleteId, Length, Metric, Rep, SensorRole, Verdict};
use truehinge_session::coach::{Lack, LiveRep, words::lack_in};
use truehinge_session::recording::voice::{CueSet, Mode, Utterance};
use truehinge_session::recording::{Board, SensorLine, Stage, Tone, Trouble};

/// What a page shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Showing {
    /// A session that is being recorded.
    Session,
    /// A recording.
    Replay,
}

/// A part of the page that changes as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// What session it is, and how far.
    Head,
    /// What to do now.
    Prompt,
    /// Where the knee is.
    Knee,
    /// The repetitions of the running set.
    Tiles,
    /// The sets before.
    Sets,
    /// Battery, signal, rate.
    Sensors,
    /// The steps of the guided calibration.
    Calibration,
    /// What is wrong with how the sensors are worn.
    Worn,
}

impl Section {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Head, Self::Prompt, Self::Knee, Self::Tiles, Self::Sets, Self::Sensors, Self::Calibration, Self::Worn];

    /// Its name in the JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Prompt => "prompt",
            Self::Knee => "knee",
            Self::Tiles => "tiles",
            Self::Sets => "sets",
            Self::Sensors => "sensors",
            Self::Calibration => "calibration",
            Self::Worn => "worn",
        }
    }

    /// What it shows.
    pub fn of(self, board: &Board, showing: Showing, language: Language) -> Value {
        match self {
            Self::Head => head(board, showing, language),
            Self::Prompt => json!({
                "words": board.prompt.words(language),
                "tone": tone(board.prompt.tone()),
                "mark": board.prompt.verdict().map(|verdict| mark(verdict, language)),
            }),
            Self::Knee => knee(board, language),
            Self::Tiles => board.of_this_set().iter().map(|told| tile(told, language)).collect(),
            Self::Sets => sets(board, language),
            Self::Sensors => board.sensors.iter().map(|(role, line)| sensor(*role, line, board, language)).collect(),
            Self::Calibration => calibration(board, language),
            Self::Worn => board.worn.iter().map(|finding| language.remark(finding)).collect(),
        }
    }
}

fn head(board: &Board, showing: Showing, language: Language) -> Value {
    let done = board.of_this_set().len();
    let count = board.asked_for().map_or_else(
        || done.to_string(),
        |most| language.say("live-count", &Args::new(language).count("done", done as u64).count("most", most.into())),
    );
    json!({
        "stage": match board.stage {
            Stage::Waiting => "waiting",
            Stage::Running => "running",
            Stage::Ended => "ended",
        },
        "showing": match showing {
            Showing::Session => "live",
            Showing::Replay => "replay",
        },
        "recording": board.recording,
        "seconds": board.now.seconds().max(0.0).floor(),
        "set": language.say("live-set", &Args::new(language).count("set", board.set().into())),
        "side": board.side().map(truehinge_core::Side::name),
        "leg": board.side().map(|side| language.say("leg", &Args::new(language).text("side", side.name()))),
        "count": count,
        "done": done,
        "total": board.tiles().len(),
        "squad": squad(board),
        "hands_free": board.hands_free,
    })
}

/// Who takes turns: how many each has had, whose it is, and whose is next.
fn squad(board: &Board) -> Value {
    let Some(squad) = &board.squad else { return Value::Null };
    let of = |(place, (athlete, turns)): (usize, (&AthleteId, &u32))| {
        let turn = if place == squad.now {
            "now"
        } else if place == squad.next() {
            "next"
        } else if *turns > 0 {
            "done"
        } else {
            "waits"
        };
        json!({ "athlete": athlete.as_str(), "turns": turns, "turn": turn })
    };
    squad.athletes.iter().zip(&squad.turns).enumerate().map(of).collect()
}

const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Alarm => "alarm",
        Tone::Ask => "ask",
        Tone::Good => "good",
        Tone::Calm => "calm",
    }
}

/// What the mark of a verdict is drawn from.
fn mark(verdict: Verdict, language: Language) -> Value {
    json!({ "verdict": verdict.name(), "letter": verdict.letter(), "title": language.verdict(verdict) })
}

/// cm, with the limits. Not while somebody calibrates, who is asked for movements beyond them.
fn knee(board: &Board, language: Language) -> Value {
    let (Some(cue), Some(protocol), false) = (&board.knee, &board.protocol, board.calibrating) else {
        return Value::Null;
    };
    let cm = |length: Length| (length.metres() * 1e3).round() / 10.0;
    let limits = protocol.criteria.knee_forward;
    let forward = cue.knee_forward;
    let limit = Args::new(language).number("limit", cm(limits.fault), 1);
    let words = format!(
        "{} · {}",
        travel(1e3 * forward.value.metres(), 1e3 * forward.sigma.metres(), language),
        language.say("live-limit", &limit)
    );
    json!({ "cm": cm(forward.value), "good_cm": cm(limits.good), "fault_cm": cm(limits.fault), "words": words })
}

fn tile(told: &LiveRep, language: Language) -> Value {
    let rep = &told.rep;
    let verdict = rep.verdict();
    // Of a verdict that was not given there is none, and nothing is certain.
    let share = (100.0 * rep.judgement.probability).floor().min(99.0);
    let sure = (verdict != Verdict::Indeterminate)
        .then(|| language.say("live-sure", &Args::new(language).number("share", share, 0)));
    json!({
        "number": rep.number,
        "mark": mark(verdict, language),
        "result": result(rep, language),
        "sure": sure,
        "why": language.reason_in(rep, LengthUnit::Centimetres),
    })
}

fn result(rep: &Rep, language: Language) -> Option<String> {
    let reading = rep.metrics.reading(Metric::KneeForward)?;
    Some(travel(reading.value, reading.sigma, language))
}

/// How far the knee went which way: of millimetres, in tenths of centimetres.
fn travel(mm: f64, sigma_mm: f64, language: Language) -> String {
    let cm = mm.round() / 10.0;
    let args = Args::new(language)
        .text("way", if cm < 0.0 { "back" } else { "forward" })
        .number("knee", cm.abs(), 1)
        .number("sigma", sigma_mm / 10.0, 1);
    language.say("live-result", &args)
}

/// The sets before the running one.
fn sets(board: &Board, language: Language) -> Value {
    let of = |(set, reps): (u32, &[LiveRep])| {
        let side = reps.first().and_then(|told| told.side);
        let marks: Vec<Value> =
            reps.iter().map(|told| told.rep.verdict()).map(|verdict| mark(verdict, language)).collect();
        json!({
            "set": language.say("live-set", &Args::new(language).count("set", set.into())),
            "leg": side.map(|side| language.say("leg", &Args::new(language).text("side", side.name()))),
            "marks": marks,
        })
    };
    board.sets_before().into_iter().map(of).collect()
}

fn sensor(role: SensorRole, line: &SensorLine, board: &Board, language: Language) -> Value {
    let signal = line.signal.map(|dbm| language.say("live-signal", &Args::new(language).number("dbm", dbm.into(), 0)));
    json!({
        "role": role.name(),
        "title": language.worn(role),
        "name": line.name,
        "battery_pct": line.battery,
        "signal": signal,
        "rate": language.say("live-rate", &Args::new(language).number("rate", line.rate(board.now), 0)),
        "share": language.say("live-share", &Args::new(language).number("share", line.share(), 1)),
        "trouble": line.trouble.as_ref().map(|trouble| trouble.words(language)),
        "why": line.trouble.as_ref().and_then(Trouble::why),
        "well": board.stage == Stage::Ended || line.is_well(board.now),
    })
}

/// The three steps, as long as they are what matters.
fn calibration(board: &Board, language: Language) -> Value {
    if !board.is_about_calibration() {
        return Value::Null;
    }
    // Before anything was seen all are open, and nothing is known of what they lack.
    let seen = board.steps().map_or([None; 3], |steps| steps.map(Some));
    let step = |(step, seen): (&str, Option<Option<&Lack>>)| json!({ "step": step, "done": seen == Some(None), "lack": seen.flatten().map(|lack| lack_in(lack, language)) });
    let steps: Vec<Value> = ["still", "knee", "bow"].into_iter().zip(seen).map(step).collect();
    json!({ "on": board.calibrating, "steps": steps })
}

/// Something to say aloud, with the modes in which it is said.
#[derive(Serialize)]
pub struct Said {
    /// s.
    at_s: f64,
    /// In which modes.
    modes: Vec<&'static str>,
    /// In which modes, where every fault is to be heard.
    modes_every: Vec<&'static str>,
    action: String,
    sensation: String,
}

impl Said {
    /// In a language.
    pub fn of(said: &Utterance, language: Language) -> Self {
        let modes = |every| {
            let modes = Mode::ALL.into_iter().filter(|mode| mode.says(said, every));
            modes.map(Mode::name).collect()
        };
        Self {
            at_s: said.at.seconds(),
            modes: modes(false),
            modes_every: modes(true),
            action: said.words(language, CueSet::Action),
            sensation: said.words(language, CueSet::Sensation),
        }
    }
}

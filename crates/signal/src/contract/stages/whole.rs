//! All stages together, when everything is there and while it arrives.

use truehinge_core::{Finding, HostTime, MarkerKind, Protocol, Recording, SetAnalysis, TrackSamples};

use super::super::{Session, Stage};
use super::of_points;
use super::set::said_metrics;
use crate::contract::outcome::{Outcome, Within};
use crate::live::{LiveEvent, replay};
use crate::session::analyse;
use crate::watch::calibration::lacks;

fn first_samples(mut recording: Recording, samples: usize) -> Recording {
    for track in &mut recording.tracks {
        let TrackSamples::Inertial(all) = &mut track.samples else { panic!("orientations") };
        all.truncate(samples);
    }
    recording
}

/// The whole analysis.
pub struct Analysis;

impl Stage for Analysis {
    const NAME: &'static str = "session::analyse";
    type Input = Recording;

    fn input(session: &Session) -> Recording {
        session.recording().clone()
    }

    fn first(input: Recording, samples: usize) -> Recording {
        first_samples(input, samples)
    }

    fn outcome(session: &Session, recording: &Recording) -> Outcome {
        let analysis = match analyse(recording, &session.method, &Protocol::default()) {
            Ok(analysis) => analysis,
            Err(error) => return Outcome::unable(error),
        };
        let mut said = Outcome::default();
        said.word("findings", analysis.findings.iter().map(Finding::code).collect::<Vec<_>>());
        said.word("sets", analysis.sets.len());
        for set in &analysis.sets {
            said_set(&mut said, session, set);
        }
        said
    }
}

fn said_set(said: &mut Outcome, session: &Session, set: &SetAnalysis) {
    said.word("side", set.side == Some(session.drawing.side));
    let edge = of_points(2.0, "an edge is a point, seen from a stance");
    said.numbers("set, s", session.ends(set.span), edge);
    said.word("quiet stances", set.quiet_stances.len());
    said.word("lacking", lacks(set, &session.method).len());
    for (number, rejected) in set.rejected.iter().enumerate() {
        said.numbers(&format!("rejected {number} {}", rejected.rejection.name()), session.ends(rejected.span), edge);
    }
    for rep in &set.reps {
        said.verdict(format!("{}", rep.number), (rep.judgement.verdict, rep.judgement.cause));
        said.numbers(&format!("{}: from, to, s", rep.number), session.ends(rep.span), edge);
        said.number(format!("{}: turn, s", rep.number), session.seconds(rep.turn), edge);
        said_metrics(said, rep.number as usize, &rep.metrics);
    }
    for sensor in &set.alignment {
        said.word(format!("{}: method", sensor.role), sensor.method);
        said.word(format!("{}: loose", sensor.role), sensor.settling.map(|settling| settling.loose));
    }
}

/// The same while the samples arrive.
pub struct Live;

impl Stage for Live {
    const NAME: &'static str = "live";
    type Input = Recording;

    fn input(session: &Session) -> Recording {
        session.recording().clone()
    }

    fn first(input: Recording, samples: usize) -> Recording {
        first_samples(input, samples)
    }

    fn outcome(session: &Session, recording: &Recording) -> Outcome {
        let mut said = Outcome::default();
        let mut cues: Vec<(HostTime, bool)> = Vec::new();
        let mut told = 0;
        let live = replay(recording, session.method.clone(), Protocol::default(), &mut |at, event| match event {
            LiveEvent::KneeForward(_) => cues.push((at, true)),
            LiveEvent::KneeBack(_) => cues.push((at, false)),
            LiveEvent::Repetition(_) => told += 1,
            _ => {}
        });
        said.word("cues", cues.iter().map(|(_, forward)| forward).collect::<Vec<_>>());
        let because = "a cue comes with a packet, which takes up to 6 ms";
        let within = Within { samples: 1e-6, turn: 1e-6, rate: 0.1, grid: 0.03, because };
        said.numbers("cue, s", cues.iter().map(|(at, _)| session.seconds(at.on_session())), within);
        said.word("told", told);
        said.word("lacking", live.calibration().map(<[_]>::len));
        for told in live.told() {
            said.verdict(format!("{}", told.rep.number), (told.rep.judgement.verdict, told.rep.judgement.cause));
            said_metrics(&mut said, told.rep.number as usize, &told.rep.metrics);
        }
        let within =
            Within { samples: 0.05, turn: 0.05, rate: 0.5, grid: 0.5, because: "the online filter has no future" };
        let knee = live.knee().map(|cue| cue.knee_forward.value.millimetres());
        said.numbers("knee at the end, mm", knee, within);
        assert!(recording.markers.iter().any(|marker| marker.kind == MarkerKind::SetEnd));
        said
    }
}

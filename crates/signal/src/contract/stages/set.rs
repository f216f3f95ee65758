//! The stages of one set: motion, repetitions, numbers and verdicts.

use truehinge_core::{MountSite, Protocol, Rejection, RepMetrics, SensorRole, Span, rep::Metric};

use super::super::{Session, Stage};
use super::{MOMENTS, first_points, of_points};
use crate::body::motion::SegmentMotion;
use crate::contract::outcome::{Outcome, Within};
use crate::drawn::session::KNEE_BENDS;
use crate::grid::PoseGrid;
use crate::repetitions::Candidate;
use crate::set::{Found, Measured, SetContext, Worn};
use crate::watch::settling::Remainder;

/// Asks about the movements that are found on a grid.
fn asked(session: &Session, grid: &PoseGrid, ask: impl Fn(&Found<'_>, &mut Outcome)) -> Outcome {
    let recording = session.recording();
    let mounts: Vec<(SensorRole, Option<MountSite>)> =
        recording.tracks.iter().map(|track| (track.role, track.device.mount)).collect();
    let calibrations = [Span::new(session.at(KNEE_BENDS[0] - 0.7), session.at(20.8))];
    let protocol = Protocol::default();
    let context = SetContext {
        side: Some(session.drawing.side),
        marked: true,
        put_on_anew: false,
        body: &recording.info.body,
        mounts: &mounts,
        protocol: &protocol,
        calibrations: &calibrations,
        borders: &[],
    };
    let Some(worn) = Worn::new(grid, &context, &session.method) else { return Outcome::unable("no posture") };
    let mut said = Outcome::default();
    ask(&worn.found(), &mut said);
    said
}

fn time_of(session: &Session, grid: &PoseGrid, point: usize) -> f64 {
    session.seconds(grid.time(point))
}

/// How the segments move.
pub struct Kinematics;

impl Stage for Kinematics {
    const NAME: &'static str = "set::Aligned, body::kinematics";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        asked(session, grid, |found, said| {
            let motion = found.aligned().motion();
            let mirror = session.drawing.mirror();
            let mut segment = |name: &str, motion: &SegmentMotion| {
                let because = "as the orientations, and the axis is found from other points";
                let within = Within { samples: 5e-4, turn: 0.05, rate: 0.1, grid: 0.02, because };
                for t in MOMENTS {
                    let i = crate::math::points::nearest(t * grid.rate.hertz());
                    let leans = [motion.sagittal[i], mirror * motion.left_lean[i]].map(f64::to_degrees);
                    said.numbers(&format!("{name}, {t} s: lean, deg"), leans, within);
                }
                said.number(format!("{name}: sigma, deg"), motion.axis_sigma.degrees(), within);
            };
            segment("pelvis", &motion.pelvis);
            segment("shank", &motion.shank);
            motion.thigh.iter().for_each(|thigh| segment("thigh", thigh));
            motion.trunk.iter().for_each(|trunk| segment("trunk", trunk));
        })
    }
}

/// The movements, counted or rejected.
pub struct Repetitions;

impl Stage for Repetitions {
    const NAME: &'static str = "repetitions::segment";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        asked(session, grid, |found, said| {
            for (number, candidate) in found.candidates().iter().enumerate() {
                said_candidate(said, session, grid, (number, candidate));
            }
            said.word("sets", found.sets().len());
        })
    }
}

fn said_candidate(said: &mut Outcome, session: &Session, grid: &PoseGrid, (number, c): (usize, &Candidate)) {
    said.word(format!("{number}"), c.rejection.map(Rejection::name));
    let edges = [c.range.start, c.range.end, c.bottom.start, c.bottom.end].map(|i| time_of(session, grid, i));
    said.numbers(&format!("{number}: edges, s"), edges, of_points(2.0, "an edge is a point, seen from a stance"));
    let stance = [c.stance.start, c.stance.end].map(|i| time_of(session, grid, i));
    said.numbers(&format!("{number}: stance, s"), stance, of_points(2.0, "it ends with the edge"));
    let lead_in = time_of(session, grid, c.lead_in.end) - time_of(session, grid, c.lead_in.start);
    said.number(format!("{number}: lead-in, s"), lead_in, of_points(1.0, "a quarter of a second, in whole points"));
    if c.rejection == Some(Rejection::Stepping) {
        return;
    }
    let because = "speeds over ten points, whatever time they take, weigh the stance: 0.01 degrees of these";
    let within = Within { samples: 1e-4, turn: 0.05, rate: 0.05, grid: 0.05, because };
    said.number(format!("{number}: excursion, deg"), c.excursion.to_degrees(), within);
    said.number(format!("{number}: stance's lean, deg"), c.stance_lean.to_degrees(), within);
}

/// How the sensors settled after each repetition: the shank's slides in one.
pub struct Settling;

impl Stage for Settling {
    const NAME: &'static str = "watch::settling";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid_with_slide(6.0)
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        asked(session, grid, |found, said| {
            let candidates = found.candidates();
            let counted = candidates.iter().enumerate().filter(|(_, candidate)| candidate.rejection.is_none());
            for (number, candidate) in counted {
                let next = candidates.get(number + 1).map_or(grid.len(), |next| next.range.start);
                let left = Remainder::after(found.aligned().motion(), candidate, next, &session.method);
                let because = "the nearest of a few stances, each of other points";
                let within = Within { samples: 1e-5, turn: 0.05, rate: 0.02, grid: 0.02, because };
                let left = [left.shank, left.pelvis].map(f64::to_degrees);
                said.numbers(&format!("{number}: left, deg"), left, within);
            }
        })
    }
}

/// The numbers of the counted repetitions.
pub struct Measures;

impl Stage for Measures {
    const NAME: &'static str = "measure";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        asked(session, grid, |found, said| {
            for group in found.sets() {
                for (number, (_, measured)) in Measured::of(found, group).measurements().enumerate() {
                    said_metrics(said, number + 1, &measured.metrics);
                    for curve in &measured.curves {
                        let because = "a curve's ends move with its edges";
                        let within = Within { samples: 5e-3, turn: 0.5, rate: 3.0, grid: 3.0, because };
                        let name = format!("{} of {}", curve.signal.name(), number + 1);
                        said.numbers(&name, curve.values.iter().copied().step_by(10), within);
                    }
                }
            }
        })
    }
}

pub(super) fn said_metrics(said: &mut Outcome, number: usize, metrics: &RepMetrics) {
    for metric in Metric::ALL {
        let Some(reading) = metrics.reading(metric) else { continue };
        let because = "as the orientations, and edges and stance are of other points; a tenth of the uncertainty";
        let within = Within { samples: 0.02, turn: 0.2, rate: 0.4, grid: 0.4, because };
        let name = format!("{} of {number}, {}", metric.name(), metric.unit());
        said.number(format!("{name}: sigma"), reading.sigma, within);
        said.number(name, reading.value, within);
    }
}

/// The verdicts on them.
pub struct Verdicts;

impl Stage for Verdicts {
    const NAME: &'static str = "judge";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        asked(session, grid, |found, said| {
            let judged = found
                .sets()
                .into_iter()
                .zip(1..)
                .map(|(group, number)| Measured::of(found, group).judged(number, false));
            for set in judged {
                for rep in &set.reps {
                    let judgement = &rep.judgement;
                    let name = format!("{} of {}", rep.number, set.number);
                    said.verdict(&name, (judgement.verdict, judgement.cause));
                    said.word(format!("{name}: flags"), &judgement.flags);
                    let because = "half a millimetre against the uncertainty of the travels";
                    let within = Within { samples: 1e-4, turn: 0.01, rate: 0.02, grid: 0.02, because };
                    said.number(format!("{name}: probability"), judgement.probability, within);
                }
            }
        })
    }
}

//! The stages that look at the grid.

use truehinge_core::{FunctionalAxis, MountSite, SensorRole, Thigh, frame::Segment};

use super::super::{Session, Stage};
use super::{first_points, of_points};
use crate::body::alignment::{Mounted, Movement, SensorToSegment};
use crate::contract::outcome::{Outcome, Within};
use crate::drawn::session::{BOWS, Drawing, KNEE_BENDS, MOVEMENT_S};
use crate::grid::PoseGrid;
use crate::stillness::{Stance, observe};
use crate::watch::slip::slips;
use crate::watch::wear::looks_swapped;

/// Stillness and steps.
pub struct Standing;

impl Stage for Standing {
    const NAME: &'static str = "stillness::observe";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        let Some(stance) = observe(grid, &session.method) else { return Outcome::unable("no posture") };
        let mut said = Outcome::default();
        let points = of_points(1.5, "a stance begins and ends with a point, half a window of points from a movement");
        said.word("quiet stances", stance.quiet.len());
        for (number, range) in stance.quiet.iter().enumerate() {
            said.numbers(&format!("quiet stance {number}, s"), session.ends(grid.span(range.clone())), points);
        }
        let tenth = Within { grid: 0.11, rate: 0.11, ..of_points(1.0, "the stillest is looked for at steps of 0.1 s") };
        said.numbers("reference, s", session.ends(grid.span(stance.reference.clone())), tenth);
        let seconds = |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f64 / grid.rate.hertz();
        said.number("stepping, s", seconds(&stance.stepping), of_points(3.0, "each step begins and ends with a point"));
        said.number("missing, s", seconds(&stance.missing), of_points(0.0, "no point of this session is missing"));
        said
    }
}

/// Sensors that slipped: the shank's does.
pub struct Slips;

impl Stage for Slips {
    const NAME: &'static str = "watch::slip";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid_with_slide(20.0)
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        let stance = observe(grid, &session.method).unwrap_or_else(|| nobody_knows(grid.len()));
        let mut said = Outcome::default();
        for slip in slips(grid, &stance, &session.method) {
            let because = "standing is looked at every 0.1 s";
            let within = Within { samples: 1e-6, turn: 1e-6, rate: 0.11, grid: 0.11, because };
            let (from, at) = (session.seconds(grid.time(slip.from)), session.seconds(grid.time(slip.at)));
            said.numbers(&format!("{} slips, s", slip.role), [from, at], within);
            let because = "the usual vertical is a median of each of the case's axes, of other points";
            let within = Within { samples: 1e-5, turn: 0.2, rate: 0.02, grid: 0.02, because };
            said.number("turn, deg", slip.turn.degrees(), within);
        }
        said
    }
}

/// A stance over so few points that there is none.
fn nobody_knows(points: usize) -> Stance {
    Stance {
        activity: vec![0.0; points],
        stepping: vec![false; points],
        missing: vec![false; points],
        quiet: Vec::new(),
        reference: 0..points,
    }
}

/// Sensors that were exchanged.
pub struct Wear;

impl Stage for Wear {
    const NAME: &'static str = "watch::wear";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        let mut exchanged = grid.clone();
        for track in &mut exchanged.tracks {
            track.role = match track.role {
                SensorRole::Hip => SensorRole::Shank,
                SensorRole::Shank => SensorRole::Hip,
                other => other,
            };
        }
        let mut said = Outcome::default();
        said.word("as they are", looks_swapped(grid, &session.method));
        said.word("exchanged", looks_swapped(&exchanged, &session.method));
        said
    }
}

/// Sensors aligned by the calibration.
pub struct Alignment;

impl Stage for Alignment {
    const NAME: &'static str = "body::alignment";
    type Input = PoseGrid;

    fn input(session: &Session) -> PoseGrid {
        session.grid().clone()
    }

    fn first(grid: PoseGrid, points: usize) -> PoseGrid {
        first_points(grid, points)
    }

    fn outcome(session: &Session, grid: &PoseGrid) -> Outcome {
        let mut said = Outcome::default();
        // From two seconds of the session on, before anybody moves.
        let within_grid = |t: f64| crate::math::points::nearest(t * grid.rate.hertz()).min(grid.len());
        let standing = within_grid(2.0)..within_grid(3.5);
        let made = KNEE_BENDS.map(|start| (SensorRole::Shank, start)).into_iter();
        let movements: Vec<(SensorRole, Movement)> = made
            .chain(BOWS.map(|start| (SensorRole::Hip, start)))
            .filter(|(_, start)| within_grid(*start) < grid.len())
            .map(|(role, start)| {
                let base = within_grid(start - 0.1);
                (role, Movement { base, points: base..within_grid(start + MOVEMENT_S) })
            })
            .collect();
        for track in &grid.tracks {
            let of = |(role, movement): &(SensorRole, Movement)| (*role == track.role).then(|| movement.clone());
            let movements: Vec<Movement> = movements.iter().filter_map(of).collect();
            let mount = session.recording().track(track.role).and_then(|track| track.device.mount);
            let worn = Mounted { track, standing: &standing, mount, side: Some(session.drawing.side) };
            said_alignment::<Thigh>(&mut said, session, &worn, &movements);
        }
        said
    }
}

fn said_alignment<S: Segment>(said: &mut Outcome, session: &Session, worn: &Mounted<'_>, movements: &[Movement]) {
    let role = worn.track.role;
    let aligned: SensorToSegment<S> = worn.align(movements, &session.method.alignment);
    said.word(format!("{role}: method"), aligned.method);
    // Without a movement or a site any horizontal axis is as good: it follows the case, and nothing is promised of it.
    let known = worn.mount.is_some_and(|mount| mount != MountSite::Unknown) || !movements.is_empty();
    if known {
        let truth = session.drawing.mounting::<S>(role).quaternion();
        let off = (aligned.rotation().quaternion() * truth.inverse()).scaled_axis() * 1_f64.to_radians().recip();
        let because = "as the orientations; every 4th point of a movement is looked at, whatever time they take";
        let within = Within { samples: 1e-4, turn: 0.02, rate: 0.01, grid: 0.01, because };
        said.numbers(&format!("{role}: off, deg"), Drawing::on_left(off.into(), session.drawing.mirror()), within);
    }
    let within = Within { samples: 1e-5, turn: 1e-3, rate: 0.01, grid: 0.01, because: "as the axis" };
    said.number(format!("{role}: sigma, deg"), aligned.axis_sigma.degrees(), within);
    if let Some(FunctionalAxis { movements, ratio, repeatability }) = aligned.functional {
        said.word(format!("{role}: movements"), movements);
        let within =
            Within { samples: 1e-5, turn: 5e-4, rate: 1e-3, grid: 1e-3, because: "of all rotation, as the axis" };
        said.number(format!("{role}: across its axis"), ratio.recip(), within);
        let within = Within { samples: 1e-4, turn: 0.02, rate: 0.01, grid: 0.01, because: "as the axis" };
        said.number(format!("{role}: repeatability, deg"), repeatability.degrees(), within);
    }
}

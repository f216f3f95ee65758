//! The body in the plane of the movement, drawn from the measured chain: foot, shank, thigh, pelvis and, as nobody measured it, a trunk in
//! the pelvis' direction. The person faces to the right; standing is drawn upright, since only changes from it are measured.

use plotters::prelude::{Circle, Polygon};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use truehinge_core::{Metric, Signal, Verdict};

use super::canvas::{Area, FINE, SMALL, anchored, bold, dashes, draw_mark, fine, limb, stroke, svg, text, write};
use crate::ReportError;
use crate::model::{FigureData, FigureRep, Say};
use crate::theme::{INK, Mark, SKIN, SKIN_SOFT, mark};

pub const NAME: &str = "body";
pub const STRIP: &str = "strip";
pub const HOME: &str = "exercise";

/// Height of the ankle, length of the trunk and of the head's middle above the hips, mm: of an average adult, for the eye only.
const ANKLE: f64 = 80.0;
const TRUNK: f64 = 500.0;
const HEAD: f64 = 640.0;
const HEAD_RADIUS: f64 = 95.0;
/// Thickness of shank, thigh and trunk, mm.
const THICK: [f64; 3] = [75.0, 110.0, 150.0];

/// Width of one body with its numbers, units.
const WIDTH: i32 = 198;

/// Where the joints are, mm, forward and upward from the ground below the ankle.
#[derive(Clone, Copy, Debug)]
struct Pose {
    ankle: (f64, f64),
    knee: (f64, f64),
    hip: (f64, f64),
    /// Forward tilt of pelvis and trunk, rad.
    tilt: f64,
}

impl Pose {
    /// From the travels of knee and hips (mm) and the tilt of the pelvis (degrees), with the lengths of shank and thigh (mm).
    fn new((shank, thigh): (f64, f64), knee_forward: f64, hip_back: f64, tilt_deg: f64) -> Self {
        let up = |length: f64, along: f64| (length * length - along * along).max(0.0).sqrt();
        let knee = (knee_forward, ANKLE + up(shank, knee_forward));
        let hip = (-hip_back, knee.1 + up(thigh, -hip_back - knee_forward));
        Self { ankle: (0.0, ANKLE), knee, hip, tilt: tilt_deg.to_radians() }
    }

    /// At a per cent of a repetition.
    fn at(rep: &FigureRep, segments: (f64, f64), percent: usize) -> Option<Self> {
        let value = |signal| rep.curve(signal)?.get(percent).copied();
        Some(Self::new(segments, value(Signal::KneeForward)?, value(Signal::HipBack)?, value(Signal::PelvisTilt)?))
    }

    /// A point in the direction of the trunk, so far above the hips.
    fn above_hip(&self, mm: f64) -> (f64, f64) {
        (self.hip.0 + mm * self.tilt.sin(), self.hip.1 + mm * self.tilt.cos())
    }
}

/// Where a body is drawn: the ground below its ankle, and millimetres to a unit of the figure.
#[derive(Clone, Copy, Debug)]
struct Place {
    ground: (i32, i32),
    mm_per_unit: f64,
}

impl Place {
    #[allow(clippy::cast_possible_truncation, reason = "bodies are a few metres at most")]
    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let fine_units = |mm: f64| (mm.clamp(-3000.0, 3000.0) / self.mm_per_unit * f64::from(FINE)).round() as i32;
        (fine(self.ground.0) + fine_units(x), fine(self.ground.1) - fine_units(y))
    }

    #[allow(clippy::cast_possible_truncation, reason = "a limb is thinner than a person is tall")]
    fn thick(&self, mm: f64) -> i32 {
        (mm / self.mm_per_unit * f64::from(FINE)).round() as i32
    }
}

fn draw_body(area: &Area<'_>, pose: &Pose, place: Place, colour: RGBColor) -> Result<(), String> {
    let at = |point| place.at(point);
    let shoulder = pose.above_hip(TRUNK);
    let fill =
        |points: Vec<(i32, i32)>| area.draw(&Polygon::new(points, colour.filled())).map_err(|error| error.to_string());
    fill(vec![
        at((-60.0, 0.0)),
        at((-60.0, 45.0)),
        at((0.0, 95.0)),
        at((45.0, 80.0)),
        at((175.0, 30.0)),
        at((185.0, 0.0)),
    ])?;
    limb(area, &[at(pose.hip), at(shoulder)], place.thick(THICK[2]), colour)?;
    limb(area, &[at(pose.hip), at(pose.knee)], place.thick(THICK[1]), colour)?;
    limb(area, &[at(pose.knee), at(pose.ankle)], place.thick(THICK[0]), colour)?;
    let head = at(pose.above_hip(HEAD));
    area.draw(&Circle::new(head, place.thick(HEAD_RADIUS), colour.filled())).map_err(|error| error.to_string())
}

/// The measured chain over the body.
fn draw_chain(area: &Area<'_>, pose: &Pose, place: Place, colour: RGBColor) -> Result<(), String> {
    let joints = [pose.ankle, pose.knee, pose.hip].map(|point| place.at(point));
    stroke(area, &joints, colour.stroke_width(FINE * 2))?;
    stroke(area, &[place.at(pose.hip), place.at(pose.above_hip(150.0))], colour.stroke_width(FINE * 2))?;
    for joint in joints {
        area.draw(&Circle::new(joint, fine(4), colour.filled())).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// One repetition at its deepest point over the same person standing.
fn deepest(area: &Area<'_>, rep: &FigureRep, data: &FigureData, place: Place, say: Say) -> Result<(), String> {
    let Some(pose) = Pose::at(rep, data.segments, shown(rep)) else { return Ok(()) };
    let standing = Pose::new(data.segments, 0.0, 0.0, 0.0);
    draw_body(area, &standing, place, SKIN_SOFT)?;
    draw_body(area, &pose, place, SKIN)?;
    let plumb = [place.at((0.0, 0.0)), place.at((0.0, data.segments.0 + data.segments.1 + 200.0))];
    dashes(area, plumb[0], plumb[1], INK.stroke_width(FINE / 2))?;
    draw_chain(area, &standing, place, RGBColor(150, 150, 150))?;
    let mark = mark(rep.verdict);
    draw_chain(area, &pose, place, mark.colour)?;
    named(area, rep, mark, (place.ground.0 - 70, place.ground.1 + 14), say)?;
    let value = |signal: Signal| rep.curve(signal).and_then(|values| values.get(shown(rep)).copied()).unwrap_or(0.0);
    let beside = |words: String, (x, y): (i32, i32), right: bool| {
        let (x, side) = if right { (x + fine(16), HPos::Left) } else { (x - fine(18), HPos::Right) };
        write(area, &words, (x, y), anchored(&text(SMALL), side, VPos::Center))
    };
    let knee = say.change(value(Signal::KneeForward), Metric::KneeForward);
    beside(knee, place.at(pose.knee), true)?;
    let hip = say.change(value(Signal::HipBack), Metric::HipBack);
    beside(hip, place.at(pose.hip), false)
}

/// Where the knee went farthest in a drift; else the deepest point.
fn shown(rep: &FigureRep) -> usize {
    let knee = rep.curve(Signal::KneeForward).unwrap_or_default();
    let farthest = knee.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(percent, _)| percent);
    if rep.verdict == Verdict::KneeForwardDrift { farthest.unwrap_or(rep.turn) } else { rep.turn }
}

fn named(area: &Area<'_>, rep: &FigureRep, mark: Mark, (x, y): (i32, i32), say: Say) -> Result<(), String> {
    draw_mark(area, (fine(x), fine(y)), fine(5), mark)?;
    let write = |words: &str, y, style| write(area, words, (fine(x + 10), fine(y)), style);
    write(&rep.name, y, anchored(&bold(SMALL), HPos::Left, VPos::Center))?;
    write(&say.verdict(rep.verdict), y + 14, anchored(&text(SMALL), HPos::Left, VPos::Center))
}

/// The repetitions that are shown: the worst drift, or else the shortest hip travel, beside the middle true hinge.
fn chosen(data: &FigureData) -> Vec<&FigureRep> {
    let drawable = |rep: &&FigureRep| rep.counts && Pose::at(rep, data.segments, rep.turn).is_some();
    let reps: Vec<&FigureRep> = data.reps.iter().filter(drawable).collect();
    let mut hinges: Vec<&&FigureRep> = reps.iter().filter(|rep| rep.is_hinge()).collect();
    let hips = |rep: &FigureRep| rep.hip.map_or(0.0, |hip| hip.value);
    hinges.sort_by(|a, b| hips(a).total_cmp(&hips(b)));
    let hinge = hinges.get(hinges.len() / 2).map(|rep| **rep);
    let of = |verdict| reps.iter().filter(move |rep| rep.verdict == verdict).copied();
    let knee = |rep: &FigureRep| rep.knee.map_or(0.0, |knee| knee.value);
    let drift = of(Verdict::KneeForwardDrift).max_by(|a, b| knee(a).total_cmp(&knee(b)));
    let short = || of(Verdict::InsufficientHipTravel).min_by(|a, b| hips(a).total_cmp(&hips(b)));
    let mut shown: Vec<&FigureRep> = hinge.into_iter().chain(drift.or_else(short)).collect();
    if shown.is_empty() {
        shown.extend(reps.first());
    }
    shown
}

/// The movement at its deepest point.
pub fn draw(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let shown = chosen(data);
    let width = WIDTH * i32::try_from(shown.len().max(1)).unwrap_or(1);
    svg(NAME, (width.unsigned_abs(), 300), |area| {
        for (index, rep) in (0_i32..).zip(shown) {
            let place = Place { ground: (WIDTH / 2 + 4 + WIDTH * index, 262), mm_per_unit: 6.4 };
            deepest(area, rep, data, place, say)?;
        }
        Ok(())
    })
}

/// Whether there is a body to draw.
pub fn is_drawable(data: &FigureData) -> bool {
    !chosen(data).is_empty()
}

/// The same repetitions at five moments.
pub fn draw_strip(data: &FigureData, say: Say) -> Result<String, ReportError> {
    let shown = chosen(data);
    let rows = i32::try_from(shown.len().max(1)).unwrap_or(1);
    svg(STRIP, (700, (206 * rows).unsigned_abs()), |area| {
        for (row, rep) in (0_i32..).zip(shown) {
            let moments = [0, rep.turn / 2, rep.turn, usize::midpoint(rep.turn, 100), 100];
            for (column, percent) in (0_i32..).zip(moments) {
                let place = Place { ground: (160 + 118 * column, 190 + 206 * row), mm_per_unit: 10.0 };
                let Some(pose) = Pose::at(rep, data.segments, percent) else { continue };
                draw_body(area, &pose, place, SKIN)?;
                let (low, high) = (place.at((0.0, 0.0)), place.at((0.0, 1000.0)));
                dashes(area, low, high, INK.stroke_width(FINE / 2))?;
                draw_chain(area, &pose, place, mark(rep.verdict).colour)?;
                let at = (fine(place.ground.0 + 28), fine(place.ground.1 - 8));
                write(area, &format!("{percent} %"), at, anchored(&text(SMALL), HPos::Left, VPos::Center))?;
            }
            named(area, rep, mark(rep.verdict), (12, 24 + 206 * row), say)?;
        }
        Ok(())
    })
}

/// The exercise as it should be: no measurement, but the middle of what is asked for.
pub fn draw_exercise(data: &FigureData, say: Say) -> Result<String, ReportError> {
    svg(HOME, (640, 300), |area| {
        let back = (data.hip_limits.0 * 3.0).max(60.0);
        for (index, (share, key)) in
            (0_i32..).zip([(0.0, "home-picture-1"), (0.5, "home-picture-2"), (1.0, "home-picture-3")])
        {
            let place = Place { ground: (130 + 200 * index, 264), mm_per_unit: 6.6 };
            let pose = Pose::new(data.segments, 0.0, 1.6 * share * back, 50.0 * share);
            if index > 0 {
                draw_body(area, &Pose::new(data.segments, 0.0, 0.0, 0.0), place, SKIN_SOFT)?;
            }
            draw_body(area, &pose, place, SKIN)?;
            dashes(area, place.at((0.0, 0.0)), place.at((0.0, 1000.0)), INK.stroke_width(FINE / 2))?;
            draw_chain(area, &pose, place, mark(Verdict::TrueHinge).colour)?;
            let words = format!("{}  {}", index + 1, say.label(key));
            let at = (fine(place.ground.0), fine(place.ground.1 + 12));
            write(area, &words, at, anchored(&bold(SMALL), HPos::Center, VPos::Top))?;
        }
        Ok(())
    })
}

/// The same numbers as the curves'.
pub fn csv(data: &FigureData) -> String {
    super::curves::csv(data)
}

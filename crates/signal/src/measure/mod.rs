//! Numbers without opinion: what one repetition measured, each with its uncertainty.
//!
//! In: the aligned motion of one set and a counted [`Candidate`]. Out: [`RepMetrics`], the curves behind them and the phases.
//! All values are changes from the quarter second before the onset to the peak within the repetition. With `s, t, p` the
//! forward lean of shank, thigh and pelvis, `Ls, Lt` the segment lengths and `d` a change:
//!
//! ```text
//! knee_forward  =  Ls * d(sin s)
//! hip_back      = -d(hip_x)                     strapdown of the pelvis sensor minus lever arm (`displacement`)
//! d(sin t)      =  (d(hip_x) - knee_forward) / Lt      or the thigh sensor, if worn; it then enters hip_back as well
//! knee_flexion  =  ds - dt
//! hip_flexion   =  dp - dt
//! ```
//!
//! The uncertainties add, in quadrature, what is known about orientation, soft tissue, axis, length, lever arm and drift
//! (SCIENCE §3, decision 0004).

pub mod displacement;
pub mod rest;

use std::ops::Range;

use nalgebra::Vector3;
use serde::Serialize;
use truehinge_core::{
    Angle, Anthropometry, Curve, Length, Measured, MountSite, Pelvis, Phases, RepMetrics, STANDARD_GRAVITY, SampleRate,
    Scalar, SensorRole, Side, Signal,
    frame::Displacement,
    quantity::{PlaneAngle, SpecificForceUnit},
};

use crate::body::kinematics::heading;
use crate::body::leg::{Leg, Posture};
use crate::body::motion::SetMotion;
use crate::grid::PoseGrid;
use crate::math::filter::low_pass;
use crate::math::stats::{mean, median};
use crate::measure::displacement::{DisplacementParams, Gap, Path, Wearer};
use crate::measure::rest::Rest;
use crate::repetitions::Candidate;
use crate::watch::settling::{self, Remainder};

/// What the numbers are uncertain by, beside drift.
#[derive(Clone, Debug, Serialize)]
pub struct MetricParams {
    /// Low-pass of the angles before peaks are read, Hz.
    pub smoothing_hz: f64,
    /// Orientation error of a change of inclination, rad.
    pub orientation_sigma: f64,
    /// Soft tissue at the shank: share of the knee's flexion that the sensor turns too much or too little (decision 0004).
    pub shank_tissue_share: f64,
    /// Soft tissue at the pelvis: share of the pelvic tilt.
    pub pelvis_tissue_share: f64,
    /// Soft tissue at the thigh: share of the thigh's lean.
    pub thigh_tissue_share: f64,
    /// Soft tissue at the trunk: share of the spine's flexion, because skin slides over a bending spine.
    pub trunk_tissue_share: f64,
    /// Wobble of a sensor strapped over the shin bone, rad.
    pub shank_wobble_sigma: f64,
    /// Wobble of a sensor over softer tissue (belt, thigh, trunk), rad.
    pub wobble_sigma: f64,
    /// Drift of a heading, rad/s: what is left of the gyroscope's bias.
    pub heading_drift: f64,
    /// Longest gap in a sensor's data across which its numbers are given, s.
    pub max_gap_s: f64,
    /// Drift of the strapdown displacement.
    pub displacement: DisplacementParams,
}

impl Default for MetricParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// Everything measured in one repetition.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The numbers.
    pub metrics: RepMetrics,
    /// The curves behind them.
    pub curves: Vec<Curve>,
    /// The parts of the repetition.
    pub phases: Phases,
}

/// A change over the repetition's points, and its value where it is largest.
struct Peak {
    value: f64,
    at: usize,
}

fn largest(values: &[f64]) -> Peak {
    values.iter().enumerate().fold(Peak { value: f64::NEG_INFINITY, at: 0 }, |best, (at, &value)| {
        if value > best.value { Peak { value, at } } else { best }
    })
}

/// How far the angles of a stance wander in the time by which the instant may be wrong that a movement really began at: the
/// slower a movement, the longer. Of the whole set, because one stance is too short to tell; root mean square, rad.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Unrest {
    shank: f64,
    pelvis: f64,
}

impl Unrest {
    /// Of the stances before these movements.
    pub fn of(set: &SetMotion<'_>, counted: &[&Candidate]) -> Self {
        let of = |angle: &[f64]| {
            let wandered = |c: &&Candidate| {
                // The first instant may lie anywhere in the lead: half of it is what it is wrong by.
                let lag = c.lead_in.len().saturating_sub(c.stance.len()) / 2;
                let (earlier, later) = (c.lead_in.start..c.lead_in.end - lag, c.lead_in.start + lag..c.lead_in.end);
                let changes =
                    angle[later].iter().zip(&angle[earlier]).map(|(later, earlier)| (later - earlier).powi(2));
                changes.sum::<f64>() / (c.lead_in.len() - lag).max(1) as f64
            };
            (counted.iter().map(wandered).sum::<f64>() / counted.len().max(1) as f64).sqrt()
        };
        Self { shank: of(&set.shank.sagittal), pelvis: of(&set.pelvis.sagittal) }
    }

    /// With a sensor that may have slid in a repetition.
    fn and(self, left: &Remainder) -> Self {
        Self {
            shank: self.shank.hypot(settling::sigma(left.shank)),
            pelvis: self.pelvis.hypot(settling::sigma(left.pelvis)),
        }
    }
}

/// Measures one repetition.
pub fn measure(
    set: &SetMotion<'_>,
    candidate: &Candidate,
    path: &Path,
    unrest: &Unrest,
    left: &Remainder,
    params: &MetricParams,
) -> Measurement {
    let window = Window::new(set, candidate, params);
    let unrest = unrest.and(left);
    let pelvis_tilt = window.change(&set.pelvis.sagittal);
    let shank_tilt = window.change(&set.shank.sagittal);
    let side = set.side.map_or(1.0, Side::lateral_sign);
    let pelvis_drop: Vec<f64> = window.change(&set.pelvis.left_lean).iter().map(|lean| lean * side).collect();
    let rotation: Vec<f64> = heading_change(set, &window).iter().map(|turn| turn.abs()).collect();
    let shank_frontal = window.change(&set.shank.left_lean);

    let (shank_length, thigh_length) = (set.body.shank(), set.body.thigh());
    let shank_start = mean(&set.shank.sagittal[window.baseline.clone()]);
    let knee_forward: Vec<f64> = shank_tilt
        .iter()
        .map(|change| shank_length.value.metres() * ((shank_start + change).sin() - shank_start.sin()))
        .collect();
    // A pelvis sensor that slid swings its lever arm.
    let lever = lever_arm(set.hip_mount, set.side, set.body).vector().norm();
    let hip = HipPath::trace(&window, path, lever * settling::sigma(left.pelvis), params);
    let thigh = ThighPath::of(set, &window);
    let chain = Chain::new(&hip, &knee_forward, thigh.as_ref(), &thigh_length, params);
    let knee_flexion: Vec<f64> = shank_tilt.iter().zip(&chain.thigh_tilt).map(|(s, t)| s - t).collect();
    let hip_flexion: Vec<f64> = pelvis_tilt.iter().zip(&chain.thigh_tilt).map(|(p, t)| p - t).collect();

    let shank_base = base_sigma(set, SensorRole::Shank, candidate, params).hypot(unrest.shank);
    let pelvis_base = base_sigma(set, SensorRole::Hip, candidate, params).hypot(unrest.pelvis);
    let flexion_peak = largest(&knee_flexion);
    let shank_sigma_from = |base: f64, at: usize| {
        let tissue = params.shank_tissue_share * flexion_peak.value.abs();
        let axis = set.shank.axis_sigma.radians();
        root_sum_square(&[base, tissue, axis * shank_frontal[at], 0.5 * axis * axis * shank_tilt[at]])
    };
    let shank_sigma = |at: usize| shank_sigma_from(shank_base, at);
    let pelvis_sigma = |at: usize| {
        let tissue = params.pelvis_tissue_share * pelvis_tilt[at];
        let axis = set.pelvis.axis_sigma.radians();
        root_sum_square(&[pelvis_base, tissue, axis * pelvis_drop[at]])
    };
    // Of the pelvis' right axis: tilt carries an error of its direction into its elevation, and partly into its heading.
    let drop_sigma = |at: usize| {
        let axis = set.pelvis.axis_sigma.radians() * pelvis_tilt[at].sin();
        let tissue = params.pelvis_tissue_share * pelvis_tilt[at];
        root_sum_square(&[pelvis_base, tissue, axis])
    };
    let turn_sigma = |at: usize| {
        let axis = set.pelvis.axis_sigma.radians() * (1.0 - pelvis_tilt[at].cos());
        let tissue = params.pelvis_tissue_share * pelvis_tilt[at];
        let drift = params.heading_drift * at as f64 * set.grid.rate.period_seconds();
        root_sum_square(&[pelvis_base, tissue, axis, drift])
    };
    let knee_sigma = |shank_sigma: f64, at: usize| {
        let lean = (shank_start + shank_tilt[at]).cos();
        let share = shank_length.sigma / shank_length.value;
        (shank_length.value.metres() * lean * shank_sigma).hypot(share * knee_forward[at])
    };
    let flexion_sigma = |at: usize| match set.thigh {
        Some(_) => shank_sigma(at).hypot(chain.thigh_sigma[at]),
        // Without a thigh sensor the shank enters twice, with the same sign (SCIENCE §2).
        None => (2.0 * shank_sigma(at)).hypot(hip.sigma[at] / thigh_length.value.metres()),
    };
    let angle =
        |peak: &Peak, sigma: f64| Some(Measured::new(Angle::from_radians(peak.value), Angle::from_radians(sigma)));
    let length = |value: f64, sigma: f64| Some(Measured::new(Length::from_metres(value), Length::from_metres(sigma)));
    let peak = |values: &[f64]| largest(values);
    let (knee, back, tilt, drop, turn) =
        (peak(&knee_forward), peak(&hip.back), peak(&pelvis_tilt), peak(&pelvis_drop), peak(&rotation));
    let lowest = peak(&hip.down);
    let lean = peak(&shank_tilt);
    let flexed = peak(&hip_flexion);
    let metrics = RepMetrics {
        knee_forward: length(knee.value, knee_sigma(shank_sigma(knee.at), knee.at)),
        knee_forward_seen: None,
        hip_back: length(back.value, hip.sigma[back.at]),
        hip_drop: length(lowest.value, hip.down_sigma[lowest.at]),
        shank_tilt: angle(&lean, shank_sigma(lean.at)),
        pelvis_tilt: angle(&tilt, pelvis_sigma(tilt.at)),
        knee_flexion: angle(&flexion_peak, flexion_sigma(flexion_peak.at)),
        hip_flexion: angle(&flexed, pelvis_sigma(flexed.at).hypot(chain.thigh_sigma[flexed.at])),
        // The largest of a noisy curve is as uncertain as the curve is where it is worst.
        pelvis_drop: set.side.and_then(|_| angle(&drop, drop_sigma(tilt.at))),
        pelvis_rotation: angle(&turn, turn_sigma(turn.at)),
        sway: length(hip.sway, hip.sway * 0.3 + 1e-3),
        shank_sway: Some(shank_sway(set, &shank_frontal, lean.value, shank_base)),
        foot_knock: Some(foot_knock(&set.shank_force[window.range.clone()])),
        spine_flexion: spine_flexion(set, &window, (&pelvis_tilt, pelvis_base), candidate, params),
    };
    let degrees = |signal, values: &[f64]| curve(signal, values, f64::to_degrees);
    let millimetres = |signal, values: &[f64]| curve(signal, values, |metres| metres * 1e3);
    let curves = vec![
        degrees(Signal::ShankTilt, &shank_tilt),
        degrees(Signal::PelvisTilt, &pelvis_tilt),
        millimetres(Signal::KneeForward, &knee_forward),
        millimetres(Signal::HipBack, &hip.back),
        degrees(Signal::KneeFlexion, &knee_flexion),
        degrees(Signal::PelvisDrop, &pelvis_drop),
    ];
    let mut measured = Measurement { metrics, curves, phases: phases(set.grid, candidate, &window.baseline) };
    withhold(&mut measured, set, candidate, params);
    if measured.metrics.knee_forward.is_none() {
        let base = base_sigma_without_gaps(SensorRole::Shank, params).hypot(unrest.shank);
        measured.metrics.knee_forward_seen = largest_seen(&knee_forward, &seen(set, candidate))
            .and_then(|peak| length(peak.value, knee_sigma(shank_sigma_from(base, peak.at), peak.at)));
    }
    measured
}

/// Points of a repetition at which the shank was followed without a gap from the rest before it or to the rest after it.
fn seen(set: &SetMotion<'_>, candidate: &Candidate) -> Vec<bool> {
    let range = candidate.range.clone();
    let Some(track) = set.grid.track(SensorRole::Shank) else { return vec![false; range.len()] };
    let (rest, settled) = (set.grid.points(ANCHOR_S), set.grid.points(SMEARED_S));
    let is_whole = |points: Range<usize>| track.valid.get(points).is_some_and(|valid| !valid.contains(&false));
    let from_before = |at: usize| is_whole(candidate.stance.start..at + settled);
    let to_after = |at: usize| is_whole(at.saturating_sub(settled)..range.end + rest);
    range.clone().map(|at| from_before(at) || to_after(at)).collect()
}

/// Rest after a repetition that its orientation is anchored to, s.
const ANCHOR_S: f64 = 0.5;
/// How far the smoothing carries what is not known beside a gap, s.
const SMEARED_S: f64 = 0.15;

/// The largest of the values that were seen.
fn largest_seen(values: &[f64], seen: &[bool]) -> Option<Peak> {
    let seen: Vec<f64> = values.iter().zip(seen).map(|(&v, &seen)| if seen { v } else { f64::NEG_INFINITY }).collect();
    Some(largest(&seen)).filter(|peak| peak.value.is_finite())
}

/// How far the shank leaned from side to side. Its forward lean enters where the sensor's front is not known.
fn shank_sway(set: &SetMotion<'_>, frontal: &[f64], lean: f64, base: f64) -> Measured<PlaneAngle> {
    let (least, most) = frontal.iter().fold((0.0_f64, 0.0_f64), |(least, most), &v| (least.min(v), most.max(v)));
    let axis = set.shank.axis_sigma.radians() * lean;
    let sigma = base.hypot(axis);
    Measured::new(Angle::from_radians(most - least), Angle::from_radians(sigma))
}

/// Noise of a sensor's specific force (m/s²) and share of a jolt that a strap swallows or adds.
const FORCE_NOISE: f64 = 0.1;
const STRAP_SHARE: f64 = 0.2;

/// The largest departure of the shank's specific force from its usual norm.
fn foot_knock(force: &[f64]) -> Measured<SpecificForceUnit> {
    let usual = median(force).unwrap_or(STANDARD_GRAVITY);
    let largest = force.iter().map(|norm| (norm - usual).abs()).fold(0.0, f64::max);
    Measured::new(Scalar::from_si(largest), Scalar::from_si(FORCE_NOISE.hypot(STRAP_SHARE * largest)))
}

/// How far the trunk bent over the pelvis, from the quiet stance.
fn spine_flexion(
    set: &SetMotion<'_>,
    window: &Window,
    (pelvis_tilt, pelvis_base): (&[f64], f64),
    candidate: &Candidate,
    params: &MetricParams,
) -> Option<Measured<PlaneAngle>> {
    let trunk = set.trunk.as_ref()?;
    let trunk_tilt = window.change(&trunk.sagittal);
    let flexion: Vec<f64> = trunk_tilt.iter().zip(pelvis_tilt).map(|(trunk, pelvis)| trunk - pelvis).collect();
    let peak = largest(&flexion);
    let sigma = root_sum_square(&[
        pelvis_base,
        base_sigma(set, SensorRole::Trunk, candidate, params),
        params.pelvis_tissue_share * pelvis_tilt[peak.at],
        params.trunk_tissue_share * flexion[peak.at],
    ]);
    Some(Measured::new(Angle::from_radians(peak.value), Angle::from_radians(sigma)))
}

/// Takes out what a sensor with a gap in its data cannot say: a peak may lie in the gap.
fn withhold(measured: &mut Measurement, set: &SetMotion<'_>, candidate: &Candidate, params: &MetricParams) {
    let hip = gap(set, SensorRole::Hip, Rest::least(set.grid, candidate).span(), params);
    let shank = gap(set, SensorRole::Shank, candidate.range.clone(), params);
    let thigh = gap(set, SensorRole::Thigh, candidate.range.clone(), params);
    let trunk = gap(set, SensorRole::Trunk, candidate.range.clone(), params);
    let m = &mut measured.metrics;
    if hip {
        (m.hip_back, m.hip_drop, m.pelvis_tilt, m.pelvis_drop) = (None, None, None, None);
        (m.pelvis_rotation, m.sway) = (None, None);
    }
    if shank {
        (m.knee_forward, m.shank_tilt) = (None, None);
        (m.shank_sway, m.foot_knock) = (None, None);
    }
    if hip || trunk {
        m.spine_flexion = None;
    }
    if hip || shank || thigh {
        (m.knee_flexion, m.hip_flexion) = (None, None);
    }
    measured.curves.retain(|curve| match curve.signal {
        Signal::ShankTilt | Signal::KneeForward => !shank,
        Signal::PelvisTilt | Signal::HipBack | Signal::PelvisDrop => !hip,
        Signal::KneeFlexion => !(hip || shank || thigh),
    });
}

/// How far interpolation over a gap may be from the acceleration (m/s²) and the angular rate (rad/s) of a movement.
const HIDDEN_ACCELERATION: f64 = 0.3;
const HIDDEN_RATE: f64 = 3.0 * std::f64::consts::PI / 180.0;

/// What missing samples hide, all together where the longest stretch of them lies.
fn hidden(measured: &[bool], rate: SampleRate) -> Option<Gap> {
    let (mut at, mut longest, mut squares) = (0, (0, 0), 0);
    for gap in measured.split(|&measured| measured) {
        longest = longest.max((gap.len(), at + gap.len() / 2));
        squares += gap.len() * gap.len();
        at += gap.len() + 1;
    }
    // What one gap hides has nothing to do with what another does.
    let seconds = (squares as f64).sqrt() * rate.period_seconds();
    let gap = Gap { middle: longest.1, speed: HIDDEN_ACCELERATION * seconds, turn: HIDDEN_RATE * seconds };
    (squares > 0).then_some(gap)
}

/// What a change of any of a sensor's inclinations is uncertain by, however small the movement, rad.
fn base_sigma(set: &SetMotion<'_>, role: SensorRole, candidate: &Candidate, params: &MetricParams) -> f64 {
    let range = candidate.stance.start..candidate.range.end;
    // Bridged gaps are of no matter here: gravity tells how a sensor leans after them.
    let gap = set.grid.track(role).and_then(|track| hidden(&track.valid[range], set.grid.rate));
    base_sigma_without_gaps(role, params).hypot(gap.map_or(0.0, |gap| gap.turn))
}

/// As [`base_sigma`], where no gap lies between rest and movement.
fn base_sigma_without_gaps(role: SensorRole, params: &MetricParams) -> f64 {
    let wobble = if role == SensorRole::Shank { params.shank_wobble_sigma } else { params.wobble_sigma };
    params.orientation_sigma.hypot(wobble)
}

/// Whether a sensor's data are missing for longer than its numbers can bear.
fn gap(set: &SetMotion<'_>, role: SensorRole, range: Range<usize>, params: &MetricParams) -> bool {
    let limit = set.grid.points(params.max_gap_s);
    set.grid
        .track(role)
        .is_some_and(|track| track.valid[range].split(|&valid| valid).any(|missing| missing.len() > limit))
}

fn root_sum_square(terms: &[f64]) -> f64 {
    terms.iter().map(|t| t * t).sum::<f64>().sqrt()
}

fn phases(grid: &PoseGrid, candidate: &Candidate, baseline: &Range<usize>) -> Phases {
    Phases {
        quiet_stance: grid.span(baseline.clone()),
        descent: grid.span(candidate.range.start..candidate.bottom.start),
        bottom: grid.span(candidate.bottom.clone()),
        ascent: grid.span(candidate.bottom.end..candidate.range.end),
    }
}

/// Points of a repetition and of the stance it is measured from.
struct Window {
    range: Range<usize>,
    baseline: Range<usize>,
    rate: SampleRate,
    smoothing_hz: f64,
}

impl Window {
    fn new(set: &SetMotion<'_>, candidate: &Candidate, params: &MetricParams) -> Self {
        let range = candidate.range.clone();
        let baseline = candidate.stance.clone();
        Self { range, baseline, rate: set.grid.rate, smoothing_hz: params.smoothing_hz }
    }

    /// Smoothed change of an angle from the baseline, at the points of the repetition.
    fn change(&self, angle: &[f64]) -> Vec<f64> {
        let around = self.around(angle.len());
        self.change_within(&angle[around.clone()], around.start)
    }

    /// The repetition with a second on either side, in which the filter settles, of a set of `length` points.
    fn around(&self, length: usize) -> Range<usize> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second of points")]
        let second = self.rate.hertz().round() as usize;
        self.baseline.start.saturating_sub(second)..(self.range.end + second).min(length)
    }

    /// As [`Window::change`] for an angle that is known from point `from` on.
    fn change_within(&self, angle: &[f64], from: usize) -> Vec<f64> {
        let smooth = low_pass(angle, self.rate, self.smoothing_hz);
        let start = mean(&angle[self.baseline.start - from..self.baseline.end - from]);
        smooth[self.range.start - from..self.range.end - from].iter().map(|value| value - start).collect()
    }
}

/// Smoothed change of the pelvis' heading.
fn heading_change(set: &SetMotion<'_>, window: &Window) -> Vec<f64> {
    let around = window.around(set.grid.len());
    let headings = set.hip.poses[around.clone()].iter().map(|pose| heading(set.hip_alignment.apply(*pose)).radians());
    window.change_within(&unwrapped(headings), around.start)
}

/// Removes the jumps of a full turn between neighbours.
fn unwrapped(angles: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut turns = 0.0;
    let mut previous: Option<f64> = None;
    angles
        .map(|angle| {
            if let Some(previous) = previous {
                turns -= ((angle - previous) / std::f64::consts::TAU).round();
            }
            previous = Some(angle);
            angle + turns * std::f64::consts::TAU
        })
        .collect()
}

/// Values at 0, 1, ..., 100 % of the repetition, linearly interpolated.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index inside the values")]
fn curve(signal: Signal, values: &[f64], unit: impl Fn(f64) -> f64) -> Curve {
    let last = values.len() - 1;
    let values = (0..Curve::POINTS)
        .map(|percent| {
            let position = percent as f64 / (Curve::POINTS - 1) as f64 * last as f64;
            let low = (position as usize).min(last);
            let share = position - low as f64;
            unit(values[low] * (1.0 - share) + values[(low + 1).min(last)] * share)
        })
        .collect();
    Curve { signal, values }
}

/// Lever arm from the hip joint centre of the supporting leg to the pelvis sensor, in the pelvis frame, m.
/// Joint centre relative to the pelvic landmarks by the regressions of \[Harrington2007\] for an average pelvis.
fn lever_arm(mount: Option<MountSite>, side: Option<Side>, body: &Anthropometry) -> Displacement<Pelvis> {
    let half_width = body.hip_width.map_or(0.085, |width| 0.5 * width.value.metres());
    let lateral = side.map_or(0.0, Side::lateral_sign);
    match mount {
        Some(MountSite::Sacrum) => Displacement::new(-0.12, 0.08, -lateral * half_width),
        Some(MountSite::LateralHip) => Displacement::new(-0.01, 0.08, lateral * 0.07),
        _ => Displacement::new(-0.06, 0.08, 0.0),
    }
}

/// The hip joint's path over a repetition, from the pelvis sensor.
struct HipPath {
    /// Backward displacement from the baseline, m.
    back: Vec<f64>,
    /// Its standard uncertainty, m.
    sigma: Vec<f64>,
    /// Downward displacement from the baseline, m.
    down: Vec<f64>,
    /// Its standard uncertainty, m.
    down_sigma: Vec<f64>,
    /// Root mean square side-to-side displacement of the sensor, m.
    sway: f64,
}

/// The paths of pelvis sensor and hip joint in all counted repetitions of a set, of all movements in it.
pub fn pelvis_paths(
    set: &SetMotion<'_>,
    counted: &[&Candidate],
    movements: &[Candidate],
    params: &MetricParams,
) -> Vec<Path> {
    let longest = set.grid.points(params.displacement.longest_rest_s);
    let windows: Vec<displacement::Window> = counted
        .iter()
        .map(|candidate| {
            let rest = Rest::around(set, candidate, pauses(candidate, movements, set.grid.len()), longest);
            let range = rest.span();
            let from = range.start;
            let within = |part: &Range<usize>| part.start - from..part.end - from;
            let window = Window::new(set, candidate, params);
            displacement::Window {
                angular_rate: set.hip.angular_rate[range.clone()].iter().map(|rate| rate.vector()).collect(),
                specific_force: set.hip.specific_force[range.clone()].iter().map(|force| force.vector()).collect(),
                before: within(&rest.before),
                after: within(&rest.after),
                dt: set.grid.rate.period_seconds(),
                base: within(&window.baseline),
                gap: hidden(&set.hip.measured[range], set.grid.rate),
                // Over a gap in its data the shank says nothing about the leg.
                postures: if gap(set, SensorRole::Shank, candidate.range.clone(), params) {
                    Vec::new()
                } else {
                    postures(set, &window, from, params)
                },
                from,
            }
        })
        .collect();
    let wearer = Wearer {
        to_pelvis: set.hip_alignment.rotation().quaternion(),
        lever: lever_arm(set.hip_mount, set.side, set.body).vector(),
        leg: Leg::new(set.body, set.stance),
    };
    displacement::paths(&windows, &wearer, &params.displacement)
}

/// From the last instant of the movement before a repetition to the first of the one after it.
fn pauses(candidate: &Candidate, movements: &[Candidate], length: usize) -> Range<usize> {
    let before = movements.iter().filter(|other| other.range.end <= candidate.range.start);
    let after = movements.iter().filter(|other| other.range.start >= candidate.range.end);
    before.map(|other| other.whole().end).max().unwrap_or(0)
        ..after.map(|other| other.whole().start).min().unwrap_or(length)
}

/// Moments of a repetition, as shares of its length, at which the leg's relations are used.
const MOMENTS: [f64; 5] = [0.25, 0.4, 0.5, 0.6, 0.75];

fn postures(set: &SetMotion<'_>, window: &Window, from: usize, params: &MetricParams) -> Vec<(usize, Posture)> {
    let thigh = ThighPath::of(set, window).filter(|_| !gap(set, SensorRole::Thigh, window.range.clone(), params));
    let (shank, pelvis) = (window.change(&set.shank.sagittal), window.change(&set.pelvis.sagittal));
    let before = mean(&set.pelvis.sagittal[window.baseline.clone()]);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index inside the range")]
    let at = |share: f64| (share * (shank.len() - 1) as f64).round() as usize;
    MOMENTS
        .iter()
        .map(|&share| at(share))
        .map(|i| {
            let posture = Posture {
                shank_change: shank[i],
                thigh_change: thigh.as_ref().map(|thigh| (thigh.tilt[i], thigh.sigma(i, params))),
                pelvis_before: before,
                pelvis: before + pelvis[i],
            };
            (window.range.start - from + i, posture)
        })
        .collect()
}

impl HipPath {
    fn trace(window: &Window, path: &Path, slid: f64, params: &MetricParams) -> Self {
        let from = path.from;
        let inner = window.range.start - from..window.range.end - from;
        let base = window.baseline.start - from;
        let left = Vector3::z().cross(&path.forward);
        let upright = path.pelvis[base];
        let along = |axis: Vector3<f64>| -> Vec<f64> { inner.clone().map(|i| path.joint[i].dot(&axis)).collect() };
        let sigma = |axis: Vector3<f64>| -> Vec<f64> {
            inner
                .clone()
                .map(|i| {
                    let drift = (axis.transpose() * path.covariance[i] * axis)[0].max(0.0).sqrt();
                    let turned = (path.pelvis[i] * upright.inverse()).angle();
                    root_sum_square(&[drift, params.displacement.slide_per_tilt * turned, slid])
                })
                .collect()
        };
        let across: Vec<f64> = inner.clone().map(|i| path.sensor[i].dot(&left)).collect();
        let centre = mean(&across);
        let sway = mean(&across.iter().map(|y| (y - centre).powi(2)).collect::<Vec<_>>()).sqrt();
        Self {
            back: along(-path.forward),
            sigma: sigma(path.forward),
            down: along(-Vector3::z()),
            down_sigma: sigma(Vector3::z()),
            sway,
        }
    }
}

/// The thigh over a repetition, from its own sensor: changes of lean, rad.
struct ThighPath {
    tilt: Vec<f64>,
    lateral: Vec<f64>,
    axis_sigma: Angle,
}

impl ThighPath {
    fn of(set: &SetMotion<'_>, window: &Window) -> Option<Self> {
        let thigh = set.thigh.as_ref()?;
        let (tilt, lateral) = (window.change(&thigh.sagittal), window.change(&thigh.left_lean));
        Some(Self { tilt, lateral, axis_sigma: thigh.axis_sigma })
    }

    /// Standard uncertainty of the tilt at a point, rad.
    fn sigma(&self, i: usize, params: &MetricParams) -> f64 {
        root_sum_square(&[
            params.orientation_sigma,
            params.wobble_sigma,
            params.thigh_tissue_share * self.tilt[i],
            self.axis_sigma.radians() * self.lateral[i],
        ])
    }
}

/// The thigh: from its sensor, or from where knee and hip are.
struct Chain {
    /// Change of the thigh's forward lean, rad.
    thigh_tilt: Vec<f64>,
    thigh_sigma: Vec<f64>,
}

impl Chain {
    fn new(
        hip: &HipPath,
        knee_forward: &[f64],
        thigh: Option<&ThighPath>,
        thigh_length: &Measured<truehinge_core::quantity::Metres>,
        params: &MetricParams,
    ) -> Self {
        if let Some(thigh) = thigh {
            let thigh_sigma = (0..thigh.tilt.len()).map(|i| thigh.sigma(i, params)).collect();
            return Self { thigh_tilt: thigh.tilt.clone(), thigh_sigma };
        }
        let length = thigh_length.value.metres();
        let thigh_tilt =
            hip.back.iter().zip(knee_forward).map(|(back, knee)| lean_of((-back - knee) / length)).collect();
        Self { thigh_tilt, thigh_sigma: hip.sigma.iter().map(|sigma| sigma / length).collect() }
    }
}

/// Angle whose sine is `sine`, saturating beyond a quarter turn: an impossible displacement gives the largest possible lean.
fn lean_of(sine: f64) -> f64 {
    let sine = sine.clamp(-1.0, 1.0);
    sine.atan2((1.0 - sine * sine).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_hide_the_more_the_longer_they_are_and_lie_where_the_longest_is() {
        let rate = SampleRate::from_hertz(100.0).expect("positive");
        let mut measured = vec![true; 300];
        assert_eq!(hidden(&measured, rate), None);
        measured[100..120].fill(false);
        let one = hidden(&measured, rate).expect("a gap");
        assert_eq!(one.middle, 110);
        assert!((one.speed - 0.06).abs() < 1e-12 && (one.turn.to_degrees() - 0.6).abs() < 1e-12);
        measured[200..215].fill(false);
        let two = hidden(&measured, rate).expect("gaps");
        assert_eq!(two.middle, 110);
        assert!((two.speed - 0.3 * 0.25).abs() < 1e-12);
    }
}

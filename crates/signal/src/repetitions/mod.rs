//! Repetitions: excursions of pelvis and shank from the stance and back.
//!
//! In: sagittal inclinations of pelvis and shank on the grid, stillness, and the frontal lean of the shank. Out:
//! [`Candidate`]s in order, each accepted or carrying the [`Rejection`] that kept it from being counted.
//!
//! The two inclinations are one point in a plane. The stance is where that point dwells: a local mode (kernel-weighted
//! mean-shift, quiet samples counting more) near the standing posture, followed slowly over time. A candidate is a stretch
//! in which the point leaves the stance in **any** direction (hinges tilt the pelvis forward, drifts lean the shank, some
//! people tuck the pelvis backward) and comes back:
//!
//! ```text
//! D(t) = | (pelvis, w * shank)(t) - stance(t) |        candidate: D > off, with max D > on
//! ```
//!
//! Onset and return are where the movement along the candidate's own direction crosses 5 % of its size, seen from the
//! stance just before and just after it; the bottom is where it exceeds 95 %. All thresholds are anchored in sway and in the
//! smallest attempt worth judging, none in a particular data set's repetitions. Where the person never stands still between
//! repetitions, peaks take the place of the stance ([`crate::repetitions::peaks`]). This is the batch form: it looks ahead.

pub mod peaks;

use std::ops::Range;

use nalgebra::{Matrix2, SymmetricEigen, Vector2};
use serde::Serialize;
use truehinge_core::{Rejection, SampleRate, Side};

use crate::math::filter::low_pass;
use crate::math::stats::median;
use crate::repetitions::peaks::peaks;
use crate::stillness::Stance;

/// When a movement is a repetition.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentationParams {
    /// Low-pass of the inclinations, Hz: above a repetition's content, below tremor and soft tissue.
    pub smoothing_hz: f64,
    /// Weight of the shank against the pelvis: it moves less and sways less.
    pub shank_weight: f64,
    /// Excursion a repetition must reach, rad. Sway on one leg stays below about 3 degrees.
    pub on: f64,
    /// Excursion below which the person is back in the stance, rad.
    pub off: f64,
    /// Smaller excursions than `on` are listed as too small from here, rad.
    pub notice: f64,
    /// Shortest repetition, s.
    pub min_s: f64,
    /// Shortest repetition of people who do not hurry, s: a re-balancing touch-down of the free foot takes about one second.
    pub unhurried_s: f64,
    /// Share of the set's usual duration below which a movement shorter than `unhurried_s` is no repetition.
    pub brief_share: f64,
    /// Longest repetition, s.
    pub max_s: f64,
    /// Longest gap in the data across which a movement is still known to be one repetition, s. Numbers are withheld from a
    /// much shorter gap on (`metrics`).
    pub max_gap_s: f64,
    /// Width of the stance's kernel, rad.
    pub kernel: f64,
    /// Time over which the stance may wander, s.
    pub wander_s: f64,
    /// Share of the set's median duration below which an attempt that is smaller than usual was broken off.
    pub aborted_early: f64,
    /// Share of the set's median excursion and duration below both of which an attempt may count as broken off.
    pub aborted_share: f64,
    /// Largest product of the two shares for which it does.
    pub aborted_both: f64,
}

impl Default for SegmentationParams {
    fn default() -> Self {
        Self::from(&crate::method::Method::default())
    }
}

/// What the segmentation looks at, all on one grid.
#[derive(Clone, Debug)]
pub struct Motion<'a> {
    /// Grid rate.
    pub rate: SampleRate,
    /// Pelvic tilt, rad.
    pub pelvis: &'a [f64],
    /// Shank inclination, rad.
    pub shank: &'a [f64],
    /// Lean of the shank to the person's left, rad, from the reference posture: tells one leg from two.
    pub shank_left_lean: &'a [f64],
    /// Specific force of the pelvis sensor along the vertical, m/s²: largest where a movement turns upwards.
    pub lift: &'a [f64],
    /// Supporting leg.
    pub side: Option<Side>,
    /// Stillness and steps.
    pub stance: &'a Stance,
    /// Whether the protocol is done on one leg, so that movements on two legs are outside the set.
    pub single_leg: bool,
    /// When the guided calibration was made: its movements are no repetitions.
    pub calibrations: Vec<Range<usize>>,
}

/// A movement away from the stance and back.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Onset to return.
    pub range: Range<usize>,
    /// 95 % of the way on both sides.
    pub bottom: Range<usize>,
    /// The quiet stance before the movement, from which all changes are measured.
    pub stance: Range<usize>,
    /// The stance and as long before it as the movement's true beginning may lie from it.
    pub lead_in: Range<usize>,
    /// Size of the excursion, rad (shank weighted).
    pub excursion: f64,
    /// Lean of the shank towards the supporting side in the stance around it, rad.
    pub stance_lean: f64,
    /// Why it is not counted, if so.
    pub rejection: Option<Rejection>,
}

impl Candidate {
    /// Middle of the bottom.
    pub fn turn(&self) -> f64 {
        f64::midpoint(self.bottom.start as f64, self.bottom.end as f64 - 1.0)
    }

    /// From the movement's first instant to its last: its 5 % points lie a few per cent into it.
    pub fn whole(&self) -> Range<usize> {
        let out = self.bottom.start.saturating_sub(self.range.start);
        let back = self.range.end.saturating_sub(self.bottom.end);
        self.range.start.saturating_sub(onset_lead(out))..self.range.end + onset_lead(back)
    }
}

/// Finds all candidates and decides which are repetitions.
pub fn segment(motion: &Motion<'_>, params: &SegmentationParams) -> Vec<Candidate> {
    let plane = Plane::new(motion, params);
    let excursion: Vec<f64> = (0..plane.len()).map(|i| plane.excursion(i)).collect();
    let params = &SegmentationParams { on: smallest(&excursion, &plane.blocked, params), ..params.clone() };
    let runs = stretches(&excursion, params.off);
    let mut candidates: Vec<Candidate> = if never_stands(&plane, &runs, params) {
        back_to_back(&plane, motion, params)
    } else {
        runs.into_iter()
            .filter(|run| excursion[run.clone()].iter().any(|&e| e > params.notice))
            .filter_map(|run| candidate(&plane, motion, &excursion, run, params))
            .collect()
    };
    anchor(&mut candidates, motion.rate);
    mark_calibration(&mut candidates, &motion.calibrations);
    mark_two_leg_stance(&mut candidates, motion);
    mark_brief(&mut candidates, motion.rate, params);
    mark_aborted(&mut candidates, params);
    candidates
}

/// Sways (median distance from the stance) that a repetition must stand out from. Simulated people from still to swaying have no
/// more movements counted that were none down to 3.5 (720 sessions): this leaves a margin.
const SWAYS: f64 = 4.5;

/// Excursion a repetition of this person must reach: well beyond the sway, where people stand stiller than the usual limit is
/// made for.
fn smallest(excursion: &[f64], blocked: &[bool], params: &SegmentationParams) -> f64 {
    let standing = excursion.iter().zip(blocked).filter(|(e, blocked)| !**blocked && **e < params.on);
    let sway = median(&standing.map(|(e, _)| *e).collect::<Vec<_>>()).unwrap_or(params.on);
    (SWAYS * sway).clamp(params.notice, params.on)
}

/// The plane of pelvis and shank inclination, with the stance followed in it.
struct Plane<'a> {
    points: Vec<Vector2<f64>>,
    stance: Vec<Vector2<f64>>,
    blocked: Vec<bool>,
    motion: &'a Motion<'a>,
}

impl<'a> Plane<'a> {
    fn new(motion: &'a Motion<'a>, params: &SegmentationParams) -> Self {
        let pelvis = low_pass(motion.pelvis, motion.rate, params.smoothing_hz);
        let shank = low_pass(motion.shank, motion.rate, params.smoothing_hz);
        let points: Vec<_> =
            pelvis.iter().zip(&shank).map(|(p, s)| Vector2::new(*p, params.shank_weight * s)).collect();
        let blocked: Vec<bool> = motion.stance.stepping.clone();
        let stance = follow_stance(&points, &blocked, motion, params);
        Self { points, stance, blocked, motion }
    }

    fn len(&self) -> usize {
        self.points.len()
    }

    fn away(&self, i: usize) -> Vector2<f64> {
        self.points[i] - self.stance[i]
    }

    fn excursion(&self, i: usize) -> f64 {
        if self.blocked[i] { 0.0 } else { self.away(i).norm() }
    }

    /// The direction in which the points spread most, pointing to where people lean forward.
    fn main_direction(&self) -> Option<Vector2<f64>> {
        let usable: Vec<Vector2<f64>> =
            self.points.iter().zip(&self.blocked).filter(|(_, blocked)| !**blocked).map(|(point, _)| *point).collect();
        let mean = usable.iter().sum::<Vector2<f64>>() / usable.len().max(1) as f64;
        let spread: Matrix2<f64> = usable.iter().map(|p| (p - mean) * (p - mean).transpose()).sum();
        let eigen = SymmetricEigen::new(spread);
        let largest = usize::from(eigen.eigenvalues[1] > eigen.eigenvalues[0]);
        let axis = eigen.eigenvectors.column(largest).into_owned().try_normalize(1e-9)?;
        Some(if axis.sum() < 0.0 { -axis } else { axis })
    }

    fn seconds(&self, points: usize) -> f64 {
        points as f64 * self.motion.rate.period_seconds()
    }
}

/// Points per second that the stance is computed from.
const STANCE_HZ: f64 = 10.0;
/// The stance moves slowly: it is computed at every fourth of these points and interpolated between.
const SAMPLES_PER_KNOT: usize = 4;
/// Standing is near the reference posture: how near, rad. Keeps the bottom of many equal squats from looking like a stance.
const STANDING_RANGE: f64 = 12.0 * std::f64::consts::PI / 180.0;
/// Angular rate at which a sample counts half for the stance, rad/s.
const STILL_RATE: f64 = 4.0 * std::f64::consts::PI / 180.0;

fn follow_stance(
    points: &[Vector2<f64>],
    blocked: &[bool],
    motion: &Motion<'_>,
    params: &SegmentationParams,
) -> Vec<Vector2<f64>> {
    let stride = stride_of(motion.rate);
    let samples: Vec<usize> = (0..points.len()).step_by(stride).collect();
    let weights: Vec<f64> = samples
        .iter()
        .map(|&i| if blocked[i] || motion.stance.missing[i] { 0.0 } else { stillness(points, i, motion.rate) })
        .collect();
    let origin = reference_posture(points, &motion.stance.reference);
    let Some(global) = densest(points, &samples, &weights, origin, params) else {
        return vec![origin; points.len()];
    };
    let near = Nearness::new(params.wander_s);
    let knots: Vec<Vector2<f64>> = (0..samples.len())
        .step_by(SAMPLES_PER_KNOT)
        .map(|k| local_mode(points, &samples, &weights, k, global, &near, params))
        .collect();
    interpolate(&knots, stride * SAMPLES_PER_KNOT, points.len())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive ratio")]
fn stride_of(rate: SampleRate) -> usize {
    (rate.hertz() / STANCE_HZ).round().max(1.0) as usize
}

fn reference_posture(points: &[Vector2<f64>], reference: &Range<usize>) -> Vector2<f64> {
    points[reference.clone()].iter().sum::<Vector2<f64>>() / reference.len().max(1) as f64
}

fn stillness(points: &[Vector2<f64>], i: usize, rate: SampleRate) -> f64 {
    let (from, to) = (i.saturating_sub(10), (i + 10).min(points.len() - 1));
    let speed = (points[to] - points[from]).norm() * rate.hertz() / (to - from).max(1) as f64;
    1.0 / (1.0 + (speed / STILL_RATE).powi(2))
}

/// Gaussian kernel; nothing beyond five widths, where it is 4e-6.
fn kernel(squared_distance: f64, width: f64) -> f64 {
    let exponent = 0.5 * squared_distance / (width * width);
    if exponent > 12.5 { 0.0 } else { (-exponent).exp() }
}

/// Weights that fade with the time between two stance points.
struct Nearness(Vec<f64>);

impl Nearness {
    fn new(wander_s: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let reach = (2.5 * wander_s * STANCE_HZ) as usize;
        Self((0..=reach).map(|steps| kernel((steps as f64 / STANCE_HZ).powi(2), wander_s)).collect())
    }

    fn reach(&self) -> usize {
        self.0.len() - 1
    }
}

/// The sample in the densest place, standing postures preferred.
fn densest(
    points: &[Vector2<f64>],
    samples: &[usize],
    weights: &[f64],
    origin: Vector2<f64>,
    params: &SegmentationParams,
) -> Option<Vector2<f64>> {
    // Thinned out: the mode of two hundred samples is as good as that of all, and every sample then climbs on its own.
    let thin = samples.len().div_ceil(200);
    let mut best: Option<(f64, Vector2<f64>)> = None;
    for (&i, &weight) in samples.iter().zip(weights).step_by(thin) {
        if weight == 0.0 {
            continue;
        }
        let density: f64 = samples
            .iter()
            .zip(weights)
            .step_by(thin)
            .map(|(&j, w)| w * kernel((points[j] - points[i]).norm_squared(), params.kernel))
            .sum();
        let score = density * kernel((points[i] - origin).norm_squared(), STANDING_RANGE);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, points[i]));
        }
    }
    best.map(|(_, point)| point)
}

/// A mean-shift that moves less than this has arrived, rad: far below anything that sways.
const ARRIVED: f64 = 2e-5;

/// Mean-shift from the global stance with weights that fade over `wander_s`.
fn local_mode(
    points: &[Vector2<f64>],
    samples: &[usize],
    weights: &[f64],
    k: usize,
    global: Vector2<f64>,
    near: &Nearness,
    params: &SegmentationParams,
) -> Vector2<f64> {
    let window = k.saturating_sub(near.reach())..(k + near.reach() + 1).min(samples.len());
    let near: Vec<(Vector2<f64>, f64)> = window
        .map(|j| (points[samples[j]], weights[j] * near.0[j.abs_diff(k)]))
        .filter(|(_, weight)| *weight > 1e-6)
        .collect();
    let mut mode = global;
    for _ in 0..8 {
        let (mut sum, mut total) = (Vector2::zeros(), 0.0);
        for (point, weight) in &near {
            let w = weight * kernel((point - mode).norm_squared(), params.kernel);
            sum += point * w;
            total += w;
        }
        if total < 1e-3 {
            break;
        }
        let next = sum / total;
        let moved = (next - mode).norm();
        mode = next;
        if moved < ARRIVED {
            break;
        }
    }
    mode
}

fn interpolate(knots: &[Vector2<f64>], stride: usize, length: usize) -> Vec<Vector2<f64>> {
    (0..length)
        .map(|i| {
            let k = i / stride;
            let share = (i % stride) as f64 / stride as f64;
            let next = knots[(k + 1).min(knots.len() - 1)];
            knots[k] * (1.0 - share) + next * share
        })
        .collect()
}

/// Maximal ranges above `limit`.
fn stretches(values: &[f64], limit: f64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for i in 0..=values.len() {
        let above = values.get(i).is_some_and(|&v| v > limit);
        match (above, start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                found.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Least share of the time in the stance for it to be an anchor.
const STANDING_SHARE: f64 = 0.2;

/// Whether the person moves on and on: one movement longer than any repetition, or hardly any time in the stance.
fn never_stands(plane: &Plane<'_>, runs: &[Range<usize>], params: &SegmentationParams) -> bool {
    let away: usize = runs.iter().map(ExactSizeIterator::len).sum();
    let longest = runs.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    let usable = plane.blocked.iter().filter(|&&blocked| !blocked).count();
    plane.seconds(longest) > params.max_s || away as f64 > (1.0 - STANDING_SHARE) * usable as f64
}

/// Repetitions without a stance between them: peaks along the direction in which the set moves most.
fn back_to_back(plane: &Plane<'_>, motion: &Motion<'_>, params: &SegmentationParams) -> Vec<Candidate> {
    let Some(direction) = plane.main_direction() else { return Vec::new() };
    let mut along: Vec<f64> = plane.points.iter().map(|point| point.dot(&direction)).collect();
    // The body is pushed up at the bottom of a movement and let go at its top, whichever way the sensors are worn.
    let lift = low_pass(motion.lift, motion.rate, params.smoothing_hz);
    if covariance(&along, &lift, &plane.blocked) < 0.0 {
        along.iter_mut().for_each(|value| *value = -*value);
    }
    peaks(&along, params.on)
        .into_iter()
        .map(|peak| {
            let (before, after) = (along[peak.range.start], along[peak.range.end]);
            let top = along[peak.at];
            let height = |base: f64, share: f64| base + share * (top - base);
            let rising = || peak.range.start..=peak.at;
            let falling = || peak.at..=peak.range.end;
            let start = rising().rev().find(|&i| along[i] <= height(before, 0.05)).unwrap_or(peak.range.start);
            let end = falling().find(|&i| along[i] <= height(after, 0.05)).unwrap_or(peak.range.end).max(start + 1);
            let high = |i: &usize| along[*i] >= top - 0.05 * peak.prominence;
            let bottom_start = (start..end).find(high).unwrap_or(peak.at);
            let bottom_end = (start..end).rev().find(high).unwrap_or(peak.at) + 1;
            let levels = (0.0, 0.0, peak.prominence);
            Candidate {
                range: start..end,
                bottom: bottom_start..bottom_end,
                stance: start..start,
                lead_in: start..start,
                excursion: peak.prominence,
                stance_lean: 0.0,
                rejection: first_rejection(plane, motion, start..end, levels, params),
            }
        })
        .collect()
}

/// Covariance of two signals where nothing is blocked.
fn covariance(a: &[f64], b: &[f64], blocked: &[bool]) -> f64 {
    let pairs: Vec<(f64, f64)> =
        a.iter().zip(b).zip(blocked).filter(|(_, blocked)| !**blocked).map(|((a, b), _)| (*a, *b)).collect();
    let n = pairs.len().max(1) as f64;
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |(x, y), (a, b)| (x + a / n, y + b / n));
    pairs.iter().map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>() / n
}

/// How far around a stretch its onset and return are searched, s.
const EDGE_S: f64 = 0.8;
/// Over how long the stance before and after a movement is read, s.
const LEVEL_S: f64 = 0.6;

fn candidate(
    plane: &Plane<'_>,
    motion: &Motion<'_>,
    excursion: &[f64],
    run: Range<usize>,
    params: &SegmentationParams,
) -> Option<Candidate> {
    let peak = run.clone().max_by(|&a, &b| excursion[a].total_cmp(&excursion[b]))?;
    let direction = plane.away(peak).try_normalize(1e-9)?;
    let points = |seconds: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below a few hundred")]
        let n = (seconds * motion.rate.hertz()).round() as usize;
        n
    };
    let before = run.start.saturating_sub(points(LEVEL_S))..run.start.max(1);
    let after = run.end.min(plane.len() - 1)..(run.end + points(LEVEL_S)).min(plane.len());
    let along = |i: usize| plane.away(i).dot(&direction);
    let level = |range: Range<usize>| median(&range.map(along).collect::<Vec<_>>()).unwrap_or(0.0);
    let (pre, post) = (level(before.clone()), level(after.clone()));
    let top = run.clone().map(along).fold(f64::NEG_INFINITY, f64::max);
    let first = run.start.saturating_sub(points(EDGE_S));
    let last = (run.end + points(EDGE_S)).min(plane.len() - 1);
    let start = (first..=peak).rev().find(|&i| along(i) <= pre + 0.05 * (top - pre)).unwrap_or(first);
    let end = (peak..=last).find(|&i| along(i) <= post + 0.05 * (top - post)).unwrap_or(last).max(start + 1);
    let high = |i: &usize| along(*i) >= 0.95 * top;
    let bottom_start = (start..end).find(high).unwrap_or(peak);
    let bottom_end = (start..end).rev().find(high).unwrap_or(peak) + 1;
    // Towards the supporting side: leftwards on the left leg.
    let outward = motion.side.map_or(1.0, |side| -side.lateral_sign());
    let lean = |range: Range<usize>| outward * median(&motion.shank_left_lean[range]).unwrap_or(0.0);
    let stance_lean = lean(before).max(lean(after));
    let rejection = first_rejection(plane, motion, start..end, (pre, post, top), params);
    Some(Candidate {
        range: start..end,
        bottom: bottom_start..bottom_end,
        stance: start..start,
        lead_in: start..start,
        excursion: top,
        stance_lean,
        rejection,
    })
}

fn first_rejection(
    plane: &Plane<'_>,
    motion: &Motion<'_>,
    range: Range<usize>,
    (pre, post, top): (f64, f64, f64),
    params: &SegmentationParams,
) -> Option<Rejection> {
    let seconds = plane.seconds(range.len());
    let gap = plane.seconds(longest_true(&motion.stance.missing[range.clone()]));
    if gap > params.max_gap_s {
        return Some(Rejection::DataGap { seconds: gap });
    }
    let (from, to) = (range.start.saturating_sub(1), (range.end + 1).min(plane.len()));
    if motion.stance.stepping[from..to].iter().any(|&stepping| stepping) {
        return Some(Rejection::Stepping);
    }
    if top < params.on {
        return Some(Rejection::TooSmall { excursion_deg: top.to_degrees(), limit_deg: params.on.to_degrees() });
    }
    if seconds < params.min_s || seconds > params.max_s {
        return Some(Rejection::Duration { seconds });
    }
    // The stance after may differ by sway, but the movement must come most of the way back.
    let unreturned = (post - pre).abs() / (top - pre.min(post)).max(1e-9);
    (unreturned > 0.6).then_some(Rejection::NoReturn { share: unreturned })
}

/// Length of the stance that changes are measured from, s.
const ANCHOR_S: f64 = 0.25;
/// Between the first instant of a movement and its 5 % point lies this share of the time from 5 to 95 %: 0.189 / 0.622 for the
/// smoothest way from rest to rest \[FlashHogan1985\].
const ONSET_SHARE: f64 = 0.304;

/// Finds the stance before each movement: before its first instant, not before its 5 % point, which lies a few per cent into it.
/// Where the pause is too short for that, in the middle of the pause.
fn anchor(candidates: &mut [Candidate], rate: SampleRate) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a quarter of a second of points")]
    let length = (ANCHOR_S * rate.hertz()).round() as usize;
    let (mut ended, mut settled) = (0, 0);
    for candidate in candidates {
        let (onset, whole) = (candidate.range.start, candidate.whole());
        let first = whole.start.max(ended);
        let end = if first >= settled + length { first } else { usize::midpoint(first, settled) + length / 2 };
        let end = end.clamp((ended + 1).min(onset.max(1)), onset.max(1));
        let stance = end.saturating_sub(length).max(ended).min(end - 1);
        candidate.stance = stance..end;
        candidate.lead_in = stance.saturating_sub(length.max(onset.saturating_sub(end))).max(ended).min(stance)..end;
        ended = candidate.range.end;
        settled = whole.end;
    }
}

/// How long before its 5 % point a movement begins that takes `points` from there to 95 %.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn onset_lead(points: usize) -> usize {
    (ONSET_SHARE * points as f64).round() as usize
}

fn longest_true(flags: &[bool]) -> usize {
    flags.split(|&flag| !flag).map(<[bool]>::len).max().unwrap_or(0)
}

fn mark_calibration(candidates: &mut [Candidate], calibrations: &[Range<usize>]) {
    for candidate in candidates.iter_mut().filter(|c| c.rejection.is_none()) {
        if calibrations.iter().any(|made| overlap(made, &candidate.range)) {
            candidate.rejection = Some(Rejection::OutsideSet);
        }
    }
}

/// Least lean that tells one leg from two, rad: bringing the pelvis over one foot leans the shank by 4-8 degrees.
const ONE_LEG_LEAN: f64 = 3.0 * std::f64::consts::PI / 180.0;

/// On one leg the shank leans towards the supporting side, against the two-leg posture. Where that shows, movements made on
/// two legs (bending down before or after the set, calibration) are outside the set.
fn mark_two_leg_stance(candidates: &mut [Candidate], motion: &Motion<'_>) {
    if !motion.single_leg || motion.side.is_none() {
        return;
    }
    // The reference posture (lean zero) may itself be on one leg or on two, so it is one of the levels.
    let mut leans: Vec<f64> = candidates.iter().filter(|c| c.rejection.is_none()).map(|c| c.stance_lean).collect();
    leans.push(0.0);
    let clear = |sign: f64| {
        let beyond: Vec<f64> = leans.iter().copied().filter(|lean| lean * sign > ONE_LEG_LEAN).collect();
        median(&beyond).unwrap_or(0.0)
    };
    let (two_legs, one_leg) = (clear(-1.0), clear(1.0));
    if one_leg - two_legs < ONE_LEG_LEAN {
        return;
    }
    let limit = two_legs + 0.45 * (one_leg - two_legs);
    for candidate in candidates.iter_mut().filter(|c| c.rejection.is_none() && c.stance_lean < limit) {
        candidate.rejection = Some(Rejection::OutsideSet);
    }
}

/// Movements that all lean the shank the other way before its front is believed to be.
const TURNED_LEAST: usize = 2;

/// Whether the shank's front was taken for its back: whoever stands on one leg leans outward, and here every movement, those of a
/// guided calibration left out, was made leaning inward.
pub fn is_turned(candidates: &[Candidate], motion: &Motion<'_>) -> bool {
    let calibrating = |c: &Candidate| motion.calibrations.iter().any(|made| overlap(made, &c.range));
    let planted = |c: &&Candidate| matches!(c.rejection, None | Some(Rejection::OutsideSet)) && !calibrating(c);
    let inward = |c: &&Candidate| c.rejection.is_some() && c.stance_lean < -ONE_LEG_LEAN;
    let all = candidates.iter().filter(planted).count();
    all >= TURNED_LEAST && candidates.iter().filter(planted).filter(inward).count() == all
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Fewer movements than this say nothing about the usual pace.
const PACED: usize = 3;

/// What takes about a second is a touch-down of the free foot, unless this person's repetitions all take about a second.
fn mark_brief(candidates: &mut [Candidate], rate: SampleRate, params: &SegmentationParams) {
    let seconds = |c: &Candidate| c.range.len() as f64 * rate.period_seconds();
    let mut lengths: Vec<f64> = candidates.iter().filter(|c| c.rejection.is_none()).map(seconds).collect();
    lengths.sort_by(f64::total_cmp);
    // The longer half: touch-downs between repetitions must not pull down what is usual.
    let usual = median(&lengths[lengths.len() / 2..]).filter(|_| lengths.len() >= PACED);
    let limit = usual.map_or(params.unhurried_s, |usual| params.unhurried_s.min(params.brief_share * usual));
    for candidate in candidates.iter_mut().filter(|c| c.rejection.is_none() && seconds(c) < limit) {
        candidate.rejection = Some(Rejection::Duration { seconds: seconds(candidate) });
    }
}

/// Smaller than usual is what is below this share of the set's median excursion.
const SMALLER: f64 = 0.85;

/// An attempt that was both smaller and much shorter than the set's usual repetition was broken off: people who turn back
/// early also come back early, while a small repetition takes nearly its usual time (on the bench 0.66 of it and more).
fn mark_aborted(candidates: &mut [Candidate], params: &SegmentationParams) {
    let counted: Vec<&Candidate> = candidates.iter().filter(|c| c.rejection.is_none()).collect();
    if counted.len() < 3 {
        return;
    }
    let size = median(&counted.iter().map(|c| c.excursion).collect::<Vec<_>>()).unwrap_or(0.0);
    let length = median(&counted.iter().map(|c| c.range.len() as f64).collect::<Vec<_>>()).unwrap_or(0.0);
    for candidate in candidates.iter_mut().filter(|c| c.rejection.is_none()) {
        let (share, time) = (candidate.excursion / size, candidate.range.len() as f64 / length);
        let early = share < SMALLER && time < params.aborted_early;
        let faint = share.max(time) < params.aborted_share && share * time < params.aborted_both;
        if early || faint {
            candidate.rejection = Some(Rejection::Aborted { share });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaning(degrees: f64, rejection: Option<Rejection>) -> Candidate {
        Candidate {
            range: 10..20,
            bottom: 14..16,
            stance: 5..10,
            lead_in: 0..10,
            excursion: 0.3,
            stance_lean: degrees.to_radians(),
            rejection,
        }
    }

    #[test]
    fn a_shank_is_turned_when_everybody_leans_inward_on_one_leg() {
        let stance = Stance { activity: vec![], stepping: vec![], missing: vec![], quiet: vec![], reference: 0..0 };
        let motion = |calibrations: Vec<Range<usize>>| Motion {
            rate: SampleRate::from_hertz(100.0).expect("positive"),
            pelvis: &[],
            shank: &[],
            shank_left_lean: &[],
            lift: &[],
            side: Some(Side::Left),
            stance: &stance,
            single_leg: true,
            calibrations,
        };
        let turned = |leans: &[f64], calibrations: Vec<Range<usize>>| {
            let outside = |lean: &f64| leaning(*lean, (*lean < 0.0).then_some(Rejection::OutsideSet));
            is_turned(&leans.iter().map(outside).collect::<Vec<_>>(), &motion(calibrations))
        };
        assert!(turned(&[-6.0, -5.0, -7.0], vec![]));
        // A repetition that was made leaning outward, too little to tell, or a calibration on two legs.
        assert!(!turned(&[-6.0, -5.0, 0.5], vec![]));
        assert!(!turned(&[-6.0], vec![]) && !turned(&[-2.0, -2.5], vec![]));
        assert!(!turned(&[-6.0, -5.0], Vec::from([0..100, 200..300])));
    }

    #[test]
    fn the_whole_movement_begins_before_its_first_five_percent() {
        let candidate = Candidate { range: 100..300, bottom: 200..250, ..leaning(0.0, None) };
        assert_eq!(candidate.whole(), 70..315);
    }
}

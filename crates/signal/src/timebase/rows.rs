//! Recorded samples to rows in order of time: stamps that fit nowhere and duplicates dropped, channels of different rates
//! merged.

use truehinge_core::{InertialSample, OrientationSample};

use super::{ClipLimits, ImuSample, MakerSample, SampleQuality, TimebaseReport, blend};
use crate::method::{StampRows, Timebase};

/// One sample with its time on the session's timeline, s.
pub(super) struct Row<S> {
    pub time: f64,
    /// `None` where the sensor sent something that is not a number.
    pub value: Option<S>,
    pub quality: SampleQuality,
}

/// Samples in order of time, of those that are the `same` only the first. `times` has one entry per sample, `None` where the clock model
/// has no place for it.
pub(super) fn ordered<'a, T>(
    times: &[Option<f64>],
    samples: &'a [T],
    report: &mut TimebaseReport,
    (same, method): (fn(&T, &T) -> bool, &StampRows),
) -> Vec<(f64, &'a T)> {
    let placed: Vec<(f64, &T)> = times.iter().zip(samples).filter_map(|(time, s)| time.map(|time| (time, s))).collect();
    let mut rows = without_strays(&placed, method);
    report.bad_stamps = samples.len() - rows.len();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let before = rows.len();
    rows.dedup_by(|later, earlier| same(later.1, earlier.1));
    report.duplicates = before - rows.len();
    report.samples = rows.len();
    rows
}

/// Drops stamps that leave the line of their neighbours and come back.
fn without_strays<'a, T>(placed: &[(f64, &'a T)], method: &StampRows) -> Vec<(f64, &'a T)> {
    let near = |a: f64, b: f64| (a - b).abs() <= method.stray_s;
    let mut kept: Vec<(f64, &T)> = Vec::with_capacity(placed.len());
    for (i, &(time, sample)) in placed.iter().enumerate() {
        let follows = kept.last().is_some_and(|last| near(last.0, time));
        // After a real gap the next samples stay with this one.
        let goes_on = || placed.iter().skip(i + 1).take(method.stray_reach_count).any(|next| near(next.0, time));
        if follows || goes_on() {
            kept.push((time, sample));
        }
    }
    kept
}

/// The same measurement transmitted twice.
pub(super) fn same_inertial(a: &InertialSample, b: &InertialSample) -> bool {
    // Bit patterns, so that NaN equals NaN.
    let bits = |s: &InertialSample| {
        [s.specific_force.to_array(), s.angular_rate.to_array()].map(|vector| vector.map(f64::to_bits))
    };
    a.device_time == b.device_time && bits(a) == bits(b)
}

/// The same orientation transmitted twice.
pub(super) fn same_orientation(a: &OrientationSample, b: &OrientationSample) -> bool {
    a.device_time == b.device_time && a.rotation == b.rotation
}

/// Orientations as rows.
pub(super) fn maker_rows(rows: &[(f64, &OrientationSample)]) -> Vec<Row<MakerSample>> {
    rows.iter()
        .map(|&(time, s)| {
            let finite = s.rotation.to_wxyz().iter().all(|c| c.is_finite());
            let value =
                MakerSample { rotation: s.rotation, free_acceleration: s.free_acceleration.filter(|a| a.is_finite()) };
            Row { time, value: finite.then_some(value), quality: SampleQuality::Measured }
        })
        .collect()
}

/// Inertial samples as rows, channels of different rates merged.
pub(super) fn imu_rows(
    rows: &[(f64, &InertialSample)],
    limits: &ClipLimits,
    method: &Timebase,
    report: &mut TimebaseReport,
) -> Vec<Row<ImuSample>> {
    let forces = rows.iter().filter(|(_, s)| s.specific_force.is_finite()).count();
    let rates = rows.iter().filter(|(_, s)| s.angular_rate.is_finite()).count();
    let (full, max_gap) = (method.rows.sparse_share * rows.len() as f64, method.bridged_gap_s);
    if forces.min(rates) as f64 >= full || forces.min(rates) == 0 {
        return rows.iter().map(|&(time, s)| plain(time, s, limits)).collect();
    }
    report.merged_rates = true;
    if rates >= forces { merge_forces(rows, limits, max_gap) } else { merge_rates(rows, limits, max_gap) }
}

fn plain(time: f64, s: &InertialSample, limits: &ClipLimits) -> Row<ImuSample> {
    let finite = s.specific_force.is_finite() && s.angular_rate.is_finite();
    let quality = if limits.clipped(s) { SampleQuality::Clipped } else { SampleQuality::Measured };
    let value = ImuSample { specific_force: s.specific_force, angular_rate: s.angular_rate };
    Row { time, value: finite.then_some(value), quality }
}

/// Rows of the gyroscope, with the slower accelerometer interpolated.
fn merge_forces(rows: &[(f64, &InertialSample)], limits: &ClipLimits, max_gap: f64) -> Vec<Row<ImuSample>> {
    let mut forces = rows.iter().filter(|(_, s)| s.specific_force.is_finite()).map(|&(t, s)| (t, s.specific_force));
    let mut bracket = Bracket::new(&mut forces, max_gap);
    rows.iter()
        .filter(|(_, s)| s.angular_rate.is_finite())
        .filter_map(|&(time, s)| {
            let (from, to, share) = bracket.around(time)?;
            let value = ImuSample { specific_force: blend(from, to, share), angular_rate: s.angular_rate };
            Some(merged(time, s, value, share, limits))
        })
        .collect()
}

/// Rows of the accelerometer, with the slower gyroscope interpolated.
fn merge_rates(rows: &[(f64, &InertialSample)], limits: &ClipLimits, max_gap: f64) -> Vec<Row<ImuSample>> {
    let mut rates = rows.iter().filter(|(_, s)| s.angular_rate.is_finite()).map(|&(t, s)| (t, s.angular_rate));
    let mut bracket = Bracket::new(&mut rates, max_gap);
    rows.iter()
        .filter(|(_, s)| s.specific_force.is_finite())
        .filter_map(|&(time, s)| {
            let (from, to, share) = bracket.around(time)?;
            let value = ImuSample { specific_force: s.specific_force, angular_rate: blend(from, to, share) };
            Some(merged(time, s, value, share, limits))
        })
        .collect()
}

fn merged(time: f64, s: &InertialSample, value: ImuSample, share: f64, limits: &ClipLimits) -> Row<ImuSample> {
    let quality = if limits.clipped(s) {
        SampleQuality::Clipped
    } else if share == 0.0 || share == 1.0 {
        SampleQuality::Measured
    } else {
        SampleQuality::Interpolated
    };
    Row { time, value: Some(value), quality }
}

/// Walks along a slower channel and finds the two samples around a time.
struct Bracket<'a, V> {
    rest: &'a mut dyn Iterator<Item = (f64, V)>,
    before: Option<(f64, V)>,
    after: Option<(f64, V)>,
    max_gap: f64,
}

impl<'a, V: Copy> Bracket<'a, V> {
    fn new(rest: &'a mut dyn Iterator<Item = (f64, V)>, max_gap: f64) -> Self {
        let after = rest.next();
        Self { rest, before: None, after, max_gap }
    }

    /// The samples before and after `time` (never decreasing between calls) and how far between them it lies; `None` outside
    /// the channel or in a gap too long to bridge.
    fn around(&mut self, time: f64) -> Option<(V, V, f64)> {
        while self.after.is_some_and(|(after, _)| after <= time) {
            self.before = self.after;
            self.after = self.rest.next();
        }
        let (from_time, from) = self.before?;
        if from_time == time {
            return Some((from, from, 0.0));
        }
        let (to_time, to) = self.after?;
        let gap = to_time - from_time;
        (gap <= self.max_gap).then(|| (from, to, (time - from_time) / gap))
    }
}

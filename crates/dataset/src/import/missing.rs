//! What stands in a file and is no measurement: values that do not change at all, zeros of a dropped link, packets that came
//! twice. A sensor at rest still has noise, so whoever repeats all six values has nothing to tell: such rows are left out and
//! are gaps, and the report says where.

use std::collections::BTreeMap;

use truehinge_core::{InertialSample, SequenceGap, Track, TrackSamples};

/// Values that do not change for longer are missing, s.
const LONGEST_REPEAT_S: f64 = 0.3;
/// And so many rows at least: a slow sensor may say the same twice.
const FEWEST_REPEATS: usize = 5;
/// With a larger share of repeats, rows were filled up by repeating.
const MANY_REPEATS: f64 = 0.2;
/// Longest packet that is looked for twice in a row, rows.
const LONGEST_PACKET: usize = 16;
/// One axis that does not change for longer, while the others of its kind move, is missing too, s.
const LONGEST_AXIS_S: f64 = 1.0;
/// What one of the others must move by, m/s² and rad/s.
const MOVES: [f64; 2] = [1.5, 0.3];

/// Leaves the rows that hold no measurement out of a track; says so in the warnings.
pub(crate) fn leave_out(track: &mut Track, warnings: &mut Vec<String>) {
    let TrackSamples::Inertial(samples) = &track.samples else { return };
    let role = track.role;
    let Some(first) = samples.first().map(|sample| sample.device_time) else { return };
    let at = |index: usize| (samples[index].device_time - first).seconds();
    let zeros = zeros(samples);
    let repeats = repeats(samples);
    let mut missing = vec![false; samples.len()];
    for &index in zeros.iter().chain(&repeats.rows) {
        missing[index] = true;
    }
    if !zeros.is_empty() {
        let from = at(zeros[0]);
        warnings
            .push(format!("{role}: {} rows hold nothing but zeros, the first at {from:.1} s: missing", zeros.len()));
    }
    warnings.extend(repeats.said(role.name(), at));
    for (column, from, to) in frozen_axes(samples) {
        missing[from..=to].fill(true);
        warnings.push(format!(
            "{role}: {} does not change for {:.1} s from {:.1} s on, while the sensor moves: missing there",
            axis_name(column),
            at(to) - at(from),
            at(from)
        ));
    }
    if missing.contains(&true) {
        remove(track, &missing);
    }
}

fn values(sample: &InertialSample) -> [f64; 6] {
    let ([ax, ay, az], [gx, gy, gz]) = (sample.specific_force.to_array(), sample.angular_rate.to_array());
    [ax, ay, az, gx, gy, gz]
}

/// The accelerometer of a sensor that is worn never reads nothing at all.
fn zeros(samples: &[InertialSample]) -> Vec<usize> {
    let is_zero = |sample: &InertialSample| {
        let [ax, ay, az, rate @ ..] = values(sample);
        [ax, ay, az].iter().all(|value| *value == 0.0) && rate.iter().all(|value| *value == 0.0 || value.is_nan())
    };
    (0..samples.len()).filter(|&index| is_zero(&samples[index])).collect()
}

/// Rows that repeat earlier ones.
#[derive(Default)]
struct Repeats {
    rows: Vec<usize>,
    /// Stretches that stand still: the row that is repeated, and the last repeat.
    still: Vec<(usize, usize)>,
    /// Rows of packets that came twice.
    packets: usize,
    /// Rows of a recording that was filled up by repeating.
    filled: usize,
}

fn repeats(samples: &[InertialSample]) -> Repeats {
    let mut repeats = Repeats::default();
    let same = repeating(samples);
    let many = same.iter().filter(|same| **same).count() as f64 > MANY_REPEATS * samples.len() as f64;
    let mut start = 0;
    for index in 1..=samples.len() {
        if same.get(index).copied().unwrap_or(false) {
            continue;
        }
        let last = index - 1;
        let seconds = (samples[last].device_time - samples[start].device_time).seconds();
        if last - start >= FEWEST_REPEATS && seconds > LONGEST_REPEAT_S {
            repeats.still.push((start, last));
            repeats.rows.extend(start + 1..=last);
        } else if many {
            repeats.filled += last - start;
            repeats.rows.extend(start + 1..=last);
        }
        start = index;
    }
    let packets = packets(samples, &same);
    repeats.packets = packets.len();
    repeats.rows.extend(packets);
    repeats
}

/// Whether a row says what was said before, in whatever channels it has.
fn repeating(samples: &[InertialSample]) -> Vec<bool> {
    let mut last = [f64::NAN; 6];
    let same = |sample: &InertialSample| {
        let now = values(sample);
        let said = now.iter().any(|value| value.is_finite());
        let same = said && now.iter().zip(&last).all(|(now, last)| now.is_nan() || now == last);
        for (last, now) in last.iter_mut().zip(now) {
            *last = if now.is_nan() { *last } else { now };
        }
        same
    };
    samples.iter().map(same).collect()
}

/// Rows of packets that follow themselves: as many rows as a packet has, equal to those before.
fn packets(samples: &[InertialSample], same: &[bool]) -> Vec<usize> {
    let all: Vec<[u64; 6]> = samples.iter().map(|sample| values(sample).map(f64::to_bits)).collect();
    let mut rows = Vec::new();
    for length in 2..=LONGEST_PACKET {
        let mut run = 0;
        for index in length..all.len() {
            let says_nothing = values(&samples[index]).iter().all(|value| value.is_nan());
            run = if all[index] == all[index - length] && !says_nothing { run + 1 } else { 0 };
            // Within a standstill everything repeats.
            if run == length && !same[index + 1 - length..=index].contains(&true) {
                rows.extend(index + 1 - length..=index);
                run = 0;
            }
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

impl Repeats {
    fn said(&self, role: &str, at: impl Fn(usize) -> f64) -> Vec<String> {
        let mut said = Vec::new();
        let seconds = |stretch: &(usize, usize)| at(stretch.1) - at(stretch.0);
        let longest = self.still.iter().max_by(|a, b| seconds(a).total_cmp(&seconds(b)));
        if let Some(longest) = longest {
            let others = match self.still.len() {
                1 => String::new(),
                count => format!(", and in {} other places", count - 1),
            };
            said.push(format!(
                "{role}: the same values for {:.1} s from {:.1} s on{others}: missing, not still",
                seconds(longest),
                at(longest.0)
            ));
        }
        if self.packets > 0 {
            said.push(format!("{role}: {} rows of packets came twice: the second time is left out", self.packets));
        }
        if self.filled > 0 {
            said.push(format!("{role}: {} rows repeat the row before: filled up, not measured: left out", self.filled));
        }
        said
    }
}

/// Stretches in which one axis stands still while the other two of its kind move: column, first and last row.
fn frozen_axes(samples: &[InertialSample]) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for column in 0..6 {
        let mut start = 0;
        for index in 1..=samples.len() {
            if index < samples.len() && values(&samples[index])[column] == values(&samples[start])[column] {
                continue;
            }
            let last = index - 1;
            let long = (samples[last].device_time - samples[start].device_time).seconds() > LONGEST_AXIS_S;
            // From beginning to end it is a column without a sensor, which is another complaint.
            if long && last - start + 1 < samples.len() && others_move(&samples[start..=last], column) {
                found.push((column, start, last));
            }
            start = index;
        }
    }
    found
}

/// Whether the other two axes of the kind change all the time, one of them by much.
fn others_move(samples: &[InertialSample], column: usize) -> bool {
    let kind = column / 3;
    let others: Vec<usize> = (3 * kind..3 * kind + 3).filter(|other| *other != column).collect();
    let changes = |other: &usize| {
        let changes = samples.windows(2).filter(|pair| values(&pair[0])[*other] != values(&pair[1])[*other]).count();
        2 * changes > samples.len()
    };
    let range = |other: &usize| {
        let all = || samples.iter().map(|sample| values(sample)[*other]);
        all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min)
    };
    others.iter().all(changes) && others.iter().any(|other| range(other) > MOVES[kind])
}

/// `the gyroscope's y`.
fn axis_name(column: usize) -> String {
    let kind = if column < 3 { "accelerometer" } else { "gyroscope" };
    format!("the {kind}'s {}", ["x", "y", "z"][column % 3])
}

/// Axes that say one value from beginning to end, while the others of their kind do not.
pub(crate) fn dead_axes(samples: &[InertialSample]) -> Vec<String> {
    let constant = |column: usize| {
        let mut seen = samples.iter().map(|sample| values(sample)[column]).filter(|value| value.is_finite());
        seen.next().is_some_and(|first| seen.all(|value| value == first))
    };
    let constant: Vec<bool> = (0..6).map(constant).collect();
    let dead = |column: &usize| constant[*column] && !constant[column / 3 * 3..column / 3 * 3 + 3].iter().all(|c| *c);
    (0..6).filter(dead).map(axis_name).collect()
}

/// Takes rows out; what is left knows where they were.
fn remove(track: &mut Track, missing: &[bool]) {
    let TrackSamples::Inertial(samples) = &mut track.samples else { return };
    let mut lost: BTreeMap<usize, u64> = BTreeMap::new();
    let mut kept_before = Vec::with_capacity(missing.len());
    let mut kept = 0;
    for &missing in missing {
        kept_before.push(kept);
        if missing {
            *lost.entry(kept).or_default() += 1;
        } else {
            kept += 1;
        }
    }
    for gap in &track.sequence_gaps {
        let index = kept_before.get(gap.before_sample).copied().unwrap_or(kept);
        *lost.entry(index).or_default() += gap.lost;
    }
    let mut rows = missing.iter();
    samples.retain(|_| !rows.next().copied().unwrap_or(false));
    // After the last sample and before the first there is no gap: the track is shorter.
    let inside = |(before_sample, lost): (usize, u64)| {
        (before_sample > 0 && before_sample < kept).then_some(SequenceGap { before_sample, lost })
    };
    track.sequence_gaps = lost.into_iter().filter_map(inside).collect();
}

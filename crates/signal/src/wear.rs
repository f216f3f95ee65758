//! How the sensors are worn, as far as the data tell: exchanged, slipped, loose, put on the other way round.
//!
//! In: poses of a block, and the analysed sets. Out: issues that name the sensor, when, and what to do. The same for a recording
//! and for a session that runs. Any way of wearing a sensor is measured (it is aligned anew in every block), so that one that is upside
//! down costs nothing; what is told is that it is not as before.

use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use truehinge_core::{Angle, QualityGrade, QualityIssue, SensorRole, SetAnalysis, Span};

use crate::filter::moving_rms;
use crate::grid::PoseGrid;
use crate::slip::Slip;

const SWAPPED: &str = "sensors_swapped";
const SLIPPED: &str = "slipped";
const LOOSE: &str = "loose";
const TURNED: &str = "turned";

/// Whether an issue is one of wearing: those are told while a session runs.
pub fn is_about_wearing(issue: &QualityIssue) -> bool {
    [SWAPPED, SLIPPED, LOOSE, TURNED].contains(&issue.code)
}

/// A walking pelvis turns at least so fast, rad/s, over so long, s: one sensor in the hand beside another that rests is no step.
const WALKS: f64 = 10.0 * std::f64::consts::PI / 180.0;
const STRIDE_S: f64 = 1.0;
/// A shin that swings turns at least so fast, rad/s; a pelvis bows more slowly.
const SWINGS: f64 = 180.0 * std::f64::consts::PI / 180.0;

/// Whether the sensor called hip moves like a shin and the other like a hip: in walking the shin swings several times faster
/// than the pelvis turns. Says nothing about recordings without a step.
pub fn looks_swapped(grid: &PoseGrid) -> bool {
    let (Some(hip), Some(shank)) = (grid.track(SensorRole::Hip), grid.track(SensorRole::Shank)) else { return false };
    let rates = [hip, shank].map(|track| track.angular_rate.iter().map(|rate| rate.norm()).collect::<Vec<f64>>());
    let lately = rates.each_ref().map(|rates| moving_rms(rates, grid.points(STRIDE_S)));
    let walking = |i: &usize| lately.iter().all(|rms| rms[*i] > WALKS) && hip.valid[*i] && shank.valid[*i];
    let walking: Vec<usize> = (0..grid.len()).filter(walking).collect();
    let fastest = |rates: &[f64]| {
        let mut rates: Vec<f64> = walking.iter().map(|&i| rates[i]).collect();
        rates.sort_by(f64::total_cmp);
        // The fastest tenth of a second may be a knock against the sensor.
        rates.len().checked_sub(1 + grid.points(0.1)).map(|index| rates[index])
    };
    match rates.each_ref().map(|rates| fastest(rates)) {
        [Some(hip), Some(shank)] => hip > SWINGS && shank < 0.6 * hip,
        _ => false,
    }
}

/// The issue of sensors that look swapped in a block.
pub fn swapped(block: Span) -> QualityIssue {
    let message = "in walking the hip sensor swings like a shin and the shank sensor like a hip: they are probably swapped; \
                   exchange their roles with --role";
    let (grade, message) = (QualityGrade::Poor, message.to_owned());
    QualityIssue { grade, role: None, code: SWAPPED, span: Some(block), message }
}

/// The issue of a slip between these times.
pub fn slipped(between: Span, slip: Slip) -> QualityIssue {
    let message = format!(
        "it turned by {:.0} degrees on the skin between {:.1} and {:.1} s: movements in between were not judged, what follows \
         was aligned anew; fasten it",
        slip.turn.degrees(),
        between.start.seconds(),
        between.end.seconds()
    );
    QualityIssue { grade: QualityGrade::Fair, role: Some(slip.role), code: SLIPPED, span: Some(between), message }
}

/// What the sets show: loose straps, and sensors that were put on another way than for the set before.
pub fn of_sets(sets: &[SetAnalysis], slips: &[QualityIssue]) -> Vec<QualityIssue> {
    let mut issues = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        issues.extend(loose(set));
        if let Some(before) = sets[..index].iter().rfind(|before| before.side == set.side) {
            issues.extend(turned(before, set, slips));
        }
    }
    issues
}

fn loose(set: &SetAnalysis) -> impl Iterator<Item = QualityIssue> {
    let loose = set.alignment.iter().filter_map(|sensor| Some((sensor.role, sensor.settling.filter(|s| s.loose)?)));
    loose.map(|(role, settling)| {
        let message = format!(
            "set {}: it did not come back to its place after {} of {} repetitions (by {:.0} degrees at most), its strap is \
             probably loose: no verdict is given in this set; fasten it and repeat the set",
            set.number,
            settling.unsettled,
            set.reps.len(),
            settling.most.degrees()
        );
        QualityIssue { grade: QualityGrade::Fair, role: Some(role), code: LOOSE, span: Some(set.span), message }
    })
}

/// Turn of a sensor against gravity that no posture explains, degrees: sitting down turns a pelvis by up to 40.
const OTHER_WAY_DEG: f64 = 60.0;

fn turned(before: &SetAnalysis, set: &SetAnalysis, slips: &[QualityIssue]) -> Vec<QualityIssue> {
    let between = Span::new(before.span.start, set.span.end);
    let of = |sensor: &truehinge_core::AlignmentReport| {
        let role = sensor.role;
        let was = before.alignment.iter().find(|other| other.role == role)?;
        let turn = Angle::from_radians(up(was.sensor_to_segment).angle(&up(sensor.sensor_to_segment)));
        let slid = slips.iter().any(|slip| slip.role == Some(role) && slip.span.is_some_and(|at| at.overlaps(between)));
        if turn.degrees() < OTHER_WAY_DEG || slid {
            return None;
        }
        let message = format!(
            "set {}: it is worn another way than in set {} (turned by {:.0} degrees): it was aligned anew, which the calibration \
             movements make better",
            set.number,
            before.number,
            turn.degrees()
        );
        Some(QualityIssue { grade: QualityGrade::Fair, role: Some(role), code: TURNED, span: Some(set.span), message })
    };
    set.alignment.iter().filter_map(of).collect()
}

/// The vertical of the stance in the sensor's axes, from its alignment.
fn up([w, x, y, z]: [f64; 4]) -> Vector3<f64> {
    UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z)).inverse() * Vector3::y()
}

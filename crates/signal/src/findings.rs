//! What a reader must know about the data, as findings: sensors, clocks, axes, and how the sensors are worn.

use nalgebra::Vector3;
use truehinge_core::{
    AlignmentReport, Angle, ClockKind, Pelvis, Protocol, QualityGrade, QualityIssue, QualityLimits, Segment,
    SensorRole, SetAnalysis, Shank, Span, Thigh, Track, Trunk,
};

use crate::clock;
use crate::inertial::InertialReport;
use crate::method::{Method, Quality, Wear};
use crate::session::Prepared;
use crate::watch::slip::Slip;

const SWAPPED: &str = "sensors_swapped";
const SLIPPED: &str = "slipped";
const LOOSE: &str = "loose";
const TURNED: &str = "turned";

/// Whether an issue is one of wearing: those are told while a session runs.
pub fn is_about_wearing(issue: &QualityIssue) -> bool {
    [SWAPPED, SLIPPED, LOOSE, TURNED].contains(&issue.code)
}

/// A clock that is said to be shared and that the arrivals contradict.
pub(crate) fn not_shared(track: &Track, model: &clock::ClockModel) -> Option<QualityIssue> {
    let contradicted = track.clock == ClockKind::Shared && model.report().basis == clock::ClockBasis::Arrivals;
    let message = "the sensors set their clocks to one another's before the recording, but the arrivals say otherwise: each clock \
                   was fitted on its own; switch the sensors off and on before the next --device-sync";
    contradicted.then(|| QualityIssue {
        grade: QualityGrade::Fair,
        role: Some(track.role),
        code: "clock_not_shared",
        span: None,
        message: message.to_owned(),
    })
}

/// The limits within which data need no remark.
pub(crate) fn limits(method: &Method) -> QualityLimits {
    let limits = &method.watch.quality;
    QualityLimits {
        loss: limits.loss_share,
        longest_gap_s: method.timebase.bridged_gap_s,
        clock_sigma_ms: limits.clock_sigma_ms,
        axis_sigma_deg: limits.axis_sigma_deg,
    }
}

/// Findings about sensors and sets.
pub(crate) fn issues(
    prepared: &[Prepared],
    sets: &[SetAnalysis],
    protocol: &Protocol,
    method: &Quality,
) -> Vec<QualityIssue> {
    let mut issues = Vec::new();
    for sensor in prepared {
        sensor_issues(sensor, method, &mut issues);
    }
    let mut add = |grade, role, code, message| issues.push(QualityIssue { grade, role, code, span: None, message });
    for set in sets {
        for alignment in &set.alignment {
            let sigma = alignment.axis_sigma.degrees();
            if sigma > method.axis_sigma_deg {
                let message = format!(
                    "set {}: the sensor's front is known to {sigma:.0} degrees only: do two small knee bends and two bows \
                     before the set, or name where the sensor sits",
                    set.number
                );
                add(QualityGrade::Fair, Some(alignment.role), "axis_uncertain", message);
            }
        }
        if set.side.is_none() && protocol.is_single_leg() {
            let message =
                format!("set {}: the supporting leg is not known: pelvic drop is not judged, give --side", set.number);
            add(QualityGrade::Fair, None, "side_unknown", message);
        }
    }
    if sets.iter().all(|set| set.reps.is_empty()) {
        add(
            QualityGrade::Fair,
            None,
            "no_repetitions",
            "no repetition was found: see the rejected movements".to_owned(),
        );
    }
    issues
}

fn sensor_issues(sensor: &Prepared, limits: &Quality, issues: &mut Vec<QualityIssue>) {
    let role = sensor.quality.role;
    let mut add =
        |grade, code, message| issues.push(QualityIssue { grade, role: Some(role), code, span: None, message });
    let quality = &sensor.quality;
    if quality.loss() > limits.loss_share {
        let message = format!(
            "{} of {} samples are missing ({:.0} %), the longest gap is {:.2} s: move closer to the receiver",
            quality.lost,
            quality.lost + quality.samples as u64,
            100.0 * quality.loss(),
            quality.longest_gap_s
        );
        let grade = if quality.loss() > limits.poor_loss_share { QualityGrade::Poor } else { QualityGrade::Fair };
        add(grade, "loss", message);
    }
    match quality.clock_sigma_ms {
        Some(sigma) if sigma > limits.clock_sigma_ms => add(
            QualityGrade::Fair,
            "clock",
            format!("its timeline is known to {sigma:.0} ms only: timing between the sensors is poor"),
        ),
        Some(_) => {}
        None => add(
            QualityGrade::Fair,
            "clock_assumed",
            "no arrival times: that the sensors started together is an assumption".to_owned(),
        ),
    }
    if quality.clipped > 0 {
        add(QualityGrade::Fair, "clipped", format!("{} samples are at the end of the range", quality.clipped));
    }
    if quality.not_finite > 0 {
        add(QualityGrade::Fair, "not_finite", format!("{} samples are not numbers", quality.not_finite));
    }
    if sensor.report.resampled {
        add(QualityGrade::Fair, "uneven", "it sampled unevenly: interpolated onto its mean rate".to_owned());
    }
    if sensor.oriented.derived {
        let message = "the file holds the maker's orientations only: hip travel is less certain".to_owned();
        add(QualityGrade::Fair, "orientation_only", message);
    }
    if let Some((grade, code, message)) = sensor.inertial.as_ref().and_then(InertialReport::issue) {
        add(grade, code, message);
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
pub fn of_sets(sets: &[SetAnalysis], slips: &[QualityIssue], method: &Wear) -> Vec<QualityIssue> {
    let mut issues = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        issues.extend(loose(set));
        if let Some(before) = sets[..index].iter().rfind(|before| before.side == set.side) {
            issues.extend(turned(before, set, slips, Angle::from_degrees(method.turned_deg)));
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

/// The sensors that turned by at least `limit` from one set to another, on the skin or on the strap.
fn turned(before: &SetAnalysis, set: &SetAnalysis, slips: &[QualityIssue], limit: Angle) -> Vec<QualityIssue> {
    let between = Span::new(before.span.start, set.span.end);
    let of = |sensor: &AlignmentReport| {
        let role = sensor.role;
        let was = before.alignment.iter().find(|other| other.role == role)?;
        let turn = Angle::from_radians(up(was)?.angle(&up(sensor)?));
        let slid = slips.iter().any(|slip| slip.role == Some(role) && slip.span.is_some_and(|at| at.overlaps(between)));
        if turn < limit || slid {
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
fn up(sensor: &AlignmentReport) -> Option<Vector3<f64>> {
    fn proximal<S: Segment>(sensor: &AlignmentReport) -> Option<Vector3<f64>> {
        sensor.rotation::<S>().map(|rotation| rotation.quaternion().inverse() * Vector3::y())
    }
    match sensor.role {
        SensorRole::Hip => proximal::<Pelvis>(sensor),
        SensorRole::Shank => proximal::<Shank>(sensor),
        SensorRole::Thigh => proximal::<Thigh>(sensor),
        SensorRole::Trunk => proximal::<Trunk>(sensor),
    }
}

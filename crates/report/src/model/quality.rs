//! How good the data are: what a reader of the numbers must know, and what a maker of them wants to see.

use serde::Serialize;
use truehinge_core::quantity::PlaneAngle;
use truehinge_core::{
    AlignmentMethod, FindingKind, Length, Limits, Metric, QualityGrade, Scalar, SensorQuality, SensorRole,
    SessionAnalysis,
};

use super::Say;
use super::labels::letter;

/// All of it, of the sessions that are shown.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Quality {
    /// The grade in a sentence, and on the first page too what of the body nobody measured: every length rests on that.
    pub sentence: String,
    /// Session, sensor, model, rate, loss, longest gap, clock, gravity.
    pub sensors: Vec<[String; 8]>,
    /// How well the sensors' clocks are known against each other; empty where that is an assumption.
    pub clocks: String,
    /// Set, sensor, how its front is known, how well.
    pub alignment: Vec<[String; 4]>,
    /// What a reader must know about the data: session, grade, remark.
    pub findings: Vec<[String; 3]>,
    /// Limits of the verdict: quantity, good, fault.
    pub limits: Vec<[String; 3]>,
    /// Session, and what its numbers were made by: version, protocol, configuration, input.
    pub provenance: Vec<[String; 2]>,
}

pub fn quality(sessions: &[SessionAnalysis], say: Say) -> Quality {
    let Some(latest) = sessions.last() else { return Quality::default() };
    let of = sessions.len();
    let each = || sessions.iter().enumerate().map(move |(index, session)| (letter(index, of), session));
    let findings = each().flat_map(|(name, session)| {
        let row = move |f: &truehinge_core::Finding| {
            [name.clone(), say.label(&format!("grade-{}", f.grade().name())), say.language.remark(f)]
        };
        session.findings.iter().map(row).collect::<Vec<_>>()
    });
    Quality {
        sentence: sentence(sessions, say),
        sensors: each().flat_map(|(name, session)| sensors(&name, session, say)).collect(),
        clocks: clocks(latest, say),
        alignment: each().flat_map(|(name, session)| alignment(&name, session, say)).collect(),
        findings: findings.collect(),
        limits: limits(latest, say),
        provenance: each().map(|(name, session)| [name, provenance(session)]).collect(),
    }
}

fn sentence(sessions: &[SessionAnalysis], say: Say) -> String {
    let grade = sessions.iter().map(SessionAnalysis::grade).max().unwrap_or(QualityGrade::Good);
    let remarks = sessions.iter().map(|session| session.findings.len() as u64).sum();
    let args = say.args().text("grade", grade.name()).count("remarks", remarks);
    let unmeasured = sessions.iter().flat_map(|session| &session.findings).find_map(|finding| match finding.kind {
        FindingKind::BodyUnmeasured { stature_known: true, .. } => Some("shank-from-height"),
        FindingKind::BodyUnmeasured { shank_length_known: true, .. } => Some("height-average"),
        FindingKind::BodyUnmeasured { .. } => Some("body-average"),
        _ => None,
    });
    let grade = say.say("quality", &args);
    unmeasured.map_or(grade.clone(), |key| format!("{grade} {}", say.label(key)))
}

fn sensors(name: &str, session: &SessionAnalysis, say: Say) -> Vec<[String; 8]> {
    let row = |sensor: &SensorQuality| {
        let gravity = sensor.gravity.map_or_else(|| say.label("no-rest"), |g| say.rounded(g, 2) + " m/s²");
        let corrected = say.label("corrected");
        [
            name.to_owned(),
            say.sensor(sensor.role),
            sensor.model.clone(),
            say.rounded(sensor.rate_hz, 1) + " Hz",
            say.rounded(100.0 * sensor.loss(), 1) + " %",
            say.rounded(sensor.longest_gap_s, 2) + " s",
            clock(sensor, say),
            if sensor.accelerometer_corrected { format!("{gravity}, {corrected}") } else { gravity },
        ]
    };
    session.sensors.iter().map(row).collect()
}

/// How well a sensor's clock is known, and how late its packets came.
fn clock(sensor: &SensorQuality, say: Say) -> String {
    let known =
        sensor.clock_sigma_ms.map_or_else(|| say.label("assumed"), |sigma| format!("±{} ms", say.rounded(sigma, 1)));
    let late = sensor
        .clock_delay_p95_ms
        .map_or_else(String::new, |delay| format!(", {}", say.say("delay", &say.args().number("delay", delay, 0))));
    known + &late
}

/// How well the two clocks that matter are known against each other.
fn clocks(session: &SessionAnalysis, say: Say) -> String {
    let known = |sigma: f64| say.say("clocks", &say.args().number("sigma", sigma, 1));
    session.clock_pair_sigma_ms().map_or_else(String::new, known)
}

fn alignment(name: &str, session: &SessionAnalysis, say: Say) -> Vec<[String; 4]> {
    let mut rows: Vec<([String; 3], Vec<String>)> = Vec::new();
    for (set, alignment) in session.sets.iter().flat_map(|set| set.alignment.iter().map(move |a| (set, a))) {
        let method = say.label(match alignment.method {
            AlignmentMethod::Functional => "aligned-movements",
            AlignmentMethod::FunctionalAndMount => "aligned-both",
            AlignmentMethod::Mount => "aligned-mount",
            AlignmentMethod::Weak => "aligned-guess",
        });
        let sensor = say.label(&format!("sensor-{}", alignment.role.name()));
        let alike = [sensor, method, format!("±{}°", say.rounded(alignment.axis_sigma.degrees(), 0))];
        // Many sets with the same belt are one line.
        match rows.iter_mut().find(|(row, _)| *row == alike) {
            Some((_, sets)) => sets.push(set.number.to_string()),
            None => rows.push((alike, vec![set.number.to_string()])),
        }
    }
    let line = |([sensor, method, sigma], sets): ([String; 3], Vec<String>)| {
        [format!("{name}{}", sets.join(", ")), sensor, method, sigma]
    };
    rows.into_iter().map(line).collect()
}

fn limits(session: &SessionAnalysis, say: Say) -> Vec<[String; 3]> {
    let c = &session.provenance.protocol.criteria;
    let length = |l: Length| say.with_unit(l.millimetres(), Metric::KneeForward);
    let degrees = |a: truehinge_core::Angle| say.rounded(a.degrees(), 0) + "°";
    let words = |key: &str, value: String| say.say(key, &say.args().text("value", value));
    let at_most =
        |metric: Metric, good: String, fault: String| [say.metric(metric), words("up-to", good), words("over", fault)];
    let angle = |metric, limit: &Limits<PlaneAngle>| at_most(metric, degrees(limit.good), degrees(limit.fault));
    let trunk = session.sensors.iter().any(|sensor| sensor.role == SensorRole::Trunk);
    let knock = |limit: Scalar<_>| say.rounded(limit.si(), 0) + " m/s²";
    let dash = || "-".to_owned();
    let mut rows = vec![
        at_most(Metric::KneeForward, length(c.knee_forward.good), length(c.knee_forward.fault)),
        [say.metric(Metric::HipBack), words("from", length(c.hip_back.good)), words("under", length(c.hip_back.fault))],
        angle(Metric::KneeFlexion, &c.knee_flexion),
        angle(Metric::PelvisDrop, &c.pelvis_drop),
        angle(Metric::PelvisRotation, &c.pelvis_rotation),
        angle(Metric::ShankSway, &c.shank_sway),
        at_most(Metric::FootKnock, knock(c.foot_knock.good), knock(c.foot_knock.fault)),
    ];
    if trunk {
        rows.push(angle(Metric::SpineFlexion, &c.spine_flexion));
    }
    rows.push([say.label("lowering-time"), dash(), words("under", say.rounded(c.min_descent_s, 1) + " s")]);
    rows.push([say.label("certainty-from"), say.rounded(100.0 * c.confidence, 0) + " %", dash()]);
    rows
}

fn provenance(session: &SessionAnalysis) -> String {
    let p = &session.provenance;
    format!(
        "truehinge {} · {} · configuration {} · input {}",
        p.version, p.protocol.name, p.config_sha256, p.input_sha256
    )
}

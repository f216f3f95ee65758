//! Analyses with plausible numbers from a formula: no recording, no randomness.

use std::collections::BTreeMap;

use truehinge_core::{
    AlignmentMethod, AlignmentReport, Angle, Anthropometry, AthleteId, Budget, Cause, Criterion, Curve, ErrorSource,
    Evidence, Finding, FindingKind, Flag, Judgement, Length, Measured, Metric, Phases, Protocol, Provenance,
    QualityLimits, RejectedCandidate, Rejection, Rep, RepMetrics, Scalar, SensorQuality, SensorRole, SessionAnalysis,
    SessionId, SessionInfo, SessionTime, SetAnalysis, Side, Signal, Source, SourceFile, Span, Verdict, Zone,
};

/// A number between 0 and 1 that looks random and is not.
fn noise(a: u32, b: u32) -> f64 {
    let x = (f64::from(a) * 12.9898 + f64::from(b) * 78.233).sin() * 43_758.545_3;
    x - x.floor()
}

#[allow(clippy::unnecessary_wraps, reason = "metrics are optional")]
fn mm(value: f64, sigma: f64) -> Option<Measured<truehinge_core::quantity::Metres>> {
    Some(Measured::new(Length::from_millimetres(value), Length::from_millimetres(sigma)))
}

#[allow(clippy::unnecessary_wraps, reason = "metrics are optional")]
fn deg(value: f64, sigma: f64) -> Option<Measured<truehinge_core::quantity::PlaneAngle>> {
    Some(Measured::new(Angle::from_degrees(value), Angle::from_degrees(sigma)))
}

/// A session of two sets with `reps` repetitions each.
pub fn session(athlete: &str, name: &str, reps: u32, seed: u32) -> SessionAnalysis {
    let set = |number: u32, side| set(number, side, reps, seed * 10 + number);
    SessionAnalysis {
        info: SessionInfo {
            session: SessionId::from(name.to_owned()),
            athlete: AthleteId::new(athlete).expect("a valid pseudonym"),
            start_utc_ns: Some(1_790_000_000_123_000_000 + i64::from(seed) * 86_400_000_000_000),
            zone: Zone::Ahead(7200),
            stance_side: None,
            protocol: "single-leg-hip-hinge".to_owned(),
            body: Anthropometry { shank_length: mm(412.0, 4.0), ..Anthropometry::default() },
            source: Source {
                format: "truehinge".to_owned(),
                files: vec![SourceFile { name: format!("{name}.mcap"), bytes: 1000, sha256: String::new() }],
                ..Source::default()
            },
        },
        end: SessionTime::from_seconds(95.123_456_789),
        sensors: vec![sensor(SensorRole::Hip, seed), sensor(SensorRole::Shank, seed + 1)],
        sets: vec![set(1, Some(Side::Left)), set(2, Some(Side::Right))],
        limits: QualityLimits { loss: 0.05, longest_gap_s: 0.3, clock_sigma_ms: 20.0, axis_sigma_deg: 15.0 },
        findings: vec![Finding::of_sensor(
            SensorRole::Shank,
            FindingKind::Loss { lost: 700, of: 10_000, longest_gap_s: 0.5, severe: false },
        )],
        provenance: Provenance {
            version: "0.1.0".to_owned(),
            protocol: Protocol::default(),
            facts: Vec::new(),
            config_sha256: "c0".repeat(32),
            input_sha256: format!("{seed:08x}").repeat(8),
            content_sha256: format!("{seed:08x}").repeat(8),
        },
    }
}

fn sensor(role: SensorRole, seed: u32) -> SensorQuality {
    let lost = seed * 137 % 850;
    SensorQuality {
        role,
        model: "virtual, \"of a formula\"".to_owned(),
        samples: 9_500,
        rate_hz: 100.0 + 0.2 * noise(seed, 1),
        lost: u64::from(lost),
        longest_gap_s: 0.02 + 0.5e-4 * f64::from(lost),
        covered: Vec::new(),
        clock_skew_ppm: Some(40.0 * (noise(seed, 4) - 0.5)),
        clock_sigma_ms: (role == SensorRole::Hip).then_some(1.5),
        clock_delay_p95_ms: Some(14.5),
        delays: Vec::new(),
        gravity: Some(9.79 + 0.05 * noise(seed, 2)),
        accelerometer_corrected: false,
        clipped: 0,
        not_finite: 0,
    }
}

fn set(number: u32, side: Option<Side>, reps: u32, seed: u32) -> SetAnalysis {
    let start = f64::from(number - 1) * 45.0 + 10.0;
    SetAnalysis {
        number,
        side,
        span: Span::from_seconds(start, start + 5.0 * f64::from(reps.max(1))),
        quiet_stances: vec![Span::from_seconds(start - 2.0, start)],
        alignment: [SensorRole::Hip, SensorRole::Shank]
            .map(|role| AlignmentReport {
                role,
                method: AlignmentMethod::FunctionalAndMount,
                axis_sigma: Angle::from_degrees(4.25),
                functional: None,
                sensor_to_segment: [1.0, 0.0, 0.0, 0.0],
                settling: None,
            })
            .to_vec(),
        reps: (1..=reps).map(|rep| self::rep(rep, start + 5.0 * f64::from(rep - 1), seed)).collect(),
        rejected: vec![RejectedCandidate {
            span: Span::from_seconds(start - 4.0, start - 3.25),
            rejection: Rejection::TooSmall { excursion_deg: 1.1, limit_deg: 3.0 },
        }],
    }
}

fn rep(number: u32, start: f64, seed: u32) -> Rep {
    // In turn: two hinges, a drift, a hinge, a repetition that hardly moves the hips.
    let (knee, hip) = match (number + seed) % 5 {
        0 => (4.0 + 6.0 * noise(number, seed), 2.0 + 6.0 * noise(seed, number)),
        3 => (24.0 + 22.0 * noise(number, seed), 12.0 + 20.0 * noise(seed, number)),
        _ => (2.0 + 11.0 * noise(number, seed), 28.0 + 30.0 * noise(seed, number)),
    };
    let metrics = RepMetrics {
        knee_forward: mm(knee, 2.6),
        knee_forward_seen: None,
        knee_forward_descent: mm(0.8 * knee, 2.6),
        knee_forward_turn: mm(0.5 * knee, 2.6),
        knee_forward_ascent: mm(knee, 2.6),
        knee_per_hip: (hip > 10.0).then(|| Measured::new(Scalar::from_si(0.5 * knee / hip), Scalar::from_si(0.1))),
        hip_back: mm(hip, 4.4),
        hip_drop: mm(0.2 * hip, 3.0),
        shank_tilt: deg(knee / 7.2, 0.45),
        pelvis_tilt: deg(0.6 * hip, 0.9),
        knee_flexion: deg(3.0 + 0.4 * knee, 1.4),
        hip_flexion: deg(0.7 * hip, 1.6),
        pelvis_drop: deg(2.0 * noise(number, seed + 1), 0.8),
        pelvis_rotation: deg(3.0 * noise(number, seed + 2), 1.2),
        sway: None,
        shank_sway: deg(2.1, 0.6),
        foot_knock: None,
        spine_flexion: None,
    };
    let shape = |percent: usize| (percent as f64 / 100.0 * std::f64::consts::PI).sin().powi(2);
    let curve = |signal: Signal| {
        let peak = metrics.reading(signal.metric()).map_or(0.0, |reading| reading.value);
        Curve { signal, values: (0..Curve::POINTS).map(|percent| peak * shape(percent)).collect() }
    };
    let at = |from: f64, to: f64| Span::from_seconds(start + from, start + to);
    Rep {
        number,
        span: at(0.0, 3.6),
        turn: SessionTime::from_seconds(start + 1.8),
        phases: Phases {
            quiet_stance: at(-1.0, 0.0),
            descent: at(0.0, 1.6),
            bottom: at(1.6, 2.0),
            ascent: at(2.0, 3.6),
        },
        budgets: budgets(),
        by_hand: None,
        judgement: judge(&metrics),
        curves: Signal::ALL.into_iter().map(curve).collect(),
        metrics,
    }
}

/// The same for all: a table test needs units and sources, not the right numbers.
fn budgets() -> BTreeMap<Metric, Budget> {
    let knee = Budget::of(ErrorSource::Axis, 0.001).and(Budget::of(ErrorSource::SoftTissue, 0.0024));
    let tilt = Budget::of(ErrorSource::Onset, 0.9_f64.to_radians());
    BTreeMap::from([(Metric::KneeForward, knee), (Metric::PelvisTilt, tilt)])
}

/// A rough copy of the real judge: a table test needs every verdict, not the right one.
fn judge(metrics: &RepMetrics) -> Judgement {
    let (knee, hip) = (metrics.reading(Metric::KneeForward), metrics.reading(Metric::HipBack));
    let (knee, hip) = (knee.expect("set above"), hip.expect("set above"));
    let evidence = |criterion, reading: truehinge_core::rep::Reading, limit: f64, side: f64| {
        let margin = side * (reading.value - limit);
        let probability = 1.0 / (1.0 + (-1.7 * margin / reading.sigma).exp());
        Evidence { criterion, reading, limit, margin, probability }
    };
    let tests = vec![
        evidence(Criterion::KneeForwardFault, knee, 30.0, 1.0),
        evidence(Criterion::KneeForwardGood, knee, 15.0, -1.0),
        evidence(Criterion::HipBackFault, hip, 15.0, -1.0),
        evidence(Criterion::HipBackGood, hip, 25.0, 1.0),
    ];
    let holds = |criterion| tests.iter().find(|e| e.criterion == criterion).is_some_and(|e| e.probability >= 0.9);
    let (verdict, cause) = if holds(Criterion::KneeForwardFault) {
        (Verdict::KneeForwardDrift, Cause::KneeForwardSure)
    } else if holds(Criterion::HipBackFault) {
        (Verdict::InsufficientHipTravel, Cause::HipTravelShort)
    } else if knee.value <= 15.0 && hip.value >= 25.0 {
        (Verdict::TrueHinge, Cause::HingeSure)
    } else {
        (Verdict::Indeterminate, Cause::GreyZone)
    };
    let flags = if verdict == Verdict::KneeForwardDrift { vec![Flag::KneeBend, Flag::TooFast] } else { Vec::new() };
    Judgement { verdict, cause, probability: 0.937_654_3, evidence: tests, flags }
}

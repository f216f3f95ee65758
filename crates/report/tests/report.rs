//! Pages and figures of ordinary and odd sessions.

use truehinge_core::rep::Reading;
use truehinge_core::{
    AlignmentMethod, AlignmentReport, Angle, AthleteId, Cause, Criterion, Curve, Evidence, Finding, FindingKind, Flag,
    Judgement, Length, Measured, Phases, Protocol, Provenance, QualityLimits, RejectedCandidate, Rejection, Rep,
    RepMetrics, SensorQuality, SensorRole, SessionAnalysis, SessionId, SessionInfo, SessionTime, SetAnalysis, Side,
    Signal, Source, Span, Verdict, Zone,
};
use truehinge_report::{Paper, PdfOptions, ReportModel, render_figures, render_pdf};

fn mm(value: f64) -> Measured<truehinge_core::quantity::Metres> {
    Measured::new(Length::from_millimetres(value), Length::from_millimetres(6.0))
}

fn deg(value: f64) -> Measured<truehinge_core::quantity::PlaneAngle> {
    Measured::new(Angle::from_degrees(value), Angle::from_degrees(0.8))
}

fn rep(number: u32, verdict: Verdict, cause: Cause, knee: f64, hip: f64) -> Rep {
    let start = 5.0 * f64::from(number);
    let part = |a: f64, b: f64| Span::from_seconds(start + a, start + b);
    let bell = |size: f64| (0..101).map(|i| size * (std::f64::consts::PI * f64::from(i) / 100.0).sin()).collect();
    let evidence = |criterion, value, limit, probability| Evidence {
        criterion,
        reading: Reading { value, sigma: 6.0 },
        limit,
        margin: value - limit,
        probability,
    };
    Rep {
        number,
        span: part(0.0, 2.5),
        turn: SessionTime::from_seconds(start + 1.2),
        phases: Phases {
            quiet_stance: part(-0.3, 0.0),
            descent: part(0.0, 1.0),
            bottom: part(1.0, 1.4),
            ascent: part(1.4, 2.5),
        },
        metrics: RepMetrics {
            knee_forward: Some(mm(knee)),
            hip_back: Some(mm(hip)),
            shank_tilt: Some(deg(knee / 7.5)),
            pelvis_tilt: Some(deg(28.0)),
            knee_flexion: Some(deg(9.0)),
            ..RepMetrics::default()
        },
        budgets: std::collections::BTreeMap::new(),
        by_hand: None,
        judgement: Judgement {
            verdict,
            cause,
            probability: 0.97,
            evidence: vec![
                evidence(Criterion::KneeForwardFault, knee, 30.0, 0.97),
                evidence(Criterion::HipBackFault, hip, 15.0, 0.95),
            ],
            flags: vec![Flag::KneeBend],
        },
        curves: Signal::ALL.iter().map(|signal| Curve { signal: *signal, values: bell(20.0) }).collect(),
    }
}

fn session(reps: Vec<Rep>, side: Option<Side>) -> SessionAnalysis {
    let athlete = AthleteId::new("P-014").expect("valid");
    SessionAnalysis {
        info: SessionInfo {
            session: SessionId::from("S1".to_owned()),
            athlete,
            start_utc_ns: Some(1_767_225_600_000_000_000),
            zone: Zone::Ahead(3600),
            stance_side: side,
            protocol: "single-leg-hip-hinge".to_owned(),
            body: truehinge_core::Anthropometry::default(),
            source: Source::default(),
        },
        end: SessionTime::from_seconds(60.0),
        sensors: vec![SensorQuality {
            role: SensorRole::Hip,
            model: "markup #strong[is] *not* obeyed $x$ @here <b>".to_owned(),
            samples: 7000,
            rate_hz: 120.1,
            lost: 12,
            longest_gap_s: 0.1,
            clock_skew_ppm: Some(12.0),
            clock_sigma_ms: Some(1.2),
            clock_delay_p95_ms: Some(15.4),
            gravity: Some(9.83),
            accelerometer_corrected: false,
            clipped: 0,
            not_finite: 0,
        }],
        sets: vec![SetAnalysis {
            number: 1,
            side,
            span: Span::from_seconds(5.0, 40.0),
            quiet_stances: vec![],
            alignment: vec![AlignmentReport {
                role: SensorRole::Hip,
                method: AlignmentMethod::FunctionalAndMount,
                axis_sigma: Angle::from_degrees(5.0),
                functional: None,
                sensor_to_segment: [1.0, 0.0, 0.0, 0.0],
                settling: None,
            }],
            reps,
            rejected: vec![RejectedCandidate { span: Span::from_seconds(2.0, 3.0), rejection: Rejection::Stepping }],
        }],
        limits: QualityLimits { loss: 0.05, longest_gap_s: 0.3, clock_sigma_ms: 20.0, axis_sigma_deg: 15.0 },
        findings: vec![Finding::of_sensor(
            SensorRole::Hip,
            FindingKind::Loss { lost: 700, of: 10_000, longest_gap_s: 0.5, severe: false },
        )],
        provenance: Provenance {
            version: "0.0.0".to_owned(),
            protocol: Protocol::default(),
            facts: Vec::new(),
            config_sha256: "ab".repeat(32),
            input_sha256: "cd".repeat(32),
            content_sha256: "ef".repeat(32),
        },
    }
}

fn mixed(count: u32) -> Vec<Rep> {
    (1..=count)
        .map(|n| match n % 4 {
            0 => rep(n, Verdict::KneeForwardDrift, Cause::KneeForwardSure, 62.0, 45.0),
            1 => rep(n, Verdict::TrueHinge, Cause::HingeSure, 2.0, 55.0),
            2 => rep(n, Verdict::InsufficientHipTravel, Cause::HipTravelShort, 1.0, 6.0),
            _ => rep(n, Verdict::Indeterminate, Cause::GreyZone, 21.0, 40.0),
        })
        .collect()
}

#[test]
fn files_carry_code_date_and_session_so_that_morning_and_evening_are_two() {
    let stem = |athlete: &str, session_name: &str, change: &dyn Fn(&mut SessionAnalysis)| {
        let mut analysis = session(mixed(1), Some(Side::Left));
        analysis.info.session = SessionId::new(session_name).expect("valid");
        change(&mut analysis);
        ReportModel::build(&AthleteId::new(athlete).expect("valid"), &[analysis]).file_stem
    };
    assert_eq!(stem("P-014", "S1", &|_| {}), "P-014_2026-01-01_S1");
    assert_eq!(stem("P-014", "20260101-081500", &|_| {}), "P-014_20260101-081500");
    assert_eq!(stem("P-014", "20260101-183000", &|_| {}), "P-014_20260101-183000");
    assert_eq!(stem("P-014", "S1", &|analysis| analysis.info.start_utc_ns = None), "P-014_S1");
    // Half an hour before midnight in UTC is the next day in Auckland.
    let late = |analysis: &mut SessionAnalysis| {
        analysis.info.start_utc_ns = Some(1_767_223_800_000_000_000);
        analysis.info.zone = Zone::Ahead(13 * 3600);
    };
    assert_eq!(
        stem("P/14", "S1", &late),
        format!("{}_2026-01-01_S1", AthleteId::new("P/14").expect("valid").file_name())
    );
}

#[test]
fn names_are_on_the_page_in_full_and_what_cannot_be_drawn_is_said() {
    let names = |athlete: &str| {
        let model =
            ReportModel::build(&AthleteId::new(athlete).expect("valid"), &[session(mixed(1), Some(Side::Left))]);
        assert_eq!(model.athlete, athlete);
        (model.athlete_shown, model.names)
    };
    assert_eq!(names("Žofie Анна 1/2"), ("Žofie Анна 1/2".to_owned(), String::new()));
    let (shown, said) = names("Mori 山田");
    assert_eq!(shown, AthleteId::new("Mori 山田").expect("valid").file_name());
    assert!(
        said.contains("not all letters of the athlete's name") && said.contains("the tables hold it in full"),
        "{said}"
    );
    assert_ne!(shown, names("Mori 鈴木").0);
}

fn model(sessions: &[SessionAnalysis]) -> ReportModel {
    ReportModel::build(&AthleteId::new("P-014").expect("valid"), sessions)
}

#[test]
fn the_model_says_it_in_words() {
    let model = model(&[session(mixed(5), Some(Side::Left))]);
    insta::assert_json_snapshot!(model);
}

#[test]
fn a_drift_beside_a_gap_is_told_as_at_least_so_much() {
    let mut drift = rep(1, Verdict::KneeForwardDrift, Cause::KneeForwardSeen, 44.0, 60.0);
    drift.metrics.knee_forward_seen = drift.metrics.knee_forward.take();
    drift.judgement.evidence[0].criterion = Criterion::KneeForwardSeenFault;
    let told = serde_json::to_string(&model(&[session(vec![drift], Some(Side::Left))])).expect("JSON");
    for words in ["≥ 44", "by at least this much (part of the repetition is missing): 44 mm", "up to 44 mm forward"] {
        assert!(told.contains(words), "{words} in {told}");
    }
}

#[test]
fn equal_models_give_equal_bytes() {
    let model = model(&[session(mixed(5), Some(Side::Right))]);
    let options = PdfOptions { paper: Paper::A4 };
    assert!(render_pdf(&model, &options).expect("lays out") == render_pdf(&model, &options).expect("lays out"));
    assert!(render_figures(&model).expect("draws") == render_figures(&model).expect("draws"));
}

#[test]
fn odd_sessions_give_pages_too() {
    let mut nothing_measured = mixed(3);
    for rep in &mut nothing_measured {
        rep.metrics = RepMetrics::default();
        rep.curves.clear();
        rep.judgement.evidence.clear();
    }
    let long = AthleteId::new("x".repeat(400)).expect("valid");
    let undrawn = AthleteId::new("選手-山田").expect("valid");
    for (name, model) in [
        ("no session", model(&[])),
        ("no repetition", model(&[session(vec![], Some(Side::Left))])),
        ("one", model(&[session(mixed(1), None)])),
        ("two", model(&[session(mixed(2), Some(Side::Left))])),
        ("fifty", model(&[session(mixed(50), Some(Side::Left))])),
        ("nothing measured", model(&[session(nothing_measured, Some(Side::Left))])),
        ("long name", ReportModel::build(&long, &[session(mixed(3), Some(Side::Left))])),
        ("letters without shapes", ReportModel::build(&undrawn, &[session(mixed(3), Some(Side::Left))])),
        ("several sessions", model(&[session(mixed(3), Some(Side::Left)), session(mixed(4), Some(Side::Right))])),
    ] {
        for paper in [Paper::A4, Paper::Letter] {
            let pdf = render_pdf(&model, &PdfOptions { paper }).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(pdf.starts_with(b"%PDF") && pdf.len() < 1_000_000, "{name}: {} bytes", pdf.len());
        }
        for figure in render_figures(&model).unwrap_or_else(|error| panic!("{name}: {error}")) {
            assert!(figure.svg.contains("<svg") && figure.png.starts_with(b"\x89PNG"), "{name}");
            assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf"), "{name}");
        }
    }
}

#[test]
fn the_dose_of_a_set_is_looked_at() {
    let said = |count: u32| {
        let model = model(&[session(mixed(count), Some(Side::Left))]);
        model
            .advice
            .iter()
            .any(|sentence| sentence.starts_with("Set 1 had") && sentence.contains(&format!("{count} repetition")))
    };
    assert!(said(1) && said(2) && said(6), "too few and too many are said");
    assert!(!said(3) && !said(5), "three to five are what is asked for");
}

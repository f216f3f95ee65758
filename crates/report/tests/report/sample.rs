//! Sessions and models to make pages of.

use truehinge_core::rep::Reading;
use truehinge_core::{
    AlignmentMethod, AlignmentReport, Angle, AthleteId, Cause, Criterion, Curve, Delays, Evidence, Finding,
    FindingKind, Flag, Judgement, Length, Measured, Phases, Protocol, Provenance, QualityLimits, RejectedCandidate,
    Rejection, Rep, RepMetrics, SensorQuality, SensorRole, SessionAnalysis, SessionId, SessionInfo, SessionTime,
    SetAnalysis, Side, Signal, Source, Span, Verdict, Zone,
};
use truehinge_report::model::{Against, Clinic, Person, Say};
use truehinge_report::{Content, Document, Laid, Paper, PdfOptions, Pictures, ReportModel, lay_out};

pub fn mm(value: f64) -> Measured<truehinge_core::quantity::Metres> {
    Measured::new(Length::from_millimetres(value), Length::from_millimetres(6.0))
}

pub fn deg(value: f64) -> Measured<truehinge_core::quantity::PlaneAngle> {
    Measured::new(Angle::from_degrees(value), Angle::from_degrees(0.8))
}

pub fn rep(number: u32, verdict: Verdict, cause: Cause, knee: f64, hip: f64) -> Rep {
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

/// A stall of a fifth of a second after the middle.
fn delays() -> Vec<Delays> {
    let stretch = |second: u32| Delays {
        span: Span::from_seconds(f64::from(second), f64::from(second + 1)),
        median_ms: 4.0,
        most_ms: if second == 35 { 180.0 } else { 12.0 + f64::from(second % 5) },
    };
    (0..60).map(stretch).collect()
}

pub fn session(reps: Vec<Rep>, side: Option<Side>) -> SessionAnalysis {
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
            covered: vec![Span::from_seconds(0.0, 40.0), Span::from_seconds(40.5, 60.0)],
            clock_skew_ppm: Some(12.0),
            clock_sigma_ms: Some(1.2),
            clock_delay_p95_ms: Some(15.4),
            delays: delays(),
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

pub fn mixed(count: u32) -> Vec<Rep> {
    (1..=count)
        .map(|n| match n % 4 {
            0 => rep(n, Verdict::KneeForwardDrift, Cause::KneeForwardSure, 62.0, 45.0),
            1 => rep(n, Verdict::TrueHinge, Cause::HingeSure, 2.0, 55.0),
            2 => rep(n, Verdict::InsufficientHipTravel, Cause::HipTravelShort, 1.0, 6.0),
            _ => rep(n, Verdict::Indeterminate, Cause::GreyZone, 21.0, 40.0),
        })
        .collect()
}

pub fn built(athlete: &AthleteId, sessions: &[SessionAnalysis], say: Say) -> ReportModel {
    ReportModel::build(&Content {
        athlete,
        person: Person::default(),
        sessions,
        earlier: &[],
        trends: &[],
        against: Against::Baseline,
        symmetry: &[],
        form: &[],
        not_compared: 0,
        clinic: Clinic::default(),
        say,
    })
}

pub fn athlete() -> AthleteId {
    AthleteId::new("P-014").expect("valid")
}

pub fn model(sessions: &[SessionAnalysis]) -> ReportModel {
    built(&athlete(), sessions, Say::default())
}

pub fn laid(model: &ReportModel, document: Document, paper: Paper) -> Laid {
    let pictures = Pictures::of(model).expect("draws");
    lay_out(model, &pictures, document, PdfOptions { paper })
        .unwrap_or_else(|error| panic!("{} of {}: {error}", document.name(), model.athlete))
}

pub fn pdf(model: &ReportModel, document: Document, paper: Paper) -> Vec<u8> {
    laid(model, document, paper)
        .pdf()
        .unwrap_or_else(|error| panic!("{} of {}: {error}", document.name(), model.athlete))
}

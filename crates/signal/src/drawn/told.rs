//! Repetitions as an analysis would have them, for what only looks at their times and numbers.

use std::collections::BTreeMap;

use truehinge_core::{
    Anthropometry, AthleteId, Cause, Judgement, Length, Measured, Phases, Protocol, Provenance, QualityLimits, Rep,
    RepMetrics, SessionAnalysis, SessionInfo, SessionTime, SetAnalysis, Side, Source, Span, Verdict,
};

fn at(seconds: f64) -> SessionTime {
    SessionTime::from_seconds(seconds)
}

/// A repetition of two seconds.
pub fn rep(number: u32, start: f64, knee_mm: f64) -> Rep {
    let span = Span::from_seconds(start, start + 2.0);
    let knee = Measured::new(Length::from_metres(knee_mm * 1e-3), Length::from_metres(2e-3));
    Rep {
        number,
        span,
        turn: at(start + 1.0),
        phases: Phases { quiet_stance: span, descent: span, bottom: span, ascent: span },
        metrics: RepMetrics { knee_forward: Some(knee), ..RepMetrics::default() },
        budgets: BTreeMap::new(),
        by_hand: None,
        judgement: Judgement {
            verdict: Verdict::TrueHinge,
            cause: Cause::HingeSure,
            probability: 1.0,
            evidence: Vec::new(),
            flags: Vec::new(),
        },
        curves: Vec::new(),
    }
}

/// An analysis of these repetitions, set by set; the data end after 1000 s.
pub fn analysis(sets: Vec<Vec<Rep>>) -> SessionAnalysis {
    let set = |(number, reps): (u32, Vec<Rep>)| SetAnalysis {
        number,
        side: Some(Side::Left),
        span: Span::from_seconds(0.0, 1000.0),
        quiet_stances: Vec::new(),
        alignment: Vec::new(),
        reps,
        rejected: Vec::new(),
    };
    SessionAnalysis {
        info: SessionInfo {
            session: truehinge_core::SessionId::from("S1".to_owned()),
            athlete: AthleteId::new("P-1").expect("a pseudonym"),
            start_utc_ns: None,
            zone: truehinge_core::Zone::Unknown,
            stance_side: None,
            protocol: String::new(),
            body: Anthropometry::default(),
            source: Source::default(),
        },
        end: at(1000.0),
        sensors: Vec::new(),
        sets: (1..).zip(sets).map(set).collect(),
        findings: Vec::new(),
        limits: QualityLimits { loss: 0.05, longest_gap_s: 0.3, clock_sigma_ms: 20.0, axis_sigma_deg: 15.0 },
        provenance: Provenance {
            version: String::new(),
            protocol: Protocol::default(),
            facts: Vec::new(),
            config_sha256: String::new(),
            input_sha256: String::new(),
            content_sha256: String::new(),
        },
    }
}

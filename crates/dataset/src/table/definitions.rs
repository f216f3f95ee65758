//! What each table holds.

use truehinge_core::{
    Evidence, Metric, QualityGrade, RejectedCandidate, Rep, SensorQuality, SessionAnalysis, SetAnalysis, SetSummary,
    Signal,
};

use super::column::{Cell, Frame};

/// Goes up when a column changes its name or meaning.
pub const SCHEMA_VERSION: i64 = 1;

/// The table of this name for one analysis.
pub fn frame(table: &str, analysis: &SessionAnalysis) -> Frame {
    build(table, Some(analysis))
}

/// The same table without a row.
pub fn empty(table: &str) -> Frame {
    build(table, None)
}

fn build(table: &str, analysis: Option<&SessionAnalysis>) -> Frame {
    match table {
        "sessions" => sessions(analysis),
        "sets" => sets(analysis),
        "reps" => reps(analysis),
        "reps_long" => reps_long(analysis),
        "evidence" => evidence(analysis),
        "curves" => curves(analysis),
        "events" => events(analysis),
        _ => quality(analysis),
    }
}

/// Keys that every row of every table has.
fn keys<'a, R>(frame: &mut Frame, rows: &[R], session: impl Fn(&R) -> &'a SessionAnalysis) {
    let text = || Cell::Text(None);
    frame.column(rows, ("schema_version", "", "version of this table's columns"), Cell::Integer(None), |_| {
        Cell::Integer(Some(SCHEMA_VERSION))
    });
    frame.column(rows, ("athlete_id", "", "pseudonym of the person"), text(), |r| {
        Cell::text(session(r).info.athlete.as_str())
    });
    frame.column(rows, ("session_id", "", "name of the session"), text(), |r| {
        Cell::text(session(r).info.session.as_str())
    });
}

fn set_keys<'a, R>(frame: &mut Frame, rows: &[R], set: impl Fn(&R) -> &'a SetAnalysis) {
    frame.column(rows, ("set", "", "number of the set in the session, from 1"), Cell::Integer(None), |r| {
        Cell::count(set(r).number)
    });
    frame.column(rows, ("side", "", "supporting leg, left or right"), Cell::Text(None), |r| {
        Cell::Text(set(r).side.map(|side| side.name().to_owned()))
    });
}

fn rep_key<'a, R>(frame: &mut Frame, rows: &[R], rep: impl Fn(&R) -> &'a Rep) {
    frame.column(rows, ("rep", "", "number of the repetition in the set, from 1"), Cell::Integer(None), |r| {
        Cell::count(rep(r).number)
    });
}

fn sessions(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<&SessionAnalysis> = analysis.into_iter().collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r);
    let text = || Cell::Text(None);
    let count = || Cell::Integer(None);
    frame.column(&rows, ("start_utc_ns", "ns", "start of the recording after 1970-01-01T00:00Z"), count(), |r| {
        Cell::Integer(r.info.start_utc_ns)
    });
    frame.column(&rows, ("duration_s", "s", "end of the data on the session's clock"), Cell::seconds(None), |r| {
        Cell::seconds(r.end.seconds())
    });
    frame.column(&rows, ("protocol", "", "exercise protocol"), text(), |r| {
        Cell::text(r.provenance.protocol.name.as_str())
    });
    frame.column(&rows, ("sensors", "", "sensors worn, separated by semicolons"), text(), |r| {
        Cell::text(r.sensors.iter().map(|s| s.role.name()).collect::<Vec<_>>().join(";"))
    });
    frame.column(&rows, ("source_format", "", "format the data were read from"), text(), |r| {
        Cell::text(r.info.source.format.as_str())
    });
    frame.column(&rows, ("sets", "", "sets found"), count(), |r| Cell::count(r.sets.len()));
    frame.column(&rows, ("reps", "", "repetitions counted"), count(), |r| Cell::count(r.reps().count()));
    frame.column(&rows, ("quality_grade", "", "good, fair or poor"), text(), |r| Cell::text(r.grade().name()));
    frame.column(&rows, ("issues", "", "codes of what a reader must know, separated by semicolons"), text(), |r| {
        Cell::text(r.issues.iter().map(|i| i.code).collect::<Vec<_>>().join(";"))
    });
    limits(&mut frame, &rows);
    frame.column(&rows, ("software_version", "", "version of the program"), text(), |r| {
        Cell::text(r.provenance.version.as_str())
    });
    frame.column(&rows, ("config_sha256", "", "SHA-256 of protocol and parameters"), text(), |r| {
        Cell::text(r.provenance.config_sha256.as_str())
    });
    frame.column(&rows, ("input_sha256", "", "SHA-256 over the input files"), text(), |r| {
        Cell::text(r.provenance.input_sha256.as_str())
    });
    frame
}

/// The limits of the verdict, so that a table explains itself.
fn limits(frame: &mut Frame, rows: &[&SessionAnalysis]) {
    type Get = fn(&SessionAnalysis) -> f64;
    let lengths: [(&str, &str, Get); 4] = [
        ("limit_knee_forward_good_mm", "knee-forward travel up to which it is good", |r| {
            r.provenance.protocol.criteria.knee_forward.good.millimetres()
        }),
        ("limit_knee_forward_fault_mm", "knee-forward travel beyond which it is a fault", |r| {
            r.provenance.protocol.criteria.knee_forward.fault.millimetres()
        }),
        ("limit_hip_back_good_mm", "hip-back travel from which it is good", |r| {
            r.provenance.protocol.criteria.hip_back.good.millimetres()
        }),
        ("limit_hip_back_fault_mm", "hip-back travel below which it is a fault", |r| {
            r.provenance.protocol.criteria.hip_back.fault.millimetres()
        }),
    ];
    for (name, description, get) in lengths {
        frame.column(rows, (name, "mm", description), Cell::mm(None), |r| Cell::mm(get(r)));
    }
    frame.column(rows, ("limit_confidence", "", "probability from which a verdict is named"), Cell::share(None), |r| {
        Cell::share(r.provenance.protocol.criteria.confidence)
    });
}

type SetRow<'a> = (&'a SessionAnalysis, &'a SetAnalysis);

fn set_rows(analysis: Option<&SessionAnalysis>) -> Vec<SetRow<'_>> {
    analysis.into_iter().flat_map(|a| a.sets.iter().map(move |set| (a, set))).collect()
}

fn sets(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows = set_rows(analysis);
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.0);
    set_keys(&mut frame, &rows, |r| r.1);
    frame.column(&rows, ("start_s", "s", "first movement looked at"), Cell::seconds(None), |r| {
        Cell::seconds(r.1.span.start.seconds())
    });
    frame.column(&rows, ("end_s", "s", "end of the last one"), Cell::seconds(None), |r| {
        Cell::seconds(r.1.span.end.seconds())
    });
    type Get = fn(SetSummary) -> usize;
    let counts: [(&str, &str, Get); 5] = [
        ("n_reps", "repetitions counted", |s| s.reps),
        ("n_true_hinge", "of these true hinges", |s| s.true_hinge),
        ("n_knee_forward", "of these knee-forward drifts", |s| s.knee_forward_drift),
        ("n_insufficient_hip_travel", "of these with too little hip travel", |s| s.insufficient_hip_travel),
        ("n_unsure", "of these not sure", |s| s.indeterminate),
    ];
    for (name, description, get) in counts {
        frame.column(&rows, (name, "", description), Cell::Integer(None), |r| Cell::count(get(r.1.summary())));
    }
    frame.column(&rows, ("n_rejected", "", "movements looked at and not counted"), Cell::Integer(None), |r| {
        Cell::count(r.1.rejected.len())
    });
    frame
}

type RepRow<'a> = (&'a SessionAnalysis, &'a SetAnalysis, &'a Rep);

fn rep_rows(analysis: Option<&SessionAnalysis>) -> Vec<RepRow<'_>> {
    analysis.into_iter().flat_map(|a| a.reps().map(move |(set, rep)| (a, set, rep))).collect()
}

fn reps(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows = rep_rows(analysis);
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.0);
    set_keys(&mut frame, &rows, |r| r.1);
    rep_key(&mut frame, &rows, |r| r.2);
    type Time = fn(&Rep) -> f64;
    let times: [(&str, &str, Time); 6] = [
        ("start_s", "onset: 5 % of the way out", |r| r.span.start.seconds()),
        ("turn_s", "middle of the bottom", |r| r.turn.seconds()),
        ("end_s", "return: 5 % of the way back, half-open", |r| r.span.end.seconds()),
        ("descent_s", "length of the way out", |r| r.phases.descent.length().seconds()),
        ("bottom_s", "time beyond 95 % of the way", |r| r.phases.bottom.length().seconds()),
        ("ascent_s", "length of the way back", |r| r.phases.ascent.length().seconds()),
    ];
    for (name, description, get) in times {
        frame.column(&rows, (name, "s", description), Cell::seconds(None), |r| Cell::seconds(get(r.2)));
    }
    let text = || Cell::Text(None);
    frame.column(&rows, ("label", "", "verdict"), text(), |r| Cell::text(r.2.judgement.verdict.name()));
    frame.column(&rows, ("cause", "", "why this verdict"), text(), |r| Cell::text(r.2.judgement.cause.name()));
    frame.column(
        &rows,
        ("probability", "", "of the named verdict; of the likeliest one if unsure"),
        Cell::share(None),
        |r| Cell::share(r.2.judgement.probability),
    );
    frame.column(&rows, ("flags", "", "what else was seen, separated by semicolons"), text(), |r| {
        Cell::text(r.2.judgement.flags.iter().map(|f| f.name()).collect::<Vec<_>>().join(";"))
    });
    for metric in Metric::ALL {
        let (name, unit, title) = (metric.name(), metric.unit(), metric.title());
        let cell = move |value: Option<f64>| if unit == "mm" { Cell::mm(value) } else { Cell::deg(value) };
        frame.column(
            &rows,
            (format!("{name}_{unit}"), unit, format!("{title}, peak change from the stance before")),
            cell(None),
            |r| cell(r.2.metrics.reading(metric).map(|reading| reading.value)),
        );
        frame.column(
            &rows,
            (format!("{name}_sigma_{unit}"), unit, format!("{title}, standard uncertainty")),
            cell(None),
            |r| cell(r.2.metrics.reading(metric).map(|reading| reading.sigma)),
        );
    }
    frame
}

type LongRow<'a> = (RepRow<'a>, Metric);

fn reps_long(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<LongRow<'_>> = rep_rows(analysis)
        .into_iter()
        .flat_map(|row| Metric::ALL.map(|metric| (row, metric)))
        .filter(|(row, metric)| row.2.metrics.reading(*metric).is_some())
        .collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.0.0);
    set_keys(&mut frame, &rows, |r| r.0.1);
    rep_key(&mut frame, &rows, |r| r.0.2);
    frame.column(&rows, ("metric", "", "name of the number"), Cell::Text(None), |r| Cell::text(r.1.name()));
    frame.column(&rows, ("unit", "", "mm or deg"), Cell::Text(None), |r| Cell::text(r.1.unit()));
    frame.column(&rows, ("value", "see unit", "best estimate"), Cell::deg(None), |r| {
        Cell::deg(r.0.2.metrics.reading(r.1).map(|reading| reading.value))
    });
    frame.column(&rows, ("sigma", "see unit", "standard uncertainty"), Cell::deg(None), |r| {
        Cell::deg(r.0.2.metrics.reading(r.1).map(|reading| reading.sigma))
    });
    frame
}

type EvidenceRow<'a> = (RepRow<'a>, &'a Evidence);

fn evidence(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<EvidenceRow<'_>> = rep_rows(analysis)
        .into_iter()
        .flat_map(|row| row.2.judgement.evidence.iter().map(move |evidence| (row, evidence)))
        .collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.0.0);
    set_keys(&mut frame, &rows, |r| r.0.1);
    rep_key(&mut frame, &rows, |r| r.0.2);
    frame.column(&rows, ("criterion", "", "what was tested"), Cell::Text(None), |r| Cell::text(r.1.criterion.name()));
    frame.column(&rows, ("unit", "", "mm or deg"), Cell::Text(None), |r| Cell::text(r.1.criterion.metric().unit()));
    type Get = fn(&Evidence) -> f64;
    let numbers: [(&str, &str, Get); 4] = [
        ("value", "measured value", |e| e.reading.value),
        ("sigma", "its standard uncertainty", |e| e.reading.sigma),
        ("limit", "limit it was held against", |e| e.limit),
        ("margin", "how far on the criterion's side; negative if it does not hold", |e| e.margin),
    ];
    for (name, description, get) in numbers {
        frame.column(&rows, (name, "see unit", description), Cell::deg(None), |r| Cell::deg(get(r.1)));
    }
    frame.column(&rows, ("probability", "", "that the criterion holds"), Cell::share(None), |r| {
        Cell::share(r.1.probability)
    });
    frame
}

fn curves(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<(RepRow<'_>, usize)> = rep_rows(analysis)
        .into_iter()
        .flat_map(|row| (0..row.2.curves.first().map_or(0, |c| c.values.len())).map(move |i| (row, i)))
        .collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.0.0);
    set_keys(&mut frame, &rows, |r| r.0.1);
    rep_key(&mut frame, &rows, |r| r.0.2);
    frame.column(&rows, ("phase_pct", "%", "0 at the onset, 100 at the return"), Cell::Integer(None), |r| {
        Cell::count(r.1)
    });
    for signal in Signal::ALL {
        let unit = signal.unit();
        let cell = move |value: Option<f64>| if unit == "mm" { Cell::mm(value) } else { Cell::deg(value) };
        let description = format!("{}, from the stance before", signal.metric().title());
        frame.column(&rows, (format!("{}_{unit}", signal.name()), unit, description), cell(None), |r| {
            cell(r.0.2.curves.iter().find(|c| c.signal == signal).and_then(|c| c.values.get(r.1).copied()))
        });
    }
    frame
}

/// Something that happened: where, when, what, and why if that is known.
struct Happening<'a> {
    set: SetRow<'a>,
    at_s: f64,
    end_s: f64,
    kind: &'static str,
    rep: Option<u32>,
    reason: Option<&'static str>,
    text: Option<String>,
}

fn happenings(row: SetRow<'_>) -> Vec<Happening<'_>> {
    let spanning = |kind, span: truehinge_core::Span| Happening {
        set: row,
        at_s: span.start.seconds(),
        end_s: span.end.seconds(),
        kind,
        rep: None,
        reason: None,
        text: None,
    };
    let quiet = row.1.quiet_stances.iter().map(|span| spanning("quiet_stance", *span));
    let reps = row.1.reps.iter().map(|rep| Happening { rep: Some(rep.number), ..spanning("repetition", rep.span) });
    let rejected = row.1.rejected.iter().map(|RejectedCandidate { span, rejection }| Happening {
        reason: Some(rejection.name()),
        text: Some(rejection.to_string()),
        ..spanning("rejected", *span)
    });
    let mut all: Vec<Happening<'_>> = quiet.chain(reps).chain(rejected).collect();
    all.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    all
}

fn events(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<Happening<'_>> = set_rows(analysis).into_iter().flat_map(happenings).collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.set.0);
    set_keys(&mut frame, &rows, |r| r.set.1);
    frame.column(&rows, ("t_s", "s", "when it began"), Cell::seconds(None), |r| Cell::seconds(r.at_s));
    frame.column(&rows, ("end_s", "s", "when it ended"), Cell::seconds(None), |r| Cell::seconds(r.end_s));
    let text = || Cell::Text(None);
    frame.column(&rows, ("type", "", "quiet_stance, repetition or rejected"), text(), |r| Cell::text(r.kind));
    frame.column(&rows, ("rep", "", "number of the repetition, if it is one"), Cell::Integer(None), |r| {
        Cell::Integer(r.rep.map(i64::from))
    });
    frame.column(&rows, ("reason", "", "why it was not counted"), text(), |r| Cell::Text(r.reason.map(str::to_owned)));
    frame.column(&rows, ("description", "", "the same in words, with the numbers"), text(), |r| {
        Cell::Text(r.text.clone())
    });
    frame
}

/// A check of one sensor's data.
struct Check<'a> {
    session: &'a SessionAnalysis,
    sensor: &'a SensorQuality,
    name: &'static str,
    unit: &'static str,
    value: Option<f64>,
    limit: Option<f64>,
    pass: Option<bool>,
}

fn checks<'a>(session: &'a SessionAnalysis, sensor: &'a SensorQuality) -> Vec<Check<'a>> {
    let at_most = |name, unit, value: Option<f64>, limit: f64| Check {
        session,
        sensor,
        name,
        unit,
        value,
        limit: Some(limit),
        pass: value.map(|value| value <= limit),
    };
    let known = |name, unit, value| Check { session, sensor, name, unit, value, limit: None, pass: None };
    let off = sensor.gravity.map(|g| (g / truehinge_core::STANDARD_GRAVITY - 1.0).abs() * 100.0);
    vec![
        known("samples", "", Some(sensor.samples as f64)),
        known("rate", "Hz", Some(sensor.rate_hz)),
        at_most("loss", "%", Some(100.0 * sensor.loss()), 5.0),
        at_most("longest_gap", "s", Some(sensor.longest_gap_s), 0.3),
        known("clock_skew", "ppm", sensor.clock_skew_ppm),
        at_most("clock_uncertainty", "ms", sensor.clock_sigma_ms, 20.0),
        known("gravity", "m/s^2", sensor.gravity),
        at_most("gravity_error", "%", off, 5.0),
        at_most("clipped", "", Some(sensor.clipped as f64), 0.0),
        at_most("not_finite", "", Some(sensor.not_finite as f64), 0.0),
    ]
}

fn quality(analysis: Option<&SessionAnalysis>) -> Frame {
    let rows: Vec<Check<'_>> =
        analysis.into_iter().flat_map(|a| a.sensors.iter().flat_map(move |sensor| checks(a, sensor))).collect();
    let mut frame = Frame::default();
    keys(&mut frame, &rows, |r| r.session);
    let text = || Cell::Text(None);
    frame.column(&rows, ("sensor", "", "hip, shank, thigh or trunk"), text(), |r| Cell::text(r.sensor.role.name()));
    frame.column(&rows, ("check", "", "what was checked"), text(), |r| Cell::text(r.name));
    frame.column(&rows, ("unit", "", "unit of value and limit"), text(), |r| Cell::text(r.unit));
    frame.column(&rows, ("value", "see unit", "what was found"), Cell::seconds(None), |r| Cell::seconds(r.value));
    frame.column(&rows, ("limit", "see unit", "most that is fine"), Cell::seconds(None), |r| Cell::seconds(r.limit));
    frame.column(&rows, ("pass", "", "whether it is fine"), Cell::Bool(None), |r| Cell::Bool(r.pass));
    frame.column(&rows, ("session_grade", "", "grade of the whole session"), text(), |r| {
        Cell::text(QualityGrade::name(r.session.grade()))
    });
    frame
}

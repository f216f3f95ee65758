//! Numbers of a result as other programs read them: in the units of the tables, which the key's end names (`turn_s`,
//! `axis_sigma_deg`). Recordings and protocol files have forms of their own.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::body::{Anthropometry, SensorRole, Side};
use crate::budget::Budget;
use crate::finding::{Finding, FindingKind, QualityGrade};
use crate::id::{AthleteId, SessionId};
use crate::quantity::{Angle, Measured, Metres};
use crate::recording::{SessionInfo, Source, SourceFile};
use crate::rep::{Criterion, Curve, Evidence, Metric, Reading, RepMetrics, Signal};
use crate::time::{Clock, Span, Time};
use crate::words;

/// An instant in seconds.
pub(crate) fn seconds<C: Clock, S: Serializer>(at: &Time<C>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.seconds())
}

/// An angle in degrees.
pub(crate) fn degrees<S: Serializer>(angle: &Angle, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(angle.degrees())
}

/// A share in percent.
pub(crate) fn percent<S: Serializer>(share: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(100.0 * share)
}

/// Budgets under the columns of their metrics: the standard uncertainty from each source, in the metric's unit.
pub(crate) fn budgets<S: Serializer>(all: &BTreeMap<Metric, Budget>, serializer: S) -> Result<S::Ok, S::Error> {
    let terms = |metric: Metric, budget: &Budget| {
        budget.terms().map(|(source, sigma)| (source.name(), metric.in_unit(sigma))).collect::<BTreeMap<_, _>>()
    };
    serializer.collect_map(all.iter().map(|(metric, budget)| (metric.column(), terms(*metric, budget))))
}

/// What is known of a session, with body measures in mm.
pub(crate) fn info<S: Serializer>(info: &SessionInfo, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Info<'a> {
        session: &'a SessionId,
        athlete: &'a AthleteId,
        start_utc_ns: Option<i64>,
        start_local: Option<String>,
        utc_offset_min: Option<f64>,
        stance_side: Option<Side>,
        protocol: &'a str,
        body: Body,
        source: Origin<'a>,
    }
    let local = info.local_start();
    let (start_local, utc_offset_min) =
        (local.and_then(|start| start.iso_local()), local.and_then(|start| start.offset_minutes()));
    let SessionInfo { session, athlete, start_utc_ns, zone: _, stance_side, protocol, body, source } = info;
    let (start_utc_ns, stance_side, body) = (*start_utc_ns, *stance_side, Body::from(body));
    let Source { format, files, notes, .. } = source;
    let source = Origin { format, files, notes };
    Info { session, athlete, start_utc_ns, start_local, utc_offset_min, stance_side, protocol, body, source }
        .serialize(serializer)
}

/// Where the data came from; the protocol is in the provenance, and what is wrong is among the findings.
#[derive(Serialize)]
struct Origin<'a> {
    format: &'a str,
    files: &'a [SourceFile],
    notes: &'a [String],
}

/// Body measures.
#[derive(Serialize)]
struct Body {
    stature_mm: Option<Reading>,
    shank_length_mm: Option<Reading>,
    thigh_length_mm: Option<Reading>,
    hip_width_mm: Option<Reading>,
    mass_kg: Option<f64>,
}

impl From<&Anthropometry> for Body {
    fn from(body: &Anthropometry) -> Self {
        let mm = |length: Option<Measured<Metres>>| {
            length.map(|m| Reading { value: m.value.millimetres(), sigma: m.sigma.millimetres() })
        };
        Self {
            stature_mm: mm(body.stature),
            shank_length_mm: mm(body.shank_length),
            thigh_length_mm: mm(body.thigh_length),
            hip_width_mm: mm(body.hip_width),
            mass_kg: body.mass_kg,
        }
    }
}

/// Every metric under the name of its column, in its unit; null where it was not measured.
impl Serialize for RepMetrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Metric::ALL.map(|metric| (metric.column(), self.reading(metric))))
    }
}

/// As a row of the table of evidence.
impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row {
            criterion: Criterion,
            metric: Metric,
            unit: &'static str,
            value: f64,
            sigma: f64,
            limit: f64,
            margin: f64,
            probability: f64,
        }
        let Self { criterion, reading: Reading { value, sigma }, limit, margin, probability } = *self;
        let metric = criterion.metric();
        Row { criterion, metric, unit: metric.unit(), value, sigma, limit, margin, probability }.serialize(serializer)
    }
}

/// With the unit of its values.
impl Serialize for Curve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a> {
            signal: Signal,
            unit: &'static str,
            values: &'a [f64],
        }
        Named { signal: self.signal, unit: self.signal.unit(), values: &self.values }.serialize(serializer)
    }
}

/// Flat, with the sentence that people read.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            grade: QualityGrade,
            role: Option<SensorRole>,
            #[serde(flatten)]
            kind: &'a FindingKind,
            span: Option<Span>,
            message: String,
        }
        let Self { kind, role, span } = self;
        let (grade, message) = (self.grade(), words::sentence(self));
        Flat { grade, role: *role, kind, span: *span, message }.serialize(serializer)
    }
}

//! Numbers of a result as other programs read them: in the units of the tables, which the key's end names (`turn_s`,
//! `axis_sigma_deg`), under the names of the tables. Recordings and protocol files have forms of their own.
//!
//! A number that is not finite is written as null. Descriptions of the schemas (feature `schema`, docs/schema) are the comments here and at
//! the types that are printed, so these say the unit of the JSON.

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
use crate::start::iso_utc;
use crate::time::{Clock, Span, Time};
use crate::words;

/// Budgets in JSON: metric, source, standard uncertainty.
#[cfg(feature = "schema")]
pub(crate) type Budgets = BTreeMap<String, BTreeMap<String, f64>>;

/// Without the dust of a conversion of units, so that 349 mm are not 349.00000000000006: what is measured is known far less finely than this.
pub(crate) fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

/// An instant in seconds.
pub(crate) fn seconds<C: Clock, S: Serializer>(at: &Time<C>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.seconds())
}

/// An angle in degrees.
pub(crate) fn degrees<S: Serializer>(angle: &Angle, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(tidy(angle.degrees()))
}

/// A share in percent.
pub(crate) fn percent<S: Serializer>(share: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(tidy(100.0 * share))
}

/// Budgets under the columns of their metrics: the standard uncertainty from each source, in the metric's unit.
pub(crate) fn budgets<S: Serializer>(all: &BTreeMap<Metric, Budget>, serializer: S) -> Result<S::Ok, S::Error> {
    let terms = |metric: Metric, budget: &Budget| {
        budget.terms().map(|(source, sigma)| (source.name(), metric.in_unit(sigma))).collect::<BTreeMap<_, _>>()
    };
    serializer.collect_map(all.iter().map(|(metric, budget)| (metric.column(), terms(*metric, budget))))
}

/// What is known of a session.
pub(crate) fn info<S: Serializer>(info: &SessionInfo, serializer: S) -> Result<S::Ok, S::Error> {
    Info::of(info).serialize(serializer)
}

/// What is known of a session.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Info<'a> {
    /// Name of the session, unique for the person.
    session: &'a SessionId,
    /// Pseudonym of the person, every letter of it.
    athlete_id: &'a AthleteId,
    /// Start of the recording, UTC, ISO 8601; the clock time of the file where that states no time zone. Null where it is not known.
    start_utc: Option<String>,
    /// The same in nanoseconds after the Unix epoch: more digits than a double has.
    start_utc_ns: Option<i64>,
    /// The same on the clock on the wall there, ISO 8601 without a zone; null where only UTC is known.
    start_local: Option<String>,
    /// How far that clock was ahead of UTC, minutes; null where it is not known.
    utc_offset_min: Option<f64>,
    /// Supporting leg, unless markers say otherwise per set.
    stance_side: Option<Side>,
    /// Short name of the exercise protocol that the recording names.
    protocol: &'a str,
    /// Body measures, each only if somebody measured it.
    body: Body,
    /// Where the data came from.
    source: Origin<'a>,
}

impl<'a> Info<'a> {
    fn of(info: &'a SessionInfo) -> Self {
        let local = info.local_start();
        let Source { format, files, notes, .. } = &info.source;
        Self {
            session: &info.session,
            athlete_id: &info.athlete,
            start_utc: info.start_utc_ns.and_then(iso_utc),
            start_utc_ns: info.start_utc_ns,
            start_local: local.and_then(|start| start.iso_local()),
            utc_offset_min: local.and_then(|start| start.offset_minutes()),
            stance_side: info.stance_side,
            protocol: &info.protocol,
            body: Body::from(&info.body),
            source: Origin { format, files, notes },
        }
    }
}

/// Where the data came from; the protocol is in the provenance, and what is wrong is among the findings.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Origin<'a> {
    /// Format the data were read from.
    format: &'a str,
    /// The files read.
    files: &'a [SourceFile],
    /// What an importer recognised, guessed or left out, and what was changed since, in plain words.
    notes: &'a [String],
}

/// Body measures; null where nobody measured.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Body {
    /// Standing height, mm.
    stature_mm: Option<Reading>,
    /// Knee joint line to lateral malleolus, mm.
    shank_length_mm: Option<Reading>,
    /// Greater trochanter to knee joint line, mm.
    thigh_length_mm: Option<Reading>,
    /// Distance between the hip joint centres, mm.
    hip_width_mm: Option<Reading>,
    /// Body mass, kg.
    mass_kg: Option<f64>,
}

impl From<&Anthropometry> for Body {
    fn from(body: &Anthropometry) -> Self {
        let mm = |length: Option<Measured<Metres>>| {
            length.map(|m| Reading { value: tidy(m.value.millimetres()), sigma: tidy(m.sigma.millimetres()) })
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

/// One test behind a verdict, as a row of the table of evidence.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Test {
    /// What was tested.
    criterion: Criterion,
    /// The number it was tested with.
    metric: Metric,
    /// Unit of value, sigma, limit and margin: mm, deg, % or m/s2.
    unit: &'static str,
    /// Best estimate.
    value: f64,
    /// Standard uncertainty.
    sigma: f64,
    /// The limit it was held against.
    limit: f64,
    /// How far the value is on the criterion's side of the limit; negative when the criterion does not hold.
    margin: f64,
    /// Probability that the criterion holds, given the uncertainty, 0 to 1.
    probability: f64,
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { criterion, reading: Reading { value, sigma }, limit, margin, probability } = *self;
        let metric = criterion.metric();
        Test { criterion, metric, unit: metric.unit(), value, sigma, limit: tidy(limit), margin, probability }
            .serialize(serializer)
    }
}

/// A signal at 0, 1, ..., 100 % of the repetition, with the unit of its values.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Drawn<'a> {
    /// Which signal.
    signal: Signal,
    /// Unit of the values: mm or deg.
    unit: &'static str,
    /// 101 changes from the quiet stance; null where nothing is known.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Option<f64>>"))]
    values: &'a [f64],
}

impl Serialize for Curve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Drawn { signal: self.signal, unit: self.signal.unit(), values: &self.values }.serialize(serializer)
    }
}

/// Something a reader must know about the data: flat, with the values of its kind, and the sentence that people read.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Flat<'a> {
    /// How much it matters.
    grade: QualityGrade,
    /// Which sensor; null for the whole session.
    sensor: Option<SensorRole>,
    #[serde(flatten)]
    kind: &'a FindingKind,
    /// When, if it is a matter of some part of the session.
    span: Option<Span>,
    /// The same in words, with what to do.
    message: String,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, role, span } = self;
        let (grade, message) = (self.grade(), words::sentence(self));
        Flat { grade, sensor: *role, kind, span: *span, message }.serialize(serializer)
    }
}

/// Schemas of what is not serialised as it is built.
#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value};

    use super::{Drawn, Flat, Test};
    use crate::finding::Finding;
    use crate::rep::{Curve, Evidence, Metric, Reading, RepMetrics};

    impl JsonSchema for Evidence {
        fn schema_name() -> Cow<'static, str> {
            "Evidence".into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            Test::json_schema(generator)
        }
    }

    impl JsonSchema for Curve {
        fn schema_name() -> Cow<'static, str> {
            "Curve".into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            Drawn::json_schema(generator)
        }
    }

    impl JsonSchema for Finding {
        fn schema_name() -> Cow<'static, str> {
            "Finding".into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            Flat::json_schema(generator)
        }
    }

    impl JsonSchema for RepMetrics {
        fn schema_name() -> Cow<'static, str> {
            "RepMetrics".into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let reading = generator.subschema_for::<Option<Reading>>();
            let described = |metric: Metric| {
                let mut schema = reading.clone();
                schema.insert("description".to_owned(), format!("{}, {}.", metric.title(), metric.unit()).into());
                (metric.column(), Value::from(schema))
            };
            let properties: Map<String, Value> = Metric::ALL.map(described).into_iter().collect();
            let required: Vec<&String> = properties.keys().collect();
            json_schema!({
                "type": "object",
                "description": "Numbers of one repetition: changes from the quiet stance before it to the peak. Null where the sensors worn cannot say it.",
                "required": required,
                "properties": properties,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_leave_no_dust_and_nothing_else_is_lost() {
        assert_eq!(tidy(349.000_000_000_000_06), 349.0);
        assert_eq!(tidy(-23.487_192_837), -23.487_192_837);
        assert!(tidy(f64::NAN).is_nan() && tidy(f64::INFINITY).is_infinite());
        let body = Body::from(&Anthropometry::standing(crate::Length::from_metres(1.78)));
        assert_eq!(body.stature_mm.map(|stature| stature.value), Some(1780.0));
    }

    #[cfg(feature = "schema")]
    #[test]
    fn findings_of_every_kind_are_as_their_schema_says() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Finding>();
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("file:///finding.json", schema.into()).expect("a schema");
        let index = compiler.compile("file:///finding.json", &mut schemas).expect("a schema");
        for finding in crate::finding::one_of_each() {
            let json = serde_json::to_value(finding).expect("JSON");
            schemas.validate(&json, index).unwrap_or_else(|error| panic!("{error}\n{json:#}"));
        }
    }
}

//! Recordings as they were measured, and simulated ones.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, FieldRef, SchemaRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use truehinge_core::id::InvalidId;
use truehinge_core::{
    AthleteId, FreeAcceleration, HostTime, InertialSample, Metric, OrientationSample, SensorRole, SessionId, Track,
    TrackSamples, Verdict,
};
use truehinge_dataset::recording::write_recording;
use truehinge_sim::truth::RepKind;
use truehinge_sim::{Scenario, Truth};

use crate::capsule::Table;
use crate::failure::{Unusable, guarded};
use crate::how::How;
use crate::rows::{defect, described};
use crate::source::Source;

/// What was measured: samples with the times that were recorded, nothing resampled or corrected.
#[pyclass(frozen, module = "truehinge")]
pub struct Recording {
    /// As every front end has it.
    pub inner: Arc<truehinge_core::Recording>,
    warnings: Vec<String>,
    truth: Option<Truth>,
}

/// Reads one recording without analysing it. `source` and keywords are those of `analyze`.
#[pyfunction]
#[pyo3(
    signature = (source, *, name = None, **keywords),
    text_signature = "(source, *, name=None, side=None, athlete=None, height_cm=None, mapping=None, max_bytes=None)"
)]
pub fn read_recording(
    py: Python<'_>,
    source: Source,
    name: Option<String>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Recording> {
    let (how, source) = (How::of(keywords)?, source.named(name));
    let (recording, warnings) =
        py.detach(|| guarded(|| source.open(&how))).map_err(|unusable| unusable.about(&source.name()))?;
    Ok(Recording { inner: Arc::new(recording), warnings, truth: None })
}

/// A session of a person who does not exist, for teaching and for trying things out. `scenario` is one of `truehinge.SCENARIOS`, `seed` the
/// person. What truly happened is in `truth`. `athlete` and `session` are what the person and the session are called.
#[pyfunction]
#[pyo3(signature = (scenario = "typical", *, seed = 1, athlete = None, session = None))]
pub fn simulate(
    py: Python<'_>,
    scenario: &str,
    seed: u64,
    athlete: Option<String>,
    session: Option<String>,
) -> PyResult<Recording> {
    let known = scenarios(seed);
    let chosen = known.iter().find(|known| known.name == scenario).ok_or_else(|| {
        let names = known.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
        PyValueError::new_err(format!("there is no scenario {scenario:?}: there are {names}"))
    })?;
    let run = || {
        let invalid = |error: InvalidId| Unusable::of(&error);
        let mut run = chosen.run().map_err(invalid)?;
        if let Some(athlete) = athlete {
            run.info.athlete = AthleteId::new(athlete).map_err(invalid)?;
        }
        if let Some(session) = session {
            run.info.session = SessionId::new(session).map_err(invalid)?;
        }
        Ok((run.recording(), run.truth))
    };
    let (recording, truth) = py.detach(|| guarded(run))?;
    Ok(Recording { inner: Arc::new(recording), warnings: Vec::new(), truth: Some(truth) })
}

/// The scenarios that have a name. `demo` and `clean` are always the same person.
pub fn scenarios(seed: u64) -> Vec<Scenario> {
    let mut all = vec![Scenario::demo(), Scenario::clean()];
    all.extend(Scenario::conditions(seed));
    all
}

#[pymethods]
impl Recording {
    /// Every sample of every inertial sensor: role, its own clock, arrival, specific force and angular rate in the axes of the case.
    #[getter]
    fn samples(&self, py: Python<'_>) -> PyResult<Table> {
        py.detach(|| guarded(|| samples(&self.inner.tracks))).map_err(PyErr::from)
    }

    /// Every sample of sensors that give their orientation instead: a unit quaternion from the case to the earth, and free acceleration.
    #[getter]
    fn orientations(&self, py: Python<'_>) -> PyResult<Table> {
        py.detach(|| guarded(|| orientations(&self.inner.tracks))).map_err(PyErr::from)
    }

    /// What truly happened in a simulated session, a row for each repetition in the names and units of `reps`; None for a recording.
    #[getter]
    fn truth(&self) -> PyResult<Option<Table>> {
        Ok(self.truth.as_ref().map(true_reps).transpose()?)
    }

    /// Pseudonym of the person.
    #[getter]
    fn athlete(&self) -> &str {
        self.inner.info.athlete.as_str()
    }

    /// Name of the session.
    #[getter]
    fn session(&self) -> &str {
        self.inner.info.session.as_str()
    }

    /// Name of the protocol it was made under.
    #[getter]
    fn protocol(&self) -> &str {
        &self.inner.info.protocol
    }

    /// Start, ns after the Unix epoch in UTC; None if nothing says it.
    #[getter]
    fn start_utc_ns(&self) -> Option<i64> {
        self.inner.info.start_utc_ns
    }

    /// Where the sensors were worn.
    #[getter]
    fn sensors(&self) -> Vec<&'static str> {
        self.inner.tracks.iter().map(|track| track.role.name()).collect()
    }

    /// What reading another maker's files warned of.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// Writes it as a recording (`.mcap`) that the program reads too. Nothing is ever overwritten.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let write = || {
            write_recording(&path, &self.inner).map_err(|error| Unusable::of(&error).about(&path.display().to_string()))
        };
        py.detach(|| guarded(write)).map_err(PyErr::from)
    }

    fn __repr__(&self) -> String {
        let tracks = self.inner.tracks.iter().map(|track| format!("{} {}", track.role, track.samples.len()));
        format!("{} {}: samples of {}", self.athlete(), self.session(), tracks.collect::<Vec<_>>().join(", "))
    }
}

/// What columns of samples begin with.
struct Stamps {
    sensor: StringBuilder,
    device: Int64Builder,
    arrival: Int64Builder,
}

impl Stamps {
    fn new() -> Self {
        Self { sensor: StringBuilder::new(), device: Int64Builder::new(), arrival: Int64Builder::new() }
    }

    fn push(&mut self, role: SensorRole, device_ns: i64, arrival: Option<HostTime>) {
        self.sensor.append_value(role.name());
        self.device.append_value(device_ns);
        self.arrival.append_option(arrival.map(HostTime::nanos));
    }

    fn fields() -> Vec<FieldRef> {
        vec![
            described("sensor", DataType::Utf8, "", "Where the sensor was worn: hip, shank, thigh or trunk"),
            described("device_time_ns", DataType::Int64, "ns", "The sensor's own clock; its zero means nothing"),
            described(
                "arrival_ns",
                DataType::Int64,
                "ns",
                "When it arrived, from the start of the recording; missing where not recorded",
            ),
        ]
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.sensor.finish()), Arc::new(self.device.finish()), Arc::new(self.arrival.finish())]
    }
}

/// Columns of numbers that belong together, such as the axes of a vector.
fn push<const N: usize>(columns: &mut [Float64Builder], numbers: Option<[f64; N]>) {
    for (index, column) in columns.iter_mut().enumerate() {
        column.append_option(numbers.and_then(|numbers| numbers.get(index).copied()));
    }
}

fn builders<const N: usize>() -> [Float64Builder; N] {
    std::array::from_fn(|_| Float64Builder::new())
}

fn numbers(names: &[&str], unit: &str, description: &str) -> Vec<FieldRef> {
    names.iter().map(|name| described(name, DataType::Float64, unit, description)).collect()
}

fn samples(tracks: &[Track]) -> Result<Table, Unusable> {
    let mut fields = Stamps::fields();
    let force = ["specific_force_x_m_s2", "specific_force_y_m_s2", "specific_force_z_m_s2"];
    fields.extend(numbers(
        &force,
        "m/s2",
        "Output of the accelerometer along an axis of the case: +9.81 on the one that points up at rest",
    ));
    let rate = ["angular_rate_x_rad_s", "angular_rate_y_rad_s", "angular_rate_z_rad_s"];
    fields.extend(numbers(&rate, "rad/s", "Output of the gyroscope about an axis of the case"));
    let (mut stamps, mut forces, mut rates) = (Stamps::new(), builders::<3>(), builders::<3>());
    for track in tracks {
        let TrackSamples::Inertial(samples) = &track.samples else { continue };
        for InertialSample { device_time, arrival, specific_force, angular_rate } in samples {
            stamps.push(track.role, device_time.nanos(), *arrival);
            push(&mut forces, Some(specific_force.to_array()));
            push(&mut rates, Some(angular_rate.to_array()));
        }
    }
    table(fields, stamps.finish().into_iter().chain(finished(forces)).chain(finished(rates)).collect())
}

fn orientations(tracks: &[Track]) -> Result<Table, Unusable> {
    let mut fields = Stamps::fields();
    let turn = ["orientation_w", "orientation_x", "orientation_y", "orientation_z"];
    fields.extend(numbers(
        &turn,
        "1",
        "Unit quaternion that turns vectors of the case into those of the earth, z up, heading free",
    ));
    let free = ["free_acceleration_x_m_s2", "free_acceleration_y_m_s2", "free_acceleration_z_m_s2"];
    fields.extend(numbers(
        &free,
        "m/s2",
        "Acceleration without gravity, along an axis of the earth; missing where the sensor gives none",
    ));
    let (mut stamps, mut turns, mut accelerations) = (Stamps::new(), builders::<4>(), builders::<3>());
    for track in tracks {
        let TrackSamples::Orientation(samples) = &track.samples else { continue };
        for OrientationSample { device_time, arrival, rotation, free_acceleration } in samples {
            stamps.push(track.role, device_time.nanos(), *arrival);
            push(&mut turns, Some(rotation.to_wxyz()));
            push(&mut accelerations, free_acceleration.map(FreeAcceleration::to_array));
        }
    }
    table(fields, stamps.finish().into_iter().chain(finished(turns)).chain(finished(accelerations)).collect())
}

fn finished<const N: usize>(builders: [Float64Builder; N]) -> impl Iterator<Item = ArrayRef> {
    builders.into_iter().map(|mut builder| Arc::new(builder.finish()) as ArrayRef)
}

/// The numbers of a true repetition that a table has.
const TRUE_NUMBERS: [(Metric, &str); 5] = [
    (Metric::KneeForward, "knee_forward_mm"),
    (Metric::HipBack, "hip_back_mm"),
    (Metric::ShankTilt, "shank_tilt_deg"),
    (Metric::PelvisTilt, "pelvis_tilt_deg"),
    (Metric::KneeFlexion, "knee_flexion_deg"),
];

fn true_reps(truth: &Truth) -> Result<Table, Unusable> {
    let limits = truehinge_core::Protocol::default().criteria;
    let text = |name, description| described(name, DataType::Utf8, "", description);
    let mut fields = vec![
        text("side", "Supporting leg"),
        text("kind", "What the person meant to do"),
        text(
            "label",
            "Verdict that the true numbers demand by the limits of the standard protocol; missing in the grey zone",
        ),
    ];
    fields.extend(numbers(&["start_s", "end_s"], "s", "Edge of the repetition, at 5 % of the movement"));
    let unit = |metric: Metric| metric.unit();
    fields.extend(TRUE_NUMBERS.iter().map(|(metric, name)| {
        described(name, DataType::Float64, unit(*metric), "As in the table reps, computed from the bones")
    }));
    let (mut words, mut moments) = ([(); 3].map(|()| StringBuilder::new()), builders::<2>());
    let mut values = builders::<{ TRUE_NUMBERS.len() }>();
    for rep in &truth.reps {
        let cells = [Some(rep.side.name()), Some(kind(rep.kind)), rep.expected(&limits).map(Verdict::name)];
        words.iter_mut().zip(cells).for_each(|(column, cell)| column.append_option(cell));
        push(&mut moments, Some([rep.span.start.seconds(), rep.span.end.seconds()]));
        for (column, (metric, _)) in values.iter_mut().zip(TRUE_NUMBERS) {
            column.append_option(rep.metrics.reading(metric).map(|reading| reading.value));
        }
    }
    let words = words.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef);
    table(fields, words.chain(finished(moments)).chain(finished(values)).collect())
}

const fn kind(kind: RepKind) -> &'static str {
    match kind {
        RepKind::Hinge => "hinge",
        RepKind::KneeDrift => "knee_drift",
        RepKind::TooSmall => "too_small",
        RepKind::Grey => "grey",
        RepKind::Aborted => "aborted",
    }
}

fn table(fields: Vec<FieldRef>, columns: Vec<ArrayRef>) -> Result<Table, Unusable> {
    let schema: SchemaRef = Arc::new(arrow_schema::Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(defect)?;
    Ok(Table::new(schema, vec![batch]))
}

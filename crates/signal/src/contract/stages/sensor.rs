//! The stages that look at one sensor at a time, and the one that joins them.

use nalgebra::Vector3;
use truehinge_core::{Recording, SampleRate, SensorRole, Thigh, TrackSamples};

use super::super::{Session, Stage};
use super::MOMENTS;
use crate::clock::{self, ClockModel};
use crate::contract::outcome::{Outcome, Within};
use crate::drawn::session::Drawing;
use crate::grid::PoseGrid;
use crate::inertial::{self, Accelerometer};
use crate::orientation::{self, OrientationTrack, maker};
use crate::synchronise::{common_span, synchronise};
use crate::timebase::{self, ImuSample, MakerSample, Run, Uniform, UniformTrack};

fn first_samples(mut recording: Recording, samples: usize) -> Recording {
    for track in &mut recording.tracks {
        match &mut track.samples {
            TrackSamples::Inertial(all) => all.truncate(samples),
            TrackSamples::Orientation(all) => all.truncate(samples),
        }
    }
    recording
}

fn first_of_runs<T>(mut tracks: Vec<UniformTrack<T>>, samples: usize) -> Vec<UniformTrack<T>> {
    for track in &mut tracks {
        track.runs.truncate(samples);
        for run in &mut track.runs {
            run.samples.truncate(samples);
            run.quality.truncate(samples);
        }
    }
    tracks
}

/// Every sensor's samples on their own grid.
fn uniform(session: &Session, recording: &Recording) -> Vec<Uniform> {
    let models = clock::fit(recording, &session.method.clock).expect("clocks");
    let tracks = recording.tracks.iter().zip(&models);
    tracks.map(|(track, model)| timebase::uniform(track, model, &session.method.timebase).expect("a grid")).collect()
}

fn inertial_of(session: &Session, recording: &Recording) -> Vec<UniformTrack<ImuSample>> {
    let inertial = |track| match track {
        Uniform::Inertial(track) => track,
        Uniform::Maker(_) => panic!("orientations"),
    };
    uniform(session, recording).into_iter().map(inertial).collect()
}

/// The clocks of all sensors.
pub struct Clocks;

impl Stage for Clocks {
    const NAME: &'static str = "clock::fit";
    type Input = Recording;

    fn input(session: &Session) -> Recording {
        session.recording().clone()
    }

    fn first(input: Recording, samples: usize) -> Recording {
        first_samples(input, samples)
    }

    fn outcome(session: &Session, recording: &Recording) -> Outcome {
        let models = match clock::fit(recording, &session.method.clock) {
            Ok(models) => models,
            Err(error) => return Outcome::unable(error),
        };
        let mut said = Outcome::default();
        for (track, model) in recording.tracks.iter().zip(models) {
            let (role, report) = (track.role, model.report());
            said.word(format!("{role}: basis"), report.basis);
            said.word(format!("{role}: segments"), report.segments);
            said.word(format!("{role}: false early"), report.false_early);
            let within =
                Within { samples: 1e-6, turn: 1e-6, rate: 1e-3, grid: 0.0, because: "stamps are whole nanoseconds" };
            said.numbers(&format!("{role}: skew, ppm"), report.skew_ppm, within);
            let within = Within { samples: 1e-6, turn: 1e-6, rate: 6.0, grid: 0.0, because: PHASES };
            said.numbers(&format!("{role}: sigma, ms"), report.sigma_ms, within);
            let TrackSamples::Inertial(samples) = &track.samples else { continue };
            let at = |i: usize| session.seconds(model.to_session(i, samples[i].device_time).expect("a usable clock"));
            let within = Within {
                samples: 1e-7,
                turn: 1e-7,
                rate: 1e-6,
                grid: 0.0,
                because: "a clock that counts 1234 s in f64",
            };
            if samples.len() > 1 {
                said.number(format!("{role}: begins, s"), at(0), within);
                let period = session.drawing.hertz.recip();
                said.number(format!("{role}: ends, s"), at(samples.len() - 1) + period, within);
            }
        }
        said
    }
}

/// The samples of each sensor on a grid of their own.
pub struct TimeBase;

impl Stage for TimeBase {
    const NAME: &'static str = "timebase::uniform";
    type Input = (Recording, Vec<ClockModel>);

    fn input(session: &Session) -> Self::Input {
        let recording = session.recording().clone();
        let models = clock::fit(&recording, &session.method.clock).expect("clocks");
        (recording, models)
    }

    fn first((recording, models): Self::Input, samples: usize) -> Self::Input {
        (first_samples(recording, samples), models)
    }

    fn outcome(session: &Session, (recording, models): &Self::Input) -> Outcome {
        let mut said = Outcome::default();
        for (track, model) in recording.tracks.iter().zip(models) {
            let role = track.role;
            let uniform = match timebase::uniform(track, model, &session.method.timebase) {
                Ok(Uniform::Inertial(uniform)) => uniform,
                Ok(Uniform::Maker(_)) => panic!("orientations"),
                Err(error) => {
                    said.word(format!("{role}: unable"), error);
                    continue;
                }
            };
            let report = uniform.report;
            said.word(format!("{role}: lost, clipped, filled"), (report.lost, report.clipped, report.interpolated));
            said.word(format!("{role}: resampled"), report.resampled);
            said.word(format!("{role}: runs"), uniform.runs.len());
            let within = Within {
                samples: 1e-9,
                turn: 1e-9,
                rate: 1e-7,
                grid: 0.0,
                because: "the skew is known to 0.1 ppm at any rate",
            };
            said.number(
                format!("{role}: rate, of its nominal one"),
                uniform.rate.hertz() / session.drawing.hertz,
                within,
            );
            let within = Within { samples: 1e-7, turn: 1e-7, rate: 1e-6, grid: 0.0, because: "as the clock" };
            let run = &uniform.runs[0];
            said.number(format!("{role}: begins, s"), session.seconds(run.start), within);
            said.number(format!("{role}: ends, s"), session.seconds(run.time(run.samples.len() as f64)), within);
            for t in MOMENTS {
                said_sample(&mut said, &format!("{role}, {t} s"), &at(run, session, t));
            }
        }
        said
    }
}

/// The sample at a time, between the two around it.
fn at(run: &Run<ImuSample>, session: &Session, t: f64) -> ImuSample {
    let position = (session.at(t) - run.start).seconds() / run.period_s;
    let low = crate::math::points::at_or_below(position);
    run.samples[low].towards(&run.samples[low + 1], position - low as f64)
}

fn said_sample(said: &mut Outcome, name: &str, sample: &ImuSample) {
    let chord = "between samples 20 ms apart a line leaves the curve; 1 Hz swings";
    let within = Within { samples: 1e-5, turn: 1e-5, rate: 0.05, grid: 0.0, because: chord };
    said.number(format!("{name}: force, m/s²"), sample.specific_force.norm(), within);
    let within = Within { samples: 1e-6, turn: 1e-6, rate: 0.02, grid: 0.0, because: chord };
    said.number(format!("{name}: rate, rad/s"), sample.angular_rate.norm(), within);
}

/// Gravity and biases, of sensors of which the one at the hip has some.
pub struct Inertial;

impl Inertial {
    fn biased(drawing: &mut Drawing) {
        drawing.bias = (Vector3::new(0.1, -0.9, -0.3), Vector3::new(0.02, -0.03, 0.04));
    }
}

impl Stage for Inertial {
    const NAME: &'static str = "inertial::correct";
    type Input = Vec<UniformTrack<ImuSample>>;

    fn input(session: &Session) -> Self::Input {
        inertial_of(session, &session.but(Self::biased).drawing.recording())
    }

    fn first(input: Self::Input, samples: usize) -> Self::Input {
        first_of_runs(input, samples)
    }

    fn outcome(session: &Session, tracks: &Self::Input) -> Outcome {
        let mut said = Outcome::default();
        for track in tracks {
            let (role, mut track) = (track.role, track.clone());
            let report = inertial::correct(&mut track, &session.method);
            // In the segment's axes, as on the left leg.
            let on_segment = |[x, y, z]: [f64; 3]| -> [f64; 3] {
                let mounting = session.drawing.mounting::<Thigh>(role).quaternion();
                (mounting * Vector3::new(x, y, z)).into()
            };
            let mirror = session.drawing.mirror();
            let half = "rests are made of windows of half a second, whose samples are others";
            let within = Within { samples: 1e-6, turn: 1e-6, rate: 2e-3, grid: 0.0, because: half };
            said.numbers(&format!("{role}: gravity, m/s²"), report.gravity, within);
            said.number(format!("{role}: usual norm, m/s²"), report.usual_norm, within);
            said.word(format!("{role}: gyroscope corrected"), report.gyroscope_corrected);
            let within = Within { samples: 1e-8, turn: 1e-8, rate: 1e-4, grid: 0.0, because: half };
            let rate = report.gyroscope_bias.map(|bias| Drawing::on_left(on_segment(bias), mirror));
            said.numbers(&format!("{role}: gyroscope, rad/s"), rate.into_iter().flatten(), within);
            said.numbers(&format!("{role}: gyroscope's sigma, rad/s"), report.gyroscope_sigma, within);
            match report.accelerometer {
                Accelerometer::Corrected { bias, sigma, gravity } => {
                    let because = "the fit averages blocks of 0.1 s, whose samples are others";
                    let within = Within { samples: 1e-6, turn: 1e-6, rate: 0.05, grid: 0.0, because };
                    let [x, y, z] = on_segment(bias);
                    said.numbers(&format!("{role}: accelerometer, m/s²"), [x, y, mirror * z], within);
                    said.number(format!("{role}: sigma, m/s²"), Vector3::from(sigma).norm(), within);
                    said.number(format!("{role}: corrected gravity, m/s²"), gravity, within);
                }
                other => said.word(format!("{role}: accelerometer"), other),
            }
        }
        said
    }
}

/// Attitude and bias of each sensor.
pub struct Orientation;

impl Orientation {
    /// A bias that the filter has to find.
    fn biased(drawing: &mut Drawing) {
        drawing.bias.1 = Vector3::new(0.005, -0.003, 0.004);
    }
}

impl Stage for Orientation {
    const NAME: &'static str = "orientation::estimate";
    type Input = Vec<UniformTrack<ImuSample>>;

    fn input(session: &Session) -> Self::Input {
        let mut tracks = inertial_of(session, &session.but(Self::biased).drawing.recording());
        for track in &mut tracks {
            inertial::correct(track, &session.method);
        }
        tracks
    }

    fn first(input: Self::Input, samples: usize) -> Self::Input {
        first_of_runs(input, samples)
    }

    fn outcome(session: &Session, tracks: &Self::Input) -> Outcome {
        let mut said = Outcome::default();
        for track in tracks {
            let role = track.role;
            match orientation::estimate(track.clone(), &session.method) {
                Ok(oriented) => said_orientation(&mut said, session, &oriented),
                Err(error) => said.word(format!("{role}: unable"), error),
            }
        }
        said
    }
}

fn said_orientation(said: &mut Outcome, session: &Session, oriented: &OrientationTrack) {
    let role = oriented.role;
    for run in oriented.runs.iter().filter(|run| run.samples.len() == 1) {
        said.numbers(&format!("{role}: only lean"), session.leans(role, run.estimates[0].rotation), EXACT);
    }
    for run in oriented.runs.iter().filter(|run| run.samples.len() > 1) {
        for t in MOMENTS {
            let estimate = &run.estimates[crate::math::points::nearest(run.position(session.at(t)))];
            let because = "the nearest sample is up to 10 ms away, and the filter clips by component";
            let within = Within { samples: 2e-4, turn: 0.05, rate: 0.2, grid: 0.0, because };
            said.numbers(&format!("{role}, {t} s: lean, deg"), session.leans(role, estimate.rotation), within);
            let mounting = session.drawing.mounting::<Thigh>(role).quaternion();
            let bias = Drawing::on_left((mounting * estimate.bias.vector()).into(), session.drawing.mirror());
            let within = Within { samples: 5e-6, turn: 1e-3, rate: 2e-4, grid: 0.0, because: CLIPS };
            said.numbers(&format!("{role}, {t} s: bias, rad/s"), bias, within);
        }
    }
}

/// The published filter clips each component of a disagreement at 2 deg/s: which components it has depends on how the case is turned.
/// A rest may begin a sample earlier when a stamp is a nanosecond later.
const CLIPS: &str = "the filter clips by component, and rests begin with a sample";

/// Where every packet holds one sample, the samples' own period looks like the link's interval, and the part of it in which nothing
/// ever arrived counts as uncertain.
const PHASES: &str = "the phase gap of an interval that is the samples' period, over the root of 12";

/// Nothing but rounding at any rate.
const EXACT: Within = Within { samples: 1e-5, turn: 1e-5, rate: 1e-5, grid: 1e-5, because: "rounding" };

/// Orientations from a maker's filter.
pub struct Maker;

impl Stage for Maker {
    const NAME: &'static str = "orientation::maker::estimate";
    type Input = Vec<UniformTrack<MakerSample>>;

    fn input(session: &Session) -> Self::Input {
        let maker = |track| match track {
            Uniform::Maker(track) => track,
            Uniform::Inertial(_) => panic!("samples"),
        };
        uniform(session, &session.drawing.orientations()).into_iter().map(maker).collect()
    }

    fn first(input: Self::Input, samples: usize) -> Self::Input {
        first_of_runs(input, samples)
    }

    fn outcome(session: &Session, tracks: &Self::Input) -> Outcome {
        let mut said = Outcome::default();
        for track in tracks {
            let oriented = maker::estimate(track, &session.method);
            said.word(format!("{}: derived", track.role), oriented.derived);
            said_orientation(&mut said, session, &oriented);
            for run in oriented.runs.iter().filter(|run| run.samples.len() > 1) {
                for t in MOMENTS {
                    let sample = run.samples[crate::math::points::nearest(run.position(session.at(t)))];
                    let because = "central differences over 40 ms, and the nearest sample is up to 10 ms away";
                    let within = Within { samples: 1e-5, turn: 1e-5, rate: 0.3, grid: 0.0, because };
                    said.number(format!("{}, {t} s: rate, rad/s", track.role), sample.angular_rate.norm(), within);
                }
                let rests = run.estimates.chunk_by(|a, b| a.at_rest == b.at_rest).filter(|part| part[0].at_rest);
                let seconds = rests.map(|rest| rest.len() as f64 * run.period_s).sum();
                let because = "a rest begins and ends with a sample";
                let within = Within { samples: 1e-6, turn: 1e-6, rate: 0.2, grid: 0.0, because };
                said.number(format!("{}: at rest, s", track.role), seconds, within);
            }
        }
        said
    }
}

/// All sensors on one grid.
pub struct Synchronise;

impl Stage for Synchronise {
    const NAME: &'static str = "synchronise";
    type Input = Vec<OrientationTrack>;

    fn input(session: &Session) -> Self::Input {
        let tracks = inertial_of(session, session.recording());
        tracks.iter().map(|track| orientation::estimate(track.clone(), &session.method).expect("fast enough")).collect()
    }

    fn first(mut input: Self::Input, samples: usize) -> Self::Input {
        for track in &mut input {
            track.runs.truncate(samples);
            for run in &mut track.runs {
                run.samples.truncate(samples);
                run.estimates.truncate(samples);
                run.quality.truncate(samples);
            }
        }
        input
    }

    fn outcome(session: &Session, tracks: &Self::Input) -> Outcome {
        let Some(span) = common_span(&tracks.iter().collect::<Vec<_>>()) else {
            // Where there is no common time a grid can be asked for all the same.
            let rate = SampleRate::from_hertz(100.0).expect("positive");
            let grid =
                synchronise(&tracks.iter().collect::<Vec<_>>(), truehinge_core::Span::from_seconds(0.0, 0.05), rate);
            let mut said = Outcome::unable("no common time");
            let forces = grid.tracks.iter().flat_map(|track| track.specific_force.iter().map(|force| force.norm()));
            said.numbers("force", forces, EXACT);
            return said;
        };
        let rate = SampleRate::from_hertz(session.method.grid.rate_hz).expect("positive");
        said_grid(session, &synchronise(&tracks.iter().collect::<Vec<_>>(), span, rate))
    }
}

fn said_grid(session: &Session, grid: &PoseGrid) -> Outcome {
    let mut said = Outcome::default();
    let within = Within { samples: 1e-7, turn: 1e-7, rate: 1e-6, grid: 1e-9, because: "as the clocks" };
    said.number("begins, s", session.seconds(grid.start), within);
    let within =
        Within { samples: 0.0, turn: 0.0, rate: 0.02, grid: 0.02, because: "the last point, and the last sample" };
    said.number("lasts, s", grid.len() as f64 / grid.rate.hertz(), within);
    for (track, t) in grid.tracks.iter().flat_map(|track| MOMENTS.map(|t| (track, t))) {
        // The moment of a point on all grids.
        let i = crate::math::points::nearest(t * grid.rate.hertz());
        let (role, leans): (SensorRole, _) = (track.role, session.leans(track.role, track.poses[i]));
        let within = Within { samples: 2e-4, turn: 0.05, rate: 0.1, grid: 1e-9, because: CLIPS };
        said.numbers(&format!("{role}, {t} s: lean, deg"), leans, within);
        let because = "between samples 20 ms apart a line leaves the curve";
        let within = Within { samples: 5e-6, turn: 1e-3, rate: 0.02, grid: 1e-9, because };
        said.number(format!("{role}, {t} s: rate, rad/s"), track.angular_rate[i].norm(), within);
        let within = Within { samples: 1e-5, turn: 1e-5, rate: 0.05, grid: 1e-9, because };
        said.number(format!("{role}, {t} s: force, m/s²"), track.specific_force[i].norm(), within);
        said.word(format!("{role}, {t} s: valid"), (track.valid[i], track.measured[i]));
    }
    said
}

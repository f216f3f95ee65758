//! Every model of sensor, as a virtual device behind a simulated radio, through the real driver and recorder: what the sensor
//! measured arrives, at the right device times, and is analysed to the repetitions that were made.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::{NusDriver, Profile};
use truehinge_ble::driver::{ImuDriver, metamotion, recognise};
use truehinge_ble::{Markers, SensorLink, SensorTally, record};
use truehinge_core::{
    Cause, ClockKind, DeviceInfo, InertialSample, Marker, Notification, Protocol, RecordSink, Recording,
    STANDARD_GRAVITY, SensorRole, SequenceGap, Track, TrackSamples,
};
use truehinge_signal::{Method, analyse};
use truehinge_sim::device::{self, Board, Dot, MetaMotion, UnknownMode, VirtualDevice};
use truehinge_sim::peripheral::{RadioModel, VirtualPeripheral};
use truehinge_sim::{Scenario, SimulatedSession, VirtualTrack};

/// Keeps what is recorded as the tracks of a recording.
#[derive(Default)]
struct Kept {
    tracks: Vec<Track>,
}

impl Kept {
    fn track(&mut self, role: SensorRole) -> &mut Track {
        self.tracks.iter_mut().find(|track| track.role == role).expect("declared")
    }

    fn samples(&self, role: SensorRole) -> &[InertialSample] {
        let track = self.tracks.iter().find(|track| track.role == role).expect("declared");
        let TrackSamples::Inertial(samples) = &track.samples else { panic!("inertial") };
        samples
    }
}

impl RecordSink for Kept {
    fn sensor(&mut self, role: SensorRole, device: &DeviceInfo, clock: ClockKind) -> io::Result<()> {
        let samples = TrackSamples::Inertial(Vec::new());
        self.tracks.push(Track { role, device: device.clone(), clock, samples, sequence_gaps: Vec::new() });
        Ok(())
    }
    fn notification(&mut self, _: SensorRole, _: &Notification) -> io::Result<()> {
        Ok(())
    }
    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) -> io::Result<()> {
        let TrackSamples::Inertial(kept) = &mut self.track(role).samples else { panic!("inertial") };
        kept.extend_from_slice(samples);
        Ok(())
    }
    fn gap(&mut self, role: SensorRole, lost: u64) -> io::Result<()> {
        let track = self.track(role);
        let TrackSamples::Inertial(samples) = &track.samples else { panic!("inertial") };
        track.sequence_gaps.push(SequenceGap { before_sample: samples.len(), lost });
        Ok(())
    }
    fn marker(&mut self, _: &Marker) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A way to make a device, and the driver it is for.
type Model = (fn() -> Box<dyn VirtualDevice>, Arc<dyn ImuDriver>);

fn models() -> Vec<Model> {
    let recognised = |make: fn() -> Box<dyn VirtualDevice>| -> Model {
        let driver = recognise(&make().advertisement()).expect("some driver knows it");
        (make, Arc::from(driver))
    };
    vec![
        recognised(|| Box::new(Dot::default())),
        recognised(|| Box::new(Dot::without_mode_26(UnknownMode::Ignored))),
        recognised(|| Box::new(Dot::without_mode_26(UnknownMode::Refused))),
        recognised(|| Box::new(MetaMotion::new(Board::R))),
        recognised(|| Box::new(MetaMotion::new(Board::S))),
        (|| Box::new(MetaMotion::new(Board::S)), Arc::new(metamotion::PACKED)),
        recognised(|| Box::new(device::Movesense::default())),
        recognised(|| Box::new(device::Polar::default())),
        recognised(|| Box::new(device::Thingy::default())),
        recognised(|| Box::new(device::Wit::default())),
        (|| Box::new(device::Nus::packets("OWN", 100.0)), Arc::new(own_packets())),
    ]
}

/// A sensor that needs no Rust: what it sends stands in a profile.
fn own_packets() -> NusDriver {
    NusDriver { profile: Profile::from_toml(device::PACKETS_PROFILE).expect("valid") }
}

/// A session with sensors that measure at the model's rate and mounted as the scenario says.
fn session(driver: &dyn ImuDriver) -> SimulatedSession {
    let rate = driver.device().nominal_rate.expect("every model has one");
    Scenario { rate, ..Scenario::typical(1) }.run().expect("runs")
}

fn perfect(seed: u64) -> RadioModel {
    RadioModel { packet_loss: 0.0, ..RadioModel::typical(seed) }
}

/// Records the tracks by this model; also what was lost on the way.
fn recorded(
    session: &SimulatedSession,
    model: &Model,
    radio: impl Fn(u64) -> RadioModel,
) -> (Kept, Vec<SensorTally>, u64) {
    let (make, driver) = model;
    let mut lost = Vec::new();
    let sensors = (1..)
        .zip(&session.tracks)
        .map(|(seed, track)| {
            let peripheral = VirtualPeripheral::of(make(), track, &radio(seed));
            lost.push(peripheral.lost_samples());
            SensorLink { role: track.role, link: Box::new(peripheral), driver: Arc::clone(driver) }
        })
        .collect();
    let mut kept = Kept::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let cancel = CancellationToken::new();
    let tallies =
        runtime.block_on(record(sensors, &mut kept, Markers::default(), cancel, &mut |_| {})).expect("records");
    (kept, tallies.into_values().collect(), lost.iter().map(|lost| lost.load(Relaxed)).sum())
}

/// Half a count of accelerometer (m/s²) and gyroscope (rad/s), and a tick of the clock (s).
fn resolution(model: &str) -> (f64, f64, f64) {
    let (g, dps) = (STANDARD_GRAVITY, 1_f64.to_radians());
    match model {
        "movella-dot" => (1e-5, 1e-5, 1.1e-6),
        "metamotion" => (0.5 * g / 4096.0, 0.5 * dps / 16.4, 1.5e-3),
        "metamotion-packed" => (0.5 * g / 4096.0, 0.5 * dps / 16.4, f64::INFINITY),
        "movesense" => (1e-5, 1e-5, 1.5e-3),
        // Angular rates are interpolated between times that are spread over a frame, the first one by the nominal rate.
        "polar-verity-sense" => (0.5 * g * 2.44e-4, 0.07 * dps, 1e-3),
        "nus" => (0.5 * g / 4096.0, 0.5 * dps / 32.8, 1.1e-6),
        "thingy52" => (0.5 * g / 1024.0, 0.5 * dps / 32.0, f64::INFINITY),
        "witmotion" => (0.5 * 16.0 * g / 32_768.0, 0.5 * 2000.0 * dps / 32_768.0, f64::INFINITY),
        other => panic!("{other}"),
    }
}

#[test]
fn what_every_model_measures_arrives() {
    for model in models() {
        let name = model.1.model();
        let session = session(&*model.1);
        let (kept, tallies, lost) = recorded(&session, &model, perfect);
        assert_eq!(lost, 0, "{name}");
        for (tally, track) in tallies.iter().zip(&session.tracks) {
            assert!(tally.undecodable.is_empty(), "{name}: {tally:?}");
            // A batch that is not full when the session ends is never sent.
            let missing = track.samples.len() as u64 - tally.received;
            assert!(missing < 20, "{name}: {missing} of {}", track.samples.len());
            compare(name, kept.samples(track.role), track);
        }
    }
}

/// Values and times of what was received against what was measured.
fn compare(name: &str, received: &[InertialSample], measured: &VirtualTrack) {
    let (force, rate, tick) = resolution(name);
    // Polar's two streams need not begin together: what only one of them has measured is left out.
    let distance = |skip: usize| (received[0].specific_force - measured.samples[skip].specific_force).norm();
    let skipped = (0..3).min_by(|&a, &b| distance(a).total_cmp(&distance(b))).expect("three");
    let measured = &measured.samples[skipped..];
    let start = (received[0].device_time, measured[0].device_time);
    for (got, sent) in received.iter().zip(measured) {
        let off = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let force_off = off(got.specific_force.to_array(), sent.specific_force.to_array());
        let rate_off = off(got.angular_rate.to_array(), sent.angular_rate.to_array());
        assert!(force_off <= force * 1.001, "{name}: {force_off} m/s2");
        assert!(rate_off <= rate * 1.001 + 1e-9, "{name}: {rate_off} rad/s");
        let time_off = ((got.device_time - start.0) - (sent.device_time - start.1)).seconds().abs();
        assert!(time_off <= tick, "{name}: {time_off} s");
    }
}

/// A model, set to the fastest of its rates.
fn fastest((make, driver): &Model) -> Model {
    let rates = driver.rates();
    (*make, Arc::from(driver.at(rates[rates.len() - 1]).expect("has it")))
}

#[test]
fn every_model_is_back_after_a_lost_link() {
    for model in models().into_iter().flat_map(|model| [fastest(&model), model]) {
        let name = model.1.model();
        let session = session(&*model.1);
        let outage = |seed| RadioModel { outage: Some((10.0, 14.0)), ..perfect(seed) };
        let (kept, tallies, lost) = recorded(&session, &model, outage);
        let all: usize = session.tracks.iter().map(|track| track.samples.len()).sum();
        let received: u64 = tallies.iter().map(|tally| tally.received).sum();
        assert!(tallies.iter().all(|tally| tally.link_losses == 1), "{name}");
        // Batches that are cut by the outage are lost as well.
        let missing = all as u64 - received - lost;
        assert!(missing < 150, "{name}: {missing} of {all} more than the {lost} lost");
        for track in &session.tracks {
            let last = kept.samples(track.role).last().expect("some").arrival.expect("stamped").seconds();
            assert!(last > session.duration - 2.0, "{name}: nothing after {last} s");
        }
    }
}

#[test]
fn sessions_of_every_model_are_analysed_to_the_same_repetitions() {
    for model in models() {
        let session = session(&*model.1);
        let (kept, ..) = recorded(&session, &model, perfect);
        assert_same_repetitions(model.1.model(), &session, kept);
    }
}

#[test]
fn sessions_at_other_rates_are_recorded_as_such_and_have_the_same_repetitions() {
    for (make, usual) in models() {
        // A profile has only one, which is its usual.
        for rate in usual.rates().into_iter().filter(|rate| usual.device().nominal_rate != Some(*rate)) {
            let model: Model = (make, Arc::from(usual.at(rate).expect("has it")));
            let name = format!("{} at {} Hz", usual.model(), rate.hertz());
            let session = session(&*model.1);
            let (kept, ..) = recorded(&session, &model, perfect);
            for track in &session.tracks {
                // A batch that is not full when the session ends is never sent.
                let missing = track.samples.len() - kept.samples(track.role).len();
                assert!(missing < 21, "{name}: {missing} samples are missing");
            }
            assert!(kept.tracks.iter().all(|track| track.device.nominal_rate == Some(rate)), "{name}");
            assert_same_repetitions(&name, &session, kept);
        }
    }
}

/// What is found in the tracks as they were kept is what was made.
fn assert_same_repetitions(name: &str, session: &SimulatedSession, kept: Kept) {
    let mut recording = Recording { info: session.info.clone(), tracks: kept.tracks, markers: session.markers.clone() };
    for (track, worn) in recording.tracks.iter_mut().zip(&session.tracks) {
        track.device.mount = worn.device.mount;
    }
    let protocol = Protocol::default();
    let analysis = analyse(&recording, &Method::default(), &protocol).expect("analyses");
    // One is broken off: it counts, and nothing is said of it.
    let whole = analysis.reps().filter(|(_, rep)| rep.judgement.cause != Cause::PerhapsBrokenOff);
    let found: Vec<f64> = whole.map(|(_, rep)| rep.span.start.seconds()).collect();
    let truth: Vec<f64> = session.truth.reps.iter().map(|rep| rep.span.start.seconds()).collect();
    assert_eq!(found.len(), truth.len(), "{name}: {found:?} instead of {truth:?}");
    let latest = found.iter().zip(&truth).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(latest < 0.4, "{name}: {latest} s");
}

//! Clock fits against simulated radio links with known truth.
//!
//! The link: a sensor with its own clock stamps samples; packets wait for the next connection event, lost events cost a whole
//! interval, the host's stack adds a little, and now and then the host stalls. All bounds are statistical, over fixed seeds.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts and indices of simulated samples, small and not negative"
)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp};
use truehinge_core::{
    AngularRate, ClockKind, Delays, DeviceInfo, DeviceTime, HostTime, InertialSample, Recording, SampleRate,
    SensorRole, SessionInfo, SpecificForce, Track, TrackSamples,
};
use truehinge_signal::Method;
use truehinge_signal::clock::{self, ClockBasis, ClockFitError, ClockModel};

#[derive(Clone, Copy)]
struct LinkSettings {
    rate: f64,
    interval: f64,
    ppm: f64,
    lost_events: f64,
    stall: f64,
}

const GOOD_LINK: LinkSettings =
    LinkSettings { rate: 60.0, interval: 0.015, ppm: 40.0, lost_events: 0.03, stall: 0.002 };
const BAD_LINK: LinkSettings = LinkSettings { interval: 0.045, lost_events: 0.25, stall: 0.01, ..GOOD_LINK };

/// One sample of the simulation.
#[derive(Clone, Copy)]
struct Packet {
    truth: f64,
    device: f64,
    arrival: f64,
}

fn simulate(rng: &mut ChaCha8Rng, seconds: f64, link: LinkSettings) -> Vec<Packet> {
    let stack = Exp::new(1e3).expect("positive rate");
    let skew = 1.0 + rng.random_range(-link.ppm..=link.ppm) * 1e-6;
    let (start, phase) = (rng.random::<f64>() / link.rate, rng.random_range(0.0..link.interval));
    let count = (seconds * link.rate) as usize;
    let (mut event, mut arrival) = (0.0_f64, 0.0_f64);
    (0..count)
        .map(|k| {
            let truth = start + k as f64 / link.rate / skew;
            let device = ((truth * skew + 12.345) * 1e6).round() / 1e6;
            let ready = truth + 1e-3 + 0.2 * stack.sample(rng);
            let mut next = ((ready - phase) / link.interval).ceil();
            while rng.random::<f64>() < link.lost_events {
                next += 1.0;
            }
            event = event.max(next);
            let stall = if rng.random::<f64>() < link.stall { rng.random_range(0.02..0.2) } else { 0.0 };
            let reached = phase + event * link.interval + 0.5e-3 + stack.sample(rng) + stall;
            arrival = arrival.max(reached);
            Packet { truth, device, arrival }
        })
        .collect()
}

fn track(role: SensorRole, clock: ClockKind, packets: &[Packet]) -> Track {
    let samples = packets
        .iter()
        .map(|p| InertialSample {
            device_time: DeviceTime::from_seconds(p.device),
            arrival: Some(HostTime::from_seconds(p.arrival)),
            specific_force: SpecificForce::new(0.0, 0.0, 9.81),
            angular_rate: AngularRate::new(0.0, 0.0, p.truth),
        })
        .collect();
    Track {
        role,
        device: DeviceInfo::default(),
        clock,
        samples: TrackSamples::Inertial(samples),
        sequence_gaps: vec![],
    }
}

fn fitted(clock: ClockKind, packets: &[Packet]) -> ClockModel {
    clock::fit_track(&track(SensorRole::Hip, clock, packets), None, &Method::default().clock).expect("fits")
}

/// Mapped time minus truth, s, of every sample.
fn errors(model: &ClockModel, packets: &[Packet]) -> Vec<f64> {
    let mapped = |(i, p): (usize, &Packet)| {
        model.to_session(i, DeviceTime::from_seconds(p.device)).map(|at| at.seconds() - p.truth)
    };
    packets.iter().enumerate().filter_map(mapped).collect()
}

/// Error of one timeline against the other at 50 instants spread over both, s.
fn relative_errors(a: (&ClockModel, &[Packet]), b: (&ClockModel, &[Packet])) -> Vec<f64> {
    let (ea, eb) = (errors(a.0, a.1), errors(b.0, b.1));
    let at = |e: &[f64], share: f64| e[(share * (e.len() - 1) as f64) as usize];
    (0..50).map(|i| f64::from(i) / 49.0 * 0.96 + 0.02).map(|share| at(&ea, share) - at(&eb, share)).collect()
}

fn worst(errors: &[f64]) -> f64 {
    errors.iter().fold(0.0, |worst, e| worst.max(e.abs()))
}

/// The 95th percentile over `trials` seeds of the largest relative error, ms; and the RMS of (error at the middle / stated).
fn trial(seconds: f64, a: LinkSettings, b: LinkSettings, trials: u64) -> (f64, f64) {
    let mut largest = Vec::new();
    let mut squares = 0.0;
    for seed in 0..trials {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (pa, pb) = (simulate(&mut rng, seconds, a), simulate(&mut rng, seconds, b));
        let (ma, mb) = (fitted(ClockKind::Device, &pa), fitted(ClockKind::Device, &pb));
        let relative = relative_errors((&ma, &pa), (&mb, &pb));
        largest.push(1e3 * worst(&relative));
        let sigma = |model: &ClockModel| model.report().sigma_ms.expect("fitted");
        squares += (1e3 * relative[25] / sigma(&ma).hypot(sigma(&mb))).powi(2);
    }
    largest.sort_by(f64::total_cmp);
    let p95 = largest[(0.95 * trials as f64) as usize];
    let honesty = (squares / trials as f64).sqrt();
    println!("{seconds} s, {}/{} ms: P95 of worst {p95:.2} ms, z RMS {honesty:.2}", a.interval * 1e3, b.interval * 1e3);
    (p95, honesty)
}

// The bounds of the next three tests are the project's goals for these links. An independent simulation of the same hull,
// in another language, gave 1.8 and 3.0 ms for the first two.

#[test]
fn like_links_stay_within_two_and_a_half_milliseconds() {
    let (p95, honesty) = trial(30.0, GOOD_LINK, GOOD_LINK, 100);
    assert!(p95 <= 2.5, "{p95} ms");
    assert!((0.4..1.6).contains(&honesty), "{honesty}");
}

#[test]
fn a_bad_link_beside_a_good_one_stays_within_four() {
    let (p95, honesty) = trial(30.0, GOOD_LINK, BAD_LINK, 100);
    assert!(p95 <= 4.0, "{p95} ms");
    assert!((0.4..1.6).contains(&honesty), "{honesty}");
}

#[test]
fn poor_oscillators_stay_within_two() {
    let poor = LinkSettings { ppm: 500.0, ..GOOD_LINK };
    let (p95, _) = trial(120.0, poor, poor, 50);
    assert!(p95 <= 2.0, "{p95} ms");
}

#[test]
fn a_phase_locked_link_says_so() {
    // 50 ms is three periods of 60 Hz: packets are ready at three phases only, and the least wait is unknown within 16.7 ms.
    let locked = LinkSettings { interval: 0.05, ppm: 5.0, ..GOOD_LINK };
    let (_, honesty) = trial(30.0, locked, locked, 100);
    assert!((0.6..1.6).contains(&honesty), "{honesty}");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let packets = simulate(&mut rng, 30.0, locked);
    let report = fitted(ClockKind::Device, &packets).report();
    assert_eq!(report.connection_interval_ms, Some(50.0));
    assert!((13.0..17.0).contains(&report.phase_gap_ms), "{report:?}");
}

#[test]
fn the_skew_is_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut packets = simulate(&mut rng, 120.0, LinkSettings { ppm: 0.0, ..GOOD_LINK });
    for packet in &mut packets {
        packet.device *= 1.0 - 300e-6;
    }
    let report = fitted(ClockKind::Device, &packets).report();
    // 2 ms of floor noise over 120 s are 17 ppm.
    assert!((report.skew_ppm.expect("fitted") - 300.0).abs() < 25.0, "{report:?}");
    assert_eq!(report.basis, ClockBasis::Arrivals);
    assert!(report.floor_points > 100 && report.residual_median_ms < report.residual_p95_ms);
}

#[test]
fn a_device_reset_in_the_middle_gives_two_segments() {
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut packets = simulate(&mut rng, 60.0, GOOD_LINK);
        // The link is away from 25 s to 32 s; after that the device counts from zero.
        packets.retain(|p| p.truth < 25.0 || p.truth > 32.0);
        let restart = packets.iter().position(|p| p.truth > 32.0).expect("data after the gap");
        let zero = packets[restart].device;
        for packet in &mut packets[restart..] {
            packet.device -= zero;
        }
        let model = fitted(ClockKind::Device, &packets);
        assert_eq!(model.segments().len(), 2, "seed {seed}");
        assert_eq!(model.segments()[1].samples.start, restart);
        let errors = errors(&model, &packets);
        let centre = errors.iter().sum::<f64>() / errors.len() as f64;
        // The common least delay of the link (about 2 to 4 ms) is not observable; what remains is the fit's.
        let spread = errors.iter().map(|e| (e - centre).abs()).fold(0.0, f64::max);
        assert!(spread < 3.5e-3 && centre < 5e-3, "seed {seed}: {spread} {centre}");
    }
}

#[test]
fn duplicates_change_nothing() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let packets = simulate(&mut rng, 30.0, GOOD_LINK);
    let mut doubled = Vec::new();
    for packet in &packets {
        doubled.push(*packet);
        if rng.random::<f64>() < 0.03 {
            doubled.push(Packet { arrival: packet.arrival + 0.015, ..*packet });
        }
    }
    doubled.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    let (plain, with) = (fitted(ClockKind::Device, &packets), fitted(ClockKind::Device, &doubled));
    let difference = with.segments()[0].offset_s() - plain.segments()[0].offset_s();
    // The late copies lie above the line; only the mean position can move to another edge of the hull.
    assert!(difference.abs() < 1e-3, "{difference}");
    assert_eq!(with.segments().len(), 1);
}

#[test]
fn a_stalled_host_is_no_reset() {
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut packets = simulate(&mut rng, 30.0, GOOD_LINK);
        let before = fitted(ClockKind::Device, &packets);
        for packet in packets.iter_mut().filter(|p| (12.0..14.0).contains(&p.arrival)) {
            packet.arrival = 14.0 + (packet.arrival - 12.0) * 1e-3;
        }
        let model = fitted(ClockKind::Device, &packets);
        assert_eq!(model.segments().len(), 1, "seed {seed}");
        let moved: Vec<f64> =
            errors(&model, &packets).iter().zip(errors(&before, &packets)).map(|(a, b)| a - b).collect();
        assert!(worst(&moved) < 1.5e-3, "seed {seed}: {}", worst(&moved));
        assert!(model.report().residual_max_ms > 1900.0);
    }
}

#[test]
fn a_stall_is_seen_when_it_was() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut packets = simulate(&mut rng, 600.0, LinkSettings { stall: 0.0, ..GOOD_LINK });
    for packet in packets.iter_mut().filter(|p| (301.0..302.0).contains(&p.arrival)) {
        packet.arrival = 302.0 + (packet.arrival - 301.0) * 1e-3;
    }
    let track = track(SensorRole::Hip, ClockKind::Device, &packets);
    let delays = fitted(ClockKind::Device, &packets).delays(&track);
    // A stretch is 2.5 s: ten minutes over a page's width.
    assert!((240..=241).contains(&delays.len()), "{}", delays.len());
    let (stalled, smooth): (Vec<Delays>, Vec<Delays>) = delays.iter().partition(|d| d.most_ms > 500.0);
    let [stalled] = &stalled[..] else { panic!("{stalled:?}") };
    assert!(stalled.span.start.seconds() <= 302.0 && 302.0 < stalled.span.end.seconds(), "{stalled:?}");
    assert!((900.0..1100.0).contains(&stalled.most_ms) && stalled.median_ms < 50.0, "{stalled:?}");
    assert!(smooth.iter().all(|d| d.median_ms <= d.most_ms && d.most_ms < 250.0), "{smooth:?}");
    assert!(fitted(ClockKind::Device, &[]).delays(&track).is_empty(), "nothing was fitted");
}

#[test]
fn one_point_from_the_future_is_dropped() {
    for (seed, early) in (0..20).flat_map(|seed| [(seed, 0.02), (seed, 0.3), (seed, 40.0)]) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut packets = simulate(&mut rng, 30.0, GOOD_LINK);
        let clean = fitted(ClockKind::Device, &packets);
        let victim = rng.random_range(100..packets.len() - 100);
        packets[victim].device += early;
        let model = fitted(ClockKind::Device, &packets);
        assert_eq!(model.segments().len(), 1, "seed {seed}");
        let moved: Vec<f64> =
            errors(&model, &packets).iter().zip(errors(&clean, &packets)).map(|(a, b)| a - b).collect();
        assert!(worst(&moved) < 2.5e-3, "seed {seed}, {early} s: {}", worst(&moved));
    }
}

/// A clock that counts samples, with a true rate 1.3 % above the nominal one; `lost` samples vanish uncounted at 20 s.
fn counted(seed: u64, lost: usize) -> Vec<Packet> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let link = LinkSettings { rate: 50.65, lost_events: 0.02, stall: 0.0, ..GOOD_LINK };
    let mut packets = simulate(&mut rng, 60.0, link);
    let at = packets.iter().position(|p| p.truth > 20.0).expect("long enough");
    packets.drain(at..at + lost);
    for (i, packet) in packets.iter_mut().enumerate() {
        packet.device = i as f64 / 50.0;
    }
    packets
}

fn counted_track(packets: &[Packet]) -> Track {
    let mut track = track(SensorRole::Shank, ClockKind::SampleIndex, packets);
    track.device.nominal_rate = SampleRate::from_hertz(50.0);
    track
}

#[test]
fn a_counting_clock_with_a_wrong_rate_is_mapped() {
    for seed in 0..20 {
        let packets = counted(seed, 0);
        let model = clock::fit_track(&counted_track(&packets), None, &Method::default().clock).expect("fits");
        let report = model.report();
        assert_eq!(report.inserted, 0, "seed {seed}");
        assert!((report.skew_ppm.expect("fitted") + 12_834.0).abs() < 150.0, "seed {seed}: {report:?}");
        let errors = errors(&model, &packets);
        let centre = errors.iter().sum::<f64>() / errors.len() as f64;
        assert!(errors.iter().all(|e| (e - centre).abs() < 3e-3), "seed {seed}");
    }
}

#[test]
fn samples_lost_uncounted_are_found_from_the_rising_floor() {
    for (seed, lost) in (0..10).flat_map(|seed| [(seed, 3), (seed, 12), (seed, 40), (seed, 60)]) {
        let packets = counted(seed, lost);
        let model = clock::fit_track(&counted_track(&packets), None, &Method::default().clock).expect("fits");
        let found = model.report().inserted;
        // More than a second of loss looks like a reset and is mapped as one.
        let expected = if lost < 50 { lost as u64 } else { 0 };
        assert!(found.abs_diff(expected) <= 1, "seed {seed}: {found} of {lost}");
        assert_eq!(model.segments().len(), 2, "seed {seed}, {lost} lost");
        let errors = errors(&model, &packets);
        let centre = errors.iter().sum::<f64>() / errors.len() as f64;
        let off = errors.iter().filter(|e| (**e - centre).abs() > 12e-3).count();
        // The place of the loss is known to a few samples; everywhere else the timeline holds.
        assert!(off <= 5, "seed {seed}, {lost} lost: {off} samples are off");
    }
}

#[test]
fn long_recordings_follow_a_drifting_crystal() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut packets = simulate(&mut rng, 1800.0, LinkSettings { ppm: 0.0, ..GOOD_LINK });
    for packet in &mut packets {
        // Warming up: the rate changes by 20 ppm over the half hour, 9 ms of bow.
        packet.device -= 10e-6 * packet.truth * packet.truth / 1800.0;
    }
    let model = fitted(ClockKind::Device, &packets);
    let errors = errors(&model, &packets);
    let centre = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(errors.iter().all(|e| (e - centre).abs() < 2e-3), "{}", worst(&errors));
}

fn without_arrivals(mut track: Track) -> Track {
    if let TrackSamples::Inertial(samples) = &mut track.samples {
        for sample in samples {
            sample.arrival = None;
        }
    }
    track
}

fn recording(tracks: Vec<Track>) -> Recording {
    let info = SessionInfo {
        session: truehinge_core::SessionId::from("test".to_owned()),
        athlete: truehinge_core::AthleteId::new("test").expect("allowed"),
        start_utc_ns: None,
        zone: truehinge_core::Zone::Unknown,
        stance_side: None,
        protocol: "single-leg-hip-hinge".into(),
        body: truehinge_core::Anthropometry::default(),
        source: truehinge_core::Source::default(),
    };
    Recording { info, tracks, markers: vec![] }
}

#[test]
fn without_arrivals_the_assumption_is_stated() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let hip = simulate(&mut rng, 10.0, GOOD_LINK);
    let shank = &hip[30..];
    let of = |clock| {
        let tracks = vec![
            without_arrivals(track(SensorRole::Hip, clock, &hip)),
            without_arrivals(track(SensorRole::Shank, clock, shank)),
        ];
        clock::fit(&recording(tracks), &Method::default().clock).expect("fits")
    };
    let start = |model: &ClockModel, p: &Packet| {
        model.to_session(0, DeviceTime::from_seconds(p.device)).expect("mapped").seconds()
    };
    let shared = of(ClockKind::Shared);
    assert_eq!(shared[1].report().basis, ClockBasis::Shared);
    assert_eq!(start(&shared[0], &hip[0]), 0.0);
    assert!((start(&shared[1], &shank[0]) - 0.5).abs() < 1e-3);
    let own = of(ClockKind::Device);
    assert_eq!((own[1].report().basis, own[1].report().sigma_ms), (ClockBasis::OwnStart, None));
    assert_eq!(start(&own[1], &shank[0]), 0.0);
}

/// Two sensors on one clock of their own, the second one's ahead by so much, s.
fn on_one_clock(seed: u64, ahead: f64) -> [Vec<Packet>; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let stamped = |mut packets: Vec<Packet>, ahead: f64| {
        packets.iter_mut().for_each(|p| p.device = 100.0 + ahead + p.truth * (1.0 + 40e-6));
        packets
    };
    [stamped(simulate(&mut rng, 60.0, GOOD_LINK), 0.0), stamped(simulate(&mut rng, 60.0, BAD_LINK), ahead)]
}

fn fitted_together([hip, shank]: &[Vec<Packet>; 2]) -> Vec<ClockModel> {
    let tracks =
        vec![track(SensorRole::Hip, ClockKind::Shared, hip), track(SensorRole::Shank, ClockKind::Shared, shank)];
    clock::fit(&recording(tracks), &Method::default().clock).expect("fits")
}

#[test]
fn clocks_that_were_set_to_one_another_share_a_line() {
    for seed in 0..20 {
        let packets = on_one_clock(seed, 0.0);
        let models = fitted_together(&packets);
        for model in &models {
            assert_eq!(model.report().basis, ClockBasis::Synchronised, "seed {seed}");
            assert!(model.report().sigma_ms.expect("stated") < 0.5);
        }
        let relative = relative_errors((&models[0], &packets[0]), (&models[1], &packets[1]));
        // Nothing of the bad link is left between the two.
        assert!(worst(&relative) < 1e-6, "seed {seed}: {}", worst(&relative));
        assert!(worst(&errors(&models[1], &packets[1])) < 6e-3, "and both are near the host's time");
    }
}

#[test]
fn clocks_that_only_claim_it_are_fitted_apart() {
    for (seed, ahead) in (0..10).flat_map(|seed| [(seed, 0.03), (seed, -700.0)]) {
        let packets = on_one_clock(seed, ahead);
        let models = fitted_together(&packets);
        assert!(models.iter().all(|model| model.report().basis == ClockBasis::Arrivals), "seed {seed}, {ahead} s");
        let relative = relative_errors((&models[0], &packets[0]), (&models[1], &packets[1]));
        assert!(worst(&relative) < 5e-3, "seed {seed}: {}", worst(&relative));
    }
}

#[test]
fn impossible_clocks_are_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let packets = simulate(&mut rng, 20.0, GOOD_LINK);
    let mut in_hundredths = packets.clone();
    for packet in &mut in_hundredths {
        packet.device *= 1.1;
    }
    let refused =
        clock::fit_track(&track(SensorRole::Hip, ClockKind::Device, &in_hundredths), None, &Method::default().clock);
    let error = refused.expect_err("10 % off");
    assert!(matches!(error, ClockFitError::Skew { .. }), "{error}");
    let mut backwards = packets;
    for packet in &mut backwards[600..] {
        packet.device -= 8.0;
    }
    let stamped = without_arrivals(track(SensorRole::Hip, ClockKind::Device, &backwards));
    let error = clock::fit_track(&stamped, None, &Method::default().clock).expect_err("jumps back");
    assert!(matches!(error, ClockFitError::Backwards { sample: 600, .. }), "{error}");
}

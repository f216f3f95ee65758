//! Recordings that cannot be what they are said to be: what was seen is said, and nothing is judged.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, Normal};
use truehinge_core::{
    AngularRate, Anthropometry, ClockKind, DeviceTime, Explained, FindingKind, MarkerKind, MountSite, Protocol,
    QualityGrade, Recording, Rep, SampleRate, Samples, SensorRole, SessionAnalysis, SetAnalysis, Side, SpecificForce,
    TrackSamples, Verdict, words,
};
use truehinge_signal::{Method, SignalError, analyse};
use truehinge_sim::Scenario;

fn analysed(recording: &Recording) -> SessionAnalysis {
    analyse(recording, &Method::default(), &Protocol::default()).expect("analyses")
}

/// Two sets, the first on the left leg, the second on the right.
fn demo() -> Recording {
    Scenario::demo().run().expect("runs").recording()
}

/// The same as a file of another program holds it: nobody marked the sets, nor said where the sensors sit.
fn unmarked() -> Recording {
    let mut recording = demo();
    recording.markers.clear();
    for track in &mut recording.tracks {
        track.device.mount = None;
    }
    recording
}

fn said(analysis: &SessionAnalysis) -> Vec<String> {
    analysis.findings.iter().map(words::remark).collect()
}

fn is_about_the_leg(kind: &FindingKind) -> bool {
    matches!(kind, FindingKind::OtherLeg { .. } | FindingKind::PutOnAnew { .. } | FindingKind::FacesBack)
}

#[test]
fn nothing_is_said_of_the_leg_where_it_is_the_right_one() {
    let analysis = analysed(&demo());
    assert!(analysis.findings.iter().all(|finding| !is_about_the_leg(&finding.kind)), "{:?}", said(&analysis));
}

#[test]
fn who_sways_or_wears_loose_straps_is_believed_about_the_leg() {
    let conditions = ["swaying", "loose-straps", "breaking-off"];
    for scenario in (0..12).flat_map(Scenario::conditions).filter(|scenario| conditions.contains(&scenario.name)) {
        let analysis = analysed(&scenario.run().expect("runs").recording());
        let about = analysis.findings.iter().any(|finding| is_about_the_leg(&finding.kind));
        assert!(!about, "{} {}: {:?}", scenario.name, analysis.info.session, said(&analysis));
    }
}

#[test]
fn sets_on_the_other_leg_than_was_named_are_not_judged() {
    let mut recording = demo();
    recording.info.stance_side = recording.info.stance_side.map(Side::other);
    for marker in &mut recording.markers {
        if let MarkerKind::SetStart { side } = &mut marker.kind {
            *side = side.other();
        }
    }
    let analysis = analysed(&recording);
    let wrong = |side| {
        let of = |kind| matches!(kind, FindingKind::OtherLeg { side: named, .. } if named == side);
        analysis.findings.iter().any(|finding| of(finding.kind))
    };
    assert!(wrong(Side::Right) && wrong(Side::Left), "{:?}", said(&analysis));
    assert_eq!(analysis.grade(), QualityGrade::Poor);
    assert!(analysis.reps().count() > 0);
    assert!(analysis.reps().all(|(_, rep)| rep.judgement.verdict == Verdict::Indeterminate));
}

/// A sensor put on the other way round: turned by half a circle about the vertical of the first second, in which everybody stands still.
fn turned_round(recording: &mut Recording, role: SensorRole) {
    for track in recording.tracks.iter_mut().filter(|track| track.role == role) {
        let TrackSamples::Inertial(samples) = &mut track.samples else { panic!("no samples") };
        let sum = samples.iter().take(100).fold([0.0; 3], |sum, sample| {
            let force = sample.specific_force.to_array();
            [0, 1, 2].map(|i| sum[i] + force[i])
        });
        let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
        let turn = |[x, y, z]: [f64; 3]| {
            let along = (x * sum[0] + y * sum[1] + z * sum[2]) / (length * length);
            [2.0 * along * sum[0] - x, 2.0 * along * sum[1] - y, 2.0 * along * sum[2] - z]
        };
        for sample in samples {
            let ([fx, fy, fz], [x, y, z]) =
                (turn(sample.specific_force.to_array()), turn(sample.angular_rate.to_array()));
            sample.specific_force = SpecificForce::new(fx, fy, fz);
            sample.angular_rate = AngularRate::new(x, y, z);
        }
    }
}

#[test]
fn a_sensor_that_faces_the_other_way_than_was_said_is_seen() {
    for role in [SensorRole::Hip, SensorRole::Shank] {
        let (mut seen, mut judged) = (0, 0);
        for seed in 0..12 {
            let mut recording = Scenario::typical(seed).run().expect("runs").recording();
            assert!(!analysed(&recording).findings.iter().any(|finding| finding.kind == FindingKind::FacesBack));
            turned_round(&mut recording, role);
            let analysis = analysed(&recording);
            let is_seen = analysis.findings.iter().any(|finding| finding.kind == FindingKind::FacesBack);
            seen += usize::from(is_seen);
            let decided = analysis.reps().filter(|(_, rep)| rep.judgement.verdict != Verdict::Indeterminate).count();
            assert!(!is_seen || decided == 0);
            judged += decided;
        }
        // A pelvis that leans backward by less than anybody's may is not told from one that was put on so.
        let least = if role == SensorRole::Shank { 12 } else { 10 };
        assert!(seen >= least && judged < 10, "{role}: {seen} seen, {judged} judged");
    }
}

#[test]
fn sensors_that_went_to_the_other_leg_within_a_recording_are_seen() {
    let analysis = analysed(&unmarked());
    let anew = analysis.findings.iter().find(|finding| matches!(finding.kind, FindingKind::PutOnAnew { .. }));
    let at = anew.and_then(|finding| finding.span).unwrap_or_else(|| panic!("{:?}", said(&analysis)));
    // The second leg begins at 50 s.
    assert!((49.0..52.0).contains(&at.start.seconds()), "{at:?}");
    let (before, after): (Vec<_>, Vec<_>) = analysis.reps().partition(|(_, rep)| rep.span.end < at.end);
    let verdicts: Vec<Verdict> = before.iter().map(|(_, rep)| rep.judgement.verdict).collect();
    use Verdict::{InsufficientHipTravel as Small, KneeForwardDrift as Drift, TrueHinge as Hinge};
    assert_eq!(verdicts, [Hinge, Hinge, Drift, Hinge, Small], "as the movements were made");
    assert!(after.iter().all(|(set, rep)| set.side.is_none() && rep.judgement.verdict == Verdict::Indeterminate));
}

#[test]
fn minutes_of_nothing_hold_no_set_and_the_reader_hears_what_to_do() {
    let still = vec![[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 18_000];
    let recording = Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(100.0, &still))
        .sensor(SensorRole::Shank, MountSite::TibiaAnteromedial, Samples::at_rate(100.0, &still))
        .standing_on(Side::Left)
        .build()
        .expect("possible");
    let analysis = analysed(&recording);
    assert_eq!(analysis.reps().count(), 0);
    let sentence = "no set was found, because nothing moved: check that the sensors were worn, and record again";
    assert!(said(&analysis).iter().any(|said| said == sentence), "{:?}", said(&analysis));
}

/// Both sensors turn to and fro, faster than anybody stands, for so many hundredths of a second.
fn restless(samples: usize) -> Recording {
    let rows: Vec<[f64; 6]> = (0..samples)
        .map(|i| {
            let phase = i as f64 * 0.06;
            [1.5 * phase.sin(), 0.0, 9.81, 0.0, 1.5 * phase.cos(), 0.0]
        })
        .collect();
    Recording::builder()
        .sensor(SensorRole::Hip, MountSite::Sacrum, Samples::at_rate(100.0, &rows))
        .sensor(SensorRole::Shank, MountSite::TibiaAnteromedial, Samples::at_rate(100.0, &rows))
        .build()
        .expect("possible")
}

#[test]
fn what_is_too_short_to_stand_in_is_refused_with_what_to_do() {
    let error = analyse(&restless(60), &Method::default(), &Protocol::default()).expect_err("less than a second");
    assert_eq!(error, SignalError::NoQuietStance);
    assert!(error.in_full().contains("stand still for 3 s before the first repetition"));
}

#[test]
fn who_never_stands_still_has_done_no_set_and_hears_why() {
    let analysis = analysed(&restless(6000));
    assert_eq!(analysis.reps().count(), 0);
    let why = said(&analysis).into_iter().find(|said| said.starts_with("no set was found, because")).expect("says so");
    assert!(why.contains("of most of") || why.contains("nothing moved"), "{why}");
}

/// The session of somebody whose sensors, at 200 Hz, are stamped up to 2.5 ms early or late, in whole steps of `raster_ns`.
fn stamped(raster_ns: i64) -> Recording {
    let rate = SampleRate::from_hertz(200.0).expect("positive");
    let mut recording = Scenario { rate, ..Scenario::typical(4) }.run().expect("runs").recording();
    for track in &mut recording.tracks {
        let TrackSamples::Inertial(samples) = &mut track.samples else { panic!("inertial") };
        track.device.nominal_rate = None;
        track.clock = ClockKind::Shared;
        // The sensors began together, at zero.
        let began = samples[0].device_time.nanos();
        for (i, sample) in samples.iter_mut().enumerate() {
            // Any order of -2 to +2 thousandths that does not repeat for long.
            let jitter_ns = (i64::try_from(i * i % 7).expect("small") - 3) * 800_000;
            let stamp = sample.device_time.nanos() - began + jitter_ns;
            sample.device_time = DeviceTime::from_nanos((stamp + raster_ns / 2).div_euclid(raster_ns) * raster_ns);
            sample.arrival = None;
        }
    }
    recording
}

#[test]
fn stamps_of_whole_milliseconds_that_jitter_are_read_as_well_as_finer_ones() {
    let [coarse, fine] = [1_000_000, 1_000].map(|raster| analysed(&stamped(raster)));
    let verdicts =
        |analysis: &SessionAnalysis| analysis.reps().map(|(_, rep)| rep.judgement.verdict).collect::<Vec<Verdict>>();
    assert!(verdicts(&fine).len() >= 5, "{:?}", said(&fine));
    assert_eq!(verdicts(&coarse), verdicts(&fine));
    assert!((coarse.sensors[0].rate_hz - 200.0).abs() < 1.0, "{}", coarse.sensors[0].rate_hz);
}

#[test]
fn a_body_that_nobody_measured_is_told() {
    let mut recording = demo();
    assert!(said(&analysed(&recording)).iter().all(|said| !said.contains("height")));
    recording.info.body = Anthropometry::default();
    let told = said(&analysed(&recording));
    assert!(told.iter().any(|said| said.starts_with("neither body height nor shank length is known")), "{told:?}");
}

/// A sensor of this role lies on a table: gravity, a bias, and the noise of a usual chip.
fn on_a_table(mut recording: Recording, role: SensorRole, seed: u64) -> Recording {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (force, rate) = (Normal::new(0.0, 0.02).expect("positive"), Normal::new(0.0, 0.0015).expect("positive"));
    let track = recording.tracks.iter_mut().find(|track| track.role == role).expect("worn");
    let TrackSamples::Inertial(samples) = &mut track.samples else { panic!("inertial") };
    for sample in samples {
        let mut noise = |of: &Normal<f64>| [0; 3].map(|_| of.sample(&mut rng));
        let ([x, y, z], [p, q, r]) = (noise(&force), noise(&rate));
        sample.specific_force = SpecificForce::new(0.4 + x, 0.3 + y, 9.79 + z);
        sample.angular_rate = AngularRate::new(0.004 + p, -0.006 + q, 0.002 + r);
    }
    recording
}

#[test]
fn a_sensor_that_nobody_wears_is_named_and_nothing_rests_on_it() {
    for (seed, role) in [(1, SensorRole::Hip), (2, SensorRole::Hip), (3, SensorRole::Shank), (4, SensorRole::Shank)] {
        let worn = Scenario::typical(seed).run().expect("runs").recording();
        let analysis = analysed(&on_a_table(worn, role, seed));
        let named = |(_, rep): (&SetAnalysis, &Rep)| rep.judgement.verdict != Verdict::Indeterminate;
        assert_eq!(analysis.reps().filter(|rep| named(*rep)).count(), 0, "{role}, {seed}: {:?}", said(&analysis));
        if analysis.reps().next().is_some() {
            let told =
                analysis.findings.iter().any(|f| matches!(f.kind, FindingKind::Unworn { .. }) && f.role == Some(role));
            assert!(told, "{role}, {seed}: {:?}", said(&analysis));
        }
    }
}

//! What a reader must know about the data, as findings: sensors, clocks, axes, and how the sensors are worn.

use nalgebra::Vector3;
use truehinge_core::{
    AlignmentReport, Angle, Anthropometry, ClockKind, Finding, FindingKind, Pelvis, Protocol, QualityLimits, Rejection,
    Segment, SensorQuality, SensorRole, SetAnalysis, Shank, Side, Span, Thigh, Track, Trunk,
};

use crate::clock;
use crate::inertial::InertialReport;
use crate::method::{Method, Quality, Wear};
use crate::prepared::Prepared;
use crate::watch::{slip::Slip, wear};

/// A clock that is said to be shared and that the arrivals contradict.
pub(crate) fn not_shared(track: &Track, model: &clock::ClockModel) -> Option<Finding> {
    let contradicted = track.clock == ClockKind::Shared && model.report().basis == clock::ClockBasis::Arrivals;
    contradicted.then(|| Finding::of_sensor(track.role, FindingKind::ClockNotShared))
}

/// The limits within which data need no remark.
pub(crate) fn limits(method: &Method) -> QualityLimits {
    let limits = &method.watch.quality;
    QualityLimits {
        loss: limits.loss_share,
        longest_gap_s: method.timebase.bridged_gap_s,
        clock_sigma_ms: limits.clock_sigma_ms,
        axis_sigma_deg: limits.axis_sigma_deg,
    }
}

/// Findings about sensors and sets.
pub(crate) fn of_data(
    prepared: &[Prepared],
    sets: &[SetAnalysis],
    protocol: &Protocol,
    limits: &Quality,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = prepared.iter().flat_map(|sensor| of_sensor(sensor, limits)).collect();
    for set in sets {
        findings.extend(uncertain_axes(set, limits));
        if set.side.is_none() && protocol.is_single_leg() {
            findings.push(Finding::of_recording(FindingKind::SideUnknown { set: set.number }));
        }
    }
    if sets.iter().all(|set| set.reps.is_empty()) {
        findings.push(Finding::of_recording(none_counted(sets)));
    }
    findings
}

/// Which of the body's lengths nobody measured.
pub(crate) fn unmeasured(body: &Anthropometry) -> Option<Finding> {
    let (stature_known, shank_length_known) = (body.stature.is_some(), body.shank_length.is_some());
    let shank = body.shank();
    let shank_length_sigma_pct = 100.0 * (shank.sigma / shank.value);
    let kind = FindingKind::BodyUnmeasured { stature_known, shank_length_known, shank_length_sigma_pct };
    (!stature_known || !shank_length_known).then(|| Finding::of_recording(kind))
}

/// That nothing was counted, with what was said of most movements; of as many the one that was said first.
fn none_counted(sets: &[SetAnalysis]) -> FindingKind {
    let said: Vec<Rejection> = sets.iter().flat_map(|set| &set.rejected).map(|rejected| rejected.rejection).collect();
    let times = |reason: &Rejection| said.iter().filter(|other| other.name() == reason.name()).count();
    let mostly = said.iter().rev().max_by_key(|reason| times(reason)).copied();
    FindingKind::NoRepetitions { movements: said.len(), mostly }
}

fn uncertain_axes(set: &SetAnalysis, limits: &Quality) -> impl Iterator<Item = Finding> {
    let uncertain = set.alignment.iter().filter(|sensor| sensor.axis_sigma.degrees() > limits.axis_sigma_deg);
    uncertain.map(|sensor| {
        let kind = FindingKind::AxisUncertain { set: set.number, sigma: sensor.axis_sigma };
        Finding::of_sensor(sensor.role, kind)
    })
}

fn of_sensor(sensor: &Prepared, limits: &Quality) -> Vec<Finding> {
    let mut kinds = of_quality(&sensor.quality, limits);
    kinds.extend(sensor.report.resampled.then_some(FindingKind::Uneven));
    kinds.extend(sensor.oriented.derived.then_some(FindingKind::OrientationOnly));
    kinds.extend(sensor.inertial.as_ref().and_then(InertialReport::finding));
    kinds.into_iter().map(|kind| Finding::of_sensor(sensor.quality.role, kind)).collect()
}

fn of_quality(quality: &SensorQuality, limits: &Quality) -> Vec<FindingKind> {
    let mut kinds = Vec::new();
    if quality.loss() > limits.loss_share {
        kinds.push(FindingKind::Loss {
            lost: quality.lost,
            of: quality.lost + quality.samples as u64,
            longest_gap_s: quality.longest_gap_s,
            severe: quality.loss() > limits.poor_loss_share,
        });
    }
    match quality.clock_sigma_ms {
        Some(sigma_ms) if sigma_ms > limits.clock_sigma_ms => kinds.push(FindingKind::ClockUncertain { sigma_ms }),
        Some(_) => {}
        None => kinds.push(FindingKind::ClockAssumed),
    }
    if quality.clipped > 0 {
        kinds.push(FindingKind::Clipped { samples: quality.clipped });
    }
    if quality.not_finite > 0 {
        kinds.push(FindingKind::NotFinite { samples: quality.not_finite });
    }
    kinds
}

/// Sensors that look swapped in a block.
pub(crate) const fn swapped(block: Span) -> Finding {
    Finding::of_recording(FindingKind::SensorsSwapped).during(block)
}

/// Movements that lean away from the leg that was named.
pub(crate) const fn other_leg(within: Span, side: Side, movements: usize) -> Finding {
    Finding::of_recording(FindingKind::OtherLeg { side, movements }).during(within)
}

/// A sensor whose front was taken for its back.
pub(crate) const fn faces_back(within: Span) -> Finding {
    Finding::of_recording(FindingKind::FacesBack).during(within)
}

/// Sensors that were put on anew between these times.
pub(crate) const fn put_on_anew(between: Span, slip: Slip) -> Finding {
    Finding::of_sensor(slip.role, FindingKind::PutOnAnew { turn: slip.turn }).during(between)
}

/// A slip between these times.
pub(crate) const fn slipped(between: Span, slip: Slip) -> Finding {
    Finding::of_sensor(slip.role, FindingKind::Slipped { turn: slip.turn }).during(between)
}

/// What the sets show: loose straps, sensors that nobody wears, and sensors that were put on another way than for the set before.
pub(crate) fn of_sets(sets: &[SetAnalysis], slips: &[Finding], method: &Wear) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        findings.extend(loose(set));
        let unworn = |role| Finding::of_sensor(role, FindingKind::Unworn { set: set.number }).during(set.span);
        findings.extend(wear::unworn(&set.reps, method).into_iter().map(unworn));
        if let Some(before) = sets[..index].iter().rfind(|before| before.side == set.side) {
            findings.extend(turned(before, set, slips, Angle::from_degrees(method.turned_deg)));
        }
    }
    findings
}

fn loose(set: &SetAnalysis) -> impl Iterator<Item = Finding> {
    let loose = set.alignment.iter().filter_map(|sensor| Some((sensor.role, sensor.settling.filter(|s| s.loose)?)));
    loose.map(|(role, settling)| {
        let kind = FindingKind::Loose {
            set: set.number,
            unsettled: settling.unsettled,
            of: set.reps.len(),
            most: settling.most,
        };
        Finding::of_sensor(role, kind).during(set.span)
    })
}

/// The sensors that turned by at least `limit` from one set to another, on the skin or on the strap.
fn turned(before: &SetAnalysis, set: &SetAnalysis, slips: &[Finding], limit: Angle) -> Vec<Finding> {
    let between = Span::new(before.span.start, set.span.end);
    let of = |sensor: &AlignmentReport| {
        let role = sensor.role;
        let was = before.alignment.iter().find(|other| other.role == role)?;
        let turn = Angle::from_radians(up(was)?.angle(&up(sensor)?));
        let slid = slips.iter().any(|slip| slip.role == Some(role) && slip.span.is_some_and(|at| at.overlaps(between)));
        if turn < limit || slid {
            return None;
        }
        let kind = FindingKind::Turned { set: set.number, before: before.number, turn };
        Some(Finding::of_sensor(role, kind).during(set.span))
    };
    set.alignment.iter().filter_map(of).collect()
}

/// The vertical of the stance in the sensor's axes, from its alignment.
fn up(sensor: &AlignmentReport) -> Option<Vector3<f64>> {
    fn proximal<S: Segment>(sensor: &AlignmentReport) -> Option<Vector3<f64>> {
        sensor.rotation::<S>().map(|rotation| rotation.quaternion().inverse() * Vector3::y())
    }
    match sensor.role {
        SensorRole::Hip => proximal::<Pelvis>(sensor),
        SensorRole::Shank => proximal::<Shank>(sensor),
        SensorRole::Thigh => proximal::<Thigh>(sensor),
        SensorRole::Trunk => proximal::<Trunk>(sensor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::session::Drawing;
    use crate::orientation::OrientationTrack;
    use crate::prepare;
    use crate::timebase::TimebaseReport;
    use nalgebra::UnitQuaternion;
    use truehinge_core::{AlignmentMethod, HostTime, Interval, SampleRate, Settling, TrackSamples};

    fn limits() -> Quality {
        Method::default().watch.quality
    }

    fn wear() -> Wear {
        Method::default().watch.wear
    }

    fn quality(samples: usize, lost: u64) -> SensorQuality {
        SensorQuality {
            role: SensorRole::Hip,
            model: String::new(),
            samples,
            rate_hz: 100.0,
            lost,
            longest_gap_s: 0.5,
            covered: Vec::new(),
            clock_skew_ppm: Some(10.0),
            clock_sigma_ms: Some(2.0),
            clock_delay_p95_ms: Some(15.0),
            delays: Vec::new(),
            gravity: Some(9.8),
            accelerometer_corrected: false,
            clipped: 0,
            not_finite: 0,
        }
    }

    #[test]
    fn a_body_that_nobody_measured_is_told_with_what_that_costs() {
        let measured = |metres: f64| {
            let value = truehinge_core::Length::from_metres(metres);
            Some(truehinge_core::Measured::new(value, value * 0.01))
        };
        let of = |stature: Option<f64>, shank: Option<f64>| {
            let (stature, shank_length) = (stature.and_then(measured), shank.and_then(measured));
            unmeasured(&Anthropometry { stature, shank_length, ..Anthropometry::default() }).map(|finding| finding.kind)
        };
        assert_eq!(of(Some(1.8), Some(0.44)), None);
        for (stature, shank, pct) in [(None, None, 6.8), (Some(1.8), None, 3.6), (None, Some(0.44), 1.0)] {
            let Some(FindingKind::BodyUnmeasured { stature_known, shank_length_known, shank_length_sigma_pct }) =
                of(stature, shank)
            else {
                panic!("{stature:?} {shank:?}")
            };
            assert_eq!((stature_known, shank_length_known), (stature.is_some(), shank.is_some()));
            // 0.10 m of 1.72 m, or a hundredth of the height, and 3.5 % of a segment against the height.
            assert!((shank_length_sigma_pct - pct).abs() < 0.06, "{shank_length_sigma_pct}");
        }
    }

    /// Standing on the left leg from `start` for 10 s, with the hip sensor turned on its side by `turned` degrees.
    fn set(number: u32, start: f64, turned: f64) -> SetAnalysis {
        let turn = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), turned.to_radians());
        let alignment = AlignmentReport {
            role: SensorRole::Hip,
            method: AlignmentMethod::Mount,
            axis_sigma: Angle::from_degrees(5.0),
            functional: None,
            sensor_to_segment: [turn.w, turn.i, turn.j, turn.k],
            settling: None,
        };
        SetAnalysis {
            number,
            side: Some(Side::Left),
            span: Span::from_seconds(start, start + 10.0),
            quiet_stances: Vec::new(),
            alignment: vec![alignment],
            reps: Vec::new(),
            rejected: Vec::new(),
        }
    }

    fn codes(findings: &[Finding]) -> Vec<&'static str> {
        findings.iter().map(Finding::code).collect()
    }

    #[test]
    fn loss_is_told_beyond_a_twentieth_and_severe_beyond_a_fifth() {
        let severe = |samples, lost| match of_quality(&quality(samples, lost), &limits())[..] {
            [] => None,
            [FindingKind::Loss { lost: told, of, longest_gap_s, severe }] => {
                assert_eq!((told, of, longest_gap_s), (lost, samples as u64 + lost, 0.5));
                Some(severe)
            }
            ref other => panic!("{other:?}"),
        };
        assert_eq!(
            [(960, 40), (940, 60), (820, 180), (780, 220)].map(|(samples, lost)| severe(samples, lost)),
            [None, Some(false), Some(false), Some(true)]
        );
    }

    #[test]
    fn a_timeline_is_known_well_or_poorly_or_assumed() {
        let of = |clock_sigma_ms| of_quality(&SensorQuality { clock_sigma_ms, ..quality(1000, 0) }, &limits());
        assert_eq!(of(Some(19.0)), []);
        assert_eq!(of(Some(21.0)), [FindingKind::ClockUncertain { sigma_ms: 21.0 }]);
        assert_eq!(of(None), [FindingKind::ClockAssumed]);
    }

    #[test]
    fn clipped_and_missing_numbers_are_counted_apart() {
        let found = of_quality(&SensorQuality { clipped: 1, not_finite: 2, ..quality(1000, 0) }, &limits());
        assert_eq!(found, [FindingKind::Clipped { samples: 1 }, FindingKind::NotFinite { samples: 2 }]);
    }

    /// A sensor without samples of which only this is known.
    fn sensor(resampled: bool, derived: bool) -> Prepared {
        let rate = SampleRate::from_hertz(100.0).expect("positive");
        Prepared {
            oriented: OrientationTrack { role: SensorRole::Hip, rate, runs: Vec::new(), derived },
            quality: quality(1000, 0),
            report: TimebaseReport { resampled, ..TimebaseReport::default() },
            inertial: None,
        }
    }

    #[test]
    fn a_sensor_that_samples_unevenly_or_gives_orientations_only_is_told() {
        let of = |resampled, derived| codes(&of_sensor(&sensor(resampled, derived), &limits()));
        let [uneven, only] = [FindingKind::Uneven, FindingKind::OrientationOnly]
            .map(|kind| Finding::of_sensor(SensorRole::Hip, kind).code());
        assert_eq!(of(false, false), [""; 0]);
        assert_eq!(of(true, false), [uneven]);
        assert_eq!(of(false, true), [only]);
        assert_eq!(of(true, true), [uneven, only]);
    }

    #[test]
    fn a_file_of_orientations_is_told_and_one_of_samples_is_not() {
        let method = Method::default();
        let told = |recording: truehinge_core::Recording| {
            let models = clock::fit(&recording, &method.clock).expect("clocks");
            let prepared = prepare(&recording.tracks[1], &models[1], &method).expect("a usable sensor");
            of_sensor(&prepared, &limits())
        };
        assert_eq!(told(Drawing::default().recording()), []);
        let only = Finding::of_sensor(SensorRole::Shank, FindingKind::OrientationOnly);
        assert_eq!(told(Drawing::default().orientations()), [only]);
    }

    /// The roles whose clocks are said to be shared and are not, where the shank's packets arrive so much later, s.
    fn contradicted(kind: ClockKind, later_s: f64) -> Vec<Option<SensorRole>> {
        let mut recording = Drawing { clock: kind, ..Drawing::default() }.recording();
        let TrackSamples::Inertial(samples) = &mut recording.tracks[1].samples else { panic!("orientations") };
        for sample in samples {
            sample.arrival = sample.arrival.map(|at: HostTime| at + Interval::from_seconds(later_s));
        }
        let models = clock::fit(&recording, &Method::default().clock).expect("clocks");
        let told = recording.tracks.iter().zip(&models).filter_map(|(track, model)| not_shared(track, model));
        told.inspect(|finding| assert_eq!(finding.kind, FindingKind::ClockNotShared)).map(|f| f.role).collect()
    }

    #[test]
    fn a_shared_clock_is_contradicted_by_arrivals_that_disagree() {
        let both = [Some(SensorRole::Hip), Some(SensorRole::Shank)];
        // The lines may be 10 ms apart.
        for sign in [1.0, -1.0] {
            assert_eq!(contradicted(ClockKind::Shared, sign * 0.008), []);
            assert_eq!(contradicted(ClockKind::Shared, sign * 0.012), both);
        }
        assert_eq!(contradicted(ClockKind::Device, 0.5), [], "nobody said that it is shared");
    }

    #[test]
    fn a_leg_that_is_not_known_matters_on_one_leg_only() {
        let unknown = SetAnalysis { side: None, ..set(3, 0.0, 0.0) };
        let one_leg = Protocol::default();
        let two_legs = Protocol { stance: truehinge_core::Stance::TwoLegs, ..Protocol::default() };
        assert_eq!(codes(&of_data(&[], &[set(1, 0.0, 0.0)], &one_leg, &limits())), ["no_repetitions"]);
        let told = of_data(&[], std::slice::from_ref(&unknown), &one_leg, &limits());
        assert_eq!(told[0].kind, FindingKind::SideUnknown { set: 3 });
        assert_eq!(codes(&of_data(&[], &[unknown], &two_legs, &limits())), ["no_repetitions"]);
    }

    #[test]
    fn an_axis_is_uncertain_beyond_its_limit() {
        let of = |degrees| {
            let mut set = set(2, 0.0, 0.0);
            set.alignment[0].axis_sigma = Angle::from_degrees(degrees);
            uncertain_axes(&set, &limits()).collect::<Vec<_>>()
        };
        assert_eq!(of(14.0), []);
        let kind = FindingKind::AxisUncertain { set: 2, sigma: Angle::from_degrees(16.0) };
        assert_eq!(of(16.0), [Finding::of_sensor(SensorRole::Hip, kind)]);
    }

    #[test]
    fn a_loose_strap_is_told_with_its_set() {
        let mut set = set(1, 20.0, 0.0);
        let settling = Settling { unsettled: 2, most: Angle::from_degrees(7.0), loose: false };
        set.alignment[0].settling = Some(settling);
        assert_eq!(of_sets(std::slice::from_ref(&set), &[], &wear()), [], "it came back");
        set.alignment[0].settling = Some(Settling { loose: true, ..settling });
        let kind = FindingKind::Loose { set: 1, unsettled: 2, of: 0, most: Angle::from_degrees(7.0) };
        let told = Finding::of_sensor(SensorRole::Hip, kind).during(Span::from_seconds(20.0, 30.0));
        assert_eq!(of_sets(&[set], &[], &wear()), [told]);
    }

    #[test]
    fn worn_another_way_is_told_against_the_last_set_on_the_same_leg() {
        let sets = |turned: f64| [set(1, 0.0, 0.0), set(2, 20.0, turned)];
        assert_eq!(of_sets(&sets(59.0), &[], &wear()), [], "a posture");
        for degrees in [61.0, -61.0, 180.0] {
            let told = of_sets(&sets(degrees), &[], &wear());
            let [Finding { kind: FindingKind::Turned { set: 2, before: 1, turn }, role, span }] = told[..] else {
                panic!("{degrees}: {told:?}")
            };
            assert!((turn.degrees() - degrees.abs()).abs() < 1e-6, "{turn:?}");
            assert_eq!((role, span), (Some(SensorRole::Hip), Some(Span::from_seconds(20.0, 30.0))));
        }
        let mut other_leg = sets(90.0);
        other_leg[1].side = Some(Side::Right);
        assert_eq!(of_sets(&other_leg, &[], &wear()), [], "the shin sensor changed legs");
    }

    #[test]
    fn a_slip_in_between_explains_a_turn_of_its_own_sensor() {
        let sets = [set(1, 0.0, 0.0), set(2, 20.0, 90.0)];
        let slip = |role, from, to| {
            let slip = Slip { from: 0, at: 1, role, turn: Angle::from_degrees(90.0) };
            slipped(Span::from_seconds(from, to), slip)
        };
        assert_eq!(of_sets(&sets, &[slip(SensorRole::Hip, 12.0, 13.0)], &wear()), []);
        assert_eq!(codes(&of_sets(&sets, &[slip(SensorRole::Shank, 12.0, 13.0)], &wear())), ["turned"]);
        assert_eq!(codes(&of_sets(&sets, &[slip(SensorRole::Hip, 32.0, 33.0)], &wear())), ["turned"], "after it");
    }
}

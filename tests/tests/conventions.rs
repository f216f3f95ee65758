//! The sign table of `docs/CONVENTIONS.md`, row by row: simulated people make hinges with and without the movement of the row,
//! wearing turned and tilted sensors, and the whole analysis must see the difference with its sign and its size.

use std::collections::BTreeSet;
use std::fs;

use nalgebra::{Quaternion, UnitQuaternion, Vector3};
use truehinge_core::{
    Anthropometry, AthleteId, HostTime, Length, Marker, MarkerKind, Measured, Metric, MountSite, Protocol, Rejection,
    RepMetrics, SampleRate, SensorRole, SessionAnalysis, SessionInfo, Side, Source,
};
use truehinge_signal::{Method, analyse};
use truehinge_sim::SimulatedSession;
use truehinge_sim::imu::{Chip, DeviceClock, Imu, Mounting, nominal_rotation};
use truehinge_sim::movement::{Coordinate, Excursion, FIVE_PERCENT, Plan};
use truehinge_sim::scenario::Loss;
use truehinge_sim::skeleton::Leg;
use truehinge_sim::truth::{Truth, measure};
use truehinge_tests::root;

/// What the skeleton does beside its hinge.
fn movement(words: &str) -> &'static [(Coordinate, f64)] {
    match words {
        "knee goes forward over the planted foot" => &[(Coordinate::Shank, 0.15)],
        "pelvis tips forward" => &[(Coordinate::PelvisTilt, 0.2)],
        "hips go back" => &[(Coordinate::HipForward, -0.05)],
        // A bent knee over a foot that stays: the hip stays above it.
        "hips go down" => &[(Coordinate::Shank, 0.3)],
        "free side of the pelvis drops" => &[(Coordinate::PelvisDrop, 0.12)],
        "pelvis turns counter-clockwise seen from above" => &[(Coordinate::PelvisHeading, 0.2)],
        "pelvis turns clockwise seen from above" => &[(Coordinate::PelvisHeading, -0.2)],
        "leg leans to the supporting side" => &[(Coordinate::LegOutward, ON_ONE_LEG)],
        other => panic!("the table has a movement this test does not know: {other}"),
    }
}

/// Outward lean of the leg that carries the body alone, rad.
const ON_ONE_LEG: f64 = 0.105;
/// Time of the way out, at the far end, and back, s.
const TEMPO: (f64, f64, f64) = (1.2, 0.4, 1.1);

/// How both sensors are worn.
struct Wearing {
    hip: MountSite,
    shank: MountSite,
    /// Whether the analysis is told the sites.
    named: bool,
    /// Quarter turns of the cases about their outward axes.
    quarter_turns: u8,
    /// Misplacement on the segment: a rotation vector, rad.
    tilted: [f64; 3],
}

/// Every site; cases upright and turned; within and beyond what hands misplace a sensor by.
const WEARINGS: [Wearing; 4] = {
    use MountSite::{LateralHip, Sacrum, ShankLateral, TibiaAnteromedial};
    [
        Wearing { hip: Sacrum, shank: TibiaAnteromedial, named: true, quarter_turns: 0, tilted: [0.0; 3] },
        Wearing { hip: LateralHip, shank: ShankLateral, named: true, quarter_turns: 1, tilted: [0.2, 0.1, -0.15] },
        Wearing { hip: Sacrum, shank: TibiaAnteromedial, named: true, quarter_turns: 2, tilted: [-0.15, -0.1, 0.2] },
        Wearing { hip: LateralHip, shank: TibiaAnteromedial, named: false, quarter_turns: 3, tilted: [0.3, 0.7, -0.3] },
    ]
};

fn leg(side: Side) -> Leg {
    Leg { side, shank: 0.43, thigh: 0.42, half_hip_width: 0.085 }
}

/// A person's session in the making.
struct Course {
    plan: Plan,
    now: f64,
    markers: Vec<Marker>,
}

impl Course {
    fn mark(&mut self, kind: MarkerKind) {
        self.markers.push(Marker { at: HostTime::from_seconds(self.now), kind });
    }

    /// There and back, then a rest; gives the start of the movement.
    fn movement(&mut self, sizes: &[(Coordinate, f64)]) -> f64 {
        let (start, (out, hold, back)) = (self.now, TEMPO);
        for &(coordinate, amplitude) in sizes {
            self.plan.add(Excursion { coordinate, amplitude, start, out, hold, back, residue: 0.0 });
        }
        self.now += out + hold + back + 1.8;
        start
    }

    /// A hinge with this beside it.
    fn hinge(&mut self, beside: &[(Coordinate, f64)]) -> f64 {
        // A little of everything, so that no number of a plain hinge stands at its own edge.
        let hinge = [
            (Coordinate::HipForward, -0.06),
            (Coordinate::PelvisTilt, 0.4),
            (Coordinate::Shank, 0.03),
            (Coordinate::PelvisDrop, 0.04),
        ];
        self.movement(&[&hinge, beside].concat())
    }

    /// A lasting change.
    fn shift(&mut self, coordinate: Coordinate, amplitude: f64) {
        let start = self.now;
        self.plan.add(Excursion {
            coordinate,
            amplitude,
            start,
            out: 1.0,
            hold: f64::INFINITY,
            back: 1.0,
            residue: 0.0,
        });
        self.now += 4.0;
    }

    /// Quiet stance and the guided calibration on two legs.
    fn begin(side: Side) -> Self {
        let mut course = Self { plan: Plan::standing(), now: 0.0, markers: Vec::new() };
        course.mark(MarkerKind::SetStart { side });
        course.now += 4.0;
        course.mark(MarkerKind::CalibrationStart);
        for _ in 0..2 {
            course.movement(&[(Coordinate::Shank, 0.35), (Coordinate::HipForward, -0.02)]);
        }
        for _ in 0..2 {
            course.movement(&[(Coordinate::PelvisTilt, 0.6), (Coordinate::HipForward, -0.05)]);
        }
        course.mark(MarkerKind::CalibrationEnd);
        course.now += 1.0;
        course
    }

    /// What the analysis makes of it.
    fn analysed(mut self, side: Side, wearing: &Wearing) -> SessionAnalysis {
        self.now += 3.0;
        self.mark(MarkerKind::SetEnd);
        let worn = [(SensorRole::Hip, wearing.hip), (SensorRole::Shank, wearing.shank)];
        let mut tracks: Vec<_> =
            worn.map(|(role, site)| sensor(side, role, site, wearing).measure(&self.plan, self.now, 1)).into();
        if !wearing.named {
            tracks.iter_mut().for_each(|track| track.device.mount = None);
        }
        let session = SimulatedSession {
            loss: Loss::NONE,
            seed: 1,
            info: info(side),
            tracks,
            markers: self.markers,
            truth: Truth::default(),
            duration: self.now,
        };
        let protocol = Protocol::default();
        analyse(&session.recording(), &Method::default(), &protocol).expect("analyses")
    }
}

/// Sensor axes to segment axes, as the case truly sits.
fn worn_rotation(side: Side, site: MountSite, wearing: &Wearing) -> UnitQuaternion<f64> {
    let quarters = f64::from(wearing.quarter_turns) * std::f64::consts::FRAC_PI_2;
    let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), quarters);
    let nominal = nominal_rotation(site, side.lateral_sign());
    UnitQuaternion::from_scaled_axis(wearing.tilted.into()) * nominal * turned
}

/// Both sensors are matched with their segments as they sit, but for 3 degrees of lean in standing, which no sensor can tell from
/// its mounting.
fn assert_aligned(analysis: &SessionAnalysis, side: Side, wearing: &Wearing) {
    for report in analysis.sets.iter().flat_map(|set| &set.alignment) {
        let site = if report.role == SensorRole::Hip { wearing.hip } else { wearing.shank };
        let [w, x, y, z] = report.sensor_to_segment;
        let found = UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z));
        let off = found.angle_to(&worn_rotation(side, site, wearing)).to_degrees();
        // A pelvis that turns about the vertical as it bows shows an axis that is not quite its own.
        let most = if report.role == SensorRole::Hip { 10.0 } else { 4.0 };
        assert!(off < most, "{side}, {} on {site:?}: {off:.1} degrees off", report.role);
    }
}

fn sensor(side: Side, role: SensorRole, site: MountSite, wearing: &Wearing) -> Imu {
    let (leg, lateral) = (leg(side), side.lateral_sign());
    let position = match (role, site) {
        (SensorRole::Hip, MountSite::LateralHip) => Vector3::new(-0.01, 0.08, lateral * 0.07),
        (SensorRole::Hip, _) => Vector3::new(-0.12, 0.08, -lateral * leg.half_hip_width),
        _ => Vector3::new(0.04, 0.6 * leg.shank, -lateral * 0.02),
    };
    let mounting = Mounting {
        role,
        site,
        position,
        rotation: worn_rotation(side, site, wearing),
        tissue_share: 0.0,
        wobble: 0.0,
        slips: Vec::new(),
    };
    Imu {
        worn: vec![(0.0, leg, mounting)],
        chip: Chip::perfect(),
        clock: DeviceClock { offset_s: 100.0, skew_ppm: 0.0, resolution_ns: 1000 },
        nominal: SampleRate::from_hertz(100.0).expect("positive"),
        rate_error: 0.0,
        model: "drawn".to_owned(),
    }
}

fn info(side: Side) -> SessionInfo {
    let leg = leg(side);
    let known = |metres: f64| Some(Measured::new(Length::from_metres(metres), Length::from_metres(0.005)));
    SessionInfo {
        session: truehinge_core::SessionId::from("signs".to_owned()),
        athlete: AthleteId::new("drawn").expect("allowed"),
        start_utc_ns: None,
        zone: truehinge_core::Zone::Unknown,
        stance_side: Some(side),
        protocol: "single-leg-hip-hinge".to_owned(),
        body: Anthropometry {
            stature: known(1.74),
            shank_length: known(leg.shank),
            thigh_length: known(leg.thigh),
            hip_width: known(2.0 * leg.half_hip_width),
            mass_kg: None,
        },
        source: Source::default(),
    }
}

/// A channel of the table, in mm or degrees.
fn channel(metrics: &RepMetrics, name: &str) -> f64 {
    let of = |metric: Metric| metrics.reading(metric).unwrap_or_else(|| panic!("{} is measured", metric.name())).value;
    match name {
        "thigh_tilt" => of(Metric::ShankTilt) - of(Metric::KneeFlexion),
        name => of(Metric::ALL.into_iter().find(|metric| metric.name() == name).expect("a metric of the glossary")),
    }
}

/// By how much a movement changes each channel: as analysed, and in truth.
fn changes(words: &str, channels: &[&str], side: Side, wearing: &Wearing) -> Vec<(f64, f64)> {
    let beside = movement(words);
    let mut course = Course::begin(side);
    course.shift(Coordinate::LegOutward, ON_ONE_LEG);
    let starts: Vec<f64> = (0..6).map(|i| course.hinge(if i % 2 == 0 { &[] } else { beside })).collect();
    let (out, hold, back) = TEMPO;
    let span = |start: f64| (start + FIVE_PERCENT * out, start + out + hold + (1.0 - FIVE_PERCENT) * back);
    let turn = |start: f64| start + out + 0.5 * hold;
    let truth: Vec<RepMetrics> =
        starts.iter().map(|start| measure(&leg(side), &course.plan, *start, span(*start), turn(*start))).collect();
    let analysis = course.analysed(side, wearing);
    assert_aligned(&analysis, side, wearing);
    let reps: Vec<RepMetrics> = analysis.reps().map(|(_, rep)| rep.metrics.clone()).collect();
    assert_eq!(reps.len(), 6, "{words}, {side}: {:?}", analysis.sets);
    let difference = |all: &[RepMetrics], name: &str| {
        let sum = |first: usize| all.iter().skip(first).step_by(2).map(|one| channel(one, name)).sum::<f64>();
        (sum(1) - sum(0)) / 3.0
    };
    channels.iter().map(|name| (difference(&reps, name), difference(&truth, name))).collect()
}

/// Whether hinges with the leg leaning to this side count as made on one leg, beside one on two legs: what its lean tells.
fn stands_on_one_leg(side: Side, outward: f64) -> bool {
    let mut course = Course::begin(side);
    let on_two = course.hinge(&[]);
    course.shift(Coordinate::LegOutward, outward);
    let on_one: Vec<f64> = (0..4).map(|_| course.hinge(&[])).collect();
    let analysis = course.analysed(side, &WEARINGS[0]);
    let at = |start: f64, found: f64| (found - start).abs() < 1.0;
    let counts = |start: f64| analysis.reps().any(|(_, rep)| at(start, rep.span.start.seconds()));
    let rejected = analysis.sets.iter().flat_map(|set| &set.rejected);
    let outside = rejected.filter(|found| found.rejection == Rejection::OutsideSet);
    let two_is_outside = outside.into_iter().any(|found| at(on_two, found.span.start.seconds()));
    !counts(on_two) && two_is_outside && on_one.iter().all(|start| counts(*start))
}

fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/CONVENTIONS.md")).expect("the table is there");
    let rows: Vec<Vec<String>> = text
        .lines()
        .skip_while(|line| !line.starts_with("| movement"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    assert!(rows.len() >= 12, "the table has {} rows", rows.len());
    rows
}

/// What a channel may be wrong by, mm of travel or degrees of angle. Perfect sensors: what is left is the alignment's error, and
/// for the hips integration over a repetition and, where nobody said on which side of the pelvis the sensor sits, its lever arm.
fn tolerance(channel: &str, wearing: &Wearing) -> f64 {
    match channel {
        "hip_back" if !wearing.named => 20.0,
        "knee_forward" | "knee_forward_turn" | "hip_back" | "hip_drop" => 10.0,
        _ => 2.5,
    }
}

/// One row, one leg: the sign of what it is about, and that everything else is as large as it truly is.
fn check(row: &[String], channels: &[&str], side: Side, sign: f64) {
    for (worn, wearing) in WEARINGS.iter().enumerate() {
        for (name, (change, truth)) in channels.iter().zip(changes(&row[0], channels, side, wearing)) {
            let what = format!("{}, {side}, worn {worn}: {name} by {change:.2}, in truth by {truth:.2}", row[0]);
            println!("{what}");
            if *name == row[1] {
                assert!(truth * sign > 1.0 && (change / truth - 1.0).abs() < 0.3, "{what}");
            }
            assert!((change - truth).abs() < tolerance(name, wearing), "{what}");
        }
    }
}

#[test]
fn every_row_of_the_sign_table_holds() {
    let rows = rows();
    let channels: BTreeSet<&str> =
        rows.iter().map(|row| row[1].as_str()).filter(|name| *name != "stance_lean").collect();
    let channels: Vec<&str> = channels.into_iter().collect();
    for row in &rows {
        for (side, sign) in [(Side::Right, &row[2]), (Side::Left, &row[3])] {
            let sign = if sign == "+" { 1.0 } else { -1.0 };
            if row[1] == "stance_lean" {
                let [(_, outward)] = movement(&row[0]) else { panic!("one coordinate") };
                assert!(stands_on_one_leg(side, sign * outward), "{row:?}, {side}");
                assert!(!stands_on_one_leg(side, -sign * outward), "{row:?}, {side}: the other way as well");
            } else {
                check(row, &channels, side, sign);
            }
        }
    }
}

//! The sign table of `docs/CONVENTIONS.md`, row by row, against the simulated skeleton and a sensor worn at an angle.

use std::collections::BTreeMap;
use std::fs;

use truehinge_core::{Earth, Rotation, Sensor, Side};
use truehinge_signal::body::kinematics::{heading, left_lean, pelvis_drop, sagittal_tilt};
use truehinge_sim::movement::{Coordinate, Excursion, Plan};
use truehinge_sim::skeleton::{Leg, Skeleton};
use truehinge_tests::root;

fn movement(words: &str) -> (Coordinate, f64) {
    match words {
        "knee goes forward over the planted foot" => (Coordinate::Shank, 0.2),
        "pelvis tips forward" => (Coordinate::PelvisTilt, 0.4),
        "hips go back" => (Coordinate::HipForward, -0.06),
        "free side of the pelvis drops" => (Coordinate::PelvisDrop, 0.1),
        "pelvis turns counter-clockwise seen from above" => (Coordinate::PelvisHeading, 0.2),
        "leg leans to the supporting side" => (Coordinate::LegOutward, 0.1),
        other => panic!("the table has a movement this test does not know: {other}"),
    }
}

/// Channels of the skeleton, measured as the analysis does it.
fn channels(side: Side, plan: &Plan, seconds: f64) -> BTreeMap<&'static str, f64> {
    let leg = Leg { side, shank: 0.43, thigh: 0.42, half_hip_width: 0.085 };
    let bones = Skeleton::new(&leg, &plan.coordinates(seconds));
    // CLAIM: any constant rotation is a mounting; the alignment undoes it exactly.
    let mounting = Rotation::<Sensor, truehinge_core::Shank>::from_wxyz([0.6, -0.3, 0.7, 0.2]).expect("has length");
    let sensor: Rotation<Sensor, Earth> = mounting.then(bones.shank_pose());
    let shank = mounting.inverse().then(sensor);
    let (thigh, pelvis) = (bones.thigh_pose(), bones.pelvis_pose());
    let outward = -side.lateral_sign();
    BTreeMap::from([
        ("shank_tilt", sagittal_tilt(shank).radians()),
        ("thigh_inclination", sagittal_tilt(thigh).radians()),
        ("pelvis_tilt", sagittal_tilt(pelvis).radians()),
        ("knee_flexion", sagittal_tilt(shank).radians() - sagittal_tilt(thigh).radians()),
        ("pelvis_drop", pelvis_drop(pelvis, side).radians()),
        ("pelvic_heading", heading(pelvis).radians()),
        ("stance_lean", outward * left_lean(shank).radians()),
        ("knee_forward", bones.thigh.origin[0].value),
        ("hip_back", -bones.pelvis.origin[0].value),
    ])
}

#[test]
fn every_row_of_the_sign_table_holds() {
    let text = fs::read_to_string(root().join("docs/CONVENTIONS.md")).expect("the table is there");
    let rows: Vec<Vec<String>> = text
        .lines()
        .skip_while(|line| !line.starts_with("| movement"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    assert!(rows.len() >= 9, "the table has {} rows", rows.len());
    for row in rows {
        for (side, sign) in [(Side::Right, &row[2]), (Side::Left, &row[3])] {
            let (coordinate, amplitude) = movement(&row[0]);
            let mut plan = Plan::standing();
            plan.add(Excursion {
                coordinate,
                amplitude,
                start: 0.0,
                out: 1.0,
                hold: f64::INFINITY,
                back: 1.0,
                residue: 1.0,
            });
            let change = channels(side, &plan, 2.0)[row[1].as_str()] - channels(side, &plan, 0.0)[row[1].as_str()];
            let expected = if sign == "+" { 1.0 } else { -1.0 };
            assert!(change * expected > 1e-3, "{row:?}, {side}: changed by {change}");
        }
    }
}

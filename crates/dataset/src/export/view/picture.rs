//! What is drawn: a bone for each segment, as a cylinder and as points.

use truehinge_core::{Anthropometry, LegMotion, Side};

use super::proto::Message;
use super::{LEG, Put, quaternion, timestamp, vector};

/// Topics of the points, in the order of the bones.
pub(super) const POINTS: [&str; 3] = ["/points/shank", "/points/thigh", "/points/pelvis"];
const FRAMES: [&str; 3] = ["shank", "thigh", "pelvis"];

/// Thickness of a bone, m.
const THICK: f64 = 0.05;
/// How far the pelvis is drawn upward, so that its tilt is seen, m.
const PELVIS_HEIGHT: f64 = 0.25;
/// Distance of the hip joints of an adult of whom nothing is known, m.
const HIP_WIDTH: f64 = 0.17;
/// Points on a bone.
const ON_A_BONE: u16 = 25;
/// Colours: grey for the leg, blue for the pelvis.
const COLOURS: [[f64; 4]; 3] = [[0.75, 0.75, 0.72, 1.0], [0.60, 0.60, 0.57, 1.0], [0.20, 0.45, 0.75, 1.0]];

/// A bone from the origin of its segment to a point, m.
type Bone = [f64; 3];

/// Draws the bones of a set from a time on.
pub(super) fn bones(motion: &LegMotion, at: u64, body: &Anthropometry, put: Put<'_>) {
    let across = body.hip_width.map_or(HIP_WIDTH, |width| width.value.metres());
    // From the supporting hip to the other one; the right is z.
    let across = -across * motion.side.map_or(0.0, Side::lateral_sign);
    let bones: [Vec<Bone>; 3] = [
        vec![[0.0, motion.shank_length.metres(), 0.0]],
        vec![[0.0, motion.thigh_length.metres(), 0.0]],
        vec![[0.0, PELVIS_HEIGHT, 0.0], [0.0, 0.0, across]],
    ];
    let entity = |((frame, bones), colour): ((&&str, &Vec<Bone>), [f64; 4])| {
        let drawn = bones.iter().filter(|bone| length(**bone) > 0.0);
        Message::default()
            .message(1, &timestamp(at))
            .text(2, frame)
            .text(3, frame)
            .int(5, 1)
            .messages(10, drawn.map(|bone| cylinder(*bone, colour)))
    };
    let entities = FRAMES.iter().zip(&bones).zip(COLOURS).map(entity);
    put(at, LEG, Message::default().messages(2, entities));
    for ((topic, frame), bones) in POINTS.into_iter().zip(FRAMES).zip(&bones) {
        put(at, topic, cloud(at, frame, bones));
    }
}

fn length([x, y, z]: Bone) -> f64 {
    x.hypot(y).hypot(z)
}

/// Cylinders stand along z; bones here lie along y or z.
fn cylinder(bone: Bone, colour: [f64; 4]) -> Message {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let lies = if bone[1] == 0.0 { [1.0, 0.0, 0.0, 0.0] } else { [half, -half, 0.0, 0.0] };
    let pose = Message::default().message(1, &vector(bone.map(|part| part / 2.0))).message(2, &quaternion(lies));
    let [r, g, b, a] = colour;
    Message::default()
        .message(1, &pose)
        .message(2, &vector([THICK, THICK, length(bone)]))
        .double(3, 1.0)
        .double(4, 1.0)
        .message(5, &vector([r, g, b]).double(4, a))
}

/// Number of a type in `foxglove.PackedElementField`.
const FLOAT32: i64 = 7;
const BYTES: u32 = 4;

fn cloud(at: u64, frame: &str, bones: &[Bone]) -> Message {
    let on = |bone: &Bone| {
        let bone = *bone;
        (0..=ON_A_BONE).map(move |step| bone.map(|part| part * f64::from(step) / f64::from(ON_A_BONE)))
    };
    #[allow(clippy::cast_possible_truncation, reason = "lengths of bones")]
    let bytes = |point: [f64; 3]| point.into_iter().flat_map(|part| (part as f32).to_le_bytes());
    let data: Vec<u8> = bones.iter().flat_map(on).flat_map(bytes).collect();
    let field = |(name, offset): (&str, u32)| Message::default().text(1, name).fixed32(2, offset).int(3, FLOAT32);
    let pose = Message::default().message(1, &vector([0.0; 3])).message(2, &quaternion([1.0, 0.0, 0.0, 0.0]));
    Message::default()
        .message(1, &timestamp(at))
        .text(2, frame)
        .message(3, &pose)
        .fixed32(4, 3 * BYTES)
        .messages(5, [("x", 0), ("y", BYTES), ("z", 2 * BYTES)].map(field))
        .bytes(6, &data)
}

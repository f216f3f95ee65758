//! The types of the messages. Those that programs know by name have the fields of the Foxglove schemas, as far as they are used here.

use truehinge_core::{Metric, Signal};

use super::proto::Kind::{Bool, Bytes, Double, Enum, Fixed32, Int32, Int64, Message, Text};
use super::proto::{Field, Package, Type, described};

const TIMESTAMP: Package = Package {
    file: "google/protobuf/timestamp.proto",
    name: "google.protobuf",
    uses: &[],
    types: &[plain("Timestamp", &[("seconds", 1, Int64, false), ("nanos", 2, Int32, false)])],
};

const DURATION: Package = Package {
    file: "google/protobuf/duration.proto",
    name: "google.protobuf",
    uses: &[],
    types: &[plain("Duration", &[("seconds", 1, Int64, false), ("nanos", 2, Int32, false)])],
};

const TIME: super::proto::Kind = Message("google.protobuf.Timestamp");
const VECTOR: super::proto::Kind = Message("foxglove.Vector3");

const FOXGLOVE: Package = Package {
    file: "foxglove.proto",
    name: "foxglove",
    uses: &[TIMESTAMP.file, DURATION.file],
    types: &[
        plain("Vector3", &[("x", 1, Double, false), ("y", 2, Double, false), ("z", 3, Double, false)]),
        plain(
            "Quaternion",
            &[("x", 1, Double, false), ("y", 2, Double, false), ("z", 3, Double, false), ("w", 4, Double, false)],
        ),
        plain("Pose", &[("position", 1, VECTOR, false), ("orientation", 2, Message("foxglove.Quaternion"), false)]),
        plain(
            "Color",
            &[("r", 1, Double, false), ("g", 2, Double, false), ("b", 3, Double, false), ("a", 4, Double, false)],
        ),
        plain(
            "FrameTransform",
            &[
                ("timestamp", 1, TIME, false),
                ("parent_frame_id", 2, Text, false),
                ("child_frame_id", 3, Text, false),
                ("translation", 4, VECTOR, false),
                ("rotation", 5, Message("foxglove.Quaternion"), false),
            ],
        ),
        plain("FrameTransforms", &[("transforms", 1, Message("foxglove.FrameTransform"), true)]),
        Type {
            name: "PackedElementField",
            fields: &[
                ("name", 1, Text, false),
                ("offset", 2, Fixed32, false),
                ("type", 3, Enum("foxglove.PackedElementField.NumericType"), false),
            ],
            values: Some((
                "NumericType",
                &["UNKNOWN", "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "FLOAT32", "FLOAT64"],
            )),
        },
        plain(
            "PointCloud",
            &[
                ("timestamp", 1, TIME, false),
                ("frame_id", 2, Text, false),
                ("pose", 3, Message("foxglove.Pose"), false),
                ("point_stride", 4, Fixed32, false),
                ("fields", 5, Message("foxglove.PackedElementField"), true),
                ("data", 6, Bytes, false),
            ],
        ),
        plain(
            "CylinderPrimitive",
            &[
                ("pose", 1, Message("foxglove.Pose"), false),
                ("size", 2, VECTOR, false),
                ("bottom_scale", 3, Double, false),
                ("top_scale", 4, Double, false),
                ("color", 5, Message("foxglove.Color"), false),
            ],
        ),
        plain(
            "SceneEntity",
            &[
                ("timestamp", 1, TIME, false),
                ("frame_id", 2, Text, false),
                ("id", 3, Text, false),
                ("lifetime", 4, Message("google.protobuf.Duration"), false),
                ("frame_locked", 5, Bool, false),
                ("cylinders", 10, Message("foxglove.CylinderPrimitive"), true),
            ],
        ),
        plain("SceneUpdate", &[("entities", 2, Message("foxglove.SceneEntity"), true)]),
        Type {
            name: "Log",
            fields: &[
                ("timestamp", 1, TIME, false),
                ("level", 2, Enum("foxglove.Log.Level"), false),
                ("message", 3, Text, false),
                ("name", 4, Text, false),
            ],
            values: Some(("Level", &["UNKNOWN", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"])),
        },
    ],
};

const OWN: Package = Package {
    file: "truehinge.proto",
    name: "truehinge",
    uses: &[],
    types: &[
        plain(
            "Angles",
            &[
                ("shank_tilt_deg", 1, Double, false),
                ("thigh_tilt_deg", 2, Double, false),
                ("pelvis_tilt_deg", 3, Double, false),
                ("set", 4, Int32, false),
            ],
        ),
        plain("Curves", &CURVES),
        plain("Repetition", &REPETITION),
    ],
};

/// A field for each signal of a repetition.
const CURVES: [Field; 6] = [
    ("shank_tilt_deg", 1, Double, false),
    ("pelvis_tilt_deg", 2, Double, false),
    ("knee_forward_mm", 3, Double, false),
    ("hip_back_mm", 4, Double, false),
    ("knee_flexion_deg", 5, Double, false),
    ("pelvis_drop_deg", 6, Double, false),
];

const REPETITION: [Field; 15] = [
    ("set", 1, Int32, false),
    ("rep", 2, Int32, false),
    ("side", 3, Text, false),
    ("verdict", 4, Text, false),
    ("verdict_computed", 5, Text, false),
    ("probability", 6, Double, false),
    ("counts", 7, Bool, false),
    ("duration_s", 8, Double, false),
    ("knee_forward_mm", 9, Double, false),
    ("knee_forward_sigma_mm", 10, Double, false),
    ("hip_back_mm", 11, Double, false),
    ("hip_back_sigma_mm", 12, Double, false),
    ("shank_tilt_deg", 13, Double, false),
    ("shank_tilt_sigma_deg", 14, Double, false),
    ("thigh_source", 15, Text, false),
];

/// Field of a signal in `truehinge.Curves`.
pub(super) const fn of_signal(signal: Signal) -> u32 {
    match signal {
        Signal::ShankTilt => 1,
        Signal::PelvisTilt => 2,
        Signal::KneeForward => 3,
        Signal::HipBack => 4,
        Signal::KneeFlexion => 5,
        Signal::PelvisDrop => 6,
    }
}

/// Numbers of a repetition with the first of their two fields in `truehinge.Repetition`.
pub(super) const NUMBERS: [(Metric, u32); 3] =
    [(Metric::KneeForward, 9), (Metric::HipBack, 11), (Metric::ShankTilt, 13)];

const fn plain(name: &'static str, fields: &'static [Field]) -> Type {
    Type { name, fields, values: None }
}

/// All types, as MCAP stores them.
pub(super) fn all() -> Vec<u8> {
    described(&[&TIMESTAMP, &DURATION, &FOXGLOVE, &OWN])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_the_field_of_its_name() {
        for signal in Signal::ALL {
            let name = format!("{}_{}", signal.name(), signal.unit());
            let field = CURVES.iter().find(|field| field.1 == of_signal(signal)).expect("has one");
            assert_eq!(field.0, name);
        }
        for (metric, number) in NUMBERS {
            let field = REPETITION.iter().find(|field| field.1 == number).expect("has one");
            assert_eq!(field.0, metric.column());
        }
    }
}

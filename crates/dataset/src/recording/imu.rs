//! Samples as ROS 2 `sensor_msgs/msg/Imu` in CDR (little endian), so that other tools can open a recording.
//!
//! An unknown orientation or value is marked as the message's definition asks: the first element of its covariance is -1.

use truehinge_core::{
    AngularRate, DeviceTime, FreeAcceleration, HostTime, InertialSample, OrientationSample, Rotation, SpecificForce,
};

/// Schema name, encoding and definition.
pub const SCHEMA: (&str, &str, &str) = ("sensor_msgs/msg/Imu", "ros2msg", DEFINITION);
/// Message encoding.
pub const ENCODING: &str = "cdr";

const DEFINITION: &str = "std_msgs/Header header
geometry_msgs/Quaternion orientation
float64[9] orientation_covariance
geometry_msgs/Vector3 angular_velocity
float64[9] angular_velocity_covariance
geometry_msgs/Vector3 linear_acceleration
float64[9] linear_acceleration_covariance
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
================================================================================
MSG: geometry_msgs/Quaternion
float64 x
float64 y
float64 z
float64 w
================================================================================
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
";

/// Little-endian CDR with encapsulation header.
const ENCAPSULATION: [u8; 4] = [0, 1, 0, 0];
const UNKNOWN: f64 = -1.0;
/// Doubles of the message: quaternion, its covariance, rate, its covariance, acceleration, its covariance.
const DOUBLES: usize = 4 + 9 + 3 + 9 + 3 + 9;

/// The content of one message.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Imu {
    orientation_xyzw: Option<[f64; 4]>,
    angular_velocity: Option<[f64; 3]>,
    linear_acceleration: Option<[f64; 3]>,
}

/// Encodes an inertial sample.
pub fn encode_inertial(sample: &InertialSample, frame_id: &str) -> Vec<u8> {
    let imu = Imu {
        orientation_xyzw: None,
        angular_velocity: Some(sample.angular_rate.to_array()),
        linear_acceleration: Some(sample.specific_force.to_array()),
    };
    encode(&imu, sample.device_time, frame_id)
}

/// Encodes an orientation sample; its free acceleration goes where the message has acceleration.
pub fn encode_orientation(sample: &OrientationSample, frame_id: &str) -> Vec<u8> {
    let [w, x, y, z] = sample.rotation.to_wxyz();
    let imu = Imu {
        orientation_xyzw: Some([x, y, z, w]),
        angular_velocity: None,
        linear_acceleration: sample.free_acceleration.map(truehinge_core::Vec3::to_array),
    };
    encode(&imu, sample.device_time, frame_id)
}

/// Decodes an inertial sample; `None` if the bytes are not one.
pub fn decode_inertial(bytes: &[u8], device_time: DeviceTime, arrival: Option<HostTime>) -> Option<InertialSample> {
    let imu = decode(bytes)?;
    let ([fx, fy, fz], [wx, wy, wz]) = (imu.linear_acceleration?, imu.angular_velocity?);
    Some(InertialSample {
        device_time,
        arrival,
        specific_force: SpecificForce::new(fx, fy, fz),
        angular_rate: AngularRate::new(wx, wy, wz),
    })
}

/// Decodes an orientation sample; `None` if the bytes are not one.
pub fn decode_orientation(
    bytes: &[u8],
    device_time: DeviceTime,
    arrival: Option<HostTime>,
) -> Option<OrientationSample> {
    let imu = decode(bytes)?;
    let [x, y, z, w] = imu.orientation_xyzw?;
    Some(OrientationSample {
        device_time,
        arrival,
        // CLAIM: `encode_orientation` wrote the components of a rotation from sensor to Earth.
        rotation: Rotation::assert_maps(nalgebra::UnitQuaternion::new_unchecked(nalgebra::Quaternion::new(w, x, y, z))),
        free_acceleration: imu.linear_acceleration.map(|[x, y, z]| FreeAcceleration::new(x, y, z)),
    })
}

fn encode(imu: &Imu, stamp: DeviceTime, frame_id: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + 8 + 4 + frame_id.len() + 8 + 8 * DOUBLES);
    bytes.extend_from_slice(&ENCAPSULATION);
    // The stamp is for viewers; the exact device time is the message's publish time.
    let (seconds, nanos) = (stamp.nanos().div_euclid(1_000_000_000), stamp.nanos().rem_euclid(1_000_000_000));
    bytes.extend_from_slice(&i32::try_from(seconds).unwrap_or(i32::MAX).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(nanos).unwrap_or(0).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(frame_id.len() + 1).unwrap_or(1).to_le_bytes());
    bytes.extend_from_slice(frame_id.as_bytes());
    bytes.push(0);
    pad(&mut bytes);
    let mut put = |values: &[f64]| values.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
    let covariance = |known: bool| {
        let mut covariance = [0.0; 9];
        covariance[0] = if known { 0.0 } else { UNKNOWN };
        covariance
    };
    put(&imu.orientation_xyzw.unwrap_or([0.0, 0.0, 0.0, 1.0]));
    put(&covariance(imu.orientation_xyzw.is_some()));
    put(&imu.angular_velocity.unwrap_or_default());
    put(&covariance(imu.angular_velocity.is_some()));
    put(&imu.linear_acceleration.unwrap_or_default());
    put(&covariance(imu.linear_acceleration.is_some()));
    bytes
}

/// CDR aligns doubles to eight bytes, counted after the encapsulation header.
fn pad(bytes: &mut Vec<u8>) {
    while !(bytes.len() - ENCAPSULATION.len()).is_multiple_of(8) {
        bytes.push(0);
    }
}

fn decode(bytes: &[u8]) -> Option<Imu> {
    let body = bytes.strip_prefix(&ENCAPSULATION)?;
    let length = u32::from_le_bytes(*body.get(8..)?.first_chunk()?);
    let start = (12 + usize::try_from(length).ok()?).next_multiple_of(8);
    let (chunks, rest) = body.get(start..)?.as_chunks::<8>();
    if chunks.len() != DOUBLES || !rest.is_empty() {
        return None;
    }
    let value = |i: usize| chunks.get(i).map_or(f64::NAN, |chunk| f64::from_le_bytes(*chunk));
    let known = |covariance: usize| value(covariance).to_bits() != UNKNOWN.to_bits();
    Some(Imu {
        orientation_xyzw: known(4).then(|| [value(0), value(1), value(2), value(3)]),
        angular_velocity: known(16).then(|| [value(13), value(14), value(15)]),
        linear_acceleration: known(28).then(|| [value(25), value(26), value(27)]),
    })
}

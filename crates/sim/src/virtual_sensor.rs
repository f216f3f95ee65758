//! What a virtual sensor measured, before the radio.

use truehinge_core::{AngularRate, DeviceInfo, DeviceTime, Sensor, SensorRole, SessionTime, SpecificForce};

/// One measurement of a virtual sensor.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VirtualSample {
    /// When it was taken, on the session's perfect timeline.
    pub true_time: SessionTime,
    /// What the sensor's own clock said then.
    pub device_time: DeviceTime,
    /// m/s², errors included.
    pub specific_force: SpecificForce<Sensor>,
    /// rad/s, errors included.
    pub angular_rate: AngularRate<Sensor>,
}

/// Everything a virtual sensor measured: noise, bias, mounting and its own clock are already in.
#[derive(Clone, PartialEq, Debug)]
pub struct VirtualTrack {
    /// Where it is worn.
    pub role: SensorRole,
    /// Its data sheet.
    pub device: DeviceInfo,
    /// In order of time.
    pub samples: Vec<VirtualSample>,
}

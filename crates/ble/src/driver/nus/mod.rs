//! Devices that speak lines or small binary packets over the Nordic UART service: ESP32, nRF and Arduino builds.
//!
//! Verified on documents and by simulation, not on hardware (docs/sensors/nus.md). Packets of any layout where a profile says so
//! (`[binary]`); otherwise two formats, told apart by their first byte:
//!
//! ```text
//! frame:  A5 5A ver n  seq:u16  t0:u32 (us, first sample)  dt:u16 (us)  n x (acc i16 x3, gyro i16 x3)  crc8     little endian
//! line:   columns of the profile, such as  seq,t_us,ax,ay,az,gx,gy,gz\n
//! ```
//!
//! `seq` counts frames (or lines). `crc8` is over everything before it, polynomial x^8+x^2+x+1 (0x07), start value 0, not
//! reflected. Asked with `?\n`, a device announces the scale of its frames in one line:
//! `{"truehinge":1,"acc_lsb_per_g":4096,"gyro_lsb_per_dps":16.4,"rate":100}`.

mod binary;
mod column;
mod decoder;
mod error;
mod frame;
mod profile;

pub use binary::{Binary, ByteOrder, Checksum, Field, Kind};
pub use column::Column;
pub use error::ProfileError;
pub use frame::{FrameScale, encode_frame};
pub use profile::{AccelerometerUnit, GyroscopeUnit, Profile, TimeUnit};

use truehinge_core::{ClockKind, DeviceInfo, STANDARD_GRAVITY, SampleRate};

use self::decoder::NusDecoder;
use super::{DriverSession, Event, ImuDriver, Manual, Model, Request, Signs, UnsupportedRate, battery};
use crate::gatt::{Uuid, uuid};

/// Nordic UART service.
pub const SERVICE: Uuid = uuid!("6e400001-b5a3-f393-e0a9-e50e24dcca9e");
/// Host to device.
pub const RX: Uuid = uuid!("6e400002-b5a3-f393-e0a9-e50e24dcca9e");
/// Device to host.
pub const TX: Uuid = uuid!("6e400003-b5a3-f393-e0a9-e50e24dcca9e");

/// Nordic-UART devices in general; the rest is up to their profile.
pub const MODEL: Model = Model {
    name: "nus",
    full_name: "Nordic UART IMU",
    signs: Signs { services: &[SERVICE], ..Signs::NONE },
    charge: battery::CHARGE,
    manual: Manual {
        models: "anything over Nordic UART",
        time_stamps: "as its lines say",
        needs: Some("a TOML profile, or our frames"),
        page: "nus",
    },
};

/// Driver of Nordic-UART devices: what is data elsewhere is what the profile says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NusDriver {
    /// What its lines look like.
    pub profile: Profile,
}

impl ImuDriver for NusDriver {
    fn about(&self) -> &Model {
        &MODEL
    }

    fn device(&self) -> DeviceInfo {
        DeviceInfo {
            model: self.profile.model.clone(),
            nominal_rate: self.profile.rate_hz.and_then(SampleRate::from_hertz),
            accelerometer_range: self.profile.accelerometer_range_g.map(|g| g * STANDARD_GRAVITY),
            gyroscope_range: self.profile.gyroscope_range_dps.map(f64::to_radians),
            mount: self.profile.mount,
            ..DeviceInfo::default()
        }
    }

    /// The profile's: what it says is what the firmware does.
    fn rates(&self) -> Vec<SampleRate> {
        self.device().nominal_rate.into_iter().collect()
    }

    fn at(&self, rate: SampleRate) -> Result<Box<dyn ImuDriver>, UnsupportedRate> {
        let has = self.rates();
        if has.contains(&rate) { Ok(Box::new(self.clone())) } else { Err(UnsupportedRate { asked: rate, has }) }
    }

    fn clock(&self) -> ClockKind {
        if self.profile.contents().contains(&Column::Time) { ClockKind::Device } else { ClockKind::SampleIndex }
    }

    fn session(&self, _: u16) -> Box<dyn DriverSession> {
        Box::new(NusSession { decoder: NusDecoder::new(self.profile.clone()) })
    }
}

/// One connection.
struct NusSession {
    decoder: NusDecoder,
}

/// A command; none for a device that needs none.
fn command(text: &str) -> Option<Request> {
    let payload = text.as_bytes().to_vec();
    (!text.is_empty()).then_some(Request::Write { characteristic: RX, payload, confirmed: false })
}

impl DriverSession for NusSession {
    fn start(&mut self) -> Vec<Request> {
        let listen = battery::follow().into_iter().chain([Request::Subscribe(TX)]);
        // Only our own frames have a scale to ask for.
        let question = if self.decoder.profile.binary.is_some() { "" } else { "?\n" };
        let commands = [question, &self.decoder.profile.start_command].into_iter().filter_map(command);
        listen.chain(commands).collect()
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            battery::LEVEL => battery::event(payload).into_iter().for_each(emit),
            TX => self.decoder.push(payload, &mut |result| {
                emit(result.map_or_else(Event::Undecodable, Event::Packet));
            }),
            _ => {}
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        command(&self.decoder.profile.stop_command).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::tests::{events, packets};

    #[test]
    fn lines_without_time_are_counted_and_devices_without_commands_get_none() {
        let profile = Profile::from_toml(
            "columns = [\"skip\", \"ax\", \"ay\", \"az\", \"skip\", \"gx\", \"gy\", \"gz\"]\nrate_hz = 50.0\nstart_command = \"\"\nstop_command = \"\"",
        )
        .expect("valid");
        let driver = NusDriver { profile };
        assert_eq!(driver.clock(), ClockKind::SampleIndex);
        assert_eq!(NusDriver::default().clock(), ClockKind::Device);
        let mut session = driver.session(23);
        assert_eq!((session.start().len(), session.stop()), (4, Vec::new()), "battery twice, notifications, question");
        let found = packets(&mut *session, TX, b"A,1,2,3,x,4,5,6\n");
        assert_eq!((found[0].ticks, found[0].samples[0].gyroscope), (None, [4.0, 5.0, 6.0]));
    }

    #[test]
    fn a_device_without_a_battery_service_is_recorded_without_one() {
        let mut session = NusDriver::default().session(23);
        for request in battery::follow() {
            assert_eq!(session.failed(&request), Some(Vec::new()));
        }
        assert_eq!(session.failed(&Request::Subscribe(TX)), None);
        assert_eq!(events(&mut *session, battery::LEVEL, &[93]), [Event::Battery(93)]);
    }
}

//! Drivers as data: what a model of sensor is, and the driver that follows from it.
//!
//! A new model is a constant [`ModelDriver`] in a file of its own, and a line in [`all`](super::all).

use truehinge_core::{ClockKind, DeviceInfo, STANDARD_GRAVITY, SampleRate};

use super::rate::{find, rates};
use super::{Advertisement, DriverSession, ImuDriver, Request, UnsupportedRate};
use crate::gatt::Uuid;

/// A model of sensor, as far as nobody can set it.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Stable short name, such as `thingy52`: what `scan` says, and what is said to mean it.
    pub name: &'static str,
    /// Maker and model, as recordings have them.
    pub full_name: &'static str,
    /// What its advertisements are told from others by.
    pub signs: Signs,
    /// How its charge is asked for, without measuring.
    pub charge: Charge,
    /// What the table in `docs/sensors` says of it.
    pub manual: Manual,
}

/// What shows a model in an advertisement: any one of these.
#[derive(Clone, Copy, Debug)]
pub struct Signs {
    /// Beginnings of local names.
    pub names: &'static [&'static str],
    /// Services.
    pub services: &'static [Uuid],
    /// Companies, by their Bluetooth numbers.
    pub companies: &'static [u16],
}

impl Signs {
    /// Nothing shows it: it is used where it is asked for by name.
    pub const NONE: Self = Self { names: &[], services: &[], companies: &[] };

    /// Whether an advertisement has one of them.
    pub fn are_in(&self, advertisement: &Advertisement) -> bool {
        self.names.iter().any(|beginning| advertisement.is_named(beginning))
            || self.services.iter().any(|service| advertisement.services.contains(service))
            || self.companies.iter().any(|company| advertisement.companies.contains(company))
    }
}

/// How a device is asked for its charge.
#[derive(Clone, Copy, Debug)]
pub enum Charge {
    /// This characteristic is read.
    Read(Uuid),
    /// A command is written, and answered by a notification.
    Command {
        /// Of this characteristic.
        answer: Uuid,
        /// Where it is written to.
        to: Uuid,
        /// The command.
        bytes: &'static [u8],
    },
}

impl Charge {
    /// What makes the device tell it.
    pub fn ask(self) -> Vec<Request> {
        match self {
            Self::Read(level) => vec![Request::Read(level)],
            Self::Command { answer, to, bytes } => vec![
                Request::Subscribe(answer),
                Request::Write { characteristic: to, payload: bytes.to_vec(), confirmed: false },
            ],
        }
    }
}

/// A model in the table in `docs/sensors`.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// Maker and models.
    pub models: &'static str,
    /// What its stamps are.
    pub time_stamps: &'static str,
    /// What it does not work without, if there is anything.
    pub needs: Option<&'static str>,
    /// Name of its page, without the `.md`.
    pub page: &'static str,
}

/// Full scales that a device is set to.
#[derive(Clone, Copy, Debug)]
pub struct Ranges {
    /// Accelerometer, g.
    pub accelerometer_g: f64,
    /// Gyroscope, deg/s.
    pub gyroscope_dps: f64,
}

/// What a session is made for.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Rate to set the device to, Hz.
    pub rate: u16,
    /// Bytes of a GATT packet, its header included.
    pub mtu: u16,
}

/// The driver of a model whose rate can be set: data, but for its sessions.
#[derive(Clone, Copy, Debug)]
pub struct ModelDriver {
    /// The model.
    pub model: Model,
    /// Rates that it can be set to, Hz, from slow to fast.
    pub rates: &'static [u16],
    /// The one that it is set to, Hz; the usual one, where it is a constant.
    pub rate: u16,
    /// Full scales.
    pub ranges: Ranges,
    /// Where device times come from.
    pub clock: ClockKind,
    /// Makes the state machine of a connection.
    pub session: fn(Setup) -> Box<dyn DriverSession>,
}

impl ModelDriver {
    /// The same, set to another rate.
    ///
    /// # Errors
    /// It cannot be set to that rate.
    pub fn set_to(&self, rate: SampleRate) -> Result<Self, UnsupportedRate> {
        Ok(Self { rate: find(self.rates, rate)?, ..*self })
    }
}

impl ImuDriver for ModelDriver {
    fn about(&self) -> &Model {
        &self.model
    }

    fn device(&self) -> DeviceInfo {
        DeviceInfo {
            model: self.model.full_name.to_owned(),
            nominal_rate: SampleRate::from_hertz(f64::from(self.rate)),
            accelerometer_range: Some(self.ranges.accelerometer_g * STANDARD_GRAVITY),
            gyroscope_range: Some(self.ranges.gyroscope_dps.to_radians()),
            ..DeviceInfo::default()
        }
    }

    fn rates(&self) -> Vec<SampleRate> {
        rates(self.rates)
    }

    fn at(&self, rate: SampleRate) -> Result<Box<dyn ImuDriver>, UnsupportedRate> {
        Ok(Box::new(self.set_to(rate)?))
    }

    fn clock(&self) -> ClockKind {
        self.clock
    }

    fn session(&self, mtu: u16) -> Box<dyn DriverSession> {
        (self.session)(Setup { rate: self.rate, mtu })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{all, recognise};

    /// Advertisements that show one sign each.
    fn shown(signs: &Signs) -> Vec<Advertisement> {
        let named = |name: &&str| Advertisement { name: Some(format!("{name} 12")), ..Advertisement::default() };
        let serving = |&service: &Uuid| Advertisement { services: vec![service], ..Advertisement::default() };
        let made_by = |&company: &u16| Advertisement { companies: vec![company], ..Advertisement::default() };
        let names = signs.names.iter().map(named);
        names.chain(signs.services.iter().map(serving)).chain(signs.companies.iter().map(made_by)).collect()
    }

    #[test]
    fn each_sign_alone_shows_its_model_and_nothing_else_does() {
        for driver in all() {
            let shown = shown(&driver.about().signs);
            assert_eq!(shown.is_empty(), driver.model() == "metamotion-packed", "{}", driver.model());
            for advertisement in shown {
                let found = recognise(&advertisement).map(|found| found.model());
                assert_eq!(found, Some(driver.model()), "{advertisement:?}");
            }
        }
        assert!(recognise(&Advertisement::default()).is_none());
    }
}

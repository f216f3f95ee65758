//! The sensors set their clocks to one another's before the recording.

use std::borrow::Cow;
use std::sync::Arc;

use truehinge_ble::device_sync::{SyncStep, set_clocks};
use truehinge_ble::driver::rate::UnsupportedRate;
use truehinge_ble::driver::{ModelDriver, dot};
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::{ImuDriver, ImuLink};
use truehinge_core::{ClockKind, Explained, SampleRate, SensorRole};

use super::event::{Event, SyncStage};
use crate::sensors::Worn;

/// The sensors that are worn cannot set their clocks.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceSyncError {
    /// It takes two that can.
    #[error("only two or more Movella DOTs can synchronise their clocks, and {found} is worn")]
    TooFew {
        /// How many can.
        found: usize,
    },
    /// They do not have the rate.
    #[error(transparent)]
    Rate(#[from] UnsupportedRate),
}

impl Explained for DeviceSyncError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "device_sync_too_few",
            Self::Rate(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::TooFew { .. } => "record without: the clocks are fitted from the data".into(),
            Self::Rate(error) => return error.hint(),
        })
    }
}

/// The same sensors, on one clock if that could be had; if not, it is said why, and they are recorded as they are. They are at this
/// rate, or at their usual one. Takes 20 seconds.
///
/// # Errors
/// See [`DeviceSyncError`]; that it failed is none.
pub async fn share_clocks(
    mut worn: Vec<Worn>,
    rate: Option<SampleRate>,
    radio: &Arc<Radio>,
    listener: &mut (dyn FnMut(&Event) + Send),
) -> Result<Vec<Worn>, DeviceSyncError> {
    let able = |sensor: &&mut Worn| sensor.driver.model() == dot::DRIVER.model();
    let able: Vec<&mut Worn> = worn.iter_mut().filter(able).collect();
    if able.len() < 2 {
        return Err(DeviceSyncError::TooFew { found: able.len() });
    }
    let sensors: Vec<(SensorRole, String)> = able.iter().map(|sensor| (sensor.role, sensor.address.clone())).collect();
    let usual = ModelDriver { clock: ClockKind::Shared, ..dot::DRIVER };
    let shared = rate.map_or(Ok(usual), |rate| usual.set_to(rate))?;
    let clock = HostClock::start();
    let mut open = |address: &str| Box::new(RadioLink::new(Arc::clone(radio), address, clock)) as Box<dyn ImuLink>;
    let mut tell = |step: SyncStep| listener(&Event::DeviceSync(step.into()));
    let set = set_clocks(&sensors, shared.rate, &mut open, &mut tell).await;
    match set {
        Ok(()) => {
            listener(&Event::DeviceSync(SyncStage::Done));
            able.into_iter().for_each(|sensor| sensor.driver = Arc::new(shared));
        }
        Err(cause) => listener(&Event::DeviceSync(SyncStage::Failed { cause })),
    }
    Ok(worn)
}

impl From<SyncStep> for SyncStage {
    fn from(step: SyncStep) -> Self {
        match step {
            SyncStep::Preparing(role) => Self::Preparing { role },
            SyncStep::Alone { seconds } => Self::Alone { seconds },
            SyncStep::Asking(role) => Self::Asking { role },
        }
    }
}

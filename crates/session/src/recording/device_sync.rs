//! `--device-sync`: the sensors set their clocks to one another's before the recording.

use std::sync::Arc;

use serde_json::json;
use truehinge_ble::device_sync::{SyncStep, set_clocks};
use truehinge_ble::driver::dot::DotDriver;
use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::{ImuDriver, ImuLink};
use truehinge_core::{ClockKind, SampleRate, SensorRole};

use super::speak;
use crate::sensors::Worn;
use crate::unusable;

/// The same sensors, on one clock if that could be had; if not, it is said why, and they are recorded as they are. They are at this
/// rate, or at their usual one.
pub async fn set(
    mut worn: Vec<Worn>,
    rate: Option<SampleRate>,
    radio: &Arc<Radio>,
    json: bool,
) -> anyhow::Result<Vec<Worn>> {
    let able = |sensor: &&mut Worn| sensor.driver.model() == DotDriver::default().model();
    let able: Vec<&mut Worn> = worn.iter_mut().filter(able).collect();
    if able.len() < 2 {
        let found = able.len();
        return Err(unusable(anyhow::anyhow!(
            "--device-sync is for two or more Movella DOTs, and {found} is worn: leave it out, the clocks are fitted without"
        )));
    }
    let sensors: Vec<(SensorRole, String)> = able.iter().map(|sensor| (sensor.role, sensor.address.clone())).collect();
    let usual = DotDriver { clock: ClockKind::Shared, ..DotDriver::default() };
    let shared = rate.map_or(Ok(usual), |rate| usual.set_to(rate))?;
    let clock = HostClock::start();
    let mut open = |address: &str| Box::new(RadioLink::new(Arc::clone(radio), address, clock)) as Box<dyn ImuLink>;
    let mut tell = |step: SyncStep| {
        let (line, words) = told(step);
        speak(json, &line, || words);
    };
    match set_clocks(&sensors, shared.rate, &mut open, &mut tell).await {
        Ok(()) => {
            let line = json!({ "event": "device_sync", "step": "done" });
            speak(json, &line, || "the sensors have set their clocks to one another's".to_owned());
            able.into_iter().for_each(|sensor| sensor.driver = Arc::new(shared));
        }
        Err(cause) => {
            let line = json!({ "event": "device_sync", "step": "failed", "cause": cause.to_string() });
            speak(json, &line, || format!("the sensors' clocks were not set: {cause}; they are fitted without"));
        }
    }
    Ok(worn)
}

fn told(step: SyncStep) -> (serde_json::Value, String) {
    match step {
        SyncStep::Preparing(role) => (
            json!({ "event": "device_sync", "step": "preparing", "role": role }),
            format!("{role}: made ready to set its clock"),
        ),
        SyncStep::Alone { seconds } => (
            json!({ "event": "device_sync", "step": "alone", "seconds": seconds }),
            format!("the sensors set their clocks, {seconds} s: leave them side by side"),
        ),
        SyncStep::Asking(role) => {
            (json!({ "event": "device_sync", "step": "asking", "role": role }), format!("{role}: asked how it went"))
        }
    }
}

//! Listening for sensors.
//!
//! Always without a service filter: most sensors do not advertise their services, filters of several programs are merged by
//! BlueZ, and a filter that hides a sensor cannot be told from a sensor that is off. What is no sensor is left out afterwards.

use std::sync::Arc;
use std::time::Duration;

use btleplug::api::{Central, Peripheral as _, PeripheralProperties, ScanFilter};
use btleplug::platform::Peripheral;

use super::limits::{self, within};
use super::{Opened, Radio};
use crate::driver::Advertisement;
use crate::link::LinkError;

/// A device that was heard.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// Address; where the system hides it (macOS), the system's own id.
    pub address: String,
    /// What it said about itself.
    pub advertisement: Advertisement,
    /// Signal strength, dBm.
    pub signal: Option<i16>,
    /// Connected already, by this or another program.
    pub connected: bool,
}

/// Time between looks at what was heard.
const LOOK: Duration = Duration::from_millis(250);

impl Radio {
    /// Listens for `duration`, or until `enough` says so, and tells everything that was heard.
    pub async fn scan(
        &self,
        duration: Duration,
        mut enough: impl FnMut(&[Found]) -> bool,
    ) -> Result<Vec<Found>, LinkError> {
        let opened = self.opened().await?;
        self.begin_listening(&opened).await?;
        let until = tokio::time::Instant::now() + duration;
        let found = loop {
            tokio::time::sleep(LOOK).await;
            match heard(&opened).await {
                Ok(found) if enough(&found) || tokio::time::Instant::now() >= until => break Ok(found),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        self.end_listening(&opened).await;
        found
    }

    /// Listens until the device is heard, and stops listening. At most [`limits::LISTEN`].
    pub(super) async fn find(&self, opened: &Arc<Opened>, address: &str) -> Result<Peripheral, LinkError> {
        self.begin_listening(opened).await?;
        let until = tokio::time::Instant::now() + limits::LISTEN;
        let found = loop {
            match look_for(opened, address).await {
                Ok(Some(peripheral)) => break Ok(peripheral),
                Ok(None) if tokio::time::Instant::now() >= until => {
                    break Err(LinkError::NotHeard { seconds: limits::LISTEN.as_secs() });
                }
                Ok(None) => tokio::time::sleep(LOOK).await,
                Err(error) => break Err(error),
            }
        };
        self.end_listening(opened).await;
        found
    }

    async fn begin_listening(&self, opened: &Opened) -> Result<(), LinkError> {
        let mut listeners = self.listeners.lock().await;
        if *listeners == 0 {
            let started = within(limits::CALL, "start scan", opened.adapter.start_scan(ScanFilter::default())).await;
            match started {
                // Another program listens already: that serves as well.
                Ok(()) | Err(LinkError::Connecting) => {}
                Err(error) => return Err(error),
            }
        }
        *listeners += 1;
        Ok(())
    }

    async fn end_listening(&self, opened: &Opened) {
        let mut listeners = self.listeners.lock().await;
        *listeners = listeners.saturating_sub(1);
        if *listeners == 0
            && let Err(error) = within(limits::CALL, "stop scan", opened.adapter.stop_scan()).await
        {
            // The adapter may have been switched off, which stops it as well.
            tracing::debug!("stop scan: {error}");
        }
    }
}

/// Everything in the system's list that was heard lately. The list also holds devices that were known before.
async fn heard(opened: &Opened) -> Result<Vec<Found>, LinkError> {
    let mut found = Vec::new();
    for peripheral in within(limits::CALL, "list devices", opened.adapter.peripherals()).await? {
        // A device may vanish between being listed and being asked.
        let Ok(Some(properties)) = within(limits::CALL, "device properties", peripheral.properties()).await else {
            continue;
        };
        let connected = within(limits::CALL, "connection state", peripheral.is_connected()).await.unwrap_or(false);
        if properties.rssi.is_some() || connected {
            let (address, signal) = (address(&peripheral), properties.rssi);
            found.push(Found { address, signal, connected, advertisement: advertisement(properties) });
        }
    }
    found.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(found)
}

async fn look_for(opened: &Opened, wanted: &str) -> Result<Option<Peripheral>, LinkError> {
    for peripheral in within(limits::CALL, "list devices", opened.adapter.peripherals()).await? {
        if !address(&peripheral).eq_ignore_ascii_case(wanted) {
            continue;
        }
        // BlueZ lists devices it has once known: only one that is heard now can be connected without waiting.
        let properties = within(limits::CALL, "device properties", peripheral.properties()).await?;
        let near = properties.is_some_and(|properties| properties.rssi.is_some())
            || within(limits::CALL, "connection state", peripheral.is_connected()).await?;
        return Ok(near.then_some(peripheral));
    }
    Ok(None)
}

/// The address, or the system's id where there is none.
pub(super) fn address(peripheral: &Peripheral) -> String {
    let address = peripheral.address();
    if address == btleplug::api::BDAddr::default() { peripheral.id().to_string() } else { address.to_string() }
}

fn advertisement(properties: PeripheralProperties) -> Advertisement {
    Advertisement {
        name: properties.local_name,
        services: properties.services,
        companies: properties.manufacturer_data.into_keys().collect(),
    }
}

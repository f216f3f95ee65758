//! The computer's Bluetooth, by btleplug.
//!
//! A [`Radio`] is the way to one adapter: it is opened when it is first needed and again when the system's Bluetooth service
//! or the bus to it has come back. A [`RadioLink`] is one sensor: it listens for it, connects, stamps and forwards what it
//! sends, and connects anew when the link is lost or silent. Why it is built so: decision 0007.

mod clock;
mod errors;
mod limits;
mod link;
mod panics;
mod scan;

use std::sync::Arc;

use btleplug::api::{Central, CentralEvent, CentralState, Manager as _};
use btleplug::platform::{Adapter, Manager, PeripheralId};
use futures::StreamExt;
use tokio::sync::{Mutex, broadcast};
use tokio::task::JoinHandle;

pub use clock::HostClock;
pub use link::RadioLink;
pub use panics::quieten_known_panic;
pub use scan::Found;

use crate::link::LinkError;
use limits::within;

/// How the connecting call is named in messages, and recognised among errors.
const CONNECT_CALL: &str = "connect";
/// The same for asking what the adapter is.
const ADAPTER_CALL: &str = "adapter";

/// What the adapter tells about devices and itself.
#[derive(Clone, Debug)]
enum Happened {
    Connected(PeripheralId),
    Disconnected(PeripheralId),
    Powered(bool),
}

/// Events that may wait for a link that is busy; links look at the state itself when they have missed some.
const BACKLOG: usize = 64;

/// The way to one Bluetooth adapter, shared by all links.
pub struct Radio {
    /// Name of the adapter wanted, such as `hci0`; the first one otherwise.
    wanted: Option<String>,
    open: Mutex<Option<Arc<Opened>>>,
    /// How many are listening for advertisements.
    listeners: Mutex<usize>,
    /// Devices are connected one after the other.
    turn: Mutex<()>,
    happened: broadcast::Sender<Happened>,
}

/// An open way to the adapter. A new one is made when the bus was lost.
struct Opened {
    adapter: Adapter,
    events: JoinHandle<()>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.events.abort();
    }
}

/// The adapter, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdapterFacts {
    /// Name and kind, as the system says it.
    pub name: String,
    /// Whether it is switched on.
    pub powered: bool,
}

impl Radio {
    /// A way to the adapter of that name, or to the first one. Nothing is opened yet.
    pub fn new(wanted: Option<String>) -> Arc<Self> {
        let (happened, _) = broadcast::channel(BACKLOG);
        Arc::new(Self { wanted, open: Mutex::default(), listeners: Mutex::default(), turn: Mutex::default(), happened })
    }

    /// Opens it if need be and says what it is.
    pub async fn adapter(&self) -> Result<AdapterFacts, LinkError> {
        let opened = self.opened().await?;
        let name = within(limits::CALL, ADAPTER_CALL, opened.adapter.adapter_info()).await?;
        let state = within(limits::CALL, "adapter state", opened.adapter.adapter_state()).await?;
        Ok(AdapterFacts { name, powered: state == CentralState::PoweredOn })
    }

    async fn opened(&self) -> Result<Arc<Opened>, LinkError> {
        let mut open = self.open.lock().await;
        if let Some(opened) = open.as_ref() {
            return Ok(Arc::clone(opened));
        }
        let opened = Arc::new(self.open().await?);
        *open = Some(Arc::clone(&opened));
        Ok(opened)
    }

    async fn open(&self) -> Result<Opened, LinkError> {
        let manager = within(limits::OPEN, "open Bluetooth", Manager::new()).await.map_err(no_bus)?;
        let adapters = within(limits::OPEN, "list adapters", manager.adapters()).await?;
        let adapter = self.choose(adapters).await?;
        let mut stream = within(limits::OPEN, "adapter events", adapter.events()).await?;
        let happened = self.happened.clone();
        // The one stream of adapter events, always read: an unread one grows without end.
        let events = tokio::spawn(async move {
            while let Some(event) = stream.next().await {
                let event = match event {
                    CentralEvent::DeviceConnected(id) => Happened::Connected(id),
                    CentralEvent::DeviceDisconnected(id) => Happened::Disconnected(id),
                    CentralEvent::StateUpdate(state) => Happened::Powered(state == CentralState::PoweredOn),
                    _ => continue,
                };
                // Nobody may be listening yet.
                let _ = happened.send(event);
            }
        });
        Ok(Opened { adapter, events })
    }

    async fn choose(&self, adapters: Vec<Adapter>) -> Result<Adapter, LinkError> {
        let Some(wanted) = &self.wanted else { return adapters.into_iter().next().ok_or(LinkError::NoAdapter) };
        let mut there = Vec::new();
        for adapter in adapters {
            let info = within(limits::CALL, ADAPTER_CALL, adapter.adapter_info()).await?;
            if info.split_whitespace().next() == Some(wanted.as_str()) {
                return Ok(adapter);
            }
            there.push(info);
        }
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        Err(LinkError::NoSuchAdapter { wanted: wanted.clone(), there })
    }

    /// The way is blocked: the next one who needs it opens a new one.
    async fn forget(&self, blocked: &Arc<Opened>) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|opened| Arc::ptr_eq(opened, blocked)) {
            *open = None;
            *self.listeners.lock().await = 0;
        }
    }

    fn listen(&self) -> broadcast::Receiver<Happened> {
        self.happened.subscribe()
    }
}

/// Where the bus itself cannot be opened, the system's words are all there is.
fn no_bus(error: LinkError) -> LinkError {
    match error {
        LinkError::System { said, .. } => LinkError::NoBus { said },
        other => other,
    }
}

//! One sensor: found, connected, listened to, and connected anew for as long as the link lives.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use btleplug::api::{Characteristic, Peripheral as _, WriteType};
use btleplug::platform::Peripheral;
use futures::StreamExt;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use truehinge_core::{HostTime, Notification};

use super::limits::{self, within};
use super::{CONNECT_CALL, Happened, HostClock, Opened, Radio};
use crate::gatt::Uuid;
use crate::link::{ImuLink, LinkError, LinkEvent};

/// Events that may wait for the recorder: a minute of a fast sensor. Where the system keeps only 16 notifications, this is
/// what must hold while the disk is slow.
const WAITING: usize = 8192;

/// A sensor by its address.
pub struct RadioLink {
    address: String,
    clock: HostClock,
    events: mpsc::Receiver<LinkEvent>,
    /// For replies to reads.
    replies: mpsc::Sender<LinkEvent>,
    wanted: Arc<Wanted>,
    connected: watch::Receiver<Option<Peripheral>>,
    give_up: mpsc::Sender<LinkError>,
    stop: CancellationToken,
    keeper: JoinHandle<()>,
}

impl RadioLink {
    /// Begins to look for the sensor. Must be called within a tokio runtime.
    pub fn new(radio: Arc<Radio>, address: &str, clock: HostClock) -> Self {
        let (sender, events) = mpsc::channel(WAITING);
        let (announce, connected) = watch::channel(None);
        let (give_up, given_up) = mpsc::channel(1);
        let wanted = Arc::new(Wanted::default());
        let keeper = Keeper {
            happened: radio.listen(),
            radio,
            address: address.to_owned(),
            clock,
            events: sender.clone(),
            announce,
            given_up,
            known: None,
            trouble: None,
            last_data: Arc::new(AtomicI64::new(0)),
            wanted: Arc::clone(&wanted),
        };
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keeper.keep_until(stop.clone()));
        Self { address: address.to_owned(), clock, events, replies: sender, wanted, connected, give_up, stop, keeper }
    }

    fn device(&self, uuid: Uuid) -> Result<(Peripheral, Characteristic), LinkError> {
        let peripheral = self.connected.borrow().clone().ok_or(LinkError::NotConnected)?;
        let characteristic = peripheral.characteristics().into_iter().find(|c| c.uuid == uuid);
        Ok((peripheral, characteristic.ok_or(LinkError::NoCharacteristic { characteristic: uuid })?))
    }
}

#[async_trait]
impl ImuLink for RadioLink {
    fn name(&self) -> String {
        self.address.clone()
    }

    async fn subscribe(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        self.wanted.add(characteristic);
        let (peripheral, characteristic) = self.device(characteristic)?;
        within(limits::CALL, "subscribe", peripheral.subscribe(&characteristic)).await
    }

    async fn write(&mut self, characteristic: Uuid, payload: &[u8], confirmed: bool) -> Result<(), LinkError> {
        let (peripheral, characteristic) = self.device(characteristic)?;
        let kind = if confirmed { WriteType::WithResponse } else { WriteType::WithoutResponse };
        within(limits::CALL, "write", peripheral.write(&characteristic, payload, kind)).await
    }

    async fn read(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        let (peripheral, source) = self.device(characteristic)?;
        let payload = within(limits::CALL, "read", peripheral.read(&source)).await?;
        let characteristic = characteristic.as_u128();
        let reply = Notification { characteristic, received_at: self.clock.now(), payload };
        // The link itself holds the other end.
        let _ = self.replies.send(LinkEvent::Notification(reply)).await;
        Ok(())
    }

    async fn reconnect(&mut self, cause: LinkError) {
        // One request is enough; a keeper that is already connecting anew does not take another.
        let _ = self.give_up.try_send(cause);
    }

    async fn next(&mut self) -> Option<LinkEvent> {
        self.events.recv().await
    }

    async fn close(&mut self) {
        self.stop.cancel();
        // The keeper ends the connection on its way out, within a time limit of its own.
        let _ = (&mut self.keeper).await;
    }
}

impl Drop for RadioLink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What was subscribed to. BlueZ tells everybody what anybody has read as if it were a notification; a reply that came twice
/// would start a device twice.
#[derive(Default)]
struct Wanted(Mutex<BTreeSet<Uuid>>);

impl Wanted {
    fn add(&self, characteristic: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(characteristic);
    }

    fn has(&self, characteristic: Uuid) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&characteristic)
    }
}

/// A device that has been found, and its one stream of notifications.
struct Known {
    opened: Arc<Opened>,
    peripheral: Peripheral,
    /// How strongly it was heard when it was found, dBm.
    heard: Option<i16>,
    /// Stamps and forwards. Kept through lost links: BlueZ subscribes again by itself, and a new stream would miss what comes
    /// before it.
    pump: Option<JoinHandle<()>>,
}

impl Drop for Known {
    fn drop(&mut self) {
        if let Some(pump) = &self.pump {
            pump.abort();
        }
    }
}

/// Elsewhere the system makes a new device with a new stream after each lost link.
const STREAM_OUTLIVES_LINK: bool = cfg!(target_os = "linux");

/// Time between looks at the data.
const LOOK: Duration = Duration::from_millis(250);
/// Looks between questions about the signal.
const LOOKS_PER_SIGNAL: u32 = 20;
/// Waits between tries, longer and longer.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// How long the system may go on with a connection attempt of its own: BlueZ gives up after 41 s.
const SYSTEM_TRIES: Duration = Duration::from_secs(45);

/// Keeps one sensor connected.
struct Keeper {
    radio: Arc<Radio>,
    happened: broadcast::Receiver<Happened>,
    address: String,
    clock: HostClock,
    events: mpsc::Sender<LinkEvent>,
    announce: watch::Sender<Option<Peripheral>>,
    given_up: mpsc::Receiver<LinkError>,
    known: Option<Known>,
    /// What was told last.
    trouble: Option<LinkError>,
    /// Host time of the last notification, ns.
    last_data: Arc<AtomicI64>,
    wanted: Arc<Wanted>,
}

impl Keeper {
    /// Keeps it connected until told to stop; then ends the connection, or the system's attempt at one.
    async fn keep_until(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep() => {}
        }
        if let Some(known) = &self.known {
            self.disconnect(&known.peripheral).await;
        }
    }

    /// Connects, watches, connects anew.
    async fn keep(&mut self) {
        let mut failures = 0;
        loop {
            match self.attach().await {
                Ok(peripheral) => {
                    let since = self.clock.now();
                    let cause = self.hold(peripheral).await;
                    let fruitful = self.has_sent_since(since);
                    self.let_go(cause).await;
                    failures = if fruitful { 0 } else { failures + 1 };
                    if !fruitful {
                        self.pause(failures).await;
                    }
                }
                Err(cause) => {
                    self.failed(cause).await;
                    self.pause(failures).await;
                    failures += 1;
                }
            }
        }
    }

    async fn attach(&mut self) -> Result<Peripheral, LinkError> {
        self.ready().await?;
        let opened = self.radio.opened().await?;
        if !self.known.as_ref().is_some_and(|known| Arc::ptr_eq(&known.opened, &opened)) {
            self.known = None;
            self.discover(opened).await?;
        }
        let Some(known) = &self.known else { return Err(LinkError::NotConnected) };
        let peripheral = known.peripheral.clone();
        self.connect(&peripheral).await?;
        within(limits::DISCOVER, "list services", peripheral.discover_services()).await?;
        self.listen(&peripheral).await?;
        Ok(peripheral)
    }

    /// Whether there is any point in trying.
    async fn ready(&self) -> Result<(), LinkError> {
        if self.radio.adapter().await?.powered { Ok(()) } else { Err(LinkError::AdapterOff) }
    }

    async fn discover(&mut self, opened: Arc<Opened>) -> Result<(), LinkError> {
        let peripheral = self.radio.find(&opened, &self.address).await?;
        let heard = signal(&peripheral).await;
        // Connecting two devices at once makes some adapters fail. This one was heard a moment ago, so it does not take long;
        // if it does, the others do not wait for it.
        let turn = self.radio.turn.lock().await;
        let tried = within(limits::CONNECT, CONNECT_CALL, peripheral.connect()).await;
        drop(turn);
        match tried {
            Ok(()) | Err(LinkError::NoAnswer { .. } | LinkError::Connecting) => {
                self.known = Some(Known { opened, peripheral, heard, pump: None });
                Ok(())
            }
            Err(cause) => Err(cause),
        }
    }

    /// Connects, or waits for the system that is still trying from an earlier call.
    async fn connect(&mut self, peripheral: &Peripheral) -> Result<(), LinkError> {
        let until = tokio::time::Instant::now() + SYSTEM_TRIES;
        loop {
            match within(limits::CONNECT, CONNECT_CALL, peripheral.connect()).await {
                Err(LinkError::NoAnswer { .. } | LinkError::Connecting) => {}
                decided => return decided,
            }
            // A bus that has died does not answer either.
            is_connected(peripheral).await?;
            if tokio::time::Instant::now() >= until {
                return Err(LinkError::Connecting);
            }
            self.tell_trouble(LinkError::Connecting).await;
            // A connection that comes about meanwhile is taken at once.
            self.something_happens(limits::ALIVE, peripheral).await;
        }
    }

    /// The one stream, stamped before anything else is done with it.
    async fn listen(&mut self, peripheral: &Peripheral) -> Result<(), LinkError> {
        let Some(known) = &mut self.known else { return Err(LinkError::NotConnected) };
        if known.pump.as_ref().is_some_and(|pump| !pump.is_finished()) {
            return Ok(());
        }
        let mut stream = within(limits::CALL, "listen", peripheral.notifications()).await?;
        let (clock, events) = (self.clock, self.events.clone());
        let (last_data, wanted) = (Arc::clone(&self.last_data), Arc::clone(&self.wanted));
        known.pump = Some(tokio::spawn(async move {
            while let Some(value) = stream.next().await {
                let received_at = clock.now();
                if !wanted.has(value.uuid) {
                    continue;
                }
                last_data.store(received_at.nanos(), Ordering::Relaxed);
                let characteristic = value.uuid.as_u128();
                let event = LinkEvent::Notification(Notification { characteristic, received_at, payload: value.value });
                if events.send(event).await.is_err() {
                    break;
                }
            }
        }));
        Ok(())
    }

    /// Announces the connection and watches it. Returns why it ended.
    async fn hold(&mut self, peripheral: Peripheral) -> LinkError {
        let at = self.clock.now();
        self.trouble = None;
        self.last_data.store(at.nanos(), Ordering::Relaxed);
        while self.given_up.try_recv().is_ok() {}
        self.announce.send_replace(Some(peripheral.clone()));
        let mtu = peripheral.mtu();
        self.tell(LinkEvent::Connected { at, mtu }).await;
        let mut told = false;
        let mut strength = None;
        for look in 0_u32.. {
            if look % LOOKS_PER_SIGNAL == 0 {
                self.tell_signal(&peripheral, &mut strength).await;
            }
            if let Some(cause) = self.watch(&peripheral).await {
                return cause;
            }
            let since = self.since_data();
            // Before the first packet the device is being started, which takes several calls.
            let (silent, stalled) =
                if self.has_sent_since(at) { (limits::SILENT, limits::STALLED) } else { limits::STARTING };
            if since < silent {
                told = false;
                continue;
            }
            match is_connected(&peripheral).await {
                Ok(true) if since >= stalled => return LinkError::Stalled { seconds: since.as_secs() },
                Ok(true) if told => {}
                Ok(true) => {
                    told = true;
                    self.tell(LinkEvent::Silent { at: self.clock.now(), since }).await;
                }
                Ok(false) => return LinkError::Dropped,
                Err(cause) => return cause,
            }
        }
        LinkError::Dropped
    }

    /// Tells how strongly the device is heard, unless that has been told.
    async fn tell_signal(&self, peripheral: &Peripheral, told: &mut Option<i16>) {
        let heard = self.known.as_ref().and_then(|known| known.heard);
        let strength = signal(peripheral).await.or(heard);
        if let Some(dbm) = strength.filter(|_| strength != *told) {
            *told = strength;
            self.tell(LinkEvent::Signal { at: self.clock.now(), dbm }).await;
        }
    }

    /// Waits a moment for news of this device. `Some` if the connection has ended.
    async fn watch(&mut self, peripheral: &Peripheral) -> Option<LinkError> {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => None,
            cause = self.given_up.recv() => cause,
            happened = self.happened.recv() => match happened {
                // It may be late news of the connection before.
                Ok(Happened::Disconnected(id)) if id == peripheral.id() => match is_connected(peripheral).await {
                    Ok(true) => None,
                    Ok(false) => Some(LinkError::Dropped),
                    Err(cause) => Some(cause),
                },
                Ok(Happened::Powered(false)) => Some(LinkError::AdapterOff),
                // What was missed shows in the data.
                _ => None,
            }
        }
    }

    fn since_data(&self) -> Duration {
        let last = HostTime::from_nanos(self.last_data.load(Ordering::Relaxed));
        Duration::from_nanos(u64::try_from((self.clock.now() - last).nanos()).unwrap_or(0))
    }

    fn has_sent_since(&self, at: HostTime) -> bool {
        self.last_data.load(Ordering::Relaxed) > at.nanos()
    }

    /// Where nobody listens any more, the link is about to be stopped.
    async fn tell(&self, event: LinkEvent) {
        let _ = self.events.send(event).await;
    }

    async fn disconnect(&self, peripheral: &Peripheral) {
        if let Err(error) = within(limits::ALIVE, "disconnect", peripheral.disconnect()).await {
            tracing::debug!("{}: {error}", self.address);
        }
    }

    /// Ends the connection, if it is not already gone.
    async fn let_go(&mut self, cause: LinkError) {
        self.announce.send_replace(None);
        let at = self.clock.now();
        self.tell(LinkEvent::Lost { at, cause: cause.clone() }).await;
        self.trouble = Some(cause.clone());
        let still_there = !matches!(cause, LinkError::Dropped | LinkError::AdapterOff | LinkError::NoService);
        if let Some(known) = self.known.as_ref().filter(|_| still_there) {
            self.disconnect(&known.peripheral).await;
        }
        self.clear_way(&cause).await;
        if !STREAM_OUTLIVES_LINK {
            self.known = None;
        }
    }

    /// After a failure that makes what is known useless, it is found anew.
    async fn clear_way(&mut self, cause: &LinkError) {
        match cause {
            // The bus does not answer, or what it serves has gone.
            LinkError::NoAnswer { .. } | LinkError::NoBus { .. } | LinkError::System { .. } | LinkError::NoAdapter => {
                let known = self.known.take();
                if let Some(known) = known {
                    self.radio.forget(&known.opened).await;
                } else if let Ok(opened) = self.radio.opened().await {
                    self.radio.forget(&opened).await;
                }
            }
            LinkError::NoService | LinkError::Forgotten => self.known = None,
            _ => {}
        }
    }

    async fn failed(&mut self, cause: LinkError) {
        self.clear_way(&cause).await;
        if cause != LinkError::Forgotten {
            self.tell_trouble(cause).await;
        }
    }

    /// Tells what is wrong, unless it has been told.
    async fn tell_trouble(&mut self, cause: LinkError) {
        let same = |told: &LinkError| std::mem::discriminant(told) == std::mem::discriminant(&cause);
        if self.trouble.as_ref().is_some_and(same) {
            return;
        }
        self.trouble = Some(cause.clone());
        self.tell(LinkEvent::Trouble { at: self.clock.now(), cause }).await;
    }

    /// Waits before the next try; news of the adapter cut it short.
    async fn pause(&mut self, failures: usize) {
        let pause = PAUSES.get(failures).copied().unwrap_or(Duration::from_secs(4));
        let until = tokio::time::sleep(pause);
        tokio::pin!(until);
        loop {
            tokio::select! {
                () = &mut until => return,
                happened = self.happened.recv() => {
                    if let Ok(Happened::Connected(_) | Happened::Powered(true)) = happened {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for a connection of this device, at most so long.
    async fn something_happens(&mut self, limit: Duration, peripheral: &Peripheral) {
        let connected = async {
            loop {
                match self.happened.recv().await {
                    Ok(Happened::Connected(id)) if id == peripheral.id() => return,
                    Ok(Happened::Powered(_)) | Err(broadcast::error::RecvError::Closed) => return,
                    _ => {}
                }
            }
        };
        // Running out of time is the usual case: then it is asked again.
        let _ = tokio::time::timeout(limit, connected).await;
    }
}

/// dBm, where the system knows.
async fn signal(peripheral: &Peripheral) -> Option<i16> {
    within(limits::ALIVE, "signal", peripheral.read_rssi()).await.ok()
}

async fn is_connected(peripheral: &Peripheral) -> Result<bool, LinkError> {
    within(limits::ALIVE, "connection state", peripheral.is_connected()).await
}

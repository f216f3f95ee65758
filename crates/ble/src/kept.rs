//! A sensor that stays connected from one recording to the next.
//!
//! For each recording it is a link of its own ([`Kept::lend`]): it begins with a connection, so that the device is set up anew and the
//! recording holds all that it takes to decode it, and its times count from that recording's beginning. When the recording closes it,
//! the device has been told to stop, and the connection goes back. What comes between two recordings belongs to neither.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::FutureExt;
use truehinge_core::{HostTime, Notification};

use crate::gatt::Uuid;
use crate::link::{ImuLink, LinkError, LinkEvent, Timing};

/// A sensor that stays connected.
#[derive(Clone)]
pub struct Kept(Arc<Mutex<Option<Held>>>);

/// The link while nobody uses it.
struct Held {
    link: Box<dyn ImuLink>,
    /// Bytes of a packet, while it is connected.
    mtu: Option<u16>,
    /// What the present connection notifies already.
    subscribed: BTreeSet<Uuid>,
}

impl Kept {
    /// Keeps a link that nobody has used yet.
    pub fn new(link: Box<dyn ImuLink>) -> Self {
        Self(Arc::new(Mutex::new(Some(Held { link, mtu: None, subscribed: BTreeSet::new() }))))
    }

    /// The link for a recording that begins at `zero` of the link's own clock; `None` while another recording has it.
    pub fn lend(&self, zero: HostTime) -> Option<Box<dyn ImuLink>> {
        let held = self.locked().take()?;
        let (name, timing) = (held.link.name(), held.link.timing());
        Some(Box::new(Lent { home: self.clone(), held: Some(held), zero, begun: false, first: None, name, timing }))
    }

    /// Ends the connection.
    pub async fn close(self) {
        let held = self.locked().take();
        if let Some(mut held) = held {
            held.link.close().await;
        }
    }

    /// What a thread that panicked has left is still the best there is.
    fn locked(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A kept link while a recording uses it.
struct Lent {
    home: Kept,
    /// Until it is given back.
    held: Option<Held>,
    zero: HostTime,
    /// What came before the recording has been put aside.
    begun: bool,
    /// An event of this recording that came with what was put aside.
    first: Option<LinkEvent>,
    name: String,
    timing: Timing,
}

impl Lent {
    fn held(&mut self) -> Result<&mut Held, LinkError> {
        self.held.as_mut().ok_or(LinkError::NotConnected)
    }

    /// Puts aside what came before this recording. A device that is connected all the time is connected from its beginning on.
    fn begin(&mut self) -> Option<LinkEvent> {
        self.begun = true;
        let held = self.held.as_mut()?;
        while let Some(Some(event)) = held.link.next().now_or_never() {
            if event.at() >= self.zero {
                self.first = Some(event);
                break;
            }
            held.saw(&event);
        }
        held.mtu.map(|mtu| LinkEvent::Connected { at: HostTime::ZERO, mtu })
    }
}

impl Held {
    /// Whether it is connected follows from what happens.
    fn saw(&mut self, event: &LinkEvent) {
        match event {
            LinkEvent::Connected { mtu, .. } => (self.mtu, self.subscribed) = (Some(*mtu), BTreeSet::new()),
            LinkEvent::Lost { .. } => (self.mtu, self.subscribed) = (None, BTreeSet::new()),
            _ => {}
        }
    }
}

#[async_trait]
impl ImuLink for Lent {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn timing(&self) -> Timing {
        self.timing
    }

    async fn subscribe(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        let held = self.held()?;
        if held.subscribed.contains(&characteristic) {
            return Ok(());
        }
        held.link.subscribe(characteristic).await?;
        held.subscribed.insert(characteristic);
        Ok(())
    }

    async fn write(&mut self, characteristic: Uuid, payload: &[u8], confirmed: bool) -> Result<(), LinkError> {
        self.held()?.link.write(characteristic, payload, confirmed).await
    }

    async fn read(&mut self, characteristic: Uuid) -> Result<(), LinkError> {
        self.held()?.link.read(characteristic).await
    }

    async fn reconnect(&mut self, cause: LinkError) {
        if let Ok(held) = self.held() {
            held.link.reconnect(cause).await;
        }
    }

    async fn next(&mut self) -> Option<LinkEvent> {
        if !self.begun
            && let Some(connected) = self.begin()
        {
            return Some(connected);
        }
        let event = match self.first.take() {
            Some(event) => event,
            None => self.held.as_mut()?.link.next().await?,
        };
        self.held.as_mut()?.saw(&event);
        Some(since(event, self.zero))
    }

    async fn close(&mut self) {
        *self.home.locked() = self.held.take();
    }
}

impl Drop for Lent {
    /// A recording that fails gives the connection back as well.
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            *self.home.locked() = Some(held);
        }
    }
}

/// The event in the time of a recording that began at `zero`; what was on its way then arrives at its beginning.
fn since(event: LinkEvent, zero: HostTime) -> LinkEvent {
    let at = |at: HostTime| (HostTime::ZERO + (at - zero)).max(HostTime::ZERO);
    match event {
        LinkEvent::Connected { at: time, mtu } => LinkEvent::Connected { at: at(time), mtu },
        LinkEvent::Notification(Notification { characteristic, received_at, payload }) => {
            LinkEvent::Notification(Notification { characteristic, received_at: at(received_at), payload })
        }
        LinkEvent::Silent { at: time, since } => LinkEvent::Silent { at: at(time), since },
        LinkEvent::Signal { at: time, dbm } => LinkEvent::Signal { at: at(time), dbm },
        LinkEvent::Lost { at: time, cause } => LinkEvent::Lost { at: at(time), cause },
        LinkEvent::Trouble { at: time, cause } => LinkEvent::Trouble { at: at(time), cause },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Tells what it is given, then waits for ever; writes down what is done.
    struct Scripted {
        events: Arc<Mutex<VecDeque<LinkEvent>>>,
        done: Arc<Mutex<Vec<&'static str>>>,
    }

    impl Scripted {
        fn log(&self, what: &'static str) {
            self.done.lock().expect("locks").push(what);
        }
    }

    #[async_trait]
    impl ImuLink for Scripted {
        fn name(&self) -> String {
            "C0:11".to_owned()
        }
        async fn subscribe(&mut self, _: Uuid) -> Result<(), LinkError> {
            self.log("subscribe");
            Ok(())
        }
        async fn write(&mut self, _: Uuid, _: &[u8], _: bool) -> Result<(), LinkError> {
            Ok(())
        }
        async fn read(&mut self, _: Uuid) -> Result<(), LinkError> {
            Ok(())
        }
        async fn next(&mut self) -> Option<LinkEvent> {
            let event = self.events.lock().expect("locks").pop_front();
            match event {
                Some(event) => Some(event),
                None => std::future::pending().await,
            }
        }
        async fn close(&mut self) {
            self.log("close");
        }
    }

    fn at(seconds: f64) -> HostTime {
        HostTime::from_seconds(seconds)
    }

    fn packet(seconds: f64) -> LinkEvent {
        LinkEvent::Notification(Notification { characteristic: 1, received_at: at(seconds), payload: vec![1] })
    }

    const ONE: Uuid = crate::gatt::assigned(0x2a19);

    #[tokio::test]
    async fn the_next_recording_begins_with_a_connection_and_counts_from_its_own_beginning() {
        let (events, done) = (Arc::new(Mutex::new(VecDeque::new())), Arc::default());
        let tell = |event| events.lock().expect("locks").push_back(event);
        let kept = Kept::new(Box::new(Scripted { events: Arc::clone(&events), done: Arc::clone(&done) }));
        tell(LinkEvent::Connected { at: at(0.5), mtu: 100 });
        tell(packet(1.0));
        let mut first = kept.lend(HostTime::ZERO).expect("nobody has it");
        assert!(kept.lend(HostTime::ZERO).is_none(), "it is lent");
        assert_eq!(first.next().await, Some(LinkEvent::Connected { at: at(0.5), mtu: 100 }));
        first.subscribe(ONE).await.expect("subscribes");
        assert_eq!(first.next().await, Some(packet(1.0)));
        first.close().await;
        // Between two recordings, and before the device is set up again.
        [packet(9.0), packet(9.5)].into_iter().for_each(tell);
        let mut second = kept.lend(at(10.0)).expect("given back");
        assert_eq!(second.next().await, Some(LinkEvent::Connected { at: at(0.0), mtu: 100 }));
        second.subscribe(ONE).await.expect("is subscribed");
        tell(packet(12.0));
        assert_eq!(second.next().await, Some(packet(2.0)));
        drop(second);
        assert_eq!(*done.lock().expect("locks"), ["subscribe"], "once for a connection");
        // It was lost meanwhile.
        tell(LinkEvent::Lost { at: at(20.0), cause: LinkError::NotConnected });
        let mut third = kept.lend(at(30.0)).expect("given back");
        tell(LinkEvent::Connected { at: at(31.0), mtu: 50 });
        assert_eq!(third.next().await, Some(LinkEvent::Connected { at: at(1.0), mtu: 50 }));
        third.subscribe(ONE).await.expect("subscribes");
        third.close().await;
        kept.close().await;
        assert_eq!(*done.lock().expect("locks"), ["subscribe", "subscribe", "close"]);
    }
}

//! Several links into one sink: stamped, stored, then decoded.
//!
//! One task per link starts its device whenever it is connected, and passes events on through a bounded channel; the recording
//! loop stores each notification, then what it was decoded to. Links of simulated time are merged by their times, so that the same simulation
//! gives the same recording. Stops on one cancel signal; a lost link is an event in the recording, not its end.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::future::select_all;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use truehinge_core::{
    DeviceInfo, Explained, HostTime, InertialSample, Marker, MarkerKind, Notification, RecordSink, SensorRole, Stage,
};

use crate::driver::{DecodeError, ImuDriver, Request};
use crate::ingest::{Ingest, Ingested, connection};
use crate::link::{ImuLink, LinkError, LinkEvent, Timing};

/// A sensor to record.
pub struct SensorLink {
    /// What it measures.
    pub role: SensorRole,
    /// Its connection.
    pub link: Box<dyn ImuLink>,
    /// How to understand it.
    pub driver: Arc<dyn ImuDriver>,
}

/// What came from one sensor.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SensorTally {
    /// Notifications stored.
    pub notifications: u64,
    /// Samples decoded.
    pub received: u64,
    /// Samples missing by the device's own count.
    pub lost: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that came late.
    pub late: u64,
    /// Undecodable pieces, by kind.
    pub undecodable: BTreeMap<&'static str, u64>,
    /// Times the link was lost.
    pub link_losses: u64,
}

/// Recording ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The storage said no; nothing more can be kept.
    #[error("the recording cannot be stored: {0}")]
    Store(#[from] std::io::Error),
}

impl Explained for RecordError {
    fn code(&self) -> &'static str {
        "record_not_stored"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some("free some space, or choose another folder".into())
    }
}

/// What happens while recording, for live displays.
#[derive(Clone, PartialEq, Debug)]
pub enum RecorderEvent<'a> {
    /// Samples were decoded and stored.
    Samples(SensorRole, &'a [InertialSample]),
    /// So many samples are missing before the next ones, by the device's own count.
    Gap(SensorRole, u64),
    /// A link was lost or restored, or one of the session's own markers is due.
    Marker(&'a Marker),
    /// What a link tells, its notifications left out.
    Link(SensorRole, &'a LinkEvent),
    /// A sensor's charge, per cent.
    Battery(SensorRole, u8),
    /// Bytes that are no packet.
    Undecodable(SensorRole, DecodeError),
}

/// Events waiting per link; the loop is far faster than any radio.
const CHANNEL: usize = 256;
/// Host time between syncs, ns.
const SYNC_EVERY: i64 = 1_000_000_000;

/// The markers of a session.
#[derive(Debug, Default)]
pub struct Markers<'a> {
    /// Known beforehand: stored at their times.
    pub planned: &'a [Marker],
    /// Somebody sets them while it goes on.
    pub asked: Option<mpsc::Receiver<Marker>>,
}

/// Records until all links have ended or `cancel` fires. `observer` sees everything that was stored.
///
/// A sensor that is not there is waited for; one that is lost is waited for again.
///
/// # Errors
/// Storage that fails. What was stored before stays.
pub async fn record(
    sensors: Vec<SensorLink>,
    sink: &mut dyn RecordSink,
    markers: Markers<'_>,
    cancel: CancellationToken,
    observer: &mut dyn FnMut(&RecorderEvent<'_>),
) -> Result<BTreeMap<SensorRole, SensorTally>, RecordError> {
    let mut sources = Vec::with_capacity(sensors.len());
    for sensor in sensors {
        sources.push(start(sensor, sink, &cancel)?);
    }
    let Markers { planned, asked } = markers;
    let mut session = Session { sink, observer, markers: planned, asked, tallies: BTreeMap::new(), synced: 0 };
    session.tallies.extend(sources.iter().map(|source| (source.role, SensorTally::default())));
    let result = session.run(&mut sources).await;
    // Whatever happened, the tasks end before the recording does.
    cancel.cancel();
    for source in sources {
        drop(source.events);
        // A task that panicked has already been reported by its runtime; there is nothing left to stop.
        let _ = source.task.await;
    }
    result?;
    session.store_markers(HostTime::from_nanos(i64::MAX))?;
    session.sink.sync()?;
    Ok(session.tallies)
}

/// What happened, and what a notification turned out to hold.
type Arrived = (LinkEvent, Vec<Ingested>);

/// A running sensor.
struct Source {
    role: SensorRole,
    timing: Timing,
    events: mpsc::Receiver<Arrived>,
    task: JoinHandle<()>,
    /// The next event, if it is already here.
    head: Option<Arrived>,
    ended: bool,
    /// It has been connected before.
    met: bool,
}

fn start(sensor: SensorLink, sink: &mut dyn RecordSink, cancel: &CancellationToken) -> Result<Source, RecordError> {
    let SensorLink { role, link, driver } = sensor;
    let device = DeviceInfo { serial: link.name(), ..driver.device() };
    sink.sensor(role, &device, driver.clock())?;
    let timing = link.timing();
    let (sender, events) = mpsc::channel(CHANNEL);
    let task = tokio::spawn(serve(link, Ingest::new(driver), sender, cancel.clone()));
    Ok(Source { role, timing, events, task, head: None, ended: false, met: false })
}

/// Passes events on, and does what the device's session asks for, until the link ends or the recording does; then makes the
/// device stop.
async fn serve(
    mut link: Box<dyn ImuLink>,
    mut ingest: Ingest,
    sender: mpsc::Sender<Arrived>,
    cancel: CancellationToken,
) {
    loop {
        let event = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            event = link.next() => event,
        };
        let Some(event) = event else { break };
        let (items, requests) = understood(&mut ingest, &event);
        if sender.send((event, items)).await.is_err() {
            break;
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            done = perform(link.as_mut(), &mut ingest, requests) => {
                if let Err(cause) = done {
                    link.reconnect(cause).await;
                }
            }
        }
    }
    let requests = ingest.stop();
    if let Err(error) = perform(link.as_mut(), &mut ingest, requests).await {
        tracing::debug!("{}: stop: {error}", link.name());
    }
    link.close().await;
}

/// What an event holds, and what is to be done about it.
fn understood(ingest: &mut Ingest, event: &LinkEvent) -> (Vec<Ingested>, Vec<Request>) {
    let (mut items, mut requests) = (Vec::new(), Vec::new());
    if let Some(notification) = stored_form(event) {
        ingest.push(notification, &mut |item| match item {
            Ingested::Request(request) => requests.push(request),
            item => items.push(item),
        });
    }
    (items, requests)
}

/// The notification as which an event is stored and replayed.
fn stored_form(event: &LinkEvent) -> Option<Notification> {
    match event {
        LinkEvent::Notification(notification) => Some(notification.clone()),
        LinkEvent::Connected { at, mtu } => Some(connection(*at, *mtu)),
        _ => None,
    }
}

/// Does what is asked for, in order; in place of what fails, what the device's session says.
async fn perform(link: &mut dyn ImuLink, ingest: &mut Ingest, requests: Vec<Request>) -> Result<(), LinkError> {
    let mut waiting = VecDeque::from(requests);
    while let Some(request) = waiting.pop_front() {
        if let Err(cause) = perform_one(link, &request).await {
            let instead = ingest.failed(&request).ok_or(cause)?;
            instead.into_iter().rev().for_each(|request| waiting.push_front(request));
        }
    }
    Ok(())
}

/// Does one thing.
pub(crate) async fn perform_one(link: &mut dyn ImuLink, request: &Request) -> Result<(), LinkError> {
    match request {
        Request::Subscribe(characteristic) => link.subscribe(*characteristic).await,
        Request::Write { characteristic, payload, confirmed } => link.write(*characteristic, payload, *confirmed).await,
        Request::Read(characteristic) => link.read(*characteristic).await,
        Request::Wait(time) => {
            if link.timing() == Timing::Live {
                tokio::time::sleep(*time).await;
            }
            Ok(())
        }
    }
}

/// The recording loop's state.
struct Session<'a> {
    sink: &'a mut dyn RecordSink,
    observer: &'a mut dyn FnMut(&RecorderEvent<'_>),
    markers: &'a [Marker],
    asked: Option<mpsc::Receiver<Marker>>,
    tallies: BTreeMap<SensorRole, SensorTally>,
    synced: i64,
}

impl Session<'_> {
    async fn run(&mut self, sources: &mut [Source]) -> Result<(), RecordError> {
        let live = sources.iter().any(|source| source.timing == Timing::Live);
        loop {
            let next = tokio::select! {
                biased;
                Some(marker) = asked(&mut self.asked) => {
                    self.mark(&marker)?;
                    continue;
                }
                next = next_within(sources, live) => next,
            };
            // Silence does not keep what came before it from being safe.
            let Some(next) = next else {
                self.sink.sync()?;
                continue;
            };
            let Some((index, arrived)) = next else { return Ok(()) };
            let at = arrived.0.at();
            self.store_markers(at)?;
            let Some(source) = sources.get_mut(index) else { continue };
            self.take(source, arrived)?;
            if at.nanos() - self.synced >= SYNC_EVERY {
                self.sink.sync()?;
                self.synced = at.nanos();
            }
        }
    }

    /// Stores the session's own markers up to a time.
    fn store_markers(&mut self, until: HostTime) -> Result<(), RecordError> {
        while let Some((first, rest)) = self.markers.split_first().filter(|(first, _)| first.at <= until) {
            self.mark(first)?;
            self.markers = rest;
        }
        Ok(())
    }

    fn take(&mut self, source: &mut Source, (event, items): Arrived) -> Result<(), RecordError> {
        let role = source.role;
        if let Some(notification) = stored_form(&event) {
            self.sink.notification(role, &notification)?;
        }
        match event {
            LinkEvent::Notification(_) => self.tally(role).notifications += 1,
            LinkEvent::Lost { at, .. } => {
                self.tally(role).link_losses += 1;
                self.mark(&Marker { at, kind: MarkerKind::LinkLost { role } })?;
            }
            LinkEvent::Connected { at, .. } if source.met => {
                self.mark(&Marker { at, kind: MarkerKind::LinkRestored { role } })?;
            }
            LinkEvent::Connected { .. } => source.met = true,
            LinkEvent::Silent { .. } | LinkEvent::Signal { .. } | LinkEvent::Trouble { .. } => {}
        }
        if !matches!(event, LinkEvent::Notification(_)) {
            (self.observer)(&RecorderEvent::Link(role, &event));
        }
        items.iter().try_for_each(|item| self.ingested(role, item))
    }

    fn ingested(&mut self, role: SensorRole, item: &Ingested) -> Result<(), RecordError> {
        match item {
            Ingested::Samples(samples) => {
                self.sink.samples(role, samples)?;
                self.tally(role).received += samples.len() as u64;
                (self.observer)(&RecorderEvent::Samples(role, samples));
            }
            Ingested::Gap { lost } => {
                self.sink.gap(role, *lost)?;
                self.tally(role).lost += lost;
                (self.observer)(&RecorderEvent::Gap(role, *lost));
            }
            Ingested::Duplicate => self.tally(role).duplicates += 1,
            Ingested::Late => self.tally(role).late += 1,
            Ingested::Undecodable(error) => {
                *self.tally(role).undecodable.entry(error.name()).or_default() += 1;
                (self.observer)(&RecorderEvent::Undecodable(role, *error));
            }
            Ingested::Battery(charge) => (self.observer)(&RecorderEvent::Battery(role, *charge)),
            // Done where the link is.
            Ingested::Request(_) => {}
        }
        Ok(())
    }

    fn mark(&mut self, marker: &Marker) -> Result<(), RecordError> {
        self.sink.marker(marker)?;
        (self.observer)(&RecorderEvent::Marker(marker));
        Ok(())
    }

    fn tally(&mut self, role: SensorRole) -> &mut SensorTally {
        self.tallies.entry(role).or_default()
    }
}

/// The next marker that somebody sets; never, where nobody can.
async fn asked(markers: &mut Option<mpsc::Receiver<Marker>>) -> Option<Marker> {
    match markers {
        Some(markers) => markers.recv().await,
        None => std::future::pending().await,
    }
}

/// The next event; `None` if a live one takes longer than a second.
async fn next_within(sources: &mut [Source], live: bool) -> Option<Option<(usize, Arrived)>> {
    if live {
        tokio::time::timeout(Duration::from_secs(1), next_event(sources)).await.ok()
    } else {
        Some(next_event(sources).await)
    }
}

/// The next event of any source; `None` when all have ended.
async fn next_event(sources: &mut [Source]) -> Option<(usize, Arrived)> {
    // A simulated link answers at once, so waiting for the heads of all of them costs nothing and makes their order certain.
    for source in sources.iter_mut().filter(|source| source.timing == Timing::Simulated && !source.ended) {
        if source.head.is_none() {
            source.head = source.events.recv().await;
            source.ended = source.head.is_none();
        }
    }
    let earliest = (0..).zip(sources.iter()).filter_map(|(i, s)| Some((s.head.as_ref()?.0.at(), i))).min();
    if let Some((_, index)) = earliest {
        return sources.get_mut(index).and_then(|source| source.head.take()).map(|arrived| (index, arrived));
    }
    loop {
        let (event, index) = {
            let waiting: Vec<_> = (0..)
                .zip(sources.iter_mut())
                .filter(|(_, source)| !source.ended)
                .map(|(index, source): (usize, &mut Source)| {
                    Box::pin(async move { (source.events.recv().await, index) })
                })
                .collect();
            if waiting.is_empty() {
                return None;
            }
            select_all(waiting).await.0
        };
        match event {
            Some(event) => return Some((index, event)),
            None => {
                if let Some(source) = sources.get_mut(index) {
                    source.ended = true;
                }
            }
        }
    }
}

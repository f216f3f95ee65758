//! Several links into one sink: stamped, stored, then decoded.
//!
//! One task per link does nothing but wait for events and pass them on through a bounded channel; the recording loop stores
//! each notification before it decodes it. Links of simulated time are merged by their times, so that the same simulation
//! gives the same recording. Stops on one cancel signal; a lost link is an event in the recording, not its end.

use std::collections::BTreeMap;

use futures::future::select_all;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use truehinge_core::{ClockKind, HostTime, InertialSample, Marker, MarkerKind, RecordSink, SensorRole, Stage};

use crate::driver::ImuDriver;
use crate::ingest::{Ingest, Ingested};
use crate::link::{ImuLink, LinkError, LinkEvent, Timing};

/// A sensor to record.
pub struct SensorLink {
    /// What it measures.
    pub role: SensorRole,
    /// Its connection.
    pub link: Box<dyn ImuLink>,
    /// How to understand it.
    pub driver: Box<dyn ImuDriver>,
}

/// What came from one sensor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
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
    #[error("the recording cannot be stored: {0}: free some space or choose another folder")]
    Store(#[from] std::io::Error),
    /// A sensor could not be started.
    #[error("{role} sensor {name}: {source}")]
    Start {
        /// Which sensor.
        role: SensorRole,
        /// Its name or address.
        name: String,
        /// What went wrong.
        source: LinkError,
    },
}

/// What happens while recording, for live displays.
#[derive(Clone, PartialEq, Debug)]
pub enum RecorderEvent<'a> {
    /// Samples were decoded and stored.
    Samples(SensorRole, &'a [InertialSample]),
    /// A link was lost or restored.
    Marker(&'a Marker),
}

/// Events waiting per link; the loop is far faster than any radio.
const CHANNEL: usize = 256;
/// Host time between syncs, ns.
const SYNC_EVERY: i64 = 1_000_000_000;

/// Records until all links have ended or `cancel` fires. `session_markers` are stored at their times; `observer` sees everything
/// that was stored.
///
/// # Errors
/// A sensor that does not start, or storage that fails. What was stored before stays.
pub async fn record(
    sensors: Vec<SensorLink>,
    sink: &mut dyn RecordSink,
    session_markers: &[Marker],
    cancel: CancellationToken,
    observer: &mut dyn FnMut(&RecorderEvent<'_>),
) -> Result<BTreeMap<SensorRole, SensorTally>, RecordError> {
    let mut sources = Vec::with_capacity(sensors.len());
    for sensor in sensors {
        sources.push(start(sensor, sink, &cancel).await?);
    }
    let mut session = Session { sink, observer, markers: session_markers, tallies: BTreeMap::new(), synced: 0 };
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

/// A running sensor.
struct Source {
    role: SensorRole,
    timing: Timing,
    ingest: Ingest,
    events: mpsc::Receiver<LinkEvent>,
    task: JoinHandle<()>,
    /// The next event, if it is already here.
    head: Option<LinkEvent>,
    ended: bool,
}

async fn start(
    sensor: SensorLink,
    sink: &mut dyn RecordSink,
    cancel: &CancellationToken,
) -> Result<Source, RecordError> {
    let SensorLink { role, mut link, driver } = sensor;
    sink.sensor(role, &driver.device(), ClockKind::Device)?;
    for write in driver.start() {
        if let Err(source) = link.write(&write).await {
            return Err(RecordError::Start { role, name: link.name(), source });
        }
    }
    let (timing, ingest) = (link.timing(), Ingest::new(driver.as_ref()));
    let (sender, events) = mpsc::channel(CHANNEL);
    let task = tokio::spawn(forward(link, driver, sender, cancel.clone()));
    Ok(Source { role, timing, ingest, events, task, head: None, ended: false })
}

/// Passes events on until the link ends or the recording does; then makes the device stop.
async fn forward(
    mut link: Box<dyn ImuLink>,
    driver: Box<dyn ImuDriver>,
    sender: mpsc::Sender<LinkEvent>,
    cancel: CancellationToken,
) {
    loop {
        let event = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            event = link.next() => event,
        };
        let Some(event) = event else { break };
        if sender.send(event).await.is_err() {
            break;
        }
    }
    for write in driver.stop() {
        if let Err(error) = link.write(&write).await {
            tracing::debug!("{}: stop command: {error}", link.name());
        }
    }
}

/// The recording loop's state.
struct Session<'a> {
    sink: &'a mut dyn RecordSink,
    observer: &'a mut dyn FnMut(&RecorderEvent<'_>),
    markers: &'a [Marker],
    tallies: BTreeMap<SensorRole, SensorTally>,
    synced: i64,
}

impl Session<'_> {
    async fn run(&mut self, sources: &mut [Source]) -> Result<(), RecordError> {
        while let Some((index, event)) = next_event(sources).await {
            let at = event.at();
            self.store_markers(at)?;
            let Some(source) = sources.get_mut(index) else { continue };
            self.take(source, event)?;
            if at.nanos() - self.synced >= SYNC_EVERY {
                self.sink.sync()?;
                self.synced = at.nanos();
            }
        }
        Ok(())
    }

    /// Stores the session's own markers up to a time.
    fn store_markers(&mut self, until: HostTime) -> Result<(), RecordError> {
        while let Some((first, rest)) = self.markers.split_first().filter(|(first, _)| first.at <= until) {
            self.sink.marker(first)?;
            self.markers = rest;
        }
        Ok(())
    }

    fn take(&mut self, source: &mut Source, event: LinkEvent) -> Result<(), RecordError> {
        let role = source.role;
        match event {
            LinkEvent::Notification(notification) => {
                self.sink.notification(role, &notification)?;
                let mut items = Vec::new();
                source.ingest.push(notification, &mut |item| items.push(item));
                self.tally(role).notifications += 1;
                items.iter().try_for_each(|item| self.ingested(role, item))
            }
            LinkEvent::Lost { at } => {
                self.tally(role).link_losses += 1;
                self.mark(&Marker { at, kind: MarkerKind::LinkLost { role } })
            }
            LinkEvent::Restored { at } => self.mark(&Marker { at, kind: MarkerKind::LinkRestored { role } }),
        }
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
            }
            Ingested::Duplicate => self.tally(role).duplicates += 1,
            Ingested::Late => self.tally(role).late += 1,
            Ingested::Undecodable(error) => *self.tally(role).undecodable.entry(error.name()).or_default() += 1,
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

/// The next event of any source; `None` when all have ended.
async fn next_event(sources: &mut [Source]) -> Option<(usize, LinkEvent)> {
    // A simulated link answers at once, so waiting for the heads of all of them costs nothing and makes their order certain.
    for source in sources.iter_mut().filter(|source| source.timing == Timing::Simulated && !source.ended) {
        if source.head.is_none() {
            source.head = source.events.recv().await;
            source.ended = source.head.is_none();
        }
    }
    let earliest = (0..).zip(sources.iter()).filter_map(|(i, s)| Some((s.head.as_ref()?.at(), i))).min();
    if let Some((_, index)) = earliest {
        return sources.get_mut(index).and_then(|source| source.head.take()).map(|event| (index, event));
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

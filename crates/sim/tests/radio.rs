//! Virtual sensors through the real recorder: what was not lost on the air arrives, in the same order every time.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::NusDriver;
use truehinge_ble::{Markers, RecordError, SensorLink, SensorTally, record};
use truehinge_core::{
    ClockKind, DeviceInfo, Explained, InertialSample, Marker, MarkerKind, Notification, RecordSink, SensorRole,
};
use truehinge_sim::peripheral::{RadioModel, VirtualPeripheral, profile};
use truehinge_sim::{Scenario, SimulatedSession};

/// Everything a sink was told, in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Log {
    calls: Vec<String>,
    samples: BTreeMap<SensorRole, Vec<InertialSample>>,
    syncs: usize,
    full_after: Option<usize>,
}

impl RecordSink for Log {
    fn sensor(&mut self, role: SensorRole, _: &DeviceInfo, _: ClockKind) -> io::Result<()> {
        self.calls.push(format!("sensor {role}"));
        Ok(())
    }
    fn notification(&mut self, role: SensorRole, n: &Notification) -> io::Result<()> {
        if self.full_after.is_some_and(|limit| self.calls.len() >= limit) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.calls.push(format!("{role} {} {:?}", n.received_at.nanos(), n.payload));
        Ok(())
    }
    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) -> io::Result<()> {
        self.calls.push(format!("samples {role}"));
        self.samples.entry(role).or_default().extend_from_slice(samples);
        Ok(())
    }
    fn gap(&mut self, role: SensorRole, lost: u64) -> io::Result<()> {
        self.calls.push(format!("gap {role} {lost}"));
        Ok(())
    }
    fn marker(&mut self, marker: &Marker) -> io::Result<()> {
        self.calls.push(format!("{marker:?}"));
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        self.syncs += 1;
        Ok(())
    }
}

fn session() -> SimulatedSession {
    Scenario::typical(7).run().expect("runs")
}

type Outcome = (Log, Result<BTreeMap<SensorRole, SensorTally>, RecordError>, BTreeMap<SensorRole, u64>);

fn recorded(session: &SimulatedSession, radio: impl Fn(u64) -> RadioModel, mut log: Log, cancelled: bool) -> Outcome {
    let mut lost: BTreeMap<SensorRole, Arc<AtomicU64>> = BTreeMap::new();
    let sensors = (1..)
        .zip(&session.tracks)
        .map(|(seed, track)| {
            let peripheral = VirtualPeripheral::new(track, &radio(seed));
            lost.insert(track.role, peripheral.lost_samples());
            let driver = NusDriver { profile: profile(&track.device) };
            SensorLink { role: track.role, link: Box::new(peripheral), driver: Arc::new(driver) }
        })
        .collect();
    let cancel = CancellationToken::new();
    if cancelled {
        cancel.cancel();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let tallies = runtime.block_on(record(
        sensors,
        &mut log,
        Markers { planned: &session.markers, asked: None },
        cancel,
        &mut |_| {},
    ));
    let lost = lost.into_iter().map(|(role, lost)| (role, lost.load(Relaxed))).collect();
    (log, tallies, lost)
}

#[test]
fn everything_that_was_not_lost_arrives_and_losses_are_counted() {
    let session = session();
    let radio = |seed| RadioModel { packet_loss: 0.05, ..RadioModel::typical(seed) };
    let (log, tallies, lost) = recorded(&session, radio, Log::default(), false);
    for (role, tally) in tallies.expect("records") {
        let track = session.tracks.iter().find(|track| track.role == role).expect("worn");
        assert!(lost[&role] > 0, "5 % of the packets");
        // A frame that is not full when the session ends is never sent.
        let unsent = track.samples.len() as u64 - tally.received - lost[&role];
        assert!(unsent < radio(1).batch as u64, "{role}: {unsent}");
        // A loss at the very end has no successor to show it.
        assert!(lost[&role] - tally.lost <= 8, "{role}: {} of {}", tally.lost, lost[&role]);
        assert!(tally.undecodable.is_empty(), "{tally:?}");
        // Quantisation to 16 bits: half a count.
        let first = &log.samples[&role][0];
        let true_first =
            track.samples.iter().find(|s| (s.specific_force - first.specific_force).norm() < 0.5 * 9.81 / 4096.0 * 1.8);
        assert!(true_first.is_some());
    }
    assert!(log.syncs as f64 > session.duration * 0.9, "synced about every second");
    assert_eq!(log.calls.iter().filter(|call| call.contains("SetStart")).count(), 1);
}

#[test]
fn notifications_are_stored_before_their_samples() {
    let (log, ..) = recorded(&session(), RadioModel::typical, Log::default(), false);
    for pair in log.calls.windows(2).filter(|pair| pair[1].starts_with("samples")) {
        let role = pair[1].trim_start_matches("samples ");
        assert!(pair[0].starts_with(role) || pair[0].starts_with("gap"), "{pair:?}");
    }
}

#[test]
fn two_runs_store_the_same_in_the_same_order() {
    let session = session();
    let run = || recorded(&session, RadioModel::typical, Log::default(), false).0;
    assert_eq!(run(), run());
}

#[test]
fn a_lost_link_is_an_event_and_the_other_sensor_goes_on() {
    let session = session();
    let radio = |seed| RadioModel {
        outage: (seed == 1).then_some((10.0, 14.0)),
        packet_loss: 0.0,
        ..RadioModel::typical(seed)
    };
    let (log, tallies, lost) = recorded(&session, radio, Log::default(), false);
    let tallies = tallies.expect("records");
    assert_eq!(tallies[&SensorRole::Hip].link_losses, 1);
    // What was sent while nobody was connected is a stretch without link, not a loss on the air.
    assert_eq!(tallies[&SensorRole::Hip].lost, 0);
    assert!(lost[&SensorRole::Hip] > 0);
    assert_eq!((tallies[&SensorRole::Shank].lost, tallies[&SensorRole::Shank].link_losses), (0, 0));
    let kinds: Vec<bool> = log.calls.iter().filter(|c| c.contains("Link")).map(|c| c.contains("LinkLost")).collect();
    assert_eq!(kinds, [true, false]);
    let lost = MarkerKind::LinkLost { role: SensorRole::Hip };
    assert!(log.calls.iter().any(|call| call.contains(&format!("{lost:?}"))));
}

#[test]
fn cancelling_ends_the_recording_with_what_came_so_far() {
    let (log, tallies, _) = recorded(&session(), RadioModel::typical, Log::default(), true);
    assert!(tallies.is_ok());
    assert!(log.calls.len() < 100, "{}", log.calls.len());
}

#[test]
fn a_full_disk_is_an_error_that_says_what_to_do() {
    let log = Log { full_after: Some(50), ..Log::default() };
    let (_, tallies, _) = recorded(&session(), RadioModel::typical, log, false);
    let message = tallies.expect_err("the disk is full").in_full();
    assert!(message.contains("cannot be stored") && message.contains("space"), "{message}");
}

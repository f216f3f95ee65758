//! Notifications to SI samples and gaps, as one stage: the recorder and the replay of raw notifications both call it.

use std::sync::Arc;

use truehinge_core::{AngularRate, DeviceTime, HostTime, InertialSample, Notification, SpecificForce, Stage};

use crate::driver::{DecodeError, DriverSession, Event, ImuDriver, Packet, RawSample, Request, Scale, Ticks};
use crate::gatt::Uuid;
use crate::sequence::{Arrival, SequenceChecker, TickUnwrapper};

/// What a notification turned out to hold.
#[derive(Clone, PartialEq, Debug)]
pub enum Ingested {
    /// Samples of one packet, in order.
    Samples(Vec<InertialSample>),
    /// This many samples are missing before the next ones.
    Gap {
        /// How many.
        lost: u64,
    },
    /// A packet that came twice: dropped.
    Duplicate,
    /// A packet counted as lost that came after all; its samples follow.
    Late,
    /// Bytes that are no packet.
    Undecodable(DecodeError),
    /// Something to do on the device; a replay has nobody to do it.
    Request(Request),
    /// The sensor's charge, per cent.
    Battery(u8),
}

/// Stands among the notifications where a connection begins: of this characteristic, which no device has, with the MTU as
/// payload (16 bits, little endian). So a stored sequence of notifications is all that a replay needs.
const CONNECTION: u128 = 0;

/// The entry that begins a connection.
pub fn connection(at: HostTime, mtu: u16) -> Notification {
    Notification { characteristic: CONNECTION, received_at: at, payload: mtu.to_le_bytes().to_vec() }
}

/// The stage of one sensor, through all its connections.
///
/// Device time goes on from one connection to the next: most clocks run on while the link is lost, and the analysis finds
/// those that were restarted by their arrivals. Packet counters begin anew, because a restarted one would look like losses.
pub struct Ingest {
    driver: Arc<dyn ImuDriver>,
    session: Option<Box<dyn DriverSession>>,
    ticks: TickUnwrapper,
    sequence: SequenceChecker,
    /// Samples counted so far, lost ones included: the clock of devices without one.
    index: i64,
    /// Time between samples, ns; zero if nobody knows.
    period: i64,
    /// Of the last sample of this connection.
    last: Option<DeviceTime>,
    /// Charge that was told last in this connection, per cent: what is read is often notified as well.
    charge: Option<u8>,
}

/// Stamps further apart than this are a clock that was set anew: the link does not wait that long for lost packets, ns.
const LONGEST_GAP: i64 = 30_000_000_000;

impl Ingest {
    /// A stage for a sensor of this kind, not connected yet.
    pub fn new(driver: Arc<dyn ImuDriver>) -> Self {
        let period = driver.device().nominal_rate.map_or(0, |rate| rate.period().nanos());
        let (ticks, sequence) = Default::default();
        Self { driver, session: None, ticks, sequence, index: 0, period, last: None, charge: None }
    }

    /// What makes the device stop.
    pub fn stop(&mut self) -> Vec<Request> {
        self.session.as_mut().map_or_else(Vec::new, |session| session.stop())
    }

    /// A request failed: what to do instead. `None` where only a new connection may help.
    pub fn failed(&mut self, request: &Request) -> Option<Vec<Request>> {
        self.session.as_mut().and_then(|session| session.failed(request))
    }

    fn connect(&mut self, mtu: &[u8], emit: &mut dyn FnMut(Ingested)) {
        let mtu = mtu.first_chunk().map_or(LEAST_MTU, |bytes| u16::from_le_bytes(*bytes));
        let mut session = self.driver.session(mtu);
        session.start().into_iter().for_each(|request| emit(Ingested::Request(request)));
        self.session = Some(session);
        self.sequence = SequenceChecker::default();
        self.last = None;
        self.charge = None;
    }

    fn packet(&mut self, packet: &Packet, arrival: HostTime, emit: &mut dyn FnMut(Ingested)) {
        let count = packet.samples.len();
        match packet.sequence.map(|counter| self.sequence.check(counter)) {
            None | Some(Arrival::InOrder) => {}
            Some(Arrival::After { lost }) => {
                // Packets of one device hold the same number of samples.
                let lost = lost.saturating_mul(count as u64);
                self.index = self.index.saturating_add_unsigned(lost);
                emit(Ingested::Gap { lost });
            }
            Some(Arrival::Duplicate) => return emit(Ingested::Duplicate),
            Some(Arrival::Late) => emit(Ingested::Late),
        }
        let times = self.times(packet.ticks, count);
        if packet.sequence.is_none() {
            let lost = self.missing_before(&times);
            if lost > 0 {
                emit(Ingested::Gap { lost });
            }
        }
        let samples = packet.samples.iter().zip(times);
        emit(Ingested::Samples(samples.map(|(raw, time)| scaled(raw, packet.scale, time, arrival)).collect()));
    }

    /// Samples missing in this connection before those of these times: a device without a counter shows losses by its stamps.
    fn missing_before(&mut self, times: &[DeviceTime]) -> u64 {
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return 0 };
        let since = self.last.replace(last).map(|before| (first - before).nanos());
        let steps = since
            .filter(|ns| (0..LONGEST_GAP).contains(ns))
            .and_then(|ns| (ns + self.period / 2).checked_div(self.period));
        steps.and_then(|steps| u64::try_from(steps - 1).ok()).unwrap_or(0)
    }

    /// Device time of each sample.
    fn times(&mut self, ticks: Option<Ticks>, count: usize) -> Vec<DeviceTime> {
        let (first, step) = match ticks {
            Some(ticks) => (ticks.tick.nanos(self.ticks.unwrap(ticks.first)), ticks.step_nanos),
            None => (self.index.saturating_mul(self.period), self.period),
        };
        self.index = self.index.saturating_add_unsigned(count as u64);
        (0..).map(|i: i64| DeviceTime::from_nanos(first.saturating_add(i.saturating_mul(step)))).take(count).collect()
    }
}

/// What every connection has.
const LEAST_MTU: u16 = 23;

impl Stage for Ingest {
    type In = Notification;
    type Out = Ingested;

    fn push(&mut self, notification: Notification, emit: &mut dyn FnMut(Ingested)) {
        if notification.characteristic == CONNECTION {
            return self.connect(&notification.payload, emit);
        }
        let Some(session) = &mut self.session else { return };
        let mut events = Vec::new();
        let characteristic = Uuid::from_u128(notification.characteristic);
        session.push(characteristic, &notification.payload, &mut |event| events.push(event));
        for event in events {
            match event {
                Event::Packet(packet) => self.packet(&packet, notification.received_at, emit),
                Event::Undecodable(error) => emit(Ingested::Undecodable(error)),
                Event::Request(request) => emit(Ingested::Request(request)),
                Event::Battery(charge) if self.charge.replace(charge) == Some(charge) => {}
                Event::Battery(charge) => emit(Ingested::Battery(charge)),
            }
        }
    }
}

fn scaled(raw: &RawSample, scale: Scale, device_time: DeviceTime, arrival: HostTime) -> InertialSample {
    let [ax, ay, az] = raw.accelerometer.map(|a| a * scale.accelerometer);
    let [gx, gy, gz] = raw.gyroscope.map(|g| g * scale.gyroscope);
    InertialSample {
        device_time,
        arrival: Some(arrival),
        specific_force: SpecificForce::new(ax, ay, az),
        angular_rate: AngularRate::new(gx, gy, gz),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::nus::{NusDriver, TX, encode_frame};
    use crate::gatt::assigned;
    use truehinge_core::run;

    fn notification(payload: Vec<u8>) -> Notification {
        Notification { characteristic: TX.as_u128(), received_at: HostTime::from_seconds(1.0), payload }
    }

    #[test]
    fn losses_count_samples_and_time_goes_on_through_the_wrap() {
        let sample = [0, 0, 4096, 0, 0, 0];
        let start = u32::MAX - 9_999;
        let frames = [
            encode_frame(1, start, 5_000, &[sample; 2]),
            encode_frame(4, start.wrapping_add(30_000), 5_000, &[sample; 2]),
            encode_frame(4, start.wrapping_add(30_000), 5_000, &[sample; 2]),
        ];
        let begin = std::iter::once(connection(HostTime::ZERO, 23));
        let mut out = run(&mut Ingest::new(Arc::new(NusDriver::default())), begin.chain(frames.map(notification)));
        out.retain(|item| !matches!(item, Ingested::Request(_)));
        let [Ingested::Samples(first), Ingested::Gap { lost: 4 }, Ingested::Samples(second), Ingested::Duplicate] =
            out.as_slice()
        else {
            panic!("{out:?}")
        };
        assert_eq!((second[0].device_time - first[0].device_time).nanos(), 30_000_000);
        assert_eq!((second[1].device_time - second[0].device_time).nanos(), 5_000_000);
        assert!((first[0].specific_force.norm() - 9.806_65).abs() < 1e-9);
    }

    #[test]
    fn time_goes_on_through_a_new_connection_and_counters_begin_anew() {
        let frame = |sequence, first| notification(encode_frame(sequence, first, 0, &[[0, 0, 4096, 0, 0, 0]]));
        let wrapped =
            [connection(HostTime::ZERO, 23), frame(7, u32::MAX - 999), connection(HostTime::ZERO, 23), frame(3, 9_000)];
        let out = run(&mut Ingest::new(Arc::new(NusDriver::default())), wrapped);
        assert_eq!(
            out.iter().filter(|item| matches!(item, Ingested::Request(_))).count(),
            10,
            "started twice: {out:?}"
        );
        let times: Vec<i64> = out
            .iter()
            .filter_map(|item| match item {
                Ingested::Samples(samples) => Some(samples[0].device_time.nanos()),
                _ => None,
            })
            .collect();
        assert_eq!(times[1] - times[0], 10_000_000);
        assert!(!out.iter().any(|item| matches!(item, Ingested::Gap { .. } | Ingested::Late)), "{out:?}");
    }

    #[test]
    fn a_charge_is_told_when_it_changes_and_in_every_connection() {
        let characteristic = assigned(0x2a19).as_u128();
        let level = |percent| Notification { characteristic, ..notification(vec![percent]) };
        let begin = || connection(HostTime::ZERO, 23);
        let stored = [begin(), level(40), level(40), level(39), begin(), level(39)];
        let told = run(&mut Ingest::new(Arc::new(NusDriver::default())), stored).into_iter();
        let charges = told.filter_map(|item| if let Ingested::Battery(charge) = item { Some(charge) } else { None });
        assert_eq!(charges.collect::<Vec<u8>>(), [40, 39, 39]);
    }

    #[test]
    fn before_a_connection_nothing_is_understood() {
        let frame = notification(encode_frame(1, 0, 0, &[[0; 6]]));
        assert_eq!(run(&mut Ingest::new(Arc::new(NusDriver::default())), [frame]), []);
    }
}

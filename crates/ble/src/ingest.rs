//! Notifications to SI samples and gaps, as one stage: the recorder and the replay of raw notifications both call it.

use truehinge_core::{AngularRate, DeviceTime, HostTime, InertialSample, Notification, SpecificForce, Stage};

use crate::driver::{DecodeError, ImuDriver, Packet, PacketDecoder, RawSample, Scale, Ticks};
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
}

/// The stage of one connection.
pub struct Ingest {
    decoder: Box<dyn PacketDecoder>,
    ticks: TickUnwrapper,
    sequence: SequenceChecker,
    /// Samples counted so far, lost ones included: the clock of devices without one.
    index: i64,
    /// Time between samples of devices without a clock, ns.
    index_period: i64,
}

impl Ingest {
    /// A stage for a new connection of this device.
    pub fn new(driver: &dyn ImuDriver) -> Self {
        let period = driver.device().nominal_rate.map_or(0, |rate| rate.period().nanos());
        Self {
            decoder: driver.decoder(),
            ticks: TickUnwrapper::default(),
            sequence: SequenceChecker::default(),
            index: 0,
            index_period: period,
        }
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
        let samples = packet.samples.iter().zip(times);
        emit(Ingested::Samples(samples.map(|(raw, time)| scaled(raw, packet.scale, time, arrival)).collect()));
    }

    /// Device time of each sample.
    fn times(&mut self, ticks: Option<Ticks>, count: usize) -> Vec<DeviceTime> {
        let (first, step) = match ticks {
            Some(ticks) => {
                let nanos = i64::try_from(ticks.nanos_per_tick).unwrap_or(i64::MAX);
                let step = i64::try_from(ticks.step).unwrap_or(i64::MAX);
                (self.ticks.unwrap(ticks.first).saturating_mul(nanos), step.saturating_mul(nanos))
            }
            None => (self.index.saturating_mul(self.index_period), self.index_period),
        };
        self.index = self.index.saturating_add_unsigned(count as u64);
        (0..).map(|i: i64| DeviceTime::from_nanos(first.saturating_add(i.saturating_mul(step)))).take(count).collect()
    }
}

impl Stage for Ingest {
    type In = Notification;
    type Out = Ingested;

    fn push(&mut self, notification: Notification, emit: &mut dyn FnMut(Ingested)) {
        let mut results = Vec::new();
        self.decoder.push(&notification.payload, &mut |result| results.push(result));
        for result in results {
            match result {
                Ok(packet) => self.packet(&packet, notification.received_at, emit),
                Err(error) => emit(Ingested::Undecodable(error)),
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
    use crate::driver::nus::{NusDriver, encode_frame};
    use truehinge_core::run;

    fn notification(payload: Vec<u8>) -> Notification {
        Notification { characteristic: 1, received_at: HostTime::from_seconds(1.0), payload }
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
        let out = run(&mut Ingest::new(&NusDriver::default()), frames.map(notification));
        let [Ingested::Samples(first), Ingested::Gap { lost: 4 }, Ingested::Samples(second), Ingested::Duplicate] =
            out.as_slice()
        else {
            panic!("{out:?}")
        };
        assert_eq!((second[0].device_time - first[0].device_time).nanos(), 30_000_000);
        assert_eq!((second[1].device_time - second[0].device_time).nanos(), 5_000_000);
        assert!((first[0].specific_force.norm() - 9.806_65).abs() < 1e-9);
    }
}

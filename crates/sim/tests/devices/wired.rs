//! A driver's session wired straight to a virtual device: no radio, no recorder.

use std::collections::VecDeque;
use std::sync::Arc;

use truehinge_ble::driver::metamotion::PACKED;
use truehinge_ble::driver::nus::{NusDriver, Profile};
use truehinge_ble::driver::{DriverSession, Event, ImuDriver, Packet, Request, recognise};
use truehinge_ble::gatt::Uuid;
use truehinge_ble::ingest::connection;
use truehinge_core::{
    AngularRate, DeviceTime, HostTime, Notification, STANDARD_GRAVITY, SampleRate, SessionTime, SpecificForce,
};
use truehinge_sim::VirtualSample;
use truehinge_sim::device::{
    Board, Dot, MetaMotion, Movesense, Nus, PACKETS_PROFILE, Polar, Thingy, UnknownMode, VirtualDevice, Wit,
};

/// What connections usually carry, bytes.
pub const MTU: u16 = 247;

/// A device, and the driver it is for.
pub type Model = (fn() -> Box<dyn VirtualDevice>, Arc<dyn ImuDriver>);

/// Every driver with every kind of device it knows.
pub fn models() -> Vec<Model> {
    let recognised = |make: fn() -> Box<dyn VirtualDevice>| -> Model {
        (make, Arc::from(recognise(&make().advertisement()).expect("some driver knows it")))
    };
    vec![
        recognised(|| Box::new(Dot::default())),
        recognised(|| Box::new(Dot::without_mode_26(UnknownMode::Ignored))),
        recognised(|| Box::new(Dot::without_mode_26(UnknownMode::Refused))),
        recognised(|| Box::new(MetaMotion::new(Board::R))),
        recognised(|| Box::new(MetaMotion::new(Board::S))),
        (|| Box::new(MetaMotion::new(Board::R)), Arc::new(PACKED)),
        (|| Box::new(MetaMotion::new(Board::S)), Arc::new(PACKED)),
        recognised(|| Box::new(Movesense::default())),
        recognised(|| Box::new(Polar::default())),
        recognised(|| Box::new(Thingy::default())),
        recognised(|| Box::new(Wit::default())),
        recognised(|| Box::new(Nus::new("HIP", NUS_RATE, 4))),
        (|| Box::new(Nus::packets("OWN", NUS_RATE)), Arc::new(NusDriver { profile: own_packets() })),
    ]
}

fn own_packets() -> Profile {
    Profile::from_toml(PACKETS_PROFILE).expect("valid")
}

/// Rate of the sensors that speak over Nordic UART, Hz.
pub const NUS_RATE: f64 = 100.0;

/// Samples per second that a driver asks for.
pub fn rate(driver: &dyn ImuDriver) -> f64 {
    driver.device().nominal_rate.map_or(NUS_RATE, SampleRate::hertz)
}

/// What a sensor measures that is turned to and fro: within all ranges, no sample like its neighbours.
pub fn measured(rate: f64, from: f64, seconds: f64) -> Vec<VirtualSample> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
    let count = (rate * seconds) as u32;
    (0..count).map(|i| sample(from + f64::from(i) / rate)).collect()
}

fn sample(time: f64) -> VirtualSample {
    let wave = |amplitude: f64, hertz: f64| amplitude * (std::f64::consts::TAU * hertz * time).sin();
    let g = |x: f64| x * STANDARD_GRAVITY;
    let dps = |x: f64| x.to_radians();
    VirtualSample {
        true_time: SessionTime::from_seconds(time),
        device_time: DeviceTime::from_seconds(time),
        specific_force: SpecificForce::new(g(wave(1.5, 0.7)), g(1.0 + wave(0.3, 1.1)), g(wave(2.0, 0.3))),
        angular_rate: AngularRate::new(dps(wave(200.0, 0.4)), dps(wave(-90.0, 0.9)), dps(wave(30.0, 0.2))),
    }
}

/// See the module.
pub struct Wired {
    pub device: Box<dyn VirtualDevice>,
    session: Box<dyn DriverSession>,
    /// What a recording would hold.
    pub stored: Vec<Notification>,
    /// What came of it, requests left out.
    pub events: Vec<Event>,
}

impl Wired {
    /// Connects, and starts it.
    pub fn started(model: &Model, mtu: u16) -> Self {
        let (make, driver) = model;
        let stored = vec![connection(HostTime::ZERO, mtu)];
        let mut wired = Self { device: make(), session: driver.session(mtu), stored, events: Vec::new() };
        wired.device.connected(mtu);
        let requests = wired.session.start();
        wired.perform(requests);
        wired
    }

    /// Its sensor has measured; how many samples were notified.
    pub fn measure(&mut self, samples: &[VirtualSample]) -> usize {
        let mut notified = 0;
        for sample in samples {
            self.device.measure(sample);
            notified += self.deliver(sample.true_time.seconds());
        }
        notified
    }

    /// Does what stops it.
    pub fn stop(&mut self) {
        let requests = self.session.stop();
        self.perform(requests);
    }

    /// The packets that were decoded.
    pub fn packets(&self) -> Vec<&Packet> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Packet(packet) = event { Some(packet) } else { None })
            .collect()
    }

    fn perform(&mut self, requests: Vec<Request>) {
        let mut requests = VecDeque::from(requests);
        while let Some(request) = requests.pop_front() {
            let mut asked = Vec::new();
            let done = match &request {
                Request::Subscribe(characteristic) => self.device.subscribe(*characteristic, true),
                Request::Write { characteristic, payload, .. } => self.device.write(*characteristic, payload),
                Request::Read(characteristic) => self.device.read(*characteristic).map(|reply| {
                    asked.extend(self.push(*characteristic, reply, 0.0));
                }),
                Request::Wait(_) => Ok(()),
            };
            if done.is_err() {
                let instead = self.session.failed(&request).expect("there is another way");
                instead.into_iter().rev().for_each(|request| requests.push_front(request));
            }
            for outgoing in self.device.outgoing() {
                asked.extend(self.push(outgoing.characteristic, outgoing.payload, 0.0));
            }
            requests.extend(asked);
        }
    }

    fn deliver(&mut self, time: f64) -> usize {
        let mut notified = 0;
        for outgoing in self.device.outgoing() {
            notified += outgoing.samples;
            let requests = self.push(outgoing.characteristic, outgoing.payload, time);
            self.perform(requests);
        }
        notified
    }

    /// Stores and understands a payload; what the driver wants done about it.
    fn push(&mut self, characteristic: Uuid, payload: Vec<u8>, time: f64) -> Vec<Request> {
        let mut requests = Vec::new();
        let events = &mut self.events;
        self.session.push(characteristic, &payload, &mut |event| match event {
            Event::Request(request) => requests.push(request),
            event => events.push(event),
        });
        let characteristic = characteristic.as_u128();
        self.stored.push(Notification { characteristic, received_at: HostTime::from_seconds(time), payload });
        requests
    }
}

//! MbientLab MetaMotion R and S.

use truehinge_ble::driver::Advertisement;
use truehinge_ble::driver::metamotion::{COMMAND, NOTIFICATION, SERVICE};
use truehinge_ble::gatt::Uuid;

use super::gatt::{CHARGE, Link, Pace, counts, in_dps, in_g, low32, ticks};
use super::{Characteristic, Outgoing, Refused, Service, VirtualDevice};
use crate::virtual_sensor::VirtualSample;

/// Length of a tick, ns.
const TICK: f64 = 48.0 / 32_768.0 * 1e9;

/// Which board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Board {
    /// With a BMI160.
    R,
    /// With a BMI270.
    S,
}

impl Board {
    /// Answers of the accelerometer's and the gyroscope's modules.
    const fn modules(self) -> [[u8; 2]; 2] {
        match self {
            Self::R => [[1, 1], [0, 1]],
            Self::S => [[4, 0], [1, 0]],
        }
    }

    /// Samples per second by the settings of a sensor, if they are in our range: 8 g, 2000 deg/s.
    fn rate(self, module: u8, settings: &[u8]) -> Option<u16> {
        let (flags, range) = match (self, module) {
            (_, GYROSCOPE) => (0x20, 0x00),
            (Self::R, _) => (0x20, 0x08),
            (Self::S, _) => (0xa0, 0x02),
        };
        let &[configuration, has] = settings else { return None };
        let number = configuration.checked_sub(flags).filter(|_| has == range)?;
        RATES.into_iter().find(|(known, _)| *known == number).map(|(_, rate)| rate)
    }

    /// Registers of the packed streams.
    const fn packed(self) -> [u8; 2] {
        match self {
            Self::R => [0x1c, 0x07],
            Self::S => [0x05, 0x05],
        }
    }

    const fn gyroscope_data(self) -> u8 {
        match self {
            Self::R => 0x05,
            Self::S => 0x04,
        }
    }
}

/// The chips' numbers for rates, Hz.
const RATES: [(u8, u16); 5] = [(6, 25), (7, 50), (8, 100), (9, 200), (10, 400)];

/// See the module. Processors survive a lost link, as on the real board.
pub struct MetaMotion {
    board: Board,
    /// Configuration commands of its processors, in the order of their ids.
    processors: Vec<Vec<u8>>,
    /// Id of the processor that notifies.
    notifies: Option<u8>,
    /// Accelerometer, gyroscope: rate set up, enabled, running, packed stream wanted.
    configured: [Option<u16>; 2],
    enabled: [bool; 2],
    running: [bool; 2],
    packed: [bool; 2],
    pace: Pace,
    waiting: Vec<VirtualSample>,
    link: Link,
    /// Added to its clock, ticks.
    ahead: u64,
}

const ACCELEROMETER: u8 = 0x03;
const GYROSCOPE: u8 = 0x13;

fn index(module: u8) -> Option<usize> {
    [ACCELEROMETER, GYROSCOPE].iter().position(|&known| known == module)
}

impl MetaMotion {
    /// One of this board.
    pub fn new(board: Board) -> Self {
        Self {
            board,
            processors: Vec::new(),
            notifies: None,
            configured: [None; 2],
            enabled: [false; 2],
            running: [false; 2],
            packed: [false; 2],
            pace: Pace::default(),
            waiting: Vec::new(),
            link: Link::default(),
            ahead: (1 << 32) - 15_000,
        }
    }

    fn reply(&mut self, payload: &[u8]) {
        self.link.notify(NOTIFICATION, payload.to_vec(), 0);
    }

    fn processor(&mut self, command: &[u8]) {
        match command {
            [0x80] => self.reply(&[0x09, 0x80, 0x00, 0x01]),
            [0x08] => {
                self.processors.clear();
                self.notifies = None;
            }
            [0x02, made @ ..] => {
                let id = u8::try_from(self.processors.len()).unwrap_or(u8::MAX);
                self.processors.push(made.to_vec());
                self.reply(&[0x09, 0x02, id]);
            }
            [0x07, id, on] => self.notifies = (*on == 1).then_some(*id),
            _ => {}
        }
    }

    fn sensor(&mut self, module: u8, command: &[u8]) {
        let Some(which) = index(module) else { return };
        match command {
            [0x80] => {
                let [implementation, revision] = self.board.modules()[which];
                self.reply(&[module, 0x80, implementation, revision]);
            }
            [0x03, settings @ ..] => self.configured[which] = self.board.rate(module, settings),
            [0x02, on, off] => self.enabled[which] = *on == 1 && *off == 0,
            [0x01, on] => self.running[which] = *on == 1,
            [register, on] if *register == self.board.packed()[which] => self.packed[which] = *on == 1,
            _ => {}
        }
    }

    /// Samples per second of both sensors; `None` while they do not measure, or not alike.
    fn rate(&self) -> Option<u16> {
        let [accelerometer, gyroscope] = self.configured;
        let on = [self.enabled, self.running].iter().flatten().all(|&done| done);
        accelerometer.filter(|_| on && accelerometer == gyroscope)
    }

    /// Whether the notifying processor is an accounter of ticks on a fuser of both sensors, wired as it must be.
    fn stamps(&self) -> Option<u8> {
        let id = self.notifies?;
        let of = |id: u8| self.processors.get(usize::from(id)).map(Vec::as_slice);
        let &[0x09, 0x03, fuser, 0x60, 0x11, 0x31, 0x03] = of(id)? else { return None };
        let &[0x03, 0x04, 0xff, 0xa0, 0x1b, 0x01, buffer, ..] = of(fuser)? else { return None };
        let &[0x13, data, 0xff, 0xa0, 0x0f, 0x05] = of(buffer)? else { return None };
        (data == self.board.gyroscope_data()).then_some(id)
    }
}

impl VirtualDevice for MetaMotion {
    fn advertisement(&self) -> Advertisement {
        Advertisement { name: Some("MetaWear".to_owned()), services: vec![SERVICE], companies: Vec::new() }
    }

    fn services(&self) -> Vec<Service> {
        let characteristics = vec![
            Characteristic { uuid: COMMAND, flags: &["write", "write-without-response"] },
            Characteristic { uuid: NOTIFICATION, flags: &["notify"] },
        ];
        vec![Service { uuid: SERVICE, characteristics }]
    }

    fn connected(&mut self, mtu: u16) {
        self.link.connected(mtu);
    }

    fn disconnected(&mut self) {
        self.link.disconnected();
        self.waiting.clear();
    }

    fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), Refused> {
        if characteristic != NOTIFICATION {
            return Err(Refused);
        }
        self.link.subscribe(characteristic, on);
        Ok(())
    }

    fn write(&mut self, characteristic: Uuid, payload: &[u8]) -> Result<(), Refused> {
        match (characteristic, payload) {
            (COMMAND, [0x09, command @ ..]) => self.processor(command),
            (COMMAND, [0x11, 0x8c]) => self.reply(&[0x11, 0x8c, CHARGE, 0x34, 0x10]),
            (COMMAND, [module, command @ ..]) => self.sensor(*module, command),
            _ => return Err(Refused),
        }
        Ok(())
    }

    fn read(&self, _: Uuid) -> Result<Vec<u8>, Refused> {
        Err(Refused)
    }

    fn measure(&mut self, sample: &VirtualSample) {
        if !self.rate().is_some_and(|rate| self.pace.gives(sample, rate)) {
            return;
        }
        let bytes = |sample: &VirtualSample| {
            [counts(in_g(sample.specific_force), 4096.0), counts(in_dps(sample.angular_rate), 16.4)]
        };
        if let Some(id) = self.stamps() {
            let tick = low32(ticks(sample, TICK, self.ahead)).to_le_bytes();
            let [force, rate] = bytes(sample);
            self.link.notify(NOTIFICATION, [&[0x09, 0x03, id][..], &tick, &force, &rate].concat(), 1);
        }
        if self.packed.contains(&true) {
            self.waiting.push(*sample);
        }
        if self.waiting.len() == 3 {
            let three: Vec<[[u8; 6]; 2]> = self.waiting.drain(..).map(|sample| bytes(&sample)).collect();
            for (which, module) in [ACCELEROMETER, GYROSCOPE].into_iter().enumerate() {
                if self.packed[which] {
                    let register = self.board.packed()[which];
                    let content = three.iter().flat_map(|both| both[which]);
                    self.link.notify(NOTIFICATION, [module, register].into_iter().chain(content).collect(), 3);
                }
            }
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.link.outgoing()
    }
}

//! What the recorder does, as events.

use std::collections::BTreeMap;

use truehinge_ble::LinkEvent;
use truehinge_ble::recorder::RecorderEvent;
use truehinge_core::{HostTime, InertialSample, SensorRole};

use super::audience::Audience;
use super::control::Control;
use super::event::Event;

/// Host time between events about the number of samples, s.
pub(super) const EVERY: f64 = 1.0;

/// What the recorder does, as events.
pub(super) struct Telling {
    control: Control,
    audience: Audience,
    samples: BTreeMap<SensorRole, u64>,
    /// When the number of samples was told last, s.
    counted: f64,
}

impl Telling {
    pub fn new(control: Control, sensors: impl Iterator<Item = SensorRole>) -> Self {
        let audience = control.audience();
        Self { control, audience, samples: sensors.map(|role| (role, 0)).collect(), counted: 0.0 }
    }

    pub fn hear(&mut self, event: &RecorderEvent<'_>) {
        match event {
            RecorderEvent::Samples(role, samples) => self.samples(*role, samples),
            RecorderEvent::Gap(role, lost) => self.audience.tell(&Event::Gap { role: *role, lost: *lost }),
            RecorderEvent::Marker(marker) => self.audience.tell(&Event::Marker((*marker).clone())),
            RecorderEvent::Link(role, event) => {
                self.control.at(event.at());
                if let Some(event) = of_link(*role, event) {
                    self.audience.tell(&event);
                }
            }
            RecorderEvent::Battery(role, percent) => {
                self.audience.tell(&Event::Battery { role: *role, percent: *percent });
            }
            RecorderEvent::Undecodable(role, cause) => {
                self.audience.tell(&Event::Undecodable { role: *role, cause: *cause });
            }
        }
    }

    fn samples(&mut self, role: SensorRole, samples: &[InertialSample]) {
        *self.samples.entry(role).or_default() += samples.len() as u64;
        let felt = self.control.felt(role, samples);
        self.audience.tell(&Event::Packet { role, samples: samples.into() });
        if let Some(role) = felt.tapped {
            self.audience.tell(&Event::Tapped { role });
        }
        if let Some(gesture) = felt.gesture {
            self.control.gestured(gesture);
        }
        if let Some(arrival) = samples.last().and_then(|sample| sample.arrival) {
            self.count(arrival);
        }
    }

    /// How many samples there are, about every second.
    fn count(&mut self, now: HostTime) {
        if now.seconds() - self.counted < EVERY {
            return;
        }
        self.counted = now.seconds();
        self.audience.tell(&Event::Samples { at: now, samples: self.samples.clone() });
    }
}

fn of_link(role: SensorRole, event: &LinkEvent) -> Option<Event> {
    let at = event.at();
    Some(match event {
        LinkEvent::Connected { mtu, .. } => Event::Connected { at, role, mtu: *mtu },
        LinkEvent::Signal { dbm, .. } => Event::Signal { at, role, dbm: *dbm },
        LinkEvent::Silent { since, .. } => Event::Silent { at, role, seconds: since.as_secs_f64() },
        LinkEvent::Lost { cause, .. } => Event::Lost { at, role, cause: cause.clone() },
        LinkEvent::Trouble { cause, .. } => Event::Trouble { at, role, cause: cause.clone() },
        _ => return None,
    })
}

//! Movella DOT (formerly Xsens DOT): calibrated specific force and angular rate as single-precision numbers, stamped in
//! microseconds.
//!
//! Verified on documents (BLE services specification XD0506P rev F, open clients), not on hardware: docs/sensors/movella-dot.md.
//!
//! ```text
//! mode 26, long payload:    t:u32 us   quaternion f32 x4   specific force f32 x3 (m/s2)   angular rate f32 x3 (deg/s)
//! mode 21, medium payload:  t:u32 us                       specific force f32 x3 (m/s2)   angular rate f32 x3 (deg/s)
//! ```
//!
//! Mode 26 is asked for where the connection carries its 63 bytes, mode 21 where it carries 40, or where the device does not do the
//! other. A notification may be longer than its mode: the rest is zero.

pub mod message;

use std::time::Duration;

use truehinge_core::ClockKind;

use super::wire::{f32x3, u16_at, u32_at};
use super::{
    Charge, Counter, DecodeError, DriverSession, Event, Manual, Model, ModelDriver, Packet, Ranges, RawSample, Request,
    Scale, Setup, Signs, Tick, Ticks,
};
use crate::gatt::{Uuid, numbered, uuid};

/// Of all its UUIDs.
pub const BASE: Uuid = uuid!("15170000-4947-11e9-8646-d663bd873d93");

/// Settings: rate, filter.
pub const DEVICE_CONTROL: Uuid = numbered(BASE, 0x1002);
/// Start, stop and mode of the measurement.
pub const CONTROL: Uuid = numbered(BASE, 0x2001);
/// Notifications of modes beyond 40 bytes.
pub const LONG: Uuid = numbered(BASE, 0x2002);
/// Notifications of modes of 21 to 40 bytes.
pub const MEDIUM: Uuid = numbered(BASE, 0x2003);
/// Level and charging state.
pub const BATTERY: Uuid = numbered(BASE, 0x3001);
/// Address, versions, serial number.
pub const DEVICE_INFORMATION: Uuid = numbered(BASE, 0x1001);
/// Messages to it, what it says to one later, and what it says at once.
pub const MESSAGE_CONTROL: Uuid = numbered(BASE, 0x7001);
/// See [`MESSAGE_CONTROL`].
pub const MESSAGE_ACKNOWLEDGE: Uuid = numbered(BASE, 0x7002);
/// See [`MESSAGE_CONTROL`].
pub const MESSAGE_NOTIFICATION: Uuid = numbered(BASE, 0x7003);
/// Movella's number among the Bluetooth companies.
pub const COMPANY: u16 = 0x0886;

/// Length of the settings.
const SETTINGS: usize = 32;
/// Which of the settings are meant: the rate.
const VISIT_RATE: u8 = 0x10;
const RATE_AT: usize = 24;
/// What the ATT header takes of the MTU.
const ATT_HEADER: u16 = 3;

/// A kind of payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Quaternion, specific force, angular rate.
    Custom5,
    /// Specific force, angular rate.
    RateQuantities,
}

impl Mode {
    const fn number(self) -> u8 {
        match self {
            Self::Custom5 => 26,
            Self::RateQuantities => 21,
        }
    }

    const fn characteristic(self) -> Uuid {
        match self {
            Self::Custom5 => LONG,
            Self::RateQuantities => MEDIUM,
        }
    }

    /// Length of the notifications.
    const fn value(self) -> u16 {
        match self {
            Self::Custom5 => 63,
            Self::RateQuantities => 40,
        }
    }

    /// Where the specific force is.
    const fn force_at(self) -> usize {
        match self {
            Self::Custom5 => 20,
            Self::RateQuantities => 4,
        }
    }
}

/// See the module. Its clock is [`ClockKind::Shared`] once the sensors have set their clocks to one another's
/// ([`crate::device_sync`]).
pub const DRIVER: ModelDriver = ModelDriver {
    model: Model {
        name: "movella-dot",
        full_name: "Movella DOT",
        signs: Signs { names: &["Xsens DOT", "Movella DOT"], companies: &[COMPANY], ..Signs::NONE },
        charge: Charge::Read(BATTERY),
        manual: Manual {
            models: "Movella DOT",
            time_stamps: "microseconds, wrap in 71.6 min",
            needs: Some("packets of 43 bytes, better 66"),
            page: "movella-dot",
        },
    },
    // Those from 20 up at which it streams.
    rates: &[20, 30, 60],
    rate: 60,
    ranges: Ranges { accelerometer_g: 16.0, gyroscope_dps: 2000.0 },
    clock: ClockKind::Device,
    session: |setup| Box::new(Session::new(setup)),
};

struct Session {
    mode: Mode,
    /// Whether the connection carries the mode's payload.
    carries: bool,
    /// Samples per second.
    rate: u16,
}

fn control(run: bool, mode: Mode) -> Request {
    let payload = vec![1, u8::from(run), mode.number()];
    Request::Write { characteristic: CONTROL, payload, confirmed: true }
}

impl DriverSession for Session {
    fn start(&mut self) -> Vec<Request> {
        // It may still be measuring for a connection that was lost: settings are refused then. Notifications are asked for
        // before the measurement starts, otherwise nothing comes.
        vec![
            control(false, self.mode),
            Request::Wait(Duration::from_millis(100)),
            Request::Subscribe(self.mode.characteristic()),
            Request::Subscribe(BATTERY),
            Request::Read(BATTERY),
            Request::Read(DEVICE_CONTROL),
        ]
    }

    fn push(&mut self, characteristic: Uuid, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            BATTERY => payload.first().into_iter().for_each(|&level| emit(Event::Battery(level.min(100)))),
            DEVICE_CONTROL => self.set_rate_and_run(payload, emit),
            CONTROL => self.check_running(payload, emit),
            // Whatever was asked for: each of the two has a characteristic of its own.
            LONG => emit(decode(Mode::Custom5, payload)),
            MEDIUM => emit(decode(Mode::RateQuantities, payload)),
            _ => {}
        }
    }

    fn failed(&mut self, request: &Request) -> Option<Vec<Request>> {
        let without = [control(false, self.mode), Request::Subscribe(BATTERY), Request::Read(BATTERY)];
        if *request == control(true, Mode::Custom5) {
            Some(self.fall_back())
        } else {
            // It may refuse to stop what does not run.
            without.contains(request).then(Vec::new)
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        vec![control(false, self.mode)]
    }
}

impl Session {
    fn new(Setup { rate, mtu }: Setup) -> Self {
        let fits = |mode: Mode| mtu >= mode.value() + ATT_HEADER;
        let mode = if fits(Mode::Custom5) { Mode::Custom5 } else { Mode::RateQuantities };
        Self { mode, carries: fits(mode), rate }
    }

    fn set_rate_and_run(&self, settings: &[u8], emit: &mut dyn FnMut(Event)) {
        if !self.carries {
            let remedy = "use another Bluetooth adapter: this connection carries less than 40 bytes at a time";
            return emit(Event::Undecodable(DecodeError::Refused { what: "send its measurements", code: 0, remedy }));
        }
        if let Some(payload) = wanted_settings(settings, self.rate) {
            emit(Event::Request(Request::Write { characteristic: DEVICE_CONTROL, payload, confirmed: true }));
        }
        emit(Event::Request(control(true, self.mode)));
        emit(Event::Request(Request::Read(CONTROL)));
    }

    /// To the mode that every firmware has.
    fn fall_back(&mut self) -> Vec<Request> {
        self.mode = Mode::RateQuantities;
        vec![Request::Subscribe(MEDIUM), control(true, self.mode)]
    }

    fn check_running(&mut self, state: &[u8], emit: &mut dyn FnMut(Event)) {
        let runs = state.get(1..3) == Some(&[1, self.mode.number()]);
        match self.mode {
            _ if runs => {}
            Mode::Custom5 => {
                let instead = self.fall_back();
                instead.into_iter().chain([Request::Read(CONTROL)]).for_each(|request| emit(Event::Request(request)));
            }
            Mode::RateQuantities => {
                let code = state.get(1).copied().map_or(0, u16::from);
                let remedy = "take it off its charger, switch it off and on again";
                emit(Event::Undecodable(DecodeError::Refused { what: "measure", code, remedy }));
            }
        }
    }
}

/// Settings to write so that it measures at this rate, Hz; `None` if it does.
pub(crate) fn wanted_settings(settings: &[u8], rate: u16) -> Option<Vec<u8>> {
    if u16_at(settings, RATE_AT) == Some(rate) {
        return None;
    }
    let mut wanted = settings.to_vec();
    wanted.resize(SETTINGS, 0);
    *wanted.first_mut()? = VISIT_RATE;
    wanted.get_mut(RATE_AT..RATE_AT + 2)?.copy_from_slice(&rate.to_le_bytes());
    Some(wanted)
}

/// Stops a measurement of any mode: the settings are refused while one runs.
pub(crate) fn stop() -> Vec<u8> {
    vec![1, 0, Mode::Custom5.number()]
}

fn decode(mode: Mode, payload: &[u8]) -> Event {
    let at = mode.force_at();
    let fields = || Some((u32_at(payload, 0)?, f32x3(payload, at)?, f32x3(payload, at + 12)?));
    let Some((micros, accelerometer, gyroscope)) = fields() else {
        return Event::Undecodable(DecodeError::Length { expected: at + 24, found: payload.len() });
    };
    let first = Counter { value: u64::from(micros), bits: 32 };
    Event::Packet(Packet {
        sequence: None,
        ticks: Some(Ticks { first, tick: Tick::MICROSECOND, step_nanos: 0 }),
        scale: Scale { accelerometer: 1.0, gyroscope: 1_f64.to_radians() },
        samples: vec![RawSample { accelerometer, gyroscope }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::ImuDriver;
    use crate::driver::tests::{hex, packets};

    fn near(found: [f64; 3], expected: [f64; 3]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} instead of {expected:?}");
    }

    #[test]
    fn mode_26_is_read_with_or_without_its_zero_tail() {
        let bytes =
            hex("40420f00 f404353f f404353f 00000000 00000000 cdcccc3d cdcc4c3e cdcc1c41 00002041 0000a0c0 0000003f");
        for tail in [0, 19] {
            let payload = [bytes.clone(), vec![0; tail]].concat();
            let found = packets(&mut *DRIVER.session(247), LONG, &payload);
            assert_eq!(found[0].ticks.expect("stamped").first.value, 1_000_000);
            near(found[0].samples[0].accelerometer, [0.1, 0.2, 9.8]);
            near(found[0].samples[0].gyroscope, [10.0, -5.0, 0.5]);
        }
    }

    #[test]
    fn mode_21_is_read_where_the_connection_carries_no_more() {
        let bytes = hex("80e3ffff cdcccc3d e17a1cc1 3333b33e 0000c03f 0000a2c1 0000403f");
        let found = packets(&mut *DRIVER.session(43), MEDIUM, &bytes);
        assert_eq!(found[0].ticks.expect("stamped").first.value, 4_294_960_000);
        near(found[0].samples[0].accelerometer, [0.1, -9.78, 0.35]);
        near(found[0].samples[0].gyroscope, [1.5, -20.25, 0.75]);
    }

    #[test]
    fn stamps_and_vectors_of_a_real_capture() {
        // Two notifications of a real sensor. Its mode (6) has stamp and first vector where mode 21 has them.
        let captured = [
            ("d8052244 af964040 6b2aa740 5add14c0 00000000", 1_143_080_408, [3.009_197, 5.223_928, -2.326_010]),
            ("f3462244 0da53c40 9c13a640 f01009c0 00000000", 1_143_097_075, [2.947_573, 5.189_894, -2.141_659]),
        ];
        for (bytes, micros, vector) in captured {
            let payload = [hex(bytes), vec![0; 20]].concat();
            let found = packets(&mut *DRIVER.session(43), MEDIUM, &payload);
            assert_eq!(found[0].ticks.expect("stamped").first.value, micros);
            near(found[0].samples[0].accelerometer, vector);
        }
    }

    #[test]
    fn commands_are_those_of_the_specification() {
        for (rate, bytes) in [(60, "3c00"), (30, "1e00"), (20, "1400")] {
            let blank = [hex("10 00000000000000"), vec![0; 16], hex(bytes), vec![0; 6]].concat();
            assert_eq!(wanted_settings(&[0; 32], rate), Some(blank.clone()));
            assert_eq!(wanted_settings(&blank, rate), None);
        }
        let written = |request| if let Request::Write { payload, .. } = request { payload } else { Vec::new() };
        assert_eq!(written(control(true, Mode::RateQuantities)), hex("010115"));
        assert_eq!(written(control(false, Mode::RateQuantities)), hex("010015"));
    }

    #[test]
    fn the_rate_is_set_only_where_it_is_another_and_the_mode_falls_back() {
        let mut session = DRIVER.session(247);
        let mut requests = Vec::new();
        let mut keep = |event| {
            if let Event::Request(request) = event {
                requests.push(request);
            }
        };
        let mut settings = vec![0; 32];
        settings[24] = 20;
        session.push(DEVICE_CONTROL, &settings, &mut keep);
        settings[24] = 60;
        session.push(DEVICE_CONTROL, &settings, &mut keep);
        session.push(CONTROL, &[1, 0, 0], &mut keep);
        let writes: Vec<&Vec<u8>> = requests
            .iter()
            .filter_map(|request| match request {
                Request::Write { payload, .. } => Some(payload),
                _ => None,
            })
            .collect();
        assert_eq!((writes[0][0], writes[0][24], writes[0].len()), (0x10, 60, 32));
        assert_eq!(writes[1..], [&vec![1, 1, 26], &vec![1, 1, 26], &vec![1, 1, 21]]);
        assert!(requests.contains(&Request::Subscribe(MEDIUM)));
    }

    #[test]
    fn a_start_that_fails_is_tried_in_the_other_mode_and_then_given_up() {
        let mut session = DRIVER.session(247);
        let instead = session.failed(&control(true, Mode::Custom5));
        assert_eq!(instead, Some(vec![Request::Subscribe(MEDIUM), control(true, Mode::RateQuantities)]));
        assert_eq!(session.failed(&control(false, Mode::RateQuantities)), Some(Vec::new()));
        assert_eq!(session.failed(&control(true, Mode::RateQuantities)), None);
        assert_eq!(session.failed(&Request::Read(DEVICE_CONTROL)), None);
    }

    #[test]
    fn a_connection_that_carries_too_little_is_said() {
        let mut said = Vec::new();
        DRIVER.session(23).push(DEVICE_CONTROL, &[0; 32], &mut |event| said.push(event));
        assert!(matches!(said[..], [Event::Undecodable(DecodeError::Refused { .. })]), "{said:?}");
    }
}

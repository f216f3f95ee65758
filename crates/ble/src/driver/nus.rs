//! Devices that speak lines or small binary frames over the Nordic UART service: ESP32, nRF and Arduino builds.
//!
//! Verified on documents and by simulation, not on hardware (docs/sensors/nus.md). Two formats, told apart by their first byte:
//!
//! ```text
//! frame:  A5 5A ver n  seq:u16  t0:u32 (us, first sample)  dt:u16 (us)  n x (acc i16 x3, gyro i16 x3)  crc8     little endian
//! line:   columns of the profile, such as  seq,t_us,ax,ay,az,gx,gy,gz\n
//! ```
//!
//! `seq` counts frames (or lines). `crc8` is over everything before it, polynomial x^8+x^2+x+1 (0x07), start value 0, not
//! reflected. Asked with `?\n`, a device announces the scale of its frames in one line:
//! `{"truehinge":1,"acc_lsb_per_g":4096,"gyro_lsb_per_dps":16.4,"rate":100}`.

use serde::Deserialize;
use truehinge_core::{ClockKind, DeviceInfo, MountSite, STANDARD_GRAVITY, SampleRate};

use super::{
    Advertisement, Counter, DecodeError, DriverSession, Event, ImuDriver, Packet, RawSample, Request, Scale, Tick,
    Ticks, battery,
};

/// Nordic UART service.
pub const SERVICE: u128 = 0x6e40_0001_b5a3_f393_e0a9_e50e_24dc_ca9e;
/// Host to device.
pub const RX: u128 = 0x6e40_0002_b5a3_f393_e0a9_e50e_24dc_ca9e;
/// Device to host.
pub const TX: u128 = 0x6e40_0003_b5a3_f393_e0a9_e50e_24dc_ca9e;

const MAGIC: [u8; 2] = [0xa5, 0x5a];
const VERSION: u8 = 1;
const HEADER: usize = 12;
const SAMPLE: usize = 12;
const LINE_LIMIT: usize = 256;

/// What a device's lines look like; read from a TOML file, so that a new device needs no Rust.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Name for the recording.
    pub model: String,
    /// Local name (or its beginning) of such devices; empty recognises by the service.
    pub name_prefix: String,
    /// Columns of a line, in order.
    pub columns: Vec<Column>,
    /// Between columns; a space means any run of white space.
    pub separator: char,
    /// Unit of the accelerometer columns.
    pub acc_unit: AccelerometerUnit,
    /// Unit of the gyroscope columns.
    pub gyro_unit: GyroscopeUnit,
    /// Unit of the time column.
    pub time_unit: TimeUnit,
    /// Width after which the time starts again.
    pub time_wrap_bits: u32,
    /// Sent to make it stream.
    pub start_command: String,
    /// Sent to make it stop.
    pub stop_command: String,
    /// Rate it is set to, Hz.
    pub rate_hz: Option<f64>,
    /// Full scale of the accelerometer, g.
    pub accelerometer_range_g: Option<f64>,
    /// Full scale of the gyroscope, degrees per second.
    pub gyroscope_range_dps: Option<f64>,
    /// Where on the segment it sits.
    pub mount: Option<MountSite>,
}

/// A column of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Line counter, 16 bits.
    Seq,
    /// Device time.
    Time,
    /// Accelerometer x.
    Ax,
    /// Accelerometer y.
    Ay,
    /// Accelerometer z.
    Az,
    /// Gyroscope x.
    Gx,
    /// Gyroscope y.
    Gy,
    /// Gyroscope z.
    Gz,
    /// Not used.
    Skip,
}

/// Unit of accelerometer columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum AccelerometerUnit {
    /// Standard gravity.
    #[serde(rename = "g")]
    Gravity,
    /// Thousandth of it.
    #[serde(rename = "mg")]
    Milligravity,
    /// m/s².
    #[serde(rename = "m/s2")]
    Si,
}

/// Unit of gyroscope columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum GyroscopeUnit {
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    Degrees,
    /// Radians per second.
    #[serde(rename = "rad/s")]
    Si,
}

/// Unit of the time column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum TimeUnit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
}

impl Default for Profile {
    /// The reference format: `seq,t_us,ax,ay,az,gx,gy,gz` in g and degrees per second.
    fn default() -> Self {
        use Column::{Ax, Ay, Az, Gx, Gy, Gz, Seq, Time};
        Self {
            model: "Nordic UART IMU".to_owned(),
            name_prefix: String::new(),
            columns: vec![Seq, Time, Ax, Ay, Az, Gx, Gy, Gz],
            separator: ',',
            acc_unit: AccelerometerUnit::Gravity,
            gyro_unit: GyroscopeUnit::Degrees,
            time_unit: TimeUnit::Microseconds,
            time_wrap_bits: 32,
            start_command: "start\n".to_owned(),
            stop_command: "stop\n".to_owned(),
            rate_hz: None,
            accelerometer_range_g: None,
            gyroscope_range_dps: None,
            mount: None,
        }
    }
}

impl Profile {
    /// Reads a profile from TOML.
    ///
    /// # Errors
    /// The text is no profile; the error names the key.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    fn scale(&self) -> Scale {
        Scale {
            accelerometer: match self.acc_unit {
                AccelerometerUnit::Gravity => STANDARD_GRAVITY,
                AccelerometerUnit::Milligravity => STANDARD_GRAVITY * 1e-3,
                AccelerometerUnit::Si => 1.0,
            },
            gyroscope: match self.gyro_unit {
                GyroscopeUnit::Degrees => 1_f64.to_radians(),
                GyroscopeUnit::Si => 1.0,
            },
        }
    }

    fn tick(&self) -> Tick {
        match self.time_unit {
            TimeUnit::Milliseconds => Tick::MILLISECOND,
            TimeUnit::Microseconds => Tick::MICROSECOND,
        }
    }
}

/// Driver of Nordic-UART devices.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NusDriver {
    /// What its lines look like.
    pub profile: Profile,
}

impl ImuDriver for NusDriver {
    fn model(&self) -> &'static str {
        "nus"
    }

    fn recognises(&self, advertisement: &Advertisement) -> bool {
        let prefix = &self.profile.name_prefix;
        let named = || advertisement.name.as_ref().is_some_and(|name| name.starts_with(prefix.as_str()));
        advertisement.services.contains(&SERVICE) && (prefix.is_empty() || named())
    }

    fn device(&self) -> DeviceInfo {
        DeviceInfo {
            model: self.profile.model.clone(),
            nominal_rate: self.profile.rate_hz.and_then(SampleRate::from_hertz),
            accelerometer_range: self.profile.accelerometer_range_g.map(|g| g * STANDARD_GRAVITY),
            gyroscope_range: self.profile.gyroscope_range_dps.map(f64::to_radians),
            mount: self.profile.mount,
            ..DeviceInfo::default()
        }
    }

    fn clock(&self) -> ClockKind {
        ClockKind::Device
    }

    fn session(&self, _: u16) -> Box<dyn DriverSession> {
        Box::new(NusSession { decoder: NusDecoder::new(self.profile.clone()) })
    }
}

/// One connection.
struct NusSession {
    decoder: NusDecoder,
}

fn command(text: &str) -> Request {
    Request::Write { characteristic: RX, payload: text.as_bytes().to_vec(), confirmed: false }
}

impl DriverSession for NusSession {
    fn start(&mut self) -> Vec<Request> {
        vec![battery::ask(), Request::Subscribe(TX), command("?\n"), command(&self.decoder.profile.start_command)]
    }

    fn push(&mut self, characteristic: u128, payload: &[u8], emit: &mut dyn FnMut(Event)) {
        match characteristic {
            battery::LEVEL => battery::event(payload).into_iter().for_each(emit),
            TX => self.decoder.push(payload, &mut |result| {
                emit(result.map_or_else(Event::Undecodable, Event::Packet));
            }),
            _ => {}
        }
    }

    fn stop(&mut self) -> Vec<Request> {
        vec![command(&self.decoder.profile.stop_command)]
    }
}

/// Scale of frames until the device announces its own.
const DEFAULT_FRAME_SCALE: FrameScale = FrameScale { acc_lsb_per_g: 4096.0, gyro_lsb_per_dps: 16.4 };

/// The announcement's numbers.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
pub struct FrameScale {
    /// Counts per standard gravity.
    pub acc_lsb_per_g: f64,
    /// Counts per degree per second.
    pub gyro_lsb_per_dps: f64,
}

impl FrameScale {
    /// Counts to SI.
    pub fn scale(self) -> Scale {
        Scale {
            accelerometer: STANDARD_GRAVITY / self.acc_lsb_per_g,
            gyroscope: self.gyro_lsb_per_dps.recip().to_radians(),
        }
    }
}

/// State of one connection.
struct NusDecoder {
    profile: Profile,
    frame_scale: FrameScale,
    buffer: Vec<u8>,
    skipped: usize,
    /// An endless line is being dropped until its end.
    dropping: bool,
}

/// What the beginning of the buffer holds.
enum Found {
    /// Nothing complete yet.
    Incomplete,
    /// A packet, an error or nothing of interest, in this many bytes.
    Bytes(usize, Option<Result<Packet, DecodeError>>),
    /// A byte that begins nothing.
    Stray,
}

impl NusDecoder {
    fn new(profile: Profile) -> Self {
        Self { profile, frame_scale: DEFAULT_FRAME_SCALE, buffer: Vec::new(), skipped: 0, dropping: false }
    }

    fn find(&mut self, buffer: &[u8]) -> Found {
        match buffer.first() {
            None => Found::Incomplete,
            Some(&first) if first == MAGIC[0] && !self.dropping => frame(buffer, self.frame_scale.scale()),
            Some(first) if first.is_ascii() || self.dropping => self.line(buffer),
            Some(_) => Found::Stray,
        }
    }

    fn line(&mut self, buffer: &[u8]) -> Found {
        let end = buffer.iter().position(|&byte| byte == b'\n');
        if self.dropping {
            self.dropping = end.is_none();
            return Found::Bytes(end.map_or(buffer.len(), |end| end.saturating_add(1)), None);
        }
        // A frame's first byte inside a line means that the line was cut off: what precedes it is lost.
        let length = end.unwrap_or(buffer.len());
        if let Some(cut) = buffer.iter().take(length).position(|byte| !byte.is_ascii()) {
            return Found::Bytes(cut, Some(Err(DecodeError::OutOfStep { skipped: cut })));
        }
        if length > LINE_LIMIT {
            self.dropping = end.is_none();
            let used = end.map_or(buffer.len(), |end| end.saturating_add(1));
            return Found::Bytes(used, Some(Err(DecodeError::LineTooLong { limit: LINE_LIMIT })));
        }
        let Some(end) = end else { return Found::Incomplete };
        let text = buffer.get(..end).and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default().trim();
        Found::Bytes(end.saturating_add(1), self.text(text))
    }

    fn text(&mut self, line: &str) -> Option<Result<Packet, DecodeError>> {
        if line.is_empty() {
            return None;
        }
        if line.starts_with('{') {
            let announced: Option<FrameScale> = serde_json::from_str(line).ok();
            let sane = |x: f64| x.is_finite() && x > 0.0;
            if let Some(scale) = announced.filter(|s| sane(s.acc_lsb_per_g) && sane(s.gyro_lsb_per_dps)) {
                self.frame_scale = scale;
            }
            return None;
        }
        Some(self.columns(line))
    }

    fn columns(&self, line: &str) -> Result<Packet, DecodeError> {
        let separator = self.profile.separator;
        let cells: Vec<&str> = if separator.is_whitespace() {
            line.split_whitespace().collect()
        } else {
            line.split(separator).map(str::trim).collect()
        };
        let expected = self.profile.columns.len();
        if cells.len() != expected {
            return Err(DecodeError::Columns { expected, found: cells.len() });
        }
        let mut sample = RawSample { accelerometer: [f64::NAN; 3], gyroscope: [f64::NAN; 3] };
        let (mut sequence, mut time) = (None, None);
        for ((column, cell), number) in self.profile.columns.iter().zip(cells).zip(1..) {
            let bad = DecodeError::NotANumber { column: number };
            let value = || cell.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or(bad);
            let count = || cell.parse::<u64>().map_err(|_| bad);
            let [ax, ay, az] = &mut sample.accelerometer;
            let [gx, gy, gz] = &mut sample.gyroscope;
            match column {
                Column::Seq => sequence = Some(Counter { value: count()? & 0xffff, bits: 16 }),
                Column::Time => time = Some(count()?),
                Column::Ax => *ax = value()?,
                Column::Ay => *ay = value()?,
                Column::Az => *az = value()?,
                Column::Gx => *gx = value()?,
                Column::Gy => *gy = value()?,
                Column::Gz => *gz = value()?,
                Column::Skip => {}
            }
        }
        let ticks = time.map(|value| Ticks {
            first: Counter { value, bits: self.profile.time_wrap_bits },
            tick: self.profile.tick(),
            step_nanos: 0,
        });
        Ok(Packet { sequence, ticks, scale: self.profile.scale(), samples: vec![sample] })
    }
}

impl NusDecoder {
    fn push(&mut self, payload: &[u8], emit: &mut dyn FnMut(Result<Packet, DecodeError>)) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.extend_from_slice(payload);
        let mut rest = buffer.as_slice();
        loop {
            let found = self.find(rest);
            if !matches!(found, Found::Stray) && !rest.is_empty() && self.skipped > 0 {
                emit(Err(DecodeError::OutOfStep { skipped: std::mem::take(&mut self.skipped) }));
            }
            let used = match found {
                Found::Incomplete => break,
                Found::Stray => {
                    self.skipped = self.skipped.saturating_add(1);
                    1
                }
                Found::Bytes(used, result) => {
                    if let Some(result) = result {
                        emit(result);
                    }
                    used
                }
            };
            rest = rest.get(used.max(1)..).unwrap_or_default();
        }
        self.buffer = rest.to_vec();
    }
}

fn frame(buffer: &[u8], scale: Scale) -> Found {
    let Some(header) = buffer.first_chunk::<HEADER>() else {
        // The second byte tells as soon as it is there.
        return if buffer.get(1).is_some_and(|&byte| byte != MAGIC[1]) { Found::Stray } else { Found::Incomplete };
    };
    let &[_, second, version, count, s0, s1, t0, t1, t2, t3, d0, d1] = header;
    if second != MAGIC[1] {
        return Found::Stray;
    }
    if version != VERSION {
        return Found::Bytes(MAGIC.len(), Some(Err(DecodeError::Version { found: version, known: VERSION })));
    }
    if count == 0 {
        let error = DecodeError::Length { expected: HEADER + SAMPLE + 1, found: HEADER + 1 };
        return Found::Bytes(MAGIC.len(), Some(Err(error)));
    }
    let body = usize::from(count).saturating_mul(SAMPLE).saturating_add(HEADER);
    let (Some(content), Some(&found)) = (buffer.get(..body), buffer.get(body)) else { return Found::Incomplete };
    let expected = crc8(content);
    if expected != found {
        return Found::Bytes(MAGIC.len(), Some(Err(DecodeError::Checksum { expected, found })));
    }
    let (words, _) = content.get(HEADER..).unwrap_or_default().as_chunks::<SAMPLE>();
    let packet = Packet {
        sequence: Some(Counter { value: u64::from(u16::from_le_bytes([s0, s1])), bits: 16 }),
        ticks: Some(Ticks {
            first: Counter { value: u64::from(u32::from_le_bytes([t0, t1, t2, t3])), bits: 32 },
            tick: Tick::MICROSECOND,
            step_nanos: Tick::MICROSECOND.nanos(i64::from(u16::from_le_bytes([d0, d1]))),
        }),
        scale,
        samples: words.iter().map(sample).collect(),
    };
    Found::Bytes(body.saturating_add(1), Some(Ok(packet)))
}

fn sample(bytes: &[u8; SAMPLE]) -> RawSample {
    let &[a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    let word = |low, high| f64::from(i16::from_le_bytes([low, high]));
    RawSample { accelerometer: [word(a, b), word(c, d), word(e, f)], gyroscope: [word(g, h), word(i, j), word(k, l)] }
}

/// CRC-8, polynomial 0x07, start value 0.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { (crc << 1) ^ 0x07 } else { crc << 1 })
    })
}

/// A frame as a device sends it: counts of accelerometer and gyroscope, oldest sample first.
pub fn encode_frame(sequence: u16, first_us: u32, step_us: u16, samples: &[[i16; 6]]) -> Vec<u8> {
    let samples = samples.get(..samples.len().min(usize::from(u8::MAX))).unwrap_or_default();
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.push(u8::try_from(samples.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&first_us.to_le_bytes());
    bytes.extend_from_slice(&step_us.to_le_bytes());
    for word in samples.iter().flatten() {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.push(crc8(&bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(profile: Profile, payloads: &[&[u8]]) -> Vec<Result<Packet, DecodeError>> {
        let mut decoder = NusDecoder::new(profile);
        let mut out = Vec::new();
        payloads.iter().for_each(|payload| decoder.push(payload, &mut |item| out.push(item)));
        out
    }

    #[test]
    fn crc_of_the_check_string() {
        // The published check value of this CRC (CRC-8/SMBUS).
        assert_eq!(crc8(b"123456789"), 0xf4);
    }

    #[test]
    fn the_documented_line_split_over_two_notifications() {
        let first = [
            0x31, 0x32, 0x2c, 0x31, 0x30, 0x30, 0x30, 0x2c, 0x30, 0x2e, 0x30, 0x32, 0x2c, 0x2d, 0x30, 0x2e, 0x39, 0x38,
            0x2c, 0x30,
        ];
        let second = [
            0x2e, 0x31, 0x35, 0x2c, 0x31, 0x2e, 0x35, 0x2c, 0x2d, 0x32, 0x30, 0x2e, 0x32, 0x35, 0x2c, 0x30, 0x2e, 0x37,
            0x35, 0x0a,
        ];
        let packets = decode(Profile::default(), &[&first, &second]);
        let [Ok(packet)] = packets.as_slice() else { panic!("{packets:?}") };
        assert_eq!(packet.sequence, Some(Counter { value: 12, bits: 16 }));
        assert_eq!(packet.ticks.expect("stamped").first.value, 1000);
        assert_eq!(packet.samples[0].accelerometer, [0.02, -0.98, 0.15]);
        assert_eq!(packet.samples[0].gyroscope, [1.5, -20.25, 0.75]);
    }

    #[test]
    fn a_frame_written_by_hand() {
        // One sample: seq 0x0102, t0 0x00010000 us, dt 8333, acc (4096, 0, -4096), gyro (164, -164, 0).
        let mut bytes = vec![0xa5, 0x5a, 1, 1, 0x02, 0x01, 0x00, 0x00, 0x01, 0x00, 0x8d, 0x20];
        bytes.extend([0x00, 0x10, 0x00, 0x00, 0x00, 0xf0, 0xa4, 0x00, 0x5c, 0xff, 0x00, 0x00]);
        bytes.push(crc8(&bytes));
        assert_eq!(bytes.len(), 25);
        let packets = decode(Profile::default(), &[&bytes]);
        let [Ok(packet)] = packets.as_slice() else { panic!("{packets:?}") };
        assert_eq!(packet.sequence, Some(Counter { value: 0x0102, bits: 16 }));
        let ticks = packet.ticks.expect("stamped");
        assert_eq!((ticks.first.value, ticks.step_nanos, ticks.tick), (65_536, 8_333_000, Tick::MICROSECOND));
        assert_eq!(packet.samples[0].accelerometer, [4096.0, 0.0, -4096.0]);
        assert_eq!(packet.samples[0].gyroscope, [164.0, -164.0, 0.0]);
        assert!((packet.scale.accelerometer * 4096.0 - STANDARD_GRAVITY).abs() < 1e-12);
        assert!((packet.scale.gyroscope * 164.0 - 10_f64.to_radians()).abs() < 1e-12);
    }

    #[test]
    fn an_announcement_changes_the_scale_of_later_frames() {
        let line = b"{\"truehinge\":1,\"acc_lsb_per_g\":2048,\"gyro_lsb_per_dps\":32.8,\"rate\":100}\n";
        let frame = encode_frame(1, 0, 0, &[[2048, 0, 0, 0, 0, 0]]);
        let packets = decode(Profile::default(), &[line, &frame]);
        let [Ok(packet)] = packets.as_slice() else { panic!("{packets:?}") };
        assert!((packet.scale.accelerometer * 2048.0 - STANDARD_GRAVITY).abs() < 1e-12);
    }

    #[test]
    fn the_stream_goes_on_after_damage() {
        let good = encode_frame(7, 100, 10, &[[1; 6]]);
        let mut damaged = good.clone();
        damaged[14] ^= 1;
        let out = decode(Profile::default(), &[&damaged, &good]);
        assert!(matches!(out[0], Err(DecodeError::Checksum { .. })));
        assert!(out.last().is_some_and(Result::is_ok), "{out:?}");
        let out = decode(Profile::default(), &[&[0xff, 0xfe], &good]);
        assert_eq!(out[0], Err(DecodeError::OutOfStep { skipped: 2 }));
        assert!(out[1].is_ok());
        let out = decode(Profile::default(), &[&encode_frame(6, 0, 0, &[]), &good]);
        assert!(matches!(out[0], Err(DecodeError::Length { .. })), "a frame without samples: {out:?}");
        assert!(out.last().is_some_and(Result::is_ok), "{out:?}");
        let endless = vec![b'1'; 300];
        let out = decode(Profile::default(), &[&endless, b"22\n1,2,3,4,5,6,7,8\n"]);
        assert_eq!(out[0], Err(DecodeError::LineTooLong { limit: 256 }));
        assert!(out[1].is_ok());
        let out = decode(Profile::default(), &[b"1,2,3\n", b"1,2,x,4,5,6,7,8\n"]);
        assert_eq!(
            out,
            [Err(DecodeError::Columns { expected: 8, found: 3 }), Err(DecodeError::NotANumber { column: 3 })]
        );
    }

    #[test]
    fn profiles_come_from_toml_and_typos_are_named() {
        let profile = Profile::from_toml(
            "model = \"ESP32\"\ncolumns = [\"time\", \"ax\", \"ay\", \"az\", \"gx\", \"gy\", \"gz\"]\nseparator = \" \"\nacc_unit = \"m/s2\"\ngyro_unit = \"rad/s\"\ntime_unit = \"ms\"\n",
        )
        .expect("valid");
        let out = decode(profile, &[b"17 0.1 0.2 9.8  0 0 0\r\n"]);
        let packet = out[0].as_ref().expect("decodes");
        assert_eq!((packet.sequence, packet.scale.accelerometer), (None, 1.0));
        assert_eq!(packet.ticks.expect("stamped").tick, Tick::MILLISECOND);
        let error = Profile::from_toml("colums = []").expect_err("typo").to_string();
        assert!(error.contains("colums"), "{error}");
    }

    fn samples() -> impl Strategy<Value = Vec<[i16; 6]>> {
        proptest::collection::vec(any::<[i16; 6]>(), 1..5)
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..20)) {
            let slices: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
            decode(Profile::default(), &slices);
        }

        #[test]
        fn decoding_undoes_encoding(sequence: u16, first: u32, step: u16, samples in samples()) {
            let packets = decode(Profile::default(), &[&encode_frame(sequence, first, step, &samples)]);
            prop_assert_eq!(packets.len(), 1);
            let packet = packets[0].as_ref().expect("decodes");
            prop_assert_eq!(packet.sequence.expect("counted").value, u64::from(sequence));
            let back: Vec<[f64; 6]> = packet.samples.iter().map(|s| {
                let ([a, b, c], [d, e, f]) = (s.accelerometer, s.gyroscope);
                [a, b, c, d, e, f]
            }).collect();
            let want: Vec<[f64; 6]> = samples.iter().map(|s| s.map(f64::from)).collect();
            prop_assert_eq!(back, want);
        }

        #[test]
        fn any_chunking_gives_the_same_packets(frames in proptest::collection::vec((any::<u16>(), samples()), 1..6), cuts in proptest::collection::vec(1_usize..30, 1..60)) {
            let stream: Vec<u8> = frames.iter().flat_map(|(seq, samples)| encode_frame(*seq, 5, 6, samples)).collect();
            let whole = decode(Profile::default(), &[&stream]);
            prop_assert_eq!(whole.len(), frames.len());
            let (mut rest, mut pieces) = (stream.as_slice(), Vec::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                pieces.push(now);
                rest = later;
            }
            prop_assert_eq!(decode(Profile::default(), &pieces), whole);
        }
    }
}

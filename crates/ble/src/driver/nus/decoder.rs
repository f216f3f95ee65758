//! Lines and frames out of pieces of any length.

use super::binary::BinaryDecoder;
use super::column::Column;
use super::frame::{DEFAULT_FRAME_SCALE, Found, FrameScale, MAGIC, frame};
use super::profile::Profile;
use crate::driver::{Counter, DecodeError, Packet, RawSample, Ticks};

/// Longest line, bytes.
const LINE_LIMIT: usize = 256;

/// State of one connection.
pub(super) struct NusDecoder {
    pub(super) profile: Profile,
    packets: BinaryDecoder,
    frame_scale: FrameScale,
    buffer: Vec<u8>,
    skipped: usize,
    /// An endless line is being dropped until its end.
    dropping: bool,
}

impl NusDecoder {
    pub(super) fn new(profile: Profile) -> Self {
        let (packets, buffer) = Default::default();
        Self { profile, packets, frame_scale: DEFAULT_FRAME_SCALE, buffer, skipped: 0, dropping: false }
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
            match column {
                Column::Seq => sequence = Some(Counter { value: count()? & 0xffff, bits: 16 }),
                Column::Time => time = Some(count()?),
                Column::Skip => {}
                column => column.put(value()?, &mut sample),
            }
        }
        let ticks = time.map(|value| Ticks {
            first: Counter { value, bits: self.profile.time_wrap_bits },
            tick: self.profile.tick(),
            step_nanos: 0,
        });
        Ok(Packet { sequence, ticks, scale: self.profile.scale(), samples: vec![sample] })
    }

    pub(super) fn push(&mut self, payload: &[u8], emit: &mut dyn FnMut(Result<Packet, DecodeError>)) {
        match &self.profile.binary {
            Some(layout) => self.packets.push(payload, layout, self.profile.units(), emit),
            None => self.lines_and_frames(payload, emit),
        }
    }

    fn lines_and_frames(&mut self, payload: &[u8], emit: &mut dyn FnMut(Result<Packet, DecodeError>)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Tick;
    use crate::driver::nus::frame::{crc8, encode_frame};
    use proptest::prelude::*;
    use truehinge_core::STANDARD_GRAVITY;

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
    fn lines_are_read_as_a_profile_says() {
        let profile = Profile::from_toml(
            "model = \"ESP32\"\ncolumns = [\"time\", \"ax\", \"ay\", \"az\", \"gx\", \"gy\", \"gz\"]\nseparator = \" \"\nacc_unit = \"m/s2\"\ngyro_unit = \"rad/s\"\ntime_unit = \"ms\"\n",
        )
        .expect("valid");
        let out = decode(profile, &[b"17 0.1 0.2 9.8  0 0 0\r\n"]);
        let packet = out[0].as_ref().expect("decodes");
        assert_eq!((packet.sequence, packet.scale.accelerometer), (None, 1.0));
        assert_eq!(packet.ticks.expect("stamped").tick, Tick::MILLISECOND);
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

//! Binary packets of other people's firmware, as a profile describes them.
//!
//! ```text
//! header   fields in order, without space between them   checksum of everything before it, if any
//! ```
//!
//! With a header packets are found in the stream, however it is cut into notifications. Without one every notification holds
//! whole packets.

use serde::Deserialize;

use super::column::Column;
use super::error::ProfileError;
use crate::driver::{Counter, DecodeError, Packet, RawSample, Scale, Tick, Ticks};

/// Layout of a packet: the table `[binary]` of a profile.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// Bytes with which every packet begins; none if every notification holds whole packets.
    #[serde(default)]
    pub header: Vec<u8>,
    /// Fields in order, such as `ax:i16`.
    pub fields: Vec<Field>,
    /// Order of a field's bytes.
    #[serde(default)]
    pub byte_order: ByteOrder,
    /// Last byte of a packet.
    #[serde(default)]
    pub checksum: Checksum,
}

/// A field of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Field {
    /// What it holds.
    pub column: Column,
    /// How.
    pub kind: Kind,
}

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole number of so many bytes, not negative.
    Unsigned(u8),
    /// A whole number of so many bytes, two's complement.
    Signed(u8),
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

/// Order of a field's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByteOrder {
    /// Least significant first.
    #[default]
    Little,
    /// Most significant first.
    Big,
}

/// What a packet's last byte is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    /// Part of the last field.
    #[default]
    None,
    /// Sum of all bytes before it, modulo 256.
    Sum,
    /// Exclusive or of all bytes before it.
    Xor,
    /// CRC-8, polynomial 0x07, start value 0.
    Crc8,
}

/// Longest packet that is believed: what a notification can hold, bytes.
const LONGEST: usize = 244;

impl Kind {
    /// Every kind by the name that profiles use.
    const NAMES: [(&str, Self); 12] = [
        ("u8", Self::Unsigned(1)),
        ("u16", Self::Unsigned(2)),
        ("u24", Self::Unsigned(3)),
        ("u32", Self::Unsigned(4)),
        ("u64", Self::Unsigned(8)),
        ("i8", Self::Signed(1)),
        ("i16", Self::Signed(2)),
        ("i24", Self::Signed(3)),
        ("i32", Self::Signed(4)),
        ("i64", Self::Signed(8)),
        ("f32", Self::F32),
        ("f64", Self::F64),
    ];

    fn width(self) -> usize {
        match self {
            Self::Unsigned(bytes) | Self::Signed(bytes) => usize::from(bytes),
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn bits(self) -> u32 {
        match self {
            Self::Unsigned(bytes) | Self::Signed(bytes) => u32::from(bytes).saturating_mul(8),
            Self::F32 => 32,
            Self::F64 => 64,
        }
    }

    /// The number that these bits are.
    fn value(self, bits: u64) -> f64 {
        match self {
            Self::Unsigned(_) => bits as f64,
            Self::Signed(_) => {
                let unused = u64::BITS.saturating_sub(self.bits());
                bits.wrapping_shl(unused).cast_signed().wrapping_shr(unused) as f64
            }
            Self::F32 => f64::from(f32::from_bits(u32::try_from(bits).unwrap_or(u32::MAX))),
            Self::F64 => f64::from_bits(bits),
        }
    }
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (column, kind) = text.split_once(':').ok_or_else(|| format!("field \"{text}\": write it as \"ax:i16\""))?;
        let known = Column::ALL.into_iter().find(|known| known.name() == column);
        let column = known.ok_or_else(|| {
            let names = Column::ALL.map(Column::name).join(", ");
            format!("field \"{text}\": \"{column}\" is none of {names}")
        })?;
        let known = Kind::NAMES.into_iter().find(|(name, _)| *name == kind);
        let (_, kind) = known.ok_or_else(|| {
            let names = Kind::NAMES.map(|(name, _)| name).join(", ");
            format!("field \"{text}\": \"{kind}\" is none of {names}")
        })?;
        Ok(Self { column, kind })
    }
}

impl Binary {
    /// What its fields hold, in order.
    pub(super) fn columns(&self) -> Vec<Column> {
        self.fields.iter().map(|field| field.column).collect()
    }

    /// Bytes of a packet.
    fn length(&self) -> usize {
        let fields: usize = self.fields.iter().map(|field| field.kind.width()).sum();
        self.header.len() + fields + usize::from(self.checksum != Checksum::None)
    }

    /// Refuses what no packet could be read by.
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        let counts = |field: &&Field| matches!(field.column, Column::Seq | Column::Time);
        let whole = |field: &&Field| matches!(field.kind, Kind::Unsigned(_));
        if let Some(field) = self.fields.iter().filter(counts).find(|field| !whole(field)) {
            return Err(ProfileError::NotACounter(field.column));
        }
        let length = self.length();
        if length > LONGEST { Err(ProfileError::PacketLength { length, longest: LONGEST }) } else { Ok(()) }
    }

    /// The packet that these bytes are; of the right length.
    fn packet(&self, bytes: &[u8], units: Units) -> Result<Packet, DecodeError> {
        self.verify(bytes)?;
        let wrong = DecodeError::Length { expected: self.length(), found: bytes.len() };
        let mut sample = RawSample { accelerometer: [f64::NAN; 3], gyroscope: [f64::NAN; 3] };
        let (mut sequence, mut ticks) = (None, None);
        let mut rest = bytes.get(self.header.len()..).ok_or(wrong)?;
        for (field, number) in self.fields.iter().zip(1..) {
            let (content, after) = rest.split_at_checked(field.kind.width()).ok_or(wrong)?;
            rest = after;
            let counter = Counter { value: self.byte_order.bits(content), bits: field.kind.bits() };
            let value = field.kind.value(counter.value);
            match field.column {
                Column::Seq => sequence = Some(counter),
                Column::Time => ticks = Some(Ticks { first: counter, tick: units.tick, step_nanos: 0 }),
                Column::Skip => {}
                _ if !value.is_finite() => return Err(DecodeError::NotANumber { column: number }),
                column => column.put(value, &mut sample),
            }
        }
        Ok(Packet { sequence, ticks, scale: units.scale, samples: vec![sample] })
    }

    fn verify(&self, bytes: &[u8]) -> Result<(), DecodeError> {
        let Some((&found, content)) = bytes.split_last() else { return Ok(()) };
        let expected = match self.checksum {
            Checksum::None => return Ok(()),
            Checksum::Sum => content.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)),
            Checksum::Xor => content.iter().fold(0_u8, |sum, byte| sum ^ byte),
            Checksum::Crc8 => super::frame::crc8(content),
        };
        if expected == found { Ok(()) } else { Err(DecodeError::Checksum { expected, found }) }
    }
}

impl ByteOrder {
    /// At most eight bytes as a number.
    fn bits(self, bytes: &[u8]) -> u64 {
        let add = |bits: u64, byte: &u8| bits.wrapping_shl(8) | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, add),
            Self::Big => bytes.iter().fold(0, add),
        }
    }
}

/// What the counts of a packet stand for.
#[derive(Clone, Copy)]
pub(super) struct Units {
    /// Device time.
    pub(super) tick: Tick,
    /// Samples.
    pub(super) scale: Scale,
}

/// State of one connection: what has come of the next packet.
#[derive(Default)]
pub(super) struct BinaryDecoder {
    buffer: Vec<u8>,
}

impl BinaryDecoder {
    /// Takes the bytes of a notification.
    pub(super) fn push(
        &mut self,
        payload: &[u8],
        layout: &Binary,
        units: Units,
        emit: &mut dyn FnMut(Result<Packet, DecodeError>),
    ) {
        if layout.header.is_empty() {
            return whole_packets(payload, layout, units, emit);
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.extend_from_slice(payload);
        let mut rest = bytes.as_slice();
        let mut skipped = 0_usize;
        while !rest.is_empty() {
            if !begins(rest, &layout.header) {
                skipped = skipped.saturating_add(1);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            report(&mut skipped, emit);
            let Some((packet, after)) = rest.split_at_checked(layout.length()) else { break };
            let found = layout.packet(packet, units);
            // A wrong checksum may mean that this was no beginning: the next one is searched for within.
            let false_start = matches!(found, Err(DecodeError::Checksum { .. }));
            emit(found);
            rest = if false_start { rest.get(1..).unwrap_or_default() } else { after };
        }
        report(&mut skipped, emit);
        self.buffer = rest.to_vec();
    }
}

/// Whether these bytes begin with the header, or with as much of it as has come.
fn begins(bytes: &[u8], header: &[u8]) -> bool {
    bytes.iter().zip(header).all(|(byte, wanted)| byte == wanted)
}

fn report(skipped: &mut usize, emit: &mut dyn FnMut(Result<Packet, DecodeError>)) {
    if *skipped > 0 {
        emit(Err(DecodeError::OutOfStep { skipped: std::mem::take(skipped) }));
    }
}

fn whole_packets(payload: &[u8], layout: &Binary, units: Units, emit: &mut dyn FnMut(Result<Packet, DecodeError>)) {
    let expected = layout.length();
    if payload.is_empty() || !payload.len().is_multiple_of(expected) {
        return emit(Err(DecodeError::Length { expected, found: payload.len() }));
    }
    payload.chunks_exact(expected).for_each(|packet| emit(layout.packet(packet, units)));
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;
    use crate::driver::nus::Profile;
    use crate::driver::tests::hex;
    use proptest::prelude::*;
    use truehinge_core::STANDARD_GRAVITY;

    const FIRMWARE: &str = r#"
        acc_counts_per_unit = 4096.0
        gyro_counts_per_unit = 16.4
        time_unit = "ms"
        [binary]
        header = [0xaa, 0x55]
        fields = ["seq:u8", "time:u32", "ax:i16", "ay:i16", "az:i16", "gx:i16", "gy:i16", "gz:i16", "skip:u8"]
        byte_order = "big"
        checksum = "xor"
    "#;

    fn decode(profile: &str, payloads: &[&[u8]]) -> Vec<Result<Packet, DecodeError>> {
        let profile = Profile::from_toml(profile).expect("valid");
        let layout = profile.binary.clone().expect("binary");
        let (mut decoder, mut out) = (BinaryDecoder::default(), Vec::new());
        payloads.iter().for_each(|payload| decoder.push(payload, &layout, profile.units(), &mut |item| out.push(item)));
        out
    }

    /// Sequence 200, 65 537 ms, (0, -1, 1) g, (10, -10, 0) deg/s, a byte of something else, all written by hand.
    fn by_hand() -> Vec<u8> {
        let mut bytes = hex("aa55 c8 00010001 0000 f000 1000 00a4 ff5c 0000 7f");
        bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
        bytes
    }

    #[test]
    fn a_packet_written_by_hand() {
        let out = decode(FIRMWARE, &[&by_hand()]);
        let [Ok(packet)] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(packet.sequence, Some(Counter { value: 200, bits: 8 }));
        let ticks = packet.ticks.expect("stamped");
        assert_eq!((ticks.first, ticks.tick), (Counter { value: 65_537, bits: 32 }, Tick::MILLISECOND));
        let force = packet.samples[0].accelerometer.map(|count| count * packet.scale.accelerometer / STANDARD_GRAVITY);
        assert!(force.iter().zip([0.0, -1.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{force:?}");
        let rate = packet.samples[0].gyroscope.map(|count| (count * packet.scale.gyroscope).to_degrees());
        assert!(rate.iter().zip([10.0, -10.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{rate:?}");
    }

    #[test]
    fn rubbish_and_damage_cost_what_they_hit() {
        let good = by_hand();
        let mut damaged = good.clone();
        damaged[9] ^= 1;
        let out = decode(FIRMWARE, &[&[1, 2, 0xaa, 3], &damaged, &good]);
        assert_eq!(out[0], Err(DecodeError::OutOfStep { skipped: 4 }));
        assert!(matches!(out[1], Err(DecodeError::Checksum { .. })), "{out:?}");
        assert!(out.last().is_some_and(Result::is_ok), "{out:?}");
        assert_eq!(out.iter().filter(|item| item.is_ok()).count(), 1);
    }

    #[test]
    fn without_a_header_a_notification_holds_whole_packets() {
        let profile = "rate_hz = 100.0\nacc_unit = \"m/s2\"\ngyro_unit = \"rad/s\"\n[binary]\n\
                       fields = [\"ax:f32\", \"ay:f32\", \"az:f32\", \"gx:f32\", \"gy:f32\", \"gz:f32\"]";
        let packet: Vec<u8> = [0.5_f32, -9.75, 1.0, 0.25, -0.5, 2.0].into_iter().flat_map(f32::to_le_bytes).collect();
        let two = [packet.clone(), packet.clone()].concat();
        let out = decode(profile, &[&two, &packet[..23]]);
        assert_eq!(out.len(), 3);
        assert_eq!(out[2], Err(DecodeError::Length { expected: 24, found: 23 }));
        let sample = &out[1].as_ref().expect("whole").samples[0];
        assert_eq!((sample.accelerometer, sample.gyroscope), ([0.5, -9.75, 1.0], [0.25, -0.5, 2.0]));
        let mut endless = packet;
        endless[8..12].copy_from_slice(&f32::INFINITY.to_le_bytes());
        assert_eq!(decode(profile, &[&endless]), [Err(DecodeError::NotANumber { column: 3 })]);
    }

    #[test]
    fn every_kind_of_number() {
        for (name, bytes, value) in [
            ("u8", "ff", 255.0),
            ("i8", "ff", -1.0),
            ("u24", "010203", 197_121.0),
            ("i24", "feffff", -2.0),
            ("i32", "00000080", -2_147_483_648.0),
            ("u64", "0000000001000000", 4_294_967_296.0),
            ("i64", "ffffffffffffffff", -1.0),
            ("f64", "000000000000f0bf", -1.0),
        ] {
            let (_, kind) = Kind::NAMES.into_iter().find(|(known, _)| *known == name).expect("known");
            let bytes = hex(bytes);
            assert_eq!((kind.width(), kind.value(ByteOrder::Little.bits(&bytes))), (bytes.len(), value), "{name}");
        }
    }

    #[test]
    fn layouts_that_cannot_be_are_refused_with_what_to_do() {
        let six = "\"ax:i16\", \"ay:i16\", \"az:i16\", \"gx:i16\", \"gy:i16\"";
        for (fields, more, said) in [
            (six.to_owned(), "", "no \"gz\""),
            (format!("{six}, \"gz:i16\""), "", "`rate_hz`"),
            (format!("{six}, \"gz:i16\", \"time:f32\""), "", "\"time\" of a packet counts"),
            (format!("{six}, \"gz:i17\""), "", "\"i17\" is none of u8, u16"),
            (format!("{six}, \"g:i16\""), "", "\"g\" is none of seq, time"),
            (format!("{six}, \"gz\""), "", "write it as \"ax:i16\""),
            (format!("{six}, \"gz:i16\", \"time:u32\"{}", ", \"skip:u64\"".repeat(30)), "", "256 bytes"),
            (format!("{six}, \"gz:i16\", \"time:u32\""), "columns = [\"ax\"]\n", "[binary]"),
            (format!("{six}, \"gz:i16\", \"time:u32\""), "acc_counts_per_unit = 0.0\n", "`acc_counts_per_unit` is 0"),
        ] {
            let text = format!("{more}[binary]\nfields = [{fields}]");
            let error = Profile::from_toml(&text).expect_err(&text).in_full();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..20)) {
            let slices: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
            decode(FIRMWARE, &slices);
        }

        #[test]
        fn any_chunking_gives_the_same_packets(cuts in proptest::collection::vec(1_usize..30, 1..20)) {
            let stream = by_hand().repeat(5);
            let (mut rest, mut pieces) = (stream.as_slice(), Vec::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                pieces.push(now);
                rest = later;
            }
            let found = decode(FIRMWARE, &pieces);
            prop_assert_eq!(found.len(), 5);
            prop_assert!(found.iter().all(Result::is_ok), "{:?}", found);
        }
    }
}

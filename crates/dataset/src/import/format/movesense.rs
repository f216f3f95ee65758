//! Movesense logs as JSON: `{"Meas": {"IMU6": [{"Timestamp": ms, "ArrayAcc": [{x, y, z} ...], "ArrayGyro": [...]}, ...]}}`.
//!
//! A block holds several samples and one stamp, that of its first; the others are spread evenly up to the next block's. After a
//! lost block the usual length holds. m/s² and deg/s; the stamps are the sensor's own.

use serde::Deserialize;
use truehinge_core::{ClockKind, SensorRole, SequenceGap, Track};

use super::{About, Beginning, Holds, OneSensor, PerSensor};
use crate::import::started::Start;
use crate::import::text::Text;
use crate::import::tracks::{Scales, inertial, track};
use crate::import::{Complaint, ImportError, Imported};

/// See the module.
pub(super) struct Movesense;

impl PerSensor for Movesense {
    fn about(&self) -> About {
        About {
            format: "movesense-json",
            words: "Movesense JSON log",
            written_by: "Movesense Showcase, DataLogger",
            files: "one JSON per sensor with IMU6 or IMU9",
        }
    }

    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds> {
        is_log(file.text).then_some(Holds::Sensor)
    }

    fn read(&self, sensor: &OneSensor<'_>, _: &mut Imported) -> Result<(Track, Option<Start>), ImportError> {
        Ok((read(sensor.file, sensor.role)?, None))
    }
}

/// Larger than hours of one sensor, bytes.
const SIZE_LIMIT: usize = 64 << 20;
/// A block that comes so many times later than usual follows a gap.
const LATE: f64 = 1.5;
const MILLISECOND: f64 = 1e6;

#[derive(Deserialize)]
struct Log {
    #[serde(rename = "Meas")]
    measured: std::collections::BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "Timestamp")]
    timestamp: f64,
    #[serde(rename = "ArrayAcc", default)]
    forces: Vec<Axes>,
    #[serde(rename = "ArrayGyro", default)]
    rates: Vec<Axes>,
}

#[derive(Clone, Copy, Deserialize)]
struct Axes {
    x: f64,
    y: f64,
    z: f64,
}

/// Whether a text begins as such a log.
fn is_log(text: &Text) -> bool {
    let start: Vec<u8> = text.content().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(12).collect();
    start.starts_with(b"{\"Meas\":{")
}

/// What to do about a log that is damaged.
const EXPORT_AGAIN: &str = "export it again, or as CSV";

/// Reads one sensor's log.
fn read(text: &Text, role: SensorRole) -> Result<Track, ImportError> {
    let path = || text.path().to_owned();
    let wrong = |found: String, hint: &str| Complaint::new(found, hint).of(text.path());
    if text.bytes().len() > SIZE_LIMIT {
        return Err(ImportError::TooLarge { path: path(), bytes: text.bytes().len() as u64, limit: SIZE_LIMIT as u64 });
    }
    let log: Log = serde_json::from_slice(text.content())
        .map_err(|error| wrong(format!("not a whole Movesense log: {error}"), EXPORT_AGAIN))?;
    let blocks = log.measured.into_iter().find(|(name, _)| name.starts_with("IMU")).map(|(_, blocks)| blocks);
    let missing = || wrong("no IMU6 or IMU9 in the log".to_owned(), "record accelerometer and gyroscope");
    let blocks = blocks.ok_or_else(missing)?;
    let blocks: Vec<Block> = serde_json::from_value(blocks)
        .map_err(|error| wrong(format!("not the blocks of a Movesense log: {error}"), EXPORT_AGAIN))?;
    Ok(spread(&blocks, role))
}

fn spread(blocks: &[Block], role: SensorRole) -> Track {
    let size = |block: &Block| block.forces.len().min(block.rates.len());
    let mut steps: Vec<f64> = blocks
        .windows(2)
        .filter(|pair| size(&pair[0]) > 0)
        .map(|pair| (pair[1].timestamp - pair[0].timestamp) / size(&pair[0]) as f64)
        .filter(|step| *step > 0.0)
        .collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(1.0);
    let (mut times, mut gaps) = (Vec::new(), Vec::new());
    let mut columns: [Vec<f64>; 6] = Default::default();
    for (index, block) in blocks.iter().enumerate() {
        let count = size(block);
        let to_next = blocks.get(index + 1).map(|next| (next.timestamp - block.timestamp) / count.max(1) as f64);
        let step = to_next.filter(|step| *step > 0.0 && *step < LATE * usual).unwrap_or(usual);
        for row in 0..count {
            #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
            times.push(((block.timestamp + step * row as f64) * MILLISECOND).round() as i64);
            let (force, rate) = (block.forces[row], block.rates[row]);
            for (column, value) in columns.iter_mut().zip([force.x, force.y, force.z, rate.x, rate.y, rate.z]) {
                column.push(value);
            }
        }
        if let Some(late) = to_next.filter(|step| *step >= LATE * usual) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; saturates")]
            let lost = ((late / usual - 1.0) * count as f64).round() as u64;
            gaps.push(SequenceGap { before_sample: times.len(), lost });
        }
    }
    let samples = inertial(&times, &columns, Scales { force: 1.0, rate: 1_f64.to_radians() });
    Track { sequence_gaps: gaps, ..track(role, "Movesense", None, ClockKind::Device, samples) }
}

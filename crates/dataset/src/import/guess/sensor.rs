//! Role and units of a sensor: by its name, by gravity, and by gravity's turning.

use truehinge_core::{AngularRate, DeviceTime, InertialSample, STANDARD_GRAVITY, SensorRole, SpecificForce};

use super::Confidence;
use super::draft::{Draft, quoted};
use crate::import::columns::SensorNames;
use crate::import::mapping::{ForceUnit, RateUnit};
use crate::import::places::named;
use crate::import::report::{rest_norm, turning_factor};
use crate::import::sheet::Sheet;

impl Draft {
    pub(super) fn sensor(
        &mut self,
        sheet: &Sheet<'_>,
        sensor: &SensorNames,
        values: &[Vec<f64>],
        times: Option<&[i64]>,
        alone: bool,
    ) {
        let label = if sensor.label.is_empty() { "the sensor" } else { &sensor.label };
        self.line("\n[[sensor]]");
        self.role(sensor, label, alone);
        let columns = |indices: [usize; 3]| {
            let names = indices.map(|index| quoted(sheet.names().get(index).map_or("", String::as_str)));
            format!("[{}]", names.join(", "))
        };
        self.key("acc", Some(&columns(sensor.acc)), "");
        let force = self.force_unit(sensor, label, values);
        self.key("gyr", Some(&columns(sensor.gyr)), "");
        self.rate_unit(sensor, label, values, times, force);
    }

    fn role(&mut self, sensor: &SensorNames, label: &str, alone: bool) {
        let what = format!("{label}: role");
        if self.only.is_some() {
            self.line("# role: told by the device's name, or said at the import");
            self.note(&what, "by the device", Confidence::Likely, "every device is one sensor".to_owned());
        } else if let Some(role) = named(&sensor.label).0 {
            self.key("role", Some(&format!("\"{role}\"")), "");
            self.note(&what, role.name(), Confidence::Likely, "by its name".to_owned());
        } else if alone {
            self.line("# role: one sensor per file, told by the file's name, or said at the import");
            self.note(&what, "by file name", Confidence::Weak, "the table holds one sensor".to_owned());
        } else {
            self.key("role", None, "\"hip\"");
            let roles = SensorRole::ALL.map(SensorRole::name).join(", ");
            self.note(&what, "", Confidence::Open, format!("its name says none of {roles}"));
        }
    }

    /// Writes the unit; returns m/s² per number, if known.
    fn force_unit(&mut self, sensor: &SensorNames, label: &str, values: &[Vec<f64>]) -> Option<f64> {
        let what = format!("{label}: unit of the accelerometer");
        let gravity = rest_norm(&norms(&values[..3]), None);
        let near = |value: f64, tolerance: f64| (gravity / value - 1.0).abs() < tolerance;
        let units = [
            (ForceUnit::Si, "m/s2", STANDARD_GRAVITY, 1.0),
            (ForceUnit::G, "g", 1.0, STANDARD_GRAVITY),
            (ForceUnit::MilliG, "mg", 1000.0, STANDARD_GRAVITY * 1e-3),
        ];
        let why = format!("it reads {gravity:.4} at rest");
        for (unit, name, expected, scale) in units {
            // The worst accelerometer seen in practice was off by a third.
            if near(expected, 0.35) {
                let confidence = if sensor.acc_unit == Some(unit) { Confidence::Certain } else { Confidence::Likely };
                self.key("acc_unit", Some(&format!("\"{name}\"")), "");
                self.note(&what, name, confidence, why);
                return Some(scale);
            }
        }
        for counts in [16_384.0, 8_192.0, 4_096.0, 2_048.0] {
            if near(counts, 0.15) {
                let scale = STANDARD_GRAVITY / counts;
                self.key("acc_unit", Some("\"raw\""), "");
                self.key("acc_scale", Some(&format!("{scale:?}")), "");
                self.note(&what, &format!("raw, {counts} counts per g"), Confidence::Likely, why);
                return Some(scale);
            }
        }
        self.key("acc_unit", None, "\"m/s2\"");
        self.note(&what, "", Confidence::Open, format!("{why}: neither m/s2, g, mg nor a usual count"));
        None
    }

    fn rate_unit(
        &mut self,
        sensor: &SensorNames,
        label: &str,
        values: &[Vec<f64>],
        times: Option<&[i64]>,
        force: Option<f64>,
    ) {
        let what = format!("{label}: unit of the gyroscope");
        let own = force.zip(times).and_then(|(force, times)| turning(values, times, force));
        let of_another = self.seen.clone().filter(|_| own.is_none());
        let factor = own.or(of_another.as_ref().map(|(_, factor)| *factor));
        let norms = norms(&values[3..]);
        let sustained = (norms.iter().map(|norm| norm * norm).sum::<f64>() / norms.len().max(1) as f64).sqrt();
        let name = |unit| if unit == RateUnit::Si { "rad/s" } else { "deg/s" };
        if let Some(factor) = factor {
            let near = |value: f64, tolerance: f64| (factor / value - 1.0).abs() < tolerance;
            let why = match &of_another {
                Some((label, _)) => format!("as that of {label}: one table has one unit, and this sensor hardly turns"),
                None => format!("it turns {factor:.3} times as fast as gravity's direction"),
            };
            for (unit, expected) in [(RateUnit::Si, 1.0), (RateUnit::Degrees, 1_f64.to_degrees())] {
                // Accelerations of the movement blur gravity's turning, by far less than the 57 between the units.
                if (0.25..4.0).contains(&(factor / expected)) {
                    let confidence =
                        if sensor.gyr_unit == Some(unit) { Confidence::Certain } else { Confidence::Likely };
                    self.key("gyr_unit", Some(&format!("\"{}\"", name(unit))), "");
                    return self.note(&what, name(unit), confidence, why);
                }
            }
            // Counts per deg/s of the usual full scales of two makers.
            for counts in [131.0, 114.286, 65.5, 57.143, 32.8, 28.571, 16.4, 14.286] {
                if near(counts * 1_f64.to_degrees(), 0.06) {
                    self.key("gyr_unit", Some("\"raw\""), "");
                    self.key("gyr_scale", Some(&format!("{:?}", 1_f64.to_radians() / counts)), "");
                    return self.note(&what, &format!("raw, {counts} counts per deg/s"), Confidence::Weak, why);
                }
            }
            self.key("gyr_unit", None, "\"deg/s\"");
            return self.note(&what, "", Confidence::Open, format!("{why}: neither rad/s, deg/s nor a usual count"));
        }
        let hardly = "gravity's direction hardly turns with it";
        if let Some(unit) = sensor.gyr_unit.filter(|unit| *unit != RateUnit::Raw) {
            self.key("gyr_unit", Some(&format!("\"{}\"", name(unit))), "");
            self.note(&what, name(unit), Confidence::Weak, format!("by its name; {hardly}, so it was not checked"));
        } else if sustained > SUSTAINED {
            self.key("gyr_unit", Some("\"deg/s\""), "");
            self.note(
                &what,
                "deg/s",
                Confidence::Weak,
                format!("{sustained:.1} rad/s in the mean would be too fast for a person"),
            );
        } else {
            self.key("gyr_unit", None, "\"deg/s\"");
            self.note(
                &what,
                "",
                Confidence::Open,
                format!("{hardly} and the mean is {sustained:.2}: both are possible"),
            );
        }
    }
}

/// A shank in a sprint turns at about 5 rad/s, root mean square over the stride; in an exercise nothing does.
const SUSTAINED: f64 = 6.0;

pub(super) fn norms(columns: &[Vec<f64>]) -> Vec<f64> {
    let [x, y, z] = columns else { return Vec::new() };
    let norm = |((x, y), z): ((&f64, &f64), &f64)| (x * x + y * y + z * z).sqrt();
    x.iter().zip(y).zip(z).map(norm).filter(|norm| norm.is_finite()).collect()
}

/// The turning factor of a sensor whose gyroscope is taken for rad/s.
pub(super) fn turning(values: &[Vec<f64>], times: &[i64], force: f64) -> Option<f64> {
    let [ax, ay, az, gx, gy, gz] = values else { return None };
    let sample = |i: usize| {
        Some(InertialSample {
            device_time: DeviceTime::from_nanos(*times.get(i)?),
            arrival: None,
            specific_force: SpecificForce::new(ax[i] * force, ay[i] * force, az[i] * force),
            angular_rate: AngularRate::new(gx[i], gy[i], gz[i]),
        })
    };
    let samples: Vec<InertialSample> = (0..ax.len()).map_while(sample).collect();
    let gravity = rest_norm(&norms(&values[..3]), None) * force;
    turning_factor(&samples, gravity)
}

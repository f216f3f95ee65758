//! What column names of unknown tables say: `s0_ax`, `Accelerometer X (g)`, `LeftShank/Gyroscope/Y`, `gyroZ[deg/s]`.

use super::mapping::{ForceUnit, RateUnit};
use super::places::words;

/// The six columns of one sensor.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SensorNames {
    /// What the names say beside quantity and axis: `s0`, `left shank`; often nothing.
    pub label: String,
    pub acc: [usize; 3],
    pub acc_unit: Option<ForceUnit>,
    pub gyr: [usize; 3],
    pub gyr_unit: Option<RateUnit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quantity {
    Force,
    Rate,
}

#[derive(Clone, PartialEq, Debug)]
struct Meaning {
    label: String,
    quantity: Quantity,
    axis: usize,
    unit: Option<Unit>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Unit {
    Force(ForceUnit),
    Rate(RateUnit),
}

/// Sensors with all six columns, in order of their first column.
pub(crate) fn sensors(names: &[String]) -> Vec<SensorNames> {
    let meanings: Vec<(usize, Meaning)> =
        names.iter().enumerate().filter_map(|(index, name)| Some((index, meaning(name)?))).collect();
    let mut found: Vec<SensorNames> = Vec::new();
    for (_, meaning) in &meanings {
        let label = &meaning.label;
        let column = |quantity, axis| {
            meanings.iter().find(|(_, m)| m.label == *label && m.quantity == quantity && m.axis == axis)
        };
        let three = |quantity| {
            let [x, y, z] = [0, 1, 2].map(|axis| column(quantity, axis));
            Some(([x?.0, y?.0, z?.0], x?.1.unit))
        };
        let (Some((acc, acc_unit)), Some((gyr, gyr_unit))) = (three(Quantity::Force), three(Quantity::Rate)) else {
            continue;
        };
        if !found.iter().any(|sensor| sensor.label == *label) {
            found.push(SensorNames {
                label: label.clone(),
                acc,
                acc_unit: acc_unit.and_then(|unit| if let Unit::Force(unit) = unit { Some(unit) } else { None }),
                gyr,
                gyr_unit: gyr_unit.and_then(|unit| if let Unit::Rate(unit) = unit { Some(unit) } else { None }),
            });
        }
    }
    found
}

/// Quantities that look alike and are not what an inertial sensor measures.
const OTHER: [&str; 14] = [
    "free",
    "linear",
    "lin",
    "user",
    "gravity",
    "grav",
    "mag",
    "magnetometer",
    "quat",
    "quaternion",
    "euler",
    "std",
    "bias",
    "jerk",
];
const FORCE: [&str; 5] = ["acc", "accel", "accelerometer", "acceleration", "force"];
const RATE: [&str; 6] = ["gyr", "gyro", "gyroscope", "angular", "rotation", "omega"];

fn meaning(name: &str) -> Option<Meaning> {
    let (bare, mut unit) = without_unit(name);
    let words = words(&bare);
    if words.iter().any(|word| OTHER.contains(&word.as_str())) {
        return None;
    }
    let (quantity, axis, from, to) = (0..words.len()).find_map(|at| glued(&words, at).or_else(|| apart(&words, at)))?;
    let mut rest: Vec<&str> = words[..from].iter().map(String::as_str).collect();
    let tail = &words[to..];
    match unit_of(&tail.join("")) {
        Some(written) if !tail.is_empty() => unit = Some(written),
        _ => rest.extend(tail.iter().map(String::as_str)),
    }
    rest.retain(|word| !matches!(*word, "axis" | "rate" | "velocity" | "specific" | "imu"));
    Some(Meaning { label: rest.join(" "), quantity, axis, unit })
}

type Found = (Quantity, usize, usize, usize);

/// `ax`, `accx`, `gyroz` in one word.
fn glued(words: &[String], at: usize) -> Option<Found> {
    let word = words.get(at)?;
    let axis = axis(word.get(word.len().checked_sub(1)?..)?)?;
    let quantity = match word.get(..word.len() - 1)? {
        "a" => Quantity::Force,
        "g" | "w" => Quantity::Rate,
        long => quantity(long)?,
    };
    Some((quantity, axis, at, at + 1))
}

/// `acc x`, `angular velocity y`, `a z`, `x axis acceleration`: from the first word to the one after the last.
fn apart(words: &[String], at: usize) -> Option<Found> {
    let word = words.get(at)?.as_str();
    let next = words.get(at + 1).map(String::as_str);
    if let (Some(quantity), Some(axis)) = (letter(word), next.and_then(axis)) {
        return Some((quantity, axis, at, at + 2));
    }
    if let Some(quantity) = quantity(word) {
        let after = words[at + 1..].iter().position(|word| axis(word).is_some())?;
        let axis = axis(&words[at + 1 + after])?;
        return (after <= 1).then_some((quantity, axis, at, at + 2 + after));
    }
    let axis = axis(word)?;
    let after = words[at + 1..].iter().position(|word| quantity(word).is_some())?;
    let quantity = quantity(&words[at + 1 + after])?;
    (after <= 1).then_some((quantity, axis, at, at + 2 + after))
}

fn letter(word: &str) -> Option<Quantity> {
    match word {
        "a" => Some(Quantity::Force),
        "g" | "w" => Some(Quantity::Rate),
        _ => None,
    }
}

fn quantity(word: &str) -> Option<Quantity> {
    if FORCE.contains(&word) {
        Some(Quantity::Force)
    } else if RATE.contains(&word) {
        Some(Quantity::Rate)
    } else {
        None
    }
}

fn axis(word: &str) -> Option<usize> {
    ["x", "y", "z"].iter().position(|axis| *axis == word)
}

/// Takes a unit in brackets out of a name.
fn without_unit(name: &str) -> (String, Option<Unit>) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(from) = name.find(open)
            && let Some(length) = name[from..].find(close)
            && let Some(unit) = unit_of(&name[from + 1..from + length])
        {
            return (format!("{} {}", &name[..from], &name[from + length + 1..]), Some(unit));
        }
    }
    (name.to_owned(), None)
}

fn unit_of(text: &str) -> Option<Unit> {
    let plain: String =
        text.to_lowercase().replace('°', "deg").replace('²', "2").chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.as_str() {
        "ms2" | "mss" | "mps2" | "mpss" | "msec2" => Some(Unit::Force(ForceUnit::Si)),
        "g" => Some(Unit::Force(ForceUnit::G)),
        "mg" => Some(Unit::Force(ForceUnit::MilliG)),
        "rads" | "radsec" | "radps" => Some(Unit::Rate(RateUnit::Si)),
        "dps" | "degs" | "degsec" | "degps" => Some(Unit::Rate(RateUnit::Degrees)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_makers_are_understood() {
        use Quantity::{Force, Rate};
        for (name, label, quantity, axis, unit) in [
            ("s0_ax", "s0".replace('0', " 0"), Force, 0, None),
            ("s2_gz", "s 2".to_owned(), Rate, 2, None),
            ("Accelerometer X (g)", String::new(), Force, 0, Some(Unit::Force(ForceUnit::G))),
            ("Gyroscope Z (deg/s)", String::new(), Rate, 2, Some(Unit::Rate(RateUnit::Degrees))),
            ("Pelvis/Accelerometer/Y", "pelvis".to_owned(), Force, 1, None),
            ("LeftShank/Gyroscope/X", "left shank".to_owned(), Rate, 0, None),
            ("AccX_1", "1".to_owned(), Force, 0, None),
            ("hip.gyro.y", "hip".to_owned(), Rate, 1, None),
            ("gyroZ[rad/s]", String::new(), Rate, 2, Some(Unit::Rate(RateUnit::Si))),
            ("accel_x_mps2", String::new(), Force, 0, Some(Unit::Force(ForceUnit::Si))),
            ("x-axis (deg/s) gyro", String::new(), Rate, 0, Some(Unit::Rate(RateUnit::Degrees))),
            ("Angular velocity Y (°/s)", String::new(), Rate, 1, Some(Unit::Rate(RateUnit::Degrees))),
            ("a_z", String::new(), Force, 2, None),
            ("wx", String::new(), Rate, 0, None),
            ("Acc_Z (m/s²)", String::new(), Force, 2, Some(Unit::Force(ForceUnit::Si))),
        ] {
            assert_eq!(meaning(name), Some(Meaning { label, quantity, axis, unit }), "{name}");
        }
        for other in
            ["FreeAcc_X", "Mag_X", "Quat_X", "linear_acc_x", "time", "max", "seq", "Mat[1][2]", "", "x", "knee_angle"]
        {
            assert_eq!(meaning(other), None, "{other}");
        }
    }

    #[test]
    fn only_sensors_with_six_columns_count() {
        let names: Vec<String> =
            ["t", "hip_ax", "hip_ay", "hip_az", "hip_gx", "hip_gy", "hip_gz", "shank_ax", "shank_ay", "shank_az"]
                .map(str::to_owned)
                .to_vec();
        let found = sensors(&names);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].label.as_str(), found[0].acc, found[0].gyr), ("hip", [1, 2, 3], [4, 5, 6]));
    }
}

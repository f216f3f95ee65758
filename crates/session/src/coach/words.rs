//! What a calibration lacks, in words: part of a message's JSON, and shown as they are.

use truehinge_core::SensorRole;
use truehinge_signal::watch::calibration::Lack;

/// What a calibration lacks: what to do, then why.
pub fn lack(lack: &Lack) -> String {
    match lack {
        Lack::Stillness { longest_s } => format!("stand still for 3 s (longest so far: {longest_s:.1} s)"),
        Lack::Movements { role, found } => {
            format!(
                "{} sensor: do three {}, {} ({found} large enough so far)",
                place(*role),
                movements(*role),
                aim(*role)
            )
        }
        Lack::Crooked { role, ratio, least } => format!(
            "{} sensor: do the {} again, slower (it turned only {ratio:.1} times more about one axis than about the others, {least:.0} \
             are asked for)",
            place(*role),
            movements(*role)
        ),
        Lack::Unrepeatable { role, error, most } => format!(
            "{} sensor: check its strap, then do the {} again (it turned about another axis each time: known to {:.0} degrees, \
             {:.0} are asked for)",
            place(*role),
            movements(*role),
            error.degrees(),
            most.degrees()
        ),
    }
}

/// Where a sensor sits, as people say it.
const fn place(role: SensorRole) -> &'static str {
    match role {
        SensorRole::Hip => "hip",
        SensorRole::Shank => "shin",
        SensorRole::Thigh => "thigh",
        SensorRole::Trunk => "trunk",
    }
}

/// The movements that turn a sensor.
const fn movements(role: SensorRole) -> &'static str {
    match role {
        SensorRole::Shank | SensorRole::Thigh => "small knee bends",
        SensorRole::Hip | SensorRole::Trunk => "bows",
    }
}

/// How these movements are done.
const fn aim(role: SensorRole) -> &'static str {
    match role {
        SensorRole::Shank | SensorRole::Thigh => "knee over toes",
        SensorRole::Hip | SensorRole::Trunk => "straight ahead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::Angle;

    #[test]
    fn a_lack_says_what_to_do_first_and_then_why() {
        let (shank, hip) = (SensorRole::Shank, SensorRole::Hip);
        let (error, most) = (Angle::from_degrees(6.4), Angle::from_degrees(3.0));
        for (lacked, said) in [
            (Lack::Stillness { longest_s: 1.96 }, "stand still for 3 s (longest so far: 2.0 s)"),
            (
                Lack::Movements { role: shank, found: 1 },
                "shin sensor: do three small knee bends, knee over toes (1 large enough so far)",
            ),
            (
                Lack::Crooked { role: hip, ratio: 3.24, least: 5.0 },
                "hip sensor: do the bows again, slower (it turned only 3.2 times more about one axis than about \
                 the others, 5 are asked for)",
            ),
            (
                Lack::Unrepeatable { role: shank, error, most },
                "shin sensor: check its strap, then do the small knee bends again (it turned about another axis \
                 each time: known to 6 degrees, 3 are asked for)",
            ),
        ] {
            assert_eq!(lack(&lacked), said);
        }
    }
}

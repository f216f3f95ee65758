//! What a calibration lacks, in words: part of a message's JSON, and shown as they are.

use truehinge_core::words::{Args, Language};
use truehinge_signal::watch::calibration::Lack;

/// What a calibration lacks: what to do, then why; in English.
pub fn lack(lack: &Lack) -> String {
    lack_in(lack, Language::English)
}

/// The same in a language.
pub fn lack_in(lack: &Lack, language: Language) -> String {
    let args = Args::new(language);
    let (key, args) = match lack {
        Lack::Stillness { longest_s } => ("lack-stillness", args.number("longest", *longest_s, 1)),
        Lack::Movements { role, found } => {
            ("lack-movements", args.text("role", role.name()).count("found", *found as u64))
        }
        Lack::Crooked { role, ratio, least } => {
            ("lack-crooked", args.text("role", role.name()).number("ratio", *ratio, 1).number("least", *least, 0))
        }
        Lack::Unrepeatable { role, error, most } => (
            "lack-unrepeatable",
            args.text("role", role.name()).number("error", error.degrees(), 0).number("most", most.degrees(), 0),
        ),
    };
    language.say(key, &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{Angle, SensorRole};

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

    #[test]
    fn a_lack_is_said_in_every_language() {
        let lacked = Lack::Movements { role: SensorRole::Hip, found: 2 };
        assert_eq!(
            lack_in(&lacked, Language::German),
            "Hüfte: drei Verbeugungen machen, gerade nach vorn (bisher 2 groß genug)"
        );
    }
}

//! Words of the command line that several commands take.

use truehinge_core::possible::STATURE_M;
use truehinge_core::{AthleteId, Dose, Explained, Length};
use truehinge_session::Shard;

/// A pseudonym.
pub fn athlete(text: &str) -> Result<AthleteId, String> {
    AthleteId::new(text).map_err(|error| error.in_full())
}

/// A part of several, such as 3/8.
pub fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    numbers
        .and_then(|(number, of)| Shard::new(number, of))
        .ok_or_else(|| "give which part and of how many, such as 3/8; the first is 1".to_owned())
}

/// A remark or a name in one line.
pub fn line(text: &str) -> Result<String, String> {
    truehinge_core::id::one_line(text).map_err(|error| error.in_full())
}

/// A length in centimetres. What a body measure may be is checked where it is changed.
pub fn length(text: &str) -> Result<Length, String> {
    let metres = text.parse::<f64>().ok().filter(|cm| cm.is_finite()).map(|cm| cm / 100.0);
    metres.map(Length::from_metres).ok_or_else(|| "give a length in centimetres".to_owned())
}

/// A standing height in centimetres.
pub fn height(text: &str) -> Result<Length, String> {
    let metres = text.parse::<f64>().map(|cm| cm / 100.0);
    let possible = metres.ok().filter(|metres| STATURE_M.contains(metres)).map(Length::from_metres);
    let [low, high] = [STATURE_M.start(), STATURE_M.end()].map(|metres| 100.0 * metres);
    possible.ok_or_else(|| format!("give the standing height in centimetres, {low:.0} to {high:.0}"))
}

/// Most repetitions that a set is asked for.
const MOST: u32 = 1000;

/// How many repetitions, such as 5 or 3..5.
pub fn repetitions(text: &str) -> Result<Dose, String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let counts = least.parse().ok().zip(most.parse().ok());
    let possible = counts.filter(|(least, most)| (1..=*most).contains(least) && *most <= MOST);
    possible
        .map(|(min_repetitions, max_repetitions)| Dose { min_repetitions, max_repetitions })
        .ok_or_else(|| format!("give how many repetitions, such as 5 or 3..5, 1 to {MOST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_a_number_or_two() {
        let of = |least, most| Ok(Dose { min_repetitions: least, max_repetitions: most });
        assert_eq!(repetitions("5"), of(5, 5));
        assert_eq!(repetitions("3..5"), of(3, 5));
        for wrong in ["0", "5..3", "3..", "..", "3-5", "1001", ""] {
            assert!(repetitions(wrong).is_err(), "{wrong}");
        }
    }
}

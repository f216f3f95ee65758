//! The words people use for the places of sensors, in English and German.

use truehinge_core::{SensorRole, Side};

/// A place: its own words, and others that are taken for it with a note.
struct Place {
    role: SensorRole,
    own: &'static [&'static str],
    other: &'static [&'static str],
}

/// The narrower first: "lower leg" before "leg".
const PLACES: [Place; 4] = [
    Place {
        role: SensorRole::Hip,
        own: &["pelvis", "waist", "sacrum"],
        other: &[
            "lower back",
            "lowerback",
            "low back",
            "lowback",
            "lumbar",
            "sacral",
            "becken",
            "hüfte",
            "huefte",
            "kreuzbein",
        ],
    },
    Place {
        role: SensorRole::Shank,
        own: &["tibia", "shank", "shin", "calf", "lower leg", "lowerleg"],
        other: &["low leg", "lowleg", "leg lower", "unterschenkel", "schienbein", "wade"],
    },
    Place {
        role: SensorRole::Thigh,
        own: &["femur", "thigh", "upper leg", "upperleg"],
        other: &["up leg", "upleg", "leg upper", "oberschenkel"],
    },
    Place {
        role: SensorRole::Trunk,
        own: &["torso", "trunk", "chest", "sternum"],
        other: &["upper back", "upperback", "brustbein", "rumpf"],
    },
];

/// Whole words that mean the hip; within others they mean nothing, as in "chip".
const HIPS: [&str; 6] = ["hip", "hips", "lefthip", "righthip", "lhip", "rhip"];
/// Vertebrae, whole.
const VERTEBRAE: [&str; 4] = ["l3", "l4", "l5", "s1"];
/// And those of the trunk.
const UPPER_VERTEBRAE: [&str; 4] = ["t8", "t10", "t12", "c7"];
const LEFT: [&str; 2] = ["left", "links"];
const RIGHT: [&str; 2] = ["right", "rechts"];

/// Role and side that a name says, such as `LFemur`, `tibia_r_imu`, `Right Lower Leg`.
pub fn named(name: &str) -> (Option<SensorRole>, Option<Side>) {
    (place(name).map(|(role, _)| role), side(name))
}

/// The role a name says, and whether that is by another word than its own.
pub(crate) fn place(name: &str) -> Option<(SensorRole, bool)> {
    let lower = name.to_lowercase();
    let spaced = words(name).join(" ");
    let has = |list: &[&str]| list.iter().any(|word| lower.contains(word) || spaced.contains(word));
    if words(name).iter().any(|word| HIPS.contains(&word.as_str())) {
        return Some((SensorRole::Hip, false));
    }
    let own = PLACES.iter().find(|place| has(place.own)).map(|place| (place.role, false));
    let other = || PLACES.iter().find(|place| has(place.other)).map(|place| (place.role, true));
    let whole = |word: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    let any = |vertebrae: [&str; 4]| vertebrae.iter().any(|word| whole(word));
    let vertebra = || any(VERTEBRAE).then_some((SensorRole::Hip, true));
    let upper = || any(UPPER_VERTEBRAE).then_some((SensorRole::Trunk, true));
    own.or_else(other).or_else(vertebra).or_else(upper)
}

fn side(name: &str) -> Option<Side> {
    let lower = name.to_lowercase();
    let limb = |letter: char| {
        let bones = ["femur", "tibia", "thigh", "shank", "shin", "calf", "foot", "hip"];
        words(name).iter().any(|word| {
            word.len() == 1 && word.starts_with(letter)
                || bones.iter().any(|bone| word.strip_prefix(letter) == Some(*bone))
        })
    };
    if LEFT.iter().any(|word| lower.contains(word)) || limb('l') {
        Some(Side::Left)
    } else if RIGHT.iter().any(|word| lower.contains(word)) || limb('r') {
        Some(Side::Right)
    } else {
        None
    }
}

/// What a name says beside the place and the side: the same in all files of a trial. Empty if it says nothing else.
pub(crate) fn beside_the_place(name: &str) -> String {
    let parts = ["lower", "low", "upper", "up", "leg", "back", "l", "r"];
    let all: Vec<&str> = PLACES.iter().flat_map(|place| place.own.iter().chain(place.other)).copied().collect();
    let is_place = |word: &str| {
        place(word).is_some()
            || all.iter().any(|known| word.strip_prefix(['l', 'r']) == Some(*known))
            || LEFT.contains(&word)
            || RIGHT.contains(&word)
            || parts.contains(&word)
    };
    words(name).into_iter().filter(|word| !is_place(word)).collect::<Vec<_>>().join(" ")
}

/// Lower-case runs of letters and of digits; a capital after a small letter begins a new one.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for c in name.chars() {
        let kind = |c: char| (c.is_alphabetic(), c.is_numeric());
        let begins = kind(c) != kind(previous) || c.is_uppercase() && previous.is_lowercase();
        if c.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(c.to_lowercase()),
                _ => words.push(c.to_lowercase().collect()),
            }
        }
        previous = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_s_words_are_places() {
        use SensorRole::{Hip, Shank, Thigh, Trunk};
        for (name, role) in [
            ("lower back", Hip),
            ("LowBack_2", Hip),
            ("lumbar", Hip),
            ("sensor_L5", Hip),
            ("Becken", Hip),
            ("L_LowLeg", Shank),
            ("leg lower left", Shank),
            ("lower_leg", Shank),
            ("Unterschenkel links", Shank),
            ("Oberschenkel", Thigh),
            ("upper-back", Trunk),
        ] {
            assert_eq!(named(name).0, Some(role), "{name}");
        }
        assert_eq!(named("Unterschenkel links").1, Some(Side::Left));
        for none in ["leg", "back", "00B421EF", "L55", "chip"] {
            assert_eq!(named(none).0, None, "{none}");
        }
    }

    #[test]
    fn what_is_beside_the_place_names_the_trial() {
        for (name, beside) in
            [("P01_T1_hip", "p 01 t 1"), ("P01-T1 LTibia", "p 01 t 1"), ("pelvis", ""), ("left lower_leg", "")]
        {
            assert_eq!(beside_the_place(name), beside, "{name}");
        }
    }
}

//! Which sensor is which, from the names people give.

use std::path::Path;

use truehinge_core::{SensorRole, Side};

pub use super::places::named;
use super::places::place;
use super::{Complaint, ImportError, ImportOptions};

/// A sensor that could be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Candidate {
    /// Its own name: a file's, a device's, a column's.
    pub name: String,
    /// The files it comes from, as a second way to name it.
    pub files: Vec<String>,
}

impl Candidate {
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), files: Vec::new() }
    }
}

/// The sensors chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Assigned {
    /// Index of the candidate and its role.
    pub chosen: Vec<(usize, SensorRole)>,
    /// Supporting leg, where the names or the person say it.
    pub side: Option<Side>,
}

/// No suit has so many.
const MOST_SENSORS: usize = 200;

/// Picks the sensors of the supporting leg from named ones. A role given by the person beats the name; others are left out,
/// with a note.
///
/// # Errors
/// There are more than anybody wears; a name given by the person fits none or several; nothing has a role; two have the same; both legs are there and nobody
/// said which one supports; hip or shank is missing and the person did not choose the sensors.
pub(crate) fn assign(
    path: &Path,
    sensors: &[Candidate],
    options: &ImportOptions,
    notes: &mut Vec<String>,
) -> Result<Assigned, ImportError> {
    let wrong = |found: String, hint: &str| Complaint::new(found, hint).of_roles(path);
    if sensors.len() > MOST_SENSORS {
        let found = format!("{} sensors are more than anybody wears", sensors.len());
        return Err(Complaint::new(found, "put the files of each session into a folder of its own").of(path));
    }
    let mut chosen = given(sensors, options, notes).map_err(|complaint| complaint.of_roles(path))?;
    let side = chosen_side(sensors, &chosen, options).ok_or_else(|| ImportError::BothLegs { path: path.to_owned() })?;
    let spoken_for: Vec<SensorRole> = chosen.iter().map(|(_, role)| *role).collect();
    for (index, sensor) in sensors.iter().enumerate() {
        let (Some(role), own_side) = named(&sensor.name) else { continue };
        // The pelvis and the trunk belong to both legs.
        let fits = matches!(role, SensorRole::Hip | SensorRole::Trunk) || own_side.is_none() || own_side == side;
        if fits && !spoken_for.contains(&role) && !chosen.iter().any(|(i, _)| *i == index) {
            chosen.push((index, role));
            if place(&sensor.name).is_some_and(|(_, by_another_word)| by_another_word) {
                notes.push(format!("{role} = {}, by its name", sensor.name));
            }
        }
    }
    chosen.sort_by_key(|(index, role)| (*role, *index));
    if let Some(pair) = chosen.windows(2).find(|pair| pair[0].1 == pair[1].1) {
        let (a, b) = (&sensors[pair[0].0].name, &sensors[pair[1].0].name);
        let found = format!("two sensors have the role {}: {a} and {b}", pair[0].1);
        return Err(wrong(found, "give each sensor its own role"));
    }
    let names = || sensors.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    if chosen.is_empty() {
        let found = format!("the names do not say which sensor is which ({})", names());
        return Err(wrong(found, "say which one is the hip sensor, and which one the shank sensor"));
    }
    let missing = [SensorRole::Hip, SensorRole::Shank].into_iter().find(|role| !chosen.iter().any(|(_, r)| r == role));
    if let Some(missing) = missing.filter(|_| options.roles.is_empty()) {
        return Err(ImportError::MissingSensor { path: path.to_owned(), missing, found: names() });
    }
    let left_out: Vec<&str> = (0..sensors.len())
        .filter(|index| !chosen.iter().any(|(i, _)| i == index))
        .map(|index| sensors[index].name.as_str())
        .collect();
    if !left_out.is_empty() {
        notes.push(format!("sensors not used: {}", left_out.join(", ")));
    }
    Ok(Assigned { chosen, side })
}

/// The sensors the person named. A name is looked for as a whole, then within sensor names, then within file names. Where the
/// options go for several sessions, some names are those of other sessions' sensors: noted, and wrong only if all are.
fn given(
    sensors: &[Candidate],
    options: &ImportOptions,
    notes: &mut Vec<String>,
) -> Result<Vec<(usize, SensorRole)>, Complaint> {
    let mut chosen: Vec<(usize, SensorRole)> = Vec::new();
    let mut strange: Vec<&str> = Vec::new();
    for (pattern, role) in &options.roles {
        let wanted = pattern.to_ascii_lowercase();
        let lower = |text: &String| text.to_ascii_lowercase();
        let tests: [&dyn Fn(&Candidate) -> bool; 3] = [
            &|s| lower(&s.name) == wanted || s.files.iter().any(|f| lower(f) == wanted),
            &|s| lower(&s.name).contains(&wanted),
            &|s| s.files.iter().any(|f| lower(f).contains(&wanted)),
        ];
        let matches = |test: &&dyn Fn(&Candidate) -> bool| -> Vec<usize> {
            sensors.iter().enumerate().filter(|(_, s)| test(s)).map(|(i, _)| i).collect()
        };
        let found = tests.iter().map(matches).find(|found| !found.is_empty()).unwrap_or_default();
        match found[..] {
            [index] => chosen.push((index, *role)),
            [] => strange.push(pattern),
            _ => {
                let several = found.iter().map(|&i| sensors[i].name.as_str()).collect::<Vec<_>>().join(", ");
                let found = format!("\"{pattern}\" fits several sensors: {several}");
                return Err(Complaint::new(found, "give more of the name"));
            }
        }
    }
    if chosen.is_empty() && !strange.is_empty() {
        let all = sensors.iter().map(|sensor| sensor.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = format!("no sensor is called \"{}\"; there are: {all}", strange.join("\" or \""));
        return Err(Complaint::new(found, "correct the name"));
    }
    notes.extend(strange.iter().map(|name| format!("no sensor here is called \"{name}\": that role was not given")));
    chosen.sort_by_key(|(index, _)| *index);
    if let Some(pair) = chosen.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let name = &sensors[pair[0].0].name;
        let found = format!("{name} was given two roles: {} and {}", pair[0].1, pair[1].1);
        return Err(Complaint::new(found, "give it one"));
    }
    Ok(chosen)
}

/// The supporting leg: said, or that of the leg sensors chosen, or the only one there is. The outer `None` is a conflict.
#[allow(clippy::option_option, reason = "the two are different answers: unknown, and contradictory")]
fn chosen_side(sensors: &[Candidate], chosen: &[(usize, SensorRole)], options: &ImportOptions) -> Option<Option<Side>> {
    if options.side.is_some() {
        return Some(options.side);
    }
    let leg = |role: SensorRole| matches!(role, SensorRole::Shank | SensorRole::Thigh);
    let sides = |indices: &mut dyn Iterator<Item = usize>| {
        let mut sides: Vec<Side> = indices.filter_map(|i| named(&sensors[i].name).1).collect();
        sides.sort_unstable();
        sides.dedup();
        sides
    };
    let by_choice = sides(&mut chosen.iter().filter(|(_, role)| leg(*role)).map(|(index, _)| *index));
    let by_name = sides(&mut (0..sensors.len()).filter(|i| named(&sensors[*i].name).0.is_some_and(leg)));
    let shank_given = chosen.iter().any(|(_, role)| *role == SensorRole::Shank);
    match (by_choice.as_slice(), by_name.as_slice()) {
        ([side], _) | ([], [side]) => Some(Some(*side)),
        ([], []) => Some(None),
        _ if shank_given => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use truehinge_core::Explained;

    use super::*;
    use SensorRole::{Hip, Shank, Thigh, Trunk};

    #[test]
    fn names_say_role_and_side() {
        for (name, role, side) in [
            ("LFemur_20210820", Some(Thigh), Some(Side::Left)),
            ("RTibia", Some(Shank), Some(Side::Right)),
            ("tibia_l_imu", Some(Shank), Some(Side::Left)),
            ("Right Lower Leg 64F61B2A (UDP)", Some(Shank), Some(Side::Right)),
            ("pelvis 64F0EDBF (UDP)", Some(Hip), None),
            ("RightShank", Some(Shank), Some(Side::Right)),
            ("hip", Some(Hip), None),
            ("left_hip", Some(Hip), Some(Side::Left)),
            ("chip_7", None, None),
            ("torso_imu", Some(Trunk), None),
            ("calcn_r_imu", None, Some(Side::Right)),
            ("00B421EF", None, None),
            ("", None, None),
        ] {
            assert_eq!(named(name), (role, side), "{name}");
        }
    }

    fn candidates(names: &[&str]) -> Vec<Candidate> {
        names.iter().map(|name| Candidate::named(name)).collect()
    }

    fn run(names: &[&str], roles: &[(&str, SensorRole)], side: Option<Side>) -> Result<Assigned, String> {
        let roles = roles.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect();
        let options = ImportOptions { roles, side, ..ImportOptions::default() };
        assign(Path::new("x"), &candidates(names), &options, &mut Vec::new()).map_err(|error| error.in_full())
    }

    #[test]
    fn the_supporting_leg_is_picked_and_never_guessed() {
        let legs = ["LTibia", "RTibia", "Pelvis", "LFemur", "RFemur"];
        assert_eq!(run(&legs, &[], Some(Side::Right)).expect("picks").chosen, [(2, Hip), (1, Shank), (4, Thigh)]);
        assert!(
            run(&legs, &[], None)
                .expect_err("two legs")
                .ends_with("sensors of both legs are there: say which one supports")
        );
        // Who names the shank has named the leg.
        let by_shank = run(&legs, &[("LTibia", Shank)], None).expect("picks");
        assert_eq!((by_shank.side, by_shank.chosen), (Some(Side::Left), vec![(2, Hip), (0, Shank), (3, Thigh)]));
    }

    #[test]
    fn what_a_person_says_must_fit_exactly_one_sensor() {
        let unnamed = ["00B42279", "00B4227D", "00B42268"];
        let both = run(&unnamed, &[("42279", Hip), ("4227d", Shank)], None).expect("picks");
        assert_eq!(both.chosen, [(0, Hip), (1, Shank)]);
        // A name of another session's sensor is no error while others fit.
        assert_eq!(run(&unnamed, &[("42279", Hip), ("0099", Shank)], None).expect("picks").chosen, [(0, Hip)]);
        for (roles, part) in [
            (vec![], "the names do not say"),
            (vec![("4227", Hip)], "fits several sensors: 00B42279, 00B4227D"),
            (vec![("0099", Hip)], "no sensor is called \"0099\"; there are: 00B42279"),
            (vec![("42279", Hip), ("42279", Shank)], "was given two roles"),
            (vec![("42279", Hip), ("42268", Hip)], "two sensors have the role hip: 00B42279 and 00B42268"),
        ] {
            assert!(run(&unnamed, &roles, None).expect_err(part).contains(part), "{part}");
        }
    }

    #[test]
    fn one_sensor_is_enough_only_when_asked_for() {
        let error = run(&["Pelvis"], &[], None).expect_err("no shank");
        assert_eq!(
            error,
            "x: there is no shank sensor, only Pelvis: add its file, or say which sensor is the shank sensor"
        );
        assert_eq!(run(&["Pelvis"], &[("Pelvis", Hip)], None).expect("asked").chosen, [(0, Hip)]);
        assert!(
            run(&["pelvis a", "pelvis b", "shank"], &[], None).expect_err("two hips").contains("pelvis a and pelvis b")
        );
    }

    #[test]
    fn more_sensors_than_anybody_wears_are_not_looked_through() {
        let names: Vec<String> = (0..=MOST_SENSORS).map(|index| format!("pelvis{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let error = run(&names, &[], None).expect_err("too many");
        assert!(error.contains("201 sensors are more than anybody wears"), "{error}");
    }
}

//! Which sensor is which, from the names people give.

use std::path::Path;

use truehinge_core::{SensorRole, Side};

use super::{ImportError, ImportOptions};

/// Role and side that a name says, such as `LFemur`, `tibia_r_imu`, `Right Lower Leg`.
pub fn named(name: &str) -> (Option<SensorRole>, Option<Side>) {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let role = if has(&["pelvis", "waist", "sacrum", "hip"]) {
        Some(SensorRole::Hip)
    } else if has(&["tibia", "shank", "shin", "calf", "lower leg", "lowerleg"]) {
        Some(SensorRole::Shank)
    } else if has(&["femur", "thigh", "upper leg", "upperleg"]) {
        Some(SensorRole::Thigh)
    } else if has(&["torso", "trunk", "chest", "sternum"]) {
        Some(SensorRole::Trunk)
    } else {
        None
    };
    let limb = |letter: char| {
        ["femur", "tibia", "thigh", "shank", "foot"].iter().any(|bone| lower.starts_with(&format!("{letter}{bone}")))
            || lower.contains(&format!("_{letter}_"))
            || lower.ends_with(&format!("_{letter}"))
    };
    let side = if has(&["left"]) || limb('l') {
        Some(Side::Left)
    } else if has(&["right"]) || limb('r') {
        Some(Side::Right)
    } else {
        None
    };
    (role, side)
}

/// Sensors by their place in a list of names, and the supporting leg.
pub type Assigned = (Vec<(usize, SensorRole)>, Option<Side>);

/// Picks the sensors of the supporting leg from named ones: index into `names` and role, in the order of `names`. A role given
/// by the person beats the name. Others are left out, with a note.
///
/// # Errors
/// Nothing has a role, or both legs are there and nobody said which one supports.
pub fn assign(
    path: &Path,
    names: &[String],
    options: &ImportOptions,
    notes: &mut Vec<String>,
) -> Result<Assigned, ImportError> {
    let given = |name: &str| {
        options.roles.iter().find(|(pattern, _)| name.to_ascii_lowercase().contains(&pattern.to_ascii_lowercase()))
    };
    let mut chosen = Vec::new();
    let mut sides: Vec<Side> = names.iter().filter_map(|name| named(name).1).collect();
    sides.sort_unstable();
    sides.dedup();
    let any_given = names.iter().any(|name| given(name).is_some());
    let side = options.side.or(if sides.len() == 1 { sides.first().copied() } else { None });
    if side.is_none() && sides.len() == 2 && !any_given {
        return Err(ImportError::Roles {
            path: path.to_owned(),
            found: "sensors of both legs are there".to_owned(),
            hint: "say which one supports with --side left or --side right".to_owned(),
        });
    }
    let mut left_out = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let (role, own_side) = named(name);
        match (given(name), role) {
            (Some((_, role)), _) => chosen.push((index, *role)),
            (None, Some(role)) if own_side.is_none() || own_side == side => chosen.push((index, role)),
            _ => left_out.push(name.as_str()),
        }
    }
    if !left_out.is_empty() {
        notes.push(format!("not used: {}", left_out.join(", ")));
    }
    if chosen.is_empty() {
        return Err(ImportError::Roles {
            path: path.to_owned(),
            found: format!("the names do not say which sensor is which ({})", names.join(", ")),
            hint: "give the roles with --role NAME=hip --role NAME=shank".to_owned(),
        });
    }
    Ok((chosen, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_role_and_side() {
        use SensorRole::{Hip, Shank, Thigh, Trunk};
        for (name, role, side) in [
            ("LFemur_20210820", Some(Thigh), Some(Side::Left)),
            ("RTibia", Some(Shank), Some(Side::Right)),
            ("tibia_l_imu", Some(Shank), Some(Side::Left)),
            ("Right Lower Leg 64F61B2A (UDP)", Some(Shank), Some(Side::Right)),
            ("pelvis 64F0EDBF (UDP)", Some(Hip), None),
            ("torso_imu", Some(Trunk), None),
            ("calcn_r_imu", None, Some(Side::Right)),
            ("00B421EF", None, None),
        ] {
            assert_eq!(named(name), (role, side), "{name}");
        }
    }
}

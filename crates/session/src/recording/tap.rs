//! Which sensor was tapped: a short hard knock at one of them and not at the others.

use std::collections::BTreeMap;

use truehinge_core::{HostTime, STANDARD_GRAVITY, SensorRole};

/// Specific force beyond gravity that is a tap on the sensor itself, m/s².
const KNOCK: f64 = 2.0 * STANDARD_GRAVITY;
/// What may reach the others through the body, m/s².
const FELT: f64 = 0.5 * STANDARD_GRAVITY;
/// The others must have been heard for so long around the knock, s.
const AROUND: f64 = 0.3;

/// Waits for one tap.
#[derive(Clone, Debug, Default)]
pub struct TapFinder {
    knock: Option<(SensorRole, HostTime)>,
    /// Per sensor: the strongest within [`AROUND`] of the knock, and how far it has been heard.
    heard: BTreeMap<SensorRole, HostTime>,
    /// When each sensor last felt anything.
    felt: BTreeMap<SensorRole, HostTime>,
}

impl TapFinder {
    /// A sample's arrival and the norm of its specific force, m/s². The tapped sensor, once that is certain.
    pub fn push(&mut self, role: SensorRole, at: HostTime, force: f64) -> Option<SensorRole> {
        self.heard.insert(role, at);
        let beyond = (force - STANDARD_GRAVITY).abs();
        if beyond > FELT {
            self.felt.insert(role, at);
        }
        if beyond > KNOCK && self.knock.is_none() {
            self.knock = Some((role, at));
        }
        let (tapped, when) = self.knock?;
        if self.heard.len() < 2 || !self.heard.values().all(|heard| (*heard - when).seconds() > AROUND) {
            return None;
        }
        // Felt by another as well: a step, or both were knocked together.
        let other = |(role, at): (&SensorRole, &HostTime)| *role != tapped && (*at - when).seconds().abs() <= AROUND;
        self.knock = None;
        (!self.felt.iter().any(other)).then_some(tapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(forces: impl Fn(SensorRole, u32) -> f64) -> Option<SensorRole> {
        let mut finder = TapFinder::default();
        (0..200).find_map(|i| {
            let at = HostTime::from_seconds(f64::from(i) * 0.01);
            [SensorRole::Hip, SensorRole::Shank].into_iter().find_map(|role| finder.push(role, at, forces(role, i)))
        })
    }

    #[test]
    fn one_sensor_alone_was_tapped() {
        let tap = |role, i| if role == SensorRole::Shank && i == 80 { 50.0 } else { 9.8 };
        assert_eq!(found(tap), Some(SensorRole::Shank));
        assert_eq!(found(|_, _| 9.8), None);
    }

    #[test]
    fn a_step_shakes_both_and_is_no_tap() {
        let step = |role, i| match (role, i) {
            (SensorRole::Shank, 80) => 45.0,
            (SensorRole::Hip, 83) => 20.0,
            _ => 9.8,
        };
        assert_eq!(found(step), None);
    }
}

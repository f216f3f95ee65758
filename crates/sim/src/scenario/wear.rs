//! The sensors and how they are worn.

use nalgebra::{UnitQuaternion, Vector3};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use truehinge_core::{MountSite, SensorRole};

use super::Strap;
use super::session::Session;
use crate::imu::{DeviceClock, Imu, Mounting, nominal_rotation};
use crate::skeleton::Leg;

impl Session<'_> {
    /// The sensors, each strapped on anew for every leg.
    pub(super) fn sensors(&mut self) -> Vec<Imu> {
        let scenario = self.scenario;
        let mut roles = vec![(SensorRole::Hip, MountSite::Sacrum), (SensorRole::Shank, MountSite::TibiaAnteromedial)];
        if scenario.thigh {
            roles.push((SensorRole::Thigh, MountSite::ThighLateral));
        }
        if scenario.trunk {
            // Between the shoulder blades: nothing but the movement tells how it is mounted.
            roles.push((SensorRole::Trunk, MountSite::Unknown));
        }
        let legs = self.legs.clone();
        roles
            .into_iter()
            .map(|(role, site)| {
                let worn = legs.iter().enumerate();
                let worn =
                    worn.map(|(block, (from, leg))| (*from, *leg, self.mounting(role, site, leg, block))).collect();
                let (offset, skew, rate_error) = (self.between(10.0, 3000.0), self.normal(30.0), self.normal(1e-3));
                Imu {
                    worn,
                    chip: scenario.chip,
                    clock: DeviceClock { offset_s: offset, skew_ppm: skew, resolution_ns: 1000 },
                    nominal: scenario.rate,
                    rate_error: scenario.rate_error + rate_error,
                    model: "truehinge virtual IMU".to_owned(),
                }
            })
            .collect()
    }

    fn mounting(&mut self, role: SensorRole, site: MountSite, leg: &Leg, block: usize) -> Mounting {
        let lateral = leg.side.lateral_sign();
        let position = match role {
            SensorRole::Hip => Vector3::new(-0.12, 0.08, -lateral * leg.half_hip_width),
            SensorRole::Trunk => Vector3::new(-0.10, 0.45, -lateral * leg.half_hip_width),
            SensorRole::Shank => Vector3::new(0.04, 0.6 * leg.shank, -lateral * 0.02),
            SensorRole::Thigh => Vector3::new(0.0, 0.5 * leg.thigh, lateral * 0.08),
        };
        let spread = 0.012 * self.scenario.body_spread;
        let position = position + Vector3::from_fn(|_, _| spread * self.rng.sample::<f64, _>(StandardNormal));
        let suspect = if self.scenario.seed.is_multiple_of(2) { SensorRole::Hip } else { SensorRole::Shank };
        let over = self.scenario.strap == Strap::TurnedOver && role == suspect && !block.is_multiple_of(2);
        let quarter_turns = self.scenario.quarter_turns + if over { 2 } else { 0 };
        let turned = f64::from(quarter_turns) * std::f64::consts::FRAC_PI_2;
        let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), turned);
        let error = scenario_error(self.scenario.mounting_error, &mut self.rng);
        Mounting {
            role,
            site,
            position,
            rotation: error * nominal_rotation(site, lateral) * turned,
            tissue_share: tissue_share(role) * self.scenario.soft_tissue * self.rng.sample::<f64, _>(StandardNormal),
            wobble: 0.25_f64.to_radians() * self.scenario.soft_tissue,
            slips: if role == suspect { self.slips() } else { Vec::new() },
        }
    }

    /// Of the sensor that does not stay in its place.
    fn slips(&mut self) -> Vec<(f64, f64)> {
        match self.scenario.strap {
            Strap::Firm | Strap::TurnedOver => Vec::new(),
            Strap::Slips(lean) => vec![(self.slipped_at, lean)],
            Strap::Loose(spread) => {
                let settles: Vec<f64> = self.turned_at.clone().iter().map(|_| self.normal(spread)).collect();
                let before = std::iter::once(&0.0).chain(&settles);
                self.turned_at.iter().zip(settles.iter().zip(before)).map(|(at, (now, was))| (*at, now - was)).collect()
            }
        }
    }
}

/// Share of the joint's angle by which a firmly strapped sensor turns against its bone, standard deviation: the tibia's flat
/// face moves least; skin over the sacrum moves by 10 mm in 60 degrees of bending, the thigh's muscles by as much (decision 0008).
fn tissue_share(role: SensorRole) -> f64 {
    match role {
        SensorRole::Shank => 0.02,
        SensorRole::Thigh => 0.05,
        SensorRole::Hip | SensorRole::Trunk => 0.06,
    }
}

/// A random small rotation.
fn scenario_error(sigma: f64, rng: &mut ChaCha8Rng) -> UnitQuaternion<f64> {
    UnitQuaternion::from_scaled_axis(Vector3::from_fn(|_, _| sigma * rng.sample::<f64, _>(StandardNormal)))
}

//! Which sensor is worn where, and what it is: from the command line, from the last recording, from the air.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use truehinge_ble::ImuDriver;
use truehinge_ble::driver::{all, recognise};
use truehinge_ble::radio::{Found, Radio};
use truehinge_core::SensorRole;
use truehinge_dataset::atomic::write_atomically;

use crate::args::WornArgs;
use crate::reading::unusable;

/// A sensor as the next recording will want it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remembered {
    /// Address, as `scan` shows it.
    pub address: String,
    /// Model, by the driver's name.
    pub model: String,
}

/// The sensors of the last recording, by role: the file `sensors.toml` beside the recordings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensors(pub BTreeMap<SensorRole, Remembered>);

fn file(folder: &Path) -> PathBuf {
    folder.join("sensors.toml")
}

impl Sensors {
    /// Reads them; none if nothing was recorded yet.
    pub fn of(folder: &Path) -> anyhow::Result<Self> {
        let path = file(folder);
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| {
                unusable(anyhow::anyhow!("{}: {}: correct or delete it", path.display(), error.message()))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Remembers them for next time.
    pub fn store(&self, folder: &Path) -> anyhow::Result<()> {
        let (path, text) = (file(folder), toml::to_string(self)?);
        write_atomically(&path, |file| file.write_all(text.as_bytes())).with_context(|| path.display().to_string())
    }

    /// The addresses wanted: those given, and for roles not given the remembered ones.
    pub fn wanted(&self, args: &WornArgs) -> BTreeMap<SensorRole, String> {
        let mut wanted: BTreeMap<_, _> = self.0.iter().map(|(role, known)| (*role, known.address.clone())).collect();
        wanted.extend(args.given().map(|(role, address)| (role, address.to_owned())));
        // A sensor that has moved to another role is not in its old one any more.
        for (role, address) in args.given() {
            wanted.retain(|other, worn| *other == role || !worn.eq_ignore_ascii_case(address));
        }
        wanted
    }

    /// The remembered model of an address.
    fn model(&self, address: &str) -> Option<&str> {
        self.0.values().find(|known| known.address.eq_ignore_ascii_case(address)).map(|known| known.model.as_str())
    }
}

/// How long unknown sensors are listened for.
const LISTEN: Duration = Duration::from_secs(10);

/// A sensor and how to understand it.
#[derive(Clone)]
pub struct Worn {
    /// What it measures.
    pub role: SensorRole,
    /// Its address.
    pub address: String,
    /// Its driver.
    pub driver: Arc<dyn ImuDriver>,
}

impl Worn {
    /// For next time.
    pub fn remembered(&self) -> Remembered {
        Remembered { address: self.address.clone(), model: self.driver.model().to_owned() }
    }
}

/// Finds out what the wanted sensors are. Remembered ones need not be there yet; the others must be heard once.
pub async fn identify(
    radio: &Radio,
    wanted: &BTreeMap<SensorRole, String>,
    remembered: &Sensors,
) -> anyhow::Result<Vec<Worn>> {
    let by_model = |model: &str| all().into_iter().find(|driver| driver.model() == model);
    let known = |address: &str| remembered.model(address).and_then(by_model);
    let mut found = Vec::new();
    if wanted.values().any(|address| known(address).is_none()) {
        let unknown: Vec<&String> = wanted.values().filter(|address| known(address).is_none()).collect();
        let all_heard = |heard: &[Found]| unknown.iter().all(|address| of_address(heard, address).is_some());
        found = radio.scan(LISTEN, all_heard).await.map_err(unusable)?;
    }
    wanted
        .iter()
        .map(|(role, address)| {
            let driver = known(address).map_or_else(|| heard_driver(&found, *role, address), Ok)?;
            Ok(Worn { role: *role, address: address.clone(), driver: Arc::from(driver) })
        })
        .collect()
}

fn of_address<'a>(found: &'a [Found], address: &str) -> Option<&'a Found> {
    found.iter().find(|device| device.address.eq_ignore_ascii_case(address))
}

fn heard_driver(found: &[Found], role: SensorRole, address: &str) -> anyhow::Result<Box<dyn ImuDriver>> {
    let device = of_address(found, address).ok_or_else(|| {
        unusable(anyhow::anyhow!(
            "{role} sensor {address}: not heard for {} s and not known from an earlier recording: switch it on, bring it \
             near, and check its address with `truehinge scan`",
            LISTEN.as_secs()
        ))
    })?;
    recognise(&device.advertisement).ok_or_else(|| {
        let name = device.advertisement.name.as_deref().unwrap_or("without a name");
        unusable(anyhow::anyhow!(
            "{role} sensor {address}: a device {name} answers, which is none of the sensors this program knows: check the \
             address with `truehinge scan`"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(entries: &[(SensorRole, &str)]) -> Sensors {
        let entry = |(role, address): &(SensorRole, &str)| {
            (*role, Remembered { address: (*address).to_owned(), model: "nus".to_owned() })
        };
        Sensors(entries.iter().map(entry).collect())
    }

    #[test]
    fn what_is_given_wins_and_no_sensor_is_worn_twice() {
        let sensors = remembered(&[(SensorRole::Hip, "AA"), (SensorRole::Shank, "BB")]);
        let args = WornArgs { hip: Some("bb".to_owned()), ..WornArgs::default() };
        assert_eq!(sensors.wanted(&args), BTreeMap::from([(SensorRole::Hip, "bb".to_owned())]));
        let none = WornArgs::default();
        assert_eq!(sensors.wanted(&none).len(), 2);
    }

    #[test]
    fn they_come_back_from_the_file_and_a_broken_file_is_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(Sensors::of(folder.path()).expect("none yet"), Sensors::default());
        let sensors = remembered(&[(SensorRole::Hip, "AA"), (SensorRole::Thigh, "CC")]);
        sensors.store(folder.path()).expect("stores");
        assert_eq!(Sensors::of(folder.path()).expect("reads"), sensors);
        fs::write(file(folder.path()), "hip = 3").expect("writes");
        let error = Sensors::of(folder.path()).expect_err("broken").to_string();
        assert!(error.contains("sensors.toml") && error.contains("delete"), "{error}");
    }
}

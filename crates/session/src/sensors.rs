//! Which sensor is worn where, and what it is: from the command line, from the last recording, from the air.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use truehinge_ble::ImuDriver;
use truehinge_ble::driver::metamotion::{MetaMotionDriver, Streaming};
use truehinge_ble::driver::nus::{NusDriver, Profile};
use truehinge_ble::driver::{all, rate, recognise};
use truehinge_ble::radio::{Found, Radio};
use truehinge_core::{SampleRate, SensorRole};
use truehinge_dataset::atomic::write_atomically;
use truehinge_dataset::files::read_text;

use crate::args::WornArgs;
use crate::{WrongUsage, unusable};

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
        match read_text(&path) {
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

    /// The sensors wanted: those given, and for roles not given the remembered ones.
    ///
    /// # Errors
    /// One sensor was given twice.
    pub fn wanted(&self, args: &WornArgs) -> anyhow::Result<BTreeMap<SensorRole, Wanted>> {
        worn_once(args)?;
        let remembered =
            |known: &Remembered| Wanted { address: known.address.clone(), model: Some(known.model.clone()) };
        let mut wanted: BTreeMap<_, _> = self.0.iter().map(|(role, known)| (*role, remembered(known))).collect();
        for given in args.given() {
            let model = given.model.or_else(|| self.model(given.address)).map(str::to_owned);
            wanted.insert(given.role, Wanted { address: given.address.to_owned(), model });
        }
        // A sensor that has moved to another role is not in its old one any more.
        for given in args.given() {
            wanted.retain(|other, worn| *other == given.role || !worn.address.eq_ignore_ascii_case(given.address));
        }
        Ok(wanted)
    }

    /// The remembered model of an address.
    fn model(&self, address: &str) -> Option<&str> {
        self.0.values().find(|known| known.address.eq_ignore_ascii_case(address)).map(|known| known.model.as_str())
    }
}

/// Refuses a sensor that is given for two places.
fn worn_once(args: &WornArgs) -> anyhow::Result<()> {
    let mut places: BTreeMap<String, SensorRole> = BTreeMap::new();
    for given in args.given() {
        if let Some(other) = places.insert(given.address.to_ascii_uppercase(), given.role) {
            let (address, role) = (given.address, given.role);
            return Err(unusable(anyhow::anyhow!(
                "{address} is given for {other} and for {role}: a sensor is worn in one place; give the other one's address"
            )));
        }
    }
    Ok(())
}

/// A sensor to be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Its address.
    pub address: String,
    /// Its model or its profile file, if known.
    pub model: Option<String>,
}

/// The driver of a model, or of the profile in a file.
pub fn driver_named(model: &str) -> anyhow::Result<Box<dyn ImuDriver>> {
    if Path::new(model).extension().is_some_and(|extension| extension == "toml") {
        let text = read_text(Path::new(model)).with_context(|| format!("profile {model}")).map_err(unusable)?;
        let profile = Profile::from_toml(&text).map_err(|error| {
            unusable(anyhow::anyhow!("profile {model}: {error}: see docs/sensors/nus.md for what it may hold"))
        })?;
        return Ok(Box::new(NusDriver { profile }));
    }
    let by_name = all_models().into_iter().find(|driver| driver.model() == model);
    by_name.ok_or_else(|| {
        let known: Vec<&str> = all_models().iter().map(|driver| driver.model()).collect();
        unusable(anyhow::anyhow!("{model} is no model of sensor ({}) and no profile file (*.toml)", known.join(", ")))
    })
}

/// Those that show by themselves, and those that have to be asked for.
pub fn all_models() -> Vec<Box<dyn ImuDriver>> {
    let mut models = all();
    models.push(Box::new(MetaMotionDriver::new(Streaming::Packed)));
    models
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
    /// Model or profile file.
    model: String,
}

impl Worn {
    /// For next time.
    pub fn remembered(&self) -> Remembered {
        Remembered { address: self.address.clone(), model: self.model.clone() }
    }
}

/// Finds out what the wanted sensors are, and sets them all to a rate, if one is given. Those whose model is known need not be there
/// yet; the others must be heard once.
pub async fn identify(
    radio: &Radio,
    wanted: &BTreeMap<SensorRole, Wanted>,
    rate: Option<SampleRate>,
) -> anyhow::Result<Vec<Worn>> {
    let unknown: Vec<&str> = wanted.values().filter(|w| w.model.is_none()).map(|w| w.address.as_str()).collect();
    let mut found = Vec::new();
    if !unknown.is_empty() {
        let all_heard = |heard: &[Found]| unknown.iter().all(|address| of_address(heard, address).is_some());
        found = radio.scan(LISTEN, all_heard).await.map_err(unusable)?;
    }
    let worn = |(role, Wanted { address, model }): (&SensorRole, &Wanted)| {
        let driver = match model {
            Some(model) => driver_named(model)?,
            None => heard_driver(&found, *role, address)?,
        };
        let model = model.clone().unwrap_or_else(|| driver.model().to_owned());
        Ok(Worn { role: *role, address: address.clone(), driver: Arc::from(driver), model })
    };
    let worn = wanted.iter().map(worn).collect::<anyhow::Result<Vec<Worn>>>()?;
    match rate {
        Some(rate) => at_rate(worn, rate),
        None => Ok(worn),
    }
}

/// The sensors at this rate.
///
/// # Errors
/// Some of them do not have it: which, what they have, and what all have in common.
fn at_rate(worn: Vec<Worn>, rate: SampleRate) -> anyhow::Result<Vec<Worn>> {
    let common = common_rates(&worn);
    let mut refused = Vec::new();
    let mut set = Vec::new();
    for sensor in worn {
        match sensor.driver.at(rate) {
            Ok(driver) => set.push(Worn { driver: Arc::from(driver), ..sensor }),
            Err(error) => {
                refused.push(format!("{} sensor {} ({}) {error}", sensor.role, sensor.address, sensor.driver.model()));
            }
        }
    }
    if refused.is_empty() {
        return Ok(set);
    }
    let next = if common.is_empty() {
        "leave --rate out: there is none to choose that all of these sensors have".to_owned()
    } else {
        let common = rate::words(&common);
        format!("give a --rate that all of these sensors have ({common}), or leave it out for the usual one of each")
    };
    Err(WrongUsage(anyhow::anyhow!("{}: {next}", refused.join("; "))).into())
}

/// The rates that all of them can be set to.
fn common_rates(worn: &[Worn]) -> Vec<SampleRate> {
    let mut each = worn.iter().map(|sensor| sensor.driver.rates());
    let first = each.next().unwrap_or_default();
    each.fold(first, |common, rates| common.into_iter().filter(|rate| rates.contains(rate)).collect())
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
    use std::fs;

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
        let moved = Wanted { address: "bb".to_owned(), model: Some("nus".to_owned()) };
        assert_eq!(sensors.wanted(&args).expect("once"), BTreeMap::from([(SensorRole::Hip, moved)]));
        let none = WornArgs::default();
        assert_eq!(sensors.wanted(&none).expect("none").len(), 2);
        let twice = WornArgs { hip: Some("bb".to_owned()), shank: Some("BB".to_owned()), ..WornArgs::default() };
        let error = sensors.wanted(&twice).expect_err("worn twice").to_string();
        assert!(error.contains("hip") && error.contains("shank") && error.contains("BB"), "{error}");
    }

    #[test]
    fn a_model_can_be_given_and_a_profile_is_read_from_its_file() {
        let args = WornArgs { shank: Some("CC=metamotion-packed".to_owned()), ..WornArgs::default() };
        let wanted = remembered(&[(SensorRole::Shank, "CC")]).wanted(&args).expect("once");
        assert_eq!(wanted[&SensorRole::Shank].model.as_deref(), Some("metamotion-packed"));
        assert_eq!(driver_named("metamotion-packed").expect("known").model(), "metamotion-packed");
        let error = driver_named("xsens").err().expect("unknown").to_string();
        assert!(error.contains("movella-dot") && error.contains(".toml"), "{error}");
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("mine.toml");
        let path = file.to_string_lossy().into_owned();
        fs::write(
            &file,
            "model = \"Mine\"\nrate_hz = 50.0\ncolumns = [\"time\", \"ax\", \"ay\", \"az\", \"gx\", \"gy\", \"gz\"]",
        )
        .expect("writes");
        assert_eq!(driver_named(&path).expect("reads").device().model, "Mine");
        fs::write(&file, "colour = 3").expect("writes");
        let error = driver_named(&path).err().expect("broken").to_string();
        assert!(error.contains("mine.toml") && error.contains("colour"), "{error}");
    }

    fn worn(models: &[(SensorRole, &str)]) -> Vec<Worn> {
        let sensor = |(role, model): &(SensorRole, &str)| {
            let driver = Arc::from(driver_named(model).expect("known"));
            Worn { role: *role, address: "AA".to_owned(), driver, model: (*model).to_owned() }
        };
        models.iter().map(sensor).collect()
    }

    fn hertz(hertz: f64) -> SampleRate {
        SampleRate::from_hertz(hertz).expect("positive")
    }

    #[test]
    fn all_sensors_are_set_to_a_rate_that_all_have() {
        let mixed = worn(&[(SensorRole::Hip, "thingy52"), (SensorRole::Shank, "witmotion")]);
        let set = at_rate(mixed.clone(), hertz(200.0)).expect("both have it");
        assert!(set.iter().all(|sensor| sensor.driver.device().nominal_rate == Some(hertz(200.0))));
        let usual = mixed.iter().map(|sensor| sensor.driver.device().nominal_rate);
        assert_eq!(usual.collect::<Vec<_>>(), [Some(hertz(100.0)), Some(hertz(50.0))]);
    }

    #[test]
    fn a_rate_that_one_sensor_does_not_have_is_refused_with_those_that_all_have() {
        let mixed = worn(&[(SensorRole::Hip, "metamotion"), (SensorRole::Shank, "witmotion")]);
        let error = at_rate(mixed, hertz(200.0)).err().expect("not of the MetaMotion");
        assert!(error.is::<WrongUsage>());
        let said = error.to_string();
        let want = "hip sensor AA (metamotion) measures at 25, 50 or 100 Hz, not at 200 Hz: \
                    give a --rate that all of these sensors have (50 or 100 Hz), or";
        assert!(said.starts_with(want) && !said.contains("shank"), "{said}");
        let apart = worn(&[(SensorRole::Hip, "movesense"), (SensorRole::Shank, "metamotion")]);
        let said = at_rate(apart, hertz(52.0)).err().expect("not of the MetaMotion").to_string();
        assert!(said.starts_with("shank") && said.contains("leave --rate out: there is none"), "{said}");
    }

    #[test]
    fn the_profiles_of_the_manual_are_read() {
        let manual = include_str!("../../../docs/sensors/nus.md");
        let profiles = manual.split("```toml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
        let read: Vec<Profile> = profiles.map(|text| Profile::from_toml(text).expect("as the manual says")).collect();
        let facts = |profile: &Profile| (profile.model.clone(), profile.contents().len(), profile.rate_hz);
        let want = [("My ESP32".to_owned(), 7, Some(100.0)), ("My nRF52".to_owned(), 8, Some(100.0))];
        assert_eq!(read.iter().map(facts).collect::<Vec<_>>(), want);
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

    #[test]
    fn the_sensors_that_the_first_version_remembered_are_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/v1");
        let sensors = Sensors::of(&folder).expect("reads");
        let (address, model) = ("C0:11:22:33:44:55".to_owned(), "nus".to_owned());
        assert_eq!(sensors.0[&SensorRole::Hip], Remembered { address, model });
        let (address, model) = ("C1:11:22:33:44:55".to_owned(), "movella-dot".to_owned());
        assert_eq!(sensors.0[&SensorRole::Shank], Remembered { address, model });
        for sensor in sensors.0.values() {
            assert!(driver_named(&sensor.model).is_ok(), "models are called as they were: {}", sensor.model);
        }
    }
}

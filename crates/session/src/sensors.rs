//! Which sensor is worn where, and what it is: as somebody says, from the last recording, from the air.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use truehinge_ble::driver::nus::{NusDriver, Profile, ProfileError};
use truehinge_ble::driver::{all, rate, recognise};
use truehinge_ble::radio::{Found, Radio};
use truehinge_ble::{ImuDriver, LinkError};
use truehinge_core::{DeviceInfo, Explained, SampleRate, SensorRole};
use truehinge_dataset::atomic::write_atomically;
use truehinge_dataset::files::read_text;

/// Why it is not known what is worn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SensorsError {
    /// The file of the last recording's sensors cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{}: {found}", path.display())]
    Memory {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// One sensor in two places.
    #[error("{address} is given for {other} and for {role}")]
    WornTwice {
        /// Its address.
        address: String,
        /// The one place.
        other: SensorRole,
        /// The other.
        role: SensorRole,
    },
    /// A profile cannot be read.
    #[error("profile {path}: {source}")]
    ProfileFile {
        /// Which file.
        path: String,
        /// What the file system said.
        source: io::Error,
    },
    /// It is none.
    #[error("profile {path}: {cause}")]
    Profile {
        /// Which file.
        path: String,
        /// What is wrong with it.
        cause: ProfileError,
    },
    /// Neither a model nor a profile.
    #[error("unknown sensor model {model}, and no profile file (*.toml)")]
    UnknownModel {
        /// What was said.
        model: String,
    },
    /// A sensor that nobody knows was not there to say what it is.
    #[error("{role} sensor {address}: not heard for {seconds} s and not known from an earlier recording")]
    NotHeard {
        /// Where it is worn.
        role: SensorRole,
        /// Its address.
        address: String,
        /// For so long.
        seconds: u64,
    },
    /// What answers is something else.
    #[error("{role} sensor {address}: a device {name} answers, which is none of the sensors this program knows")]
    NotASensor {
        /// Where it is worn.
        role: SensorRole,
        /// Its address.
        address: String,
        /// What it calls itself.
        name: String,
    },
    /// Some sensors do not have the rate that is asked for.
    #[error("{refused}")]
    Rate {
        /// Which, and what they have.
        refused: String,
        /// What all of them have, from slow to fast.
        common: Vec<SampleRate>,
    },
    /// The air cannot be listened to.
    #[error(transparent)]
    Radio(#[from] LinkError),
}

impl Explained for SensorsError {
    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "sensors_file",
            Self::Memory { .. } => "sensors_memory",
            Self::WornTwice { .. } => "sensors_worn_twice",
            Self::ProfileFile { .. } => "sensors_profile_file",
            Self::Profile { cause, .. } => cause.code(),
            Self::UnknownModel { .. } => "sensors_unknown_model",
            Self::NotHeard { .. } => "sensors_not_heard",
            Self::NotASensor { .. } => "sensors_not_a_sensor",
            Self::Rate { .. } => "sensors_rate",
            Self::Radio(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::File { .. } | Self::ProfileFile { .. } => return None,
            Self::Memory { .. } => "correct or delete it".into(),
            Self::WornTwice { .. } => "give the other one's address: a sensor is worn in one place".into(),
            Self::Profile { cause, .. } => {
                let see = "docs/sensors/nus.md says what a profile may hold";
                cause.hint().map_or_else(|| see.into(), |hint| format!("{hint}; {see}").into())
            }
            Self::UnknownModel { .. } => format!("known are {}", names().join(", ")).into(),
            Self::NotHeard { .. } => "switch it on, bring it near, and check its address".into(),
            Self::NotASensor { .. } => "check the address".into(),
            Self::Rate { common, .. } => at_common_rate(common).into(),
            Self::Radio(error) => return error.hint(),
        })
    }
}

fn names() -> Vec<&'static str> {
    all().iter().map(|driver| driver.model()).collect()
}

fn at_common_rate(common: &[SampleRate]) -> String {
    if common.is_empty() {
        return "leave each at its default rate: these sensors have none in common".to_owned();
    }
    format!("choose one that all of these sensors have ({}), or the default rate of each", rate::words(common))
}

/// A sensor as the next recording will want it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remembered {
    /// Address, as a scan shows it.
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
    ///
    /// # Errors
    /// [`SensorsError::File`], [`SensorsError::Memory`].
    pub fn of(folder: &Path) -> Result<Self, SensorsError> {
        let path = file(folder);
        match read_text(&path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| SensorsError::Memory { path, found: error.message().to_owned() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SensorsError::File { path, source }),
        }
    }

    /// Those that are worn now, for next time.
    pub fn worn(worn: &[Worn]) -> Self {
        Self(worn.iter().map(|sensor| (sensor.role, sensor.remembered())).collect())
    }

    /// Remembers them for next time.
    ///
    /// # Errors
    /// [`SensorsError::File`].
    pub fn store(&self, folder: &Path) -> Result<(), SensorsError> {
        let path = file(folder);
        let text = toml::to_string(self).map_err(io::Error::other);
        text.and_then(|text| write_atomically(&path, |file| file.write_all(text.as_bytes())))
            .map_err(|source| SensorsError::File { path, source })
    }

    /// The sensors wanted: those given, and for roles not given the remembered ones.
    ///
    /// # Errors
    /// [`SensorsError::WornTwice`].
    pub fn wanted(&self, given: &[(SensorRole, Wanted)]) -> Result<BTreeMap<SensorRole, Wanted>, SensorsError> {
        worn_once(given)?;
        let remembered =
            |known: &Remembered| Wanted { address: known.address.clone(), model: Some(known.model.clone()) };
        let mut wanted: BTreeMap<_, _> = self.0.iter().map(|(role, known)| (*role, remembered(known))).collect();
        for (role, Wanted { address, model }) in given {
            let model = model.as_deref().or_else(|| self.model(address)).map(str::to_owned);
            wanted.insert(*role, Wanted { address: address.clone(), model });
        }
        // A sensor that has moved to another role is not in its old one any more.
        for (role, Wanted { address, .. }) in given {
            wanted.retain(|other, worn| other == role || !worn.address.eq_ignore_ascii_case(address));
        }
        Ok(wanted)
    }

    /// The remembered model of an address.
    fn model(&self, address: &str) -> Option<&str> {
        self.0.values().find(|known| known.address.eq_ignore_ascii_case(address)).map(|known| known.model.as_str())
    }
}

/// Refuses a sensor that is given for two places.
fn worn_once(given: &[(SensorRole, Wanted)]) -> Result<(), SensorsError> {
    let mut places: BTreeMap<String, SensorRole> = BTreeMap::new();
    for (role, Wanted { address, .. }) in given {
        if let Some(other) = places.insert(address.to_ascii_uppercase(), *role) {
            return Err(SensorsError::WornTwice { address: address.clone(), other, role: *role });
        }
    }
    Ok(())
}

/// A sensor to be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Its address, in either case.
    pub address: String,
    /// Its model or its profile file, if known.
    pub model: Option<String>,
}

/// The driver of a model, or of the profile in a file (`*.toml`).
///
/// # Errors
/// [`SensorsError::UnknownModel`], [`SensorsError::ProfileFile`], [`SensorsError::Profile`].
pub fn driver_named(model: &str) -> Result<Box<dyn ImuDriver>, SensorsError> {
    if Path::new(model).extension().is_some_and(|extension| extension == "toml") {
        let path = || model.to_owned();
        let text = read_text(Path::new(model)).map_err(|source| SensorsError::ProfileFile { path: path(), source })?;
        let profile = Profile::from_toml(&text).map_err(|cause| SensorsError::Profile { path: path(), cause })?;
        return Ok(Box::new(NusDriver { profile }));
    }
    let by_name = all().into_iter().find(|driver| driver.model() == model);
    by_name.ok_or_else(|| SensorsError::UnknownModel { model: model.to_owned() })
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
    /// A sensor of a model, or of a profile in a file.
    ///
    /// # Errors
    /// As [`driver_named`].
    pub fn new(role: SensorRole, address: &str, model: &str) -> Result<Self, SensorsError> {
        Ok(Self::with_driver(role, address, driver_named(model)?, model))
    }

    fn with_driver(role: SensorRole, address: &str, driver: Box<dyn ImuDriver>, model: &str) -> Self {
        Self { role, address: address.to_owned(), driver: Arc::from(driver), model: model.to_owned() }
    }

    /// For next time.
    pub fn remembered(&self) -> Remembered {
        Remembered { address: self.address.clone(), model: self.model.clone() }
    }

    /// As the recording names it.
    pub fn device(&self) -> DeviceInfo {
        DeviceInfo { serial: self.address.clone(), ..self.driver.device() }
    }
}

/// Finds out what the wanted sensors are, and sets them all to a rate, if one is given. Those whose model is known need not be there
/// yet; the others must be heard once.
///
/// # Errors
/// One is not what was said, not heard, or no sensor; the rate is not one of all ([`SensorsError::Rate`]).
pub async fn identify(
    radio: &Radio,
    wanted: &BTreeMap<SensorRole, Wanted>,
    rate: Option<SampleRate>,
) -> Result<Vec<Worn>, SensorsError> {
    let unknown: Vec<&str> = wanted.values().filter(|w| w.model.is_none()).map(|w| w.address.as_str()).collect();
    let mut found = Vec::new();
    if !unknown.is_empty() {
        let all_heard = |heard: &[Found]| unknown.iter().all(|address| of_address(heard, address).is_some());
        found = radio.scan(LISTEN, all_heard).await?;
    }
    let mut worn = Vec::new();
    for (role, Wanted { address, model }) in wanted {
        worn.push(match model {
            Some(model) => Worn::new(*role, address, model)?,
            None => heard(&found, *role, address)?,
        });
    }
    match rate {
        Some(rate) => at_rate(worn, rate),
        None => Ok(worn),
    }
}

/// The sensors at this rate.
///
/// # Errors
/// Some of them do not have it: which, what they have, and what all have in common.
fn at_rate(worn: Vec<Worn>, rate: SampleRate) -> Result<Vec<Worn>, SensorsError> {
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
    Err(SensorsError::Rate { refused: refused.join("; "), common })
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

/// A sensor that says itself what it is.
fn heard(found: &[Found], role: SensorRole, address: &str) -> Result<Worn, SensorsError> {
    let device = of_address(found, address).ok_or_else(|| SensorsError::NotHeard {
        role,
        address: address.to_owned(),
        seconds: LISTEN.as_secs(),
    })?;
    let driver = recognise(&device.advertisement).ok_or_else(|| {
        let name = device.advertisement.name.as_deref().unwrap_or("without a name").to_owned();
        SensorsError::NotASensor { role, address: address.to_owned(), name }
    })?;
    let model = driver.model();
    Ok(Worn::with_driver(role, address, driver, model))
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
        let given = |role, address: &str| (role, Wanted { address: address.to_owned(), model: None });
        let moved = Wanted { address: "bb".to_owned(), model: Some("nus".to_owned()) };
        let wanted = sensors.wanted(&[given(SensorRole::Hip, "bb")]).expect("once");
        assert_eq!(wanted, BTreeMap::from([(SensorRole::Hip, moved)]));
        assert_eq!(sensors.wanted(&[]).expect("none").len(), 2);
        let twice = [given(SensorRole::Hip, "bb"), given(SensorRole::Shank, "BB")];
        let error = sensors.wanted(&twice).expect_err("worn twice").in_full();
        assert!(error.contains("hip") && error.contains("shank") && error.contains("BB"), "{error}");
    }

    #[test]
    fn a_model_can_be_given_and_a_profile_is_read_from_its_file() {
        let packed = Wanted { address: "CC".to_owned(), model: Some("metamotion-packed".to_owned()) };
        let wanted = remembered(&[(SensorRole::Shank, "CC")]).wanted(&[(SensorRole::Shank, packed)]).expect("once");
        assert_eq!(wanted[&SensorRole::Shank].model.as_deref(), Some("metamotion-packed"));
        assert_eq!(driver_named("metamotion-packed").expect("known").model(), "metamotion-packed");
        let error = driver_named("xsens").err().expect("unknown").in_full();
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
        let error = driver_named(&path).err().expect("broken").in_full();
        assert!(error.contains("mine.toml") && error.contains("colour"), "{error}");
    }

    fn worn(models: &[(SensorRole, &str)]) -> Vec<Worn> {
        let sensor = |(role, model): &(SensorRole, &str)| Worn::new(*role, "AA", model).expect("known");
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
        assert!(matches!(error, SensorsError::Rate { .. }));
        let said = error.in_full();
        let want = "hip sensor AA (metamotion) measures at 25, 50 or 100 Hz, not at 200 Hz: \
                    choose one that all of these sensors have (50 or 100 Hz), or";
        assert!(said.starts_with(want) && !said.contains("shank"), "{said}");
        let apart = worn(&[(SensorRole::Hip, "movesense"), (SensorRole::Shank, "metamotion")]);
        let said = at_rate(apart, hertz(52.0)).err().expect("not of the MetaMotion").in_full();
        assert!(said.starts_with("shank") && said.contains("these sensors have none in common"), "{said}");
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
        let error = Sensors::of(folder.path()).expect_err("broken").in_full();
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

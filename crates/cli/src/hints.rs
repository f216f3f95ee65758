//! Which option of the program does what a sentence asks for. The sentences themselves name none: tables and pages are read
//! without the program.

use truehinge_core::{Finding, FindingKind, Rejection};
use truehinge_dataset::DatasetError;
use truehinge_dataset::import::ImportError;
use truehinge_dataset::recording::RecordingError;
use truehinge_session::Error;
use truehinge_session::decode::DecodingError;
use truehinge_session::doctor::{Next, parts};
use truehinge_session::method_file::MethodFileError;
use truehinge_session::protocol::ProtocolError;
use truehinge_session::recording::DeviceSyncError;
use truehinge_session::sensors::SensorsError;
use truehinge_signal::SignalError;

use crate::{WrongUsage, told, unusable};

/// The option that does something about a finding.
pub const fn hint(finding: &Finding) -> Option<&'static str> {
    match finding.kind {
        FindingKind::SideUnknown { .. } | FindingKind::NoRepetitions { mostly: Some(Rejection::OneLegUnseen), .. } => {
            Some("--side left or --side right")
        }
        FindingKind::BodyUnmeasured { stature_known: false, .. } => Some("--height CM"),
        FindingKind::OtherLeg { .. } => Some("--side"),
        FindingKind::SensorsSwapped => Some("--hip and --shank of record, --role NAME=ROLE for other files"),
        FindingKind::ClockNotShared => Some("--device-sync"),
        _ => None,
    }
}

/// The option that does something about an error of reading.
pub fn reads(error: &DatasetError) -> Option<&'static str> {
    match error {
        DatasetError::Body { .. } => Some("--height CM"),
        DatasetError::Import(ImportError::NoRate { .. }) => Some("--rate HZ"),
        _ => None,
    }
}

/// An error of reading, with that option.
pub fn of_reading(error: DatasetError) -> anyhow::Error {
    match reads(&error) {
        Some(option) => anyhow::anyhow!(behind(error.to_string(), Some(option))),
        None => error.into(),
    }
}

/// The option that does something about an error of a session.
fn session(error: &Error) -> Option<&'static str> {
    match error {
        Error::Reading(error) => reads(error),
        Error::Analysis(SignalError::MissingSensor { .. }) => Some("--role NAME=ROLE"),
        Error::Protocol(ProtocolError::Inside { .. } | ProtocolError::Unknown { .. }) => Some("--protocol FILE"),
        Error::Method(MethodFileError::TooLarge { .. }) => Some("see `truehinge method --toml`"),
        _ => None,
    }
}

/// An error of a session, with the option that does something about it.
pub fn of_session(error: Error) -> anyhow::Error {
    match session(&error) {
        Some(option) => anyhow::anyhow!(behind(error.to_string(), Some(option))),
        None => error.into(),
    }
}

/// The same in one sentence, with the causes.
pub fn told_of_session(error: &Error) -> String {
    match session(error) {
        Some(option) => behind(error.to_string(), Some(option)),
        None => told(error),
    }
}

/// An error of a coach: a body that nobody has is unusable input.
pub fn of_coach(error: Error) -> anyhow::Error {
    match error {
        Error::Body(body) => unusable(body),
        other => of_session(other),
    }
}

/// An error of the sensors that are wanted, with the option or command that does something about it.
pub fn of_sensors(error: SensorsError) -> anyhow::Error {
    match error {
        error @ SensorsError::File { .. } => error.into(),
        SensorsError::Rate { refused, common } => {
            let next = if common.is_empty() {
                "leave --rate out: there is none to choose that all of these sensors have".to_owned()
            } else {
                let common = truehinge_ble::driver::rate::words(&common);
                format!(
                    "give a --rate that all of these sensors have ({common}), or leave it out for the usual one of each"
                )
            };
            WrongUsage(anyhow::anyhow!("{refused}: {next}")).into()
        }
        error => unusable(anyhow::anyhow!(told_of_sensors(&error))),
    }
}

/// The same in one sentence.
fn told_of_sensors(error: &SensorsError) -> String {
    match error {
        // An address is what a scan tells.
        SensorsError::NotHeard { .. } | SensorsError::NotASensor { .. } => format!("{error} with `truehinge scan`"),
        _ => error.to_string(),
    }
}

/// What to do about what a doctor found, with the option or command for it.
pub fn next(next: &Next) -> String {
    match next {
        Next::OtherFolder => "choose another folder with --out, or correct its permissions".to_owned(),
        Next::MeasureFor(seconds) => {
            format!("measure longer with --seconds {seconds}; connect fewer devices to this computer")
        }
        Next::Sensors(error) => parts(&told_of_sensors(error)).1.to_owned(),
        other => other.to_string(),
    }
}

/// An error of setting the sensors' clocks, by the option that asks for it.
pub fn of_device_sync(error: DeviceSyncError) -> anyhow::Error {
    match error {
        DeviceSyncError::TooFew { found } => unusable(anyhow::anyhow!(
            "--device-sync is for two or more Movella DOTs, and {found} is worn: leave it out, the clocks are fitted without"
        )),
        other => other.into(),
    }
}

/// An error of creating a recording: a folder that cannot be used is unusable input.
pub fn of_creating(error: RecordingError) -> anyhow::Error {
    match error {
        error @ (RecordingError::Exists { .. } | RecordingError::Io { .. }) => unusable(error),
        other => other.into(),
    }
}

/// An error of decoding, with the option that says what a sensor is.
pub fn of_decoding(error: DecodingError) -> anyhow::Error {
    match error {
        DecodingError::NoDriver { role, .. } => {
            unusable(anyhow::anyhow!("{error} with --sensor {role}=MODEL or {role}=PROFILE.toml"))
        }
        DecodingError::Sensors(error) => of_sensors(error),
        other => unusable(other),
    }
}

/// A sentence with the hint behind it.
pub fn behind(sentence: String, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{sentence} ({hint})"),
        None => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;
    use truehinge_core::{Anthropometry, SensorRole, Side, words};

    #[test]
    fn every_hint_names_options_that_exist_and_stands_behind_a_sentence_that_asks_for_them() {
        let mut options = Vec::new();
        for command in Cli::command().get_subcommands() {
            options.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned));
        }
        let asks = [
            (FindingKind::SideUnknown { set: 1 }, "name the leg"),
            (FindingKind::OtherLeg { side: Side::Left, movements: 5 }, "wear the shank sensor on it"),
            (
                FindingKind::BodyUnmeasured {
                    stature_known: false,
                    shank_length_known: false,
                    shank_length_sigma_pct: 7.0,
                },
                "measure the standing height",
            ),
            (
                FindingKind::NoRepetitions { movements: 3, mostly: Some(Rejection::OneLegUnseen) },
                "say which leg all of it is on",
            ),
            (FindingKind::SensorsSwapped, "exchange their roles"),
            (FindingKind::ClockNotShared, "before they set their clocks again"),
        ];
        let found = asks.map(|(kind, asked)| {
            let finding = Finding::of_recording(kind);
            assert!(words::sentence(&finding).ends_with(asked), "{}", words::sentence(&finding));
            hint(&finding).expect("a hint").to_owned()
        });
        let of_protocol = |error: ProtocolError| of_session(error.into()).to_string();
        let unknown = of_protocol(ProtocolError::Unknown { name: "mine".to_owned() });
        assert_eq!(
            unknown,
            "the recording names the protocol mine, which is not built in: give its file (--protocol FILE)"
        );
        let error = SignalError::MissingSensor { role: SensorRole::Hip, found: vec![SensorRole::Shank] };
        let error = of_session(error.into()).to_string();
        assert_eq!(
            error,
            "there is no hip sensor in the recording (found: shank): record it, or say which sensor it is (--role NAME=ROLE)"
        );
        let body = Anthropometry { mass_kg: Some(-1.0), ..Anthropometry::default() }.check().expect_err("no mass");
        let reading = of_reading(DatasetError::Body { path: "a.mcap".into(), body }).to_string();
        assert_eq!(
            reading,
            "a.mcap: mass_kg is -1 kg, possible is 10 to 400 kg: measure it again, or leave it out; a standing height that is \
             given takes its place (--height CM)"
        );
        let rate = of_reading(DatasetError::Import(ImportError::NoRate { path: "x.txt".into() })).to_string();
        assert!(rate.ends_with("or say the rate (--rate HZ)"), "{rate}");
        let of_radio = of_radio();
        for text in found.iter().chain([&error, &reading, &rate, &unknown]).chain(&of_radio) {
            let named: Vec<&str> = text.split("--").skip(1).collect();
            assert!(!named.is_empty(), "{text}");
            for named in named {
                let name: String = named.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                assert!(options.contains(&name), "--{name} of {text}");
            }
        }
    }

    /// What is said of sensors and of what a doctor found.
    fn of_radio() -> Vec<String> {
        let hertz = |hertz| truehinge_core::SampleRate::from_hertz(hertz).expect("positive");
        let rate = |common| SensorsError::Rate { refused: "hip sensor AA measures otherwise".to_owned(), common };
        let common = of_sensors(rate(vec![hertz(50.0), hertz(100.0)])).to_string();
        assert_eq!(
            common,
            "hip sensor AA measures otherwise: give a --rate that all of these sensors have (50 or 100 Hz), or leave it out for the \
             usual one of each"
        );
        let none = of_sensors(rate(Vec::new()));
        assert!(none.is::<WrongUsage>() && none.to_string().ends_with("that all of these sensors have"), "{none}");
        let no_driver = DecodingError::NoDriver { role: SensorRole::Hip, model: "X".to_owned() };
        let no_driver = of_decoding(no_driver).to_string();
        assert!(no_driver.ends_with("say what it is with --sensor hip=MODEL or hip=PROFILE.toml"), "{no_driver}");
        let few = of_device_sync(DeviceSyncError::TooFew { found: 1 }).to_string();
        vec![common, none.to_string(), no_driver, few, next(&Next::OtherFolder), next(&Next::MeasureFor(30))]
    }

    #[test]
    fn a_sensor_that_was_not_heard_is_to_be_looked_for_by_a_scan() {
        let absent = || SensorsError::NotHeard { role: SensorRole::Hip, address: "AA".to_owned(), seconds: 10 };
        let said = of_sensors(absent()).to_string();
        assert!(said.ends_with("bring it near, and check its address with `truehinge scan`"), "{said}");
        let next = next(&Next::Sensors(absent()));
        assert!(next.starts_with("not heard for 10 s") && next.ends_with("`truehinge scan`"), "{next}");
    }

    #[test]
    fn what_needs_no_option_has_no_hint() {
        assert_eq!(hint(&Finding::of_recording(FindingKind::NoRepetitions { movements: 0, mostly: None })), None);
        assert_eq!(behind("said".to_owned(), None), "said");
        assert_eq!(of_session(SignalError::NoCommonTime.into()).to_string(), SignalError::NoCommonTime.to_string());
    }
}

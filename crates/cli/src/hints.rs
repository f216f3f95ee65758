//! Which option of the program does what a sentence asks for. The sentences themselves name none: tables and pages are read
//! without the program.

use truehinge_core::{Finding, FindingKind, Rejection};
use truehinge_dataset::DatasetError;
use truehinge_dataset::import::ImportError;
use truehinge_session::method_file::MethodFileError;
use truehinge_session::protocol::ProtocolError;
use truehinge_signal::SignalError;

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

/// An error of the analysis, with the option that does something about it.
pub fn with_hint(error: SignalError) -> anyhow::Error {
    match error {
        SignalError::MissingSensor { .. } => anyhow::anyhow!(behind(error.to_string(), Some("--role NAME=ROLE"))),
        other => other.into(),
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

/// An error of a session, with the option that does something about it.
pub fn of_session(error: truehinge_session::Error) -> anyhow::Error {
    match error {
        truehinge_session::Error::Reading(error) => of_reading(error),
        truehinge_session::Error::Analysis(error) => with_hint(error),
        truehinge_session::Error::Protocol(error @ (ProtocolError::Inside { .. } | ProtocolError::Unknown { .. })) => {
            anyhow::anyhow!(behind(error.to_string(), Some("--protocol FILE")))
        }
        truehinge_session::Error::Method(error @ MethodFileError::TooLarge { .. }) => {
            anyhow::anyhow!(behind(error.to_string(), Some("see `truehinge method --toml`")))
        }
        other => other.into(),
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
        let error = with_hint(error).to_string();
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
        for text in found.iter().chain([&error, &reading, &rate, &unknown]) {
            let named: Vec<&str> = text.split("--").skip(1).collect();
            assert!(!named.is_empty(), "{text}");
            for named in named {
                let name: String = named.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                assert!(options.contains(&name), "--{name} of {text}");
            }
        }
    }

    #[test]
    fn what_needs_no_option_has_no_hint() {
        assert_eq!(hint(&Finding::of_recording(FindingKind::NoRepetitions { movements: 0, mostly: None })), None);
        assert_eq!(behind("said".to_owned(), None), "said");
        assert_eq!(with_hint(SignalError::NoCommonTime).to_string(), SignalError::NoCommonTime.to_string());
    }
}

//! Which option of the program does what a sentence asks for. The sentences themselves name none: tables and pages are read
//! without the program.

use std::borrow::Cow;

use truehinge_core::{Finding, FindingKind, Rejection};
use truehinge_session::doctor::{Check, NO_FOLDER, TOO_SHORT};

/// The option that does something about a finding.
pub const fn hint(finding: &Finding) -> Option<&'static str> {
    match finding.kind {
        FindingKind::SideUnknown { .. } | FindingKind::NoRepetitions { mostly: Some(Rejection::OneLegUnseen), .. } => {
            Some("--side left or --side right")
        }
        FindingKind::BodyUnmeasured { stature_known: false, .. } => {
            Some("--height CM, `truehinge athlete add` for all sessions")
        }
        FindingKind::OtherLeg { .. } | FindingKind::FacesBack => Some("--side"),
        FindingKind::SensorsSwapped => Some("--hip and --shank of record, --role NAME=ROLE for other files"),
        FindingKind::CorrectionUnfit { .. } => Some("`truehinge correct RECORDING --rep SET.REP --undo`"),
        FindingKind::ClockNotShared => Some("--device-sync"),
        _ => None,
    }
}

/// What does what a hint asks for, by the code of the error.
const OPTIONS: [(&str, &str); 43] = [
    ("folder_busy", "--out FOLDER"),
    ("table_other_version", "--out FOLDER"),
    ("table_foreign", "--out FOLDER"),
    ("export_foreign", "--out FOLDER"),
    ("export_changed", "--out FOLDER"),
    ("export_others", "--out FOLDER"),
    ("result_gone", "`truehinge batch`, of a part with its --shard I/N"),
    ("shard_none", "`truehinge batch --shard I/N`"),
    ("shard_missing", "`truehinge batch --shard I/N`"),
    ("recording_impossible_body", "--height CM"),
    ("import_no_rate", "--rate HZ"),
    ("import_both_legs", "--side left or --side right"),
    ("import_roles", "--role NAME=ROLE"),
    ("import_missing_sensor", "--role NAME=ROLE"),
    ("recording_roles", "--role NAME=ROLE"),
    ("analysis_missing_sensor", "--role NAME=ROLE"),
    ("import_unknown_format", "--mapping FILE"),
    ("import_unread", "--mapping FILE"),
    ("protocol_inside", "--protocol FILE"),
    ("protocol_unknown", "--protocol FILE"),
    ("method_file_too_large", "see `truehinge method --toml`"),
    ("method_file_not_text", "see `truehinge method --toml`"),
    ("method_unknown_number", "see `truehinge method`"),
    ("sensors_not_heard", "`truehinge scan`"),
    ("sensors_not_a_sensor", "`truehinge scan`"),
    ("sensors_rate", "--rate"),
    ("device_sync_too_few", "leave out --device-sync"),
    ("decode_no_driver", "--sensor ROLE=MODEL or ROLE=PROFILE.toml"),
    ("bluetooth_no_such_adapter", "--adapter NAME"),
    ("card_none", "`truehinge athlete add`"),
    ("card_exists", "`truehinge athlete edit`"),
    ("recording_unfinished", "`truehinge recover RECORDING`"),
    ("recording_damaged", "`truehinge recover RECORDING`"),
    ("recording_ended_early", "`truehinge recover RECORDING --out ANOTHER-FOLDER`"),
    ("recording_exists", "--out"),
    ("record_not_stored", "--out FOLDER"),
    ("recording_nobody", "--athlete CODE, --side, --height CM"),
    ("no_threads", "--jobs N"),
    ("ended_program", "--retry"),
    ("web_port_taken", "--web=PORT, --web=0 for any that is free"),
    ("web_not_served", "--web=PORT"),
    (NO_FOLDER, "--out FOLDER"),
    (TOO_SHORT, "--seconds 30"),
];

/// What does what the hint of an error with this code asks for.
fn option(code: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|(of, _)| *of == code).map(|(_, option)| *option)
}

/// A hint of an error with this code, with the option behind it.
pub fn with_option(code: &str, hint: Option<Cow<'static, str>>) -> Option<String> {
    hint.map(|hint| behind(hint.into_owned(), option(code)))
}

/// What to do about what a doctor found, with the option for it.
pub fn next(check: &Check) -> String {
    behind(check.next.clone().into_owned(), check.code.and_then(option))
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
    use crate::Outcome;
    use crate::args::Cli;
    use crate::failure::Failure;
    use clap::CommandFactory;
    use truehinge_core::{Anthropometry, Explained, SensorRole, Side, words};
    use truehinge_dataset::DatasetError;
    use truehinge_dataset::import::ImportError;
    use truehinge_session::Error;
    use truehinge_session::decode::DecodingError;
    use truehinge_session::protocol::ProtocolError;
    use truehinge_session::recording::DeviceSyncError;
    use truehinge_session::sensors::SensorsError;
    use truehinge_signal::SignalError;

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
            (FindingKind::SensorsSwapped, "swap their roles"),
            (FindingKind::CorrectionUnfit { set: 1, rep: 4 }, "take the correction back"),
            (FindingKind::ClockNotShared, "before they set their clocks again"),
        ];
        let found = asks.map(|(kind, asked)| {
            let finding = Finding::of_recording(kind);
            assert!(words::sentence(&finding).ends_with(asked), "{}", words::sentence(&finding));
            hint(&finding).expect("a hint").to_owned()
        });
        for text in found.iter().map(String::as_str).chain(OPTIONS.map(|(_, option)| option)) {
            assert!(text.contains("--") || text.contains("`truehinge "), "{text}");
            for named in text.split("--").skip(1) {
                let name: String = named.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                assert!(options.contains(&name), "--{name} of {text}");
            }
        }
    }

    /// An error as it is told.
    fn told(error: &impl Explained) -> String {
        Failure::of(Outcome::SomeFailed, error).to_string()
    }

    #[test]
    fn a_hint_has_the_option_that_does_it_behind_it() {
        let unknown = Error::from(ProtocolError::Unknown { name: "mine".to_owned() });
        assert_eq!(
            told(&unknown),
            "error: the recording names the protocol mine, which is not built in\nhint: give its file (--protocol FILE)"
        );
        let sensor = SignalError::MissingSensor { role: SensorRole::Hip, found: vec![SensorRole::Shank] };
        assert_eq!(
            told(&Error::from(sensor)),
            "error: there is no hip sensor in the recording (found: shank)\n\
             hint: record it, or say which sensor it is (--role NAME=ROLE)"
        );
        let body = Anthropometry { mass_kg: Some(-1.0), ..Anthropometry::default() }.check().expect_err("no mass");
        assert_eq!(
            told(&DatasetError::Body { path: "a.mcap".into(), body }),
            "error: a.mcap: mass_kg is -1 kg, possible is 10 to 400 kg\n\
             hint: measure it again, or leave it out; a standing height that is given takes its place (--height CM)"
        );
        let rate = told(&DatasetError::Import(ImportError::NoRate { path: "x.txt".into() }));
        assert!(rate.ends_with("hint: export with SampleTimeFine, or say the rate (--rate HZ)"), "{rate}");
        let legs = told(&ImportError::BothLegs { path: "x".into() });
        assert_eq!(
            legs,
            "error: x: sensors of both legs are there\nhint: say which one supports (--side left or --side right)"
        );
    }

    #[test]
    fn what_is_said_of_sensors_has_its_option() {
        let hertz = |hertz| truehinge_core::SampleRate::from_hertz(hertz).expect("positive");
        let rate = |common| SensorsError::Rate { refused: "hip sensor AA measures otherwise".to_owned(), common };
        assert_eq!(
            told(&rate(vec![hertz(50.0), hertz(100.0)])),
            "error: hip sensor AA measures otherwise\n\
             hint: choose one that all of these sensors have (50 or 100 Hz), or the default rate of each (--rate)"
        );
        let none = told(&rate(Vec::new()));
        assert!(none.contains("hint: leave each at its default rate"), "{none}");
        let no_driver = told(&DecodingError::NoDriver { role: SensorRole::Hip, model: "X".to_owned() });
        assert!(no_driver.ends_with("say what it is (--sensor ROLE=MODEL or ROLE=PROFILE.toml)"), "{no_driver}");
        let few = told(&DeviceSyncError::TooFew { found: 1 });
        assert!(few.ends_with("the clocks are fitted from the data (leave out --device-sync)"), "{few}");
        let absent = SensorsError::NotHeard { role: SensorRole::Hip, address: "AA".to_owned(), seconds: 10 };
        let absent = told(&absent);
        assert!(absent.starts_with("error: hip sensor AA: not heard for 10 s"), "{absent}");
        assert!(
            absent.ends_with("hint: switch it on, bring it near, and check its address (`truehinge scan`)"),
            "{absent}"
        );
    }

    #[test]
    fn what_needs_no_option_has_no_hint() {
        assert_eq!(hint(&Finding::of_recording(FindingKind::NoRepetitions { movements: 0, mostly: None })), None);
        assert_eq!(behind("said".to_owned(), None), "said");
        assert_eq!(
            told(&SignalError::NoCommonTime),
            "error: the sensors have no time in common\nhint: check that all files are from the same session"
        );
    }
}

//! An error as the program tells it: a line `error:` with what was found and a line `hint:` for each thing to do on standard error,
//! and with `--json` one object on standard output as well.

#![allow(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]

use std::fmt;
use std::path::Path;

use serde::Serialize;
use truehinge_ble::recorder::RecordError;
use truehinge_core::{Explained, InvalidId};
use truehinge_dataset::recording::RecordingError;
use truehinge_dataset::table::TableError;
use truehinge_report::ReportError;
use truehinge_session::decode::DecodingError;
use truehinge_session::recording::DeviceSyncError;
use truehinge_session::sensors::SensorsError;
use truehinge_session::{Error, Failed};

use crate::json::Output;
use crate::{Outcome, hints, json, pipe};

/// An error as the program tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
    /// A name that stays the same from version to version.
    pub code: &'static str,
    /// What was found, with its causes.
    pub found: String,
    /// What to do, each with the option of the program that does it.
    pub hints: Vec<String>,
    /// The exit code of the program.
    pub exit: u8,
}

/// What `--json` prints of it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Line<'a> {
    /// The error.
    pub error: &'a Failure,
}

impl Output for Line<'_> {
    const SCHEMA: &'static str = "truehinge/error/1";
}

impl Failure {
    /// One that no library knows.
    pub fn new(outcome: Outcome, code: &'static str, found: impl Into<String>) -> Self {
        Self { code, found: found.into(), hints: Vec::new(), exit: outcome.number() }
    }

    /// An error of a library, with the option that does what its hint asks for.
    pub fn of(outcome: Outcome, error: &(impl Explained + ?Sized)) -> Self {
        let hint = hints::with_option(error.code(), error.hint());
        Self { hints: hint.into_iter().collect(), ..Self::new(outcome, error.code(), error.found()) }
    }

    /// The same with this to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with the name of what it is about in front, where its words do not have it.
    pub fn about(self, source: &str) -> Self {
        let found = if self.found.contains(source) { self.found } else { format!("{source}: {}", self.found) };
        Self { found, ..self }
    }

    /// The same with the path of the recording where a command for it is named, so that it can be copied.
    pub fn of_recording(mut self, path: &Path) -> Self {
        for hint in &mut self.hints {
            *hint = hint.replace("RECORDING", &path.display().to_string());
        }
        self
    }

    /// Whatever a command came back with.
    pub fn of_any(error: &anyhow::Error) -> Self {
        if let Some(failure) = error.downcast_ref::<Self>() {
            return failure.clone();
        }
        match explained(error) {
            Some(error) => Self::of(Outcome::Failed, error),
            None => Self::new(Outcome::Failed, "unexpected", with_causes(error)),
        }
    }

    /// Tells people, and programs if they listen.
    pub fn tell(&self, json: bool) {
        pipe::err(format_args!("{self}\n"));
        if json {
            json::print(&Line { error: self });
        }
    }

    /// All of it in one line, for tables and lines of a session.
    pub fn in_full(&self) -> String {
        let hints = self.hints.join("; ");
        if hints.is_empty() { self.found.clone() } else { format!("{}: {hints}", self.found) }
    }
}

/// As people read it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.found)?;
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl std::error::Error for Failure {}

/// The errors of libraries that commands pass on as they are.
fn explained(error: &anyhow::Error) -> Option<&dyn Explained> {
    fn known<E: Explained + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&dyn Explained> {
        error.downcast_ref::<E>().map(|error| error as &dyn Explained)
    }
    known::<Error>(error)
        .or_else(|| known::<RecordingError>(error))
        .or_else(|| known::<RecordError>(error))
        .or_else(|| known::<TableError>(error))
        .or_else(|| known::<ReportError>(error))
        .or_else(|| known::<InvalidId>(error))
}

/// An error of another library with its causes; one that the words before it say already is not said again.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// An error of the input, not of the program.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub fn unusable(error: impl Explained) -> anyhow::Error {
    Failure::of(Outcome::SomeFailed, &error).into()
}

/// Something was asked for that cannot be: what the parser could not know.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub fn wrong_usage(error: impl Explained) -> anyhow::Error {
    Failure::of(Outcome::WrongUsage, &error).into()
}

/// There was nothing to work on.
pub fn nothing(code: &'static str, found: impl Into<String>) -> Failure {
    Failure::new(Outcome::NothingFound, code, found)
}

/// There is no recording in what was given.
pub fn no_recording() -> anyhow::Error {
    nothing("no_recording", "no recordings were found in the inputs").into()
}

/// Ctrl-C, and what was not done therefore.
pub fn interrupted(undone: &str) -> anyhow::Error {
    Failure::new(Outcome::Interrupted, "interrupted", format!("interrupted: {undone}")).into()
}

/// An error of the folder that is written into, or of parts of a study: unusable input. Others are errors of the program.
pub fn of_writing(error: Error) -> anyhow::Error {
    match error {
        Error::Stopped => interrupted("what is done is kept; run the same command again"),
        Error::Workplace(_) | Error::Tables(_) | Error::Export(_) | Error::Shard(_) => unusable(error),
        other => other.into(),
    }
}

/// An input that could not be used, by its name.
pub fn of_input(Failed { source, path, error, .. }: &Failed) -> Failure {
    Failure::of(Outcome::SomeFailed, &**error).of_recording(path).about(source)
}

/// An error of a coach: a body that nobody has is unusable input.
pub fn of_coach(error: &Error) -> Failure {
    let outcome = if matches!(error, Error::Body(_)) { Outcome::SomeFailed } else { Outcome::Failed };
    Failure::of(outcome, error)
}

/// An error of the sensors that are wanted.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub fn of_sensors(error: SensorsError) -> anyhow::Error {
    let outcome = match error {
        SensorsError::File { .. } => Outcome::Failed,
        SensorsError::Rate { .. } => Outcome::WrongUsage,
        _ => Outcome::SomeFailed,
    };
    Failure::of(outcome, &error).into()
}

/// An error of synchronising the sensors' clocks.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub fn of_device_sync(error: DeviceSyncError) -> anyhow::Error {
    let outcome = match error {
        DeviceSyncError::TooFew { .. } => Outcome::SomeFailed,
        _ => Outcome::Failed,
    };
    Failure::of(outcome, &error).into()
}

/// An error of creating a recording: a folder that cannot be used is unusable input.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
pub fn of_creating(error: RecordingError) -> anyhow::Error {
    let outcome = match error {
        RecordingError::Exists { .. } | RecordingError::Io { .. } => Outcome::SomeFailed,
        _ => Outcome::Failed,
    };
    Failure::of(outcome, &error).into()
}

/// An error of decoding.
pub fn of_decoding(error: DecodingError) -> anyhow::Error {
    match error {
        DecodingError::Sensors(error) => of_sensors(error),
        other => unusable(other),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use truehinge_signal::SignalError;

    use super::*;

    #[test]
    fn an_error_is_a_line_of_what_was_found_and_lines_of_what_to_do() {
        let failure = Failure::of(Outcome::SomeFailed, &RecordingError::Unfinished { path: "a.mcap".into() });
        assert_eq!(
            failure.to_string(),
            "error: a.mcap: the recording was not finished (a crash or power loss)\n\
             hint: recover what it holds (`truehinge recover RECORDING`)"
        );
        assert_eq!(
            serde_json::to_string(&Line { error: &failure }).expect("JSON"),
            r#"{"error":{"code":"recording_unfinished","found":"a.mcap: the recording was not finished (a crash or power loss)","hints":["recover what it holds (`truehinge recover RECORDING`)"],"exit":3}}"#
        );
    }

    #[test]
    fn what_a_command_passes_on_keeps_its_code_and_causes_are_named_once() {
        let passed = anyhow::Error::from(Error::from(SignalError::NoCommonTime));
        let failure = Failure::of_any(&passed);
        assert_eq!((failure.code, failure.exit, failure.hints.len()), ("analysis_no_common_time", 1, 1));
        let foreign = anyhow::Error::from(std::io::Error::other("no space")).context("a.csv: no space");
        assert_eq!(Failure::of_any(&foreign).to_string(), "error: a.csv: no space");
        let nested: anyhow::Result<()> = Err(std::io::Error::other("no space")).context("a.csv");
        assert_eq!(Failure::of_any(&nested.expect_err("an error")).found, "a.csv: no space");
    }

    #[test]
    fn an_input_is_named_once() {
        let failure = Failure::new(Outcome::SomeFailed, "x", "data/a.csv: empty");
        assert_eq!(failure.clone().about("a.csv").found, "data/a.csv: empty");
        assert_eq!(failure.about("b.csv").found, "b.csv: data/a.csv: empty");
    }
}

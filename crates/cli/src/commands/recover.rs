//! `recover`: brings back an unfinished or damaged recording.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use truehinge_core::{Anthropometry, Finding, HostTime, SensorRole, words};
use truehinge_dataset::recording::{Named, RecordingError, recover_into};

use crate::args::{Cli, RecoverArgs};
use crate::failure::Failure;
use crate::json::Output;
use crate::{Outcome, json};

/// What was brought back.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BroughtBack<'a> {
    /// The new recording.
    recording: Cow<'a, str>,
    /// Samples by sensor.
    samples: BTreeMap<SensorRole, usize>,
    /// Arrival of the newest data, s after the beginning; null where arrivals were not recorded.
    until_s: Option<f64>,
    /// What is missing or was set right.
    findings: &'a [Finding],
}

impl Output for BroughtBack<'_> {
    const SCHEMA: &'static str = "truehinge/recover/1";
}

/// Runs the command.
pub fn run(args: &RecoverArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let named = args.athlete.clone().map(|athlete| {
        let body = args.height.map_or_else(Anthropometry::default, Anthropometry::standing);
        Named { athlete, side: args.side, body }
    });
    let beside = args.recording.parent().unwrap_or(Path::new(""));
    let folder = args.out.as_deref().unwrap_or(beside);
    let recovered = recover_into(&args.recording, folder, named.as_ref()).map_err(|error| refused(&error, args))?;
    let findings: Vec<Finding> = recovered.faults.iter().map(Finding::of_fault).collect();
    if cli.json {
        json::print(&BroughtBack {
            recording: json::path(&recovered.path),
            samples: recovered.samples.iter().copied().collect(),
            until_s: recovered.until.map(HostTime::seconds),
            findings: &findings,
        });
        return Ok(Outcome::Done);
    }
    println!("recovered to {}", recovered.path.display());
    if let Some(until) = recovered.until {
        println!("  up to {:.1} s after its start", until.seconds());
    }
    for (role, samples) in &recovered.samples {
        println!("  {role}: {samples} samples");
    }
    if findings.is_empty() {
        println!("  no loss detected");
    }
    for finding in &findings {
        println!("  {}", words::remark(finding));
    }
    Ok(Outcome::Done)
}

/// Why it cannot be recovered: what the file system said no to is the recording, or the place for what it holds.
fn refused(error: &RecordingError, args: &RecoverArgs) -> Failure {
    let failure = Failure::of(Outcome::SomeFailed, error);
    match error {
        RecordingError::Io { path, .. } if *path == args.recording => {
            failure.hint("check the path, and whether you may read it")
        }
        RecordingError::Io { .. } => failure.hint("free some space, or choose another folder (--out FOLDER)"),
        _ => failure,
    }
}

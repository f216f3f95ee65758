//! `doctor`: is everything ready to record, and what to do if not.

use serde::Serialize;
use truehinge_session::doctor::{Check, Doctor, Grade};
use truehinge_session::radio::{Radio, runtime};

use super::record::stop_signal;
use crate::args::{Cli, DoctorArgs};
use crate::failure::of_sensors;
use crate::json::Output;
use crate::{Outcome, hints, json, output};

/// Runs the command.
pub fn run(args: &DoctorArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let doctor =
        Doctor { folder: args.out.clone(), given: args.worn.given(), rate: args.worn.rate, seconds: args.seconds };
    let (checks, whole) = runtime()?.block_on(async {
        let stop = stop_signal()?;
        let radio = Radio::new(args.radio.adapter.clone());
        let checks = doctor.examine(&radio, &stop).await.map_err(of_sensors)?;
        anyhow::Ok((checks, !stop.is_cancelled()))
    })?;
    let lines: Vec<Line> = checks.iter().map(Line::of).collect();
    if cli.json {
        json::print(&Checks { checks: &lines });
    } else {
        println!("{}", table(&lines));
    }
    Ok(match checks.iter().map(|check| check.grade).max() {
        _ if !whole => Outcome::Interrupted,
        Some(Grade::Fail) => Outcome::SomeFailed,
        _ => Outcome::Done,
    })
}

/// All that was looked at, in order.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checks<'a> {
    /// The checks.
    checks: &'a [Line<'a>],
}

impl Output for Checks<'_> {
    const SCHEMA: &'static str = "truehinge/doctor/1";
}

/// A check, with the option that does something about it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Line<'a> {
    /// What was looked at.
    check: &'a str,
    /// How it came out.
    grade: Grade,
    /// What was found, in words.
    found: &'a str,
    /// What to do about it, in words; empty for nothing.
    next: String,
}

impl<'a> Line<'a> {
    fn of(check: &'a Check) -> Self {
        Self { check: &check.what, grade: check.grade, found: &check.found, next: hints::next(check) }
    }
}

fn table(lines: &[Line<'_>]) -> comfy_table::Table {
    let mut table = output::table(&["", "check", "found", "what to do"]);
    for line in lines {
        let grade = match line.grade {
            Grade::Ok => "ok",
            Grade::Warn => "warn",
            Grade::Fail => "fail",
        };
        table.add_row([grade, line.check, line.found, &line.next]);
    }
    table
}

//! Repository chores, each of which fails with everything that is wrong named:
//!
//! * `layers`: every crate sees only what its layer may see, and no files of a crate import one another in a circle;
//! * `numbers`: `signal` has no tuning number outside its method;
//! * `once`: tests compile no dependency that the program needs in another form;
//! * `licenses`: the list of what the program is made of is up to date; with `--write` it is written;
//! * `house`: its files and functions are short;
//! * `dist`: what people install without a compiler;
//! * `ci`: the steps of `.ci/run`, or those that are named;
//! * `validate`: the makers' study, with its own arguments (`cargo xtask validate --help`). It is a program of its own, so that no other chore
//!   waits for polars.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod circles;
mod dist;
mod house;
mod layers;
mod licenses;
mod literals;
mod numbers;
mod once;
mod sources;

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("layers") => layers::check().and_then(|()| circles::check()),
        Some("numbers") => numbers::check(),
        Some("house") => house::check(),
        Some("once") => once::check(),
        Some("licenses") if std::env::args().nth(2).as_deref() == Some("--write") => licenses::write(),
        Some("licenses") => licenses::check(),
        Some("dist") => dist::run(),
        Some("ci") => {
            return passed_on(
                Command::new("bash").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.ci/run")),
                "the steps",
            );
        }
        Some("validate") => return validate(),
        other => Err(anyhow::anyhow!(
            "unknown chore {other:?}: give `layers`, `numbers`, `house`, `once`, `licenses`, `dist`, `ci` or `validate`"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the study with the arguments behind its name; ends as it does.
fn validate() -> ExitCode {
    let mut study = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    passed_on(study.args(["run", "--quiet", "--package", "truehinge-validation", "--"]), "the study")
}

/// Runs a command with the arguments behind the chore's name; ends as it does.
fn passed_on(command: &mut Command, what: &str) -> ExitCode {
    match command.args(std::env::args_os().skip(2)).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("{what} did not start: {error}");
            ExitCode::FAILURE
        }
    }
}

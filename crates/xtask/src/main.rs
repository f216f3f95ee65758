//! Repository chores, each of which fails with everything that is wrong named:
//!
//! * `layers`: every crate sees only what its layer may see, and no files of a crate import one another in a circle;
//! * `numbers`: `signal` has no tuning number outside its method;
//! * `house`: its files and functions are short.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod circles;
mod house;
mod layers;
mod literals;
mod numbers;
mod sources;

use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("layers") => layers::check().and_then(|()| circles::check()),
        Some("numbers") => numbers::check(),
        Some("house") => house::check(),
        other => Err(anyhow::anyhow!("unknown chore {other:?}: give `layers`, `numbers` or `house`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

//! Repository chores. `cargo run -p xtask -- layers` checks that every crate sees only what its layer may see.

// A panic would cost a recording; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod layers;

use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("layers") => layers::check(),
        other => Err(anyhow::anyhow!("unknown chore {other:?}: give `layers`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

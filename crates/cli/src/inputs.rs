//! Paths from the command line to analyses: `session::Batch` with a progress bar, Ctrl-C and lines for who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use truehinge_dataset::Survey;
use truehinge_session::{Batch, Failed, Judged, Store, Watch};

use crate::Outcome;
use crate::args::Cli;
use crate::failure::of_input;
use crate::progress;

/// Reads and analyses all that was found; says which inputs are the same as another one.
pub fn run(batch: &Batch<'_>, found: Survey, cli: &Cli) -> anyhow::Result<Judged> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // A second handler cannot be set when one process runs several commands, as tests do; the first one serves them all.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst));
    let bar = progress::bar(cli, found.sources.len() as u64, "sessions");
    let done = || bar.inc(1);
    let judged = batch.run(found, &Watch { done: &done, stop: &stop })?;
    bar.finish_and_clear();
    if let Some(trouble) = batch.store.and_then(Store::trouble) {
        eprintln!("warning: {trouble}");
    }
    judged.notices.iter().for_each(|notice| eprintln!("{notice}"));
    Ok(judged)
}

/// Names what could not be used; what that means for the whole.
pub fn name_failures(failures: &[Failed], cli: &Cli) -> Outcome {
    failures.iter().for_each(|failed| of_input(failed).tell(cli.json));
    if failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
}

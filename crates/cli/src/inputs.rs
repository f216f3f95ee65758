//! Paths from the command line to analyses: `session::Batch` with a progress bar, Ctrl-C and lines for who watches.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use indicatif::ProgressBar;
use truehinge_dataset::Survey;
use truehinge_session::inspect::Study;
use truehinge_session::{Batch, Care, Error, Failed, Inventory, Judged, Notice, Step, Store, Watch, Workplace};

use crate::args::Cli;
use crate::failure::of_input;
use crate::progress;
use crate::{Outcome, alone};

/// Inputs after which the mark of an unfinished folder is written anew.
const MARKED: usize = 100;

/// Set by Ctrl-C, by a request to end, and when the terminal is gone.
static STOP: AtomicBool = AtomicBool::new(false);

/// Whether the work is to stop; from now on whoever asks the program to end is heard.
pub fn stop() -> &'static AtomicBool {
    // A second handler cannot be set when one process runs several commands, as tests do; the first one serves them all.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst));
    &STOP
}

/// Reads and analyses all that was found; says which inputs are the same as another one.
pub fn run(batch: &Batch<'_>, found: Survey, cli: &Cli) -> anyhow::Result<Judged> {
    let tally = Tally::new(&found, cli);
    let done = |step| {
        tally.count(step);
    };
    let judged = batch.run(found, &Watch { done: &done, stop: stop() })?;
    tally.bar.finish_and_clear();
    batch.store.into_iter().for_each(tell_trouble);
    tell(&judged.notices);
    Ok(judged)
}

/// Looks at all that was found.
pub fn inspect(batch: &Batch<'_>, found: Survey, cli: &Cli) -> Result<Study, Error> {
    let tally = Tally::new(&found, cli);
    let done = |step| {
        tally.count(step);
    };
    let study = batch.inspect(found, &Watch { done: &done, stop: stop() });
    tally.bar.finish_and_clear();
    study
}

/// Reads and analyses all that was found into a store, and keeps the mark of the folder up to date.
pub fn list(
    batch: &Batch<'_>,
    store: &Store,
    found: Survey,
    place: &Workplace,
    retry: bool,
    cli: &Cli,
) -> Result<(Inventory, Tally), Error> {
    let tally = Tally::new(&found, cli);
    place.mark(&tally.words())?;
    let done = |step| {
        if tally.count(step).is_multiple_of(MARKED) {
            // It says again what it said before; only the number is older.
            let _ = place.mark(&tally.words());
        }
    };
    let care = Care { alone: &alone::run, retry };
    let listed = batch.list(store, place, found, &care, &Watch { done: &done, stop: stop() });
    tally.bar.finish_and_clear();
    let _ = place.mark(&tally.words());
    tell_trouble(store);
    Ok((listed?, tally))
}

/// What became of inputs so far.
pub struct Tally {
    bar: ProgressBar,
    inputs: usize,
    analysed: AtomicUsize,
    from_results: AtomicUsize,
    failed: AtomicUsize,
}

impl Tally {
    fn new(found: &Survey, cli: &Cli) -> Self {
        let inputs = found.sources.len();
        let bar = progress::bar(cli, inputs as u64, "recordings");
        let zero = || AtomicUsize::new(0);
        Self { bar, inputs, analysed: zero(), from_results: zero(), failed: zero() }
    }

    /// Counts one more; how many there are now.
    fn count(&self, step: Step) -> usize {
        let of = match step {
            Step::Analysed => &self.analysed,
            Step::FromResults => &self.from_results,
            Step::Failed => &self.failed,
        };
        of.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
        if step == Step::Failed {
            self.bar.set_message(format!("recordings, {} failed", self.failed()));
        }
        self.done()
    }

    /// Analysed in this run.
    pub fn analysed(&self) -> usize {
        self.analysed.load(Ordering::Relaxed)
    }

    /// What earlier runs left.
    pub fn reused(&self) -> usize {
        self.from_results.load(Ordering::Relaxed)
    }

    fn failed(&self) -> usize {
        self.failed.load(Ordering::Relaxed)
    }

    fn done(&self) -> usize {
        self.analysed() + self.reused() + self.failed()
    }

    /// How far it is, and what to do.
    pub fn words(&self) -> String {
        format!(
            "done: {} of {} inputs, {} of them could not be used\n\
             next: run the same command again; only what is missing is analysed",
            self.done(),
            self.inputs,
            self.failed()
        )
    }
}

fn tell_trouble(store: &Store) {
    if let Some(trouble) = store.trouble() {
        eprintln!("warning: {trouble}");
    }
}

/// Says which inputs are the same as another one.
pub fn tell(notices: &[Notice]) {
    notices.iter().for_each(|notice| eprintln!("{notice}"));
}

/// Names what could not be used; what that means for the whole.
pub fn name_failures(failures: &[Failed], cli: &Cli) -> Outcome {
    failures.iter().for_each(|failed| of_input(failed).tell(cli.json));
    if failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
}

//! `export`: tables, and a notebook that reads them.

use std::path::Path;

use truehinge_dataset::table::write_notebook;
use truehinge_session::Batch;

use super::batch::{RESULTS, write};
use crate::Outcome;
use crate::args::{Cli, ExportArgs};
use crate::failure::no_recording;
use crate::inputs;
use crate::reading::{find, judge, options, results};

/// Runs the command.
pub fn run(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let (root, store) = (Path::new(""), results(&args.out.join(RESULTS), &args.results));
    let batch = Batch { root, options: &options, judge: &judge, threads: None, athlete: None, store: store.as_ref() };
    let outcome = write(inputs::run(&batch, found, cli)?, &args.out, args.csv_locale.into(), cli)?;
    if args.notebooks && outcome != Outcome::Interrupted {
        write_notebook(&args.out)?;
    }
    Ok(outcome)
}

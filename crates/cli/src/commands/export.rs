//! `export`: tables, and a notebook that reads them.

use std::path::Path;

use truehinge_dataset::table::write_notebook;
use truehinge_session::Batch;

use super::batch::write;
use crate::Outcome;
use crate::args::{Cli, ExportArgs};
use crate::failure::no_recording;
use crate::inputs;
use crate::reading::{find, judge, options};

/// Runs the command.
pub fn run(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let batch = Batch { root: Path::new(""), options: &options, judge: &judge, threads: None, athlete: None };
    let outcome = write(inputs::run(&batch, found, cli)?, &args.out, cli)?;
    if args.notebooks && outcome != Outcome::Interrupted {
        write_notebook(&args.out)?;
    }
    Ok(outcome)
}

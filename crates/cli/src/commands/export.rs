//! `export`: tables, and a notebook that reads them.

use std::path::Path;

use truehinge_dataset::table::write_notebook;

use super::batch::{collect, write};
use crate::Outcome;
use crate::analysis::Config;
use crate::args::{Cli, ExportArgs};
use crate::reading::{find, options};

/// Runs the command.
pub fn run(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let inputs = find(&args.inputs, &options)?.sources;
    if inputs.is_empty() {
        eprintln!("there is no recording in what was given");
        return Ok(Outcome::NothingFound);
    }
    let collected = collect(&inputs, Path::new(""), &options, &config, None, cli)?;
    let outcome = write(&collected, &args.out, cli)?;
    if args.notebooks && outcome != Outcome::Interrupted {
        write_notebook(&args.out)?;
    }
    Ok(outcome)
}

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
    let found = find(&args.inputs, &options)?;
    if found.sources.is_empty() && found.unread.is_empty() {
        eprintln!("there is no recording in what was given");
        return Ok(Outcome::NothingFound);
    }
    let mut collected = collect(&found.sources, Path::new(""), &options, &config, None, cli)?;
    collected.leave_out(found.unread, Path::new(""));
    let outcome = write(&collected, &args.out, cli)?;
    if args.notebooks && outcome != Outcome::Interrupted {
        write_notebook(&args.out)?;
    }
    Ok(outcome)
}

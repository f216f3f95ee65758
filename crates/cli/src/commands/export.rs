//! `export`: tables, and a notebook that reads them.

use std::path::Path;

use truehinge_dataset::table::write_notebook;

use super::batch::collect;
use crate::Outcome;
use crate::analysis::Config;
use crate::args::{Cli, ExportArgs};
use crate::reading::{find, options, unusable};

/// Runs the command.
pub fn run(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol).map_err(unusable)?;
    let inputs = find(&args.inputs, &options)?;
    if inputs.is_empty() {
        eprintln!("there is no recording in what was given");
        return Ok(Outcome::NothingFound);
    }
    let collected = collect(&inputs, Path::new(""), &options, &config, None, cli)?;
    if collected.interrupted {
        return Ok(Outcome::Interrupted);
    }
    let written = collected.tables.write(&args.out, &collected.failures)?;
    for renamed in &written.renamed {
        eprintln!(
            "{}: two recordings are called {}, one is {} in the tables",
            renamed.athlete_id, renamed.session, renamed.session_id
        );
    }
    if args.notebooks {
        write_notebook(&args.out)?;
    }
    println!("{} sessions to {}", collected.tables.len(), args.out.display());
    for failure in &collected.failures {
        eprintln!("{}: {}", failure.source, failure.reason);
    }
    Ok(if collected.failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

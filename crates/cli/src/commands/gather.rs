//! `gather`: the parts of a study, analysed apart, to the tables that one run would have written.

use truehinge_dataset::table::check_ours;
use truehinge_session::manifest::Gathered;
use truehinge_session::{Error, Kept, Workplace, gather};

use super::batch::write;
use super::tables::Layout;
use crate::Outcome;
use crate::args::{Cli, GatherArgs};
use crate::failure::of_writing;
use crate::inputs;

/// Runs the command.
pub fn run(args: &GatherArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let gathered = gather(&args.shards).map_err(|error| of_writing(error.into()))?;
    let place = Workplace::claim(&args.out, "").map_err(|error| of_writing(error.into()))?;
    check_ours(&args.out, env!("CARGO_PKG_VERSION")).map_err(|error| of_writing(Error::from(error)))?;
    place.mark("next: gather the parts again").map_err(|error| of_writing(error.into()))?;
    let (register, unused) = gathered.read(&place).map_err(|error| of_writing(error.into()))?;
    let Gathered { root, stores, .. } = gathered;
    let kept = Kept::new(register, unused, &root, &stores, inputs::stop()).map_err(of_writing)?;
    write(&kept, place, &Layout::of(&args.tables, args.jobs), None, cli)
}

//! `batch`: every recording below a folder to tidy tables. One broken file never stops it; whatever stops it keeps what is done.

use truehinge_dataset::table::check_ours;
use truehinge_session::manifest::{self, Made};
use truehinge_session::{Batch, Inventory, Kept, Shard, Store, Unused, Workplace};

use super::tables::{Done, Layout, ShardDone, print, row};
use crate::args::{BatchArgs, Cli};
use crate::failure::{interrupted, no_recording, of_writing};
use crate::inputs::{self, Tally};
use crate::json::path;
use crate::reading::{find, judge, options};
use crate::{Outcome, alone};

/// Runs the command.
pub fn run(args: &BatchArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let name = args.shard.map(|shard| format!("shard-{}", shard.name())).unwrap_or_default();
    let (root, threads) = (args.folder.as_path(), args.jobs);
    let batch = Batch { root, options: &options, judge: &judge, threads, athlete: None, store: None };
    if let Some(input) = alone::input() {
        // Whoever asks the run to end means it, not this process.
        inputs::stop();
        let store = Store::beside_run(&args.out, &name, !args.results.no_cache);
        return Ok(batch.alone(&store, &input).map(|()| Outcome::Done)?);
    }
    let found = find(std::slice::from_ref(&args.folder), &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let place = Workplace::claim(&args.out, &name).map_err(|error| of_writing(error.into()))?;
    let made = args.shard.map(|shard| Made::new(shard, &args.folder, &found, &options, &judge));
    if made.is_none() {
        check_ours(&args.out, env!("CARGO_PKG_VERSION")).map_err(|error| of_writing(error.into()))?;
    }
    let found = match args.shard {
        Some(shard) => shard.of_survey(found, &args.folder),
        None => found,
    };
    let store = Store::of_run(&place, !args.results.no_cache);
    let (inventory, tally) = inputs::list(&batch, &store, found, &place, args.retry, cli).map_err(of_writing)?;
    if inventory.interrupted {
        return Err(interrupted(&tally.words().replace('\n', "; ")));
    }
    match args.shard.zip(made) {
        Some((shard, made)) => part(args, (shard, made), inventory, &tally, place, cli),
        None => {
            let Inventory { register, failures, .. } = inventory;
            let unused = failures.iter().map(|failed| Unused::new(failed, row(failed))).collect();
            let stores = [store];
            let kept = Kept::new(register, unused, &args.folder, &stores, inputs::stop()).map_err(of_writing)?;
            write(&kept, place, &Layout::of(&args.tables, args.jobs), Some(&tally), cli)
        }
    }
}

/// Leaves what a part of the study holds.
fn part(
    args: &BatchArgs,
    (shard, made): (Shard, Made),
    inventory: Inventory,
    tally: &Tally,
    place: Workplace,
    cli: &Cli,
) -> anyhow::Result<Outcome> {
    let Inventory { register, failures, .. } = inventory;
    let unused: Vec<Unused> = failures.iter().map(|failed| Unused::new(failed, row(failed))).collect();
    manifest::write(&args.out, made, &register, &unused).map_err(|error| of_writing(error.into()))?;
    place.finish().map_err(|error| of_writing(error.into()))?;
    let failures: Vec<_> = unused.into_iter().map(Unused::row).collect();
    ShardDone::new(shard, register.len(), tally, &failures, &args.out).tell(cli.json);
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

/// Writes the tables of what inputs hold, and says what came of it.
pub fn write(
    kept: &Kept<'_>,
    place: Workplace,
    layout: &Layout<'_>,
    tally: Option<&Tally>,
    cli: &Cli,
) -> anyhow::Result<Outcome> {
    inputs::tell(&kept.notices);
    let written = kept.write(&place, layout.formats(kept), layout.threads).map_err(of_writing)?;
    for warnings in kept.warnings() {
        warnings.map_err(of_writing)?.iter().for_each(|warning| eprintln!("{warning}"));
    }
    let out = place.folder().to_owned();
    place.finish().map_err(|error| of_writing(error.into()))?;
    let done = Done {
        n_sessions: written.sessions,
        n_copies: kept.copies,
        n_analysed: tally.map(Tally::analysed),
        n_from_results: tally.map(Tally::reused),
        failures: &kept.failures,
        out: path(&out),
    };
    Ok(print(&done, &written, kept.athletes(), cli))
}

//! `athlete`: the people of a library, and what is known of them.

pub mod card;
pub mod erase;
pub mod squad;

use std::path::PathBuf;

use truehinge_dataset::cards::Cards;

use crate::Outcome;
use crate::args::{AthleteArgs, AthleteCommand, Cli};

/// Runs the command.
pub fn run(args: &AthleteArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let library = Library::of(cli);
    match &args.command {
        AthleteCommand::Add(args) => card::add(args, &library, cli),
        AthleteCommand::List(args) => card::list(args, &library, cli),
        AthleteCommand::Show(args) => card::show(args, &library, cli),
        AthleteCommand::Edit(args) => card::edit(args, &library, cli),
        AthleteCommand::Import(args) => squad::import(args, &library, cli),
        AthleteCommand::Erase(args) => erase::erase(args, &library, cli),
    }
}

/// Where the people are.
pub struct Library {
    /// The folder that holds everything.
    pub folder: PathBuf,
    /// The cards in it.
    pub cards: Cards,
}

impl Library {
    /// The one that the command line names, else the current folder.
    fn of(cli: &Cli) -> Self {
        let folder = cli.library.clone().unwrap_or_else(|| ".".into());
        Self { cards: Cards::of_library(&folder), folder }
    }
}

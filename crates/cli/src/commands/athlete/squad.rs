//! Cards of a table.

use serde::Serialize;
use truehinge_core::AthleteId;
use truehinge_dataset::cards::CardError;
use truehinge_dataset::squad::read_squad;

use super::Library;
use crate::args::{Cli, ImportSquadArgs};
use crate::failure::{Failure, unusable};
use crate::json::Output;
use crate::{Outcome, json};

/// What came of a table of people.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Imported {
    /// Who has a card now.
    added: Vec<AthleteId>,
    /// Who had one before: it stays as it is.
    kept: Vec<AthleteId>,
}

impl Output for Imported {
    const SCHEMA: &'static str = "truehinge/squad/1";
}

/// Makes a card of every row, or of none.
pub fn import(args: &ImportSquadArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let cards = read_squad(&args.table).map_err(unusable)?;
    let (mut new, mut kept) = (Vec::new(), Vec::new());
    for card in cards {
        match library.cards.check_new(&card.athlete) {
            Ok(()) => new.push(card),
            Err(CardError::Exists { athlete, .. }) => kept.push(athlete),
            Err(error) => return Err(Failure::of(Outcome::SomeFailed, &error).hint("nothing was taken").into()),
        }
    }
    for card in &new {
        library.cards.add(card).map_err(unusable)?;
    }
    let added: Vec<AthleteId> = new.into_iter().map(|card| card.athlete).collect();
    if cli.json {
        json::print(&Imported { added, kept });
        return Ok(Outcome::Done);
    }
    println!("{} athletes added", added.len());
    if !kept.is_empty() {
        let names: Vec<&str> = kept.iter().map(AthleteId::as_str).collect();
        println!("{} have a card already, which stays as it is: {}", kept.len(), names.join(", "));
    }
    Ok(Outcome::Done)
}
